"""Waiting in one thread, or in an event loop, for what another one writes."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence

import pytest

from harness.errors import NotSeen
from harness.hosting.watching import Wanted, Watch
from harness.trace import Entry
from tests.hosting.entries import entries, received

LATE_S = 30.0
"""So long nobody waits here unless something is wrong."""


def watch(*texts: str) -> Watch:
    found = Watch(LATE_S)
    for entry in entries(*(received(text) for text in texts)):
        found.grow(entry)
    return found


def text_of(entry: Entry) -> str:
    return str(entry.facts["text"])


def wanting(text: str) -> Wanted[str]:
    return Wanted(text, lambda entry: text_of(entry) if text_of(entry) == text else None, told)


def told(found: Sequence[Entry]) -> list[str]:
    return [f"there was {text_of(entry)}" for entry in found]


def grown(where: Watch, *texts: str) -> threading.Thread:
    """Another thread that writes these."""

    def write() -> None:
        for entry in entries(*(received(text) for text in texts)):
            where.grow(entry)

    thread = threading.Thread(target=write)
    thread.start()
    return thread


def test_what_is_there_already_is_found_at_once() -> None:
    assert watch("one", "two").wait(wanting("two"), 0) == "two"
    assert asyncio.run(watch("one", "two").arrival(wanting("two"), 0)) == "two"


def test_what_comes_later_ends_the_wait() -> None:
    where = watch()
    thread = grown(where, "one", "two")
    assert where.wait(wanting("two"), None) == "two"
    thread.join()


def test_what_comes_later_ends_the_wait_of_a_loop_that_goes_on_meanwhile() -> None:
    async def both() -> tuple[str, list[int]]:
        where, ticks = watch(), [0]
        waiting = asyncio.create_task(where.arrival(wanting("two"), None))
        await asyncio.sleep(0)
        ticks.append(1)
        thread = grown(where, "one", "two")
        found = await waiting
        thread.join()
        return found, ticks

    assert asyncio.run(both()) == ("two", [0, 1])


def test_a_wait_in_vain_tells_what_there_was() -> None:
    with pytest.raises(NotSeen) as raised:
        watch("one").wait(wanting("two"), 0)
    assert str(raised.value) == "not seen within 0 s: two\nthere was one"
    assert isinstance(raised.value, TimeoutError)
    with pytest.raises(NotSeen, match="there was one"):
        asyncio.run(watch("one").arrival(wanting("two"), 0))


def test_who_blocks_a_loop_is_told_so() -> None:
    async def block() -> None:
        watch("one").wait(wanting("two"), 0)

    with pytest.raises(NotSeen, match="await instead"):
        asyncio.run(block())


def test_who_has_given_up_takes_nothing_from_others() -> None:
    taken: list[str] = []

    def take(entry: Entry) -> str | None:
        taken.append(text_of(entry))
        return text_of(entry)

    async def give_up() -> None:
        where = watch()
        waiting = asyncio.create_task(where.arrival(Wanted("anything", take, told), None))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        grown(where, "one").join()

    asyncio.run(give_up())
    assert taken == []


BEGINNINGS = [(Watch.begin, ["one"]), (Watch.begin_anew, [])]


@pytest.mark.parametrize(("begin", "kept"), BEGINNINGS)
def test_a_new_world_has_nothing_of_the_old_one(begin: Callable[[Watch], None], kept: list[str]) -> None:
    where = watch("one")
    begin(where)
    with pytest.raises(NotSeen):
        where.wait(wanting("one"), 0)
    assert (where.own, [text_of(entry) for entry in where.entries]) == ([], kept)


def waited(where: Watch, begin: Callable[[Watch], None]) -> list[str]:
    """What a wait in a thread and one in a loop come to that have begun before `begin`, when "one" comes after it."""
    ends: list[str] = []
    looked = [threading.Event(), threading.Event()]

    def looking(number: int) -> Wanted[str]:
        def fits(entry: Entry) -> str | None:
            looked[number].set()
            return text_of(entry) if text_of(entry) == "one" else None

        return Wanted("one", fits, told)

    def plain() -> str:
        return where.wait(looking(0), None)

    def in_a_loop() -> str:
        return asyncio.run(where.arrival(looking(1), None))

    def end(wait: Callable[[], str]) -> None:
        try:
            ends.append(wait())
        except NotSeen as error:
            ends.append(error.story[-1])

    threads = [threading.Thread(target=end, args=(wait,)) for wait in (plain, in_a_loop)]
    for thread in threads:
        thread.start()
    grown(where, "zero").join()
    assert all(event.wait(LATE_S) for event in looked)
    begin(where)
    grown(where, "one").join()
    for thread in threads:
        thread.join()
    return ends


ENDED = "the test in which this wait began has ended"


@pytest.mark.parametrize(("begin", "ends"), [(Watch.begin, ["one"] * 2), (Watch.begin_anew, [ENDED] * 2)])
def test_a_wait_ends_with_its_test_and_with_no_world_of_it(begin: Callable[[Watch], None], ends: list[str]) -> None:
    assert waited(watch(), begin) == ends


def test_a_wait_whose_loop_was_closed_takes_nothing() -> None:
    where, taken = watch(), list[str]()

    def take(entry: Entry) -> str | None:
        taken.append(text_of(entry))
        return None

    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda *_: None)  # it would complain of the task
    waiting = loop.create_task(where.arrival(Wanted("anything", take, told), None))
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()
    grown(where, "one").join()
    assert (taken, waiting.done()) == ([], False)
    waiting.get_coro().close()  # type: ignore[union-attr]
