from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.fake_device import RELEASES, Box, FakeDevice, SmsStore
from harness.fake_device.content import content
from tests.fake_device.asking import AT_MS, asked, check

RELEASE = RELEASES["14"]
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30)


def _store() -> SmsStore:
    store = SmsStore()
    store.add(Box.INBOX, "+18005550100", "Hello", 1_000)
    store.add(Box.SENT, "BANK", "a, b=c\nRow: 9", 3_000, creator="com.httpsms")
    store.add(Box.FAILED, "BANK", "lost", 4_000)
    store.add(Box.INBOX, "BANK", "third", 2_000)
    return store


def _said(*arguments: str) -> str:
    ran = content(arguments, _store(), RELEASE, AT_MS)
    assert ran.code == 0
    return (ran.out + ran.err).decode()


@pytest.mark.parametrize(
    ("arguments", "out"),
    [
        (["--projection", "_id"], "Row: 0 _id=2\nRow: 1 _id=4\nRow: 2 _id=1\n"),
        (["--projection", "_id:body", "--where", "type=2"], "Row: 0 _id=2, body=a, b=c\nRow: 9\n"),
        (["--projection", "_id", "--sort", "_id ASC LIMIT 2"], "Row: 0 _id=1\nRow: 1 _id=2\n"),
        (["--projection", "_id", "--where", "address='BANK'", "--sort", "_id"], "Row: 0 _id=2\nRow: 1 _id=4\n"),
        (["--projection", "_id:creator:person", "--where", "_id=1"], "Row: 0 _id=1, creator=NULL, person=NULL\n"),
        (["--projection", "_id", "--sort", "address DESC, _id"], "Row: 0 _id=2\nRow: 1 _id=4\nRow: 2 _id=1\n"),
        (["--where", "_id=99"], "No result found.\n"),
        (["--where", "type=5"], "No result found.\n"),
    ],
)
def test_a_query_prints_the_rows(arguments: list[str], out: str) -> None:
    assert _said("query", "--uri", "content://sms", *arguments) == out


@pytest.mark.parametrize(
    ("uri", "ids"),
    [
        ("content://sms", [2, 4, 1]),
        ("content://sms/", [2, 4, 1]),
        ("content://sms/inbox", [4, 1]),
        ("content://sms/sent", [2]),
        ("content://sms/failed", []),
        ("content://sms/4", [4]),
        ("content://sms/inbox/1", [1]),
        ("content://sms/nope", []),
        ("content://mms", []),
    ],
)
def test_a_uri_means_a_box_or_a_row(uri: str, ids: list[int]) -> None:
    rows = "".join(f"Row: {number} _id={row_id}\n" for number, row_id in enumerate(ids))
    assert _said("query", "--uri", uri, "--projection", "_id") == (rows or "No result found.\n")


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ([], "Unsupported operation: null"),
        (["look"], "Unsupported operation: look"),
        (["query"], "Content provider URI not specified. Did you specify --uri argument?"),
        (["query", "--uri"], "No value for argument: --uri"),
        (["query", "--uri", "--where"], "No value for argument: --uri"),
        (["query", "--uri", "content://sms", "--limit", "1"], "Unsupported argument: --limit"),
        (["query", "--uri", "content://sms", "--user", "x"], 'For input string: "x"'),
        (["insert", "--uri", "content://sms"], "Bindings not specified. Did you specify --bind argument(s)?"),
        (["insert", "--uri", "content://sms", "--bind", "a:b"], "Binding not well formed: a:b"),
        (["call", "--uri", "content://sms"], "Content provider method not specified."),
    ],
)
def test_a_wrong_argument_is_said_on_stdout_with_exit_status_0(arguments: list[str], error: str) -> None:
    ran = content(arguments, _store(), RELEASE, AT_MS)
    assert ran.out.decode().endswith(f"\n[ERROR] {error}\n")
    assert (ran.err, ran.code) == (b"", 0)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (
            ["--uri", "content://sms", "--projection", "_id", "--where", "nope=1"],
            "sms\nandroid.database.sqlite.SQLiteException: no such column: nope (code 1 SQLITE_ERROR): , while "
            "compiling: SELECT _id FROM sms_restricted WHERE (nope=1) ORDER BY date DESC\n",
        ),
        (["--uri", "content://sms", "--projection", "nope"], "sms\nandroid.database.sqlite.SQLiteException: no such"),
        (["--uri", "content://nope"], "nope\njava.lang.IllegalStateException: Could not find provider: nope\n"),
        (["--uri", "content://call_log/calls"], "call_log\njava.lang.SecurityException: Permission Denial"),
    ],
)
def test_what_the_provider_refuses_is_on_stderr_with_exit_status_0(arguments: list[str], error: str) -> None:
    ran = content(["query", *arguments], _store(), RELEASE, AT_MS)
    assert ran.err.decode().startswith(f"Error while accessing provider:{error}")
    assert (ran.out, ran.code) == (b"", 0)


@pytest.mark.parametrize("verb", ["insert --bind body:s:x", "delete --where 1", "update --bind read:i:1"])
def test_the_shell_changes_nothing_and_is_told_nothing(verb: str) -> None:
    device = FakeDevice()
    device.incoming_text("+18005550100", "hi", AT_MS)
    before = device.sms.rows
    check(f"content {verb} --uri content://sms", device=device)
    assert device.sms.rows == before


@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=4))
def test_the_rows_are_what_the_store_has(messages: list[tuple[str, str]]) -> None:
    device = FakeDevice()
    for number, (sender, text) in enumerate(messages):
        device.incoming_text(sender, text, number)
    rows = [f"Row: {n} address={sender}, body={text}\n" for n, (sender, text) in enumerate(messages)]
    ran = asked("content query --uri content://sms --projection address:body --sort _id", device)
    assert ran.out.decode() == ("".join(rows) or "No result found.\n")


@given(TEXTS.filter(bool))
def test_a_text_is_found_by_a_clause_that_is_quoted_twice(sender: str) -> None:
    device = FakeDevice()
    device.incoming_text(sender, "x", AT_MS)
    clause = "address='" + sender.replace("'", "''") + "'"
    ran = asked(f"content query --uri content://sms --projection _id --where {shlex.quote(clause)}", device)
    assert ran.out == b"Row: 0 _id=1\n"


def test_one_time_codes_are_hidden_for_three_hours_on_the_newest_release_alone() -> None:
    for android, shown in (("16", b"Row: 0 _id=1\n"), ("17", b"No result found.\n")):
        device = FakeDevice(RELEASES[android])
        device.incoming_text("BANK", "Your code is 123456", AT_MS)
        query = "content query --uri content://sms --projection _id"
        assert asked(query, device).out == shown
        assert asked(query, device, now_ms=AT_MS + 3 * 3_600_000).out == b"Row: 0 _id=1\n"
