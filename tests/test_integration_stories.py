"""What the real server's own integration suite asserts (gateway-protocol.md, Appendix D), against a `serve` process.

It is set up as that suite sets up the real one: the same users, and the environment variables of the real server. The
push service and the receiver of webhooks are played here, on ports of their own, and the phone by its HTTP calls.
"""

from __future__ import annotations

import io
import itertools
import json
import threading
import time
import urllib.error
import urllib.parse
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.request import Request, urlopen

import pytest

from harness import decrypt, encrypt
from harness.instants import SECOND, parse_rfc3339, rfc3339
from harness.wire.tokens import verify
from tests.processes import TIMEOUT_S, Gateway, end, opened, start

USER_KEY = "test-user-api-key"
USERS = {
    "test-user-id": USER_KEY,
    "rotate-test-user-id": "rotate-test-api-key",
    "system-user-id": "system-user-api-key",
}
SENT, DELIVERED, RECEIVED = "message.phone.sent", "message.phone.delivered", "message.phone.received"
SIGNING_KEY = "a signing key of thirty-two bytes"
NUMBERS = (f"+1800555{number}" for number in itertools.count(3000))


@dataclass(frozen=True)
class Posted:
    path: str
    headers: Mapping[str, str]
    body: str


class Journal:
    """A server of somebody else: takes every POST, answers always the same, and remembers it."""

    def __init__(self, answer: Mapping[str, str]) -> None:
        self._posted: list[Posted] = []
        self._grown = threading.Condition()
        journal, content = self, json.dumps(answer).encode()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                journal._put(Posted(self.path, dict(self.headers), body))
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: Any) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def _put(self, posted: Posted) -> None:
        with self._grown:
            self._posted.append(posted)
            self._grown.notify_all()

    def with_text(self, text: str) -> list[Posted]:
        """What came so far with `text` in its path or body."""
        return [posted for posted in list(self._posted) if text in posted.path + posted.body]

    def wait_for(self, text: str, count: int = 1) -> list[Posted]:
        """At least `count` requests with `text` in path or body."""
        with self._grown:
            came = self._grown.wait_for(lambda: len(self.with_text(text)) >= count, TIMEOUT_S)
        assert came, f"{len(self.with_text(text))} of {count} came with {text!r}"
        return self.with_text(text)

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@dataclass(frozen=True)
class Stack:
    """The gateway with all that is around it."""

    gateway: Gateway
    fcm: Journal
    hooks: Journal

    def ask(self, path: str, body: Any = None, *, key: str = USER_KEY, method: str | None = None) -> Any:
        return self.gateway.ask(path, body, key, method)["data"]

    def advance(self, seconds: float) -> None:
        """Moves the server's clock; comes back when everything is done that was due till then."""
        self.gateway.ask("/_control/advance", {"seconds": seconds})

    def message(self, message_id: str) -> Any:
        """The message when all that was reported has been handled."""
        self.advance(0)
        return self.ask(f"/v1/messages/{message_id}")

    def messages(self, owner: str, contact: str) -> Any:
        query = urllib.parse.urlencode({"owner": owner, "contact": contact, "limit": 20, "skip": 0})
        return self.ask(f"/v1/messages?{query}")

    def thread(self, owner: str, contact: str, *, archived: bool = False) -> Any:
        """The thread of owner and contact in the inbox or in the archive; None if it is not there."""
        self.advance(0)
        query = urllib.parse.urlencode({"owner": owner, "is_archived": str(archived).lower(), "limit": 20})
        found = [row for row in self.ask(f"/v1/message-threads?{query}") if row["contact"] == contact]
        return found[0] if found else None

    def phone(self, messages_per_minute: int = 60) -> Phone:
        """A phone that is set up as the suite does it."""
        number, token = next(NUMBERS), f"fcm-{next(NUMBERS)}"
        key = self.ask("/v1/phone-api-keys", {"name": f"test-key-{number}"})["api_key"]
        phone = {"phone_number": number, "fcm_token": token, "sim": "SIM1"}
        more = {"messages_per_minute": messages_per_minute, "max_send_attempts": 2, "message_expiration_seconds": 600}
        self.ask("/v1/phones", {**phone, **more}, method="PUT")
        self.ask("/v1/phones/fcm-token", phone, key=key, method="PUT")
        return Phone(self, number, key)

    def upload(self, name: str, content: bytes) -> tuple[int, str]:
        """Posts a bulk file; status and message of the answer."""
        head = f'--x\r\nContent-Disposition: form-data; name="document"; filename="{name}"\r\n'
        kind = "Content-Type: application/octet-stream\r\n\r\n"
        body = (head + kind).encode() + content + b"\r\n--x--\r\n"
        headers = {"x-api-key": USER_KEY, "Content-Type": "multipart/form-data; boundary=x"}
        with urlopen(Request(f"{self.gateway.url}/v1/bulk-messages", body, headers), timeout=TIMEOUT_S) as answer:
            return answer.status, json.load(answer)["message"]

    def bulk(self, *recipients: tuple[str, str]) -> tuple[list[str], str]:
        """The messages of an upload, each of an owner and a contact; and the id that they share."""
        rows = [row for owner, contact in recipients for row in self.messages(owner, contact)]
        [request_id] = {row["request_id"] for row in rows}
        assert request_id.startswith("bulk-")
        return [row["id"] for row in rows], request_id

    def counts(self, request_id: str) -> dict[str, int]:
        """What the history says of an upload, without the zeros."""
        self.advance(0)
        [entry] = [entry for entry in self.ask("/v1/bulk-messages") if entry["request_id"] == request_id]
        return {name: count for name, count in entry.items() if name not in ("request_id", "created_at") and count}


