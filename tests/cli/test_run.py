"""`run` as its users meet it: what it prints where, and what it says about a mistake."""

from __future__ import annotations

import json
import os
import pty
import re
import shlex
import signal
import subprocess
import threading
from pathlib import Path

import pytest

from tests.cli.inside import call, refuses
from tests.cli.stories import DEFECT, FAILS, PASSES, SKIPS, write
from tests.cli.usage import Wrong, each
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
    done = call("run", "story.scenario.yaml", folder=tmp_path)
    done.failed(2, f"error: story.scenario.yaml{place}", remedy)
    assert done.out == ""


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    if os.geteuid() == 0:  # who may read everything fails at a file that is none
        (tmp_path / "story.scenario.yaml").symlink_to("/proc/self/mem")
    else:
        write(tmp_path, PASSES).chmod(0)
    call("run", "story.scenario.yaml", folder=tmp_path).failed(2, "error: story.scenario.yaml: ")


def test_the_mistakes_of_all_files_are_told_at_once_and_nothing_runs(tmp_path: Path) -> None:
    write(tmp_path, PASSES, "a.scenario.yaml")
    write(tmp_path, PASSES.replace("send:", "sned:").replace("status:", "stauts:"), "b.scenario.yaml")
    write(tmp_path, "", "c.scenario.yaml")
    done = call("run", ".", folder=tmp_path)
    done.failed(2, "b.scenario.yaml:5:5", "b.scenario.yaml:7:", "error: c.scenario.yaml:1:1: the file is empty")
    assert done.out == ""


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
    (("run", "good.scenario.yaml", "--html", "x", "--junit", "./x"), 2, ("two outputs would go to one file",)),
    (("run", "no*.yaml"), 2, ("error: no*.yaml: no file or folder is called so",)),
    (("run", "good.scenario.yaml", "-k", "nobody"), 5, ("nothing to run: no story matches 'nobody'", "--list")),
    (("run", "good.scenario.yaml", "-k", "a txt arrive"), 5, ("nothing to run", "there is: A text arrives")),
    (("run", "good.scenario.yaml", "--tag", "smok"), 5, ("no story is tagged smok", "no story has a tag")),
    (("run", "good.scenario.yaml", "-k", "(text"), 2, ("error: -k '(text': no name", "with and, or, not")),
    (("run", "good.scenario.yaml", "-k", "text and"), 2, ("error: -k 'text and'",)),
    (("run", "good.scenario.yaml", "-k", "text) or a"), 2, ("error: -k ",)),
    (("run", "good.scenario.yaml", "-j", "0"), 2, ("'-j'",)),
    (("run", "good.scenario.yaml", "--repeat", "0"), 2, ("'--repeat'",)),
    (("run", "--html", "good.scenario.yaml"), 2, ("take the place of stories", "name a file of its own")),
    (("run", "good.yaml", "--junit", "good.yaml"), 2, ("take the place of stories",)),
    (("run", "good.scenario.yaml", "-q", "-v"), 2, ("-q and -v exclude each other",)),
    (("run", "good.scenario.yaml", "--watch", "--list"), 2, ("--watch runs stories",)),
    (("run", "--phone", "alice"), 2, ("'alice'", "alice=+18005550199")),
    (("run", "--contact", "bob=12"), 2, ("'12' is not an E.164 number",)),
    (("run", "--allow", "bob"), 2, ("'bob' is not an E.164 number",)),
    (("run", "--server", "ftp://a"), 2, ("is no http or https URL",)),
    (("run", "--server", "http://a.test"), 2, ("--server without the key",)),
    (("run", "--server", "http://a.test", "--user-key", "secret", "--live"), 2, ("--live and --server exclude",)),
    (("run", "--insecure", "--ca-file", "good.scenario.yaml"), 2, ("--insecure and --ca-file exclude",)),
    (("run", "--listen", "127.0.0.1:1"), 2, ("--listen is for a --server",)),
    (("run", "--take-over"), 2, ("--take-over is for a --server",)),
]


@each(WRONG_USAGE)
def test_what_cannot_be_done_is_said_in_a_sentence_with_the_right_exit_code(
    arguments: tuple[str, ...], code: int, parts: tuple[str, ...], folder: Path
) -> None:
    refuses(folder, arguments, code, parts)


