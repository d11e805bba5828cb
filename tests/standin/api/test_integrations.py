"""harness.standin.api.integrations: 3CX, Discord, Lemon Squeezy (gateway-protocol.md §2.17)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.standin.gateways import CONTACT, OWNER, TOKEN, Gateway

THREE_CX = "/integration/3cx/messages"
DISCORD = "/v1/discord-integrations"
UNKNOWN = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
SIGNATURE = "0f" * 64


def test_a_text_from_3cx_is_sent_like_any_other() -> None:
    gateway = Gateway.with_phone()
    answer = gateway.call("POST", THREE_CX, {"from": OWNER.lstrip("+"), "to": CONTACT.lstrip("+"), "text": "hi"})
    message_id = answer.body["data"]["payload"]["id"]
    assert (answer.status, answer.body) == (200, {"data": {"payload": {"id": message_id}}})
    gateway.settle()
    message = gateway.message(message_id)
    assert (message.owner, message.contact, message.content) == (OWNER, CONTACT, "hi")
    assert (message.request_id, message.status.value, message.max_send_attempts) == ("integration-3cx", "scheduled", 2)
    assert [push["data"]["KEY_MESSAGE_ID"] for push in gateway.pushes()] == [message_id]
    (usage,) = gateway.standin.usages.values()
    assert usage.sent_messages == 1


@pytest.mark.parametrize(
    ("body", "owner", "contact"),
    [
        ({"from": "x", "to": "", "text": ""}, "+00", ""),
        ({"from": CONTACT, "to": "Bank", "text": "hi"}, CONTACT, "Bank"),
        ({}, "+00", ""),
    ],
)
def test_a_text_from_an_unregistered_number_stays_pending(body: dict[str, str], owner: str, contact: str) -> None:
    gateway = Gateway.with_phone()
    answer = gateway.call("POST", THREE_CX, body)
    gateway.settle()
    message = gateway.message(answer.body["data"]["payload"]["id"])
    assert (message.owner, message.contact, message.status.value) == (owner, contact, "pending")
    assert (message.sim, message.max_send_attempts, message.attachments) == ("SIM1", 2, None)
    assert gateway.pushes() == []


@pytest.mark.parametrize(
    ("body", "status"),
    [({"from": OWNER, "to": CONTACT, "text": "a\0b"}, 500), ({"from": 5}, 400), (None, 400)],
)
def test_hardly_anything_is_refused(body: Any, status: int) -> None:
    gateway = Gateway.with_phone()
    assert gateway.call("POST", THREE_CX, body).status == status
    assert not gateway.standin.messages


def test_the_limit_of_the_plan_holds_for_3cx() -> None:
    gateway = Gateway.with_phone(plan="free", control=True)
    gateway.call("PATCH", f"/_control/accounts/{gateway.account.id}", {"sent_messages": 200}, key="")
    answer = gateway.call("POST", THREE_CX, {"from": OWNER, "to": CONTACT, "text": "hi"})
    assert answer.status == 402
    assert answer.body["message"].startswith("You have exceeded your limit of [200] messages on your [free] plan.")


# -- Discord -----------------------------------------------------------------------------------------------------

SERVER = {"name": "Game", "server_id": "1095778291488653372", "incoming_channel_id": "1095780203256627291"}
NOT_FETCHED = {
    "incoming_channel_id": [
        "cannot fetch discord channel with ID [1095780203256627291] make sure the bot has access to the channel"
    ],
    "server_id": [
        "cannot fetch discord server with ID [1095778291488653372] make sure the bot has access to the server"
    ],
}


@pytest.mark.parametrize(
    ("query", "status"),
    [("", 200), ("?limit=100&skip=5", 200), ("?query=x", 500), ("?limit=x", 422), ("?query= ", 200)],
)
def test_a_list_of_discord_servers_is_empty_or_an_error(query: str, status: int) -> None:
    answer = Gateway().call("GET", DISCORD + query.replace(" ", "%20"))
    assert answer.status == status
    if status == 200:
        assert (answer.data, answer.body["message"]) == ([], "fetched 0 discord integrations")
    if status == 422:
        assert answer.body["message"] == "validation errors while fetching discord integrations"


@pytest.mark.parametrize(
    ("method", "path", "doing"), [("POST", DISCORD, "storing"), ("PUT", f"{DISCORD}/{UNKNOWN}", "updating")]
)
@pytest.mark.parametrize(
    ("body", "data"),
    [
        (SERVER, NOT_FETCHED),
        ({name: f" {value} " for name, value in SERVER.items()}, NOT_FETCHED),
        (
            {"name": "x" * 256, "server_id": "x", "incoming_channel_id": ""},
            {
                "incoming_channel_id": [
                    "The incoming_channel_id field is required",
                    "The incoming_channel_id field must be numeric",
                ],
                "name": ["The name field must be maximum 255 char"],
                "server_id": ["The server_id field must be numeric"],
            },
        ),
    ],
)
def test_a_discord_server_is_refused_by_the_rules_or_because_discord_is_out_of_reach(
    method: str, path: str, doing: str, body: dict[str, str], data: dict[str, list[str]]
) -> None:
    answer = Gateway().call(method, path, body)
    assert (answer.status, answer.body["message"]) == (422, f"validation errors while {doing} discord integration")
    assert answer.data == data


@pytest.mark.parametrize(
    ("method", "discord_id", "body", "status", "problems"),
    [
        ("PUT", "x", SERVER, 422, ["discordID"]),
        ("PUT", "x", {"name": 5}, 400, []),
        ("DELETE", "x", None, 422, ["discordID"]),
        ("DELETE", UNKNOWN, None, 500, []),
    ],
)
def test_the_id_of_a_discord_server_is_judged(
    method: str, discord_id: str, body: Any, status: int, problems: list[str]
) -> None:
    answer = Gateway().call(method, f"{DISCORD}/{discord_id}", body)
    assert answer.status == status
    if problems:
        assert list(answer.data) == problems


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"X-Signature-Timestamp": "1"}, 401),
        ({"X-Signature-Ed25519": "x", "X-Signature-Timestamp": "1"}, 401),
        ({"X-Signature-Ed25519": SIGNATURE[2:], "X-Signature-Timestamp": "1"}, 401),
        ({"X-Signature-Ed25519": SIGNATURE}, 401),
        ({"X-Signature-Ed25519": SIGNATURE.upper(), "X-Signature-Timestamp": "1"}, 500),
    ],
)
def test_an_event_of_discord_is_believed_by_nobody(headers: dict[str, str], status: int) -> None:
    answer = Gateway().call("POST", "/discord/event", {"type": 1}, key="", headers=headers)
    assert answer.status == status
    if status == 401:
        assert answer.data == "Make sure your API key is set in the [X-API-Key] header in the request"


# -- Lemon Squeezy -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [{}, {"X-Signature": TOKEN, "X-Event-Name": "subscription_created"}])
def test_an_event_of_the_payment_provider_is_believed_by_nobody(headers: dict[str, str]) -> None:
    answer = Gateway().call("POST", "/lemonsqueezy/event", {}, key="", headers=headers)
    assert (answer.status, answer.body["message"]) == (422, "validation errors while storing lemonsqueezy event")
    assert answer.data == {"body": ["The signature is not valid"]}