@dataclass(frozen=True)
class Phone:
    """A phone that somebody plays by the calls that the app makes."""

    stack: Stack
    number: str
    key: str

    def send(self, content: str, to: str, **more: Any) -> str:
        """The id of a message that an application sends by this phone."""
        body = {"from": self.number, "to": to, "content": content, **more}
        message_id: str = self.stack.ask("/v1/messages/send", body)["id"]
        return message_id

    def fetch(self, message_id: str) -> Any:
        return self.stack.ask(f"/v1/messages/outstanding?message_id={message_id}", key=self.key)

    def report(self, message_id: str, *events: str) -> None:
        for event in events:
            body = {"event_name": event, "timestamp": rfc3339(time.time_ns())}
            self.stack.ask(f"/v1/messages/{message_id}/events", body, key=self.key)

    def receive(self, content: str, sender: str, age_s: int = 0, **more: Any) -> str:
        """The id of a text that reached the phone so many seconds ago."""
        body = {"from": sender, "to": self.number, "content": content, "sim": "SIM1", **more}
        body["timestamp"] = rfc3339(time.time_ns() - age_s * SECOND)
        message_id: str = self.stack.ask("/v1/messages/receive", body, key=self.key)["id"]
        return message_id

    def miss_call(self, caller: str) -> None:
        body = {"from": caller, "to": self.number, "sim": "SIM1", "timestamp": rfc3339(time.time_ns())}
        self.stack.ask("/v1/messages/calls/missed", body, key=self.key)

    def subscribe(self, *events: str) -> str:
        """The URL of a webhook for this phone."""
        url = f"{self.stack.hooks.url}/webhooks/{next(NUMBERS)}"
        body = {"url": url, "signing_key": SIGNING_KEY, "phone_numbers": [self.number], "events": events}
        self.stack.ask("/v1/webhooks", body)
        return url

    def told(self, url: str, count: int) -> list[str]:
        """The types of the events that reached the webhook, each with a token that verifies."""
        calls = self.stack.hooks.wait_for(url.removeprefix(self.stack.hooks.url), count)
        for call in calls:
            claims = verify(call.headers["Authorization"].removeprefix("Bearer "), SIGNING_KEY, url, time.time_ns())
            assert (claims["iss"], claims["sub"]) == ("api.httpsms.com", "test-user-id")
        return sorted(call.headers["X-Event-Type"] for call in calls)


@contextmanager
def a_stack() -> Iterator[Stack]:
    fcm, hooks = Journal({"name": "projects/httpsms-test/messages/fake-message-id"}), Journal({"status": "received"})
    environment = {
        "APP_HOST": "127.0.0.1",
        "APP_PORT": "0",
        "EVENTS_QUEUE_ENDPOINT": "http://localhost:8000/v1/events",
        "EVENTS_QUEUE_USER_ID": "system-user-id",
        "EVENTS_QUEUE_USER_API_KEY": "system-user-api-key",
        "FCM_ENDPOINT": fcm.url,
    }
    accounts = [f"--account=user_id={user},api_key={key},plan=pro-monthly" for user, key in USERS.items()]
    process = start("serve", "--control", "--keep-rate", *accounts, environment=environment)
    try:
        yield Stack(opened(process), fcm, hooks)
    finally:
        end(process)
        fcm.close()
        hooks.close()


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with a_stack() as running:
        yield running


