"""The acts of a phone's user keep what was typed to themselves."""

from __future__ import annotations

from typing import Any

import pytest

from harness.phone import ChangeSettings, LogIn, Sim
from harness.phone.events import HeartbeatDue, JobDue
from harness.plain import dump, load


@pytest.mark.parametrize("act", [LogIn("hush"), ChangeSettings((("encryption_key", "hush"),))])
def test_an_act_does_not_show_what_was_typed(act: Any) -> None:
    assert "hush" not in repr(act)


@pytest.mark.parametrize(
    "event", [LogIn("pk_one"), JobDue(7), HeartbeatDue(), ChangeSettings((("sims", (Sim("+18005550199"),)),))]
)
def test_an_event_that_is_due_can_be_kept_in_a_file(event: Any) -> None:
    assert load(dump(event)) == event
