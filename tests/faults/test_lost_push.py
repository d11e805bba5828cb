"""A lost push is accepted, and never gets to its device."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from harness.core import Command, Core, Record, Tell
from harness.draws import Draws
from harness.faults import LostPush
from harness.instants import Instant
from harness.wire.fcm import MESSAGE_ID, Listening, PushReceived
from harness.world import World

DRAWS = Draws(1, "world")


def _push(message_id: str, token: str = "one") -> Tell:
    return Tell("@phone", PushReceived(token, ((MESSAGE_ID, message_id),)))


@pytest.mark.parametrize("times", [0, 1, 3])
def test_exactly_so_many_pushes_are_lost(times: int) -> None:
    fault = LostPush("one", times)
    out = [fault.apply(_push(str(number)), DRAWS) for number in range(5)]
    lost: list[Any] = [[(0, Record("push", "lost", str(number)))] for number in range(times)]
    assert out == lost + [None] * (5 - times)


@pytest.mark.parametrize(
    "command", [_push("1", token="another"), Tell("@phone", Listening("one")), Record("push", "accepted", "1")]
)
def test_whatever_is_no_push_to_that_device_is_left_alone(command: Any) -> None:
    fault = LostPush("one")
    assert fault.apply(command, DRAWS) is None
    assert fault.times == 1


def test_a_fork_loses_on_its_own_account() -> None:
    fault = LostPush("one")
    twin = fault.fork()
    assert twin.apply(_push("1"), DRAWS) is not None
    assert fault.times == 1


class Talker(Core):
    """Tells the other core of its name whatever it is given."""

    def __init__(self, name: str) -> None:
        super().__init__(name, Draws(1, name))
        self.heard: list[Any] = []

    def handle(self, event: Any, now: Instant) -> Iterable[Command]:
        if self.name == "push":
            return [Tell("@phone", event)]
        self.heard.append(event)
        return []


def test_behind_the_push_service_it_takes_the_first_pushes_out_of_the_world() -> None:
    world, phone = World(1), Talker("phone")
    world.add(Talker("push"))
    world.add(phone)
    world.fault("push", LostPush("one", 2))
    for number in range(4):
        world.inject("push", _push(str(number)).event, due_at=world.now + number)
    while world.step():
        pass
    assert [event.get(MESSAGE_ID) for event in phone.heard] == ["2", "3"]
    assert [(entry.kind, entry.message) for entry in world.trace.entries] == [("lost", "0"), ("lost", "1")]
