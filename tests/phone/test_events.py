"""The acts of a phone's user keep what was typed to themselves, and all can wait in a file."""

from __future__ import annotations

from typing import Any

import pytest

from harness.phone import ChangeSettings, LogIn, NewRegistrationToken, Sim, TypeEncryptionKey, events
from harness.plain import dump, load

SECRET = [
    LogIn("hush"),
    ChangeSettings((("encryption_key", "hush"),)),
    NewRegistrationToken("hush"),
    TypeEncryptionKey("hush"),
]
EVENTS = [
    *SECRET,
    LogIn("pk_one", ("+18005550199",), "http://h"),
    ChangeSettings((("sims", (Sim("+18005550199"),)),)),
    events.JobDue(7),
    events.SwitchSim(2, "calls", True),
    events.AnswerPermissions((("SEND_SMS", False),)),
    events.ChangeSims(((1, 1), (2, 2)), None),
    events.SmsBroadcast((b"\0",), None),
    events.ResultBroadcast("sent", None, 0),
    events.TelephonyThrows("java.lang.Error"),
    events.InsertCard(1),
    events.OpenApp(),
]


@pytest.mark.parametrize("act", SECRET)
def test_an_act_does_not_show_what_was_typed(act: Any) -> None:
    assert "hush" not in repr(act)


@pytest.mark.parametrize("event", EVENTS)
def test_an_event_that_is_due_can_be_kept_in_a_file(event: Any) -> None:
    assert load(dump(event)) == event
