"""Two accounts that use one stand-in in any way there is: what they do is data, so that it can be drawn and repeated.

An `Act` is one thing that one of them does. Acts of a group arrive at the same instant; between groups time stands
still unless an act moves it, so events of earlier acts are still under way.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from harness.http.values import Arrived, Request, Respond, Response
from harness.instants import SECOND, Instant, ns, rfc3339
from harness.standin import LoseUpdates, Pace
from harness.standin.races import WITHIN_NS
from harness.trace import Entry
from harness.wire.events import WEBHOOK_EVENTS
from tests.standin.gateways import CONTACT, OWNER, SYSTEM_KEY, Gateway

__all__ = ["CONTACTS", "HOUR", "NUMBERS", "Act", "Done", "Group", "Play"]

HOUR = 3600 * SECOND
PATIENCE = 600 * SECOND
NUMBERS = (OWNER, "+18005550198")
CONTACTS = (CONTACT, "+18005550101", "36787")
WAITS_S = (0.001, 0.02, 1, 7, 65, 700, 3600, 90_000)
AGES_S = (0, 0, 5, -3, 3600, 40 * 86_400)
# What those whom the stand-in calls do instead of taking the call; None: they do not answer.
PUSHES: tuple[Response | None, ...] = (Response(404), Response(503), Response(200, (), b"no JSON"), None)
HOOKS: tuple[Response | None, ...] = (Response(500), Response(302, (("Location", "/other"),)), Response(410), None)
FORM = "multipart/form-data; boundary=part"


@dataclass(frozen=True)
class Act:
    """`what` names a method of `Play`. `which` and `how` choose among what there is; `how` 7: what is the other's."""

    what: str
    who: int = 0
    which: int = 0
    how: int = 0


Group = Sequence[Act]


def number(act: Act) -> str:
    """Mostly the one that has a phone from the beginning."""
    return NUMBERS[act.how > 5]


