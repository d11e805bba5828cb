"""`run` as its users meet it: what it prints where, and what it says about a mistake."""

from __future__ import annotations

import json
import os
import pty
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.cli.stories import FAILS, PASSES, write
from tests.cli.usage import Wrong, each, refuses
from tests.commands import COMMAND, clean_environment, run

# -- scenario files that are wrong -------------------------------------------------------------------------------------

WRONG_FILES = [
    ("unknown verb", PASSES.replace("send:", "sned:"), ":5:5: unknown verb sned", "did you mean send?"),
    ("missing phone", PASSES.replace("from: alice", "from: alicia"), ":5:18: there is no phone alicia", "alice?"),
    (
        "number without quotes",
        PASSES.replace("[alice]", "\n  alice: {number: +18005550199}"),
        ":3:19: a number without quotes",
        'write "+18005550199"',
    ),
    ("key twice", PASSES.replace("contacts:", "phones: [carol]\ncontacts:"), ":3:1: phones is here twice", "line 2"),
    ("tab", PASSES.replace("[alice]", "\n\t- alice"), ":3:1: a tab", "indent with spaces"),
    ("empty", "", ":1:1: the file is empty", "begin with"),
    ("not UTF-8", b"scenario: caf\xe9\n", ":1:14: byte 0xe9 is not UTF-8", "save the file as UTF-8"),
]


@pytest.mark.parametrize(("content", "place", "remedy"), [c[1:] for c in WRONG_FILES], ids=[c[0] for c in WRONG_FILES])
def test_a_mistake_in_a_scenario_is_named_with_its_place_and_a_remedy(
    content: str | bytes, place: str, remedy: str, tmp_path: Path
) -> None:
    write(tmp_path, content)
    done = run("run", "story.scenario.yaml", folder=tmp_path)
    done.failed(2, f"error: story.scenario.yaml{place}", remedy)
    assert done.out == ""


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    if os.geteuid() == 0:  # who may read everything fails at a file that is none
        (tmp_path / "story.scenario.yaml").symlink_to("/proc/self/mem")
    else:
        write(tmp_path, PASSES).chmod(0)
    run("run", "story.scenario.yaml", folder=tmp_path).failed(2, "error: story.scenario.yaml: ")


WRONG_USAGE: list[Wrong] = [
    (("run", "--nope"), 2, ("No such option", "--nope")),
    (("run", "--seed", "x"), 2, ("--seed", "'x' is not a valid integer")),
    (("run", "--color", "pink"), 2, ("--color", "'pink'")),
    (("run", "nothere"), 2, ("error: nothere: no such file or folder",)),
    (("run", "empty"), 2, ("error: empty: no file ends in .scenario.yaml",)),
    (("run",), 2, ("error: scenarios: no such file or folder",)),
    (("run", "good.scenario.yaml", "--json", "no/x.json"), 2, ("error: no/x.json: no such folder",)),
    (("run", "good.scenario.yaml", "--trace", "no/x"), 2, ("error: no/x: no such folder",)),
    (("run", "good.scenario.yaml", "--json", "empty"), 2, ("error: empty: a folder",)),
    (("run", "good.scenario.yaml", "--json", "-", "--trace", "-"), 2, ("only one output",)),
    (("run", "good.scenario.yaml", "-k", "nobody"), 5, ("nothing to run", "'nobody'")),
]


@each(WRONG_USAGE)
def test_what_cannot_be_done_is_said_in_a_sentence_with_the_right_exit_code(
    arguments: tuple[str, ...], code: int, parts: tuple[str, ...], folder: Path
) -> None:
    refuses(folder, arguments, code, parts)


# -- what it prints ----------------------------------------------------------------------------------------------------


def test_a_failing_story_shows_what_is_missing_its_life_and_the_command_that_repeats_it(tmp_path: Path) -> None:
    (tmp_path / "my stories").mkdir()
    write(tmp_path / "my stories", FAILS)
    write(tmp_path / "my stories", PASSES, "the other.scenario.yaml")
    done = run("run", "my stories", "--seed", "9", folder=tmp_path)
    assert done.code == 1
    lines = done.out.splitlines()
    assert lines[0] == "FAIL  It's a text that never arrives"
    assert lines[1].startswith("      missing: ")
    assert "my stories/story.scenario.yaml:9:" in lines[2]
    assert any(re.fullmatch(r" +\+0\.000 s +client +accepted.*", line) for line in lines)
    assert done.err == "1 passed, 1 failed\n"
    assert "Password123" not in done.out + done.err
    [repeat] = [line.partition("repeat with: ")[2] for line in lines if "repeat with: " in line]
    name, *arguments = shlex.split(repeat)
    assert name == "httpsms-harness"
    again = run(*arguments, folder=tmp_path)
    assert again.code == 1
    assert again.out.splitlines() == lines[: len(again.out.splitlines())]


