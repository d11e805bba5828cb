"""Lists of expected failures."""

from __future__ import annotations

import pytest

from harness.errors import VectorError, VectorErrors
from harness.interop.expected import ExpectedFailure, check_names, parse

IDS = {"17", "170", "d001", "d002"}
RUNNERS = ["node", "go", "my runner"]

LISTS: list[tuple[str, list[ExpectedFailure]]] = [
    ("", []),
    ("\n  \n# nothing\n   # to see\n", []),
    ("node 17", [ExpectedFailure("node", "17", "", 1)]),
    (
        "# Node skips what it does not know\nnode 17  # a space\n\n\tgo\td001 #\n",
        [ExpectedFailure("node", "17", "a space", 2), ExpectedFailure("go", "d001", "", 4, 2)],
    ),
    ("my runner   17 # with # twice", [ExpectedFailure("my runner", "17", "with # twice", 1)]),
    ("node 17\r\ngo 17\r\n", [ExpectedFailure("node", "17", "", 1), ExpectedFailure("go", "17", "", 2)]),
]


@pytest.mark.parametrize(("text", "lines"), LISTS)
def test_a_list_is_read(text: str, lines: list[ExpectedFailure]) -> None:
    assert list(parse(text, "known.txt", IDS).lines) == lines


def test_a_list_is_asked_by_runner() -> None:
    failures = parse("node 17 # why\ngo 170", "known.txt", IDS)
    assert failures.of("node") == {"17": ExpectedFailure("node", "17", "why", 1)}
    assert list(failures.of("go")) == ["170"]
    assert not failures.of("jvm")


WRONG = [
    ("node", "1:5: the id of a vector is missing: write RUNNER ID  # reason"),
    ("\n  node  # why", "2:7: the id of a vector is missing: write RUNNER ID  # reason"),
    ("node 99", "1:6: no vector is called '99'"),
    ("node d01", "1:6: no vector is called 'd01'; did you mean d001?"),
    ("  node   d01 # d01", "1:10: no vector is called 'd01'; did you mean d001?"),
    ("nodes 17", "1:1: no runner is called 'nodes'; did you mean node?"),
    ("node 17 170", "1:1: no runner is called 'node 17'"),
    ("\n  jvm 17", "2:3: no runner is called 'jvm'; there are node, go, my runner"),
    ("node 17\n# x\n node 17", "3:7: node 17 is in line 1 already"),
]


@pytest.mark.parametrize(("text", "error"), WRONG)
def test_a_mistake_is_told_with_line_and_column(text: str, error: str) -> None:
    with pytest.raises(VectorError) as caught:
        check_names(parse(text, "known.txt", IDS), "known.txt", RUNNERS)
    assert str(caught.value).startswith(f"known.txt:{error}")


def test_lines_for_nobody_are_unused() -> None:
    listed = parse("node 17\nwhoever 17\ngo 17\nwhoever 170", "known.txt", IDS)
    assert [line.line for line in listed.unused({"node", "go"})] == [2, 4]
    assert listed.unused({"whoever", "node", "go"}) == ()
    with pytest.raises(VectorErrors) as caught:
        check_names(listed, "known.txt", ["node", "go"])
    assert [error.where for error in caught.value.errors] == ["2:1", "4:1"]


def test_the_column_is_that_of_the_id_even_if_the_runner_is_called_alike() -> None:
    with pytest.raises(VectorError) as caught:
        parse("node99 99", "known.txt", IDS)
    assert caught.value.where == "1:8"


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(VectorErrors) as caught:
        parse("node 1\nnode 17\nnode\n", "known.txt", IDS)
    assert [error.where for error in caught.value.errors] == ["1:6", "3:5"]
    assert str(caught.value).splitlines()[1].startswith("known.txt:3:5: ")


def test_of_many_mistakes_the_first_ten_are_told() -> None:
    with pytest.raises(VectorErrors) as caught:
        parse("node nothing\n" * 13, "known.txt", IDS)
    assert str(caught.value).splitlines()[-1] == "and 3 more in known.txt"
