"""Keys, pass phrases and tokens are seen in no entry of the trace and in nothing that cores tell each other.

Requests and answers are left out: they carry these secrets, and the trace shows none of their headers and bodies.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from harness.core import Command
from harness.draws import Draws
from harness.errors import ProtocolError
from harness.http.values import Answered, Arrived, Call, Request, Respond, Response
from harness.instants import Instant
from harness.parties import ApiCall, Client, IssuePhoneKey, Receiver, SendText, Subscribe, WriteText
from harness.phone import ChangeSettings, LogOut
from harness.push import PushService
from harness.wire.client import UserAccess
from harness.wire.fcm import MESSAGE_ID
from harness.wire.tokens import sign
from tests.phone.kit import ALICE, BOB, ID, SETTINGS, Gateway, PhoneWorld, outstanding

USER_KEY, PHONE_KEY, PHRASE = "uk-very-secret", "pk-very-secret", "phrase-very-secret"
TOKEN, SIGNING_KEY = "token-very-secret", "a-very-secret-signing-key-of-some-length"
CLEAR = "meet me at noon"
HOOK = "http://hooks.internal/events"


class BusyGateway(Gateway):
    """Hands out a phone key, pushes what it is sent, and calls the webhook for what it receives."""

    def handle(self, event: Any, now: Instant) -> Iterable[Command]:
        if not isinstance(event, Arrived):
            return []
        request = event.request
        place = f"{request.method} {request.path}"
        body = json.loads(request.body) if request.body else {}
        match place:
            case "POST /v1/phone-api-keys":
                return [_respond(event, {"data": {"api_key": PHONE_KEY}})]
            case "PUT /v1/phones/fcm-token" | "PUT /v1/phones":
                return [_respond(event, {"data": {"id": "1", "user_id": "u"}, "message": "m", "status": "s"})]
            case "POST /v1/messages/send":
                self.script.outbox[ID] = {"content": body["content"], "encrypted": body["encrypted"]}
                message = {"token": TOKEN, "data": {MESSAGE_ID: ID}}
                target = "http://push.internal/v1/projects/p/messages:send"
                return [_respond(event, {"data": {"id": ID}}), _post(target, {"message": message})]
            case "GET /v1/messages/outstanding":
                return [Respond(event.exchange, outstanding(**self.script.outbox[ID]))]
            case "POST /v1/messages/receive":
                hook = {"type": "message.phone.received", "data": {"message_id": "2", "content": body["content"]}}
                bearer = ("Authorization", f"Bearer {sign(SIGNING_KEY, 'u', HOOK, now)}")
                return [_respond(event, {}), _post(HOOK, hook, bearer)]
            case _:
                return [_respond(event, {})]


def _respond(event: Arrived, body: Any) -> Respond:
    return Respond(event.exchange, Response(200, (), json.dumps(body).encode()))


def _post(url: str, body: Any, *headers: tuple[str, str]) -> Call:
    scheme, _, rest = url.partition("://")
    authority, _, path = rest.partition("/")
    content = json.dumps(body).encode()
    return Call(url, "gateway", Request("POST", scheme, authority, f"/{path}".encode(), headers, content))


class Listener:
    """A fault that only listens."""

    name = "listener"

    def __init__(self) -> None:
        self.heard: list[str] = []

    def apply(self, command: Command, draws: Draws) -> Sequence[tuple[int, Command]] | None:
        if not isinstance(command, Call | Respond):
            self.heard.append(repr(command))
        return None

    def fork(self) -> Listener:
        return self


def _busy_world() -> tuple[PhoneWorld, Listener]:
    settings = replace(SETTINGS, api_key=None, registration_token=TOKEN, encryption_key=PHRASE, encrypt_received=True)
    here, listener = PhoneWorld(3, settings, BusyGateway), Listener()
    world = here.world
    world.add(PushService("push", world.draws("push")))
    world.add(Receiver("receiver", world.draws("receiver"), HOOK, SIGNING_KEY))
    world.add(Client("client", world.draws("client"), UserAccess("http", "api.internal", USER_KEY)))
    world.wire("phone:alice", "push", "push")
    world.site("push.internal", "push")
    world.site("hooks.internal", "receiver")
    for core in world.cores:
        world.fault(core, listener)
    return here, listener


ACTS: tuple[tuple[str, Any], ...] = (
    ("client", IssuePhoneKey("1", "phone:alice", "alice")),
    ("client", Subscribe("2", HOOK, SIGNING_KEY, (ALICE,), ("message.phone.received",))),
    ("client", ApiCall("3", "PUT", "/v1/phones", {"fcm_token": TOKEN})),
    ("client", SendText("4", ALICE, BOB, CLEAR, encryption_key=PHRASE)),
    ("contact:bob", WriteText(ALICE, CLEAR)),
    ("phone:alice", ChangeSettings((("encryption_key", PHRASE), ("api_key", PHONE_KEY)))),
    ("phone:alice", LogOut()),
)


def _play(here: PhoneWorld) -> list[str]:
    """All acts, one after the other; how the phone's settings look after each."""
    world, settings = here.world, []
    for core, act in ACTS:
        world.inject(core, act, due_at=world.now + 1)
        while world.next_due_at is not None and world.next_due_at <= world.now + 1:  # not the heartbeat to come
            world.step()
        settings.append(repr(here.phone.settings))
    return settings


def test_no_secret_is_shown_anywhere() -> None:
    here, listener = _busy_world()
    shown = [*_play(here), *listener.heard, *here.world.trace.lines(), *(repr(act) for _, act in ACTS)]
    kinds = {(entry.hop, entry.kind) for entry in here.world.trace.entries}
    expected = {("phone", "logged in"), ("phone", "delivered"), ("webhook", "message.phone.received")}
    assert expected <= kinds, "the story did not come to its end"
    for secret in (USER_KEY, PHONE_KEY, PHRASE, TOKEN, SIGNING_KEY):
        assert [line for line in shown if secret in line] == []


def test_the_clear_text_of_an_encrypted_message_is_seen_on_the_radio_alone() -> None:
    here, _ = _busy_world()
    _play(here)
    hops = {entry.hop for entry in here.world.trace.entries if CLEAR in str(dict(entry.facts))}
    assert hops == {"radio", "contact"}


def test_an_error_names_its_event_by_its_kind_alone() -> None:
    error = ProtocolError("phone:alice", Answered("api-1", Response(200, (), PHONE_KEY.encode())), "any")
    assert PHONE_KEY not in str(error)


def test_the_listener_hears_what_is_said() -> None:
    here, listener = _busy_world()
    here.world.inject("contact:bob", WriteText(ALICE, PHRASE))
    here.run()
    assert any(PHRASE in line for line in listener.heard)
