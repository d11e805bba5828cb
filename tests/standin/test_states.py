"""harness.standin.states: gateway-protocol.md §3.2, every state under every trigger."""

from __future__ import annotations

import pytest

from harness.standin.states import Trigger, after
from harness.wire.server import Status

# Columns: pending, scheduled, sending, sent, delivered, failed, expired, received; a point: ignored.
TABLE = {
    Trigger.PLAN: "scheduled . . . . . scheduled .",
    Trigger.FETCH: "sending sending . . . . sending .",
    Trigger.ATTEMPT: ". . sending . . . . .",
    Trigger.SENT: ". sent sent . . . sent .",
    Trigger.DELIVERED: ". delivered delivered delivered . . delivered .",
    Trigger.FAIL: "failed failed failed failed . failed failed failed",
    Trigger.EXPIRE: "expired expired expired . . . . .",
}


@pytest.mark.parametrize("trigger", Trigger)
def test_a_trigger_moves_a_message_as_the_protocol_says(trigger: Trigger) -> None:
    moved = [after(status, trigger) or "." for status in Status]
    assert " ".join(moved) == TABLE[trigger]
