"""`vectors verify`, `matrix`, `list` and `explain` as their users meet them."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from harness.adapters.vector_files import load, own
from harness.interop.matrix import PAIRS
from tests.cli.stories import write
from tests.cli.usage import Wrong, each, refuses
from tests.commands import COMMAND, clean_environment, run
from tests.house.sources import ROOT

RECORDED = ROOT / "tests" / "data" / "cipher"
OURS = shlex.join([sys.executable, "-m", "harness", "vectors", "runner", "--dialect", "go"])
SHORT = [vector.id for vector in own().vectors if "ShorterThanIv" in vector.flags]
GO = ("vectors", "verify", "-r", OURS, "--flag", "ShorterThanIv")

WRONG_USAGE: list[Wrong] = [
    (("vectors", "verify", "-r", "nodee"), 2, ("is called 'nodee'; did you mean node?", "python, node, go, jvm, web")),
    (("vectors", "verify", "-r", "php 'runner.php"), 2, ("is no command line", "close every quote")),
    (("vectors", "verify", "--command", "env {key} {ciphertxt}"), 2, ("did you mean ciphertext?",)),
    (("vectors", "verify", "--command", "nope {key} {text}"), 2, ("no program is called 'nope'",)),
    (("vectors", "verify", "--cases", "no"), 2, ("error: no: ", "vectors")),
    (("vectors", "verify", "--cases", "empty"), 2, ("error: empty: no vectors there",)),
    (("vectors", "verify", "--cases", "broken/conversations/x.json"), 2, ("error: broken/conversations/x.json",)),
    (("vectors", "verify", "--flag", "ShrterThanIv"), 2, ("no flag 'ShrterThanIv'; did you mean ShorterThanIv?",)),
    (("vectors", "verify", "--json", "-", "--html", "-"), 2, ("only one output",)),
    (("vectors", "matrix", "--json", "no/x.json"), 2, ("no such folder",)),
    (("vectors", "verify", "-k", "no such vector"), 5, ("nothing to run: no vector matches 'no such vector'",)),
    (
        ("vectors", "list", "-k", "published", "--result", "invalid"),
        5,
        ("no vector matches 'published' and is invalid",),
    ),
    (("vectors", "list", "--cases", str(RECORDED), "--json", "-"), 2, ("--json is for the vectors that come along",)),
    (("vectors", "explain", "99999"), 2, ("there is no vector '99999'", "vectors list")),
    (("vectors", "explain", "--cases", str(RECORDED), "d0017"), 2, ("'d0017'; did you mean d017?",)),
]


@each(WRONG_USAGE)
def test_what_cannot_be_done_is_said_in_a_sentence_with_the_right_exit_code(
    arguments: tuple[str, ...], code: int, parts: tuple[str, ...], folder: Path
) -> None:
    refuses(folder, arguments, code, parts)


def verdicts(data: Any, runner: int = 0) -> dict[str, str]:
    return {result["vector"]: result["verdict"] for result in data["runners"][runner]["results"]}


# -- verify ------------------------------------------------------------------------------------------------------------


def test_our_own_cipher_passes_every_vector_and_every_recorded_case(tmp_path: Path) -> None:
    done = run("vectors", "verify", "-r", "python", folder=tmp_path)
    assert done.code == 0
    assert f"pass  1 runner, {len(own().vectors):,} vectors" in done.out
    done = run("vectors", "verify", "-r", "python", "--cases", str(RECORDED), folder=tmp_path)
    assert done.code == 0
    assert "570 vectors" in done.out


def test_results_go_into_files_and_the_report_to_stdout(tmp_path: Path) -> None:
    arguments = ("--json", "x.json", "--junit", "x.xml", "--html", "x.html")
    done = run(*GO, "--as", "phone", *arguments, folder=tmp_path)
    data = json.loads((tmp_path / "x.json").read_text(encoding="utf-8"))
    assert done.code == 1
    assert set(verdicts(data).values()) == {"fail", "pass"}
    assert len(verdicts(data)) == len(SHORT)
    assert ElementTree.parse(tmp_path / "x.xml").getroot().tag == "testsuites"
    assert (tmp_path / "x.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert f"FAIL  1 runner, {len(SHORT)} vectors" in done.out
    assert data["repeat"] == shlex.join(["httpsms-harness", *GO, "--as", "phone", *arguments])
    assert f"repeat with: {data['repeat']}\n" in done.out


def test_what_a_client_is_known_for_is_no_failure_of_it_but_one_of_who_shall_do_otherwise() -> None:
    known = run(*GO, "--json", "-")
    assert (known.code, set(verdicts(json.loads(known.out)).values())) == (0, {"known", "pass"})
    assert "runner" in known.err
    assert f"python: all {len(SHORT)} calls answered\n" in known.err
    one = run("vectors", "verify", "-r", OURS, "-k", SHORT[0], "--as", "node", "--color", "always")
    assert one.code == 1
    assert f"{click_red('fail')} {SHORT[0]}  " in one.out
    assert f"{click_red('FAIL')}  1 runner, 1 vector," in one.out


def click_red(text: str) -> str:
    return f"\x1b[31m{text}\x1b[0m"


# -- expected failures -------------------------------------------------------------------------------------------------


def test_expected_failures_are_known_and_new_and_vanished_ones_fail(tmp_path: Path) -> None:
    write(tmp_path, "".join(f"python {name}  # it panics\n" for name in SHORT), "all.txt")
    write(tmp_path, "# most of them\n" + "".join(f"python {name}\n" for name in SHORT[1:]), "some.txt")
    as_phone = (*GO, "--as", "phone", "--json", "-", "--expected-failures")
    everything = json.loads(run(*as_phone, "some.txt", folder=tmp_path).out)
    fails = verdicts(everything)[SHORT[0]]
    assert (fails, everything["passed"]) == ("fail", False)
    gone = run("vectors", "verify", "-r", "python", "-k", SHORT[0], "--expected-failures", "all.txt", folder=tmp_path)
    assert (gone.code, f"gone {SHORT[0]}" in gone.out) == (1, True)


EXPECTATIONS = [
    (f"pyton {SHORT[0]}", "list.txt:1:1: no runner is called 'pyton'; did you mean python?"),
    ("\npython 99999", "list.txt:2:8: no vector is called '99999'"),
    ("python", "list.txt:1:7: the id of a vector is missing"),
    (f"python {SHORT[0]}\npython {SHORT[0]}", "list.txt:2:8: "),
]


@pytest.mark.parametrize(("text", "error"), EXPECTATIONS)
def test_a_list_that_names_what_there_is_not_is_refused(text: str, error: str, tmp_path: Path) -> None:
    write(tmp_path, text, "list.txt")
    arguments = ("vectors", "verify", "-k", SHORT[0], "--expected-failures", "list.txt")
    run(*arguments, "-r", "python", folder=tmp_path).failed(2, f"error: {error}")


def test_a_line_for_nobody_costs_no_results_where_runners_say_their_names_themselves(tmp_path: Path) -> None:
    write(tmp_path, f"python {SHORT[0]}\npython-2 {SHORT[0]}\npyton {SHORT[0]}", "list.txt")
    arguments = ("vectors", "verify", "-k", SHORT[0], "--as", "node", "--expected-failures", "list.txt")
    done = run(*arguments, "-r", OURS, "-r", OURS, "--json", "x.json", folder=tmp_path)
    done.failed(2, "error: list.txt:3:1: no runner is called 'pyton'; did you mean python?")
    data = json.loads((tmp_path / "x.json").read_text(encoding="utf-8"))
    assert [verdicts(data, number) for number in range(2)] == [{SHORT[0]: "known"}] * 2
    assert "pass  2 runners, 1 vector" in done.out


# -- runners -----------------------------------------------------------------------------------------------------------


def test_runners_are_asked_together_each_under_a_name_of_its_own(tmp_path: Path) -> None:
    program = "import sys; from harness import decrypt; print(decrypt(*sys.argv[1:]))"
    template = f"{shlex.join([sys.executable, '-c', program])} {{key}} {{ciphertext}}"
    done = run(
        "vectors", "verify", "-k", "1", "-r", "python", "-r", OURS, "--command", template, "-j", "3", "--json", "-"
    )
    assert done.code == 0
    data = json.loads(done.out)
    assert [report["runner"] for report in data["runners"]] == ["python", "python-2", "command"]
    assert [verdicts(data, number) for number in range(3)] == [{"1": "pass"}] * 3


def test_where_every_runner_is_missing_nothing_has_passed(tmp_path: Path) -> None:
    for command in ("verify", "matrix"):
        done = run("vectors", command, "-r", "go", HTTPSMS_HARNESS_RUNNERS=str(tmp_path))
        assert done.code == 5
        assert re.search(r"^not run\n  go: .*\n    .*httpsms-harness vectors install go$", done.out, re.MULTILINE)
        assert "skip  0 runners" in done.out


def test_a_runner_that_does_not_start_fails_and_the_others_go_on() -> None:
    done = run("vectors", "verify", "-k", "1", "-r", f"{sys.executable} -c 1", "-r", "python", "--json", "-")
    data = json.loads(done.out)
    assert (done.code, verdicts(data), verdicts(data, 1)) == (1, {"1": "fail"}, {"1": "pass"})


@pytest.mark.parametrize(
    ("command", "number"), [("verify", signal.SIGINT), ("matrix", signal.SIGTERM), ("verify", signal.SIGHUP)]
)
def test_whoever_ends_it_leaves_no_process(command: str, number: signal.Signals, tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    os.mkfifo(ready)
    hangs = f"import os, time; f = open({str(ready)!r}, 'w'); print(os.getpid(), file=f); f.close(); time.sleep(600)"
    process = subprocess.Popen(
        [*COMMAND, "vectors", command, "-r", shlex.join([sys.executable, "-c", hangs])],
        env=clean_environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    watchdog = threading.Timer(60, process.kill)
    watchdog.start()
    pid = int(ready.read_text(encoding="utf-8"))
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    watchdog.cancel()
    assert (process.returncode, out, err.splitlines()[-1]) == (130, "", "interrupted")
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


# -- matrix, list, explain ---------------------------------------------------------------------------------------------


def test_the_matrix_has_a_cell_for_each_pair(tmp_path: Path) -> None:
    done = run("vectors", "matrix", "-r", "python", "-r", OURS, "--json", "x.json", folder=tmp_path)
    data = json.loads((tmp_path / "x.json").read_text(encoding="utf-8"))
    count = len(PAIRS)
    assert done.code == 0
    assert [(cell["encryptor"], cell["decryptor"], cell["tried"], cell["right"]) for cell in data["matrix"]] == [
        (one, other, count, count) for one in ("python", "python-2") for other in ("python", "python-2")
    ]
    assert f"pass  2 runners, 4 pairs with {4 * count} of {4 * count} texts back" in done.out


def test_vectors_are_listed_or_written_down(tmp_path: Path) -> None:
    done = run("vectors", "list", "--flag", "ShorterThanIv", folder=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert [line.split()[0] for line in done.out.splitlines()[1:]] == SHORT
    assert run("vectors", "list", "--flag", "ShorterThanIv", "--json", "some.json", folder=tmp_path).code == 0
    assert [vector.id for vector in load(tmp_path / "some.json").vectors] == SHORT


def test_a_vector_is_explained_with_what_is_at_stake() -> None:
    done = run("vectors", "explain", SHORT[0])
    assert (done.code, done.err) == (0, "")
    for part in (f"{SHORT[0]}  ", "what the real clients do", "runtime.boundsError", "remote crash", "remedy"):
        assert part in done.out
