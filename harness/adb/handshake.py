"""Who may talk: the part of AUTH that is the host's, and the device's (AOSP protocol.txt, AUTH)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import IntEnum

from harness.adb.events import Event, KeyAsked, KeyOffered, KeysSpent, TlsAsked
from harness.adb.keys import PrivateKey, PublicKey
from harness.adb.packets import Command, Packet
from harness.errors import MalformedAdb

__all__ = ["DeviceHandshake", "HostHandshake"]


class _Auth(IntEnum):
    """The first word of AUTH."""

    TOKEN = 1
    SIGNATURE = 2
    PUBLIC_KEY = 3


class HostHandshake:
    """Signs with each key in turn, then offers the first one's public half; asked again, it offers it again."""

    def __init__(self, keys: Sequence[PrivateKey], user: str, send: Callable[[Packet], None]) -> None:
        self._keys = tuple(keys)
        self._user = user
        self._send = send
        self._next = 0

    def begin(self) -> None:
        self._next = 0

    def receive(self, packet: Packet) -> list[Event]:
        """An AUTH or STLS before the device is online. Raises MalformedAdb."""
        if packet.command is Command.STLS:
            return [TlsAsked()]
        if packet.arg0 != _Auth.TOKEN:
            raise MalformedAdb(f"AUTH: a device sends tokens (1), not {packet.arg0}")
        if not self._keys:
            return [KeysSpent()]
        if self._next == len(self._keys):
            return [self._offered()]
        signature = self._keys[self._next].sign(packet.payload)
        self._next += 1
        self._send(Packet(Command.AUTH, _Auth.SIGNATURE, 0, signature))
        return []

    def _offered(self) -> Event:
        key = self._keys[0].public_key(self._user)
        self._send(Packet(Command.AUTH, _Auth.PUBLIC_KEY, 0, key.encoded + b"\0"))
        return KeyAsked(key)


class DeviceHandshake:
    """Sends a token for each try; `granted` tells when the host may talk. `trusted` None: everybody may.

    `offered` is the key that waits for the device's user.
    """

    def __init__(
        self, trusted: Sequence[PublicKey] | None, tokens: Callable[[], bytes], send: Callable[[Packet], None]
    ) -> None:
        self.trusted = None if trusted is None else list(trusted)
        self.offered: PublicKey | None = None
        self.granted = False
        self._tokens = tokens
        self._send = send
        self._token: bytes | None = None

    def begin(self) -> None:
        """The host has said who it is."""
        self.offered = self._token = None
        self.granted = self.trusted is None
        if not self.granted:
            self._ask()

    def receive(self, packet: Packet) -> list[Event]:
        """An AUTH before the host may talk. Raises MalformedAdb."""
        if self._token is None or packet.command is not Command.AUTH:
            raise MalformedAdb(f"{packet.command.name}: a host has not been asked for that")
        match packet.arg0:
            case _Auth.SIGNATURE:
                return self._signed(self._token, packet.payload)
            case _Auth.PUBLIC_KEY:
                self.offered = PublicKey.parse(packet.payload)
                return [KeyOffered(self.offered)]
            case other:
                raise MalformedAdb(f"AUTH: a host sends signatures (2) and keys (3), not {other}")

    def _signed(self, token: bytes, signature: bytes) -> list[Event]:
        if any(key.verifies(token, signature) for key in self.trusted or ()):
            self._grant()
        else:
            self._ask()
        return []

    def _ask(self) -> None:
        self._token = self._tokens()
        self._send(Packet(Command.AUTH, _Auth.TOKEN, 0, self._token))

    def allow(self, key: PublicKey) -> None:
        """Trusts the key from now on; that is enough for a host whose offer waits."""
        if self.trusted is not None and key not in self.trusted:
            self.trusted.append(key)
        if self.offered == key:
            self._grant()

    def _grant(self) -> None:
        self.granted = True
        self._token = self.offered = None
