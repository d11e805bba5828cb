"""The FCM endpoint and the receivers: what comes becomes plain values."""

from __future__ import annotations

import warnings
from typing import Any

import jwt
import pytest

from harness.conform.cases import Json
from harness.conform.inbox import Inbox, PushSeen, WebhookSeen, body_of, read_push, read_token, read_webhook
from harness.http.values import Request, Response
from tests.conform.worlds import push, webhook

URL = "http://127.0.0.1:9999/conform/1"
KEY = "signing-key"


def _signed(claims: dict[str, Any], key: str = KEY, algorithm: str = "HS256") -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return "Bearer " + jwt.encode(claims, key, algorithm=algorithm)


CLAIMS = {"iss": "api.httpsms.com", "sub": "u", "aud": [URL], "iat": 1000, "nbf": 400, "exp": 1600}
SHOWN: dict[str, Json] = {
    "header": {"alg": "HS256", "typ": "JWT"},
    "claims": {"iss": "api.httpsms.com", "sub": "u", "aud": [URL]},
    "nbf_minus_iat": -600,
    "exp_minus_iat": 600,
}
UNSIGNED: dict[str, Json] = {**SHOWN, "signature": "not made with the signing key"}


@pytest.mark.parametrize(
    ("authorization", "keys", "value"),
    [
        (None, [KEY], None),
        (_signed(CLAIMS), [KEY], SHOWN),
        (_signed(CLAIMS), ["another", KEY], SHOWN),
        (_signed(CLAIMS), ["another"], UNSIGNED),
        (_signed(CLAIMS), [], UNSIGNED),
        (_signed(CLAIMS, algorithm="HS512"), [KEY], {**UNSIGNED, "header": {"alg": "HS512", "typ": "JWT"}}),
        (_signed({"iat": 5}), [KEY], {**SHOWN, "claims": {}, "nbf_minus_iat": None, "exp_minus_iat": None}),
        ("Bearer nonsense", [KEY], "not a JWT"),
    ],
    ids=lambda value: "",
)
def test_a_token_is_shown_without_its_times_and_checked(
    authorization: str | None, keys: list[str], value: Json
) -> None:
    assert read_token(authorization, keys) == value


JSON = (("Content-Type", "application/json; charset=utf-8"),)


@pytest.mark.parametrize(
    ("message", "body"),
    [
        (Response(204), None),
        (Response(200, JSON, b'{"a":1}'), {"a": 1}),
        (Response(200, JSON, b"{"), "{"),
        (Response(200, (("content-type", "text/plain"),), b'{"a":1}'), '{"a":1}'),
        (Response(200, (), b"\x89PNG"), "\ufffdPNG"),
    ],
)
def test_a_body_is_json_if_its_type_says_so_and_text_else(message: Response, body: Json) -> None:
    assert body_of(message) == body


def test_a_push_is_known_by_its_token() -> None:
    seen = read_push(push("t-1", KEY_MESSAGE_ID="m"))
    message: Json = {"token": "t-1", "data": {"KEY_MESSAGE_ID": "m"}, "android": {"priority": "normal"}}
    assert seen == PushSeen("t-1", {"path": "/v1/projects/httpsms-test/messages:send", "body": {"message": message}})


def test_a_push_without_a_token_is_kept_for_nobody() -> None:
    assert read_push(Request("POST", "http", "fcm", b"/x", (), b"?")).token == ""


def test_a_webhook_shows_everything_but_its_token() -> None:
    request = webhook(URL, "message.phone.sent", {"a": 1}, Authorization=_signed(CLAIMS))
    assert read_webhook(request, URL, 5, [KEY]) == WebhookSeen(
        URL,
        5,
        {
            "type": "message.phone.sent",
            "headers": {"content-type": "application/json", "x-event-type": "message.phone.sent"},
            "body": {"a": 1},
            "jwt": SHOWN,
        },
    )


def test_pushes_are_taken_in_their_order_by_token() -> None:
    inbox = Inbox()
    for token, number in [("a", 1), ("b", 2), ("a", 3)]:
        inbox = inbox.with_push(PushSeen(token, number))
    taken = []
    for token in "aaab":
        seen, inbox = inbox.take_push(token)
        taken.append(seen and seen.value)
    assert taken == [1, 3, None, 2]
    assert inbox.pushes == ()


def test_webhooks_are_taken_all_at_once_by_receiver() -> None:
    inbox = Inbox()
    for url, at in [("a", 1), ("b", 2), ("a", 3)]:
        inbox = inbox.with_webhook(WebhookSeen(url, at, {"n": at}))
    assert inbox.last_at("a") == 3
    taken, inbox = inbox.take_webhooks("a")
    assert taken == [{"n": 1}, {"n": 3}]
    assert (inbox.last_at("a"), inbox.take_webhooks("a")[0]) == (0, [])
    assert inbox.take_webhooks("b")[0] == [{"n": 2}]


def test_a_receiver_answers_as_planned_and_then_200() -> None:
    inbox = Inbox().with_plan("a", (500, "hang"))
    answers = []
    for url in "abaa":
        answer, inbox = inbox.next_answer(url)
        answers.append(answer)
    assert answers == [500, 200, "hang", 200]


def test_a_new_plan_replaces_the_rest_of_the_old_one() -> None:
    inbox = Inbox().with_plan("a", (500, 500)).with_plan("a", (404,))
    assert inbox.next_answer("a")[0] == 404


def test_a_tally_counts_what_has_been_looked_at_too() -> None:
    inbox = Inbox()
    for token in "aab":
        _, inbox = inbox.with_push(PushSeen(token, None)).take_push("a")
    for url, kind in [("x", "sent"), ("x", "delivered"), ("y", "sent"), ("x", "sent")]:
        _, inbox = inbox.with_webhook(WebhookSeen(url, 0, {"type": kind})).take_webhooks("x")
    assert inbox.tally("a", "x") == {"pushes": 2, "webhooks": ["delivered", "sent", "sent"]}
    assert inbox.tally("c", "z") == {"pushes": 0, "webhooks": []}
