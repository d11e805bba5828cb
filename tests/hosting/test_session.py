"""A gateway that serves one test after the other, each in a world of its own."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

import pytest

from harness import Gateway, encrypt
from harness.instants import SECOND
from harness.serving import ServeOptions
from harness.standin import Pace
from tests.hosting.sessions import session_of
from tests.hosting.test_gateway import ask, delivered, send, texts

ID, OTHER_ID = "32343a19-da5e-4b1b-a767-3298a73703cb", "00000000-da5e-4b1b-a767-3298a73703cb"


def status(gateway: Gateway, path: str) -> int:
    """What the gateway answers over a socket."""
    try:
        ask(gateway, path)
    except urllib.error.HTTPError as error:
        return error.code
    return 200


def test_each_world_is_new_and_its_place_the_same() -> None:
    with session_of() as (gateway, session):
        before = (gateway.url, gateway.user_key, gateway.phones, gateway.webhooks.signing_key)
        messages = set()
        for test in ("one", "two", "one"):
            with session.world_of(test):
                assert (gateway.trace(), gateway.inbox, len(gateway.webhooks)) == ([], (), 0)
                assert texts(gateway) == []
                gateway.webhooks.subscribe()
                gateway.contact("bob").text("Hi")
                messages.add(send(gateway, "Hello"))
                assert gateway.wait_for_sms() == "Hello"
            assert (gateway.url, gateway.user_key, gateway.phones, gateway.webhooks.signing_key) == before
        assert len(messages) == 3


def test_a_world_may_have_a_pace_of_its_own_and_the_next_one_has_the_usual() -> None:
    def at_once(gateway: Gateway) -> int:
        for number in range(3):
            send(gateway, f"{number}")
        gateway.advance(0)
        return len(gateway.inbox)

    with session_of() as (gateway, session):
        for pace, keep_rate, count in ((None, True, 1), (None, None, 3), (Pace.FAITHFUL, None, 1), (None, None, 3)):
            with session.world_of(f"{pace}", pace=pace, keep_rate=keep_rate):
                assert at_once(gateway) == count


def test_two_gateways_with_one_seed_give_a_test_the_same_ids() -> None:
    def first_id() -> str:
        with session_of(ServeOptions(seed=7)) as (gateway, session):
            with session.world_of("another"):
                send(gateway, "Hi")
            with session.world_of("one"):
                return send(gateway, "Hello")

    assert first_id() == first_id()


def test_what_was_there_before_the_first_world_is_in_every_one() -> None:
    with session_of() as (gateway, session):
        delivered(gateway, "prepared")
        for test in ("one", "two"):
            with session.world_of(test):
                assert texts(gateway) == ["prepared"]
                delivered(gateway, test)
                assert texts(gateway) == ["prepared", test]


def test_time_is_that_of_the_machine_again_whatever_a_test_did_to_it() -> None:
    with session_of() as (gateway, session):
        with session.world_of("one"):
            began = gateway._served.driver.now
            gateway.advance(86_400)
            delivered(gateway, "a day later")
        with session.world_of("two"):
            assert gateway._served.driver.now - began < 3600 * SECOND
            delivered(gateway, "today")
            created = ask(gateway, f"/v1/messages/{send(gateway, 'now')}")["created_at"]
            assert created[:13] in {entry_hour(began), entry_hour(began + 3600 * SECOND)}


def entry_hour(at: int) -> str:
    from harness.instants import rfc3339

    return rfc3339(at)[:13]


def test_a_late_call_is_refused_on_a_connection_that_serves_the_next_test_too() -> None:
    with session_of() as (gateway, session):
        with session.world_of("one"):
            message = send(gateway, "Hello")
            hook = gateway.webhooks.subscribe()
        assert status(gateway, "/v1/users/me") == 409
        with session.world_of("two"):
            assert status(gateway, f"/v1/messages/{message}") == 409
            assert status(gateway, f"/v1/webhooks/{hook}") == 409
            assert status(gateway, "/v1/users/me") == 200
            assert status(gateway, f"/v1/messages/{OTHER_ID}") == 404
        late = session.take_late_calls()
        assert [(call.test, call.during) for call in late] == [("one", ""), ("one", "two"), ("one", "two")]


def test_an_account_of_a_former_world_is_known_by_its_key() -> None:
    with session_of() as (gateway, session):
        with session.world_of("one"):
            made = gateway.add_account()
        with session.world_of("two"), pytest.raises(urllib.error.HTTPError, match="409"):
            ask(gateway, "/v1/users/me", key=made.api_key)
        assert made.api_key not in str(session.take_late_calls())


@contextmanager
def silent_application() -> Iterator[tuple[str, threading.Event]]:
    """An application that takes a webhook, and answers when it is let go."""
    import socketserver

    taken, let_go = threading.Event(), threading.Event()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(65536)
            taken.set()
            let_go.wait(30)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/", taken
        finally:
            let_go.set()
            server.shutdown()
            thread.join()


def test_a_webhook_that_is_under_way_ends_with_its_world() -> None:
    with silent_application() as (url, taken), session_of() as (gateway, session):
        with session.world_of("one"):
            gateway.webhooks.subscribe(url, events=["message.phone.received"])
            gateway.contact("bob").text("Hi")
            assert taken.wait(30)
        with session.world_of("two"):
            delivered(gateway, "Hello")
            assert [entry.kind for entry in gateway.trace() if entry.kind.startswith("webhook.")] == []


EVENT = {
    "specversion": "1.0", "id": ID, "source": "/test", "type": "message.phone.received",
    "datacontenttype": "application/json", "time": "2026-01-01T00:00:00Z",
}  # fmt: skip


def test_a_request_that_is_not_answered_when_its_world_ends_gets_409() -> None:
    """What an event is posted for waits until the webhooks that it leads to are answered."""
    options = ServeOptions(queue_user=("queue", "uk_queue"))
    with silent_application() as (url, taken), session_of(options) as (gateway, session):
        answer: Future[Any] = Future()

        def post() -> None:
            data = {
                "message_id": ID, "user_id": gateway._served.bed.account.id, "owner": gateway.number,
                "contact": "+18005550100", "timestamp": "2026-01-01T00:00:00Z", "content": "Hi", "sim": "SIM1",
                "encrypted": False,
            }  # fmt: skip
            body = json.dumps({**EVENT, "data": data}).encode()
            headers = {"x-api-key": "uk_queue", "Content-Type": "application/json"}
            try:
                urllib.request.urlopen(urllib.request.Request(gateway.url + "/v1/events", body, headers), timeout=60)
            except urllib.error.HTTPError as error:
                answer.set_result((error.code, json.load(error)["message"]))

        with session.world_of("one"):
            gateway.webhooks.subscribe(url, events=["message.phone.received"])
            thread = threading.Thread(target=post)
            thread.start()
            assert taken.wait(30)
        assert answer.result(30) == (409, "the test one has ended, and its world with it")
        thread.join()
        assert [str(call) for call in session.take_late_calls()] == [
            "late call of test one: POST /v1/events (it was not answered when the test ended)"
        ]


IN_CLEAR = {"from": "BANK", "content": "a secret text", "sim": "SIM1", "timestamp": "2026-01-01T00:00:00Z"}


def leak(gateway: Gateway) -> None:
    """The application encrypts a text, and then calls one encrypted that is the same in clear."""
    gateway.webhooks.subscribe()
    gateway.phone.do("encryption key Password123")
    content = encrypt("Password123", "a secret text")
    body = {"from": gateway.number, "to": "+18005550100", "content": content, "encrypted": True}
    answer = gateway.ask("POST", "/v1/messages/send", body)
    gateway.webhooks.wait_for("message.phone.sent", message=answer.data["id"])
    gateway.ask("POST", "/v1/messages/receive", {**body, **IN_CLEAR, "to": gateway.number})


def test_what_holds_in_every_world_is_looked_at() -> None:
    with session_of() as (gateway, session), session.world_of("one"):
        delivered(gateway, "Hello")
        assert session.violations() == ()
        leak(gateway)
        assert {violation.partition(":")[0] for violation in session.violations()} == {"no-clear-text"}
        assert session.violations(["no-clear-text"]) == ()


def test_what_led_to_a_world_belongs_to_what_is_looked_at() -> None:
    """Who subscribed before the test does so in no entry of its own."""
    with session_of() as (gateway, session):
        for _ in range(2):
            gateway.webhooks.subscribe()
        snapshot = gateway.snapshot()
        for test in ("one", "two"):
            with session.world_of(test):
                gateway.contact("bob").text("Hi")
                gateway.advance(3600)
                assert len(gateway.webhooks) == 2
                gateway.restore(snapshot)
                delivered(gateway, "Hello")
                gateway.webhooks.wait_for("message.phone.delivered")
                assert session.violations() == ()
                gateway.reset()
                delivered(gateway, "Hello")
                assert session.violations() == ()
