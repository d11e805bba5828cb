"""`adb reverse`, and what listens on the device."""

from __future__ import annotations

import pytest

from harness.fake_device.service_ports import Echo, Listeners
from tests.fake_device.asking import AT_MS
from tests.fake_device.serving import drawn, opened, said


def reverse(listeners: Listeners, asked: str) -> bytes:
    return drawn(opened(f"reverse:{asked}", listeners=listeners))


def test_a_reverse_is_made_listed_and_taken_away() -> None:
    listeners = Listeners("host-1")
    assert reverse(listeners, "forward:tcp:8080;tcp:9090") == b"OKAY"
    assert listeners.target("tcp:8080") == "tcp:9090"
    assert reverse(listeners, "list-forward") == b"0019host-1 tcp:8080 tcp:9090\n"
    assert reverse(listeners, "killforward:tcp:8080") == b"OKAY"
    assert reverse(listeners, "list-forward") == b"0000"


def test_any_free_port_is_told() -> None:
    listeners = Listeners("host-1")
    assert reverse(listeners, "forward:tcp:0;tcp:1") == b"OKAY000540000"
    assert reverse(listeners, "forward:tcp:0;tcp:2") == b"OKAY000540001"
    assert (listeners.target("tcp:40000"), listeners.target("tcp:40001")) == ("tcp:1", "tcp:2")


def test_a_port_is_led_elsewhere_unless_that_is_forbidden() -> None:
    listeners = Listeners("host-1")
    reverse(listeners, "forward:tcp:1;tcp:2")
    assert reverse(listeners, "forward:tcp:1;tcp:3") == b"OKAY"
    assert reverse(listeners, "forward:norebind:tcp:1;tcp:4") == b"FAIL001dcannot rebind existing socket"
    assert listeners.target("tcp:1") == "tcp:3"


def test_all_are_taken_away_at_once() -> None:
    listeners = Listeners("host-1")
    reverse(listeners, "forward:tcp:1;tcp:2")
    reverse(listeners, "forward:tcp:3;tcp:4")
    assert reverse(listeners, "killforward-all") == b"OKAY"
    assert listeners.told() == ""


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ("killforward:tcp:1", "listener 'tcp:1' not found"),
        ("forward:tcp:1", "bad forward: forward:tcp:1"),
        ("forward:;tcp:1", "bad forward: forward:;tcp:1"),
        ("forward:tcp:70000;tcp:1", "cannot bind listener: Operation not permitted"),
        ("forward:localabstract:x;tcp:1", "cannot bind listener: Operation not permitted"),
    ],
)
def test_what_cannot_be_is_told_as_a_failure(asked: str, why: str) -> None:
    assert reverse(Listeners("host-1"), asked) == f"FAIL{len(why):04x}{why}".encode()


def test_an_echo_says_what_it_hears_and_takes_no_more_than_it_can_keep() -> None:
    service = Echo()
    assert said(service, b"one", b"two") == b"onetwo"
    service.feed(bytes(1 << 20), AT_MS)
    assert service.is_full
    assert len(drawn(service)) == 1 << 20


def test_the_web_page_of_a_device_is_its_serial() -> None:
    service = opened("tcp:80")
    assert said(service, b"GET / HTTP/1.1\r\n") == b""
    head, body = said(service, b"Host: phone\r\n\r\n").split(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert (body, service.done) == (b"emulator-5554\n", True)
