"""A gateway in a thread of its own, as a test of an application uses it."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from typing import Any

import pytest

from harness import Gateway
from harness.errors import PortInUse, StateFileError, UnencodableAddress
from harness.serving import AccountSpec, ServeOptions
from tests.commands import clean_environment

CONTACT = "+18005550100"


def ask(gateway: Gateway, path: str, body: Any = None) -> Any:
    """One request with the user key, as an application makes it."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"x-api-key": gateway.user_key, "Content-Type": "application/json"}
    request = urllib.request.Request(gateway.url + path, data, headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)["data"]


def send(gateway: Gateway, text: str, to: str = CONTACT) -> str:
    message: str = ask(gateway, "/v1/messages/send", {"from": gateway.number, "to": to, "content": text})["id"]
    return message


def test_a_text_reaches_its_contact_and_its_status_is_waited_for() -> None:
    with Gateway() as gateway:
        message = send(gateway, "Hello")
        assert gateway.wait_for_sms(to=CONTACT) == "Hello"
        gateway.wait_for_status(message, "delivered")
        assert ask(gateway, f"/v1/messages/{message}")["status"] == "delivered"


def test_each_text_is_returned_once_and_found_by_what_it_is() -> None:
    with Gateway() as gateway:
        for text in ("one", "two", "three"):
            send(gateway, text)
        send(gateway, "elsewhere", to="+18005550101")
        assert gateway.wait_for_sms(text="two") == "two"
        assert {gateway.wait_for_sms(to=CONTACT) for _ in range(2)} == {"one", "three"}
        assert gateway.wait_for_sms() == "elsewhere"
        with pytest.raises(TimeoutError, match="not seen within 0 s"):
            gateway.wait_for_sms(timeout_s=0)


def test_somebody_texts_the_phone() -> None:
    with Gateway() as gateway:
        gateway.text(from_="BANK", text="Your code is 1234")
        gateway.text(from_=CONTACT, text="Hi")
        owner = gateway.number.replace("+", "%2B")
        seen: set[str] = set()
        while seen != {"Your code is 1234", "Hi"}:
            threads = ask(gateway, f"/v1/message-threads?owner={owner}")
            seen = {thread["last_message_content"] for thread in threads}


def test_an_impossible_sender_is_refused_at_once() -> None:
    with Gateway() as gateway, pytest.raises(UnencodableAddress):
        gateway.text(from_="a name that is too long", text="Hi")


def test_a_timeout_shows_what_came_instead() -> None:
    with Gateway() as gateway:
        message = send(gateway, "Hello")
        gateway.wait_for_status(message, "delivered")
        with pytest.raises(TimeoutError, match=r"message\.phone\.delivered"):
            gateway.wait_for_status(message, "failed", timeout_s=0)


def test_the_trace_holds_everything_since_the_start() -> None:
    with Gateway() as gateway:
        gateway.wait_for_status(send(gateway, "Hello"), "delivered")
        trace = gateway.trace()
        assert [entry.number for entry in trace] == list(range(len(trace)))
        assert ("phone", "submitted") in {(entry.hop, entry.kind) for entry in trace}


def test_options_are_taken_and_a_gateway_may_have_no_phone() -> None:
    options = ServeOptions(phones=0, accounts=(AccountSpec(api_key="uk_mine"),))
    with Gateway(options) as gateway:
        assert gateway.user_key == "uk_mine"
        with pytest.raises(urllib.error.HTTPError, match="422"):
            send(gateway, "Hello")


def test_when_it_ends_port_and_thread_are_gone() -> None:
    before = threading.active_count()
    with Gateway() as gateway:
        port = int(gateway.url.rpartition(":")[2])
    with socket.create_server(("127.0.0.1", port)):
        pass
    assert threading.active_count() == before


def test_many_live_side_by_side() -> None:
    with Gateway() as one, Gateway() as other:
        send(one, "for one")
        send(other, "for the other")
        assert (one.wait_for_sms(), other.wait_for_sms()) == ("for one", "for the other")
        assert one.user_key != other.user_key


def test_what_keeps_it_from_starting_is_raised_where_it_is_used(tmp_path: Any) -> None:
    before = threading.active_count()
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(PortInUse):
        Gateway(ServeOptions(port=taken.getsockname()[1])).__enter__()
    (tmp_path / "state.db").write_text("This is no state file. " * 100, encoding="utf-8")
    with pytest.raises(StateFileError):
        Gateway(ServeOptions(state=tmp_path / "state.db")).__enter__()
    assert threading.active_count() == before


def test_a_failing_test_shows_its_own_error_and_the_gateway_stops() -> None:
    with pytest.raises(ZeroDivisionError), Gateway() as gateway:
        raise ZeroDivisionError
    with pytest.raises(urllib.error.URLError):
        send(gateway, "Hello")


def test_a_program_that_never_leaves_the_context_can_end() -> None:
    script = "from harness import Gateway; Gateway().__enter__(); print('started')"
    done = subprocess.run(
        [sys.executable, "-c", script], env=clean_environment(), capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "started\n", "")


def test_no_key_is_in_its_representation() -> None:
    with Gateway() as gateway:
        assert gateway.user_key not in repr(gateway) + repr(gateway.trace())
