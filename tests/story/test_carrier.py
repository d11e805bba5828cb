"""What cannot be a rule of the network; what can is in test_builder.py, beside the words of the files."""

from __future__ import annotations

from typing import Any

import pytest

from harness.carrier_rules import ALL
from harness.errors import UsageError
from harness.story.carrier import rule_of

MORE = {"result": None, "after_s": None, "early": False}


@pytest.mark.parametrize(
    ("kind", "value", "error"),
    [
        ("refuse", "NOTHING", UsageError),
        ("refuse", "none", ValueError),
        ("throttle", (0, 60), UsageError),
        ("reports", [("perhaps", 0)], ValueError),
        ("reports", [(300, 0)], UsageError),
        ("late", -1, UsageError),
        ("reorder", -1, ValueError),
        ("throttle", (1, -1), ValueError),
        ("lose", 0, ValueError),
        ("long_code_filter", 101, ValueError),
    ],
)
def test_a_rule_that_cannot_be_is_refused(kind: str, value: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        rule_of(kind, value, ALL, MORE)
