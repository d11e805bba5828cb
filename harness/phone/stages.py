"""The stages of an outgoing SMS in the handset, as a table."""

from __future__ import annotations

from enum import Enum

from harness.radio import StatusReport, SubmitAccepted, SubmitRejected

__all__ = ["TRANSITIONS", "Stage"]


class Stage(Enum):
    """How far one hand-over to the radio has come, seen by its last segment: only that one counts in the app."""

    SUBMITTED = "submitted"
    SENT = "sent"
    FAILED = "failed"
    DELIVERED = "delivered"


# A report that comes before the modem's answer is dropped by Android, one that comes twice counts twice
# (phone-behaviour.md §8.5). What is not in the table is illegal.
TRANSITIONS: dict[Stage, dict[type, Stage]] = {
    Stage.SUBMITTED: {
        SubmitAccepted: Stage.SENT,
        SubmitRejected: Stage.FAILED,
        StatusReport: Stage.SUBMITTED,
    },
    Stage.SENT: {StatusReport: Stage.DELIVERED},
    Stage.DELIVERED: {StatusReport: Stage.DELIVERED},
    Stage.FAILED: {},
}
