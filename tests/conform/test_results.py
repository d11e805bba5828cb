"""What a step is called in a report."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.conform import read_case
from harness.conform.cases import Tally
from harness.conform.results import step_result
from tests.conform.worlds import case_text


@pytest.mark.parametrize(
    ("step", "do", "title"),
    [
        (
            {"do": "call", "as": "phone", "method": "GET", "path": "/v1/x/${message}"},
            "call",
            "GET /v1/x/${message} as phone",
        ),
        (
            {"do": "push", "token": "${token}", "within": 5, "expect": None},
            "push",
            "the next push for ${token} within 5 s",
        ),
        (
            {"do": "webhook_answers", "url": "${hook_url}", "plan": [500, "hang"]},
            "webhook_answers",
            "${hook_url} answers 500, hang",
        ),
        (
            {"do": "webhooks", "url": "${hook_url}", "settle": 1, "expect": []},
            "webhooks",
            "what came to ${hook_url}",
        ),
        ({"do": "settle", "seconds": 0.5}, "settle", "0.5 s"),
        ({"do": "arrange", "what": "rain"}, "arrange", "rain"),
        ({"do": "observe", "what": "a gap"}, "observe", "a gap"),
        ({"do": "bind", "a": {"text": "x"}, "b": {"text": "y"}}, "bind", "a, b"),
        ({"do": "dance"}, "dance", "a step `dance` is not known"),
    ],
    ids=lambda value: "",
)
def test_a_step_is_named_by_what_it_does(step: dict[str, Any], do: str, title: str) -> None:
    case = read_case(case_text([step]))
    result = step_result(case, 0, (), "")
    assert (result.index, result.do, result.title) == (0, do, title)


def test_a_tally_is_named_by_what_it_counts() -> None:
    case = replace(read_case(case_text([])), steps=(Tally("${token}", "${hook_url}", {}),), lines=(7,))
    result = step_result(case, 0, (), "")
    assert (result.do, result.title, result.line) == ("tally", "all pushes and webhooks that came", 7)
