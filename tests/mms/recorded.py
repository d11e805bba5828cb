"""The multimedia messages that the real app sent and received (tests/data/phone/README.md)."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from tests.recorded import folder

FOLDER = folder("phone")
Json = dict[str, Any]


class Call(NamedTuple):
    """An MMS that the app handed over. `pdu` is None for the one that was too long to keep."""

    case: str
    message: Json  # as the gateway gave it out
    content_types: list[str]  # of the downloads, in order
    said: Json  # what the real parser reads in the PDU
    length: int
    pdu: bytes | None


class Push(NamedTuple):
    """A WAP push, and the bodies that the app posted then."""

    case: str
    pdu: bytes
    at_ms: int
    posts: list[Json]


def _cases(name: str) -> Iterator[Json]:
    with (FOLDER / f"{name}.jsonl").open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def calls() -> list[Call]:
    found = [
        Call(
            case["case"],
            *_asked(case["gateway"]),
            seen["pdu"],
            seen["pdu_length"],
            base64.b64decode(seen["pdu_base64"]) if seen["pdu_base64"] else None,
        )
        for name in ("attachments", "with-sentry")
        for case in _cases(name)
        for seen in case["happened"]
        if seen["kind"] == "mms_call"
    ]
    assert found
    return found


def _asked(gateway: list[Json]) -> tuple[Json, list[str]]:
    answers = [(rule["on"], answer) for rule in gateway for answer in rule["answers"]]
    message = next(json.loads(answer["body"])["data"] for on, answer in answers if "outstanding" in on)
    downloads = [dict(answer["headers"]) for on, answer in answers if "/v1/" not in on]
    return message, [headers["Content-Type"] for headers in downloads if "Content-Type" in headers]


def pushes() -> list[Push]:
    found = [
        Push(case["case"], base64.b64decode(step["data_base64"] or ""), _at_ms(case), _posts(case))
        for case in _cases("receive-mms")
        for step in case["steps"]
        if step["do"] == "wap_push_received"
    ]
    assert found
    return found


def _posts(case: Json) -> list[Json]:
    return [seen["body_json"] for seen in case["happened"] if seen["kind"] == "request"]


def _at_ms(case: Json) -> int:
    """The app's clock when the PDU was parsed, if the invented name of a part tells it."""
    names = [file["name"] for post in _posts(case) for file in post["attachments"]]
    return next((int(name, 8) for name in names if name.isdigit()), 0)
