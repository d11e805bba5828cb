"""Results as text and as plain data."""

from __future__ import annotations

import json

from harness.conform.cases import ABSENT
from harness.conform.match import Difference
from harness.conform.report import differing_steps, summary, text, to_json
from harness.conform.results import CaseResult, StepResult
from harness.errors import CaseError

AGREED = CaseResult("users", "users", "agree", (StepResult(0, "call", "GET /v1/users/me as user", (), "200 {}"),))
SKIPPED = CaseResult("limits", "send", "skip", (), "step 1: needs the control routes")
DIFFERENCES = (
    Difference("status", 200, 404),
    Difference("body.data.status", {"#oneof": ["sent", None]}, "x" * 300),
    Difference("body.more", ABSENT, ["é"]),
    Difference("body.less", "#uuid", ABSENT),
)
DIFFERING = CaseResult(
    "send",
    "send",
    "differ",
    (StepResult(3, "call", "GET /v1/messages/${message} as user", DIFFERENCES, '404 {"status":"error"}', 17),),
    path="cases/send.json",
)
UNREACHED = CaseResult("expiry", "send", "differ", (), "api.internal cannot be reached: refused")
RESULTS = [AGREED, SKIPPED, DIFFERING, UNREACHED]


def test_the_table_counts_verdicts_by_area() -> None:
    assert summary(RESULTS).splitlines() == [
        "area   agree  differ  skip",
        "send       0       2     1",
        "users      1       0     0",
        "total      1       2     1",
    ]


def test_a_table_of_nothing_has_its_head_and_its_total() -> None:
    assert summary([]).splitlines() == ["area   agree  differ  skip", "total      0       0     0"]


def test_a_differing_step_is_shown_as_a_diff() -> None:
    assert differing_steps(DIFFERING).splitlines() == [
        "send (send)",
        "  step 3, call: GET /v1/messages/${message} as user",
        "    at cases/send.json:17",
        "    status",
        "      - expected 200",
        "      + actual   404",
        "    body.data.status",
        '      - expected one of "sent" | null',
        '      + actual   "' + "x" * 199 + "… (302 characters)",
        "    body.more",
        "      - expected nothing",
        '      + actual   ["é"]',
        "    body.less",
        '      - expected "#uuid"',
        "      + actual   nothing",
        '    answer: 404 {"status":"error"}',
    ]


def test_a_step_whose_line_is_not_known_is_at_its_file() -> None:
    step = StepResult(1, "settle", "1 s", (Difference("names", "${a}", ABSENT),))
    result = CaseResult("order-F", "orders", "differ", (step,), path="orders.jsonl:2")
    assert differing_steps(result).splitlines()[2] == "    at orders.jsonl:2"


def test_a_time_of_the_servers_own_is_told_in_words() -> None:
    step = StepResult(1, "call", "GET", (Difference("p", {"#time_but": ["${report0}"]}, None),))
    shown = differing_steps(CaseResult("order-E", "orders", "differ", (step,)))
    assert "      - expected a time of the server's own\n" in shown


def test_a_case_that_ended_early_says_why() -> None:
    assert differing_steps(UNREACHED).splitlines()[1:] == ["  api.internal cannot be reached: refused"]


def test_the_report_has_the_table_the_differences_and_the_skips() -> None:
    report = text(RESULTS)
    assert report.index("area ") < report.index("send (send)") < report.index("skipped\n  limits  step 1: needs")
    assert "users (users)" not in report
    assert report.endswith("\n")


def test_the_report_of_agreement_is_the_table() -> None:
    assert text([AGREED]) == summary([AGREED]) + "\n"


def test_plain_data_survives_json_and_tells_null_from_absent() -> None:
    data = to_json(
        [
            *RESULTS,
            CaseResult("n", "a", "differ", (StepResult(0, "c", "t", (Difference("p", None, ABSENT),)),)),
        ],
        [CaseError("x.json", "is no JSON")],
    )
    assert data["unreadable"] == [{"path": "x.json", "why": "is no JSON"}]
    assert json.loads(json.dumps(data)) == data
    assert data["totals"] == {"agree": 1, "differ": 3, "skip": 1}
    cases = data["cases"]
    assert isinstance(cases, list)
    assert cases[4] == {
        "case": "n",
        "area": "a",
        "verdict": "differ",
        "reason": "",
        "path": "",
        "steps": [
            {
                "step": 0,
                "line": None,
                "do": "c",
                "title": "t",
                "differences": [{"path": "p", "expected": None}],
                "answer": "",
            }
        ],
    }
