"""SQLite itself is the oracle."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.fake_device.where import Order, SqlError, order_by, where

COLUMNS = {"_id": "INTEGER", "address": "TEXT", "date": "INTEGER", "body": "TEXT"}
Rows = list[tuple[int | str | None, ...]]
SHORT = st.sampled_from(["", "a", "A", "aB", "41", "+41", " 7", "7.0", "1e2", "%", "_", "ab%", "Ä", "ä", "x'y"])
NUMBERS = st.integers(-3, 60)
ROWS: st.SearchStrategy[Rows] = st.lists(
    st.tuples(st.none() | NUMBERS, st.none() | SHORT, st.none() | NUMBERS, st.none() | SHORT), max_size=5
)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


LITERALS = st.one_of(NUMBERS.map(str), SHORT.map(_quoted), st.sampled_from(["NULL", "1.5", "-0.5", "7.0", "1e2", ".5"]))
OPERANDS = st.one_of(
    st.sampled_from(list(COLUMNS)), st.sampled_from(["DATE", '"body"', "`_id`", "[address]"]), LITERALS
)
SIGNS = st.sampled_from(["=", "==", "!=", "<>", "<", "<=", ">", ">=", "IS", "IS NOT", "LIKE", "NOT LIKE", "like"])
ATOMS = st.one_of(
    st.tuples(OPERANDS, SIGNS, OPERANDS).map(" ".join),
    st.tuples(OPERANDS, st.sampled_from(["IS NULL", "IS NOT NULL", "ISNULL", "NOTNULL", "NOT NULL"])).map(" ".join),
    st.builds(
        lambda a, sign, values: f"{a} {sign} ({', '.join(values)})",
        OPERANDS,
        st.sampled_from(["IN", "NOT IN"]),
        st.lists(LITERALS, max_size=3),
    ),
    st.builds(
        lambda a, sign, b, c: f"{a} {sign} {b} AND {c}",
        OPERANDS,
        st.sampled_from(["BETWEEN", "NOT BETWEEN"]),
        OPERANDS,
        OPERANDS,
    ),
    OPERANDS,
)
CLAUSES = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["AND", "OR", "and"]), inner).map(" ".join),
        inner.map("NOT {}".format),
        inner.map("({})".format),
    ),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def connection() -> Iterator[sqlite3.Connection]:
    made = sqlite3.connect(":memory:")
    made.execute("CREATE TABLE sms (_id INTEGER, address TEXT, date INTEGER, body TEXT)")
    yield made
    made.close()


def _filled(connection: sqlite3.Connection, rows: Rows) -> None:
    connection.execute("DELETE FROM sms")
    connection.executemany("INSERT INTO sms VALUES (?, ?, ?, ?)", rows)


def _ours(clause: str, rows: Rows) -> Rows:
    wanted = where(clause, COLUMNS)
    return [row for row in rows if wanted(dict(zip(COLUMNS, row, strict=True)).__getitem__)]


@given(rows=ROWS, clause=CLAUSES)
def test_a_clause_means_what_sqlite_means(connection: sqlite3.Connection, rows: Rows, clause: str) -> None:
    _filled(connection, rows)
    theirs = connection.execute(f"SELECT * FROM sms WHERE ({clause}) ORDER BY rowid").fetchall()
    assert _ours(clause, rows) == theirs


@pytest.mark.parametrize(
    "clause",
    [
        "NOT (_id = 1 OR body = 'x')",
        "NOT (_id = 1 AND body = 'x')",
        "NOT _id IN (1, NULL)",
        "_id NOT IN ()",
        "NOT body LIKE 'X'",
        "_id = '1' OR address = 41",
        "NOT _id = 1 AND date = 7",
        "date = 7 OR _id = 1 AND body IS NULL",
    ],
)
def test_what_is_unknown_and_what_binds_tighter_is_as_in_sqlite(connection: sqlite3.Connection, clause: str) -> None:
    rows: Rows = [(a, b, c, d) for a in (None, 1, 2) for b in (None, "41") for c in (7, 8) for d in (None, "x")]
    _filled(connection, rows)
    theirs = connection.execute(f"SELECT * FROM sms WHERE ({clause}) ORDER BY rowid").fetchall()
    assert _ours(clause, rows) == theirs
    assert (
        _ours(f"NOT ({clause})", rows)
        == connection.execute(f"SELECT * FROM sms WHERE NOT ({clause}) ORDER BY rowid").fetchall()
    )


@pytest.mark.parametrize(
    ("clause", "says"),
    [
        ("nope = 1", "no such column: nope"),
        ("_id = ", 'near ")": syntax error'),
        ("_id = 1 2", 'near "2": syntax error'),
        ("= 1", 'near "=": syntax error'),
        ("(_id = 1", 'near ")": syntax error'),
        ("_id = 'a", 'unrecognized token: "\'a) ORDER BY date DESC"'),
        ("_id = 1x", 'unrecognized token: "1x"'),
        ("_id = #", 'unrecognized token: "#"'),
        ("length(body) > 1", 'near "(": syntax error'),
        ("_id NOT 1", 'near "1": syntax error'),
        ("(" * 300 + "1" + ")" * 300, "parser stack overflow"),
        ("", 'near ")": syntax error'),
    ],
)
def test_what_sqlite_refuses_is_refused_in_its_words(clause: str, says: str) -> None:
    with pytest.raises(SqlError) as error:
        where(clause, COLUMNS, ") ORDER BY date DESC")
    assert str(error.value) == says


def test_a_name_in_double_quotes_that_is_no_column_is_a_text() -> None:
    rows: Rows = [(1, "+41", 0, "x"), (2, "b", 0, "x")]
    assert _ours('address="+41"', rows) == rows[:1]


@given(st.text(alphabet=st.sampled_from("_id=1 '\"<>()ANDORNTLIKE%,.-+x"), max_size=30))
def test_any_text_is_a_clause_or_an_error(clause: str) -> None:
    with suppress(SqlError):
        _ours(clause, [(1, "a", 2, None)])


def test_a_pattern_of_many_percent_signs_is_not_slow() -> None:
    assert not _ours(f"body LIKE '{'%a' * 40}b'", [(1, "", 0, "a" * 4000)])


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("date", Order((("date", False),))),
        ("DATE desc, _id ASC", Order((("date", True), ("_id", False)))),
        ("date DESC LIMIT 5 OFFSET 2", Order((("date", True),), 5, 2)),
        ("date LIMIT -1", Order((("date", False),))),
    ],
)
def test_an_order_is_read(text: str, order: Order) -> None:
    assert order_by(text, COLUMNS) == order


@pytest.mark.parametrize("text", ["", "nope", "date,", "date LIMIT", "date LIMIT x", "date; DROP", "AND"])
def test_an_order_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(SqlError):
        order_by(text, COLUMNS)
