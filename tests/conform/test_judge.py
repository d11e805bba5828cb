"""What came, held against what was recorded."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness.conform.cases import ABSENT, Answer, Json
from harness.conform.judge import as_asked, body_in, is_good, judge, shown
from harness.conform.match import Difference
from harness.http.values import ConnectFailed, Outcome, Response

TYPE = ("Content-Type", "application/json")


def _response(status: int, body: Json = None) -> Response:
    return Response(status, (TYPE,), json.dumps(body).encode() if body is not None else b"")


@pytest.mark.parametrize(
    ("outcome", "good", "body", "text"),
    [
        (_response(201, {"a": 1}), True, {"a": 1}, '201 {"a": 1}'),
        (_response(204), True, None, "204"),
        (_response(404, "no"), False, "no", '404 "no"'),
    ],
)
def test_an_answer_is_good_or_not_and_shown_as_one_text(outcome: Outcome, good: bool, body: Json, text: str) -> None:
    assert (is_good(outcome), body_in(outcome), shown(outcome)) == (good, body, text)


def test_no_answer_is_neither_good_nor_a_body() -> None:
    failed = ConnectFailed("refused")
    assert (is_good(failed), body_in(failed), "refused" in shown(failed)) == (False, None, True)


BODY: Json = {"data": {"status": "sent", "n": 1}, "message": "ok"}


@pytest.mark.parametrize(
    ("expect", "found"),
    [
        (Answer(200), []),
        (Answer(201), [("status", 201, 200)]),
        (Answer(200, {"data": {"status": "#string", "n": "#int"}, "message": "ok"}), []),
        (Answer(200, {"data": {"status": "sent", "n": 1}}), [("body.message", ABSENT, "ok")]),
        (Answer(200, content_type="text/plain"), [("content_type", "text/plain", "application/json")]),
        (Answer(200, headers={"X-A": None, "content-type": "application/json"}), []),
        (Answer(200, headers={"X-A": "1"}), [("headers.X-A", "1", None)]),
        (Answer(200, places={"data.status": "sent", "data.n": {"#oneof": [1, 2]}}), [("body.data.n", 2, 1)]),
        (Answer(200, places={"data.x": 1, "data.status": "no"}),
         [("body.data.x", 1, ABSENT), ("body.data.status", "no", "sent")]),
    ],
    ids=lambda value: "",
)  # fmt: skip
def test_an_answer_is_compared_in_what_was_recorded_of_it(expect: Answer, found: list[tuple[Any, ...]]) -> None:
    differences = judge(expect, _response(200, BODY), BODY, {}, {"body.data.n": 2})
    assert differences == [Difference(*difference) for difference in found]


def test_only_the_headers_that_a_case_asks_for_are_shown() -> None:
    webhook: dict[str, Json] = {"type": "sent", "headers": {"a": "1", "b": "2"}}
    expected: list[Json] = [{"headers": {"a": "1"}}, {"headers": {"c": None}}, {}]
    assert as_asked(webhook, expected) == {"type": "sent", "headers": {"a": "1", "c": None}}
