"""Sending a text from a device's shell: a call of the hidden interface `isms` (phone-behaviour.md §9.3).

A method's number is its place in the interface's definition (ISms.aidl), and its arguments are read one after the other
without any check: a wrong number calls another method, a wrong list sends something else. So a release whose definition
nobody has looked up has no entry here.

In a parcel a text that is null is the length -1, and an object that is null the number 0. The argument
`persistMessageForNonDefaultSmsApp` must be true: without it no row says that the text went out.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from types import MappingProxyType

from harness.frozen import frozen

__all__ = ["RELEASES", "Transaction", "send_command", "thrown", "transaction_of", "was_taken"]

PACKAGE = "com.android.mms.service"
_NO_TEXT = "i32 -1"
_NOTHING = "i32 0"
_TRUE = "i32 1"

# A parcel with an exception: its number, the message's length in UTF-16 units, the message.
_MESSAGE_AT = 8
_MESSAGE_MAX = 1000


@frozen
class Transaction:
    """The method that sends a text of one segment: its number, its arguments, and who says so.

    In `arguments` {sub}, {to} and {text} stand for what differs from text to text.
    """

    code: int
    arguments: tuple[str, ...]
    source: str

    def command(self, subscription_id: int, to: str, text: str) -> str:
        """The line for a shell."""
        words = {"sub": subscription_id, "to": shlex.quote(to), "text": shlex.quote(text)}
        told = " ".join([argument.format_map(words) for argument in self.arguments])
        return f"service call isms {self.code} {told}"


_SELF_PERMISSIONS = Transaction(
    7,
    ("i32 {sub}", f"s16 {PACKAGE}", "s16 {to}", _NO_TEXT, "s16 {text}", _NOTHING, _NOTHING, _TRUE),
    "phone-behaviour.md §9.3; ISms.aidl of Android 9: sendTextForSubscriberWithSelfPermissions is the 7th method",
)
_WITH_TAG = Transaction(
    5,
    (
        "i32 {sub}", f"s16 {PACKAGE}", _NO_TEXT, "s16 {to}", _NO_TEXT, "s16 {text}", _NOTHING, _NOTHING, _TRUE,
        "i64 0",
    ),
    "phone-behaviour.md §9.3; ISms.aidl of Android 14 (it has getWapMessageSize): sendTextForSubscriber is the 5th "
    "method, with an attribution tag and a message id",
)  # fmt: skip

RELEASES: Mapping[int, Transaction] = MappingProxyType(
    {8: _SELF_PERMISSIONS, 9: _SELF_PERMISSIONS, 11: _WITH_TAG, 12: _WITH_TAG, 13: _WITH_TAG, 14: _WITH_TAG}
)
"""By the first number of Android's version. Of 10 nobody knows whether it has the tag."""


def transaction_of(android: int) -> Transaction | None:
    """How that release sends a text; None where nobody has looked it up."""
    return RELEASES.get(android)


def send_command(android: int, subscription_id: int, to: str, text: str) -> str:
    """The line for a shell. Raises `LookupError` for a release that is not in `RELEASES`."""
    return RELEASES[android].command(subscription_id, to, text)


def was_taken(out: str) -> bool:
    """Whether the call threw nothing: that is all that the answer tells (§9.3)."""
    # A parcel begins with the exception's number; one with a message shows it instead of zeros.
    return "Parcel(00000000 " in out or "Parcel(NULL)" in out


def thrown(out: str) -> str | None:
    """The message of what the call threw, read from the dump of its parcel; None where there is none."""
    rows = [
        row for line in out.splitlines() for row in re.findall(r"(?:^|0x[0-9a-f]{8}:|\()((?: ?[0-9a-f]{8})+) ", line)
    ]
    octets = b"".join([int(word, 16).to_bytes(4, "little") for row in rows for word in row.split()])
    length = int.from_bytes(octets[4:8], "little", signed=True)
    if len(octets) < _MESSAGE_AT + 2 or not 0 < length <= _MESSAGE_MAX:
        return None
    return octets[_MESSAGE_AT : _MESSAGE_AT + 2 * length].decode("utf-16-le", "replace").partition("\n")[0]
