"""harness.standin.exchanges: where it is asked for, the trace shows what was asked and answered, without secrets."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from harness.core import Fact
from harness.http.values import Response
from harness.redaction import HIDDEN
from harness.testbed import SIGNING_KEY
from harness.trace import Entry
from tests.standin.gateways import CONTACT, OWNER, TOKEN, Gateway

SEND = {"from": OWNER, "to": CONTACT, "content": "hi"}


def _gateway() -> Gateway:
    return Gateway.with_phone(exchanges=True)


def _last(gateway: Gateway, hop: str, kind: str) -> Entry:
    return [entry for entry in gateway.world.trace.entries if (entry.hop, entry.kind) == (hop, kind)][-1]


def _shown(gateway: Gateway, method: str, target: str, body: Any = None, **more: Any) -> dict[str, Fact]:
    """The facts of the API's entry that a request makes."""
    gateway.call(method, target, body, **more)
    entry = [entry for entry in gateway.world.trace.entries if entry.hop == "api"][-1]
    return {name: entry.facts[name] for name in ("query", "request", "answer") if name in entry.facts}


def test_an_entry_of_the_api_shows_request_and_answer() -> None:
    shown = _shown(_gateway(), "POST", "/v1/messages/send", SEND)
    assert json.loads(str(shown["request"])) == SEND
    assert json.loads(str(shown["answer"]))["data"]["content"] == "hi"
    assert "query" not in shown


def test_it_shows_the_query_and_leaves_out_what_is_empty() -> None:
    shown = _shown(_gateway(), "GET", f"/v1/messages?owner=%2B{OWNER[1:]}&contact=%2B1&limit=5&token=s3cret")
    assert shown["query"] == f"owner=%2B{OWNER[1:]}&contact=%2B1&limit=5&token={HIDDEN}"
    assert "request" not in shown


def test_it_is_off_unless_it_is_asked_for() -> None:
    assert _shown(Gateway.with_phone(), "POST", "/v1/messages/send", SEND) == {}


@pytest.mark.parametrize(
    ("method", "target", "body"),
    [
        ("GET", "/v1/users/me", None),
        ("GET", "/v1/phone-api-keys", None),
        ("POST", "/v1/phone-api-keys", {"name": "another"}),
        ("GET", "/v1/phones", None),
        ("PUT", "/v1/phones/fcm-token", {"phone_number": OWNER, "fcm_token": TOKEN, "sim": "SIM1"}),
        (
            "POST",
            "/v1/webhooks",
            {"url": "https://example.com", "signing_key": SIGNING_KEY, "phone_numbers": [OWNER], "events": []},
        ),
    ],
)
def test_no_secret_is_shown(method: str, target: str, body: Any) -> None:
    gateway = _gateway()
    text = str(_shown(gateway, method, target, body))
    keys = [gateway.account.api_key, gateway.key, TOKEN, SIGNING_KEY]
    assert not [key for key in keys if key in text]
    assert HIDDEN in text


def test_a_packed_body_is_shown_unpacked_and_a_broken_one_by_its_size() -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    packed = gzip.compress(json.dumps(SEND).encode())
    assert (
        json.loads(str(_shown(_gateway(), "POST", "/v1/messages/send", raw=packed, headers=headers)["request"])) == SEND
    )
    broken = _shown(_gateway(), "POST", "/v1/messages/send", raw=b"no gzip", headers=headers)
    assert broken["request"] == "(7 bytes that are not packed as they say)"


def test_a_long_body_is_cut() -> None:
    shown = _shown(_gateway(), "POST", "/v1/messages/send", {**SEND, "content": "x" * 9_000})
    assert len(str(shown["request"])) < 2_100


def test_a_webhook_shows_its_event() -> None:
    gateway = _gateway()
    gateway.subscribe("message.phone.received")
    gateway.call("POST", "/v1/messages/receive", {"from": CONTACT, "to": OWNER, "content": "hello", "encrypted": False,
                 "sim": "SIM1", "timestamp": "2026-11-20T10:00:00Z"}, key=gateway.key)  # fmt: skip
    gateway.settle()
    event = json.loads(str(_last(gateway, "gateway", "webhook.called").facts["request"]))
    assert (event["type"], event["data"]["content"]) == ("message.phone.received", "hello")


def test_an_answer_that_waits_is_shown_when_it_comes() -> None:
    gateway = _gateway()
    gateway.subscribe("message.phone.received")
    gateway.hook.plan.extend([Response(500), Response(200)])
    event = {"message_id": "3f2504e0-4f89-41d3-9a0c-0305e82c3301", "user_id": gateway.account.id, "owner": OWNER,
             "contact": CONTACT, "content": "x", "timestamp": "2026-11-20T10:00:00Z"}  # fmt: skip
    assert gateway.inject("message.phone.received", event).status == 204
    assert '"content": "x"' in str(_last(gateway, "api", "POST /v1/events").facts["request"])
