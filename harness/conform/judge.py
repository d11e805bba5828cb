"""What came, held against what was recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.conform.cases import ABSENT, Answer, Json, Maybe
from harness.conform.inbox import body_of
from harness.conform.match import Difference, compare
from harness.conform.names import Names, pick
from harness.http.values import Outcome, Response

__all__ = ["as_asked", "body_in", "is_good", "judge", "shown"]


def is_good(outcome: Outcome) -> bool:
    return isinstance(outcome, Response) and outcome.status // 100 == 2


def body_in(outcome: Outcome) -> Json:
    return body_of(outcome) if isinstance(outcome, Response) else None


def shown(outcome: Outcome) -> str:
    """What came, as one text."""
    if isinstance(outcome, Response):
        return f"{outcome.status} {outcome.body.decode('utf-8', 'replace')}".strip()
    return str(outcome)


def judge(
    expect: Answer, response: Response, body: Json, names: Names, choices: Mapping[str, Json]
) -> list[Difference]:
    """Every difference of an answer from what was recorded: status, body, type, headers, places of the body."""
    wanted: dict[str, Json] = {"status": expect.status}
    got: dict[str, Json] = {"status": response.status}
    if expect.body is not ABSENT:
        wanted["body"], got["body"] = _tolerant(expect.body, response.status), body
    if expect.content_type is not ABSENT:
        wanted["content_type"], got["content_type"] = expect.content_type, response.header("content-type")
    if expect.headers:
        wanted["headers"] = expect.headers
        got["headers"] = {name: response.header(name) for name in expect.headers}
    found = compare(wanted, got, names, choices)
    for path, value in expect.places.items():
        found += compare(value, pick(body, path), names, choices, path=f"body.{path}")
    return found


def _tolerant(body: Json, status: int) -> Json:
    """The `data` of a 400 describes a decoder's error: only its being there matters."""
    if status == 400 and isinstance(body, dict) and "data" in body:
        return {**body, "data": "#any"}
    return body


def as_asked(webhook: dict[str, Json], expected: Sequence[Json]) -> Json:
    """The webhook without those headers that the case does not look at."""
    asked = {name for item in expected for name in _members(pick(item, "headers"))}
    headers = _members(webhook["headers"])
    return {**webhook, "headers": {name: headers.get(name) for name in asked}}


def _members(value: Maybe) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}