def test_an_encrypted_text_goes_out_as_it_is_with_its_flag(stack: Stack) -> None:
    phone, contact = stack.phone(), next(NUMBERS)
    hook = phone.subscribe(SENT, DELIVERED)
    ciphertext = encrypt("a key", "Hello")
    message_id = phone.send(ciphertext, contact, encrypted=True)
    assert len(stack.fcm.wait_for(message_id)) == 1
    outstanding = phone.fetch(message_id)
    assert (outstanding["content"], outstanding["encrypted"]) == (ciphertext, True)
    phone.report(message_id, "SENT", "DELIVERED")
    message = stack.message(message_id)
    assert (message["status"], message["content"], message["encrypted"]) == ("delivered", ciphertext, True)
    assert decrypt("a key", message["content"]) == "Hello"
    assert phone.told(hook, 2) == [DELIVERED, SENT]


def test_an_encrypted_text_comes_in_as_it_is_with_its_flag(stack: Stack) -> None:
    phone = stack.phone()
    hook = phone.subscribe(RECEIVED)
    ciphertext = encrypt("a key", "Hello")
    message = stack.message(phone.receive(ciphertext, next(NUMBERS), encrypted=True))
    assert (message["status"], message["content"], message["encrypted"]) == ("received", ciphertext, True)
    assert decrypt("a key", message["content"]) == "Hello"
    assert phone.told(hook, 1) == [RECEIVED]


def test_two_sends_of_a_phone_with_ten_a_minute_are_pushed_six_seconds_apart(stack: Stack) -> None:
    phone, contact = stack.phone(10), next(NUMBERS)
    hook = phone.subscribe(SENT, DELIVERED)
    messages = [phone.send(f"Rate limit {number}", contact) for number in range(2)]
    stack.advance(6)
    with urlopen(f"{stack.gateway.url}/_control/trace", timeout=TIMEOUT_S) as lines:
        entries = [json.loads(line) for line in lines]
    pushed_at = {entry["message"]: entry["at"] for entry in entries if entry["kind"] == "message.notification.send"}
    assert pushed_at[messages[1]] - pushed_at[messages[0]] >= 5.5 * SECOND
    assert [len(stack.fcm.wait_for(message_id)) for message_id in messages] == [1, 1]
    for message_id in messages:
        phone.report(message_id, "SENT", "DELIVERED")
    assert [stack.message(message_id)["status"] for message_id in messages] == ["delivered"] * 2
    assert phone.told(hook, 4) == [DELIVERED, DELIVERED, SENT, SENT]


def test_a_rotated_key_is_refused_at_once(stack: Stack) -> None:
    user_id = "rotate-test-user-id"
    old = USERS[user_id]
    me = stack.ask("/v1/users/me", key=old)
    assert (me["id"], me["api_key"]) == (user_id, old)
    new = stack.ask(f"/v1/users/{user_id}/api-keys", key=old, method="DELETE")["api_key"]
    assert new != old
    with pytest.raises(urllib.error.HTTPError, match="401"):
        stack.ask("/v1/users/me", key=old)
    assert stack.ask("/v1/users/me", key=new)["id"] == user_id


def test_a_text_is_pushed_once_then_fetched_sent_and_delivered(stack: Stack) -> None:
    phone, contact = stack.phone(), next(NUMBERS)
    hook = phone.subscribe(SENT, DELIVERED)
    message_id = phone.send("Hello", contact)
    [push] = stack.fcm.wait_for(message_id)
    assert push.path.endswith("/messages:send")
    message = phone.fetch(message_id)
    assert [message[name] for name in ("id", "content", "owner", "contact")] == [
        message_id, "Hello", phone.number, contact,
    ]  # fmt: skip
    phone.report(message_id, "SENT", "DELIVERED")
    message = stack.message(message_id)
    assert (message["status"], message["content"]) == ("delivered", "Hello")
    assert phone.told(hook, 2) == [DELIVERED, SENT]


def test_a_heartbeat_is_stored_and_read(stack: Stack) -> None:
    phone = stack.phone()
    stack.ask("/v1/heartbeats", {"phone_numbers": [phone.number], "charging": True}, key=phone.key)
    [beat] = stack.ask(f"/v1/heartbeats?owner={urllib.parse.quote(phone.number)}&limit=1")
    assert (beat["owner"], beat["charging"]) == (phone.number, True)
    assert abs(parse_rfc3339(beat["timestamp"]) - time.time_ns()) < 600 * SECOND


