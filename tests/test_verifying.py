"""Vectors through runners, and everybody's envelopes through everybody: fakes that are functions, and the real ones."""

from __future__ import annotations

import asyncio
import shlex
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from harness.adapters.vector_files import own
from harness.cipher import Dialect
from harness.errors import UsageError
from harness.interop.calls import Call, Decrypt
from harness.interop.expected import ExpectedFailure, ExpectedFailures
from harness.interop.facts import verdict
from harness.interop.matrix import PAIRS
from harness.interop.ourselves import introduction, performer
from harness.interop.outcomes import Decrypted, NotRun, Outcome, Refused, Silent
from harness.interop.results import Cell, Hello, Interop, RunnerReport
from harness.interop.suite import Suite
from harness.interop.talk import Limits, Talked
from harness.verifying import Runner, adapted, builtin, child, matrix, names, verify
from tests.interop.ready import OTHERS, command

PERFORM = performer("phone")
OURS = child((sys.executable, "-m", "harness", "vectors", "runner"))


def fake(
    perform: Callable[[Call], Outcome] = PERFORM,
    *,
    name: str = "fake",
    dialect: Dialect | None = None,
    said: str | None = None,
    can: Sequence[str] = ("encrypt", "decrypt", "iv"),
) -> Runner:
    """A runner that is a function. `said` is what it calls itself."""

    async def ask(calls: Sequence[Call], progress: Callable[[int], None]) -> Talked:
        progress(len(calls))
        await asyncio.sleep(0)
        told = Hello(1, said or name, "1", frozenset(can), dialect)
        return Talked(told, tuple(map(perform, calls)), ("it grumbles",), 1, 2.0)

    return Runner(name, ask, named=said is None)


def suite(*ids: str) -> Suite:
    """These of our vectors."""
    return replace(own(), vectors=tuple(vector for vector in own().vectors if vector.id in ids))


def first(**facts: object) -> str:
    """The id of the first vector of that kind."""
    return next(
        vector.id for vector in own().vectors if all(getattr(vector, name) == value for name, value in facts.items())
    )


def verdicts(report: RunnerReport) -> dict[str, str]:
    return {result.vector.id: result.judgement.verdict for result in report.results}


def run(vectors: Suite, *runners: Runner, **options: object) -> Interop:
    return asyncio.run(verify(vectors, runners, **options))  # type: ignore[arg-type]


DECRYPT = first(operation="decrypt", result="valid")
ENCRYPT = first(operation="encrypt", result="valid")
IVS = first(operation="ivs", result="valid")
SHORT = next(vector.id for vector in own().vectors if vector.flags == ("ShorterThanIv",))


# -- vectors -----------------------------------------------------------------------------------------------------------


def test_our_cipher_passes_all_vectors_within_this_process() -> None:
    [report] = run(own(), builtin("python")).runners
    assert report.hello == introduction("phone")
    assert [result for result in report.results if result.judgement.verdict != "pass"] == []
    assert [result.vector.id for result in report.results] == [vector.id for vector in own().vectors]
    assert report.seconds > 0


@pytest.mark.parametrize("dialect", ["phone", "jvm", "node", "go"])
def test_our_model_of_each_client_does_what_that_client_is_known_for(dialect: Dialect) -> None:
    without_ivs = replace(own(), vectors=tuple(one for one in own().vectors if one.operation != "ivs"))
    [report] = run(without_ivs, fake(performer(dialect), dialect=dialect)).runners
    assert {result.judgement.verdict for result in report.results} <= {"pass", "known"}


def test_what_a_runner_is_held_to_is_what_it_claims_or_what_is_asked_for() -> None:
    go = performer("go")
    [claims, claims_none] = run(suite(SHORT), fake(go, dialect="go"), fake(go)).runners
    assert [verdicts(claims), verdicts(claims_none)] == [{SHORT: "known"}, {SHORT: "fail"}]
    [claims, claims_none] = run(suite(SHORT), fake(go, dialect="go"), fake(go), dialect="phone").runners
    assert [verdicts(claims), verdicts(claims_none)] == [{SHORT: "fail"}] * 2


