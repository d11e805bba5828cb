"""harness.standin.openapi.control: the control routes are told of as `serve` answers them."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from harness.adapters.control import Control
from harness.standin import control
from harness.standin.openapi.document import document
from tests.processes import TIMEOUT_S, Gateway, gateway
from tests.standin.openapi.conversations import Told

TOLD = Told(document(control=True))


@pytest.fixture(scope="module")
def served() -> Iterator[Gateway]:
    with gateway("--control") as opened:
        yield opened


def _ask(served: Gateway, method: str, path: str, body: Any = None) -> tuple[int, str, bytes]:
    data = None if body is None else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(
            urllib.request.Request(served.url + path, data, method=method), timeout=TIMEOUT_S
        ) as answer:
            return answer.status, answer.headers.get_content_type(), answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers.get_content_type(), error.read()


def _told(template: str, method: str, status: int, kind: str, body: bytes) -> list[str]:
    content = TOLD.document["paths"][template][method.lower()]["responses"][str(status)]["content"]
    value = json.loads(body) if kind == "application/json" else body.decode()
    return list(TOLD.wrong(content[kind]["schema"], value))


@pytest.mark.parametrize(
    ("method", "template", "target", "body", "status"),
    [
        ("GET", "/_control/health", None, None, 200),
        ("POST", "/_control/accounts", None, {"plan": "free"}, 200),
        ("POST", "/_control/accounts", None, {"plans": "free"}, 400),
        ("PATCH", "/_control/accounts/{id}", "/_control/accounts/nobody", {}, 404),
        ("GET", "/_control/phones/{id}", "/_control/phones/none", None, 404),
        ("PATCH", "/_control/phones/{id}", "/_control/phones/none", {}, 404),
        ("POST", "/_control/advance", None, {"seconds": 1}, 200),
        ("POST", "/_control/advance", None, {"seconds": -1}, 422),
        ("POST", "/_control/snapshot", None, None, 200),
        ("POST", "/_control/restore", None, {"rows": []}, 422),
        ("POST", "/_control/reset", None, None, 200),
        ("GET", "/_control/trace", None, None, 200),
    ],
)
def test_a_control_route_is_as_the_document_tells(
    served: Gateway, method: str, template: str, target: str | None, body: Any, status: int
) -> None:
    found, kind, answer = _ask(served, method, target or template, body)
    assert found == status
    assert _told(template, method, status, kind, answer) == []


def test_so_are_those_of_an_account_and_a_phone(served: Gateway) -> None:
    _, _, made = _ask(served, "POST", "/_control/accounts", {})
    path = f"/_control/accounts/{json.loads(made)['user_id']}"
    assert _told("/_control/accounts/{id}", "patch", *_ask(served, "PATCH", path, {"sent_messages": 1})) == []
    phone = served.ask("/v1/phones")["data"][0]["id"]
    for method, body in (("GET", None), ("PATCH", {"messages_per_minute": 0})):
        answer = _ask(served, method, f"/_control/phones/{phone}", body)
        assert answer[0] == 200
        assert _told("/_control/phones/{id}", method, *answer) == []


def test_every_control_route_is_told_of(served: Gateway) -> None:
    paths = [path for path in TOLD.document["paths"] if path.startswith("/_control/")]
    unknown = [path for path in paths for method in TOLD.document["paths"][path] if _is_unknown(served, method, path)]
    assert unknown == []
    known = {template for _, template, _, _ in control._ROUTES} | {path for _, path in Control.ROUTES}
    assert set(paths) == known
    assert json.loads(_ask(served, "GET", "/openapi.json")[2]) == TOLD.document


def _is_unknown(served: Gateway, method: str, path: str) -> bool:
    answer = _ask(served, method.upper(), path.replace("{id}", "x"), {} if method != "get" else None)
    return answer[0] == 404 and b"no such control route" in answer[2]
