"""Which call of the hidden interface sends a text, release by release."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.device_radio import send_command, thrown, transaction_of, was_taken
from harness.device_radio.isms import RELEASES

BOB = "+18005550100"
OLD = (
    "service call isms 7 i32 3 s16 com.android.mms.service s16 +18005550100 i32 -1 s16 'hello there' i32 0 i32 0 i32 1"
)
NEW = (
    "service call isms 5 i32 3 s16 com.android.mms.service i32 -1 s16 +18005550100 i32 -1 s16 'hello there' "
    "i32 0 i32 0 i32 1 i64 0"
)


@pytest.mark.parametrize(
    ("android", "command"), [(8, OLD), (9, OLD), (11, NEW), (12, NEW), (13, NEW), (14, NEW)], ids=str
)
def test_each_release_that_somebody_looked_up_has_its_call(android: int, command: str) -> None:
    assert send_command(android, 3, BOB, "hello there") == command


@pytest.mark.parametrize("android", [0, 5, 7, 10, 15, 16, 99])
def test_a_release_that_nobody_looked_up_has_none(android: int) -> None:
    assert transaction_of(android) is None
    with pytest.raises(LookupError):
        send_command(android, 1, BOB, "hello")


def test_every_call_says_where_it_is_from() -> None:
    assert all("phone-behaviour.md" in one.source and "ISms.aidl" in one.source for one in RELEASES.values())


@given(st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=200))
def test_a_shell_reads_every_text_as_one_word(text: str) -> None:
    words = shlex.split(send_command(11, 1, BOB, text))
    assert words[words.index(BOB) + 4] == text
    assert len(words) == len(shlex.split(send_command(11, 1, BOB, "x")))


@pytest.mark.parametrize(
    ("out", "taken"),
    [
        ("Result: Parcel(00000000    '....')\n", True),
        ("Result: Parcel(NULL)\n", True),
        ("Result: Parcel(\n  0x00000000: ffffffff 0000001d 006e0055 ...", False),
        ("Result: Parcel(fffffffc ffffffff   '........')\n", False),
        ("service: Service isms does not exist\n", False),
        ("", False),
    ],
)
def test_an_answer_tells_whether_the_call_threw(out: str, taken: bool) -> None:
    assert was_taken(out) is taken


THREW = """Result: Parcel(
  0x00000000: ffffffff 00000011 006f004e 00700020 '........N.o. .p.'
  0x00000010: 00720065 0069006d 00730073 006f0069 'e.r.m.i.s.s.i.o.'
  0x00000020: 0020006e 00650068 00650072 00000000 'n. .h.e.r.e.....')
"""


@pytest.mark.parametrize(
    ("out", "message"),
    [
        (THREW, "No permission her"),
        ("Result: Parcel(00000000    '....')\n", None),
        ("Result: Parcel(fffffffe 00000002 00690068 00000000   '........h.i.....')", "hi"),
        ("Result: Parcel(fffffffc ffffffff   '........')\n", None),
        ("service: Service isms does not exist\n", None),
        ('Result: Parcel(Error: 0xffffffffffffffb6 "Not a data message")', None),
    ],
)
def test_what_a_call_threw_is_read_from_the_dump(out: str, message: str | None) -> None:
    assert thrown(out) == message


@given(st.text(max_size=200))
def test_whatever_stands_there_no_reader_fails(out: str) -> None:
    assert thrown(out) is None or isinstance(thrown(out), str)
