"""What `content query` prints: nothing in a body is taken for a row."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.device_radio.rows import (
    Refusal,
    body_query,
    head_query,
    ids_query,
    newest_query,
    read_body,
    read_head,
    read_ids,
)

DENIED = "Error while accessing provider:sms\njava.lang.SecurityException: Permission Denial: reading sms\n\tat x\n"
USAGE = "usage: adb shell content [subcommand] [options]\n[ERROR] Unsupported argument: --wher\n"
NOTHING = "No result found.\n"
TEXTS = st.text(st.characters(codec="utf-8"), max_size=120)


@pytest.mark.parametrize(
    ("out", "err", "ids"),
    [
        (NOTHING, "", []),
        ("Row: 0 _id=42\n", "", [42]),
        ("Row: 0 _id=42\nRow: 1 _id=43\n", "", [42, 43]),
        ("Row: 0 _id=42\n", "WARNING: linker: something harmless\n", [42]),
        ("", DENIED, Refusal("java.lang.SecurityException: Permission Denial: reading sms")),
        # With an old adbd both streams come as one.
        (DENIED, "", Refusal("java.lang.SecurityException: Permission Denial: reading sms")),
        (USAGE, "", Refusal("[ERROR] Unsupported argument: --wher")),
        ("", "", Refusal("it said nothing")),
        ("/system/bin/sh: content: not found\n", "", Refusal("/system/bin/sh: content: not found")),
        ("Row: 0 _id=42, body=x\n", "", Refusal("Row: 0 _id=42, body=x")),
    ],
)
def test_an_answer_has_ids_or_a_reason(out: str, err: str, ids: object) -> None:
    assert read_ids(out, err) == ids


@pytest.mark.parametrize(
    ("out", "head"),
    [
        ("Row: 0 _id=42, date=1784783410123, sub_id=1, address=+18005550100\n", (1784783410123, 1, "+18005550100")),
        ("Row: 0 _id=42, date=5, sub_id=-1, address=BANK\n", (5, None, "BANK")),
        ("Row: 0 _id=42, date=5, sub_id=NULL, address=NULL\n", (5, None, "")),
        ("Row: 0 _id=42, date=-7, sub_id=2, address=a, body=b\n", (-7, 2, "a, body=b")),
        (NOTHING, None),
        (DENIED, Refusal("java.lang.SecurityException: Permission Denial: reading sms")),
        ("Row: 0 _id=43, date=5, sub_id=1, address=x\n", Refusal("Row: 0 _id=43, date=5, sub_id=1, address=x")),
    ],
)
def test_a_head_has_the_date_the_card_and_the_address(out: str, head: object) -> None:
    assert read_head(42, out) == head


@pytest.mark.parametrize(
    "body",
    [
        "hello",
        "",
        "NULL",
        "two\nlines\n",
        "Row: 1 _id=43, body=not a row",
        "x\nRow: 1 _id=43, body=not a row\nNo result found.\n",
        ", _id=7, body=",
        "java.lang.SecurityException: no",
    ],
)
def test_a_body_is_what_stands_there_whatever_it_imitates(body: str) -> None:
    assert read_body(42, f"Row: 0 _id=42, body={body}\n") == body


@given(TEXTS)
def test_every_body_comes_out_as_it_is(body: str) -> None:
    assert read_body(7, f"Row: 0 _id=7, body={body}\n") == body


@given(TEXTS, TEXTS)
def test_no_answer_at_all_makes_a_reader_fail(out: str, err: str) -> None:
    assert isinstance(read_ids(out, err), list | Refusal)
    assert isinstance(read_body(1, out, err), str | Refusal)
    assert not isinstance(read_head(1, out, err), str)


def test_a_row_without_a_body_has_an_empty_one() -> None:
    assert read_body(42, NOTHING) == ""
    assert "body IS NOT NULL" in body_query("inbox", 42)


def test_a_query_asks_for_one_text_at_a_time_and_puts_it_last() -> None:
    assert ids_query("inbox", 41) == (
        "content query --uri content://sms/inbox --projection _id --where '_id>41' --sort '_id ASC'"
    )
    assert newest_query("sent").endswith("--sort '_id DESC'")
    assert "--projection _id:date:sub_id:address " in head_query("sent", 3)
    assert "--projection _id:body " in body_query("sent", 3)
