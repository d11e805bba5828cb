"""A radio in the hand, and a network around one: what the tests of the modem, the SMSC and the contacts share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from harness.core import At, Command, Core, Record, Tell
from harness.draws import Draws
from harness.instants import Instant, parse_rfc3339
from harness.modem import Delays, Modem, Smsc
from harness.parties import Behaviour, Contact
from harness.radio import AirDeliver, AirReport, AirSubmit, AirSubmitted, Joined, Submit, SubmitAccepted
from harness.sms import deliver_tpdus, divide, status_report_tpdu, submit_tpdus
from harness.world import World

ALICE = "+18005550199"
BOB = "+18005550100"
CAROL = "+18005550101"
NOW = parse_rfc3339("2026-07-23T05:10:10.123Z")


def told_in(commands: Iterable[Command]) -> list[Any]:
    return [command.event for command in commands if isinstance(command, Tell)]


def due_in(commands: Iterable[Command]) -> list[At]:
    return [command for command in commands if isinstance(command, At)]


def records_in(commands: Iterable[Command]) -> list[Record]:
    return [command for command in commands if isinstance(command, Record)]


def rows(core: Core) -> dict[str, dict[Any, Any]]:
    """Everything that a core keeps."""
    return {name: dict(table) for name, table in core.tables().items()}


def a_submit(name: str, text: str, concat_ref: int = 1, to: str = BOB) -> Submit:
    segments = divide(text)
    return Submit(f"{name}/1", to, text, segments, submit_tpdus(to, segments, concat_ref), 1)


def a_modem(delays: Delays | None = None, **settings: Any) -> Modem:
    return Modem("modem", Draws(1, "modem"), ALICE, delays, **settings)


def a_report(tp_mr: int, status: int = 0, recipient: str = BOB) -> AirReport:
    return AirReport(status_report_tpdu(tp_mr, recipient, NOW, NOW, status))


def a_deliver(text: str, token: str = "1", sender: str = BOB) -> AirDeliver:
    return AirDeliver(ALICE, deliver_tpdus(sender, text, NOW, 1)[0], token)


def airs_in(commands: Iterable[Command]) -> list[AirSubmit]:
    return [air for air in told_in(commands) if isinstance(air, AirSubmit)]


def taken(modem: Modem, submit: Submit) -> list[SubmitAccepted]:
    """Hands a text over; the SMSC takes all of it."""
    answers = [AirSubmitted(air.tpdu[1], air.token) for air in airs_in(modem.handle(submit, NOW))]
    told = [event for answer in answers for event in told_in(modem.handle(answer, NOW))]
    assert all(isinstance(event, SubmitAccepted) for event in told)
    return told


class Handset(Core):
    """Takes what the radio tells a phone, and hands over what it is given."""

    def __init__(self, name: str = "phone") -> None:
        super().__init__(name, Draws(1, name))
        self.told: list[tuple[Instant, Any]] = []

    def handle(self, event: Any, now: Instant) -> Iterable[Command]:
        if isinstance(event, Submit):
            return [Tell("radio", event)]
        self.told.append((now, event))
        return []


class Network:
    """Alice's handset and radio, the SMSC, Bob, and somebody for every other number."""

    def __init__(
        self,
        seed: int = 1,
        delays: Delays | None = None,
        *,
        rules: Any = (),
        behaviours: tuple[Behaviour, ...] = (),
        everybody: bool = False,
        **settings: Any,
    ) -> None:
        self.world = world = World(seed, start_at=NOW)
        self.handset = Handset()
        self.modem = Modem("modem", world.draws("modem"), ALICE, delays, **settings)
        self.smsc = Smsc("smsc", world.draws("smsc"), rules)
        self.bob = Contact("contact:bob", world.draws("contact:bob"), BOB, behaviours)
        for core in (self.handset, self.modem, self.smsc, self.bob):
            world.add(core)
        for sender, port, target in (
            ("phone", "radio", "modem"), ("modem", "phone", "phone"), ("modem", "smsc", "smsc"),
            ("contact:bob", "smsc", "smsc"),
        ):  # fmt: skip
            world.wire(sender, port, target)
        world.inject("smsc", Joined("modem", ALICE))
        world.inject("smsc", Joined("contact:bob", BOB))
        if everybody:
            world.inject("smsc", Joined("contact:bob", "*"))
        self.run()

    def run(self, until_at: Instant | None = None) -> None:
        """Until nothing is due, or nothing before that instant; a story that goes on for ever fails."""
        for _ in range(20_000):
            if not self.world.step(until_at):
                return
        raise AssertionError("it goes on for ever")

    def do(self, core: str, *events: Any) -> None:
        for event in events:
            self.world.inject(core, event)
        self.run()

    def send(self, *submits: Submit) -> None:
        self.do("phone", *submits)

    def told(self, *kinds: type) -> list[Any]:
        """What the radio told the phone, of these kinds."""
        return [event for _, event in self.handset.told if not kinds or isinstance(event, kinds)]

    def when(self, kind: type) -> list[float]:
        """After how many seconds the radio told the phone of that kind."""
        return [round((at - NOW) / 1e9, 3) for at, event in self.handset.told if isinstance(event, kind)]

    def facts(self, hop: str, kind: str) -> list[dict[str, Any]]:
        return [dict(entry.facts) for entry in self.world.trace.entries if (entry.hop, entry.kind) == (hop, kind)]

    def read(self) -> list[str]:
        """The texts that Bob read."""
        return [str(facts["text"]) for facts in self.facts("contact", "received")]
