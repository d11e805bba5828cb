"""Scenario files in a pytest of somebody else."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.pytest_plugin.runs import Run, pytest_in

GOOD = """\
scenario: A code reaches the customer
tags: [smoke, two-words]
phones:
  shop: {}
contacts: [bob]
steps:
  - send: {from: shop, to: bob, text: Your code is 1234}
  - expect: {sms: {to: bob, text: Your code is 1234}}
---
scenario: Each row is a test
for_each:
  - {code: "1234"}
  - {code: "5678"}
phones:
  shop: {}
contacts: [bob]
steps:
  - send: {from: shop, to: bob, text: "Your code is ${code}"}
  - expect: {sms: {to: bob, text: "Your code is ${code}"}}
"""
FAILS = """\
scenario: A code is lost
tags: [slow]
phones:
  shop: {}
contacts: [bob]
steps:
  - phone: {name: shop, do: lose network}
  - send: {from: shop, to: bob, text: Your code is 1234}
  - expect: {sms: {to: bob, text: Your code is 1234}}
    within: 2s
"""
ONE = GOOD.partition("---")[0]
SKIPPED = "skip: not today\n" + FAILS
KNOWN = "expect_failure: defect 17\n" + FAILS
GONE = "expect_failure: defect 17\n" + ONE
BROKEN = "scenario: Broken\nphones:\n  shop: {}\nsteps:\n  - sned: {from: shop}\n  - sedn: {}\n"


def run_files(folder: Path, *arguments: str, **texts: str) -> Run:
    """`good="…"` is the file good.scenario.yaml."""
    files = {f"{name}.scenario.yaml": text for name, text in texts.items()}
    return pytest_in(folder, *arguments, files=files)


def ids(run: Run) -> list[str]:
    return [line for line in run.out.splitlines() if "::" in line]


def test_a_story_is_a_test_and_so_is_each_row(tmp_path: Path) -> None:
    listed = run_files(tmp_path, "--collect-only", "-q", "--strict-markers", good=GOOD, twice=f"{ONE}---\n{ONE}")
    [first, *rows], twice = ids(listed)[:3], ids(listed)[3:]
    assert first == "good.scenario.yaml::A code reaches the customer"
    assert [row.startswith("good.scenario.yaml::Each row is a test") for row in rows] == [True, True]
    assert (len(set(rows)), len(set(twice))) == (2, 2)
    run = run_files(tmp_path, "--strict-markers")
    assert run.counts == {"passed": 5}, run
    alone = run_files(tmp_path, "-v", rows[1])
    assert alone.counts == {"passed": 1}, alone


@pytest.mark.parametrize("title", ["Bulk::send", "rows [of all kinds]", "naïve – ünïcödé", "50 % off / or less"])
def test_a_story_of_any_title_is_chosen_by_its_id(title: str, tmp_path: Path) -> None:
    story = ONE.replace("A code reaches the customer", f'"{title}"')
    [name] = ids(run_files(tmp_path, "--collect-only", "-q", named=story))
    junit = tmp_path / "junit.xml"
    assert run_files(tmp_path, f"--junit-xml={junit}", name).counts == {"passed": 1}
    [case] = ElementTree.parse(junit).iter("testcase")
    assert (case.get("classname"), case.get("name")) == ("named.scenario.yaml", name.partition("::")[2])


def test_tags_are_markers_and_names_are_found(tmp_path: Path) -> None:
    for arguments, count in (
        (("-m", "smoke and two-words and not slow"), 1),
        (("-k", "row"), 2),
    ):
        run = run_files(tmp_path, "--strict-markers", *arguments, good=GOOD, fails=FAILS)
        assert run.counts["passed"] == count, run


@pytest.mark.parametrize("tag", ["skip", "skipif", "xfail", "usefixtures", "parametrize", "filterwarnings", "_own"])
def test_a_tag_does_nothing_to_its_story_but_name_it(tag: str, tmp_path: Path) -> None:
    story = ONE.replace("smoke", tag)
    assert run_files(tmp_path, "--strict-markers", "-m", "two-words", story=story).counts == {"passed": 1}
    assert run_files(tmp_path, "-k", tag, "--collect-only").code == 0


def test_a_failure_is_one_line_where_one_line_is_asked_for(tmp_path: Path) -> None:
    run = run_files(tmp_path, "--tb=line", fails=FAILS)
    assert re.search(r"^fails\.scenario\.yaml:9: expect: .* not seen within 2 s", run.out, re.MULTILINE), run


def test_a_failure_stands_at_its_line_with_the_story_and_how_to_repeat_it(tmp_path: Path) -> None:
    junit = tmp_path / "junit.xml"
    run = run_files(
        tmp_path, "-v", "--httpsms-seed", "7", f"--junit-xml={junit}", "-o", "junit_family=xunit1", fails=FAILS
    )
    assert run.counts == {"failed": 1}
    assert re.search(r"fails\.scenario\.yaml:9\b", run.out), run
    assert "missing: the push reaches the phone" in run.out
    assert re.search(r"repeat with: .*--seed 7", run.out)
    assert re.search(r"^FAILED fails.scenario.yaml::A code is lost - .*expect", run.out, re.MULTILINE), run
    assert "items.py" not in run.out
    [case] = ElementTree.parse(junit).iter("testcase")
    properties = {one.get("name"): one.get("value") for one in case.iter("property")}
    assert (properties["seed"], properties["target"]) == ("7", "embedded")
    assert "--seed 7" in str(properties["repeat"])
    assert (case.get("file"), case.get("line")) == ("fails.scenario.yaml", "0")


def test_skips_and_known_defects_are_what_they_are(tmp_path: Path) -> None:
    run = run_files(tmp_path, "-ra", skipped=SKIPPED, known=KNOWN, gone=GONE)
    assert run.counts == {"skipped": 1, "xfailed": 1, "failed": 1}, run
    assert re.search(r"^SKIPPED .*not today", run.out, re.MULTILINE)
    assert re.search(r"^XFAIL known.scenario.yaml::A code is lost - defect 17", run.out, re.MULTILINE)
    assert re.search(r"^FAILED gone.scenario.yaml::", run.out, re.MULTILINE)


def test_a_file_that_cannot_be_read_is_an_error_of_its_own_lines(tmp_path: Path) -> None:
    run = run_files(tmp_path, broken=BROKEN, good=GOOD)
    assert run.code == 2
    assert "broken.scenario.yaml:5:5: unknown verb sned" in run.out
    assert "broken.scenario.yaml:6:5: unknown verb sedn" in run.out
    assert "did you mean send?" in run.out
    assert "Traceback" not in run.out
    assert ".py" not in run.out


def test_files_can_be_left_alone(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\nhttpsms_scenarios = off\n", encoding="utf-8")
    assert run_files(tmp_path, "--strict-config", broken=BROKEN).code == 5
    assert pytest_in(tmp_path, HTTPSMS_SCENARIOS="on").code == 2


def test_they_run_live_where_the_project_says_so_unless_the_plugin_is_told_otherwise(tmp_path: Path) -> None:
    (tmp_path / "httpsms-harness.toml").write_text("live = true\n", encoding="utf-8")
    for environment, words in (({}, "--live"), ({"HTTPSMS_LIVE": "off"}, "")):
        run = pytest_in(tmp_path, files={"fails.scenario.yaml": FAILS}, **environment)
        assert re.search(rf"repeat with: .*--seed 1 *{words}$", run.out, re.MULTILINE), run


def test_a_page_that_cannot_be_written_costs_no_report(tmp_path: Path) -> None:
    run = run_files(tmp_path, f"--httpsms-html={tmp_path}", fails=FAILS)
    assert run.code == pytest.ExitCode.USAGE_ERROR
    assert "missing: the push reaches the phone" in run.out
    assert f"ERROR: --httpsms-html {tmp_path}: Is a directory" in run.out


def test_a_server_that_is_not_there_is_told_without_a_traceback(tmp_path: Path) -> None:
    options = ("--httpsms-server", "http://127.0.0.1:1", "--httpsms-user-key", "uk_secret")
    run = run_files(tmp_path, *options, good=GOOD)
    assert run.counts == {"failed": 3}, run
    assert "127.0.0.1:1" in run.out + run.err
    assert "uk_secret" not in run.out + run.err
    assert "Traceback" not in run.out + run.err
    assert ".py" not in run.out


def test_a_setting_of_the_project_that_cannot_be_is_told_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "httpsms-harness.toml").write_text("livee = true\n", encoding="utf-8")
    run = run_files(tmp_path, one=ONE)
    assert run.counts == {"failed": 1}
    assert "livee" in run.out
    assert ".py" not in run.out
