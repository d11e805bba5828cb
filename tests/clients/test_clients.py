"""The published clients for Node.js and Go work with `serve`, each in a process of its own."""

from __future__ import annotations

import base64
import json
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import jwt
import pytest

from tests.clients.children import NODE, Client, client, missing, phone, write_line
from tests.processes import NUMBER, Gateway, gateway
from tests.test_serving import receiver, said_by

CONTACT = "+18005550100"
KEY = "Password123"
SIGNING_KEY = "a signing key of at least 32 bytes"
DELIVERED, RECEIVED = "message.phone.delivered", "message.phone.received"
NOBODY = "2b38f1a4-5f3c-4b7e-9d6a-0c1e2f3a4b5c"  # the id of nothing

# Every method that the clients have; `hash` is private in the npm package's types.
OFFERS = {
    "node": {"messages.postSend", "cipher.encrypt", "cipher.decrypt", "cipher.hash"},
    "go": {
        "Messages.Send", "Messages.Index", "Heartbeats.Index", "MessageThreads.Index", "MessageThreads.Delete",
        "Cipher.Encrypt", "Cipher.Decrypt",
    },
}  # fmt: skip
TEXTS = ["Hello", "Übergrößenträger 🙂 \u4f60\u597d", "<b>1 & 2</b> \"quoted\" 'and' \\ \u2028.", "long " * 100]


@dataclass(frozen=True, slots=True)
class World:
    """A gateway with one phone, which has the encryption key KEY; and a receiver of its webhooks at `hook`."""

    gateway: Gateway
    phone: subprocess.Popen[str]
    hook: str
    next_call: Callable[[], tuple[dict[str, str], bytes]]

    def texted(self, contact: str) -> str:
        """The next text that reached the contact."""
        line = said_by(self.phone, f"{NUMBER} -> {contact}: ")
        return line.partition(f"{contact}: ")[2].removesuffix("\n")

    def text(self, sender: str, text: str) -> None:
        """Somebody texts the phone."""
        write_line(self.phone, f"{sender} {text}")

    def webhook(self, event: str, **facts: Any) -> tuple[str, dict[str, Any]]:
        """The token and the `data` of the next call of this type whose `data` has these members."""
        while True:
            headers, content = self.next_call()
            data: dict[str, Any] = json.loads(content)["data"]
            if headers["X-Event-Type"] == event and facts.items() <= data.items():
                return headers["Authorization"].removeprefix("Bearer "), data

    def row(self, message: str) -> dict[str, Any]:
        row: dict[str, Any] = self.gateway.ask(f"/v1/messages/{message}")["data"]
        return row


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with gateway("--phones", "0") as served, phone(served, KEY) as handset, receiver() as (hook, next_call):
        body = {"url": hook, "signing_key": SIGNING_KEY, "phone_numbers": [NUMBER], "events": [DELIVERED, RECEIVED]}
        served.ask("/v1/webhooks", body)
        yield World(served, handset, hook, next_call)


@pytest.fixture(scope="module", params=["node", "go"])
def sdk(request: pytest.FixtureRequest) -> Iterator[Client]:
    why = missing(request.param)
    if why:
        pytest.skip(why)
    world: World = request.getfixturevalue("world")
    with client(request.param, world.gateway.url, world.gateway.user_key) as started:
        yield started


only_go = pytest.mark.parametrize("sdk", ["go"], indirect=True)


def draft(content: str, *, to: str = CONTACT, encrypted: bool = False, **more: Any) -> dict[str, Any]:
    return {"from": NUMBER, "to": to, "content": content, "encrypted": encrypted, **more}


def test_every_method_that_a_client_offers_is_tested_here(sdk: Client) -> None:
    assert set(sdk.ask("offers")) == OFFERS[sdk.language]


