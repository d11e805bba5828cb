"""What a story may do on a server, and to numbers, that are not its own."""

from __future__ import annotations

import ast
import inspect
import json
from typing import Any

import pytest

from harness.http.values import Request, Response
from harness.targets import guards
from harness.targets.guards import Owned, learned, number_refusal, phone_refusal, request_refusal, step_refusal

ALICE, BOB, FOREIGN = "+18005550100", "+18005550101", "+18005550177"
OURS, THEIRS = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
OWNED = Owned(frozenset({ALICE}), frozenset({OURS}))


def request(line: str, body: Any = None) -> Request:
    method, path = line.split(" ")
    content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    return Request(method, "http", "sms.example.com", path.encode(), (), content)


def refused(line: str, body: Any = None, *, take_over: bool = False) -> bool:
    return request_refusal(request(line, body), OWNED, take_over=take_over) is not None


# -- requests ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "body"),
    [
        ("GET /v1/messages?owner=%2B18005550177&contact=x", None),
        ("HEAD /v1/phones", None),
        ("GET /nowhere", None),
        ("POST /v1/messages/send", {"from": ALICE, "to": FOREIGN, "content": "x"}),
        ("POST /v1/messages/send", {"to": BOB, "content": "no sender: the server says so"}),
        ("POST /v1/messages/bulk-send/", {"from": ALICE, "to": [BOB]}),
        ("POST /v1/messages/receive", {"from": BOB, "to": ALICE}),
        ("POST /v1/messages/calls/missed", {"from": BOB, "to": ALICE}),
        ("POST /v1/heartbeats", {"phone_numbers": [ALICE]}),
        ("PUT /v1/phones", {"phone_number": ALICE}),
        ("PUT /v1/phones/fcm-token", {"phone_number": ALICE}),
        ("POST /v1/webhooks", {"phone_numbers": [ALICE], "url": "http://127.0.0.1/"}),
        ("POST /v1/phone-api-keys", {"name": "mine"}),
        ("POST /v1/send-schedules", {"name": "mine"}),
        (f"DELETE /v1/messages/{OURS}", None),
        (f"POST /v1/messages/{OURS}/events", {"event_name": "SENT"}),
        (f"PUT /v1/message-threads/{OURS}", {"is_read": True}),
        (f"DELETE /v1/phone-api-keys/{OURS}/phones/{THEIRS}", None),
        (f"GET /v1/messages/outstanding?message_id={OURS}", None),
        ("GET /v1/messages/outstanding", None),
        ("DELETE /v1/messages/not-an-id", None),
        (f"POST /v1/messages/{THEIRS}.1/events", {"event_name": "SENT"}),
    ],
)
def test_a_story_writes_to_what_is_its_own_and_reads_everything(line: str, body: Any) -> None:
    assert not refused(line, body)


@pytest.mark.parametrize(
    ("line", "body"),
    [
        ("POST /v1/messages/send", {"from": FOREIGN, "to": BOB, "content": "x"}),
        ("POST /V1/Messages/SEND/", {"From": FOREIGN, "to": BOB, "content": "x"}),
        ("POST /v1/messages/send", {"from": ALICE, "FROM": FOREIGN}),
        ("POST /v1/messages/send", {"from": "8005550100"}),  # the server might read it as somebody's number
        ("POST /v1/messages/send", {"from": {"a": 1}}),
        ("POST /v1/messages/send", b"from=%2B18005550177"),
        ("POST /v1/messages/send", b"{"),
        ("POST /v1/messages/send", [1]),
        ("POST /v1/messages/bulk-send", {"from": FOREIGN, "to": [BOB]}),
        ("POST /integration/3cx/messages", {"from": FOREIGN, "to": BOB, "text": "x"}),
        ("POST /v1/messages/receive", {"from": BOB, "to": FOREIGN}),
        ("POST /v1/messages/calls/missed", {"from": BOB, "to": FOREIGN}),
        ("POST /v1/heartbeats", {"phone_numbers": [ALICE, FOREIGN]}),
        ("POST /v1/heartbeats", {"owner": FOREIGN}),
        ("PUT /v1/phones", {"phone_number": FOREIGN}),
        ("PUT /v1/phones/fcm-token", {"phone_number": FOREIGN}),
        ("POST /v1/webhooks", {"phone_numbers": [ALICE, FOREIGN]}),
        (f"DELETE /v1/messages/{THEIRS}", None),
        (f"POST /v1/messages/{THEIRS}/events", {"event_name": "SENT"}),
        (f"DELETE /v1/phones/{THEIRS}", None),
        (f"DELETE /v1/webhooks/{THEIRS}/", None),
        (f"PUT /v1/webhooks/{THEIRS}", {}),
        (f"DELETE /v1/message-threads/{THEIRS}", None),
        (f"DELETE /v1/send-schedules/{THEIRS}", None),
        (f"DELETE /v1/phone-api-keys/{THEIRS}", None),
        (f"DELETE /v1/phone-api-keys/{THEIRS}/phones/{OURS}", None),
        (f"GET /v1/messages/outstanding?message_id={THEIRS}", None),
        (f"DELETE /v1/send-schedules/{THEIRS.replace('-', '')}", None),
        ("POST /v1/bulk-messages", b"--boundary"),
        ("PATCH /v1/anything", None),
    ],
)
def test_what_is_somebody_elses_is_left_alone_unless_it_is_to_be_taken_over(line: str, body: Any) -> None:
    assert refused(line, body)
    assert not refused(line, body, take_over=True)


