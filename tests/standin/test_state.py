"""harness.standin.state: lists, settings, and the queue."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core import At, Tell
from harness.draws import Draws
from harness.standin.state import Pace, Settings, State
from harness.wire.events import Event, ExpiredCheck
from harness.wire.json import Stamp


def _state(fcm: str = "http://push.internal", pace: Pace = Pace.FAITHFUL, keep_rate: bool | None = None) -> State:
    settings = Settings.of(pace, fcm, "http://api.internal/", None, keep_rate, False, None)
    return State("gateway", Draws(1, "gateway"), settings)


@given(st.lists(st.tuples(st.booleans(), st.sampled_from("abcdef"))))
def test_a_list_behaves_like_a_list(acts: list[tuple[bool, str]]) -> None:
    state, scope, model = _state(), ("letters", "u"), list[str]()
    for adds, letter in acts:
        if adds and letter not in model:
            state.store(state.listed(scope, letter))
            model.insert(0, letter)
        elif not adds and letter in model:
            state.store(state.unlisted(scope, letter))
            model.remove(letter)
        assert list(state.walk(scope)) == model
    assert len(state.links) == max(0, len(model) - 1)


def test_lists_of_different_scopes_do_not_meet() -> None:
    state = _state()
    state.store(state.listed(("phones", "u1"), "a"))
    state.store(state.listed(("phones", "u2"), "b"))
    assert list(state.walk(("phones", "u1"))) == ["a"]


def test_a_row_is_put_and_taken_out() -> None:
    state = _state()
    state.store((("slots", "phone", 5),))
    assert state.slots == {"phone": 5}
    state.store((("slots", "phone", None), ("slots", "nobody", None)))
    assert state.slots == {}


@pytest.mark.parametrize(
    ("pace", "keep_rate", "kept"),
    [
        (Pace.FAITHFUL, None, True),
        (Pace.INSTANT, None, False),
        (Pace.INSTANT, True, True),
        (Pace.FAITHFUL, False, False),
    ],
)
def test_the_rate_is_kept_in_the_faithful_pace_or_on_demand(pace: Pace, keep_rate: bool | None, kept: bool) -> None:
    assert _state(pace=pace, keep_rate=keep_rate).settings.keep_rate is kept


def test_the_push_endpoint_may_have_a_path() -> None:
    settings = _state("https://fcm.example.com:8443/fake/").settings
    assert (settings.fcm_scheme, settings.fcm_authority) == ("https", "fcm.example.com:8443")
    assert settings.fcm_path == "/fake/v1/projects/httpsms-test/messages:send"


CHECK = ExpiredCheck("m", Stamp(0), "u")


@pytest.mark.parametrize(
    ("delay_ns", "command"),
    [
        (0, Tell("@gateway", Event("/s", Stamp(10), CHECK))),
        (-5, Tell("@gateway", Event("/s", Stamp(10), CHECK))),
        (5, At(15, Event("/s", Stamp(10), CHECK))),
    ],
)
def test_an_event_waits_for_its_time_or_takes_its_turn(delay_ns: int, command: At | Tell) -> None:
    assert _state().queue(CHECK, "/s", 10, delay_ns) == command


def test_every_table_is_named() -> None:
    state = _state()
    tables = {name for name, value in vars(state).items() if type(value).__name__ == "Table"}
    assert set(state.TABLES) == tables