def test_who_shall_do_as_another_client_has_its_own_names_for_errors() -> None:
    def refuses(_call: Call) -> Outcome:
        return Refused("Sodium\\Exception", "no")

    [mine] = run(suite(SHORT), fake(refuses), dialect="phone").runners
    assert (verdicts(mine), mine.results[0].outcome) == ({SHORT: "pass"}, Refused("Sodium\\Exception", "no"))
    [mine] = run(suite(SHORT), fake(refuses, dialect="phone"), dialect="phone").runners
    assert verdicts(mine) == {SHORT: "gone"}
    [mine] = run(suite(SHORT, DECRYPT), fake(refuses), dialect="go").runners
    assert verdicts(mine) == {SHORT: "gone", DECRYPT: "fail"}


def test_expected_failures_are_those_of_the_runner_by_the_name_it_ends_up_with() -> None:
    listed = ExpectedFailures(tuple(ExpectedFailure("my-sdk", vector, "", 1) for vector in (DECRYPT, ENCRYPT)))

    def no_decryption(call: Call) -> Outcome:
        return Refused("E") if isinstance(call, Decrypt) else PERFORM(call)

    mine, other = fake(no_decryption, said="my sdk"), fake(no_decryption)
    reports = run(suite(DECRYPT, ENCRYPT), mine, other, expected=listed).runners
    assert [report.runner for report in reports] == ["my-sdk", "fake"]
    assert verdicts(reports[0]) == {DECRYPT: "known", ENCRYPT: "gone"}
    assert verdicts(reports[1]) == {DECRYPT: "fail", ENCRYPT: "pass"}


def test_a_report_tells_all_that_was_said() -> None:
    interop = run(suite(SHORT), fake(dialect="phone"), Runner("gone", missing="no Gone here\ninstall gone"))
    report, missing = interop.runners
    assert (report.complaints, report.restarts, report.seconds) == (("it grumbles",), 1, 2.0)
    assert missing == RunnerReport("gone", missing="no Gone here\ninstall gone")
    assert [flag.name for flag in interop.flags] == ["ShorterThanIv"]
    assert verdict(interop) == "pass"


# -- names, and how many at once ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("runners", "expected"),
    [
        ([fake(name="node"), fake(name="node")], ["node", "node-2"]),
        ([fake(name="php", said="node"), fake(name="node")], ["node-2", "node"]),
        ([fake(name="php", said="My SDK # 1\x1b[31m")], ["My-SDK-1-31m"]),
        ([fake(name="php", said=" \n")], ["php"]),
        ([fake(name="php", said="x" * 90)], ["x" * 40]),
    ],
)
def test_each_runner_has_a_name_of_its_own_which_is_one_word(runners: list[Runner], expected: list[str]) -> None:
    assert [report.runner for report in run(suite(DECRYPT), *runners).runners] == expected


def test_before_they_are_asked_runners_have_the_names_that_they_are_called_by() -> None:
    assert names([fake(name="php", said="node"), fake(name="node"), fake(name="node")]) == ["php", "node", "node-2"]
    commands = (["/usr/bin/php", "src/runner.php", "-v"], ["python3", "-m", "sdk"], ["./mine"])
    assert names([child(command) for command in commands]) == ["php-runner.php", "python3", "mine"]


@pytest.mark.parametrize(("at_once", "most"), [(1, 1), (2, 2), (9, 3)])
def test_so_many_are_asked_at_once_as_are_wanted(at_once: int, most: int) -> None:
    now: list[int] = [0, 0]

    async def ask(calls: Sequence[Call], progress: Callable[[int], None]) -> Talked:
        now[0] += 1
        now[1] = max(now)
        await asyncio.sleep(0)
        now[0] -= 1
        return Talked(None, tuple(map(PERFORM, calls)))

    run(suite(DECRYPT), *[Runner("one", ask)] * 3, at_once=at_once)
    assert now == [0, most]


