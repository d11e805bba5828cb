"""What would run, in words."""

from __future__ import annotations

from pathlib import Path

from tests.cli.inside import call
from tests.cli.stories import PASSES, SKIPS, write

STORY = """\
scenario: A code
tags: [otp]
expect_failure: bug 7
variables: {code: "99"}
for_each:
  - {sim: 1}
  - {sim: 2}
phones:
  shop: {second_number: "+18005550180", encryption_key: Password123}
contacts: [bob]
steps:
  - send: {from: shop, to: bob, text: "code ${code}", sim: "${sim}", encrypted: true}
    as: code
  - together:
      - [{expect: {sms: {to: bob}}}, {text: {from: bob, to: shop, text: Hi}}]
      - [{advance: 10m}]
"""


def test_a_plan_is_shown_in_words_and_nothing_runs(tmp_path: Path) -> None:
    write(tmp_path, STORY)
    done = call("run", ".", "--dry-run", folder=tmp_path)
    first, second = done.out.split("\n\n")
    lines = [line.strip() for line in first.splitlines()]
    assert (done.code, done.err) == (0, "")
    assert lines[0].startswith("story.scenario.yaml:6  A code [")
    assert lines[0].endswith("  [otp]")
    assert lines[1] == "shows a known defect: bug 7"
    assert "phones: shop +18005550100 and +18005550180" in lines
    assert any(line.startswith("dual-sim ") for line in lines[lines.index("needs:") :])
    assert '1. send encrypted from shop to bob: "code 99"  (as code)' in lines
    assert [line.split()[0] for line in lines if line.startswith("2.")] == ["2.", "2.1.1.", "2.1.2.", "2.2.1."]
    assert "(SIM 2)" in second
    assert "Password123" not in done.out


def test_the_list_has_a_line_for_each_story(tmp_path: Path) -> None:
    write(tmp_path, f"{SKIPS}---\n{PASSES}")
    done = call("run", ".", "--list", folder=tmp_path)
    assert [line.split("  ", 1) for line in done.out.splitlines()] == [
        ["story.scenario.yaml:1", "Not today  [slow]"],
        ["story.scenario.yaml:11", "A text arrives"],
    ]
    assert "is skipped: it is Sunday" in call("run", ".", "--dry-run", folder=tmp_path).out
