"""Dividing and counting texts against what Android 16 did, and the user data of each part."""

from __future__ import annotations

from itertools import groupby

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from harness.errors import MalformedPdu, SegmentOverflow
from harness.sms.alphabet import septets
from harness.sms.segments import Concat, divide, divide_ucs2, measure, read_user_data, segments, ucs2_segments
from tests.sms.recorded import Case, cases, differing

CASES = cases("cases.jsonl")
OVER_255 = cases("over-255-parts.jsonl")

# Dense in what the rules are about: escape pairs, surrogate pairs, clusters of several kinds.
PIECES = st.sampled_from(
    [*"aZ@é €{[^\r\nж中\0`", "😀", "🇩🇪", "👩\u200d👩\u200d👧\u200d👦", "👍🏽", "e\u0301", "क्ष", "\u0301"]
)
DENSE = st.lists(st.tuples(PIECES, st.integers(1, 80)), max_size=12).map(
    lambda runs: "".join(piece * times for piece, times in runs)
)
TEXTS = st.one_of(st.text(max_size=400), DENSE)
ODD_TEXTS = st.text(st.sampled_from("a€ж\x1b\uffff\ud83d\ude00\u0301"), max_size=400)


def units(text: str) -> int:
    return len(text.encode("utf-16-be", "surrogatepass")) // 2


def _text(case: Case) -> str:
    repeat = case.get("text_repeat")
    return str(repeat["char"] * repeat["count"] if repeat else case["text"])


def _measured(case: Case) -> dict[str, object]:
    measured = measure(_text(case))
    return {
        "encoding": measured.encoding,
        "units": measured.units,
        "remaining": measured.remaining,
        "reported_parts": measured.reported_segments,
    }


def _recorded_measure(case: Case) -> dict[str, object]:
    return {name: case[name] for name in ("encoding", "units", "remaining", "reported_parts")}


@pytest.mark.cases
def test_every_recorded_text_is_counted_as_on_android() -> None:
    assert differing(CASES + OVER_255, _measured, _recorded_measure) == []


@pytest.mark.cases
def test_every_recorded_text_is_divided_as_on_android() -> None:
    assert (
        differing(
            CASES,
            lambda case: list(divide(case["text"])),
            lambda case: [part["text"] for part in case["parts"]],
        )
        == []
    )


def _user_data(case: Case) -> object:
    """What goes out: nothing at all where one part cannot be built."""
    try:
        built = segments(divide(case["text"]), case.get("reference", 0))
    except SegmentOverflow:
        return None
    return [(part.dcs, part.udl, part.user_data.hex()) for part in built]


def _recorded_user_data(case: Case) -> object:
    built = [(part["dcs"], part["udl"], part["ud"]) for part in case["parts"]]
    return None if (None, None, None) in built else built


@pytest.mark.cases
def test_every_recorded_part_is_built_as_on_android() -> None:
    assert differing(CASES, _user_data, _recorded_user_data) == []


def _recorded_parts(case: Case) -> list[Case]:
    """The parts that were built, except for those with U+FFFF, which goes out as a bare escape."""
    return [part for part in case["parts"] if part["dcs"] is not None and "\uffff" not in part["text"]]


@pytest.mark.cases
def test_every_recorded_part_can_be_read() -> None:
    def read(case: Case) -> object:
        has_header = len(case["parts"]) > 1
        return [
            read_user_data(part["dcs"], has_header, part["udl"], bytes.fromhex(part["ud"]))[0]
            for part in _recorded_parts(case)
        ]

    def sent(case: Case) -> object:
        parts = _recorded_parts(case)
        return [part["text"].rstrip("" if part["dcs"] else "\x1b") for part in parts]

    assert differing(CASES, read, sent) == []


@pytest.mark.cases
def test_numbers_above_255_lose_their_upper_bits_as_on_android() -> None:
    def built(case: Case) -> object:
        parts = segments(divide(_text(case)), case["reference"])
        lengths = [[units(part.text), 1] for part in parts]
        runs = [[length, len(list(run))] for length, run in groupby(lengths[:-1], lambda pair: pair[0])]
        headers = {number: parts[int(number) - 1].user_data[:6].hex() for number in case["udh"]}
        return len(parts), [*runs, lengths[-1]], headers

    def recorded(case: Case) -> object:
        return case["part_count"], case["part_lengths"], case["udh"]

    assert differing(OVER_255, built, recorded) == []


