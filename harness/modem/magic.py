"""Numbers whose last four digits choose what becomes of a text, as the test cards of payment providers do.

All of them begin with `PREFIX`. They are well-formed toll-free numbers, none of those that stories and phones get by
rule (+1 800 555 0100 to 0199). docs/magic-numbers.md is made from this table.
"""

from __future__ import annotations

from harness.carrier_rules import Late, Lose, Only, Refuse, Reports, Rule, Slow
from harness.delays import AT_ONCE, Fixed
from harness.frozen import frozen
from harness.instants import SECOND
from harness.modem.telephony import About
from harness.radio import RESULT_OK
from harness.sms_results import GENERIC_FAILURE, RESULTS, SEND_FAIL_RETRY, result_name

__all__ = ["ENTRIES", "PREFIX", "Entry", "Reply", "dialog", "entry", "report_code"]

PREFIX = "+1888555"

# TP-ST: the SMSC still tries because the recipient is busy; the validity period is over (3GPP TS 23.040 §9.2.3.15).
STILL_TRYING = 0x21
EXPIRED = 0x46

_SLOW = Fixed(30 * SECOND)
_LATER = Fixed(5 * SECOND)


@frozen
class Reply:
    """What a robot at the number does with a text: answers `text` (None: the text itself), or `calls` and hangs up."""

    text: str | None = None
    calls: bool = False


@frozen
class Entry:
    """One number: its last four digits, what happens there, and what the server shows in the end.

    `rules` are what the carrier does; `asks` opens a system dialog on the sender's handset; `report_code` is what a
    vendor's telephony makes of a status report of failure.
    """

    suffix: str
    does: str
    shows: str
    rules: tuple[Rule, ...] = ()
    asks: About | None = None
    reply: Reply | None = None
    report_code: int = RESULT_OK

    @property
    def number(self) -> str:
        return PREFIX + self.suffix


ENTRIES = (
    Entry("1000", "Taken, delivered, reported.", "delivered"),
    Entry("1001", "Taken, delivered; no status report ever comes.", "sent", (Reports(),)),
    Entry("1002", "Taken, then lost; no status report ever comes.", "sent", (Lose(),)),
    Entry(
        "1003", "A temporary status report, 5 s later a good one. Android calls both of them delivered.",
        "delivered, with a second DELIVERED event", (Reports(((AT_ONCE, STILL_TRYING), (_LATER, 0))),),
    ),
    Entry(
        "1004", "A temporary status report, 5 s later one of failure. Android calls both of them delivered.",
        "delivered, with a second DELIVERED event",
        (Lose(), Reports(((AT_ONCE, STILL_TRYING), (_LATER, EXPIRED)))),
    ),
    Entry(
        "1005", "Lost; the status report says that it failed. AOSP calls that delivered.", "delivered",
        (Lose(), Reports(((AT_ONCE, EXPIRED),))),
    ),
    Entry(
        "1006", "Lost; the status report says that it failed, and a vendor's telephony says so.",
        "failed, `CANNOT BE DELIVERED`", (Lose(), Reports(((AT_ONCE, EXPIRED),))), report_code=GENERIC_FAILURE,
    ),
    Entry(
        "1007", "The good status report comes twice. Android drops the second one.", "delivered",
        (Reports(((AT_ONCE, 0), (AT_ONCE, 0))),),
    ),
    Entry(
        "1008", "The status report overtakes the answer to the submit. Android drops it.", "sent",
        (Reports(((AT_ONCE, 0),), early=True),),
    ),
    Entry("2000", "The network takes the text after 30 s.", "sending for 30 s, then delivered", (Slow(_SLOW),)),
    Entry("2001", "The text is delivered 30 s after it was sent.", "sent for 30 s, then delivered", (Late(_SLOW),)),
    Entry(
        "2002", "The radio asks for a retry twice: sent 4 s later.", "delivered",
        (Refuse(SEND_FAIL_RETRY, Only(times=2)),),
    ),
    Entry(
        "2003", "The radio asks for a retry each time: after three silent resends Android gives up.",
        "failed after 6 s, `UNKNOWN:101`", (Refuse(SEND_FAIL_RETRY),),
    ),
    Entry(
        "2004", "Android asks about the outgoing limit: the text waits until somebody answers.",
        "sending until allowed; denied: failed, `LIMIT_EXCEEDED`", asks=About.LIMIT,
    ),
    Entry(
        "2005", "Android asks about a premium number: the text waits until somebody answers.",
        "sending until allowed; denied: failed, `UNKNOWN:7`, for ever: `UNKNOWN:8`", asks=About.SHORT_CODE,
    ),
    Entry("3000", "Answers with the text.", "delivered; the text comes back", reply=Reply()),
    Entry("3001", "Answers STOP.", "delivered; STOP comes back", reply=Reply("STOP")),
    Entry("3002", "Answers START.", "delivered; START comes back", reply=Reply("START")),
    Entry("3003", "Answers with a one-time code.", "delivered; a code comes back", reply=Reply("Your code is 123456.")),
    Entry("3004", "Calls back and hangs up after 10 s.", "delivered; a missed call follows", reply=Reply(calls=True)),
    Entry(
        "4000", "The first segment of several fails. Android's app looks at the last one alone.",
        "delivered, though nobody can read it; of one segment: failed, `GENERIC_FAILURE`",
        (Refuse(GENERIC_FAILURE, Only(segments=(1,))),),
    ),
    Entry(
        "4001", "The last segment fails.", "failed, `GENERIC_FAILURE`",
        (Refuse(GENERIC_FAILURE, Only(segments=(-1,))),),
    ),
)  # fmt: skip
"""The numbers of the plan beside those for result codes: 0 and Android's code in three digits."""

_BY_NUMBER = {known.number: known for known in ENTRIES}


def entry(number: str) -> Entry | None:
    """What happens to a text to `number`; None if it is no number of the plan."""
    known = _BY_NUMBER.get(number)
    if known is not None:
        return known
    suffix = number.removeprefix(PREFIX)
    if len(suffix) != 4 or not (suffix.isdecimal() and suffix.isascii()) or not suffix.startswith("0"):
        return None
    return _failure(int(suffix))


def _failure(code: int) -> Entry:
    does = f"Fails with Android's result {code}, {result_name(code)}."
    if code not in RESULTS:
        does = f"Fails with {code}, a result that Android does not have."
    return Entry(f"{code:04}", does, f"failed, `{_reason(code)}`", (Refuse(code),))


def _reason(code: int) -> str:
    """The app knows five codes by name (phone-behaviour.md §4.5)."""
    return RESULTS[code] if 1 <= code <= 5 else f"UNKNOWN:{code}"


def dialog(number: str) -> About | None:
    """What Android asks before it texts `number`, if anything."""
    known = _BY_NUMBER.get(number)
    return None if known is None else known.asks


def report_code(number: str) -> int:
    """What the app hears of a status report of failure from `number`."""
    known = _BY_NUMBER.get(number)
    return RESULT_OK if known is None else known.report_code
