"""The table of stages, and that the phone goes by it."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from harness.errors import ProtocolError
from harness.phone.stages import TRANSITIONS, News, Stage, news_of
from harness.radio import MmsResult, StatusReport, SubmitAccepted, SubmitRejected, SubmitThrew
from tests.phone.kit import NOW, a_phone, rows, submitted, tell

EVENTS: dict[News, Any] = {
    News.ACCEPTED: lambda name: SubmitAccepted(name, 0, 1),
    News.REJECTED: lambda name: SubmitRejected(name, 0, 4),
    News.THREW: lambda name: SubmitThrew(name, "SecurityException", "no permission"),
    News.TEMPORARY: lambda name: StatusReport(name, 0, 1, 48),
    News.FINAL: lambda name: StatusReport(name, 0, 1, 0),
    News.MMS: lambda name: MmsResult(name, -1),
}
# How to get there from SUBMITTED.
WAYS: dict[Stage, list[News]] = {
    Stage.SUBMITTED: [],
    Stage.SENT: [News.ACCEPTED],
    Stage.REPORTED: [News.FINAL],
}
PAIRS = [(stage, news) for stage in WAYS for news in EVENTS]


@pytest.mark.parametrize(("stage", "news"), PAIRS, ids=lambda item: getattr(item, "value", None))
def test_a_result_leads_where_the_table_says_or_is_illegal(stage: Stage, news: News) -> None:
    phone = a_phone()
    submit_id = submitted(phone).id
    for step in WAYS[stage]:
        tell(phone, EVENTS[step](submit_id))
    assert phone.submissions[submit_id].stage is stage
    before = rows(phone)
    target = TRANSITIONS[stage].get(news)
    if target is None:
        with pytest.raises(ProtocolError) as raised:
            phone.handle(EVENTS[news](submit_id), NOW)
        assert (raised.value.core, raised.value.state) == ("phone:alice", stage.value)
        assert rows(phone) == before
        return
    assert tell(phone, EVENTS[news](submit_id))  # whatever is legal is reported
    left = phone.submissions.get(submit_id)
    assert (left.stage if left else Stage.OVER) is target


def test_the_edges_are_these() -> None:
    counts = Counter((stage.value, target.value) for stage, row in TRANSITIONS.items() for target in row.values())
    print({f"{stage} → {target}": count for (stage, target), count in counts.items()})
    assert counts == {
        ("submitted", "sent"): 1, ("submitted", "over"): 3, ("submitted", "submitted"): 1, ("submitted", "reported"): 1,
        ("sent", "sent"): 2, ("sent", "over"): 1,
        ("reported", "over"): 2, ("reported", "reported"): 2,
    }  # fmt: skip


def test_a_radio_does_not_take_back_what_it_said_of_a_segment() -> None:
    assert News.REJECTED not in TRANSITIONS[Stage.SENT]


@pytest.mark.parametrize(
    ("status", "news"),
    [(0, News.FINAL), (31, News.FINAL), (32, News.TEMPORARY), (63, News.TEMPORARY), (64, News.FINAL)],
)
def test_a_status_of_an_smsc_that_still_tries_is_temporary(status: int, news: News) -> None:
    assert news_of(StatusReport("x", 0, 1, status)) is news


def test_what_is_over_is_forgotten() -> None:
    phone = a_phone()
    submit_id = submitted(phone).id
    for news in (News.ACCEPTED, News.FINAL):
        tell(phone, EVENTS[news](submit_id))
    assert not phone.submissions
    assert not phone.intents
    assert tell(phone, EVENTS[News.FINAL](submit_id)) == []
