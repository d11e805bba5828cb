"""Which services there are, and what each begins with."""

from __future__ import annotations

import pytest

from harness.fake_device import FakeDevice
from harness.fake_device.service_base import Service
from harness.fake_device.service_ports import Echo, Listeners
from harness.fake_device.services import Rebooting, service_of, tcp_port
from tests.fake_device.serving import drawn, frames, opened

SAID = [
    ("shell:echo hi", b"hi\n"),
    ("shell:echo hi; echo no >&2; exit 3", b"hi\nno\n"),
    ("exec:printf 'a\\0b'", b"a\0b"),
    ("shell,raw:echo hi", b"hi\n"),
    ("shell,pty:echo hi", b"hi\r\n"),
    ("shell,later,TERM=xterm,raw:echo hi", b"hi\n"),
    ("reverse:list-forward", b"0000"),
    ("root:", b"adbd cannot run as root in production builds\n"),
    ("unroot:", b"adbd not running as root\n"),
    ("remount:", b'Not running as root. Try "adb root" first.\n'),
]


@pytest.mark.parametrize(("name", "words"), SAID, ids=[name for name, _ in SAID])
def test_a_service_is_opened_by_its_name(name: str, words: bytes) -> None:
    assert drawn(opened(name)) == words


def test_marks_decide_how_a_shell_talks() -> None:
    assert frames(drawn(opened("shell,v2,TERM=xterm-256color,raw:echo hi; exit 7"))) == (b"hi\n", b"", 7)
    assert frames(drawn(opened("shell,v2,pty:echo hi"))) == (b"hi\r\n", b"", 0)
    assert frames(drawn(opened("shell,v2:echo hi"))) == (b"hi\n", b"", 0)
    assert frames(drawn(opened("shell,v2:"))) == (b"emu64xa:/ $ ", b"", None)


REFUSED = ["", "nothing:", "jdwp:1", "tcp:81", "tcp:99999", "tcp:80:host", "localabstract:x", "reverse:x", "sideload:1"]
REFUSED += ["tcpip:5555", "usb:"]


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_served_is_refused(name: str) -> None:
    assert service_of(name, FakeDevice(), Listeners("host-1"), 0) is None


def test_a_device_that_restarts_tells_nothing() -> None:
    service = opened("reboot:bootloader")
    assert isinstance(service, Rebooting)
    assert drawn(service) == b""


def test_ports_are_those_that_were_put_up() -> None:
    def ear(_device: FakeDevice) -> Service:
        return Echo()

    ports = {4000: ear}
    assert isinstance(service_of("tcp:4000", FakeDevice(), Listeners("host-1"), 0, ports), Echo)
    assert service_of("tcp:7", FakeDevice(), Listeners("host-1"), 0, ports) is None


@pytest.mark.parametrize(
    ("name", "port"), [("tcp:80", 80), ("tcp:", None), ("tcp:٣", None), ("tcp:1:h", None), ("udp:80", None)]
)
def test_a_port_is_written_in_digits(name: str, port: int | None) -> None:
    assert tcp_port(name) == port