def test_a_csv_file_is_sent_and_counted(stack: Stack) -> None:
    phone, contact = stack.phone(), next(NUMBERS)
    lines = f"FromPhoneNumber,ToPhoneNumber,Content,SendTime(optional)\n{phone.number},{contact},By file,\n"
    status, said = stack.upload("test.csv", lines.encode())
    assert (status, "1 out of 1" in said) == (202, True)
    [message_id], request_id = stack.bulk((phone.number, contact))
    stack.fcm.wait_for(message_id)
    phone.report(message_id, "SENT")  # without a fetch, from `scheduled`
    assert stack.message(message_id)["status"] == "sent"
    assert stack.counts(request_id) == {"total": 1, "sent_count": 1}


def test_an_excel_file_is_sent_and_counted(stack: Stack) -> None:
    phone, contacts = stack.phone(), (next(NUMBERS), next(NUMBERS))
    rows = [(phone.number, contact, f"To {contact}", "") for contact in contacts]
    head = ("FromPhoneNumber", "ToPhoneNumber", "Content", "SendTime(optional)")
    status, said = stack.upload("test.xlsx", workbook(head, *rows))
    assert (status, "2 out of 2" in said) == (202, True)
    (first, second), request_id = stack.bulk(*((phone.number, contact) for contact in contacts))
    stack.advance(12)  # the second row waits for its turn, and then for the phone's
    for message_id in (first, second):
        stack.fcm.wait_for(message_id)
    phone.report(first, "SENT", "DELIVERED")
    assert [stack.message(message_id)["status"] for message_id in (first, second)] == ["delivered", "scheduled"]
    assert stack.counts(request_id) == {"total": 2, "delivered_count": 1, "scheduled_count": 1}


def test_what_comes_in_is_unread_until_it_is_read_and_what_goes_out_does_not_read_it(stack: Stack) -> None:
    phone, contact = stack.phone(), next(NUMBERS)
    phone.receive("Hello", contact)
    thread = stack.thread(phone.number, contact)
    assert thread["is_read"] is False
    read = stack.ask(f"/v1/message-threads/{thread['id']}", {"is_read": True}, method="PUT")
    assert (read["is_read"], read["contact"], read["last_message_content"]) == (True, contact, "Hello")
    assert stack.thread(phone.number, contact)["is_read"] is True
    phone.miss_call(contact)
    thread = stack.thread(phone.number, contact)
    assert (thread["is_read"], thread["last_message_content"]) == (False, "Missed phone call")
    phone.send("I was away", contact)
    thread = stack.thread(phone.number, contact)
    assert (thread["is_read"], thread["last_message_content"]) == (False, "I was away")


@pytest.mark.parametrize("unarchives", [True, False])
def test_an_archived_thread_comes_back_only_where_the_phone_wants_it(stack: Stack, unarchives: bool) -> None:
    phone, contact = stack.phone(), next(NUMBERS)
    if unarchives:
        settings = {"phone_number": phone.number, "sim": "SIM1", "unarchive_thread": True}
        stack.ask("/v1/phones", settings, method="PUT")
    assert stack.message(phone.receive("one", contact, age_s=60))["status"] == "received"
    thread = stack.thread(phone.number, contact)
    stack.ask(f"/v1/message-threads/{thread['id']}", {"is_archived": True}, method="PUT")
    assert stack.thread(phone.number, contact) is None
    assert stack.thread(phone.number, contact, archived=True)["id"] == thread["id"]
    assert stack.message(phone.receive("two", contact))["status"] == "received"
    after = stack.thread(phone.number, contact, archived=not unarchives)
    assert (after["is_archived"], after["last_message_content"]) == (not unarchives, "two")
    assert stack.thread(phone.number, contact, archived=unarchives) is None


def workbook(*rows: tuple[str, ...]) -> bytes:
    """An Excel file with one sheet of texts."""
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    packages = "http://schemas.openxmlformats.org/package/2006"
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    types = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    cells = "".join(
        f'<row r="{number}">'
        + "".join(
            f'<c r="{"ABCD"[column]}{number}" t="inlineStr"><is><t>{text}</t></is></c>'
            for column, text in enumerate(row)
        )
        + "</row>"
        for number, row in enumerate(rows, 1)
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{packages}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{types}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{types}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{packages}/relationships">'
        f'<Relationship Id="rId1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{packages}/relationships">'
        f'<Relationship Id="rId1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {main} xmlns:r="{office}"><sheets>'
        '<sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/worksheets/sheet1.xml": f"<worksheet {main}><sheetData>{cells}</sheetData></worksheet>",
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{content}')
    return file.getvalue()
