"""Counting and cutting texts against what Android did, in every configuration and release that was recorded."""

from __future__ import annotations

from itertools import accumulate, pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from harness.sms.alphabet import Tables, septets
from harness.sms.config import SmsConfig
from harness.sms.graphemes import Clusters
from harness.sms.segments import Segmentation, divide, divide_ucs2, segment
from tests.sms.recorded import cases, differing
from tests.sms.replay import cut, measured, on_every_release, over_255, units

CASES = cases("cases.jsonl") + cases("settings.jsonl")

# Dense in what the rules are about: escape pairs, surrogate pairs, clusters of several kinds.
PIECES = st.sampled_from(
    [*"aZ@é €{[^\r\nж中\0`", "😀", "🇩🇪", "👩\u200d👩\u200d👧\u200d👦", "👍🏽", "e\u0301", "क्ष", "\u0301"]
)
DENSE = st.lists(st.tuples(PIECES, st.integers(1, 80)), max_size=12).map(
    lambda runs: "".join(piece * times for piece, times in runs)
)
TEXTS = st.one_of(st.text(max_size=400), DENSE)
ODD_TEXTS = st.text(st.sampled_from("a€ж\x1b\uffff\ud83d\ude00\u0301"), max_size=400)


TURKISH = SmsConfig(single_shift=(1,))
SUFFIX = SmsConfig(ems="suffix")
FORCED = SmsConfig(force_7bit=True)
LANGUAGES = st.lists(st.integers(1, 13), max_size=3, unique=True).map(tuple)
CONFIGS = st.builds(
    SmsConfig, LANGUAGES, LANGUAGES, st.booleans(), st.sampled_from([True, "suffix", "prefix"]), st.integers(9, 16)
)


@pytest.mark.cases
def test_every_recorded_text_is_counted_as_on_android() -> None:
    assert differing(CASES, measured) == []


@pytest.mark.cases
def test_every_recorded_text_is_cut_as_on_android() -> None:
    assert differing(CASES, cut) == []


@pytest.mark.cases
def test_every_recorded_text_is_cut_as_on_each_release_of_android() -> None:
    assert differing(CASES, on_every_release) == []


@pytest.mark.cases
def test_more_than_255_parts_are_made_as_on_android() -> None:
    assert differing(cases("over-255-parts.jsonl"), over_255) == []


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


@pytest.mark.parametrize(
    ("text", "config", "tables", "reported", "remaining", "lengths"),
    [
        ("a" * 160, TURKISH, Tables(), 1, 0, [160]),
        ("ş" * 77, TURKISH, Tables(0, 1), 1, 1, [77]),
        ("ş" * 78, TURKISH, Tables(0, 1), 2, 142, [74, 4]),
        ("ş`", TURKISH, Tables(), 1, 68, [2]),
        # Two tables do equally well: the first is taken.
        ("ç" * 60, SmsConfig(single_shift=(1, 2)), Tables(0, 1), 1, 35, [60]),
        # With the locking table a euro is one septet: one segment instead of two.
        ("€" * 100, SmsConfig(locking_shift=(1,)), Tables(1, 0), 1, 55, [100]),
        # Two segments either way: where more room is left.
        ("€" * 20 + "a" * 150, SmsConfig(locking_shift=(1,)), Tables(1, 0), 2, 128, [149, 21]),
        ("€" * 2 + "a" * 160, SmsConfig(locking_shift=(1,)), Tables(), 2, 142, [151, 11]),
        # Both Turkish tables together have nothing that the locking one has not.
        ("ğ" * 100 + "{", SmsConfig((1,), (1,)), Tables(1, 0), 1, 53, [101]),
        # There is no Spanish locking table.
        ("Á", SmsConfig(locking_shift=(2,)), Tables(), 1, 69, [1]),
    ],
)
def test_tables_are_chosen_as_android_does(
    text: str, config: SmsConfig, tables: Tables, reported: int, remaining: int, lengths: list[int]
) -> None:
    found = segment(text, config)
    assert (found.tables, found.reported_segments, found.remaining) == (tables, reported, remaining)
    assert [len(part.text) for part in found.segments] == lengths


