"""The report that a person reads, line by line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from harness.interop.layout import columns
from harness.interop.outcomes import Crashed, Decrypted, NotRun, Outcome, Refused
from harness.interop.results import Interop, VectorResult
from harness.interop.suite import Flag, Vector
from harness.interop.text import text
from tests.interop.runs import GOOD, MINE, RUN, WEB, hostile, report, result

PASSED = """\
runner  vectors  pass  known  fail  gone  skip  crash  per s  version
go            4     3      1     0     0     0      1  2,000  httpsms-go v0.0.6 (as go)

crashes
  go: runtime.boundsError, 1 vector: 3

known divergences, by flag
  Short  go 1
    The process of a receiver ends.

matrix: who encrypts (rows), who decrypts (columns), how many texts come back
         go
  go  76/76

pass  1 runner, 4 vectors, 4 results: 3 pass, 1 known, 1 pair with 76 of 76 texts back
repeat with: httpsms-harness vectors verify -r go
"""

FAILED = """\
runner         vectors  pass  known  fail  gone  skip  crash  per s
go                   4     3      1     0     0     0      1  2,000
./mine --slow        4     0      0     2     1     1      0

versions
  go: httpsms-go v0.0.6 (as go)
  ./mine --slow: mine 0.3

not run
  web: it is not installed
    httpsms-harness vectors install web

beside the protocol
  ./mine --slow: started anew 2 times
  ./mine --slow: a line of noise (2 times)

crashes
  go: runtime.boundsError, 1 vector: 3

./mine --slow: 2 fail, 1 gone

  fail 1  text: ASCII
    key         "Password123"
    ciphertext  "EbnC7HjTn7u75fJf2HHrXZL9G6xe"
    expected    text "Hello"
    got         text "Hell" (cut)

  fail 2  padding: "=" inside
    key         "k"
    ciphertext  "AAAAAAAAAAAAAAAAAAAAAAAA=AAAA"
    expected    an error that a caller can handle
    got         text "He" (cut)
    why         text "He" came of what must be refused
    risk        Padding: A text is cut, and nobody hears of it.
    remedy      Refuse it.

  gone 3  short: empty
    key         "k"
    ciphertext  ""
    expected    CRASH: x
    got         refused: E
    why         it did not come
    risk        Short: The process of a receiver ends.
    remedy      Look at the length first.

known divergences, by flag
  Short  go 1

skipped
  ./mine --slow: it cannot encrypt

matrix: who encrypts (rows), who decrypts (columns), how many texts come back
                     go  ./mine --sl…
  go              76/76         76/76
  ./mine --sl…  ! 75/76         76/76

texts that were lost
  ./mine --slow → go: 1 text did not come back: refused:
    IllegalArgumentException

  ./mine --slow → go
    key         "k"
    expected    text "a \\"b\\"\\n"
    envelope    "QUJD-_"
    got         refused: IllegalArgumentException: Illegal base64 character 3d

FAIL  2 runners, 4 vectors, 8 results: 3 pass, 1 known, 2 fail, 1 gone, 1 skip,
      4 pairs with 303 of 304 texts back
more about a vector: httpsms-harness vectors explain ID
repeat with: httpsms-harness vectors verify -r go -r './mine --slow' -r web
"""

# As long as in nature, so that lines have to be broken.
FLAG = Flag(
    "Cut", "LENIENCY", "what", "A text is cut, and whoever reads it has no way to know. " * 3, "Refuse it. " * 20
)


@pytest.mark.parametrize(("interop", "width", "told"), [(GOOD, 120, PASSED), (RUN, 80, FAILED)], ids=["good", "bad"])
def test_the_report_of_a_run(interop: Interop, width: int, told: str) -> None:
    assert text(interop, width) == told


def _vector(number: int, group: str) -> Vector:
    return Vector(str(number), "decrypt", group, f"{group} {number}", ("Cut",), "valid", "k", "A" * 900, "漢字" * 300)


def _failing(outcomes: Sequence[tuple[str, Outcome]]) -> Interop:
    results: list[VectorResult] = [
        result(_vector(number, group), outcome, "fail", "x" * 300, "why it is wrong, in many words " * 9)
        for number, (group, outcome) in enumerate(outcomes, start=1)
    ]
    return Interop((report("mine", results),), flags=(FLAG,), repeat="again")


MANY = _failing(
    [("a", Decrypted("x"))] * 200
    + [("b", Refused(f"Error{number}")) for number in range(9)]
    + [("b", Crashed("exit 2"))]
)


@pytest.mark.parametrize("width", [64, 80, 100, 200])
@pytest.mark.parametrize("interop", [RUN, MANY, hostile()], ids=["small", "many", "hostile"])
def test_no_line_is_wider_than_the_terminal(interop: Interop, width: int) -> None:
    # A command that was broken could not be copied.
    lines = [line for line in text(interop, width).splitlines() if not line.startswith("repeat with: ")]
    assert [line for line in lines if columns(line) > width] == []
    assert all(line.isprintable() for line in lines)


def test_many_equal_failures_are_one_whole_and_a_count() -> None:
    told = text(MANY, 100)
    assert told.count("  fail 1  a: a 1") == 1
    assert "and 199 more like it: 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 189 more" in told
    assert "fail 2  " not in told


def test_of_many_kinds_the_first_are_told_whole_and_the_others_named() -> None:
    told = text(MANY, 100)
    assert told.count("    expected  ") == 8
    assert "  fail b: refused: Error7, 1 vector: 208\n  fail b: refused: Error8, 1 vector: 209\n" in told
    assert "  fail b: CRASH: exit 2, 1 vector: 210\n" in told


def test_few_failures_are_all_told_whole() -> None:
    told = text(_failing([("a", Decrypted("x"))] * 5), 100)
    assert told.count("    expected  ") == 5
    assert "more like it" not in told


def test_a_risk_is_told_once() -> None:
    told = text(_failing([("a", Decrypted("x"))] * 5), 100)
    assert told.count("risk        Cut: A text is cut") == 1
    assert told.count("risk        Cut, as above") == 4


def test_calls_that_were_never_made_are_one_kind_in_all_groups() -> None:
    told = text(_failing([(group, NotRun("it died too often")) for group in "abcdefgh"]), 100)
    assert told.count("    expected  ") == 1
    assert "and 7 more like it" in told


def test_what_nobody_could_run_is_no_table() -> None:
    assert text(Interop((WEB,), repeat="again"), 80) == (
        "not run\n  web: it is not installed\n    httpsms-harness vectors install web\n\n"
        "skip  0 runners\nrepeat with: again\n"
    )


def test_before_a_matrix_alone_there_is_no_table_of_vectors() -> None:
    told = text(replace(RUN, runners=tuple(replace(report, results=()) for report in RUN.runners)), 80)
    assert told.startswith("runners\n  go: ")
    assert "vectors  pass" not in told


def test_who_loses_all_texts_is_told_of_once_for_each_way_to_lose_them() -> None:
    told = text(Interop(cells=RUN.cells[2:3] * 3), 80)
    assert told.count("1 text did not come back") == 3
    assert told.count("    envelope  ") == 1


def test_nothing_points_to_explain_if_nothing_failed() -> None:
    assert "vectors explain" not in text(GOOD, 80)
    assert "vectors explain" in text(Interop((MINE,)), 80)
