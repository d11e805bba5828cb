"""The table of stages, and that the phone goes by it."""

from __future__ import annotations

from typing import Any

import pytest

from harness.errors import ProtocolError
from harness.phone import Stage
from harness.phone.stages import TRANSITIONS
from harness.radio import RadioResult, StatusReport, SubmitAccepted, SubmitRejected, SubmitThrew
from tests.phone.kit import NOW, a_phone, rows, submitted, tell

EVENTS: dict[type[RadioResult], Any] = {
    SubmitAccepted: lambda name: SubmitAccepted(name, 0, 1),
    SubmitRejected: lambda name: SubmitRejected(name, 0, 4),
    SubmitThrew: lambda name: SubmitThrew(name, "SecurityException", "no permission"),
    StatusReport: lambda name: StatusReport(name, 0, 1, 0),
}
# How to get there from SUBMITTED.
WAYS: dict[Stage, list[type[RadioResult]]] = {
    Stage.SUBMITTED: [],
    Stage.SENT: [SubmitAccepted],
    Stage.FAILED: [SubmitRejected],
    Stage.DELIVERED: [SubmitAccepted, StatusReport],
}
PAIRS = [(stage, kind) for stage in Stage for kind in EVENTS]


@pytest.mark.parametrize(("stage", "kind"), PAIRS, ids=lambda item: getattr(item, "value", None))
def test_a_result_leads_where_the_table_says_or_is_illegal(stage: Stage, kind: type[RadioResult]) -> None:
    phone = a_phone()
    submit_id = submitted(phone).id
    for step in WAYS[stage]:
        tell(phone, EVENTS[step](submit_id))
    assert phone.submissions[submit_id].stage is stage
    before = rows(phone)
    if kind in TRANSITIONS[stage]:
        assert tell(phone, EVENTS[kind](submit_id))  # whatever is legal is reported
        assert phone.submissions[submit_id].stage is TRANSITIONS[stage][kind]
    else:
        with pytest.raises(ProtocolError) as raised:
            phone.handle(EVENTS[kind](submit_id), NOW)
        assert (raised.value.core, raised.value.state) == ("phone:alice", stage.value)
        assert rows(phone) == before


def test_the_table_knows_every_stage_and_leads_to_each_but_the_first() -> None:
    assert TRANSITIONS.keys() == set(Stage)
    reached = {stage for row in TRANSITIONS.values() for stage in row.values()}
    assert reached == set(Stage) - {Stage.SUBMITTED}


def test_a_delivery_result_is_legal_at_every_stage_and_leads_to_one() -> None:
    assert {row[StatusReport] for row in TRANSITIONS.values()} == {Stage.DELIVERED}


def test_a_radio_does_not_take_back_what_it_said_of_a_segment() -> None:
    assert SubmitRejected not in TRANSITIONS[Stage.SENT]
    assert SubmitAccepted not in TRANSITIONS[Stage.FAILED]