def test_progress_is_told_by_the_names_that_are_known_then() -> None:
    told: list[tuple[str, int, int]] = []
    run(suite(DECRYPT, IVS), fake(said="other"), builtin("python"), progress=lambda *facts: told.append(facts))
    assert told[0] == ("fake", 1001, 1001)
    assert [(name, of) for name, _, of in told[1:]] == [("python", 1001)] * 11
    assert told[-1][1] == 1001


# -- the matrix --------------------------------------------------------------------------------------------------------


def grid(interop: Interop) -> dict[tuple[str, str], tuple[int, int]]:
    return {(cell.encryptor, cell.decryptor): (cell.right, cell.tried) for cell in interop.cells}


def cells(*runners: Runner) -> Interop:
    return asyncio.run(matrix(runners))


def test_who_is_right_reads_all_that_who_is_right_wrote() -> None:
    interop = cells(fake(name="a"), builtin("python"), Runner("missing", missing="not there"))
    all_right = (len(PAIRS), len(PAIRS))
    assert grid(interop) == dict.fromkeys(
        [("a", "a"), ("a", "python"), ("python", "a"), ("python", "python")], all_right
    )
    assert [report.runner for report in interop.runners] == ["a", "python", "missing"]
    assert (interop.runners[0].restarts, interop.runners[0].seconds) == (2, 4.0)
    assert interop.runners[0].complaints == ("it grumbles (2 times)",)


def shouts(call: Call) -> Outcome:
    outcome = PERFORM(call)
    return Decrypted(outcome.text.upper()) if isinstance(outcome, Decrypted) else outcome


def test_a_text_that_does_not_come_back_is_kept_with_its_envelope() -> None:
    interop = cells(fake(name="a"), fake(shouts, name="b"))
    right = grid(interop)
    assert right["a", "a"] == right["b", "a"] == (len(PAIRS), len(PAIRS))
    [cell] = [cell for cell in interop.cells if (cell.encryptor, cell.decryptor) == ("a", "b")]
    assert 0 < cell.right < cell.tried
    failure = next(failure for failure in cell.failures if failure.call == PAIRS[1])
    assert failure.outcome == Decrypted("X")
    assert PERFORM(Decrypt(PAIRS[1].key, failure.ciphertext)) == Decrypted("x")
    assert verdict(interop) == "fail"


def test_the_cells_are_in_the_order_of_the_runners() -> None:
    interop = asyncio.run(matrix([fake(name=name) for name in "ab"], pairs=PAIRS[:1]))
    assert interop.cells == tuple(Cell(one, other, 1, 1) for one in "ab" for other in "ab")


# -- the ways to a runner ----------------------------------------------------------------------------------------------


def test_our_cipher_as_a_child_does_as_it_does_within_this_process() -> None:
    [within, outside] = run(own(), builtin("python"), OURS, at_once=2).runners
    assert (outside.runner, outside.hello, outside.complaints) == ("python-2", within.hello, ())
    assert verdicts(outside) == verdicts(within)


def test_a_command_that_is_none_is_reported_and_the_others_go_on() -> None:
    nobody, python = run(suite(DECRYPT), child(["./no-such-program"]), builtin("python")).runners
    assert (nobody.runner, nobody.hello) == ("no-such-program", None)
    assert isinstance(nobody.results[0].outcome, NotRun)
    assert (verdicts(nobody), verdicts(python)) == ({DECRYPT: "fail"}, {DECRYPT: "pass"})


PROGRAM = "import sys; from harness import decrypt; print(decrypt(*sys.argv[1:]))"


