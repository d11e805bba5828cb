"""What a test sees of the webhooks: those of the receiver that is built in, and those of the application's own."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
import pytest

from harness import Gateway
from harness.errors import NotSeen, UsageError
from tests.hosting.test_gateway import send


@contextmanager
def application(*statuses: int) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Where an application takes its webhooks, and what came; it answers with these, the last one again and again."""
    came: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            came.append({"body": body, "token": self.headers["Authorization"].removeprefix("Bearer ")})
            self.send_response(statuses[min(len(came), len(statuses)) - 1])
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield (
            f"http://localhost.localdomain:{server.server_port}/hook".replace("localhost.localdomain", "127.0.0.1"),
            came,
        )
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_the_receiver_that_is_built_in_takes_what_it_is_subscribed_to() -> None:
    with Gateway() as gateway:
        gateway.webhooks.subscribe(events=["message.phone.received"])
        gateway.contact("bob").text("Hi")
        call = gateway.webhooks.wait_for("message.phone.received")
        assert (call.content, call.status, call.failed, call.attempt) == ("Hi", 200, False, 1)
        assert call.data["contact"] == "+18005550100"
        assert ([one.event for one in gateway.webhooks], len(gateway.webhooks)) == ([call.event], 1)
        assert gateway.webhooks[0] == call


def test_the_application_gets_its_calls_with_a_token_of_the_key() -> None:
    with application(200) as (url, came), Gateway() as gateway:
        gateway.webhooks.subscribe(url, events=["message.phone.sent"])
        message = send(gateway, "Hello")
        call = gateway.webhooks.wait_for("message.phone.sent", message=message, content="Hello")
        assert (call.url, call.body) == (url, came[0]["body"])
        claims = jwt.decode(came[0]["token"], gateway.webhooks.signing_key, ["HS256"], audience=url)
        assert claims["iss"] == "api.httpsms.com"


def test_a_call_is_made_twice_and_only_then_has_it_failed_for_good() -> None:
    with application(500, 200, 503) as (url, _), Gateway() as gateway:
        gateway.webhooks.subscribe(url, events=["message.phone.received"])
        gateway.contact("bob").text("one")
        assert [gateway.webhooks.wait_for().status for _ in range(2)] == [500, 200]
        assert gateway._calls.unread_failures == ()
        gateway.contact("bob").text("two")
        assert [gateway.webhooks.wait_for().attempt for _ in range(2)] == [1, 2]
        assert [str(call) for call in gateway._calls.unread_failures] == [
            f"message.phone.received to {url}, attempt 2: answered 503"
        ]
        assert [call.content for call in gateway.webhooks.failures] == ["two"]
        assert gateway._calls.unread_failures == ()


def test_the_second_attempt_is_waited_for_where_the_first_has_failed() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens
        with Gateway() as gateway:
            gateway.webhooks.subscribe(f"http://127.0.0.1:{taken.getsockname()[1]}/", events=["message.phone.received"])
            gateway.contact("bob").text("one")
            assert gateway.webhooks.wait_for().failed
            gateway._calls.settle(30)
            assert len(gateway.webhooks.failures) == 1


def test_a_webhook_is_awaited_where_a_loop_must_go_on() -> None:
    async def story(gateway: Gateway) -> str | None:
        waiting = asyncio.create_task(gateway.webhooks.arrives("message.phone.received", content="Hi"))
        await asyncio.sleep(0)
        gateway.contact("bob").text("Hi")
        return (await waiting).content

    with Gateway() as gateway:
        gateway.webhooks.subscribe()
        assert asyncio.run(story(gateway)) == "Hi"


def test_a_wait_in_vain_shows_who_has_subscribed() -> None:
    with Gateway(timeout_s=0) as gateway:
        with pytest.raises(NotSeen, match="nobody has subscribed"):
            gateway.webhooks.wait_for("message.phone.received")
        gateway.webhooks.subscribe(events=["message.phone.sent"])
        with pytest.raises(NotSeen, match=r"subscribed: http://\S+ to message\.phone\.sent"):
            gateway.webhooks.wait_for("message.phone.received", content="Hi")


def test_what_cannot_be_is_refused_with_the_gateways_words() -> None:
    with Gateway() as gateway:
        with pytest.raises(UsageError, match=r"no such webhook \(422\): validation errors .*: The url field"):
            gateway.webhooks.subscribe("nowhere", numbers=["+18005550123"])
        with pytest.raises(UsageError, match=r"there is no event 'message\.received'"):
            gateway.webhooks.wait_for("message.received")