def test_json_on_stdout_is_pure_and_the_report_is_talk(tmp_path: Path) -> None:
    write(tmp_path, PASSES)
    write(tmp_path, FAILS, "z.scenario.yaml")
    done = run("run", ".", "--json", "-", folder=tmp_path)
    results = json.loads(done.out)
    assert [result["verdict"] for result in results] == ["passed", "failed"]
    assert "pass  A text arrives" in done.err
    assert done.code == 1
    assert "Password123" not in done.out + done.err


def test_results_and_traces_go_into_files(tmp_path: Path) -> None:
    write(tmp_path, PASSES)
    done = run("run", "story.scenario.yaml", "--json", "r.json", "--trace", "t.jsonl", folder=tmp_path)
    assert (done.code, done.err) == (0, "1 passed, 0 failed\n")
    [result] = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    entries = [json.loads(line) for line in (tmp_path / "t.jsonl").read_text(encoding="utf-8").splitlines()]
    assert result["scenario"] == "A text arrives"
    assert [entry["number"] for entry in entries] == list(range(len(entries)))


def test_whoever_reads_only_the_first_line_changes_no_verdict(tmp_path: Path) -> None:
    write(tmp_path, PASSES, "a.scenario.yaml")
    write(tmp_path, FAILS, "b.scenario.yaml")
    command = shlex.join([*COMMAND, "run", "."])
    for rest in ("| head -1", "| true", "2>&1 | true"):
        done = subprocess.run(
            ["bash", "-c", f"{command} {rest}; echo ${{PIPESTATUS[0]}}"],
            cwd=tmp_path, env=clean_environment(), capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.stdout.splitlines()[-1] == "1"
        assert "Traceback" not in done.stderr
        assert "Exception" not in done.stderr


def test_a_full_disk_is_named(tmp_path: Path) -> None:
    write(tmp_path, PASSES)
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run(
            [*COMMAND, "run", "."],
            cwd=tmp_path, env=clean_environment(), stdout=full, stderr=subprocess.PIPE, text=True, timeout=60,
            check=False,
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (2, "error: standard output cannot be written: No space left on device\n")


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_stream_that_is_closed_is_not_missed(closed: str, tmp_path: Path) -> None:
    write(tmp_path, PASSES)
    done = subprocess.run(
        ["bash", "-c", f"{shlex.join([*COMMAND, 'run', '.'])} {closed}"],
        cwd=tmp_path, env=clean_environment(), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, "Traceback" in done.stderr) == (0, False)


def test_texts_of_every_alphabet_can_be_shown_on_a_terminal_of_another(tmp_path: Path) -> None:
    write(tmp_path, PASSES.replace("A text arrives", "Привет 😀"))
    done = run("run", ".", folder=tmp_path, PYTHONIOENCODING="ascii")
    assert done.code == 0
    assert "\\u041f" in done.out


# -- colours -----------------------------------------------------------------------------------------------------------


def on_a_terminal(*arguments: str, folder: Path, **environment: str) -> str:
    """What a terminal gets that is stdout and stderr."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, *arguments], cwd=folder, env=clean_environment(**{"TERM": "xterm"} | environment),
        stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs,
    )  # fmt: skip
    os.close(theirs)
    shown = b""
    while True:
        try:
            piece = os.read(ours, 4096)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        shown += piece
    os.close(ours)
    process.wait(timeout=60)
    return shown.decode()


@pytest.mark.parametrize(
    ("arguments", "environment", "coloured"),
    [
        ((), {}, True),
        ((), {"NO_COLOR": "1"}, False),
        ((), {"TERM": "dumb"}, False),
        (("--color", "never"), {}, False),
        (("--color", "always"), {"NO_COLOR": "1"}, True),
    ],
)
def test_a_terminal_gets_colours_unless_it_must_not(
    arguments: tuple[str, ...], environment: dict[str, str], coloured: bool, tmp_path: Path
) -> None:
    write(tmp_path, PASSES)
    shown = on_a_terminal("run", ".", *arguments, folder=tmp_path, **environment)
    assert ("\x1b[32mpass" in shown) is coloured
    assert "A text arrives" in shown


@pytest.mark.parametrize(
    ("arguments", "environment", "coloured"),
    [((), {}, False), ((), {"FORCE_COLOR": "1"}, True), (("--color", "always"), {}, True)],
)
def test_without_a_terminal_there_are_no_colours_unless_asked_for(
    arguments: tuple[str, ...], environment: dict[str, str], coloured: bool, tmp_path: Path
) -> None:
    write(tmp_path, PASSES)
    assert ("\x1b" in run("run", ".", *arguments, folder=tmp_path, stdin=b"", **environment).out) is coloured
