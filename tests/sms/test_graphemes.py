"""Where clusters begin, on each release of Android."""

from __future__ import annotations

from itertools import accumulate

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pyuegc import EGC

from harness.sms.graphemes import _CONSONANTS, _PLAIN, Clusters, _earlier_begins
from tests.sms.replay import units

# Whatever a rule of clusters speaks of, and characters that none speaks of.
CHARACTERS = st.sampled_from(
    "aж 中한\r\n\0€\u0301\ufe0f\u200d\u0600\u0d4e\u093f\u094d\u0bbf\u1112\u1161\u0915\u0937\u0995\u09cd\u0d15"
    "😀👍❤©\U0001faf1\U0001f1e9\U0001f3fd\ud83d\ude00"
)
TEXTS = st.one_of(st.text(CHARACTERS, max_size=60), st.text(max_size=60))


def octets(text: str) -> bytes:
    return text.encode("utf-16-be", "surrogatepass")


def begins(text: str, android: int) -> list[int]:
    """Every unit at which a cluster begins."""
    clusters = Clusters(octets(text), android)
    return sorted({clusters.last_begin(limit) for limit in range(units(text))})


def of_the_whole(text: str, android: int) -> list[int]:
    """The same by the rules, applied to the whole text at once."""
    whole = octets(text).decode("utf-16-be", "surrogatepass")
    found = set(accumulate(map(len, EGC(whole)), initial=0))
    if android < 11:
        found = _earlier_begins(whole, found, android)
    return [units(whole[:begin]) for begin in sorted(found) if begin < len(whole)]


@given(TEXTS, st.sampled_from([9, 10, 11, 16]))
@example("ж" * 30 + "\u0301" * 30 + "ж" * 30, 16)
@example("\u0301" * 500 + "ж", 9)
@example("ж\u0915\u094d\ufe0f\u0937", 16)
@example("ж\u0915\u094d\U0001f3fd\u0937", 16)
@example("ж😀" * 10, 16)
def test_a_piece_of_the_text_decides_as_the_whole_does(text: str, android: int) -> None:
    for before in ("", "ж" * 30, "🇩" * 31):
        assert begins(before + text, android) == of_the_whole(before + text, android)


def test_a_cluster_without_a_border_far_and_wide_is_found_as_a_whole() -> None:
    text = "क्" * 500 + "क" + "ж"
    assert begins(text, 16) == [0, 1001]
    assert begins(text, 10) == [*range(0, 1001, 2), 1001]


@pytest.mark.parametrize(
    ("text", "nine", "ten", "newer"),
    [
        ("क्ष", [0, 2], [0, 2], [0]),
        ("क्ष्क", [0, 2, 4], [0, 2, 4], [0]),
        ("\u0d4eക", [0], [0], [0]),
        ("1🏽", [0, 1], [0], [0]),
        ("👍🏽", [0], [0], [0]),
        ("👍🏽🏽", [0, 4], [0], [0]),
        ("👍\ufe0f🏽", [0], [0], [0]),
        ("🫱🏻\u200d🫲🏿", [0, 2, 7], [0], [0]),
        ("😀\u200d😀", [0], [0], [0]),
        ("😀\u200d🏽", [0], [0], [0]),
        ("a\u200d😀", [0, 2], [0, 2], [0, 2]),
        ("1🏽\u200d😀", [0, 1], [0, 4], [0, 4]),
        ("❤\ufe0f\u200d🔥", [0], [0], [0]),
        ("©\u200d🔥", [0, 2], [0], [0]),
        ("🇩🇪🇩🇪🇩", [0, 4, 8], [0, 4, 8], [0, 4, 8]),
        ("한글", [0, 1], [0, 1], [0, 1]),
        ("\r\n", [0], [0], [0]),
    ],
)
def test_older_releases_have_other_rules(text: str, nine: list[int], ten: list[int], newer: list[int]) -> None:
    assert [begins(text, android) for android in (9, 10, 11, 16)] == [nine, ten, newer, newer]


def _characters(ranges: str) -> list[str]:
    """The characters of the inside of a character class without escapes."""
    found: list[str] = []
    at = 0
    while at < len(ranges):
        if ranges[at + 1 : at + 2] == "-":
            found += map(chr, range(ord(ranges[at]), ord(ranges[at + 2]) + 1))
            at += 3
        else:
            found.append(ranges[at])
            at += 1
    return found


def test_between_two_plain_characters_there_is_always_a_border() -> None:
    joined = [
        character
        for character in _characters(_PLAIN) + _characters(_CONSONANTS)
        if len(EGC(f"{character}a{character}क😀{character}{character}")) != 7
    ]
    assert joined == []


def test_behind_a_tone_and_an_emoji_mark_plain_characters_begin_a_cluster() -> None:
    joined = [character for character in _characters(_PLAIN) if len(EGC(f"😀\ufe0f{character}🏽{character}")) != 3]
    assert joined == []