@pytest.mark.parametrize(
    ("text", "lengths"),
    [
        ("", []),
        ("a" * 160, [160]),
        ("a" * 161, [153, 8]),
        ("a" * 307, [153, 153, 1]),
        ("a" * 158 + "€", [159]),
        ("a" * 159 + "€", [153, 7]),
        ("a" * 152 + "€" + "a" * 10, [152, 11]),
        ("€" * 81, [76, 5]),
        (("a" * 152 + "€") * 2, [152, 152, 2]),
        ("ж" * 70, [70]),
        ("ж" * 71, [67, 4]),
        ("a" * 160 + "`", [67, 67, 27]),
        ("a" * 66 + "😀" + "a" * 10, [66, 12]),
        ("😀" * 35, [70]),
        ("😀" * 36, [66, 6]),
        ("a" * 60 + "👩\u200d👩\u200d👧\u200d👦" + "b" * 20, [60, 31]),
        ("x" + "👩\u200d" * 39 + "👩", [1, 66, 53]),
        ("ж" * 63 + "🇩🇪" + "\u0301" + "ж" * 5, [67, 6]),
        ("ж" * 64 + "🇩🇪" + "\u0301" + "ж" * 5, [64, 10]),
        # A flag at the beginning of a segment with more marks than fit: the flag goes alone.
        ("🇩🇪" + "\u0301" * 80, [4, 67, 13]),
        # A cluster cut within a surrogate pair would lose a character.
        ("a" + "\U000e0061" * 40, [67, 14]),
        ("\U000e0061" * 40, [66, 14]),
        # Halves of a pair that meet are that pair.
        ("a" * 66 + "\ud83d" + "\ude00" + "a" * 10, [66, 12]),
        # The count has U+001B free of charge, the cut has not.
        ("a" * 160 + "\x1b", [160, 1]),
    ],
)
def test_a_text_is_cut_where_android_cuts(text: str, lengths: list[int]) -> None:
    assert [units(part) for part in divide(text)] == lengths


@given(TEXTS)
@example("a" * 152 + "€" + "a" * 152)
def test_parts_make_up_the_text_and_keep_their_limits(text: str) -> None:
    parts = divide(text)
    several = len(parts) > 1
    assert "".join(parts) == text
    assert "" not in parts
    if septets(text) is None:
        assert max(map(units, parts)) <= (67 if several else 70)
    else:
        assert max((septets(part) or 0 for part in parts), default=0) <= (153 if several else 160)


@given(TEXTS)
@example("\u0301" * 200)
def test_no_part_begins_within_a_surrogate_pair(text: str) -> None:
    assert not any("\udc00" <= part[0] <= "\udfff" for part in divide_ucs2("ж" + text))


@given(ODD_TEXTS)
def test_odd_characters_lose_no_unit_when_cut(text: str) -> None:
    for cut in (divide, divide_ucs2):
        assert sum(map(units, cut(text))) == units(text)


@given(TEXTS, st.integers(0, 255))
def test_the_user_data_of_each_segment_keeps_the_limit_and_reads_back(text: str, concat_ref: int) -> None:
    parts = divide(text)
    built = segments(parts, concat_ref)
    assert all(len(part.user_data) <= 140 for part in built)
    assert [part.text for part in built] == list(parts)
    for part in built:
        if "\x1b" not in part.text and "\uffff" not in part.text:
            read = read_user_data(part.dcs, part.concat is not None, part.udl, part.user_data)
            assert read == (part.text, part.concat)


def test_a_part_that_needs_ucs2_takes_the_others_with_it() -> None:
    assert [part.dcs for part in segments(("abc", "ж"), 1)] == [8, 8]


def test_an_escape_within_a_part_takes_only_that_part_to_ucs2() -> None:
    assert [part.dcs for part in segments(("abc", "a\x1bb"), 1)] == [0, 8]


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
        segments(parts, 7)
    assert (refusal.value.size, refusal.value.unit, refusal.value.limit) == (size, unit, limit)


def test_ucs2_can_be_asked_for() -> None:
    assert [part.user_data.hex() for part in ucs2_segments(("a", "b"), 7)] == [
        "0500030702010061",
        "0500030702020062",
    ]


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
    assert read_user_data(dcs, False, 5, bytes.fromhex("c8329bfd06"))[0] == text


@pytest.mark.parametrize("dcs", [0x08, 0x18, 0x48, 0xE0])
def test_the_ucs2_groups_of_the_standard_are_known(dcs: int) -> None:
    assert read_user_data(dcs, False, 2, bytes.fromhex("0436"))[0] == "ж"


@pytest.mark.parametrize(
    ("header", "concat"),
    [
        ("050003070201", Concat(7, 2, 1)),
        ("06080401070201", Concat(0x107, 2, 1)),
        ("0b05040b8423f0000307020f", None),
        ("0b05040b8423f00003070202", Concat(7, 2, 2)),
        ("050003070200", None),
        ("050003070203", None),
        ("03240101", None),
        ("00", None),
    ],
)
def test_a_header_says_where_the_segment_belongs(header: str, concat: Concat | None) -> None:
    octets = bytes.fromhex(header) + b"\x04\x36"
    assert read_user_data(8, True, len(octets), octets) == ("ж", concat)


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
