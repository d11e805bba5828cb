"""Results as JUnit XML, read back as a CI server reads them."""

from __future__ import annotations

from xml.etree import ElementTree

from harness.conform.cases import ABSENT
from harness.conform.junit import to_junit
from harness.conform.match import Difference
from harness.conform.report import differing_steps
from harness.conform.results import CaseResult, StepResult
from harness.errors import CaseError

STEP = StepResult(3, "call", "GET /v1/x as user", (Difference("status", 200, ABSENT),), "404 <no>", 7)
AGREED = CaseResult("users", "users", "agree")
DIFFERING = CaseResult("send", "messages", "differ", (StepResult(0, "settle", "1 s"), STEP), path="send.json")
ENDED = CaseResult("order-F", "orders", "differ", (), "set-up, account user: 500 oh")
SKIPPED = CaseResult("limits", "send", "skip", (), 'needs "control" & more')
RESULTS = [AGREED, DIFFERING, ENDED, SKIPPED]


def _read(text: str) -> dict[str, ElementTree.Element]:
    root = ElementTree.fromstring(text)
    assert (root.tag, [suite.tag for suite in root]) == ("testsuites", ["testsuite"])
    return {str(case.get("name")): case for case in root[0]}


def test_there_is_a_test_case_for_each_case_with_its_area_as_the_class() -> None:
    cases = _read(to_junit(RESULTS))
    assert {name: case.get("classname") for name, case in cases.items()} == {
        "users": "users",
        "send": "messages",
        "order-F": "orders",
        "limits": "send",
    }
    assert list(cases["users"]) == []


def test_a_failure_carries_the_difference() -> None:
    [failure] = _read(to_junit(RESULTS))["send"]
    assert failure.tag == "failure"
    assert failure.get("message") == "step 3, GET /v1/x as user: status differs"
    assert failure.text == differing_steps(DIFFERING)


def test_a_case_that_ended_early_fails_with_the_reason() -> None:
    [failure] = _read(to_junit(RESULTS))["order-F"]
    assert (failure.tag, failure.get("message")) == ("failure", "set-up, account user: 500 oh")


def test_a_skip_carries_its_reason() -> None:
    [skipped] = _read(to_junit(RESULTS))["limits"]
    assert (skipped.tag, skipped.get("message")) == ("skipped", 'needs "control" & more')


def test_what_cannot_be_read_is_an_error() -> None:
    [error] = _read(to_junit([], [CaseError("x.json", "is no JSON")]))["x.json"]
    assert (error.tag, error.get("message")) == ("error", "is no JSON")


def test_the_suite_counts() -> None:
    root = ElementTree.fromstring(to_junit(RESULTS, [CaseError("x.json", "is no JSON")]))
    for element in (root, root[0]):
        counts = [element.get(name) for name in ("tests", "failures", "errors", "skipped")]
        assert counts == ["5", "2", "1", "1"]


def test_texts_that_xml_cannot_hold_are_marked() -> None:
    odd = CaseResult("odd", "a", "skip", (), "nul \0, bell \a, half \ud800, 😀 <&>")
    [skipped] = _read(to_junit([odd]))["odd"]
    assert skipped.get("message") == "nul \ufffd, bell \ufffd, half \ufffd, 😀 <&>"
