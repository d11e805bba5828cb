"""MMS PDUs read as the app's library reads them."""

from __future__ import annotations

from harness.errors import MalformedPdu
from harness.frozen import frozen
from harness.mms.headers import (
    CONTENT_LOCATION,
    CONTENT_TYPE,
    DATE,
    EXPIRY,
    MESSAGE_CLASS,
    MESSAGE_SIZE,
    MESSAGE_TYPE,
    MMS_VERSION,
    TRANSACTION_ID,
    Headers,
    read_headers,
)
from harness.mms.octets import Octets
from harness.mms.parts import ReadPart, read_parts
from harness.mms.wsp import MIXED, RELATED

__all__ = ["Notification", "Retrieved", "Sent", "parse_notification", "parse_retrieve", "parse_send"]

_SEND_REQ = 0x80
_NOTIFICATION_IND = 0x82
_RETRIEVE_CONF = 0x84

# The library keeps no other kind of body.
_BODIES = (MIXED, RELATED, "application/vnd.wap.multipart.alternative", "multipart/signed")


@frozen
class Retrieved:
    """An M-Retrieve.conf. `sender` is None where the PDU names none."""

    sender: str | None
    parts: tuple[ReadPart, ...]


@frozen
class Sent:
    """An M-Send.req. Types of addresses (`/TYPE=PLMN`) are gone."""

    transaction_id: str
    to: tuple[str, ...]
    content_type: str
    parts: tuple[ReadPart, ...]


@frozen
class Notification:
    """An M-Notification.ind: `size` octets wait at `location`, for `expiry_s` seconds."""

    transaction_id: str
    sender: str | None
    location: str
    size: int
    expiry_s: int


def parse_retrieve(pdu: bytes, now_ms: int) -> Retrieved | None:
    """What the app finds in a pushed PDU, at `now_ms` milliseconds of its clock since 1970.

    None for another kind, and for what cannot be read. At some of that the library throws instead, which the app does
    not catch: its process ends, and nothing is forwarded then either.
    """
    # An M-Send.req that is pushed would be forwarded too, as an empty text. No network pushes one.
    try:
        return _retrieved(Octets(pdu), now_ms)
    except MalformedPdu:
        return None


def _retrieved(octets: Octets, now_ms: int) -> Retrieved | None:
    headers = _headers(octets, _RETRIEVE_CONF)
    if not headers.has(numbers=[DATE], texts=[CONTENT_TYPE]):
        return None
    parts = read_parts(octets, headers, now_ms)
    return Retrieved(headers.sender, parts) if headers.text(CONTENT_TYPE) in _BODIES else None


def parse_send(pdu: bytes) -> Sent | None:
    """What a network finds in the PDU that a phone hands over. None for another kind, and for what cannot be read."""
    try:
        octets = Octets(pdu)
        headers = _headers(octets, _SEND_REQ)
        if headers.sender is None or not headers.has(texts=[CONTENT_TYPE, TRANSACTION_ID]):
            return None
        headers.start = headers.kind = None  # a network leaves the parts in their order
        parts = read_parts(octets, headers, now_ms=None)
    except MalformedPdu:
        return None
    return Sent(headers.text(TRANSACTION_ID), tuple(headers.to), headers.text(CONTENT_TYPE), parts)


def parse_notification(pdu: bytes) -> Notification | None:
    """A notification. None for another kind, and for what cannot be read."""
    try:
        headers = _headers(Octets(pdu), _NOTIFICATION_IND)
    except MalformedPdu:
        return None
    texts = [TRANSACTION_ID, CONTENT_LOCATION, MESSAGE_CLASS]
    if not headers.has(numbers=[EXPIRY, MESSAGE_SIZE], texts=texts):
        return None
    return Notification(
        headers.text(TRANSACTION_ID),
        headers.sender,
        headers.text(CONTENT_LOCATION),
        headers.numbers[MESSAGE_SIZE],
        headers.numbers[EXPIRY],
    )


def _headers(octets: Octets, kind: int) -> Headers:
    """The headers of a PDU of that kind, with its version. Raises `MalformedPdu` if it is another."""
    headers = read_headers(octets)
    if headers.octets.get(MESSAGE_TYPE) != kind or not headers.has(octets=[MMS_VERSION]):
        raise MalformedPdu("another kind of PDU")
    return headers