# -- sending -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", TEXTS, ids=["ascii", "unicode", "escaped", "long"])
def test_what_a_client_sends_is_what_the_contact_reads(sdk: Client, world: World, text: str) -> None:
    message = sdk.ask("send", message=draft(text, request_id=f"{sdk.language}-1"))
    assert world.texted(CONTACT) == text
    expected = {"owner": NUMBER, "contact": CONTACT, "content": text, "encrypted": False, "sim": "SIM1"}
    sent = {**expected, "status": "pending", "type": "mobile-terminated", "request_id": f"{sdk.language}-1"}
    assert {name: message[name] for name in sent} == sent
    world.webhook(DELIVERED, id=message["id"], **expected)
    assert world.row(message["id"])["status"] == "delivered"


@pytest.mark.parametrize("text", TEXTS, ids=["ascii", "unicode", "escaped", "long"])
def test_what_a_client_encrypts_goes_out_in_the_clear_by_radio_alone(sdk: Client, world: World, text: str) -> None:
    ciphertext = sdk.ask("encrypt", key=KEY, text=text)
    message = sdk.ask("send", message=draft(ciphertext, encrypted=True))
    assert world.texted(CONTACT) == text
    assert (message["encrypted"], message["content"]) == (True, ciphertext)
    assert world.row(message["id"])["content"] == ciphertext


def test_a_text_that_the_phone_has_encrypted_is_decrypted_by_a_client(sdk: Client, world: World) -> None:
    world.text(CONTACT, TEXTS[1])
    _, facts = world.webhook(RECEIVED)
    assert (facts["encrypted"], facts["contact"]) == (True, CONTACT)
    assert TEXTS[1] not in facts["content"]
    assert sdk.ask("decrypt", key=KEY, ciphertext=facts["content"]) == TEXTS[1]
    assert sdk.ask("decrypt", key="another", ciphertext=facts["content"]) != TEXTS[1]
    stored = world.row(facts["message_id"])["content"]
    assert sdk.ask("decrypt", key=KEY, ciphertext=stored) == TEXTS[1]


# -- what is refused ---------------------------------------------------------------------------------------------------

REFUSED = [
    (draft(""), 422, "content"),
    (draft("x" * 2049), 422, "content"),
    (draft("Hello", to="nobody"), 422, "to"),
    (draft("Hello") | {"from": "+18005550111"}, 422, "from"),
]


@pytest.mark.parametrize(("message", "status", "field"), REFUSED, ids=["empty", "too long", "to", "from"])
def test_a_refusal_reaches_the_caller_of_a_client(sdk: Client, message: Any, status: int, field: str) -> None:
    refused = sdk.result("send", message=message)
    assert str(status) in refused["error"]
    assert refused["status"] == status
    assert (refused["body"]["status"], list(refused["body"]["data"])) == ("error", [field])


def test_a_wrong_key_is_401(sdk: Client, world: World) -> None:
    with client(sdk.language, world.gateway.url, "uk_wrong") as stranger:
        refused = stranger.result("send", message=draft("Hello"))
    assert refused["status"] == 401
    assert refused["body"]["message"] == "You are not authorized to carry out this request."


# -- webhook tokens, by the libraries that people use in these languages -----------------------------------------------


