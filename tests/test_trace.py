"""The record of what happened: its hash, what of it is kept, its lines, its chains of causes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core import Fact
from harness.trace import HOPS, Entry, Trace, chains

Written = tuple[int, str, str, str | None, int | None, Mapping[str, Fact]]

FACTS = st.dictionaries(st.text(max_size=5), st.none() | st.booleans() | st.integers() | st.text(st.characters()))
ENTRIES = st.tuples(
    st.integers(), st.sampled_from(HOPS), st.text(), st.none() | st.text(), st.none() | st.integers(0, 9), FACTS
)


def trace_of(*written: Written, keep: int | None = None, hashed: bool = True) -> Trace:
    trace = Trace(keep, hashed=hashed)
    for entry in written:
        trace.write(*entry)
    return trace


# -- the hash ------------------------------------------------------------------------------------------------------

SENT: Written = (5, "radio", "submitted", "m1", None, {"text": "Grüße 😀", "segment": 1, "last": True, "sim": None})


def test_the_hash_of_a_trace_never_changes() -> None:
    """The same on every Python version: a stored hash must stay comparable."""
    assert Trace().hash == "cae66941d9efbd404e4d88758ea67670"
    assert trace_of(SENT).hash == "d7def8ef35d19f9d110344b7188bba17"


def test_a_lone_surrogate_has_a_hash_too() -> None:
    """Segments on the radio end in half an emoji."""
    halves = {"text": "\ud83d"}, {"text": "\ude00"}
    first, second = (trace_of((0, "radio", "submitted", None, None, facts)).hash for facts in halves)
    assert first != second


BASE: Written = (0, "radio", "submitted", "m", None, {"a": "1"})


@pytest.mark.parametrize(
    "other",
    [
        (1, "radio", "submitted", "m", None, {"a": "1"}),
        (0, "phone", "submitted", "m", None, {"a": "1"}),
        (0, "radio", "rejected", "m", None, {"a": "1"}),
        (0, "radio", "submitted", "n", None, {"a": "1"}),
        (0, "radio", "submitted", None, None, {"a": "1"}),
        (0, "radio", "submitted", "m", 0, {"a": "1"}),
        (0, "radio", "submitted", "m", None, {"a": 1}),
        (0, "radio", "submitted", "m", None, {"a": True}),
        (0, "radio", "submitted", "m", None, {"a": "1", "b": None}),
        (0, "radio", "submitted", "m", None, {}),
        (0, "radio", "submitted", "m|None", None, {"a": "1"}),
    ],
)
def test_another_entry_has_another_hash(other: Written) -> None:
    assert trace_of(other).hash != trace_of(BASE).hash


def test_a_text_cannot_pass_for_two_facts() -> None:
    one = trace_of((0, "radio", "submitted", None, None, {"a": "1\x1fb=2"}))
    two = trace_of((0, "radio", "submitted", None, None, {"a": "1", "b": "2"}))
    assert one.hash != two.hash


@given(st.lists(ENTRIES, max_size=5), st.lists(ENTRIES, max_size=5))
def test_equal_traces_have_equal_hashes_and_others_do_not(one: list[Written], other: list[Written]) -> None:
    # `repr` tells 1, True and "1" apart, which `==` does not.
    assert (trace_of(*one).hash == trace_of(*other).hash) is (repr(one) == repr(other))


def test_a_live_trace_has_no_hash() -> None:
    assert trace_of(SENT, hashed=False).hash is None
    assert trace_of(SENT, hashed=False).fork().hash is None


# -- what is kept --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("keep", "numbers"), [(None, [0, 1, 2]), (2, [1, 2]), (5, [0, 1, 2]), (0, [])])
def test_a_trace_keeps_all_the_last_ones_or_nothing(keep: int | None, numbers: list[int]) -> None:
    seen: list[int] = []
    trace = Trace(keep)
    trace.subscribe(lambda entry: seen.append(entry.number))
    for at in range(3):
        trace.write(at, "phone", "heartbeat", None, None, {})
    assert [entry.number for entry in trace.entries] == numbers
    assert trace.count == 3
    assert seen == [0, 1, 2]
    assert trace.hash == trace_of(*[(at, "phone", "heartbeat", None, None, {}) for at in range(3)]).hash


def test_a_fork_shares_the_past_and_writes_its_own_future() -> None:
    seen: list[int] = []
    trace = trace_of(SENT)
    trace.subscribe(lambda entry: seen.append(entry.at))
    twin = trace.fork()
    assert twin.hash == trace.hash
    trace.write(6, "radio", "report", "m1", 0, {})
    twin.write(7, "radio", "report", "m1", 0, {})
    assert [entry.at for entry in trace.entries] == [5, 6]
    assert [entry.at for entry in twin.entries] == [5, 7]
    assert twin.hash != trace.hash
    assert seen == [6]


# -- lines ---------------------------------------------------------------------------------------------------------


@given(st.lists(ENTRIES, max_size=4))
def test_lines_are_ascii_and_hold_everything(written: list[Written]) -> None:
    trace = trace_of(*written)
    lines = list(trace.lines())
    assert all(line.isascii() and "\n" not in line for line in lines)
    assert [Entry(**json.loads(line)) for line in lines] == list(trace.entries)


def test_facts_of_any_mapping_become_a_dict() -> None:
    trace = trace_of((0, "phone", "logged in", None, None, MappingProxyType({"number": "+1"})))
    assert type(trace.entries[0].facts) is dict
    assert json.loads(next(trace.lines()))["facts"] == {"number": "+1"}


# -- causes --------------------------------------------------------------------------------------------------------


def _woven(order: Callable[[list[Any]], list[Any]]) -> Trace:
    """Two messages side by side, each step caused by the one before it of its own message."""
    trace = Trace()
    last: dict[str, int] = {}
    for message, kind in order([("m1", "send"), ("m2", "send"), ("m1", "sent"), ("m2", "sent")]):
        entry = trace.write(0, "phone", kind, message, last.get(message), {})
        last[message] = entry.number
    return trace


def test_two_runs_in_another_order_have_the_same_chains() -> None:
    one, other = _woven(list), _woven(lambda steps: [steps[index] for index in (1, 3, 0, 2)])
    assert one.hash != other.hash
    assert chains(one, "m1") == chains(other, "m1") == [("phone send",), ("phone send", "phone sent")]


def test_a_chain_ends_where_its_cause_is_no_longer_kept() -> None:
    trace = Trace(1)
    trace.write(0, "phone", "send", "m1", None, {})
    trace.write(0, "phone", "sent", "m1", 0, {})
    assert chains(trace, "m1") == [("phone sent",)]


def test_a_chain_crosses_entries_of_no_message() -> None:
    trace = Trace()
    trace.write(0, "contact", "wrote", None, None, {})
    trace.write(0, "gateway", "message.phone.received", "m1", 0, {})
    assert chains(trace, "m1") == [("contact wrote", "gateway message.phone.received")]
    assert chains(trace, "m2") == []
