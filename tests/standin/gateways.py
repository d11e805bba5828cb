"""A stand-in in a world of its own, with a push endpoint and a webhook receiver beside it."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.core import Command, Core
from harness.draws import Draws
from harness.http.values import Arrived, Request, Respond, Response
from harness.instants import Instant, ns, parse_rfc3339, rfc3339
from harness.standin import Account, StandIn
from harness.standin.rows import Message, PhoneKey
from harness.trace import Entry
from harness.world import World

__all__ = ["CONTACT", "HOOK", "OWNER", "START_AT", "TOKEN", "Answer", "Gateway", "Other"]

START_AT = parse_rfc3339("2026-11-20T10:00:00.123456789Z")
OWNER = "+18005550199"
CONTACT = "+18005550100"
TOKEN = "registration-token"
HOOK = "http://hooks.internal.test/events"
SYSTEM_KEY = "system-key"
JSON_TYPE = ("Content-Type", "application/json")


class Other(Core):
    """Somebody whom the stand-in calls: keeps what it got, answers by a plan, then always the same.

    None in the plan: no answer at all.
    """

    def __init__(self, name: str, draws: Draws, always: Response) -> None:
        super().__init__(name, draws)
        self.always = always
        self.plan: deque[Response | None] = deque()
        self.requests: list[tuple[Instant, Request]] = []

    def handle(self, event: Any, now: Instant) -> Sequence[Command]:
        assert isinstance(event, Arrived)
        self.requests.append((now, event.request))
        response = self.plan.popleft() if self.plan else self.always
        return [] if response is None else [Respond(event.exchange, response)]


@dataclass(frozen=True)
class Answer:
    response: Response
    body: Any

    @property
    def status(self) -> int:
        return self.response.status

    @property
    def data(self) -> Any:
        return self.body["data"]


class Gateway:
    """The one way in which these tests touch the stand-in."""

    def __init__(self, seed: int = 7, *, plan: str = "200k-monthly", **settings: Any) -> None:
        self.world = World(seed, start_at=START_AT)
        self.standin = StandIn("gateway", self.world.draws("gateway"), queue_user=("system", SYSTEM_KEY), **settings)
        accepted = Response(200, (), b'{"name": "projects/httpsms-test/messages/1"}')
        self.fcm = Other("fcm", self.world.draws("fcm"), accepted)
        self.hook = Other("hook", self.world.draws("hook"), Response(200))
        for core in (self.standin, self.fcm, self.hook):
            self.world.add(core)
        self.world.site("push.internal", "fcm")
        self.world.site("hooks.internal.test", "hook")
        self.account: Account = self.standin.create_account(self.world.now, plan=plan)
        self.calls = 0

    @classmethod
    def with_phone(cls, seed: int = 7, *, plan: str = "200k-monthly", **settings: Any) -> Gateway:
        """With a phone that is registered and allowed to send once a second."""
        gateway = cls(seed, plan=plan, **settings)
        gateway.key = gateway.add_phone(OWNER, TOKEN)
        gateway.call("PUT", "/v1/phones", {"phone_number": OWNER, "fcm_token": TOKEN, "messages_per_minute": 60})
        gateway.settle(1)
        return gateway

    key: str = ""
    """The API key of the phone."""

    # -- requests ------------------------------------------------------------------------------------------------

    def call(
        self,
        method: str,
        target: str,
        json_body: Any = None,
        *,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
        raw: bytes | None = None,
    ) -> Answer:
        """Sends a request and waits for its answer. `key` None: the user's; empty: none."""
        sent = [("Host", "api.internal")]
        secret = self.account.api_key if key is None else key
        if secret:
            sent.append(("x-api-key", secret))
        body = b"" if raw is None else raw
        if json_body is not None:
            body = json.dumps(json_body).encode()
            sent.append(JSON_TYPE)
        sent += (headers or {}).items()
        response = self.ask(Request(method, "http", "api.internal", target.encode(), tuple(sent), body))
        return Answer(response, _read(response))

    def ask(self, request: Request) -> Response:
        self.calls += 1
        exchange = f"call-{self.calls}"
        self.world.inject("gateway", Arrived(exchange, request))
        while True:
            for outward in self.world.outward:
                command = outward.command
                if isinstance(command, Respond) and command.exchange == exchange:
                    self.world.outward.remove(outward)
                    return command.response
            assert self.world.step(), f"{request.method} {request.path} was never answered"

    def settle(self, seconds: float = 1.5) -> None:
        self.world.run_until(self.world.now + ns(seconds))

    # -- what tests do all the time ------------------------------------------------------------------------------

    def add_phone(self, number: str, token: str, sim: str = "SIM1") -> str:
        """Registers a phone with a new phone key; returns the key."""
        secret: str = self.call("POST", "/v1/phone-api-keys", {"name": "key"}).data["api_key"]
        self.call("PUT", "/v1/phones/fcm-token", {"phone_number": number, "fcm_token": token, "sim": sim}, key=secret)
        self.settle(0.1)
        return secret

    def send(self, **fields: Any) -> Answer:
        body = {"from": OWNER, "to": CONTACT, "content": "hello", **fields}
        return self.call("POST", "/v1/messages/send", body)

    def fetch(self, message_id: str) -> Answer:
        return self.call("GET", f"/v1/messages/outstanding?message_id={message_id}", key=self.key)

    def report(self, message_id: str, name: str, timestamp: str | None = None, **fields: Any) -> Answer:
        body = {"event_name": name, "timestamp": timestamp or rfc3339(self.world.now), **fields}
        return self.call("POST", f"/v1/messages/{message_id}/events", body, key=self.key)

    def receive(self, **fields: Any) -> Answer:
        body = {"from": CONTACT, "to": OWNER, "content": "hi", "sim": "SIM1", **fields}
        body.setdefault("timestamp", rfc3339(self.world.now))
        return self.call("POST", "/v1/messages/receive", body, key=self.key)

    def subscribe(self, *events: str, signing_key: str = "signing-key", url: str = HOOK) -> Answer:
        body = {"url": url, "signing_key": signing_key, "phone_numbers": [OWNER], "events": list(events)}
        return self.call("POST", "/v1/webhooks", body)

    def inject(self, event_type: str, data: Mapping[str, Any], **attributes: Any) -> Answer:
        event = {"specversion": "1.0", "id": "1", "source": "/test", "type": event_type, "data": data}
        return self.call("POST", "/v1/events", event | attributes, key=SYSTEM_KEY)

    def check_expiry(self, message_id: str) -> Answer:
        """As if the message's time had run out."""
        data = {"message_id": message_id, "scheduled_at": "2026-01-01T00:00:00Z", "user_id": self.account.id}
        return self.inject("message.send.expired.check", data)

    # -- what came of it -----------------------------------------------------------------------------------------

    def message(self, message_id: str) -> Message:
        return self.standin.messages[message_id]

    def phone_key(self) -> PhoneKey:
        return self.standin.phone_keys[self.standin.phone_key_ids[self.key]]

    def hooks(self) -> list[Any]:
        """The bodies that the receiver got."""
        return [json.loads(request.body) for _, request in self.hook.requests]

    def pushes(self) -> list[Any]:
        return [json.loads(request.body)["message"] for _, request in self.fcm.requests]

    def entries(self, hop: str, kind: str = "") -> list[Entry]:
        """What the trace says of a hop; `kind` is the beginning of a kind."""
        return [entry for entry in self.world.trace.entries if entry.hop == hop and entry.kind.startswith(kind)]


def _read(response: Response) -> Any:
    kind = response.header("Content-Type") or ""
    if kind.startswith("application/json"):
        return json.loads(response.body) if response.body else None
    return response.body.decode("utf-8", "replace")
