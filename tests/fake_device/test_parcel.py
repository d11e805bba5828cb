from __future__ import annotations

import pytest

from harness.fake_device import parcel
from harness.fake_device.releases import RELEASES


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        (parcel.NO_EXCEPTION, "Result: Parcel(00000000    '....')"),
        (b"\0\0\0\0\1\0\0\0", "Result: Parcel(00000000 00000001   '........')"),
        (
            b"\0\0\0\0\x0f\0\0\0" + "355260508689".encode("utf-16-le"),
            "Result: Parcel(\n"
            "  0x00000000: 00000000 0000000f 00350033 00320035 '........3.5.5.2.'\n"
            "  0x00000010: 00300036 00300035 00360038 00390038 '6.0.5.0.8.6.8.9.')",
        ),
    ],
)
def test_a_reply_is_printed_as_a_dump(reply: bytes, text: str) -> None:
    assert parcel.printed(reply) == text


def test_an_exception_is_its_code_and_its_message() -> None:
    assert parcel.exception(parcel.SECURITY, "No") == b"\xff\xff\xff\xff\2\0\0\0N\0o\0\0\0\0\0\0\0\0\0"


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (
            ["i32", "1", "s16", "a b", "null"],
            [parcel.Argument("i32", "1"), parcel.Argument("s16", "a b"), parcel.Argument("null")],
        ),
        (["i32"], "no integer supplied for 'i32'"),
        (["s16"], "no string supplied for 's16'"),
        (["x", "1"], "unknown option x"),
    ],
)
def test_arguments_are_typed(words: list[str], found: object) -> None:
    assert parcel.arguments(words) == found


def test_what_is_missing_reads_as_nothing_and_what_is_too_much_is_counted() -> None:
    (call,) = RELEASES["14"].text_calls
    read, left = parcel.arguments_read(call, [parcel.Argument("i32", "7x"), parcel.Argument("i32", "1")])
    assert (read["sub_id"], read["package"], read["text"], read["message_id"], left) == (7, None, None, 0, 0)
    assert parcel.arguments_read(call, [parcel.Argument("null")] * 12)[1] == 2
