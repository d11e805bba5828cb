"""Gateways and phones as processes: nothing shared but sockets, and nothing acknowledged is ever lost."""

from __future__ import annotations

import contextlib
import random
import signal
import socket
import sqlite3
import subprocess
import threading
import time
import urllib.error
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from harness.wire.tokens import verify
from tests.processes import NUMBER, Gateway, end, gateway, open_gateway, opened, start

DELIVERED = "message.phone.delivered"


def entry_of(entries: Iterator[dict[str, Any]], **facts: Any) -> dict[str, Any]:
    """The first entry with these members."""
    return next(entry for entry in entries if all(entry.get(name) == value for name, value in facts.items()))


def said_by(process: subprocess.Popen[str], text: str) -> str:
    """The first line on stderr that has `text` in it."""
    assert process.stderr is not None
    return next(line for line in process.stderr if text in line)


@contextmanager
def receiver() -> Iterator[tuple[str, Callable[[], tuple[dict[str, str], bytes]]]]:
    """A webhook receiver of somebody else: its URL, and the next call that it gets."""
    calls: list[tuple[dict[str, str], bytes]] = []
    more = threading.Condition()

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"name": "taken"}')
            with more:
                calls.append((dict(self.headers), body))
                more.notify_all()

        def log_message(self, *_: Any) -> None: ...

    def next_call() -> tuple[dict[str, str], bytes]:
        with more:
            assert more.wait_for(lambda: bool(calls), 20)
            return calls.pop(0)

    server = HTTPServer(("127.0.0.1", 0), Hook)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook", next_call
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


# -- serve with its own phone ------------------------------------------------------------------------------------------


def test_a_text_sent_as_soon_as_the_gateway_says_its_url_is_delivered() -> None:
    with gateway("--control") as served:
        entries = served.follow()
        message = served.send("Hello")
        entry_of(entries, kind=DELIVERED, message=message)
        row = served.ask(f"/v1/messages/{message}")["data"]
        assert row["status"] == "delivered"
        assert row["sent_at"] is not None  # SENT is never overtaken within one process


# -- gateway, phone and receiver apart ---------------------------------------------------------------------------------


def test_gateway_phone_and_receiver_are_three_processes_with_nothing_shared() -> None:
    with receiver() as (hook, next_call), gateway("--phones", "0", "--control") as served:
        phone = start("phone", "--server", served.url, "--phone-key", served.phone_key, "--number", NUMBER)
        try:
            said_by(phone, "logged in")
            events = ["message.phone.sent", DELIVERED]
            body = {"url": hook, "signing_key": "s" * 32, "phone_numbers": [NUMBER], "events": events}
            served.ask("/v1/webhooks", body)
            served.send("Hello")
            assert "+18005550100: Hello" in said_by(phone, "-> +18005550100")
            came = [next_call(), next_call()]
        finally:
            end(phone)
        assert sorted(headers["X-Event-Type"] for headers, _ in came) == sorted(events)
        token = came[0][0]["Authorization"].removeprefix("Bearer ")
        assert verify(token, "s" * 32, hook, time.time_ns())["iss"] == "api.httpsms.com"


def test_webhook_tokens_follow_the_real_clock_wherever_that_of_the_gateway_is() -> None:
    with receiver() as (hook, next_call), gateway("--control") as served:
        body = {"url": hook, "signing_key": "s" * 32, "phone_numbers": [NUMBER], "events": [DELIVERED]}
        served.ask("/v1/webhooks", body)
        served.ask("/_control/advance", {"seconds": 1e6})
        served.send("Hello")
        headers, _ = next_call()
        verify(headers["Authorization"].removeprefix("Bearer "), "s" * 32, hook, time.time_ns())


def test_a_phone_brings_a_push_service_for_the_servers_fcm_endpoint() -> None:
    port = free_port()
    with gateway("--control", "--fcm-endpoint", f"http://127.0.0.1:{port}") as served:
        arguments = ("--server", served.url, "--phone-key", served.phone_key, "--number", NUMBER)
        phone = start("phone", *arguments, "--push-port", str(port))
        try:
            assert f"FCM_ENDPOINT=http://127.0.0.1:{port}" in said_by(phone, "FCM_ENDPOINT")
            said_by(phone, "logged in")
            entries = served.follow()
            message = served.send("By its own push service")
            entry_of(entries, kind=DELIVERED, message=message)
        finally:
            end(phone)


