"""The PDUs that a network pushes: a notification, as real ones do, and a whole message, which only tests do."""

from __future__ import annotations

from collections.abc import Sequence

from harness.mms.compose import Part
from harness.mms.wsp import (
    MEDIA_CODES,
    MIXED,
    encoded_string,
    long_integer,
    quoted_string,
    short_integer,
    text_string,
    typed_address,
    uintvar,
    utf8,
    value_length,
)

__all__ = ["notification", "retrieve_conf"]

_NOTIFICATION_IND = b"\x8c\x82"
_RETRIEVE_CONF = b"\x8c\x84"
_MMS_VERSION_1_2 = b"\x8d\x92"
_PERSONAL = b"\x8a\x80"
_ADDRESS_PRESENT = b"\x80"
_RELATIVE = b"\x81"


def notification(transaction_id: str, sender: str | None, location: str, size: int, expiry_s: int = 86_400) -> bytes:
    """An M-Notification.ind: `size` octets from `sender` wait at the URL `location` for `expiry_s` seconds.

    Raises ValueError if a text is empty.
    """
    expiry = _RELATIVE + long_integer(expiry_s)
    return b"".join(
        [
            *(_NOTIFICATION_IND, b"\x98", text_string(utf8(transaction_id)), _MMS_VERSION_1_2, _from(sender)),
            *(_PERSONAL, b"\x8e", long_integer(size), b"\x88", value_length(len(expiry)), expiry),
            *(b"\x83", text_string(utf8(location))),
        ]
    )


def retrieve_conf(transaction_id: str, sender: str | None, at_s: int, parts: Sequence[Part]) -> bytes:
    """An M-Retrieve.conf with `parts`, dated `at_s` seconds since 1970. A text of a part that is "" is left out.

    Raises ValueError if `transaction_id`, `sender` or a content type is empty.
    """
    return b"".join(
        [
            *(_RETRIEVE_CONF, b"\x98", text_string(utf8(transaction_id)), _MMS_VERSION_1_2),
            *(b"\x85", long_integer(at_s), _from(sender)),
            *(b"\x84", short_integer(MEDIA_CODES[MIXED]), uintvar(len(parts))),
            *[octets for part in parts for octets in _part(part)],
        ]
    )


def _from(sender: str | None) -> bytes:
    if sender is None:
        return b""
    address = utf8(typed_address(sender))
    # Plain ASCII needs no charset (OMA-TS-MMS-ENC 7.2.9); what else there is, is UTF-8.
    value = _ADDRESS_PRESENT + (text_string(address) if address.isascii() else encoded_string(address))
    return b"\x89" + value_length(len(value)) + value


def _part(part: Part) -> tuple[bytes, ...]:
    # In letters, whether the type has a code or not: the first octets of a part read well in a trace.
    value = b"".join(
        [
            text_string(utf8(part.content_type)),
            *([b"\x81", _integer(part.charset)] if part.charset else []),
            *([b"\x85", text_string(utf8(part.name))] if part.name else []),
        ]
    )
    headers = b"".join(
        [
            value_length(len(value)) + value,
            *([b"\xc0", quoted_string(utf8(part.content_id))] if part.content_id else []),
            *([b"\x8e", text_string(utf8(part.location))] if part.location else []),
        ]
    )
    return uintvar(len(headers)), uintvar(len(part.data)), headers, part.data


def _integer(value: int) -> bytes:
    return short_integer(value) if value < 128 else long_integer(value)
