"""The stages of an outgoing SMS in the handset, as a table."""

from __future__ import annotations

from enum import Enum

from harness.radio import RadioResult, StatusReport, SubmitAccepted, SubmitRejected, SubmitThrew

__all__ = ["TRANSITIONS", "Stage"]


class Stage(Enum):
    """How far one hand-over to the radio has come, seen by its last segment: only that one counts in the app.

    DELIVERED says that a delivery result came, not that it was a good one.
    """

    SUBMITTED = "submitted"
    SENT = "sent"
    FAILED = "failed"
    DELIVERED = "delivered"


# The app keeps no state of a message, so it reports whatever result comes, in any order and twice too
# (phone-behaviour.md §4.6, recorded results). Only what no radio can do is missing here, and so illegal: one that
# refuses what it has taken, or takes what it has refused.
TRANSITIONS: dict[Stage, dict[type[RadioResult], Stage]] = {
    Stage.SUBMITTED: {
        SubmitAccepted: Stage.SENT,
        SubmitRejected: Stage.FAILED,
        SubmitThrew: Stage.FAILED,
        StatusReport: Stage.DELIVERED,
    },
    Stage.SENT: {SubmitAccepted: Stage.SENT, StatusReport: Stage.DELIVERED},
    Stage.DELIVERED: {SubmitAccepted: Stage.DELIVERED, StatusReport: Stage.DELIVERED},
    Stage.FAILED: {StatusReport: Stage.DELIVERED},
}
