"""What a client says to the adb server of its machine, and what it is answered (AOSP OVERVIEW.TXT, SERVICES.TXT)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from harness.errors import MalformedAdb, UsageError
from harness.frozen import frozen

__all__ = ["TEXT_MAX", "Fail", "ListedDevice", "Okay", "ReplyReader", "Status", "devices", "request"]

TEXT_MAX = 0xFFFF  # four hexadecimal digits
_DIGITS = 4
_HEX = re.compile(rb"[0-9a-fA-F]{4}")
# Some states are sentences: `no permissions (user in plugdev group; …); see [http://…]`.
_DEVICE = re.compile(
    r"(?P<serial>\(no serial number\)|\S+)\s+"
    r"(?P<state>no permissions.*?(?:\]|(?=\s+[\w.]+:)|$)|\S+)"
    r"(?P<properties>.*)"
)


@frozen
class Okay:
    """The server does it, or has done it."""


@frozen
class Fail:
    """It does not, and why, in its own words."""

    why: str


Status = Okay | Fail


@frozen
class ListedDevice:
    """A line of the server's list. `state` is `device`, `offline`, `unauthorized` …; `properties` of `devices-l`."""

    serial: str
    state: str
    properties: Mapping[str, str]


def request(text: str) -> bytes:
    """What asks the server for a service, such as `host:version`. Raises UsageError if it is too long."""
    octets = text.encode("utf-8", "surrogateescape")
    if len(octets) > TEXT_MAX:
        raise UsageError(f"a request of {len(octets)} bytes, the adb server takes {TEXT_MAX}")
    return b"%04x" % len(octets) + octets


class ReplyReader:
    """Reads the answers on one connection to the server. What comes next depends on what was asked.

    Feed it, then ask for it: `status` after each request (twice for `forward` and `reverse`), `text` where one follows
    OKAY (`host:version`, `host:devices-l`), `rest` once the connection is the service's own. None: not whole yet.
    `status` and `text` raise MalformedAdb for what is neither.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> None:
        self._buffer += data

    def status(self) -> Status | None:
        said = bytes(self._buffer[:_DIGITS])
        if said == b"OKAY":
            del self._buffer[:_DIGITS]
            return Okay()
        if not (b"OKAY".startswith(said) or b"FAIL".startswith(said)):
            raise MalformedAdb(f"the adb server says {said!r} where OKAY or FAIL should be")
        why = self._text_at(_DIGITS) if said == b"FAIL" else None
        return None if why is None else Fail(why)

    def text(self) -> str | None:
        return self._text_at(0)

    def rest(self) -> bytes:
        rest = bytes(self._buffer)
        self._buffer.clear()
        return rest

    def _text_at(self, start: int) -> str | None:
        digits = bytes(self._buffer[start : start + _DIGITS])
        if not _HEX.match(digits.ljust(_DIGITS, b"0")):
            raise MalformedAdb(f"the adb server says {digits!r} where a length of four hexadecimal digits should be")
        if len(digits) < _DIGITS:
            return None
        begin = start + _DIGITS
        end = begin + int(digits, 16)
        if len(self._buffer) < end:
            return None
        text = self._buffer[begin:end].decode("utf-8", "replace")
        del self._buffer[:end]
        return text


def devices(text: str) -> list[ListedDevice]:
    """The list of `host:devices-l`, or the shorter one of `host:devices`. Lines that are none are passed over."""
    found = (_DEVICE.fullmatch(line.strip()) for line in text.splitlines())
    return [ListedDevice(line["serial"], line["state"], _properties(line["properties"])) for line in found if line]


def _properties(text: str) -> dict[str, str]:
    pairs = (word.partition(":") for word in text.split())
    return {name: value for name, colon, value in pairs if colon}
