"""The user data of PDUs: built as Android builds it, written and read in general."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from harness.errors import MalformedPdu, SegmentOverflow
from harness.sms.alphabet import Tables
from harness.sms.config import SmsConfig
from harness.sms.header import NO_HEADER, Concat, Header, Ports
from harness.sms.segments import divide
from harness.sms.user_data import (
    Content,
    read_user_data,
    ucs2_user_data,
    user_data,
    written_user_data,
)
from tests.sms.recorded import Case, differing
from tests.sms.replay import Pair, built
from tests.sms.test_segments import CASES, CONFIGS, ODD_TEXTS, TEXTS


@pytest.mark.cases
def test_every_recorded_part_is_built_as_on_android() -> None:
    assert differing(CASES, built) == []


def _read(case: Case) -> Pair:
    """The text of each part that was built, except for those with U+FFFF, which goes out as a bare escape."""
    parts = [part for part in case["parts"] if part.get("ud") is not None and "\uffff" not in part["text"]]
    has_header = len(case["parts"]) > 1
    ours = [
        read_user_data(part["dcs"], has_header or "tables" in part, part["udl"], bytes.fromhex(part["ud"])).text
        for part in parts
    ]
    return ours, [part["text"].rstrip("" if part["dcs"] else "\x1b") for part in parts]


@pytest.mark.cases
def test_every_recorded_part_can_be_read() -> None:
    assert differing(CASES, _read) == []


@given(TEXTS, st.integers(0, 255), CONFIGS)
def test_the_user_data_of_each_segment_keeps_the_limit_and_reads_back(
    text: str, concat_ref: int, config: SmsConfig
) -> None:
    parts = divide(text, config)
    written = user_data(parts, concat_ref, config)
    assert all(len(part.octets) <= 140 for part in written)
    assert len(written) == len(parts)
    for number, (part, carried) in enumerate(zip(parts, written, strict=True), 1):
        read = read_user_data(carried.dcs, carried.has_header, carried.udl, carried.octets)
        if "\x1b" in part or "\uffff" in part or config.ems is not True:
            continue
        assert read.text == part
        assert read.header.concat == (Concat(concat_ref, len(parts), number) if len(parts) > 1 else None)


def test_a_part_that_needs_ucs2_takes_the_others_with_it() -> None:
    assert [part.dcs for part in user_data(("abc", "ж"), 1)] == [8, 8]


def test_an_escape_within_a_part_takes_only_that_part_to_ucs2() -> None:
    assert [part.dcs for part in user_data(("abc", "a\x1bb"), 1)] == [0, 8]


def test_an_escape_within_a_national_part_takes_its_header_to_ucs2() -> None:
    (part,) = user_data(("ğ\x1bğ",), 1, SmsConfig(single_shift=(1,)))
    assert (part.dcs, part.octets.hex()) == (8, "03240101" + "011f" + "001b" + "011f")


@pytest.mark.parametrize(
    ("ems", "texts"),
    [
        ("suffix", ["a" * 153 + " 1/2", "a" * 8 + " 2/2"]),
        ("prefix", ["1/2 " + "a" * 153, "2/2 " + "a" * 8]),
    ],
)
def test_a_carrier_without_ems_gets_numbered_messages(ems: str, texts: list[str]) -> None:
    config = SmsConfig(ems=ems)  # type: ignore[arg-type]
    written = user_data(divide("a" * 161, config), 7, config)
    assert [part.has_header for part in written] == [False, False]
    assert [read_user_data(part.dcs, False, part.udl, part.octets).text for part in written] == texts


def test_each_numbered_message_has_its_own_alphabet_and_ten_segments_are_joined_after_all() -> None:
    config = SmsConfig(ems="suffix")
    assert [part.dcs for part in user_data(("abc", "ж"), 7, config)] == [0, 8]
    assert {part.has_header for part in user_data(("abc",) * 10, 7, config)} == {True}
    assert [part.has_header for part in user_data(("abc",), 7, config)] == [False]


@pytest.mark.parametrize(
    ("parts", "size", "unit", "limit"),
    [
        (("a" * 161,), 161, "septets", 160),
        (("a" * 160, "b"), 167, "septets", 160),
        (("ж" * 71,), 142, "octets", 140),
        (("ж" * 68, "b"), 142, "octets", 140),
        (("a" * 100 + "\x1bb",), 204, "octets", 140),
    ],
)
def test_a_part_that_does_not_fit_is_refused(parts: tuple[str, ...], size: int, unit: str, limit: int) -> None:
    with pytest.raises(SegmentOverflow) as refusal:
        user_data(parts, 7)
    assert (refusal.value.size, refusal.value.unit, refusal.value.limit) == (size, unit, limit)


def test_ucs2_can_be_asked_for() -> None:
    assert [part.octets.hex() for part in ucs2_user_data(("a", "b"), 7)] == [
        "0500030702010061",
        "0500030702020062",
    ]


# ---- in general ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dcs", "text"),
    [
        (0x00, "Hello"),
        (0x03, "Hello"),
        (0x10, "Hello"),
        (0x40, "Hello"),
        (0xC8, "Hello"),
        (0xD8, "Hello"),
        (0xF0, "Hello"),
        (0x04, None),
        (0x0C, None),
        (0x20, None),
        (0x84, None),
        (0xF4, None),
    ],
)
def test_the_coding_groups_of_the_standard_are_known(dcs: int, text: str | None) -> None:
    assert read_user_data(dcs, False, 5, bytes.fromhex("c8329bfd06")).text == text


@pytest.mark.parametrize("dcs", [0x08, 0x18, 0x48, 0xE0])
def test_the_ucs2_groups_of_the_standard_are_known(dcs: int) -> None:
    assert read_user_data(dcs, False, 2, bytes.fromhex("0436")).text == "ж"


@pytest.mark.parametrize("dcs", [0x04, 0xF6, 0x20, 0x84])
def test_what_is_no_text_is_read_as_octets(dcs: int) -> None:
    read = read_user_data(dcs, True, 9, bytes.fromhex("0605040b8423f0ff00"))
    assert read == Content(None, b"\xff\0", Header(ports=Ports(2948, 9200)))
    assert written_user_data(read, dcs).octets.hex() == "0605040b8423f0ff00"


@pytest.mark.parametrize("language", [2, 14, 200])
def test_a_language_without_a_table_is_read_with_the_default_one(language: int) -> None:
    octets = bytes((3, 0x25, 1, language)) + bytes.fromhex("0802")
    assert read_user_data(0, True, 6, octets).text == "A"


@pytest.mark.parametrize(
    ("content", "dcs"),
    [
        (Content("ж", None, NO_HEADER), 0x00),
        (Content("ğ", None, Header(tables=Tables(0, 2))), 0x00),
        (Content("a\x1bb", None, NO_HEADER), 0x00),
        (Content("text", None, NO_HEADER), 0x04),
        (Content("text", None, NO_HEADER), 0x20),
    ],
)
def test_a_text_that_its_coding_has_not_is_a_slip(content: Content, dcs: int) -> None:
    with pytest.raises(ValueError, match=r"coding|7-bit"):
        written_user_data(content, dcs)


@given(ODD_TEXTS.filter(lambda text: len(text) <= 70))
@example("")
def test_any_unit_survives_ucs2(text: str) -> None:
    carried = written_user_data(Content(text, None, NO_HEADER), 8)
    whole = text.encode("utf-16-be", "surrogatepass").decode("utf-16-be", "surrogatepass")
    assert read_user_data(8, False, carried.udl, carried.octets) == Content(whole, None, NO_HEADER)


@pytest.mark.parametrize(
    ("dcs", "has_header", "udl", "user_data"),
    [
        (0, False, 6, "c8329bfd06"),
        (8, False, 4, "0436"),
        (8, False, 3, "043604"),
        (4, False, 2, "01"),
        (0, True, 7, "07000307020161"),
        (0, True, 1, "00"),
        (8, True, 5, "0400030702"),
        (8, True, 2, "0100"),
    ],
)
def test_user_data_that_breaks_off_is_refused(dcs: int, has_header: bool, udl: int, user_data: str) -> None:
    with pytest.raises(MalformedPdu):
        read_user_data(dcs, has_header, udl, bytes.fromhex(user_data))