def test_a_phone_polls_where_no_push_reaches_it() -> None:
    """The pushes go to somebody who accepts everything and tells nobody."""
    with receiver() as (hook, _), gateway("--control", "--fcm-endpoint", hook.removesuffix("/hook")) as served:
        arguments = ("--server", served.url, "--phone-key", served.phone_key, "--number", NUMBER)
        phone = start("phone", *arguments, "--poll", "--user-key", served.user_key)
        try:
            said_by(phone, "logged in")
            entries = served.follow()
            message = served.send("Found by asking")
            entry_of(entries, kind="POST /v1/messages/{id}/events", message=message)
        finally:
            end(phone)


def test_a_phone_whose_key_is_refused_says_so() -> None:
    with gateway("--phones", "0") as served:
        phone = start("phone", "--server", served.url, "--phone-key", "pk_wrong", "--number", NUMBER)
        _, said = phone.communicate(timeout=30)
        assert phone.returncode == 3
        assert "refuses the phone key" in said
        assert "pk_wrong" not in said


# -- set up as the real server -----------------------------------------------------------------------------------------


def test_an_option_wins_over_the_variable_of_the_real_server() -> None:
    nonsense = dict.fromkeys(("APP_PORT", "FCM_ENDPOINT", "EVENTS_QUEUE_ENDPOINT", "EVENTS_QUEUE_USER_ID"), "nonsense")
    urls = ("--fcm-endpoint", "http://127.0.0.1:1", "--public-url", "http://sms.example.com")
    queue_user = ("--queue-user-id", "system", "--queue-user-api-key", "secret")
    process = start("serve", "--port", "0", *urls, *queue_user, environment=nonsense)
    try:
        served = opened(process)
        me = served.ask("/v1/users/me", key="secret")["data"]
    finally:
        end(process)
    assert me["id"] == "system"


@pytest.mark.parametrize("ending", ["", "/", "/v1/events"])
def test_attachments_are_found_where_others_reach_the_gateway(ending: str) -> None:
    environment = {"EVENTS_QUEUE_ENDPOINT": f"https://sms.example.com/here{ending}"}
    process = start("serve", "--port", "0", environment=environment)
    try:
        served = opened(process)
        file = {"name": "a.png", "content_type": "image/png", "content": "QUJD"}
        text = {"from": "+18005550100", "to": NUMBER, "content": "", "sim": "SIM1", "attachments": [file]}
        [url] = served.ask("/v1/messages/receive", text)["data"]["attachments"]
    finally:
        end(process)
    assert url.startswith("https://sms.example.com/here/v1/attachments/")
    assert url.endswith("/0/a.png")


@pytest.mark.parametrize("account", ["user_id=q", "api_key=secret", "user_id=q,api_key=secret"])
def test_the_queue_user_may_be_an_account_with_facts_of_its_own(account: str, tmp_path: Path) -> None:
    queue_user = ("--queue-user-id", "q", "--queue-user-api-key", "secret")
    accounts = ("--account", f"{account},plan=pro-monthly", "--account", "user_id=other")
    for _ in range(2):  # the second time from the file
        with gateway("--state", str(tmp_path / "state.db"), *queue_user, *accounts) as served:
            assert served.user_key == "secret"
            me = served.ask("/v1/users/me")["data"]
            assert (me["id"], me["subscription_name"]) == ("q", "pro-monthly")
            event = {"specversion": "1.0", "id": "1", "source": "/test", "type": "unknown", "data": {}}
            assert served.ask("/v1/events", event) is None


# -- the state file ----------------------------------------------------------------------------------------------------


def kill_and_go_on(path: Path, kills: int, seed: int) -> None:
    """Sends without a pause, kills the gateway at random moments, starts it again; then everything must be there."""
    moments = random.Random(seed)
    acknowledged: list[str] = []
    for _ in range(kills):
        served = open_gateway("--state", str(path))
        timer = threading.Timer(moments.random() * 0.2, served.process.send_signal, [signal.SIGKILL])
        timer.start()
        while True:
            try:
                acknowledged.append(served.send(f"text {len(acknowledged)}"))
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                break
        timer.join()
        served.process.communicate()
    with gateway("--state", str(path), "--control") as served:
        check_everything(served, acknowledged)