def contact(act: Act) -> str:
    """Few, so that conversations grow."""
    return CONTACTS[act.which % 5 // 2]


@dataclass(frozen=True)
class Done:
    """A request that was made, and its answer."""

    act: Act
    request: Request
    response: Response
    began_at: Instant

    @property
    def asked(self) -> str:
        return self.request.target.decode() + self.request.body.decode()

    @property
    def data(self) -> Any:
        return json.loads(self.response.body)["data"]


class Play:
    """A stand-in with two accounts, each with a phone and a webhook. Both use the same numbers.

    `stepped` sees every delivery, `answered` every answer.
    """

    def __init__(self, seed: int, pace: Pace, *, racing: bool = False) -> None:
        self.gateway = Gateway(seed, pace=pace)
        self.world, self.standin = self.gateway.world, self.gateway.standin
        other = self.standin.create_account(self.world.now, user_id="the-other-user")
        self.users = (self.gateway.account, other)
        self.keys = [user.api_key for user in self.users]
        self.phone_keys: tuple[list[str], list[str]] = ([], [])
        self.texts = 0
        self.calls = 0
        self._written: list[Entry] = []
        self.world.trace.subscribe(lambda entry: self._written.append(entry))
        for what in ("create_key", "register", "create_webhook"):
            self.perform([Act(what, 0), Act(what, 1)])
            self.run(SECOND)
        if racing:
            self.world.inject("gateway", LoseUpdates())
            self.run(0)

    # -- how it goes on ------------------------------------------------------------------------------------------

    def perform(self, group: Group) -> list[Done]:
        """Does these at once, and waits until all are answered."""
        began_at = self.world.now
        asked = [(act, request) for act in group for request in (getattr(self, act.what)(act),) if request is not None]
        responses = self.ask_all([request for _, request in asked])
        done = [Done(*one, response, began_at) for one, response in zip(asked, responses, strict=True)]
        for one in done:
            self._learn(one)
            self.answered(one)
        return done

    def ask_all(self, requests: Sequence[Request]) -> list[Response]:
        names = [f"call-{self.calls + number}" for number in range(len(requests))]
        self.calls += len(requests)
        for name, request in zip(names, requests, strict=True):
            self.world.inject("gateway", Arrived(name, request))
        responses: dict[str, Response] = {}
        until_at = self.world.now + PATIENCE
        while len(responses) < len(requests):
            assert self.step(until_at), "a request was not answered"
            for outward in self.world.outward:
                assert isinstance(outward.command, Respond), outward
                assert outward.command.exchange not in responses, "answered twice"
                responses[outward.command.exchange] = outward.command.response
            self.world.outward.clear()
        return [responses[name] for name in names]

    def run(self, duration: int) -> None:
        """What happens in so long (ns)."""
        at = self.world.now + duration
        while self.step(at):
            pass
        self.world.now = max(self.world.now, at)

    def step(self, until_at: Instant | None = None) -> bool:
        if not self.world.step(until_at):
            return False
        entries, self._written = self._written, []
        self.stepped(entries)
        return True

    def stepped(self, entries: list[Entry]) -> None:
        """One delivery was made, and these entries were written."""

    def answered(self, done: Done) -> None:
        """A request was answered."""

    def _learn(self, done: Done) -> None:
        if done.response.status < 300 and done.act.what == "create_key":
            self.phone_keys[done.act.who].append(done.data["api_key"])
        elif done.response.status < 300 and done.act.what == "rotate":
            self.keys[done.act.who] = done.data["api_key"]

    # -- requests ------------------------------------------------------------------------------------------------

    def request(
        self, act: Act, method: str, path: str, body: Any = None, *, key: str | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Request:  # fmt: skip
        """With the user's key, or another one."""
        target = path + ("?" + urlencode(query) if query else "")
        headers = (("x-api-key", key or self.keys[act.who]), ("Content-Type", "application/json"))
        content = b"" if body is None else json.dumps(body).encode()
        return Request(method, "http", "h", target.encode(), headers, content)

    def phone_key(self, act: Act) -> str:
        """A phone key of the account: one that is good for the number, or any; or the user's key."""
        keys = self.phone_keys[act.who]
        good = [key.api_key for key in self.standin.phone_keys.values() if number(act) in key.phone_numbers]
        own = [key for key in keys if key in good]
        if own and act.how != 5:
            return own[0]
        return keys[act.which % len(keys)] if keys and act.how != 6 else self.keys[act.who]

    def one_of(self, act: Act, table: str) -> Any:
        """A row of the account, or of the other one; None if there is none."""
        user = self.users[act.who if act.how != 7 else 1 - act.who]
        rows = [row for row in getattr(self.standin, table).values() if row.user_id == user.id]
        return rows[act.which % len(rows)] if rows else None

    def at_row(self, act: Act, method: str, path: str, table: str, body: Any = None) -> Request | None:
        row = self.one_of(act, table)
        return None if row is None else self.request(act, method, f"{path}/{row.id}", body)

    def time(self, act: Act) -> str | None:
        age_s = AGES_S[(act.which + act.how) % len(AGES_S)]
        return None if act.how == 5 else rfc3339(self.world.now - ns(age_s))

    def content(self, act: Act) -> str:
        self.texts += 1
        return f"text {self.texts} of {self.users[act.who].id}"

    # -- acts: messages ------------------------------------------------------------------------------------------

    def send(self, act: Act) -> Request:
        body: dict[str, Any] = {"from": number(act), "to": contact(act), "encrypted": act.how == 1}
        body["content"] = self.content(act)
        if act.which >= 5:
            body["send_at"] = rfc3339(self.world.now + (-HOUR, 30 * SECOND, 200 * HOUR)[act.which - 5])
        if act.how == 2:
            body["request_id"] = f"bulk-{act.which}"
        return self.request(act, "POST", "/v1/messages/send", body)

    def bulk_send(self, act: Act) -> Request:
        body = {"from": number(act), "to": CONTACTS[: act.which % 4], "content": self.content(act)}
        return self.request(act, "POST", "/v1/messages/bulk-send", body)

    def upload(self, act: Act) -> Request:
        at = rfc3339(self.world.now + 60 * SECOND) if act.how > 3 else ""
        rows = [f"{number(act)},{to},{self.content(act)},{at}" for to in CONTACTS[:2]]
        head = 'Content-Disposition: form-data; name="document"; filename="texts.csv"\r\nContent-Type: text/csv'
        sheet = "\n".join(["FromPhoneNumber,ToPhoneNumber,Content,SendTime(optional)", *rows])
        headers = (("x-api-key", self.keys[act.who]), ("Content-Type", FORM))
        body = f"--part\r\n{head}\r\n\r\n{sheet}\r\n--part--\r\n".encode()
        return Request("POST", "http", "h", b"/v1/bulk-messages", headers, body)

    def three_cx(self, act: Act) -> Request:
        body = {"from": "+18005550150" if act.how == 5 else number(act), "to": contact(act)}
        return self.request(act, "POST", "/integration/3cx/messages", body | {"text": self.content(act)})

    def _incoming(self, act: Act) -> dict[str, Any]:
        return {
            "from": contact(act), "to": number(act), "sim": "SIM1", "timestamp": self.time(act),
        }  # fmt: skip

    def receive(self, act: Act) -> Request:
        body = self._incoming(act) | {"content": self.content(act)}
        return self.request(act, "POST", "/v1/messages/receive", body, key=self.phone_key(act))

    def miss_call(self, act: Act) -> Request:
        key = self.phone_key(act)
        return self.request(act, "POST", "/v1/messages/calls/missed", self._incoming(act), key=key)

    def fetch(self, act: Act) -> Request | None:
        row = self.one_of(act, "messages")
        if row is None:
            return None
        query = {"message_id": row.id}
        return self.request(act, "GET", "/v1/messages/outstanding", key=self.phone_key(act), query=query)

    def report(self, act: Act) -> Request | None:
        body = {"event_name": ("SENT", "DELIVERED", "FAILED")[act.how % 3], "timestamp": self.time(act)}
        row = self.one_of(act, "messages")
        if row is None:
            return None
        return self.request(act, "POST", f"/v1/messages/{row.id}/events", body, key=self.phone_key(act))

    def expire(self, act: Act) -> Request | None:
        """As if the message's time had run out."""
        row = self.one_of(act, "messages")
        if row is None:
            return None
        data = {"message_id": row.id, "scheduled_at": rfc3339(self.world.now), "user_id": row.user_id}
        return self._event(act, "message.send.expired.check", data)

    def inject(self, act: Act) -> Request | None:
        """As if a phone had reported, or as if it were time for a push."""
        row, phone = self.one_of(act, "messages"), self.one_of(act, "phones")
        if row is None or phone is None:
            return None
        at = rfc3339(self.world.now)
        data = {"id": row.id, "user_id": row.user_id, "owner": row.owner, "contact": row.contact, "sim": row.sim}
        if act.how % 2:
            data |= {"phone_id": phone.id, "notification_id": phone.id, "scheduled_at": at}
            return self._event(act, "message.notification.send", data)
        kind = ("message.phone.sent", "message.phone.delivered", "message.send.failed")[act.which % 3]
        return self._event(act, kind, data | {"content": row.content, "timestamp": at, "error_message": "?"})

    def _event(self, act: Act, kind: str, data: Mapping[str, Any]) -> Request:
        body = {"specversion": "1.0", "id": "1", "source": "/test", "type": kind, "data": data}
        return self.request(act, "POST", "/v1/events", body, key=SYSTEM_KEY)

    def read_message(self, act: Act) -> Request | None:
        return self.at_row(act, "GET", "/v1/messages", "messages")

    def delete_message(self, act: Act) -> Request | None:
        return self.at_row(act, "DELETE", "/v1/messages", "messages")

    def update_thread(self, act: Act) -> Request | None:
        body = ({"is_read": True}, {"is_archived": True}, {"is_archived": False}, {"is_read": False})[act.how % 4]
        return self.at_row(act, "PUT", "/v1/message-threads", "threads", body)

    def delete_thread(self, act: Act) -> Request | None:
        return self.at_row(act, "DELETE", "/v1/message-threads", "threads")

    # -- acts: phones and their keys -----------------------------------------------------------------------------

    def put_phone(self, act: Act) -> Request:
        schedule = self.one_of(act, "schedules")
        schedule_id = "" if schedule is None or act.how == 4 else schedule.id
        body: dict[str, Any] = {
            "phone_number": NUMBERS[act.which % 4 // 3],
            "sim": "SIM1",
            "fcm_token": f"token-{act.who}",
            "message_send_schedule_id": schedule_id,
        }
        body |= (
            {"messages_per_minute": 60},
            {"messages_per_minute": 7},
            {"max_send_attempts": 1 + act.which % 5, "message_expiration_seconds": 60},
            {"missed_call_auto_reply": f"an answer of {self.users[act.who].id}"},
            {"unarchive_thread": True},
            {"message_expiration_seconds": 0},
            {},
            {},
        )[act.how]
        if act.how == 6:
            del body["fcm_token"]
        return self.request(act, "PUT", "/v1/phones", body)

    def register(self, act: Act) -> Request:
        keys = self.phone_keys[act.who]
        key = keys[act.which % len(keys)] if keys and act.how != 6 else None
        body = {"phone_number": number(act), "fcm_token": f"token-{act.who}", "sim": "SIM2"}
        return self.request(act, "PUT", "/v1/phones/fcm-token", body, key=key)

    def delete_phone(self, act: Act) -> Request | None:
        return self.at_row(act, "DELETE", "/v1/phones", "phones")

    def create_key(self, act: Act) -> Request:
        return self.request(act, "POST", "/v1/phone-api-keys", {"name": "key"})

    def delete_key(self, act: Act) -> Request | None:
        return self.at_row(act, "DELETE", "/v1/phone-api-keys", "phone_keys")

    def unlink_phone(self, act: Act) -> Request | None:
        key, phone = self.one_of(act, "phone_keys"), self.one_of(act, "phones")
        if key is None or phone is None:
            return None
        return self.request(act, "DELETE", f"/v1/phone-api-keys/{key.id}/phones/{phone.id}")

    def heartbeat(self, act: Act) -> Request:
        body = {"phone_numbers": [number(act)], "charging": True}
        return self.request(act, "POST", "/v1/heartbeats", body, key=self.phone_key(act))

    def check_heartbeat(self, act: Act) -> Request | None:
        monitor = self.one_of(act, "monitors")
        if monitor is None:
            return None
        data = {"phone_id": monitor.phone_id, "user_id": monitor.user_id, "owner": monitor.owner}
        data |= {"monitor_id": monitor.id, "scheduled_at": rfc3339(self.world.now)}
        return self._event(act, "phone.heartbeat.check", data)

    # -- acts: the rest of an account ----------------------------------------------------------------------------

    def _webhook(self, act: Act) -> dict[str, Any]:
        events = WEBHOOK_EVENTS[: 1 + act.which] if act.which else WEBHOOK_EVENTS
        url = f"http://hooks.internal.test/{self.users[act.who].id}"
        return {"url": url, "signing_key": "k", "phone_numbers": [number(act)], "events": list(events)}

    def create_webhook(self, act: Act) -> Request:
        return self.request(act, "POST", "/v1/webhooks", self._webhook(act))

    def update_webhook(self, act: Act) -> Request | None:
        return self.at_row(act, "PUT", "/v1/webhooks", "webhooks", self._webhook(act))

    def delete_webhook(self, act: Act) -> Request | None:
        return self.at_row(act, "DELETE", "/v1/webhooks", "webhooks")

    def _schedule(self, act: Act) -> dict[str, Any]:
        # It all begins on a Friday, at ten o'clock.
        start = 60 * (7 + act.how)
        window = {"day_of_week": (5, 5, 6, 0)[act.which % 4], "start_minute": start, "end_minute": start + 30}
        zone = ("UTC", "UTC", "Asia/Tokyo", "Asia/Kathmandu")[act.which // 2]
        return {"name": "office", "timezone": zone, "windows": [window]}

    def create_schedule(self, act: Act) -> Request:
        return self.request(act, "POST", "/v1/send-schedules", self._schedule(act))

    def update_schedule(self, act: Act) -> Request | None:
        return self.at_row(act, "PUT", "/v1/send-schedules", "schedules", self._schedule(act))

    def delete_schedule(self, act: Act) -> Request | None:
        return self.at_row(act, "DELETE", "/v1/send-schedules", "schedules")

    def rotate(self, act: Act) -> Request:
        user = self.users[act.who if act.how != 7 else 1 - act.who]
        return self.request(act, "DELETE", f"/v1/users/{user.id}/api-keys")

    def me(self, act: Act) -> Request:
        if act.how % 2:
            return self.request(act, "GET", "/v1/users/me")
        return self.request(act, "PUT", "/v1/users/me", {"timezone": ("UTC", "Asia/Tokyo", "none")[act.which % 3]})

    def delete_me(self, act: Act) -> Request:
        return self.request(act, "DELETE", "/v1/users/me")

    def usage(self, act: Act) -> Request:
        return self.request(act, "GET", "/v1/billing/usage-history" if act.how % 2 else "/v1/billing/usage")

    def look(self, act: Act) -> Request:
        owner = NUMBERS[act.which % 4 // 3]
        path, query = (
            ("/v1/messages", {"owner": owner, "contact": contact(act), "limit": "-1"}),
            ("/v1/message-threads", {"owner": owner, "limit": "-1"}),
            ("/v1/message-threads", {"owner": owner, "limit": "-1", "is_archived": "true"}),
            ("/v1/heartbeats", {"owner": owner, "limit": "-1"}),
            ("/v1/phones", {"limit": "-1"}),
            ("/v1/phone-api-keys", {"limit": "-1"}),
            ("/v1/webhooks", {"limit": "-1"}),
            (("/v1/send-schedules", "/v1/bulk-messages")[act.which % 2], {}),
        )[act.how]
        return self.request(act, "GET", path, query=query)

    # -- acts: not of an account ---------------------------------------------------------------------------------

    def wait(self, act: Act) -> None:
        self.run(ns(WAITS_S[act.how]))

    def race(self, act: Act) -> None:
        """From now on updates may be lost, or no longer."""
        self.world.inject("gateway", LoseUpdates(WITHIN_NS * (act.how % 2)))

    def fail_pushes(self, act: Act) -> None:
        self.gateway.fcm.plan.extend([PUSHES[act.how % len(PUSHES)]] * (1 + act.which % 4))

    def fail_hooks(self, act: Act) -> None:
        self.gateway.hook.plan.extend([HOOKS[act.how % len(HOOKS)]] * (1 + act.which % 4))
