"""What a connection of adb tells: events, past tense, in the order of the packets."""

from __future__ import annotations

from harness.adb.banner import Banner
from harness.adb.keys import PublicKey
from harness.frozen import frozen

__all__ = [
    "Arrived",
    "Closed",
    "Event",
    "KeyAsked",
    "KeyOffered",
    "KeysSpent",
    "Online",
    "OpenAsked",
    "Opened",
    "Refused",
    "Sent",
    "TlsAsked",
]


@frozen
class Online:
    """The peer is there and agreed on: streams may be opened. `banner` is what it says of itself.

    Comes again when the peer starts anew over the same connection; all streams were closed before.
    """

    banner: Banner


@frozen
class KeyAsked:
    """Host: the device knows none of our keys. We have offered `public_key`, and it asks its user."""

    public_key: PublicKey


@frozen
class KeysSpent:
    """Host: the device wants a key, and there is none that we could offer."""


@frozen
class KeyOffered:
    """Device: the host has no key that we trust, and offers this one. Waits for `allow` or `deny`."""

    public_key: PublicKey


@frozen
class TlsAsked:
    """Host: the device goes on over TLS only (wireless debugging), which takes a pairing."""


@frozen
class Opened:
    """The peer has accepted a stream of ours."""

    stream: int


@frozen
class Refused:
    """The peer does not open a stream of ours. The stream is gone."""

    stream: int


@frozen
class OpenAsked:
    """The peer wants a stream to `service`, and waits for `accept` or `refuse`."""

    stream: int
    service: str


@frozen
class Arrived:
    """The peer sent `data`, never empty, and sends no more on this stream before `consumed`."""

    stream: int
    data: bytes


@frozen
class Sent:
    """All that was written to the stream has been acknowledged."""

    stream: int


@frozen
class Closed:
    """The stream is gone: the peer closed it, answered our closing, or started anew. What was to go out is lost."""

    stream: int


Event = Online | KeyAsked | KeysSpent | KeyOffered | TlsAsked | Opened | Refused | OpenAsked | Arrived | Sent | Closed
