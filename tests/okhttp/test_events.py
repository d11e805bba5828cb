"""Events and actions are values: what they hold can be compared and shown, and no request is shown with its keys."""

from __future__ import annotations

from typing import get_args

from harness.http.values import Closed, Request
from harness.okhttp import events
from harness.okhttp.events import Asked, Event, Exchanged, Step


def test_every_event_and_step_is_offered_by_name() -> None:
    assert {kind.__name__ for kind in (*get_args(Event), *get_args(Step))} <= {*events.__all__}


def test_a_request_is_shown_without_its_key() -> None:
    asked = Asked(1, Request("GET", "http", "h", b"/", (("x-api-key", "pk_secret"),)))
    assert "pk_secret" not in repr(asked)


def test_an_exchange_without_an_answer_broke_unless_more_is_known() -> None:
    assert Exchanged(1, Closed(True)) == Exchanged(1, Closed(True), reusable=False, cause="broke")
