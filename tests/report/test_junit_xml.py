"""The results as JUnit XML, read back as a CI server reads them."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.instants import SECOND
from harness.outcome import Outcome
from harness.report import junit
from tests.report.outcomes import (
    ALL,
    BARE_SKIP,
    BROKEN,
    FAILED,
    IN_PYTHON,
    KNOWN,
    PASSED,
    SKIPPED,
    hostile,
    outcome,
    verdict,
)

Element = ElementTree.Element


def _read(*outcomes: Outcome) -> Element:
    # The declaration names an encoding, as the file has one: it is read as bytes.
    return ElementTree.fromstring(junit(outcomes).encode())


def _case(outcome: Outcome) -> Element:
    (case,) = _read(outcome).iter("testcase")
    return case


def test_each_file_is_a_suite_and_each_story_a_test_case() -> None:
    root = _read(*ALL)
    assert [suite.get("name") for suite in root] == ["s.yaml", "stories in Python"]
    assert [len(suite.findall("testcase")) for suite in root] == [7, 1]
    assert [case.get("name") for case in root[1].iter("testcase")] == ["In Python"]


def test_suites_and_run_are_counted() -> None:
    root = _read(*ALL)
    names = ("tests", "failures", "errors", "skipped")
    assert [[suite.get(name) for name in names] for suite in (root, *root)] == [
        ["8", "3", "0", "4"],
        ["7", "2", "0", "4"],
        ["1", "1", "0", "0"],
    ]


def test_times_are_those_of_the_wall_or_there_are_none() -> None:
    day = outcome(verdict(took=86_403 * SECOND))
    root = ElementTree.fromstring(junit([day, FAILED, IN_PYTHON], [0.4, 0.25, 1]).encode())
    assert [element.get("time") for element in (root, *root)] == ["1.650", "0.650", "1.000"]
    assert [case.get("time") for case in root.iter("testcase")] == ["0.400", "0.250", "1.000"]
    assert not [element for element in _read(day).iter() if "time" in element.attrib]
    assert [each.get("value") for each in _case(day).iter("property") if each.get("name") == "story_time_s"] == [
        "86403.000"
    ]


@pytest.mark.parametrize(
    ("path", "area"),
    [("scenarios/otp/code.scenario.yaml", "code"), ("a.b.yaml", "a_b_yaml"), ("", "stories")],
)
def test_the_class_of_a_story_is_its_file_without_what_would_make_packages(path: str, area: str) -> None:
    case = _case(outcome(verdict(), path=path, line=3 if path else 0))
    assert case.get("classname") == area
    assert (case.get("file"), case.get("line")) == ((path, "3") if path else (None, None))


def test_a_failure_has_its_gist_as_the_message_and_the_report_as_its_text() -> None:
    failure = _case(FAILED).find("failure")
    assert failure is not None
    assert failure.get("message") == "missing: the push reaches the phone (phone: pushed), of the message hi"
    assert failure.get("type") == "expectation"
    assert str(failure.text).startswith("FAIL  A story\n      missing: the push reaches the phone")
    assert [found.get("type") for found in _read(BROKEN).iter("failure")] == ["invariant"]


@pytest.mark.parametrize(
    ("story", "message"),
    [
        (SKIPPED, "no device; to run it: connect one and try again"),
        (BARE_SKIP, "not yet"),
        (KNOWN, "known defect: upstream 412 is open"),
    ],
)
def test_a_skip_says_why_and_a_known_defect_is_one(story: Outcome, message: str) -> None:
    (skipped,) = _read(story).iter("skipped")
    assert skipped.get("message") == message
    assert ("the push reaches the phone" in str(skipped.text)) is (story is KNOWN)


def test_what_repeats_a_story_stands_in_its_properties() -> None:
    known = {str(each.get("name")): each.get("value") for each in _case(PASSED).iter("property")}
    assert known == {
        "seed": "7",
        "target": "embedded",
        "tags": "smoke",
        "repeat": "httpsms-harness run s.yaml -k 'A story' --seed 7",
        "story_time_s": "1.235",
        "trace_hash": "0a" * 16,
    }
    assert {each.get("name") for each in _case(IN_PYTHON).iter("property")} == {
        "seed", "target", "repeat", "story_time_s",
    }  # fmt: skip
    assert "story_time_s" not in {each.get("name") for each in _case(SKIPPED).iter("property")}


def test_hostile_texts_stay_texts() -> None:
    case = _case(hostile())
    assert "<img src=x onerror=alert(1)>" in str(case.get("name"))
    assert [child.tag for child in case] == ["properties", "failure"]


@given(st.text(), st.text())
def test_whatever_a_story_says_the_document_can_be_read(title: str, reason: str) -> None:
    case = _case(outcome(verdict(title=title, skipped=reason)))
    assert case.find("skipped") is not None


def test_an_empty_run_is_a_document_too() -> None:
    assert _read().get("tests") == "0"
