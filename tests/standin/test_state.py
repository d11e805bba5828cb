"""harness.standin.state: settings, rows, and the queue."""

from __future__ import annotations

import pytest

from harness.core import At, Table, Tell
from harness.draws import Draws
from harness.standin.state import Pace, Settings, State
from harness.wire.events import Event, ExpiredCheck
from harness.wire.json import Stamp


def _state(fcm: str = "http://push.internal", pace: Pace = Pace.FAITHFUL, keep_rate: bool | None = None) -> State:
    settings = Settings.of(pace, fcm, "http://api.internal/", None, keep_rate, False, None)
    return State("gateway", Draws(1, "gateway"), settings)


def test_a_row_is_put_and_taken_out() -> None:
    state = _state()
    state.store((("counters", "calls", 5),))
    assert state.counters == {"calls": 5}
    state.store((("counters", "calls", None), ("counters", "others", None)))
    assert state.counters == {}


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
    tables = {name for name, value in vars(state).items() if isinstance(value, Table)}
    assert set(state.TABLES) == tables


def settings(pace: Pace, keep_rate: bool | None) -> Settings:
    return Settings.of(pace, "http://push", "http://api", None, keep_rate, False, None)


@pytest.mark.parametrize(
    ("pace", "keep_rate", "found"),
    [
        (None, None, (Pace.INSTANT, False)),
        (Pace.FAITHFUL, None, (Pace.FAITHFUL, True)),
        (Pace.FAITHFUL, False, (Pace.FAITHFUL, False)),
        (None, True, (Pace.INSTANT, True)),
    ],
)
def test_another_pace_has_a_rate_of_its_own_unless_it_is_told(
    pace: Pace | None, keep_rate: bool | None, found: tuple[Pace, bool]
) -> None:
    paced = settings(Pace.INSTANT, None).paced(pace, keep_rate)
    assert (paced.pace, paced.keep_rate) == found
    assert settings(Pace.FAITHFUL, None).paced(None, None) == settings(Pace.FAITHFUL, None)