@pytest.mark.parametrize(
    "line",
    [
        "DELETE /v1/users/me",
        "PUT /v1/users/me",
        "DELETE /v1/users/u1/api-keys",
        "POST /v1/events",
        "DELETE /V1/USERS/ME/",
    ],
)
def test_the_account_itself_is_never_changed(line: str) -> None:
    assert refused(line)
    assert refused(line, take_over=True)


def test_a_refusal_names_what_it_is_about_and_what_lifts_it() -> None:
    why = request_refusal(request("POST /v1/messages/send", {"from": FOREIGN}), OWNED, take_over=False)
    assert why == f"{FOREIGN} is no phone that the story has registered"
    assert "--take-over" in step_refusal(why)


# -- what answers teach ------------------------------------------------------------------------------------------------


def taught(line: str, data: Any, status: int = 200) -> frozenset[str]:
    body = None if line.startswith("GET") else {}
    return learned(request(line, body), Response(status, (), json.dumps({"data": data}).encode()), OWNED)


@pytest.mark.parametrize(
    ("line", "data", "ours"),
    [
        ("POST /v1/messages/send", {"id": THEIRS, "owner": ALICE}, True),
        ("POST /v1/phone-api-keys", {"id": THEIRS, "phone_numbers": []}, True),
        ("GET /v1/messages?owner=x", [{"id": THEIRS, "owner": ALICE}], True),
        ("GET /v1/messages?owner=x", [{"id": THEIRS, "owner": FOREIGN}], False),
        ("GET /v1/phones", [{"id": THEIRS, "phone_number": ALICE}], True),
        ("GET /v1/phones", [{"id": THEIRS, "phone_number": FOREIGN}], False),
        ("GET /v1/webhooks", [{"id": THEIRS, "phone_numbers": [ALICE]}], True),
        ("GET /v1/webhooks", [{"id": THEIRS, "phone_numbers": [ALICE, FOREIGN]}], False),
        ("GET /v1/phone-api-keys", [{"id": THEIRS, "phone_numbers": []}], False),
        ("GET /v1/users/me", {"id": THEIRS}, False),
        ("GET /v1/phones", [None, {"id": 7}], False),
        ("GET /v1/phones", "x", False),
    ],
)
def test_an_answer_shows_what_belongs_to_the_story(line: str, data: Any, ours: bool) -> None:
    assert taught(line, data) == (frozenset({THEIRS}) if ours else frozenset())


def test_what_failed_has_made_nothing() -> None:
    assert taught("POST /v1/messages/send", {"id": THEIRS}, 422) == frozenset()


# -- numbers and phones ------------------------------------------------------------------------------------------------


def test_only_numbers_of_the_list_are_texted_by_a_real_radio() -> None:
    assert number_refusal(BOB, (BOB,)) is None
    assert number_refusal(BOB, ()) == (
        f"{BOB} is not on the list of numbers that may be texted and called: --allow {BOB} puts it there"
    )


def test_a_number_that_is_somebodys_phone_is_registered_only_to_take_it_over() -> None:
    assert phone_refusal(ALICE, (FOREIGN,), take_over=False) is None
    assert phone_refusal(FOREIGN, (FOREIGN,), take_over=True) is None
    assert "--take-over" in str(phone_refusal(FOREIGN, (FOREIGN,), take_over=False))


def test_the_guards_open_nothing_and_ask_nobody() -> None:
    imported = {
        name.name if isinstance(node, ast.Import) else node.module
        for node in ast.walk(ast.parse(inspect.getsource(guards)))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    }
    assert imported == {
        "__future__", "json", "re", "collections.abc", "typing", "harness.frozen", "harness.http.values",
    }  # fmt: skip