# -- what it prints ----------------------------------------------------------------------------------------------------


SUMMARY = r"\d+\.\d\d s"


def test_a_failing_story_shows_what_is_missing_its_life_and_the_command_that_repeats_it(tmp_path: Path) -> None:
    (tmp_path / "my stories").mkdir()
    write(tmp_path / "my stories", FAILS)
    write(tmp_path / "my stories", PASSES, "the other.scenario.yaml")
    done = call("run", "my stories", "--seed", "9", folder=tmp_path)
    assert done.code == 1
    lines = done.out.splitlines()
    assert lines[0] == "FAIL  It's a text that never arrives"
    assert lines[1].startswith("      missing: ")
    assert "my stories/story.scenario.yaml:9:" in lines[2]
    assert any(re.fullmatch(r" +\+0\.000 s +client +accepted.*", line) for line in lines)
    assert re.search(rf"^1 passed, 1 failed in {SUMMARY}$", done.err, re.MULTILINE)
    assert "Password123" not in done.out + done.err
    [repeat] = [line.partition("repeat with: ")[2] for line in lines if "repeat with: " in line]
    name, *arguments = shlex.split(repeat)
    assert name == "httpsms-harness"
    again = call(*arguments, folder=tmp_path)
    assert again.code == 1
    assert again.out.splitlines() == lines[: len(again.out.splitlines())]
    [repeat] = [
        line.partition("again: ")[2] for line in done.err.splitlines() if line.startswith("what failed, again:")
    ]
    assert repeat == "httpsms-harness run 'my stories' --last-failed --seed 9"


def test_json_on_stdout_is_pure_and_the_report_is_talk(tmp_path: Path) -> None:
    write(tmp_path, PASSES)
    write(tmp_path, FAILS, "z.scenario.yaml")
    done = call("run", ".", "--json", "-", folder=tmp_path)
    results = json.loads(done.out)
    assert [story["status"] for story in results["stories"]] == ["passed", "failed"]
    assert "pass  A text arrives" in done.err
    assert done.code == 1
    assert "Password123" not in done.out + done.err


def test_results_and_traces_go_into_files(tmp_path: Path) -> None:
    write(tmp_path, PASSES)
    names = {"--json": "r.json", "--trace": "t.jsonl", "--junit": "r.xml", "--markdown": "r.md", "--html": "r.html"}
    done = call("run", "story.scenario.yaml", *(word for pair in names.items() for word in pair), folder=tmp_path)
    assert done.code == 0
    assert re.fullmatch(rf"1 passed in {SUMMARY}\n", done.err)
    files = {option: (tmp_path / name).read_text(encoding="utf-8") for option, name in names.items()}
    [story] = json.loads(files["--json"])["stories"]
    entries = [json.loads(line) for line in files["--trace"].splitlines()]
    assert story["title"] == "A text arrives"
    assert [entry["number"] for entry in entries] == list(range(len(entries)))
    [time] = {float(time) for time in re.findall(r'<testcase[^>]* time="([\d.]+)"', files["--junit"])}
    assert 0 < time < 30
    for option, part in {"--junit": "A text arrives", "--html": "A text arrives", "--markdown": "1 passed"}.items():
        assert part in files[option], option


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
    assert done.returncode == 2
    assert done.stderr.endswith("\nerror: standard output cannot be written: No space left on device\n")


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


# -- how much, how often, in which order -------------------------------------------------------------------------------

FOUR = (PASSES, FAILS, SKIPS, DEFECT)


