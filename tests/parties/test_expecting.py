"""An answer is what was expected, or it is told why not, with no secret in it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.answers import NO_ANSWER, Answer, Capture
from harness.http.values import Response
from harness.matchers import MISSING, Absent, Contains, Differs, Equals, Matches, OneOf, Present
from harness.parties.expecting import at_path, judged
from harness.redaction import HIDDEN

BODY = {"status": "success", "data": [{"id": "m1", "n": 3, "ok": True, "none": None}], "api_key": "pk_very_secret"}
HEADERS = (("Content-Type", "application/json; charset=utf-8"), ("X-Id", "7"))


def _response(status: int = 200, body: Any = BODY) -> Response:
    return Response(status, HEADERS, body if isinstance(body, bytes) else json.dumps(body).encode())


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("status", "success"),
        ("data.0.id", "m1"),
        ("data.-1.n", 3),
        ("data.0.none", None),
        ("data.1.id", MISSING),
        ("data.0.id.x", MISSING),
        ("data.first", MISSING),
        ("nothing", MISSING),
        ("", MISSING),
    ],
)
def test_a_dotted_path_leads_through_objects_and_lists(path: str, value: Any) -> None:
    assert at_path(BODY, path) is value or at_path(BODY, path) == value


MET = [
    Answer(),
    Answer(200),
    Answer(headers=(("content-type", Contains("json")), ("x-none", Absent()))),
    Answer(body=(("data.0.id", Equals("m1")), ("data.0.n", Equals(3)), ("data.0.none", Present()))),
    Answer(body=(("data.0.id", Matches("^m")), ("data.0.ok", Equals(True)), ("data.7", Absent()))),
    Answer(body=(("status", OneOf(("success", "error"))), ("status", Differs("error")))),
]


@pytest.mark.parametrize("answer", MET)
def test_an_answer_that_is_as_it_must_be_lacks_nothing(answer: Answer) -> None:
    assert judged(answer, _response()) == ([], ())


UNMET: list[tuple[Answer, Response, list[str]]] = [
    (Answer(), _response(402, {"message": "no", "status": "error"}), ["status: expected a success, got 402: no"]),
    (Answer(402), _response(), ["status: expected 402, got 200"]),
    (Answer(404), _response(422, {"message": "no"}), ["status: expected 404, got 422: no"]),
    (Answer(NO_ANSWER), _response(), ["status: expected no answer, got 200"]),
    (
        Answer(headers=(("x-none", Present()), ("X-ID", Equals("8")))),
        _response(),
        ["header x-none: expected something, and it is not there", "header X-ID: expected '8', got '7'"],
    ),
    (
        Answer(body=(("data.0.n", Equals("3")), ("data.1", Present()))),
        _response(),
        ["data.0.n: expected '3', got 3", "data.1: expected something, and it is not there"],
    ),
    (Answer(body=(("a", Present()),)), _response(body=b"<html>"), ["the body is no JSON: '<html>'"]),
    (Answer(body=(("api_key", Equals("x")),)), _response(), [f"api_key: it is another one ({HIDDEN})"]),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "response", "lines"), UNMET)
def test_each_thing_that_is_missing_is_told_on_a_line(answer: Answer, response: Response, lines: list[str]) -> None:
    assert judged(answer, response)[0] == lines


@pytest.mark.parametrize(
    ("capture", "value"),
    [
        (Capture("a", "data.0.id"), "m1"),
        (Capture("a", "data.0.n"), "3"),
        (Capture("a", "data.0.ok"), "true"),
        (Capture("a", "header x-id"), "7"),
        (Capture("a", "header content-type", r"charset=(\S+)"), "utf-8"),
        (Capture("a", "status", "s+"), "s"),
        (Capture("a", "data.0", '"n": (.)'), "3"),
    ],
)
def test_a_value_is_captured_by_its_place_and_a_pattern(capture: Capture, value: str) -> None:
    unmet, [captured] = judged(Answer(captures=(capture,)), _response())
    assert (unmet, captured.name, captured.value) == ([], "a", value)


@pytest.mark.parametrize(
    ("capture", "why"),
    [
        (Capture("a", "data.1.id"), "a cannot be captured: there is no data.1.id"),
        (Capture("a", "header x-none"), "a cannot be captured: there is no header x-none"),
        (Capture("a", "status", "[0-9]"), "a cannot be captured: '[0-9]' is not found in status: 'success'"),
        (
            Capture("a", "status", "(x)|s"),
            "a cannot be captured: the first group of '(x)|s' finds nothing in status: 'success'",
        ),
        (Capture("a", "api_key", "[0-9]"), f"a cannot be captured: '[0-9]' is not found in api_key: {HIDDEN}"),
    ],
)
def test_what_cannot_be_captured_is_told(capture: Capture, why: str) -> None:
    assert judged(Answer(captures=(capture,)), _response()) == ([why], ())


@given(st.binary(max_size=40), st.integers(100, 599), st.text(max_size=10))
def test_any_answer_is_judged(body: bytes, status: int, path: str) -> None:
    answer = Answer(body=((path, Present()),), captures=(Capture("a", path),))
    unmet, captured = judged(answer, _response(status, body))
    assert unmet or captured
