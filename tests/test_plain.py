"""Whatever tables and the heap hold becomes JSON and back; nothing from outside the package is ever made of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.adapters.virtual import run_virtual
from harness.cast import PhoneSpec
from harness.core import At, Tell
from harness.draws import Draws
from harness.http.values import Answered, BodyBroken, Call, Closed, ConnectFailed, Limits, Request, Response, TimedOut
from harness.modem.modem import AwaitedReport, Service
from harness.phone.jobs import Fetch, Forward, Job, Report
from harness.plain import dump, from_plain, load, to_plain
from harness.radio import Submit
from harness.scenario import Start
from harness.scenario.steps import Do, Match, RunStep
from harness.staging import Stage, stage
from harness.story import Story
from harness.trace import Entry
from harness.verdict import Failure, StepVerdict, Verdict

# Lone surrogates are texts too: half an emoji on the radio.
TEXTS = st.text(st.characters(codec=None))
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS | st.binary()


def _values(parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    texts = st.tuples(TEXTS, TEXTS)
    requests = st.builds(Request, TEXTS, TEXTS, TEXTS, st.binary(), st.lists(texts).map(tuple), st.binary())
    responses = st.builds(Response, st.integers(), st.lists(texts).map(tuple), st.binary(), st.booleans())
    outcomes = st.one_of(
        responses,
        st.builds(ConnectFailed, TEXTS, TEXTS),
        st.builds(TimedOut, TEXTS),
        st.builds(Closed, st.booleans()),
        st.builds(BodyBroken, responses, st.binary()),
    )
    return st.one_of(
        st.lists(parts, max_size=4).map(tuple),
        st.dictionaries(SCALARS, parts, max_size=4),
        st.builds(Tell, TEXTS, parts),
        st.builds(At, st.integers(), parts),
        st.builds(Call, TEXTS, TEXTS, requests, st.builds(Limits, st.none() | st.floats(0, 100))),
        st.builds(Answered, TEXTS, outcomes),
        st.builds(Job, st.integers(), st.builds(Fetch, TEXTS) | st.builds(Report, TEXTS, TEXTS, TEXTS, st.integers())),
        st.builds(Forward, TEXTS, TEXTS, TEXTS, TEXTS, st.booleans(), st.integers()),
        st.builds(Submit, TEXTS, TEXTS, TEXTS, st.lists(TEXTS).map(tuple), st.lists(st.binary()).map(tuple)),
        st.builds(
            Entry, st.integers(), st.integers(), TEXTS, TEXTS, TEXTS, st.integers(), st.dictionaries(TEXTS, TEXTS)
        ),
        st.builds(Match, TEXTS, st.tuples(TEXTS), st.tuples(st.tuples(TEXTS, SCALARS))),
        st.builds(AwaitedReport, TEXTS, st.integers()),
        st.sampled_from(Service),
        st.just(Start()),
    )


VALUES = st.recursive(SCALARS, _values, max_leaves=12)


@given(VALUES)
def test_every_value_comes_back_as_it_was(value: Any) -> None:
    text = dump(value)
    assert text.isascii()
    back = load(text)
    # `==` takes 1 for True, and a named tuple for any tuple.
    assert (back, repr(back)) == (value, repr(value))


@given(VALUES)
def test_plain_data_is_what_json_holds(value: Any) -> None:
    assert json.loads(json.dumps(to_plain(value))) == to_plain(value)


def test_everything_in_a_story_comes_back_at_every_moment() -> None:
    """The rows of all cores, and what is due, while an encrypted text goes out and another comes in."""
    story = Story("every row")
    alice, bob = story.phone("alice", encryption_key="Password123"), story.contact("bob")
    greeting = story.send(from_=alice, to=bob, text="Hello 😀", encrypted=True)
    story.text(from_=bob, to=alice, text="Hi there, " * 30)
    story.expect_message(greeting, status="delivered")
    story.expect_webhook("message.phone.received")
    staged = _staged(story)
    bed = staged.bed
    kinds: set[str] = set()

    def check() -> bool:
        rows = bed.world.snapshot()
        kinds.update(f"{owner}.{name}" for owner, name, _, _ in rows)
        assert list(load(dump(tuple(rows)))) == rows
        return staged.run.verdict is not None

    assert run_virtual(bed.world, check)
    assert staged.run.verdict is not None
    assert staged.run.verdict.passed
    assert kinds >= {".due", ".open_calls", "gateway.messages", "phone:alice.inbox", "scenario.fresh-phone"}


def _staged(story: Story) -> Stage:
    staged = stage(story.plan(), 1)
    staged.start()
    return staged


def test_a_field_that_a_file_lacks_gets_its_default() -> None:
    assert from_plain({"=": "http.values:Response", "status": 200}) == Response(200)


def test_a_field_that_is_no_more_is_passed_over() -> None:
    data = {"=": "http.values:Response", "status": 200, "reason": "OK"}
    assert from_plain(data) == Response(200)


def test_any_mapping_is_kept_as_a_dict() -> None:
    assert load(dump(MappingProxyType({"a": (1,)}))) == {"a": (1,)}


def test_enumerations_are_kept_by_their_value() -> None:
    assert load(dump(Service.NONE)) is Service.NONE


def test_a_verdict_with_everything_in_it_comes_back() -> None:
    failure = Failure("expect", "a.yaml:3", ("not seen",), None)
    verdict = Verdict("story", False, (StepVerdict("send", True),), failure, 7, (("greeting", "m1"),))
    assert load(dump(verdict)) == verdict


# -- refusals ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stranger:
    """Not of this package."""

    name: str = ""


class StrangeTuple(NamedTuple):
    name: str = ""


class StrangeWord(Enum):
    A = "a"


@pytest.mark.parametrize(
    "value",
    [
        [1],
        {1},
        bytearray(b"a"),
        1j,
        object(),
        len,
        Draws(1, "a"),
        Stranger(),
        StrangeTuple(),
        StrangeWord.A,
        Stranger,
        (1, [2]),
        {"a": {1}},
        RunStep("carrier", Do((Tell("@modem", object()),))),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_no_value_of_the_package_is_not_written(value: Any) -> None:
    with pytest.raises(TypeError, match="no plain data"):
        to_plain(value)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"a": 1},
        {"=": None},
        {"=": 3},
        {"=": ["os:system"]},
        {"=": ""},
        {"=": ":"},
        {"=": "os:system"},
        {"=": "http.values"},
        {"=": "http.values:Nothing"},
        {"=": "http.values:dataclass"},
        {"=": "http.values:__name__"},
        {"=": "http.values:Request.__class__"},
        {"=": "nowhere:Nothing"},
        {"=": "..http.values:Response", "status": 200},
        {"=": "__main__:main"},
        {"=": "draws:Draws", "seed": 1, "name": "a"},
        {"=": "adapters.scenario_files:Path"},
        {"=": "standin.states:Enum", "value": "a"},
        # Known there, but by another name: it is an import.
        {"=": "testbed:PhoneSpec", "name": "a", "number": "+1"},
        {"=": "http.values:Response"},
        {"=": "modem.modem:Service", "value": "sideways"},
        {"=": "modem.modem:Service"},
        {"=": "bytes"},
        {"=": "bytes", "base64": "?"},
        {"=": "bytes", "base64": 3},
        {"=": "dict"},
        {"=": "dict", "items": [1]},
        {"=": "dict", "items": [[{"=": "dict", "items": []}, 1]]},
        [[{"=": "nowhere:Nothing"}]],
    ],
    ids=str,
)
def test_what_is_no_plain_data_is_not_read(data: Any) -> None:
    with pytest.raises(ValueError):
        from_plain(data)


def _deep(levels: int) -> str:
    return "[" * levels + "]" * levels


@pytest.mark.parametrize("text", ["", "{", "\ud83d", _deep(100_000)], ids=["empty", "open", "surrogate", "deep"])
def test_what_is_no_json_is_not_read(text: str) -> None:
    with pytest.raises(ValueError):
        load(text)


def test_deep_data_is_refused_and_no_crash() -> None:
    data: Any = []
    for _ in range(100_000):
        data = [data]
    with pytest.raises(ValueError, match="no plain data"):
        from_plain(data)


def test_a_phone_spec_is_read_where_it_is_defined() -> None:
    read: Callable[[Any], Any] = from_plain
    assert read({"=": "cast:PhoneSpec", "name": "a", "number": "+1"}) == PhoneSpec("a", "+1")