def test_a_command_line_for_each_call_is_a_runner() -> None:
    template = f"{sys.executable} -c '{PROGRAM}' {{key}} {{ciphertext}}"
    [report] = run(suite(DECRYPT, ENCRYPT, SHORT), adapted([template])).runners
    assert (report.hello, report.version) == (None, template)
    assert verdicts(report) == {DECRYPT: "pass", ENCRYPT: "skip", SHORT: "pass"}


def test_a_template_that_cannot_be_used_is_told_before_anything_runs() -> None:
    with pytest.raises(UsageError, match="did you mean ciphertext"):
        adapted(["prog {key} {ciphertxt}"])


# Leaves a mark in a folder as long as it runs, and tells how many marks there were.
MARKS = """
import os, sys
mine = os.path.join(sys.argv[1], str(os.getpid()))
os.mkdir(mine)
found = len(os.listdir(sys.argv[1]))
import harness.cipher
os.rmdir(mine)
print(found)
"""


def test_no_more_commands_run_at_once_than_are_wanted(tmp_path: Path) -> None:
    few = suite(*[vector.id for vector in own().vectors if vector.operation == "decrypt"][:6])
    template = f"{shlex.join([sys.executable, '-c', MARKS, str(tmp_path)])} {{key}} {{ciphertext}}"
    [report] = run(few, adapted([template], at_once=1)).runners
    assert {result.outcome for result in report.results} == {Decrypted("1")}


MUTE = """
import sys
print('{"id":1,"protocol":1,"name":"mute","version":"1","can":["decrypt"]}', flush=True)
sys.stdin.read()
"""


def test_who_takes_longer_than_is_allowed_is_silent() -> None:
    limits = Limits(per_call_s=0.2, silences=1)
    hangs = "import time; time.sleep(600)"
    template = f"{shlex.join([sys.executable, '-c', hangs])} {{key}} {{ciphertext}}"
    for runner in (adapted([template], limits), child([sys.executable, "-c", MUTE], limits)):
        [report] = run(suite(DECRYPT), runner).runners
        assert [result.outcome for result in report.results] == [Silent(0.2)]


@pytest.fixture(scope="module")
def everybody() -> list[Runner]:
    for name in OTHERS:
        command(name)  # skips if it is not there
    return [builtin(name) for name in ("python", *OTHERS)]


@pytest.mark.soak
def test_all_published_clients_do_what_they_are_known_for(everybody: list[Runner]) -> None:
    interop = run(own(), *everybody, at_once=2)
    wrong = [
        f"{report.runner} {result.vector.id}: {result.judgement}"
        for report in interop.runners
        for result in report.results
        if result.judgement.verdict not in ("pass", "known")
    ]
    assert wrong == []
    assert [report.complaints for report in interop.runners] == [()] * 5
    assert {result.vector.id for result in interop.runners[3].results} == {vector.id for vector in own().vectors}


@pytest.mark.soak
def test_everybody_reads_everybody(everybody: list[Runner]) -> None:
    interop = asyncio.run(matrix(everybody, at_once=2))
    assert grid(interop) == {
        (one.name, other.name): (len(PAIRS), len(PAIRS)) for one in everybody for other in everybody
    }


def test_who_was_given_up_in_the_first_half_of_a_matrix_is_not_asked_in_the_second() -> None:
    asked: list[int] = []

    async def ask(calls: Sequence[Call], progress: Callable[[int], None]) -> Talked:
        asked.append(len(calls))
        return Talked(None, (NotRun("it says no hello"),) * len(calls), ("it was given up: it says no hello",))

    found = asyncio.run(matrix([Runner("mute", ask), fake()]))
    assert asked == [len(PAIRS)]
    assert {(cell.encryptor, cell.decryptor): cell.right for cell in found.cells} == {
        ("mute", "mute"): 0, ("mute", "fake"): 0, ("fake", "mute"): 0, ("fake", "fake"): len(PAIRS),
    }  # fmt: skip
