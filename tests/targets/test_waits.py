"""How long a story has to wait where time cannot jump."""

from __future__ import annotations

from typing import Any

import pytest

from harness.carrier_rules import Late
from harness.delays import Fixed, Uniform
from harness.instants import SECOND
from harness.scenario.plan import (
    Advance,
    Carrier,
    Expect,
    Fault,
    Never,
    Scenario,
    Send,
    SmsLook,
    Step,
    Together,
)
from harness.targets.waits import longest_wait

LOOK = SmsLook("bob")


@pytest.mark.parametrize(
    ("acts", "longest_s"),
    [
        ([], None),
        ([Expect(LOOK, 3600 * SECOND)], None),  # it may be there at once
        ([Advance(7 * SECOND), Never(LOOK, 5 * SECOND)], 7),
        ([Expect(LOOK, 9 * SECOND, at_most=2)], 9),
        ([Send("alice", ("bob",), "x", later=600 * SECOND)], 600),
        ([Fault("late-push", delay=300 * SECOND)], 300),
        ([Carrier((Late(Fixed(60 * SECOND)), Late(Uniform(1, 2))))], 60),
        ([Together(((Step(Never(LOOK, 8 * SECOND)),), (Step(Advance(2)),)))], 8),
    ],
)
def test_the_longest_wait_that_is_sure_to_come(acts: list[Any], longest_s: int | None) -> None:
    found = longest_wait(Scenario("story", (), (), tuple(Step(act) for act in acts)))
    assert (None if found is None else found[0] // SECOND) == longest_s