@pytest.mark.parametrize(
    ("text", "reported", "remaining", "lengths"),
    [
        ("a" * 307, 3, 152, [153, 153, 1]),
        ("ж" * 70, 1, 0, [70]),
        ("ж" * 71, 2, 61, [66, 5]),
        ("ж" * 594, 9, 0, [66] * 9),
        # Counted by 67, in nine segments; cut by 66, since they are but nine: so there is a tenth.
        ("ж" * 595, 9, 8, [66] * 9 + [1]),
        ("ж" * 603, 9, 0, [66] * 9 + [9]),
        ("ж" * 604, 10, 66, [67] * 9 + [1]),
    ],
)
def test_a_carrier_without_ems_leaves_room_for_the_number(
    text: str, reported: int, remaining: int, lengths: list[int]
) -> None:
    found = segment(text, SUFFIX)
    assert (found.reported_segments, found.remaining) == (reported, remaining)
    assert [units(part.text) for part in found.segments] == lengths


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("", []),
        ("Ça va à Paris?", ["Ça va à Paris?"]),
        ("“çÀñ”", ['"Çàñ"']),
        ("😀!", ["  !"]),
        ("a\x1bb", ["a b"]),
        ("жж", ["  "]),
        ("ё" * 161, [" " * 153, " " * 8]),
    ],
)
def test_forced_7_bit_replaces_what_it_lacks(text: str, written: list[str]) -> None:
    found = segment(text, FORCED)
    assert [part.text for part in found.segments] == written
    assert found.encoding == "gsm7"


def test_the_empty_text_has_no_segment_and_is_reported_as_one() -> None:
    assert segment("") == Segmentation("gsm7", 0, 1, 160, Tables(), ())


def test_a_segment_counts_its_own_septets() -> None:
    found = segment("a" * 148 + "ğ" + "b" * 20, TURKISH)
    assert [(part.text, part.units) for part in found.segments] == [("a" * 148, 148), ("ğ" + "b" * 20, 22)]


@given(TEXTS, CONFIGS)
@example("a" * 152 + "€" + "a" * 152, SmsConfig())
def test_segments_make_up_the_text_and_keep_their_limits(text: str, config: SmsConfig) -> None:
    found = segment(text, config)
    assert tuple(part.text for part in found.segments) == divide(text, config)
    assert "" not in divide(text, config)
    several = len(found.segments) > 1
    if config.force_7bit:
        assert units("".join(divide(text, config))) == units(text)
    else:
        assert "".join(divide(text, config)) == text
    if found.encoding == "ucs2":
        assert max(units(part.text) for part in found.segments) <= (67 if several else 70)
        assert [part.units for part in found.segments] == [units(part.text) for part in found.segments]
        assert sum(part.units for part in found.segments) == found.units
    else:
        assert max((part.units for part in found.segments), default=0) <= (153 if several else 160)


@given(TEXTS)
@example("a" * 152 + "€" + "a" * 152)
def test_a_default_segment_has_the_septets_that_it_says(text: str) -> None:
    found = segment(text)
    if found.encoding == "gsm7":
        assert [part.units for part in found.segments] == [septets(part.text) for part in found.segments]
        # The count ignores septets that are lost where an escape pair no longer fits: one for each border.
        assert 0 <= len(found.segments) - found.reported_segments <= 1 or not text


@given(TEXTS, st.sampled_from([9, 10, 16]))
@example("x" + "👩\u200d" * 39 + "👩", 16)
@example("ж" * 63 + "🇩🇪" + "\u0301" * 3, 16)
def test_a_cut_is_where_a_cluster_begins_or_no_cluster_could_be_kept(text: str, android: int) -> None:
    """Two exceptions: a cluster longer than a segment, and a flag that just fits and leaves its marks behind."""
    whole = "ж" + text
    octets = whole.encode("utf-16-be", "surrogatepass")
    clusters = Clusters(octets, android)
    parts = divide_ucs2(whole, SmsConfig(android=android))
    cuts = list(accumulate(map(units, parts), initial=0))
    for start, end in pairwise(cuts[:-1]):
        begin = clusters.last_begin(end)
        is_flag = "\U0001f1e6" <= octets[begin * 2 : begin * 2 + 4].decode("utf-16-be", "replace") <= "\U0001f1ff"
        leaves_marks = is_flag and end - begin == 4
        assert begin == end or begin <= start or leaves_marks
        assert end - start in (66, 67) or clusters.last_begin(start + 67) == (begin if leaves_marks else end)


@given(TEXTS)
@example("\u0301" * 200)
def test_no_part_begins_within_a_surrogate_pair(text: str) -> None:
    assert not any("\udc00" <= part[0] <= "\udfff" for part in divide_ucs2("ж" + text))


@given(ODD_TEXTS, CONFIGS)
def test_odd_characters_lose_no_unit_when_cut(text: str, config: SmsConfig) -> None:
    for cut_text in (divide, divide_ucs2):
        assert sum(map(units, cut_text(text, config))) == units(text)
