from __future__ import annotations

import pytest

from harness.adb.events import Event, KeyAsked, KeyOffered, KeysSpent, TlsAsked
from harness.adb.handshake import DeviceHandshake, HostHandshake
from harness.adb.packets import Command, Packet
from harness.errors import MalformedAdb
from tests.adb.joined import key, tokens

TOKEN, SIGNATURE, PUBLIC_KEY = 1, 2, 3


class Host:
    def __init__(self, *numbers: int) -> None:
        self.sent: list[Packet] = []
        self.handshake = HostHandshake([key(number) for number in numbers], "me@here", self.sent.append)

    def gets(self, token: bytes) -> list[Event]:
        return self.handshake.receive(Packet(Command.AUTH, TOKEN, 0, token))


class Device:
    def __init__(self, *trusted: int) -> None:
        self.sent: list[Packet] = []
        known = [key(number).public_key() for number in trusted]
        self.handshake = DeviceHandshake(known, tokens(), self.sent.append)
        self.handshake.begin()

    @property
    def granted(self) -> bool:
        return self.handshake.granted

    def gets(self, what: int, payload: bytes) -> list[Event]:
        return self.handshake.receive(Packet(Command.AUTH, what, 0, payload))


def test_a_host_signs_with_each_key_in_turn_and_then_offers_the_first() -> None:
    host = Host(1, 2)
    for number in (1, 2):
        token = bytes([number] * 20)
        assert host.gets(token) == []
        assert host.sent[-1].arg0 == SIGNATURE
        assert key(number).public_key().verifies(token, host.sent[-1].payload)
    for _ in range(2):
        assert host.gets(bytes(20)) == [KeyAsked(key(1).public_key())]
        assert host.sent[-1] == Packet(Command.AUTH, PUBLIC_KEY, 0, key(1).public("me@here") + b"\0")
    assert [packet.arg0 for packet in host.sent] == [SIGNATURE, SIGNATURE, PUBLIC_KEY, PUBLIC_KEY]


def test_a_host_without_keys_says_so() -> None:
    host = Host()
    assert host.gets(bytes(20)) == [KeysSpent()]
    assert host.sent == []


def test_a_host_is_told_that_the_device_wants_tls() -> None:
    host = Host(1)
    assert host.handshake.receive(Packet(Command.STLS, 0x01000000, 0)) == [TlsAsked()]
    assert host.sent == []


@pytest.mark.parametrize(
    ("packet", "says"),
    [
        (Packet(Command.AUTH, SIGNATURE, 0, bytes(256)), "a device sends tokens"),
        (Packet(Command.AUTH, 0, 0, bytes(20)), "a device sends tokens"),
        (Packet(Command.AUTH, TOKEN, 0, bytes(19)), "19 bytes, not 20"),
    ],
)
def test_a_host_signs_tokens_alone(packet: Packet, says: str) -> None:
    with pytest.raises(MalformedAdb, match=says):
        Host(1).handshake.receive(packet)


def test_a_device_sends_a_fresh_token_for_each_try() -> None:
    device = Device(2)
    first = device.sent[-1]
    assert device.gets(SIGNATURE, key(1).sign(first.payload)) == []
    second = device.sent[-1]
    assert not device.granted
    assert (first.arg0, second.arg0) == (TOKEN, TOKEN)
    assert first.payload != second.payload
    device.gets(SIGNATURE, key(2).sign(first.payload))
    assert not device.granted
    device.gets(SIGNATURE, key(2).sign(device.sent[-1].payload))
    assert device.granted
    assert len(device.sent) == 3


def test_a_device_lets_no_key_in_that_its_user_has_not_allowed() -> None:
    device = Device(2)
    assert device.gets(PUBLIC_KEY, key(1).public("me@here") + b"\0") == [KeyOffered(key(1).public_key())]
    device.handshake.allow(key(3).public_key())
    assert not device.granted
    device.handshake.allow(key(1).public_key())
    assert device.granted
    assert device.handshake.trusted == [key(number).public_key() for number in (2, 3, 1)]


def test_to_offer_a_trusted_key_is_no_proof_of_having_it() -> None:
    device = Device(1)
    device.gets(PUBLIC_KEY, key(1).public(""))
    assert not device.granted


def test_a_device_that_trusts_everybody_asks_for_nothing() -> None:
    sent: list[Packet] = []
    handshake = DeviceHandshake(None, tokens(), sent.append)
    handshake.begin()
    assert handshake.granted
    assert sent == []


@pytest.mark.parametrize(
    ("command", "what", "payload", "says"),
    [
        (Command.AUTH, TOKEN, bytes(20), "a host sends signatures"),
        (Command.AUTH, 7, b"", "a host sends signatures"),
        (Command.AUTH, PUBLIC_KEY, b"AAAA", "3 bytes, not 524"),
        (Command.STLS, 0, b"", "STLS: a host has not been asked"),
    ],
)
def test_a_device_takes_signatures_and_keys_alone(command: Command, what: int, payload: bytes, says: str) -> None:
    with pytest.raises(MalformedAdb, match=says):
        Device(1).handshake.receive(Packet(command, what, 0, payload))


def test_nothing_is_signed_before_a_token_was_sent() -> None:
    sent: list[Packet] = []
    handshake = DeviceHandshake([], tokens(), sent.append)
    with pytest.raises(MalformedAdb, match="AUTH: a host has not been asked"):
        handshake.receive(Packet(Command.AUTH, SIGNATURE, 0, bytes(256)))
