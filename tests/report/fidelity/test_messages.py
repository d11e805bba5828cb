"""What a user knows of, by message."""

from __future__ import annotations

import pytest

from harness.report.fidelity.messages import fact, grouped, words_of
from harness.report.told import SET_UP
from tests.report.fidelity.runs import CALL, READ
from tests.report.traces import CAME_IN, SENT, Written, trace

ANSWER: Written = (0.3, "contact", "wrote", None, {"from": "+2", "to": "+1", "text": "Thank you"})
GROUPS: dict[str, tuple[list[Written], list[str]]] = {
    "a text that is sent": (SENT, ["13 m1"]),
    "a text that comes in": (CAME_IN, ["5 text 0"]),
    "calls": (CALL, ["3 calls of +2"]),
    "what a contact answers is another text": ([*CAME_IN[:3], ANSWER], ["3 text 0", "1 text 3"]),
    "what a contact received is the message that led to it, also where it answers": (
        [*SENT[:9], READ, ANSWER, CAME_IN[2], CAME_IN[4]], ["9 m1", "3 text 10"]
    ),
    "no message: the step": ([(0.0, "client", "refused", None, {"step": "step-1"})], ["1 step step-1"]),
    "no message and no step: the phone": (
        [(0.0, "gateway", "phone.heartbeat.offline", None, {"owner": "+1"})], ["1 about +1"]
    ),
    "the set-up is none of the story's": ([(0.0, "client", "accepted", "m1", {"step": f"{SET_UP}/shop"})], []),
    "what nobody knows of": ([(0.0, "gateway", "webhook.called", "m1", {})], []),
}  # fmt: skip


@pytest.mark.parametrize(("written", "groups"), GROUPS.values(), ids=GROUPS)
def test_entries_stand_with_their_message(written: list[Written], groups: list[str]) -> None:
    assert [f"{len(entries)} {name}" for name, entries in grouped(trace(*written)).items()] == groups


def test_webhooks_are_told_by_their_event_unless_there_is_a_better_word() -> None:
    told = trace((0.0, "webhook", "message.phone.sent", "m1", {}), (0.0, "webhook", "refused", "m1", {}))
    assert [words_of(entry) for entry in told] == ["the webhook tells message.phone.sent", "the webhook refuses it"]


def test_a_fact_that_is_no_text_is_none() -> None:
    [entry] = trace((0.0, "client", "refused", None, {"step": "step-1", "status": 400}))
    assert [fact(entry, name) for name in ("step", "status", "other")] == ["step-1", "", ""]
