"""M-Send.req as the app builds it: its parts, their names, and the PDU around them."""

from __future__ import annotations

from collections.abc import Sequence

from harness.errors import UnencodableAddress
from harness.frozen import frozen
from harness.mms.wsp import (
    MEDIA_CODES,
    RELATED,
    UTF_8,
    encoded_string,
    quoted_string,
    short_integer,
    text_string,
    typed_address,
    uintvar,
    utf8,
    value_length,
)

__all__ = ["Part", "compose", "media_name", "media_part", "text_part"]

_SEND_REQ = b"\x8c\x80"
_TRANSACTION_ID = b"\x98"
_MMS_VERSION_1_2 = b"\x8d\x92"
# The network knows who sends: one octet, Insert-address-token.
_FROM_INSERTED = b"\x89\x01\x81"
_TO = b"\x97"
_CONTENT_TYPE = b"\x84"
_START = b"\x8a"
_TYPE = b"\x89"
_NAME = b"\x85"
_CHARSET = b"\x81"
_CONTENT_ID = b"\xc0"
_CONTENT_LOCATION = b"\x8e"


@frozen
class Part:
    """One part of a multimedia message.

    `content_type` is an HTTP media type with its parameters (`text/plain; charset=utf-8`). `content_id` may lack its
    angle brackets. `charset` is a MIBenum, 0 for none: a charset among the parameters of `content_type` is not one.
    """

    content_type: str
    name: str
    location: str
    content_id: str
    data: bytes
    charset: int = 0


def text_part(content: str) -> Part:
    """The text of a message, never divided. (Without a text there is no such part.)"""
    return Part("text/plain", "text", "text", "text", utf8(content), UTF_8)


def media_part(url: str, content_type: str, index: int, data: bytes) -> Part:
    """The attachment that was downloaded from `url`, the `index`-th (from 0) of its message."""
    name = media_name(url, content_type, index)
    return Part(content_type, name, name, name, data)


def media_name(url: str, content_type: str, index: int) -> str:
    """The name of an outgoing attachment: `0_photo.png` (phone-behaviour.md §4.4).

    What follows the last `/` of the whole URL, query included, up to a `?` in that. Without a dot in it the name is
    made from the media type: `0_attachment.png`, parameters and all.
    """
    name = url.rpartition("/")[2].partition("?")[0]
    if "." not in name:
        kind = content_type.rpartition("/")[2]
        name = f"attachment.{kind if kind.strip() else 'bin'}"
    return f"{index}_{name}"


def compose(to: str, transaction_id: str, parts: Sequence[Part]) -> bytes:
    """The M-Send.req with `parts` for `to`, as the app's library writes it.

    `transaction_id` is the app's `T` and the milliseconds of its clock in hex. Every text of a part has to be there.

    Raises `UnencodableAddress` if `to` is empty, as it is when a message has no contact. There the library dies of an
    index (FAILED, with the runtime's text for it).
    """
    if not to:
        raise UnencodableAddress(to, "no recipient for a multimedia message")
    return b"".join(
        [
            *(_SEND_REQ, _TRANSACTION_ID, text_string(utf8(transaction_id)), _MMS_VERSION_1_2, _FROM_INSERTED),
            *(_TO, encoded_string(utf8(typed_address(to)))),
            *(_CONTENT_TYPE, _body_type(parts)),
            uintvar(len(parts)),
            *[octets for part in parts for octets in _part(part)],
        ]
    )


def _body_type(parts: Sequence[Part]) -> bytes:
    """The multipart's type: it starts with the first part, whose type it names in letters."""
    kind = short_integer(MEDIA_CODES[RELATED])
    if not parts:
        return kind  # not from the app, which composes only with an attachment
    first = parts[0]
    value = kind + _START + text_string(_bracketed(first.content_id)) + _TYPE + text_string(utf8(first.content_type))
    return value_length(len(value)) + value


def _part(part: Part) -> tuple[bytes, ...]:
    headers = b"".join(
        [
            _part_type(part),
            *(_CONTENT_ID, quoted_string(_bracketed(part.content_id))),
            *(_CONTENT_LOCATION, text_string(utf8(part.location))),
        ]
    )
    return uintvar(len(headers)), uintvar(len(part.data)), headers, part.data


def _part_type(part: Part) -> bytes:
    """The media type, its name and its charset. Types are compared to the letter: `Image/PNG` gets no code."""
    code = MEDIA_CODES.get(part.content_type)
    value = b"".join(
        [
            text_string(utf8(part.content_type)) if code is None else short_integer(code),
            *(_NAME, text_string(utf8(part.name))),
            *([_CHARSET, short_integer(part.charset)] if part.charset else []),
        ]
    )
    return value_length(len(value)) + value


def _bracketed(content_id: str) -> bytes:
    if not content_id:
        raise ValueError("a part needs a content id")
    whole = len(content_id) > 1 and content_id[0] == "<" and content_id[-1] == ">"
    return utf8(content_id if whole else f"<{content_id}>")
