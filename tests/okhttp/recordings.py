"""The recorded requests of the real app, and what its gateway answered."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from harness.http.values import BodyBroken, Closed, Outcome, Request, Response, TimedOut
from tests.recorded import folder

__all__ = ["CASES", "outcome_of", "recorded_requests", "request_of"]

_OTHERWISE: dict[str, Outcome] = {
    "connection closed without a reply": Closed(sent_all=True),
    "connection reset without a reply": Closed(sent_all=True),
    "no reply, connection stays open": TimedOut("read"),
    "half a reply, then closed": BodyBroken(Response(200), b""),
}


def _cases() -> Iterator[dict[str, Any]]:
    for path in sorted(folder("phone").glob("*.jsonl")):
        yield from (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())


CASES = list(_cases())


def request_of(recorded: dict[str, Any]) -> Request:
    headers = tuple((name, value) for name, value in recorded["headers"])
    host = dict(headers)["Host"]
    scheme = "https" if recorded["tls"] else "http"
    body = recorded.get("body", "").encode()
    return Request(recorded["method"], scheme, host, recorded["target"].encode(), headers, body)


def recorded_requests(case: dict[str, Any]) -> list[dict[str, Any]]:
    return [entry for entry in case["happened"] if entry["kind"] == "request"]


def outcome_of(case: dict[str, Any], request: Request, asked: Counter[str]) -> Outcome:
    """What the gateway of the case did: the first rule that fits, its answers in turn, counted in `asked`."""
    for rule in case["gateway"]:
        method, path = rule["on"].split(" ")
        fits = request.path.startswith(path[:-1]) if path.endswith("*") else request.path == path
        if method == request.method and fits:
            answer = rule["answers"][min(asked[rule["on"]], len(rule["answers"]) - 1)]
            asked[rule["on"]] += 1
            if "status" not in answer:
                return _OTHERWISE[answer["instead_of_an_answer"]]
            return Response(answer["status"], tuple((name, value) for name, value in answer["headers"]))
    return Response(404)
