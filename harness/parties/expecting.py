"""An answer of the API held against what was expected of it. No secret is shown in what is missing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from harness.answers import NO_ANSWER, Answer, Capture, Captured
from harness.http.values import Response
from harness.matchers import MISSING, Matcher, miss
from harness.patterns import searched
from harness.redaction import HIDDEN, hides, redacted, shown_text
from harness.wire.client import error_of

__all__ = ["at_path", "judged"]

_HEADER = "header "
_NO_JSON = object()


def judged(answer: Answer, response: Response) -> tuple[list[str], tuple[Captured, ...]]:
    """Why `response` is not what `answer` wants, one line each, and what is captured of it."""
    body = _body(response)
    unmet = [*_status(answer, response), *_misses(answer, response, body)]
    captured: list[Captured] = []
    for capture in answer.captures:
        found, why = _captured(capture, response, body)
        if found is None:
            unmet.append(f"{capture.name} cannot be captured: {why}")
        else:
            captured.append(found)
    return unmet, tuple(captured)


def at_path(value: Any, path: str) -> Any:
    """What stands at a dotted path (`data.0.id`) in a JSON value; `MISSING` where nothing does."""
    for step in path.split("."):
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and re.fullmatch("-?[0-9]{1,9}", step) and -len(value) <= int(step) < len(value):
            value = value[int(step)]
        else:
            return MISSING
    return value


def _body(response: Response) -> Any:
    try:
        return json.loads(response.body)
    except (ValueError, RecursionError):
        return _NO_JSON


def _status(answer: Answer, response: Response) -> list[str]:
    if answer.status is None and response.status >= 300:
        return [f"status: expected a success, got {response.status}: {shown_text(error_of(response))}"]
    if answer.status is None or answer.status == response.status:
        return []
    if answer.status == NO_ANSWER:
        return [f"status: expected no answer, got {response.status}"]
    why = f": {shown_text(error_of(response))}" if response.status >= 300 else ""
    return [f"status: expected {answer.status}, got {response.status}{why}"]


def _misses(answer: Answer, response: Response, body: Any) -> Iterator[str]:
    for name, matcher in answer.headers:
        value = response.header(name)
        yield from _missed(f"header {name}", matcher, MISSING if value is None else value)
    if body is _NO_JSON and answer.body:
        yield f"the body is no JSON: {shown_text(response.body[:200].decode('utf-8', 'replace'))!r}"
        return
    for path, matcher in answer.body:
        yield from _missed(path, matcher, at_path(body, path))


def _missed(name: str, matcher: Matcher, got: Any) -> Iterator[str]:
    why = miss(matcher, got)
    if why is not None:
        yield f"{name}: {f'it is another one ({HIDDEN})' if hides(name) and got is not MISSING else shown_text(why)}"


def _captured(capture: Capture, response: Response, body: Any) -> tuple[Captured | None, str]:
    """What is captured, or None and why it is not."""
    if capture.path.startswith(_HEADER):
        got: Any = response.header(capture.path.removeprefix(_HEADER))
    else:
        got = MISSING if body is _NO_JSON else at_path(body, capture.path)
    if got is None or got is MISSING:
        return None, f"there is no {capture.path}"
    text = got if isinstance(got, str) else json.dumps(got)
    value, why = (text, "") if capture.pattern is None else searched(capture.pattern, text, capture.path)
    if value is None:
        return None, f"{why}: {HIDDEN if hides(capture.path) else repr(shown_text(text))}"
    return Captured(capture.name, value, _is_secret(capture, got, value)), ""


def _is_secret(capture: Capture, got: Any, value: str) -> bool:
    """It stands under a secret's name, or in what is not shown of the place that it was taken from."""
    if got is True or got is False or not value:
        return False
    shown = redacted(got)
    return hides(capture.path) or value not in (shown if isinstance(shown, str) else json.dumps(shown))