def check_everything(served: Gateway, acknowledged: list[str]) -> None:
    served.ask("/_control/advance", {"seconds": 3600})
    # A last text through the whole way: what was due before it is done.
    entries = served.follow()
    entry_of(entries, kind=DELIVERED, message=served.send("the last one"))
    rows = served.ask("/v1/messages?owner=%2B18005550199&contact=%2B18005550100&limit=-1")["data"]
    by_id = {row["id"]: row for row in rows}
    assert len(by_id) == len(rows), "a row is doubled"
    assert not [message for message in acknowledged if message not in by_id], "something acknowledged is lost"
    states = {by_id[message]["status"] for message in acknowledged}
    assert states <= {"delivered"}, f"due events did not go on: {states}"


def test_a_gateway_that_is_killed_loses_nothing_that_it_acknowledged(tmp_path: Path) -> None:
    kill_and_go_on(tmp_path / "state.db", kills=5, seed=1)


@pytest.mark.soak
def test_two_hundred_kills_lose_nothing(tmp_path: Path) -> None:
    kill_and_go_on(tmp_path / "state.db", kills=200, seed=2)


def test_a_state_file_keeps_account_and_phone(tmp_path: Path) -> None:
    path = str(tmp_path / "state.db")
    with gateway("--state", path) as first:
        keys = (first.user_key, first.phone_key)
    with gateway("--state", path) as second:
        assert (second.user_key, second.phone_key) == keys


def test_a_state_file_keeps_its_phones_and_takes_more(tmp_path: Path) -> None:
    path = str(tmp_path / "state.db")

    def lines(count: int) -> list[str]:
        """The numbers and keys that a gateway with so many phones prints; all of them can send and receive."""
        process = start("serve", "--port", "0", "--state", path, "--phones", str(count), "--control")
        try:
            served = opened(process)
            assert process.stdout is not None
            printed = [process.stdout.readline().split()[-1] for _ in range(2 * count - 2)]
            entries = served.follow()
            for number in [NUMBER, *printed[::2]]:
                body = {"from": number, "to": "+18005550100", "content": "Hello"}
                entry_of(entries, kind=DELIVERED, message=served.ask("/v1/messages/send", body)["data"]["id"])
            assert process.stdout.readline() == "send a text:\n"
        finally:
            end(process)
        return [NUMBER, served.phone_key, *printed]

    one = lines(1)
    three = lines(3)
    assert three[::2] == [NUMBER, "+18005550198", "+18005550197"]
    assert len(set(three)) == 6
    assert three[:2] == one
    assert lines(2) == three[:4]
    assert lines(3) == three


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"this is no database at all, just text that goes on for a while" * 20, "is no state file"), (b"", "")],
    ids=["text", "empty"],
)
def test_only_a_state_file_is_taken_as_one(tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / "state.db"
    path.write_bytes(content)
    process = start("serve", "--port", "0", "--state", str(path))
    if not why:  # an empty file is an empty world
        assert process.stdout is not None
        assert process.stdout.readline().startswith("http://")
        end(process)
        return
    _, said = process.communicate(timeout=30)
    assert process.returncode == 2
    assert why in said
    assert "Traceback" not in said


@pytest.mark.parametrize("option", ["api_key=a", "user_id=a"])
def test_an_account_that_is_given_twice_is_bad_usage(option: str) -> None:
    process = start("serve", "--port", "0", "--account", option, "--account", option)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 2
    assert "there already" in said
    assert "Traceback" not in said


def test_a_state_file_without_an_account_is_no_whole_world(tmp_path: Path) -> None:
    path = str(tmp_path / "state.db")
    with gateway("--state", path):
        pass
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        database.execute("delete from rows where name = 'accounts'")
    process = start("serve", "--port", "0", "--state", path)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 2
    assert "no whole world" in said
    assert "Traceback" not in said