def claims_of(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


FORGED: dict[str, Callable[[str], str]] = {
    "another key": lambda token: jwt.encode(claims_of(token), "x" * 32),
    "another issuer": lambda token: jwt.encode(claims_of(token) | {"iss": "example.org"}, SIGNING_KEY),
    "another receiver": lambda token: jwt.encode(claims_of(token) | {"aud": ["http://127.0.0.1/"]}, SIGNING_KEY),
    "too late": lambda token: jwt.encode(claims_of(token) | {"exp": claims_of(token)["nbf"]}, SIGNING_KEY),
    "no signature": lambda token: jwt.encode(claims_of(token), None, "none"),
    "claims changed": lambda token: _with_claims(token, claims_of(token) | {"sub": "somebody"}),
}


def _with_claims(token: str, claims: dict[str, Any]) -> str:
    head, _, signature = token.split(".")
    return f"{head}.{base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.{signature}"


def test_the_token_of_a_webhook_verifies_with_other_peoples_libraries(sdk: Client, world: World) -> None:
    world.text(CONTACT, "Hello")
    token, _ = world.webhook(RECEIVED)
    asked = {"key": SIGNING_KEY, "audience": world.hook}
    claims = sdk.ask("verify", token=token, **asked)
    assert (claims["iss"], claims["aud"]) == ("api.httpsms.com", [world.hook])
    assert claims["exp"] - claims["iat"] == claims["iat"] - claims["nbf"] == 600
    passed = [
        name for name, forge in FORGED.items() if "error" not in sdk.result("verify", token=forge(token), **asked)
    ]
    assert passed == []


# -- the shape of answers ----------------------------------------------------------------------------------------------


def test_a_message_has_every_field_that_a_client_declares(sdk: Client, world: World) -> None:
    if sdk.language == "go":
        declared = sdk.ask("declares")["message"]
    else:
        types = (NODE / "node_modules" / "httpsms" / "dist" / "src" / "models.d.ts").read_text(encoding="utf-8")
        declared = re.findall(r"^    (\w+)\??:", types.partition("export type Message = {")[2], re.MULTILINE)
    assert len(declared) > 20
    message = sdk.ask("send", message=draft("Hello"))
    world.texted(CONTACT)
    # A column of the real server that is in none of its answers, either (gateway-protocol.md 3.1).
    assert set(declared) - world.row(message["id"]).keys() == {"can_be_polled"}


# -- lists: the npm package has none -----------------------------------------------------------------------------------


@only_go
def test_messages_are_listed_newest_first_in_pages_and_by_what_is_in_them(sdk: Client, world: World) -> None:
    contact, texts = "+18005550101", ["one", "two", "three"]
    for text in texts:
        sdk.ask("send", message=draft(text, to=contact))
        assert world.texted(contact) == text

    def listed(**facts: Any) -> list[str]:
        rows = sdk.ask("messages", owner=NUMBER, contact=contact, **facts)
        return [row["content"] for row in rows]

    assert listed(limit=10) == ["three", "two", "one"]
    assert listed(limit=1, skip=1) == ["two"]
    assert listed(limit=10, query="TWO") == ["two"]
    assert listed(limit=0) == []


@only_go
def test_a_message_keeps_its_values_on_the_way_through_the_clients_types(sdk: Client, world: World) -> None:
    sent = sdk.ask("send", message=draft("Hello", to="+18005550102"))
    world.webhook(DELIVERED, id=sent["id"])
    [row] = sdk.ask("messages", owner=NUMBER, contact="+18005550102", limit=1)
    real = world.row(row["id"])
    assert {name: row[name] for name in row if name != "can_be_polled"} == {
        name: real[name] for name in row if name in real
    }


@only_go
def test_the_phones_heartbeats_are_listed(sdk: Client, world: World) -> None:
    made = world.gateway.ask("/v1/heartbeats", {"phone_numbers": [NUMBER], "charging": True})["data"][0]
    listed = sdk.ask("heartbeats", owner=NUMBER, limit=10)
    assert listed[0]["id"] == made["id"]
    real = world.gateway.ask(f"/v1/heartbeats?owner=%2B{NUMBER[1:]}&limit=10")["data"]
    assert listed == [{name: row[name] for name in sdk.ask("declares")["heartbeat"]} for row in real]


@only_go
def test_a_deleted_thread_is_gone_with_its_messages(sdk: Client, world: World) -> None:
    contact = "+18005550103"
    sent = sdk.ask("send", message=draft("Hello", to=contact))
    world.webhook(DELIVERED, id=sent["id"])

    def threads() -> list[dict[str, Any]]:
        return [thread for thread in sdk.ask("threads", owner=NUMBER, limit=20) if thread["contact"] == contact]

    [thread] = threads()
    assert (thread["last_message_content"], thread["is_archived"]) == ("Hello", False)
    assert sdk.result("delete_thread", id=thread["id"]).get("status") == 204
    assert threads() == []
    assert sdk.ask("messages", owner=NUMBER, contact=contact, limit=1) == []
    assert sdk.result("delete_thread", id=NOBODY)["status"] == 404
