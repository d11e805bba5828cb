"""What Android does with an outgoing text before the radio gets it (phone-behaviour.md §8.2-8.4)."""

from __future__ import annotations

import re
from enum import Enum

from harness.frozen import frozen
from harness.instants import SECOND, Instant
from harness.radio import RESULT_OK, Submit
from harness.sms_results import (
    FDN_CHECK_FAILURE,
    LIMIT_EXCEEDED,
    SHORT_CODE_NEVER_ALLOWED,
    SHORT_CODE_NOT_ALLOWED,
)

__all__ = [
    "ANDROID", "DIALOGS_MAX", "PER_HALF_HOUR", "PER_MINUTE", "About", "Dialog", "OutgoingLimit", "Telephony", "Verdict",
    "denied_code", "examine", "is_short_code",
]  # fmt: skip

DIALOGS_MAX = 5
"""How many dialogs may wait for an answer; the text behind the next one fails with LIMIT_EXCEEDED (§8.3)."""

_SHORT_CODE_DIGITS_MAX = 5
_SEPARATORS = re.compile(r"[\s().-]")


@frozen
class OutgoingLimit:
    """An app may send `parts` segments within `interval_ns` unasked: the global settings of §8.3."""

    parts: int = 30
    interval_ns: int = 60 * SECOND


PER_MINUTE = OutgoingLimit()
"""30 segments in 60 s: current AOSP."""

PER_HALF_HOUR = OutgoingLimit(30, 30 * 60 * SECOND)
"""30 segments in 30 minutes: releases around 4.1, and the figure that is often quoted."""


@frozen
class Telephony:
    """How Android's telephony is set. The values by themselves are those of a phone that stands in no one's way.

    `limit`: None lifts the outgoing limit, as for a default SMS app. `short_codes`: whether Android asks before it
    texts a possibly premium number. `fixed_dialling`: with FDN on, what the card allows (a number that begins with
    one of these). `failed_report_code`: what a vendor's telephony tells the app of a status report of failure; AOSP
    says `RESULT_OK` whatever the status (§8.5).
    """

    limit: OutgoingLimit | None = None
    short_codes: bool = True
    fixed_dialling: tuple[str, ...] | None = None
    failed_report_code: int = RESULT_OK


ANDROID = Telephony(limit=PER_MINUTE)
"""As AOSP comes: with the limit."""


class About(Enum):
    """What a system dialog asks the user about."""

    LIMIT = "outgoing limit"
    SHORT_CODE = "short code"


class Verdict(Enum):
    """What Android does with a text, beside failing it with a code."""

    SEND = "send"
    ASK_LIMIT = "ask about the outgoing limit"
    ASK_SHORT_CODE = "ask about the short code"


@frozen
class Dialog:
    """A question that waits for a human; nothing is told of the text meanwhile."""

    about: About
    submit: Submit


def is_short_code(to: str) -> bool:
    """Whether Android takes the destination for a possibly premium number.

    Without a country's table of patterns: up to five digits (§8.4). With `+` it is none. No table is modelled.
    """
    if len(to) > 20:
        return False
    digits = _SEPARATORS.sub("", to)
    return 0 < len(digits) <= _SHORT_CODE_DIGITS_MAX and digits.isdecimal()


def examine(
    telephony: Telephony, to: str, parts: int, sent: tuple[Instant, ...], remembered: bool | None, now: Instant
) -> Verdict | int:
    """What becomes of a text of `parts` segments: a verdict, or the code with which every segment fails.

    `sent`: when segments went out. `remembered`: whether the user allowed this app short codes for ever, None if
    nothing was said for ever. The order is AOSP's: FDN, short code, limit (SmsController, SMSDispatcher).
    """
    allowed = telephony.fixed_dialling
    if allowed is not None and not any(to.startswith(number) for number in allowed):
        return FDN_CHECK_FAILURE
    if telephony.short_codes and is_short_code(to):
        if remembered is None:
            return Verdict.ASK_SHORT_CODE
        if not remembered:
            return SHORT_CODE_NEVER_ALLOWED
    limit = telephony.limit
    if limit is not None and len(within(limit, sent, now)) + parts > limit.parts:
        return Verdict.ASK_LIMIT
    return Verdict.SEND


def within(limit: OutgoingLimit, sent: tuple[Instant, ...], now: Instant) -> tuple[Instant, ...]:
    """Those of `sent` that the limit still counts: the window slides (§8.3)."""
    return tuple([at for at in sent if at >= now - limit.interval_ns])


def denied_code(about: About, *, for_ever: bool) -> int:
    """The code of every segment of a text that the user refused."""
    if about is About.LIMIT:
        return LIMIT_EXCEEDED
    return SHORT_CODE_NEVER_ALLOWED if for_ever else SHORT_CODE_NOT_ALLOWED