@pytest.fixture(scope="module")
def four(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A story of each kind, in this order."""
    folder = tmp_path_factory.mktemp("four")
    for number, content in enumerate(FOUR):
        write(folder, content, f"{number}.scenario.yaml")
    return folder


HEADS = ["pass  A text arrives", "FAIL  It's a text", "SKIP  Not today", "known  A defect"]


@pytest.mark.parametrize(
    ("arguments", "code", "heads", "counted"),
    [
        ((), 1, HEADS, "1 passed, 1 failed, 1 known defect, 1 skipped"),
        (("-j", "2"), 1, HEADS, "1 passed, 1 failed, 1 known defect, 1 skipped"),
        (("-q",), 1, HEADS[1:2], "1 passed, 1 failed, 1 known defect, 1 skipped"),
        (("-x",), 1, HEADS[:2], "1 passed, 1 failed, 2 not run"),
        (("-x", "-j", "3"), 1, HEADS[:2], "1 passed, 1 failed, 2 not run"),
        (("-k", "not never"), 0, [HEADS[0], HEADS[2]], "1 passed, 1 skipped"),
        (
            ("--tag", "not:slow", "-k", "arrives"),
            1,
            [HEADS[0], HEADS[1], HEADS[3]],
            "1 passed, 1 failed, 1 known defect",
        ),
        (("--tag", "slow"), 0, [HEADS[2]], "0 passed, 1 skipped"),
        (("--repeat", "3", "-k", "Not today"), 0, ["SKIP  Not today  (seeds 1 to 3)"], "0 passed, 3 skipped"),
        (("--repeat", "2", "-q", "-k", "It's"), 1, ["FAIL  It's", "FAIL  It's"], "0 passed, 2 failed"),
    ],
)
def test_what_is_chosen_runs_in_the_order_of_the_files(
    arguments: tuple[str, ...], code: int, heads: list[str], counted: str, four: Path
) -> None:
    done = call("run", ".", *arguments, folder=four)
    shown = [line for line in done.out.splitlines() if not line.startswith(" ")]
    assert [line.startswith(head) for line, head in zip(shown, heads, strict=True)] == [True] * len(heads), shown
    assert re.search(rf"^{counted} in {SUMMARY}$", done.err, re.MULTILINE), done.err
    assert done.code == code


def test_verbose_shows_each_step_with_its_time(four: Path) -> None:
    done = call("run", ".", "-v", "-k", "A text arrives", folder=four)
    assert re.search(r"^ +\+0\.000 s +0\.000 s  pass  send: \{from: alice", done.out, re.MULTILINE)


def test_the_summary_says_what_failed_and_why_what_was_skipped_and_what_is_known(four: Path) -> None:
    lines = call("run", ".", "--repeat", "2", folder=four).err.splitlines()
    for head, told in {"failed:": "missing: ", "skipped:": "it is Sunday", "known defects": "bug 7"}.items():
        [start] = [number for number, line in enumerate(lines) if line.startswith(head)]
        assert any(told in line for line in lines[start + 1 : start + 4]), head


@pytest.mark.parametrize(("arguments", "often"), [((), (1, 1)), (("-q",), (1, 0)), (("-v",), (1, 1))])
def test_what_was_skipped_and_what_is_known_is_told_once_and_a_defect_not_to_whoever_wants_it_quiet(
    arguments: tuple[str, ...], often: tuple[int, int], four: Path
) -> None:
    done = call("run", ".", *arguments, folder=four)
    told = done.out + done.err
    assert (told.count("it is Sunday"), told.count("bug 7")) == often


def test_each_seed_is_a_run_of_its_own(tmp_path: Path) -> None:
    write(tmp_path, PASSES)
    call("run", ".", "--seed", "5", "--repeat", "3", "--json", "r.json", folder=tmp_path)
    stories = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))["stories"]
    assert [story["seed"] for story in stories] == [5, 6, 7]
    assert len({story["trace_hash"] for story in stories}) == 3


# -- elsewhere ---------------------------------------------------------------------------------------------------------


def test_github_is_told_where_it_failed_and_gets_a_summary(four: Path, tmp_path: Path) -> None:
    page = tmp_path / "summary.md"
    page.write_text("before\n", encoding="utf-8")
    done = call("run", ".", folder=four, GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(page))
    [line] = [line for line in done.err.splitlines() if line.startswith("::error ")]
    assert "file=1.scenario.yaml,line=9" in line
    text = page.read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert "1 failed" in text
    done = call("run", "0.scenario.yaml", folder=four, GITHUB_STEP_SUMMARY=str(tmp_path))
    assert "(GITHUB_STEP_SUMMARY) cannot be written" in done.err
    assert done.code == 0


def test_settings_stand_for_options_and_options_win(four: Path, tmp_path: Path) -> None:
    (tmp_path / "httpsms-harness.toml").write_text(
        f'seed = 7\nserver = "http://a.test"\n[run]\npaths = ["{four}"]\njson = "r.json"\n', encoding="utf-8"
    )
    call("run", "-k", "A text arrives", "--server", "none", folder=tmp_path)
    [story] = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))["stories"]
    assert story["seed"] == 7
    call("run", "-k", "A text arrives", "--live", "--json", "-", folder=tmp_path, HTTPSMS_HARNESS_SEED="8")
    done = call("run", "-k", "A text arrives", "--live", "--json", "-", folder=tmp_path, HTTPSMS_HARNESS_SEED="8")
    [story] = json.loads(done.out)["stories"]
    assert (story["seed"], story["target"]) == (8, "embedded (live)")
    call("run", folder=tmp_path).failed(2, "--server without the key")


def test_a_wrong_setting_is_a_mistake_but_help_answers(tmp_path: Path) -> None:
    (tmp_path / "httpsms-harness.toml").write_text("sede = 7\n", encoding="utf-8")
    call("run", folder=tmp_path).failed(2, "httpsms-harness.toml:1: there is no setting sede; did you mean seed?")
    assert call("run", "--help", folder=tmp_path).code == 0


# -- ended from outside ------------------------------------------------------------------------------------------------


def running(folder: Path, *arguments: str, stderr: int = subprocess.PIPE) -> subprocess.Popen[str]:
    """A run with a group of processes of its own, which does not outlive the test."""
    process = subprocess.Popen(
        [*COMMAND, "run", *arguments], cwd=folder, env=clean_environment(), text=True, start_new_session=True,
        stdout=subprocess.PIPE, stderr=stderr,
    )  # fmt: skip
    watchdog = threading.Timer(60, process.kill)
    watchdog.daemon = True
    watchdog.start()
    return process


def interrupted(folder: Path, *arguments: str, signal_number: int = signal.SIGINT) -> tuple[int, str, str]:
    """A run that is ended, as by the keyboard with all its processes, once it has told of its first story."""
    process = running(folder, *arguments)
    assert process.stdout is not None
    process.stdout.readline()
    os.killpg(process.pid, signal_number)
    out, err = process.communicate(timeout=60)
    with pytest.raises(ProcessLookupError):  # nobody of its group is left
        os.killpg(process.pid, 0)
    return process.returncode, out, err


@pytest.mark.parametrize("at_once", ["1", "2"])
def test_ctrl_c_ends_it_with_a_summary_and_the_results_so_far(at_once: str, tmp_path: Path) -> None:
    content = "---\n".join(PASSES.replace("A text", f"Text {number}") for number in range(2000))
    write(tmp_path, content)
    code, _, err = interrupted(tmp_path, ".", "-j", at_once, "--json", "r.json")
    assert code == 130
    assert re.search(rf"^\d+ passed, \d+ not run in {SUMMARY}\ninterrupted$", err, re.MULTILINE), err
    assert "Traceback" not in err
    result = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert result["counts"]["passed"] + result["counts"]["not_run"] == 2000
    assert result["counts"]["passed"] > 0


def test_what_changes_runs_again_until_ctrl_c(tmp_path: Path) -> None:
    file = write(tmp_path, PASSES)
    write(tmp_path, PASSES.replace("A text arrives", "Another"), "z.scenario.yaml")
    process = running(tmp_path, ".", "--watch", stderr=subprocess.STDOUT)
    assert process.stdout is not None
    lines = iter(process.stdout.readline, "")
    told = [line for line in iter(lambda: next(lines), "watching; Ctrl-C ends\n") if line.startswith("pass")]
    assert len(told) == 2
    file.write_text(PASSES.replace("A text arrives", "A text that is new"), encoding="utf-8")
    told = [next(line for line in lines if line.startswith(head)) for head in ("changed:", "pass", "1 passed")]
    assert told[:2] == ["changed: story.scenario.yaml\n", told[1]]
    assert "A text that is new" in told[1]
    file.write_text("scenario: broken", encoding="utf-8")
    assert any(line.startswith("error: story.scenario.yaml:1") for line in lines)
    os.killpg(process.pid, signal.SIGINT)
    rest = process.communicate(timeout=60)[0]
    assert rest.endswith("stopped\n")
    assert process.returncode in (0, 2)  # that of the last run which had ended when Ctrl-C came


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
