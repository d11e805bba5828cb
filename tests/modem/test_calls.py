"""A call that comes in: what is broadcast of it, and its row in the call log."""

from __future__ import annotations

import pytest

from harness.delays import Fixed
from harness.instants import MS, SECOND
from harness.modem.calls import NEXT
from harness.parties import CallNumber
from harness.radio import CALL_OUTCOMES, CALL_STATES, CALL_TYPES, CallLogged, CallStateChanged
from tests.modem.kit import ALICE, BOB, NOW, Network


def _called(call: CallNumber, seed: int = 1) -> Network:
    network = Network(seed)
    network.do("contact:bob", call)
    return network


@pytest.mark.parametrize(
    ("outcome", "states", "row"),
    [
        ("missed", ["RINGING", "IDLE"], 3),
        ("answered", ["RINGING", "OFFHOOK", "IDLE"], 1),
        ("rejected", ["RINGING", "IDLE"], 5),
        ("voicemail", ["RINGING", "IDLE"], 4),
        ("blocked", [], 6),
    ],
)
@pytest.mark.parametrize("seed", range(6))
def test_each_state_is_broadcast_with_the_number_and_without_it(
    outcome: str, states: list[str], row: int, seed: int
) -> None:
    network = _called(CallNumber(ALICE, outcome), seed)
    told = network.told(CallStateChanged)
    assert [event.state for event in told] == [state for state in states for _ in range(2)]
    for first, second in zip(told[::2], told[1::2], strict=True):
        assert {first.number, second.number} == {BOB, None}
    assert network.told(CallLogged) == [CallLogged(BOB, row, NOW, 1)]


def test_either_order_of_the_two_broadcasts_occurs() -> None:
    firsts = {_called(CallNumber(ALICE), seed).told(CallStateChanged)[0].number for seed in range(20)}
    assert firsts == {BOB, None}


@pytest.mark.parametrize(
    ("call", "states_s", "logged_s"),
    [
        (CallNumber(ALICE), [0, 0, 0, 0], 0),
        (CallNumber(ALICE, rings_ns=20 * SECOND, log=Fixed(300 * MS)), [0, 0, 20, 20], 20.3),
        (CallNumber(ALICE, "answered", rings_ns=5 * SECOND, talks_ns=60 * SECOND), [0, 0, 5, 5, 65, 65], 65),
        (CallNumber(ALICE, "blocked", rings_ns=5 * SECOND, log=Fixed(SECOND)), [], 1),
    ],
)
def test_the_row_comes_after_the_calls_end_as_late_as_the_log_takes(
    call: CallNumber, states_s: list[float], logged_s: float
) -> None:
    network = _called(call)
    assert network.when(CallStateChanged) == states_s
    assert network.when(CallLogged) == [logged_s]
    (row,) = network.told(CallLogged)
    assert row.at == NOW  # when it came in, not when it was written


@pytest.mark.parametrize(("caller", "shown"), [(None, BOB), ("", ""), ("+4930123456", "+4930123456")])
def test_a_caller_may_show_another_number_or_none(caller: str | None, shown: str) -> None:
    network = _called(CallNumber(ALICE, caller=caller, phone_account_id="8901"))
    assert {event.number for event in network.told(CallStateChanged)} == {shown, None}
    assert network.told(CallLogged) == [CallLogged(shown, 3, NOW, 1, "8901")]


@pytest.mark.parametrize("outcome", ["missed", "answered"])
def test_the_trace_tells_of_the_call_from_its_caller_to_its_row_in_the_same_words(outcome: str) -> None:
    network = _called(CallNumber(ALICE, outcome))
    facts = {"from": BOB, "to": ALICE, "outcome": outcome}
    for hop, kind in (("contact", "calls"), ("radio", "call"), ("radio", "call logged")):
        assert network.facts(hop, kind) == [facts]


def test_every_way_a_call_may_end_is_known_everywhere() -> None:
    assert CALL_OUTCOMES.keys() == NEXT.keys()
    assert set(CALL_OUTCOMES.values()) == CALL_TYPES.keys() - {"outgoing"}
    assert {state for states in NEXT.values() for state in states} == set(CALL_STATES)


def test_a_call_to_a_number_that_nobody_has_comes_to_nothing() -> None:
    network = _called(CallNumber("+18005550111"))
    assert network.told() == []
    assert network.facts("radio", "no subscriber") == [{"to": "+18005550111"}]
