"""What the phone's side of one message costs in virtual time: from the push to the report of its delivery.

Shown is the time within the cores of phone, radio, network and contact, the best of many rounds; the gateway is a
script and does not count.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from time import perf_counter
from typing import Any

from table import show

from harness.core import Command, Core
from harness.draws import Draws
from harness.http.values import Arrived, Respond, Response
from harness.instants import SECOND, Instant
from harness.modem import Modem, Smsc
from harness.parties import Contact
from harness.phone import Phone, Settings, Sim
from harness.radio import Joined
from harness.trace import Trace
from harness.wire.fcm import MESSAGE_ID, PushReceived
from harness.world import World

ALICE, BOB = "+18005550199", "+18005550100"
CYCLES = 100
ROUNDS = 200
WIRES = (
    ("phone", "radio", "modem"),
    ("modem", "phone", "phone"),
    ("modem", "smsc", "smsc"),
    ("contact", "smsc", "smsc"),
)
TEXTS = ("created_at", "order_timestamp", "owner", "request_received_at", "status", "type", "updated_at")
NULLS = ("failure_reason", "last_attempted_at", "received_at", "send_time", "sent_at", "attachments")
OWN = {"contact": BOB, "content": "This is a test text message", "sim": "SIM1", "encrypted": False}


class Gateway(Core):
    """Hands out the same message under every id."""

    def handle(self, event: Any, now: Instant) -> Iterable[Command]:
        assert isinstance(event, Arrived)
        body = b"{}"
        if event.request.method == "GET":
            data = {**dict.fromkeys(TEXTS, "x"), **dict.fromkeys(NULLS), **OWN}
            data["id"] = event.request.query.partition("=")[2]
            body = json.dumps({"data": data, "message": "m", "status": "s"}).encode()
        return [Respond(event.exchange, Response(200, (), body))]


class Timed(Core):
    """Carries a core and adds up the time that it takes."""

    def __init__(self, core: Core) -> None:
        super().__init__(core.name, core.draws)
        self.core = core
        self.spent_s = 0.0

    def handle(self, event: Any, now: Instant) -> Iterable[Command]:
        began = perf_counter()
        commands = list(self.core.handle(event, now))
        self.spent_s += perf_counter() - began
        return commands


def _world() -> tuple[World, list[Timed]]:
    world = World(1, Trace(0, hashed=False))
    settings = Settings((Sim(ALICE),), server_url="http://api.internal", api_key="pk")
    cores = (
        Phone("phone", world.draws("phone"), settings),
        Modem("modem", world.draws("modem"), ALICE),
        Smsc("smsc", world.draws("smsc")),
        Contact("contact", world.draws("contact"), BOB),
    )
    timed = [Timed(core) for core in cores]
    for core in (Gateway("gateway", Draws(1, "gateway")), *timed):
        world.add(core)
    for sender, port, target in WIRES:
        world.wire(sender, port, target)
    world.site("api.internal", "gateway")
    for joined in (Joined("modem", ALICE), Joined("contact", BOB)):
        world.inject("smsc", joined)
    return world, timed


def _round() -> dict[str, float]:
    """Seconds by core, and of the whole world."""
    world, timed = _world()
    began = perf_counter()
    for number in range(CYCLES):
        push = PushReceived("", ((MESSAGE_ID, f"9951112f-8dd2-30e5-a597-c27197f1{number:04x}"),))
        world.inject("phone", push, due_at=world.now + SECOND)
        while world.step():
            pass
    whole = perf_counter() - began
    spent = {core.name: core.spent_s for core in timed}
    return {**spent, "all four": sum(spent.values()), "whole world": whole}


if __name__ == "__main__":
    rounds = [_round() for _ in range(ROUNDS)]
    best = {name: min(spent[name] for spent in rounds) / CYCLES * 1e6 for name in rounds[0]}
    goals = {"all four": "goal ≤ 200 µs"}
    show("one message, µs", [(name, f"{best_us:.1f}", goals.get(name, "")) for name, best_us in best.items()])
