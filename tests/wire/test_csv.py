"""harness.wire.csv: what Go's reader takes, and what not. The cases were compared with csvutil 1.10."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.wire import csv

COLUMNS = ("a", "b")


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("", []),
        ("\n\r\n\n", []),
        ("a,b", []),
        ("a,b\n1,2", [("1", "2")]),
        ("a,b\n1,2\n", [("1", "2")]),
        ("a,b\r\n1,2\r\n", [("1", "2")]),
        ("a,b\n1,2\r", [("1", "2")]),
        ("a,b\n1,2\r\r\n", [("1", "2\r")]),
        ("\n\na,b\n\n1,2\n\n\n3,4\n", [("1", "2"), ("3", "4")]),
        ("b,a\n1,2\n", [("2", "1")]),
        ("b,x,a\n1,9,2\n", [("2", "1")]),
        ("a,a\n1,2\n", [("2", "")]),
        ("A,B\n1,2\n", [("", "")]),
        ("\ufeffa,b\n1,2\n", [("", "2")]),
        (" a,b\n1,2\n", [("", "2")]),
        ('"a","b"\n"1","2"\n', [("1", "2")]),
        ('a,b\n"1,2","x\ny"\n', [("1,2", "x\ny")]),
        ('a,b\n"1\r\n2",3\n', [("1\n2", "3")]),
        ('a,b\n"say ""hi""",2\n', [('say "hi"', "2")]),
        ('a,b\n"",""\n', [("", "")]),
        ('a,b\n"1",2', [("1", "2")]),
        ('a,b\n1,"2"', [("1", "2")]),
        ("a,b\n , \n", [(" ", " ")]),
        ("a\n1\n", [("1", "")]),
        ("a;b\n1;2\n", [("", "")]),
        ("a,b\n#1,2\n", [("#1", "2")]),
        ("a,b\n1,\x00\n", [("1", "\x00")]),
    ],
)
def test_records_are_read_by_the_names_of_the_header(text: str, rows: list[tuple[str, ...]]) -> None:
    assert csv.rows(text.encode(), COLUMNS, 10) == rows


@pytest.mark.parametrize(
    "text",
    [
        "a,b\n1\n",
        "a,b\n1,2,3\n",
        "a,b\n1,2\n\n3\n",
        'a,b\n1,"2\n',
        'a,b\n1,"2',
        'a,b\n1,2"\n',
        'a,b\n1,2"3\n',
        'a,b\n"1"2,3\n',
        'a,b\n"1" ,3\n',
        'a,b\n "1",3\n',
        'a"b\n1\n',
        'a,b\n1,"2""\n',
        'a,b\n"1"\r,2',
    ],
)
def test_a_record_that_does_not_fit_is_refused(text: str) -> None:
    with pytest.raises(csv.BadCsv):
        csv.rows(text.encode(), COLUMNS, 10)


def test_only_so_many_records_are_kept_but_all_are_looked_at() -> None:
    assert csv.rows(b"a\n1\n2\n3\n", COLUMNS, 2) == [("1", ""), ("2", "")]
    with pytest.raises(csv.BadCsv):
        csv.rows(b"a\n1\n2\n3,4\n", COLUMNS, 2)


def test_bytes_that_are_no_utf_8_are_kept() -> None:
    assert csv.rows(b"a\n\xe4\n", COLUMNS, 10) == [("\udce4", "")]


@given(
    st.binary() | st.lists(st.sampled_from([b'"', b",", b"\n", b"\r\n", b"\r", b"a", b'""']), max_size=20).map(b"".join)
)
def test_the_reader_raises_nothing_but_its_own_error(data: bytes) -> None:
    try:
        found = csv.rows(b"a,b\n" + data, COLUMNS, 3)
    except csv.BadCsv:
        return
    assert len(found) <= 3
    assert all(len(row) == 2 for row in found)


def _written(rows: list[tuple[str, str]]) -> bytes:
    lines = [",".join(['"' + text.replace('"', '""') + '"' for text in row]) for row in rows]
    return "\r\n".join(["a,b", *lines]).encode()


@given(st.lists(st.tuples(st.text(), st.text()), max_size=5))
def test_what_was_quoted_is_read_again(rows: list[tuple[str, str]]) -> None:
    assert csv.rows(_written(rows), COLUMNS, 10) == [tuple(text.replace("\r\n", "\n") for text in row) for row in rows]
