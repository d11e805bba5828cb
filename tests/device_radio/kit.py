"""A card in a device, a network around it, and Bob: in virtual time, with a device in the pocket."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from harness.core import Command, Core, Tell
from harness.device_radio import BOXES, DeviceRadio, EndCall, InjectText, Patience, PlaceCall, RowSeen, SendText
from harness.draws import Draws
from harness.instants import Instant
from harness.modem import Smsc
from harness.parties import Contact
from harness.radio import Joined, Submit
from harness.sms import divide, submit_tpdus
from harness.world import OUTSIDE, World
from tests.device_radio.pocket import Pocket

ALICE = "+18005550199"
BOB = "+18005550100"
CAROL = "+18005550101"
RADIO = "modem:alice"


def a_submit(name: str, text: str, to: str = BOB) -> Submit:
    segments = divide(text)
    return Submit(f"{name}/1", to, text, segments, submit_tpdus(to, segments, 1), 1)


class Handset(Core):
    """Takes what the radio tells a phone, and hands over what it is given."""

    def __init__(self) -> None:
        super().__init__("phone", Draws(1, "phone"))
        self.told: list[tuple[Instant, Any]] = []

    def handle(self, event: Any, now: Instant) -> Iterable[Command]:
        if isinstance(event, Submit):
            return [Tell("radio", event)]
        self.told.append((now, event))
        return []


class Around:
    """`looks`: whether somebody looks into the device's boxes after each step. `live`: what comes first is first."""

    def __init__(
        self, pocket: Pocket | None = None, *, patience: Patience | None = None, looks: bool = True, live: bool = False
    ) -> None:
        self.pocket = Pocket() if pocket is None else pocket
        self.looks = looks
        self.world = world = World(1, draws_order=not live)
        self.handset = Handset()
        self.radio = DeviceRadio(RADIO, world.draws(RADIO), ALICE, self.pocket.guard, patience=patience)
        self.smsc = Smsc("smsc", world.draws("smsc"), magic=False)
        self.bob = Contact("contact:bob", world.draws("contact:bob"), BOB)
        for core in (self.handset, self.radio, self.smsc, self.bob):
            world.add(core)
        for sender, port, target in (
            ("phone", "radio", RADIO), (RADIO, "phone", "phone"), (RADIO, "smsc", "smsc"), (RADIO, "device", OUTSIDE),
            ("contact:bob", "smsc", "smsc"),
        ):  # fmt: skip
            world.wire(sender, port, target)
        world.inject("smsc", Joined(RADIO, ALICE))
        world.inject("smsc", Joined("contact:bob", BOB))
        self.run()

    def run(self, until_at: Instant | None = None) -> None:
        for _ in range(10_000):
            self._carry()
            if not self.world.step(until_at):
                return
        raise AssertionError("it goes on for ever")

    def do(self, core: str, *events: Any) -> None:
        for event in events:
            self.world.inject(core, event)
        self.run()

    def _carry(self) -> None:
        """What leaves the world comes to the device, and its answer and its rows come back at once."""
        outward, self.world.outward = self.world.outward, []
        for item in outward:
            assert isinstance(item.command, Tell)
            self.world.inject(RADIO, self._answer(item.command.event), cause=item.cause)
        if self.looks:
            self.look()

    def _answer(self, event: Any) -> Any:
        match event:
            case SendText():
                return self.pocket.send_now(event)
            case InjectText():
                return self.pocket.inject_now(event)
            case PlaceCall() | EndCall():
                return self.pocket.call_now(event)
            case _:
                raise AssertionError(event)

    def look(self) -> None:
        for box in BOXES:
            for row in self.pocket.boxes[box]:
                if row.id > self.radio.facts[box]:
                    self.world.inject(RADIO, RowSeen(box, row))

    # -- what came of it -----------------------------------------------------------------------------------------

    def told(self, *kinds: type) -> list[Any]:
        return [event for _, event in self.handset.told if not kinds or isinstance(event, kinds)]

    def facts(self, kind: str, hop: str = "radio") -> list[dict[str, Any]]:
        return [dict(entry.facts) for entry in self.world.trace.entries if (entry.hop, entry.kind) == (hop, kind)]

    def read(self) -> list[str]:
        """The texts that Bob read."""
        return [str(facts["text"]) for facts in self.facts("received", "contact")]
