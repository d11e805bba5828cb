"""What is wrong with a file is collected, ordered, and shows no pass phrase."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.errors import ScenarioError, ScenarioErrors
from harness.scenario.source import FILLED_MAX, Source, Stop, looks_secret, masked, shortened

LINES = ["first", "  second: x", "third"]


def errors_of(read: Callable[[Source], None]) -> list[ScenarioError]:
    """What comes out of reading a file of three lines like this."""
    source = Source("s.yaml", list(LINES))
    try:
        with source.whole():
            read(source)
    except ScenarioErrors as several:
        return list(several.errors)
    except ScenarioError as one:
        return [one]
    return []


def test_nothing_wrong_is_no_error() -> None:
    assert errors_of(lambda source: None) == []


def test_places_count_from_one_and_the_excerpt_is_the_line() -> None:
    (error,) = errors_of(lambda source: source.report(1, 2, "wrong", "write it"))
    assert (error.path, error.line, error.column) == ("s.yaml", 2, 3)
    assert (error.problem, error.excerpt, error.remedy) == ("wrong", "  second: x", "write it")


def test_a_failed_part_does_not_keep_the_rest_from_being_read() -> None:
    def read(source: Source) -> None:
        with source.part():
            source.fail(2, 0, "late")
        with source.part():
            source.fail(0, 0, "early")

    assert [error.problem for error in errors_of(read)] == ["early", "late"]


def test_a_failure_ends_its_part_at_once() -> None:
    with pytest.raises(Stop):
        Source("s.yaml").fail(0, 0, "wrong")


def test_several_errors_are_one_that_names_the_first() -> None:
    def read(source: Source) -> None:
        source.report(2, 1, "b")
        source.report(1, 1, "a")

    error = ScenarioErrors(errors_of(read))
    assert (error.line, error.problem) == (2, "a")
    assert str(error) == "s.yaml:2:2: a\n    second: x\n   ^\ns.yaml:3:2: b\n  third\n   ^"


def test_after_a_hundred_errors_nobody_reads_on() -> None:
    def read(source: Source) -> None:
        for line in range(1000):
            with source.part():
                source.fail(line, 0, "wrong")

    errors = errors_of(read)
    assert len(errors) == 100
    assert str(ScenarioErrors(errors)).endswith("\nand 90 more in s.yaml")


def test_what_is_hidden_later_is_hidden_in_earlier_errors_too() -> None:
    def read(source: Source) -> None:
        source.report(1, 2, "wrong")
        source.hide((1, 10), (1, 11))

    assert errors_of(read)[0].excerpt == "  second: *"


@pytest.mark.parametrize(
    ("start", "end", "shown"),
    [
        ((0, 1), (0, 3), ["f**st", "  second: x", "third"]),
        ((0, 1), (2, 2), ["f****", "  ******* *", "**ird"]),
        ((2, 0), (9, 9), ["first", "  second: x", "*****"]),
        ((9, 0), (9, 9), LINES),
    ],
)
def test_hiding_keeps_the_columns(start: tuple[int, int], end: tuple[int, int], shown: list[str]) -> None:
    source = Source("s.yaml", list(LINES))
    source.hide(start, end)
    assert source.lines == shown


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("encryption_key: Password123", "encryption_key: ***********"),
        ("  - send: {from: a, key: Password123, text: hi}", "  - send: {from: a, key: ************ ***** ***"),
        ('"key" : "a b"', '"key" : ** **'),
        ("passphrase:x", "passphrase:*"),
        ("from: alice", "from: alice"),
        ("keys of the house", "keys of the house"),
        ("a" * 100_000 + ": " * 100_000, "a" * 100_000 + ": " * 100_000),
        ("key" * 50_000, "key" * 50_000),
    ],
    ids=lambda text: text[:20],
)
def test_a_line_that_yaml_cannot_read_shows_nothing_behind_a_key(line: str, shown: str) -> None:
    assert masked(line) == shown


@pytest.mark.parametrize(
    ("key", "is_secret"),
    [("key", True), ("encryption_kye", True), ("Passphrase", True), ("my_secret", True), ("text", False), ("", False)],
)
def test_what_looks_like_the_name_of_a_secret(key: str, is_secret: bool) -> None:
    assert looks_secret(key) is is_secret


@pytest.mark.parametrize(("text", "short"), [("a" * 60, "a" * 60), ("a" * 61, "a" * 59 + "…")])
def test_long_texts_are_shortened(text: str, short: str) -> None:
    assert shortened(text) == short


def test_what_is_found_again_is_told_once() -> None:
    def read(source: Source) -> None:
        for _ in range(1000):
            source.report(0, 0, "wrong")
        assert source.failures == 1000

    assert len(errors_of(read)) == 1


def test_the_mistakes_of_parts_are_told_behind_those_of_the_file() -> None:
    def read(source: Source) -> None:
        part = source.opened("p.yaml", 1)
        part.lines = ["a part"]
        part.report(0, 2, "wrong there")
        source.report(2, 0, "wrong here")
        assert part.failures == 2

    errors = errors_of(read)
    assert [(error.path, error.excerpt) for error in errors] == [("s.yaml", "third"), ("p.yaml", "a part")]


def test_a_file_can_be_filled_with_so_much_and_no_more() -> None:
    source = Source("s.yaml")
    part = source.opened("p.yaml", 1)
    assert source.pays(FILLED_MAX)
    assert not part.pays(1)
