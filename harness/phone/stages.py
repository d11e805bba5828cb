"""How far one hand-over to the radio has come, as a table."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from harness.radio import MmsResult, RadioResult, StatusReport, SubmitAccepted, SubmitRejected, SubmitThrew
from harness.sms import tp_status_group

__all__ = ["TRANSITIONS", "News", "Stage", "Submission", "news_of"]


class Stage(Enum):
    """Seen by the last segment: only its results count in the app. OVER: the radio has nothing more to tell."""

    SUBMITTED = "submitted"
    SENT = "sent"
    REPORTED = "reported"
    OVER = "over"

    __hash__ = object.__hash__  # an enumeration's own one is slow, and these are keys of hot tables


class News(Enum):
    """What the radio tells of the last segment. A temporary report says that the SMSC still tries."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    THREW = "threw"
    TEMPORARY = "temporary report"
    FINAL = "final report"
    MMS = "MMS result"

    __hash__ = object.__hash__  # an enumeration's own one is slow, and these are keys of hot tables


# The app keeps no state of a message, so it reports whatever result comes, in any order and twice too
# (phone-behaviour.md §4.6, recorded results). Only what no radio can do is missing here, and so illegal: one that
# refuses what it has taken. A report may come before the answer to its submit.
TRANSITIONS: dict[Stage, dict[News, Stage]] = {
    Stage.SUBMITTED: {
        News.ACCEPTED: Stage.SENT,
        News.REJECTED: Stage.OVER,
        News.THREW: Stage.OVER,
        News.TEMPORARY: Stage.SUBMITTED,
        News.FINAL: Stage.REPORTED,
        News.MMS: Stage.OVER,
    },
    Stage.SENT: {News.ACCEPTED: Stage.SENT, News.TEMPORARY: Stage.SENT, News.FINAL: Stage.OVER},
    Stage.REPORTED: {
        News.ACCEPTED: Stage.OVER,
        News.REJECTED: Stage.OVER,
        News.TEMPORARY: Stage.REPORTED,
        News.FINAL: Stage.REPORTED,
    },
}


class Submission(NamedTuple):
    """One hand-over to the radio. `heard`: the id in the broadcast about each segment, `codes` its hash (§4.8)."""

    heard: tuple[str, ...]
    codes: tuple[int, ...]
    stage: Stage = Stage.SUBMITTED


_NEWS = {
    SubmitAccepted: News.ACCEPTED,
    SubmitRejected: News.REJECTED,
    SubmitThrew: News.THREW,
    MmsResult: News.MMS,
}


_TEMPORARY, _FINAL = News.TEMPORARY, News.FINAL


def news_of(event: RadioResult | MmsResult) -> News:
    """While the SMSC still tries its report is a temporary one: a final one follows (phone-behaviour.md §8.5)."""
    if isinstance(event, StatusReport):
        return _TEMPORARY if tp_status_group(event.status) == "trying" else _FINAL
    return _NEWS[type(event)]
