"""Markdown for a pull request and commands for a workflow: a story's texts stay texts in both."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.outcome import Outcome
from harness.report import annotations as commands
from harness.report import markdown
from tests.report.outcomes import (
    ALL,
    BROKEN,
    FAILED,
    IN_PYTHON,
    KNOWN,
    PASSED,
    SKIPPED,
    SKIPPED_TOO,
    TYPO,
    failure,
    hostile,
    outcome,
    verdict,
)


def test_a_run_that_went_well_is_a_line() -> None:
    assert markdown([PASSED, PASSED]) == "### ✅ Stories: 2 passed\n"
    assert markdown([]) == "### ⚪ Stories: 0 passed\n"
    assert markdown([PASSED], 1).startswith("### ❌ Stories: 1 passed, 1 not run")


def test_a_failure_is_a_row_with_its_missing_step_and_a_folded_life() -> None:
    assert markdown([FAILED, PASSED]).splitlines()[:12] == [
        "### ❌ Stories: 1 passed, 1 failed",
        "",
        "| story | where | what went wrong |",
        "| --- | --- | --- |",
        r"| A story | `s.yaml:7` | missing: the push reaches the phone \(phone: pushed\), of the message hi |",
        "",
        "<details><summary>A story</summary>",
        "",
        "```",
        "missing: the push reaches the phone (phone: pushed)",
        "s.yaml:7: expect: {sms: {to: bob}}",
        "not seen within 30 s",
    ]
    assert "Repeat it with `httpsms-harness run s.yaml -k 'A story' --seed 7`" in markdown([FAILED])


def test_skips_are_listed_by_reason_and_defects_by_theirs() -> None:
    text = markdown([KNOWN, SKIPPED, SKIPPED_TOO])
    assert "- A defect: upstream 412 is open" in text
    assert "<details><summary>Skipped: 2</summary>" in text
    assert "- A story, Another: no device. To run them: connect one and try again" in text


@pytest.mark.parametrize("told", [FAILED, hostile()])
def test_of_very_many_failures_not_every_life_is_shown(told: Outcome) -> None:
    """A comment of GitHub has at most 65,536 characters."""
    text = markdown([told] * 300 + [KNOWN] * 300 + [SKIPPED] * 300)
    assert 20_000 < len(text) < 65_536
    rows, lives = len(re.findall("(?m)^[|] (?!story|---)", text)), text.count("<details>") - 1
    assert 300 > rows > lives > 3
    assert f"and {300 - rows} more failures" in text
    assert f"and {300 - lives} more, whose reports are not shown here" in text
    assert "- and " in text
    assert "and 280 more" in text
    assert text.count("<details>") == text.count("</details>")


def _outside_of_code(text: str) -> str:
    """What GitHub reads as markup: neither fenced nor between ticks."""
    text = re.sub(r"(?ms)^(`{3,})\n.*?^\1$", "", text)
    return re.sub(r"(?<![\\`])(`+)(?!`).+?(?<!`)\1(?!`)", "", text)


def test_nothing_of_a_hostile_story_is_markup() -> None:
    text = markdown([hostile()])
    read = _outside_of_code(text)
    tags = set(re.findall(r"<[^>]*>", read))
    assert tags == {"<details>", "<summary>", "</summary>", "</details>"}
    assert "@everybody" not in read
    assert "://" not in read
    assert re.search(r"(?<!\\)\[x\]", read) is None
    (row,) = [line for line in text.splitlines() if "onerror" in line and line.startswith("| ")]
    assert len(re.findall(r"(?<!\\)\|", row)) == 4
    assert text.replace("\n", "").replace("\u2060", "").isprintable()


@given(st.text(min_size=1))
def test_a_title_never_leaves_its_row_or_its_fence(title: str) -> None:
    told = outcome(verdict(title=title, passed=False, failure=failure("", place=""), messages=()), [])
    lines = markdown([told]).split("\n")
    assert lines[2:4] == ["| story | where | what went wrong |", "| --- | --- | --- |"]
    assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", lines[4])) == 4
    assert lines[5] == ""


# -- commands ----------------------------------------------------------------------------------------------------------


def test_a_failure_marks_its_line() -> None:
    assert commands([PASSED, SKIPPED, KNOWN]) == []
    assert commands([FAILED]) == [
        "::error file=s.yaml,line=7,col=5,title=A story::missing: the push reaches the phone (phone: pushed), of the "
        "message hi%0Aexpect: {sms: {to: bob}}%0Anot seen within 30 s%0Anothing of the kind was seen on the hop "
        "contact%0Arepeat with: httpsms-harness run s.yaml -k 'A story' --seed 7"
    ]


def test_a_story_of_python_marks_no_line() -> None:
    (command,) = commands([IN_PYTHON])
    assert command.startswith(
        "::error title=In Python::not seen within 30 s%0Aexpect: {sms: {to: bob}}%0Anothing of the kind"
    )


def test_a_command_says_once_what_differs() -> None:
    (command,) = commands([TYPO])
    assert command.split("::")[2].startswith("reason: expected 'NO_SERVCE', got 'NO_SERVICE'%0Aexpect: ")
    assert command.count("NO_SERVCE") == 2


def test_one_command_for_each_failure() -> None:
    assert len(commands(ALL)) == 3
    assert "broken: one-sms-per-send" in commands([BROKEN])[0]


@pytest.mark.parametrize("stranger", [hostile()])
def test_no_text_of_a_story_ends_its_command_or_begins_another(stranger: object) -> None:
    (command,) = commands([stranger])  # type: ignore[list-item]
    assert "\n" not in command
    assert "\r" not in command
    properties, message = command.removeprefix("::error ").split("::", 1)
    assert ":" not in properties
    assert properties.count(",") == 3
    assert "%250A\\r%0A" in message
    assert command.isprintable()
    assert "%3A%3Aerror%3A%3A%2C" in properties
    command.encode()
