"""The handsets of a world that runs: what is done to them, and what they tell of themselves."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from harness.errors import UsageError
from harness.handset import Handset
from harness.handsets import Handsets, Keyed
from harness.serving import Served, ServeOptions, serving
from harness.trace import Entry

ONE, TWO = "+18005550199", "+18005550198"
PATIENCE_S = 30


class Desk:
    """Somebody who does things to two phones and looks at them."""

    def __init__(self, served: Served) -> None:
        self.driver = served.driver
        self.handsets: Handsets = served.handsets
        self.entries: list[Entry] = []
        self.driver.world.trace.subscribe(self.entries.append)

    async def act(self, words: str, number: str | None = None) -> None:
        """Returns when all that it led to at once has happened."""
        self.handsets.act(words, number)
        done = asyncio.Event()
        self.driver.when_done(done.set)
        await done.wait()

    def state(self, number: str = ONE) -> dict[str, Any]:
        [state] = self.handsets.state(number)
        return state

    async def until(self, kind: str, **facts: Any) -> None:
        def is_there() -> bool:
            return any(
                entry.kind == kind and all(entry.facts.get(name) == value for name, value in facts.items())
                for entry in self.entries
            )

        await self.driver.until(is_there)


def desk(test: Callable[[Desk], Awaitable[None]], phones: int = 2) -> None:
    async def main() -> None:
        async with asyncio.timeout(PATIENCE_S), serving(ServeOptions(seed=7, phones=phones)) as served:
            await test(Desk(served))

    asyncio.run(main())


def test_a_deed_is_done_to_the_phone_with_that_number_or_to_all() -> None:
    async def test(desk: Desk) -> None:
        await desk.act("lose network", TWO)
        assert [state["network"] for state in desk.handsets.state()] == ["validated", "none"]
        await desk.act("lose network")
        assert [state["network"] for state in desk.handsets.state()] == ["none", "none"]

    desk(test)


BEINGS = [
    ("off", {"powered": False, "app": "not running"}),
    ("force stop", {"powered": True, "app": "stopped"}),
    ("kill app", {"app": "not running", "logged_in": True}),
    ("log out", {"logged_in": False}),
    ("lose validation", {"network": "connected"}),
    ("pause", {"paused": True, "held_back": []}),
]


@pytest.mark.parametrize(("words", "facts"), BEINGS, ids=[words for words, _ in BEINGS])
def test_the_state_tells_what_a_phone_is(words: str, facts: dict[str, Any]) -> None:
    async def test(desk: Desk) -> None:
        before = desk.state()
        assert (before["numbers"], before["logged_in"], before["powered"]) == ([ONE], True, True)
        assert (before["app"], before["network"], before["paused"]) == ("running", "validated", False)
        await desk.act(words)
        assert {name: desk.state()[name] for name in facts} == facts

    desk(test)


def test_the_state_tells_what_is_under_way_and_for_how_long_it_waits() -> None:
    async def test(desk: Desk) -> None:
        await desk.act("lose network")
        await desk.act("text BANK Your code is 1234", ONE)
        rows = [row for row in desk.state()["pending"] if row["what"].startswith("forward")]
        assert [row["waits_for"] for row in rows] == ["a validated network"]
        assert [row["for_s"] for row in rows] == [None]
        await desk.act("regain network")
        [heartbeat] = [row for row in desk.state()["pending"] if row["what"] == "heartbeat"]
        assert 0 < heartbeat["for_s"] <= 900

    desk(test)


def test_a_paused_phone_goes_step_by_step() -> None:
    async def test(desk: Desk) -> None:
        await desk.act("pause", ONE)
        await desk.act("text BANK Your code is 1234", ONE)
        assert desk.state(TWO)["held_back"] == []
        [held] = desk.state()["held_back"]
        assert (held["what"], held["message"]) == ("deliver received", None)
        assert held["since_s"] >= 0
        seen: list[str] = []
        while not any(entry.kind == "text forwarded" for entry in desk.entries):
            await desk.driver.until(lambda: bool(desk.state()["held_back"]))
            seen.append(desk.state()["held_back"][0]["what"])
            await desk.act("step", ONE)
        assert seen[0] == "deliver received"
        assert seen[-1] == "the answer 200 to POST /v1/messages/receive"
        assert desk.state()["paused"]

    desk(test)


def test_what_waits_comes_when_the_phone_goes_on() -> None:
    async def test(desk: Desk) -> None:
        await desk.act("pause")
        await desk.act("text BANK Your code is 1234")
        await desk.act("resume")
        await desk.until("text forwarded")
        assert not desk.state()["paused"]

    desk(test)


def test_one_step_more_than_there_is_to_do_is_refused() -> None:
    async def test(desk: Desk) -> None:
        with pytest.raises(UsageError, match="nothing waits for a paused phone"):
            await desk.act("step")
        await desk.act("pause", TWO)
        await desk.act("text BANK Hi", TWO)
        await desk.act("step")  # for one of the two something waits

    desk(test)


def test_who_has_logged_out_can_log_in_again() -> None:
    async def test(desk: Desk) -> None:
        await desk.act("log out", ONE)
        await desk.act("log in", ONE)
        await desk.until("logged in")
        assert desk.state()["logged_in"]

    desk(test)


WRONG = [
    ("dance", None, "nothing that can be done to a phone"),
    ("reboot", "+18005550111", r"there is no phone \+18005550111\n  there are: \+18005550199, \+18005550198"),
    ("reject FOO", None, "there is no result 'FOO'"),
    ("remove sim 2", None, "has one SIM"),
]


@pytest.mark.parametrize(("words", "number", "text"), WRONG, ids=[words for words, _, _ in WRONG])
def test_what_cannot_be_done_is_refused_and_changes_nothing(words: str, number: str | None, text: str) -> None:
    async def test(desk: Desk) -> None:
        await desk.driver.quiet()
        count = desk.driver.world.trace.count
        with pytest.raises(UsageError, match=text):
            await desk.act(words, number)
        assert desk.driver.world.trace.count == count

    desk(test)


def test_where_no_phone_is_nothing_can_be_done() -> None:
    async def test(desk: Desk) -> None:
        assert desk.handsets.state() == []
        with pytest.raises(UsageError, match="there is no phone here"):
            desk.handsets.act("reboot")

    desk(test, phones=0)


def test_a_key_is_never_shown() -> None:
    assert "pk_secret" not in repr(Keyed(Handset("alice", (ONE,), ("modem:alice",)), "pk_secret"))
