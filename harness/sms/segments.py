"""How Android counts a text and cuts it into segments (segmentation.md §1, §2, §4).

A text is a row of UTF-16 code units, as Android's is: a `str` may hold lone surrogates, and they are sent.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from harness.frozen import frozen
from harness.sms.alphabet import ESCAPE, GSM7, Alphabet, Tables
from harness.sms.coding import Encoding
from harness.sms.config import SmsConfig

if TYPE_CHECKING:
    from harness.sms.graphemes import Clusters

__all__ = [
    "DEFAULT",
    "NO_TABLES",
    "SEPTETS_MAX",
    "Plan",
    "Segment",
    "Segmentation",
    "divide",
    "divide_ucs2",
    "plan",
    "segment",
]

DEFAULT = SmsConfig()
NO_TABLES = Tables()

SEPTETS_MAX = 160
_UNITS_MAX = 70
# Beside the six octets of a concatenation header.
_UNITS_MAX_CONCAT = 67
# Beside it a carrier without EMS wants four units for ` 1/2`, of which Android leaves it one more than a header does.
_UNITS_MAX_NUMBERED = 66
_NUMBERED_MAX = 9
# What elements of the header take of the 160 septets, each alone; its octet of length comes on top.
_LENGTH_SEPTETS = 1
_CONCAT_SEPTETS = 6
_ONE_TABLE_SEPTETS = 4
_TWO_TABLES_SEPTETS = 7


@frozen
class Segment:
    """A piece of a text that goes out in one PDU. `units` are its septets or UTF-16 code units, without a header."""

    text: str
    units: int


@frozen
class Segmentation:
    """A text as Android sends it: `segments`; and what it tells an app about the text: the rest.

    `units` are septets or UTF-16 code units of the whole text, `remaining` those that still fit into the last of
    `reported_segments`. That number is not always that of the segments: it ignores the septets lost where an escape
    pair no longer fits. `tables` are the national language tables by which the text was counted and cut.
    """

    encoding: Encoding
    units: int
    reported_segments: int
    remaining: int
    tables: Tables
    segments: tuple[Segment, ...]


def segment(text: str, config: SmsConfig = DEFAULT) -> Segmentation:
    """How an Android phone divides `text`. The empty text has no segment, but is reported as one."""
    written = _written(text, config)
    chosen = plan(written, config)
    if chosen is None:
        return _segment_ucs2(written, config)
    segments = _cut_gsm7(written, chosen)
    if config.single_shift or config.locking_shift:
        segments = tuple([Segment(part.text, _septets(part, config)) for part in segments])
    return Segmentation("gsm7", chosen.septets, chosen.reported, chosen.remaining, chosen.tables, segments)


def divide(text: str, config: SmsConfig = DEFAULT) -> tuple[str, ...]:
    """The texts of the segments, as `SmsManager.divideMessage` cuts them; none for the empty text."""
    written = _written(text, config)
    chosen = plan(written, config)
    return divide_ucs2(written, config) if chosen is None else _texts(_cut_gsm7(written, chosen))


def divide_ucs2(text: str, config: SmsConfig = DEFAULT) -> tuple[str, ...]:
    """The texts of the segments of a text that goes out in UCS-2."""
    return _texts(_segment_ucs2(text, config).segments)


def _texts(segments: tuple[Segment, ...]) -> tuple[str, ...]:
    return tuple([part.text for part in segments])


def _written(text: str, config: SmsConfig) -> str:
    """The text that goes out: with 7-bit forced, unit for unit what the default alphabet has for it."""
    if not config.force_7bit or not text:
        return text
    from harness.sms.national import FORCED_7BIT

    return "".join([unit if _is_gsm7(unit) else FORCED_7BIT.get(ord(unit), " ") for unit in _code_units(text)])


def _is_gsm7(unit: str) -> bool:
    return unit != ESCAPE and GSM7.spread(unit) is not None


def _code_units(text: str) -> Iterator[str]:
    octets = _utf16(text)
    return (chr(octets[i] << 8 | octets[i + 1]) for i in range(0, len(octets), 2))


# ---- 7-bit ---------------------------------------------------------------------------------------


@frozen
class Plan:
    """How Android writes a text in 7-bit: with which tables, and what it counts.

    `limit` is the room for septets in each segment. `spread` is the text, one character for each septet of the cut.
    """

    tables: Tables
    spread: str
    septets: int
    reported: int
    remaining: int
    limit: int


def plan(text: str, config: SmsConfig = DEFAULT) -> Plan | None:
    """The plan with the fewest segments, of these the one with most room left; None if the text takes UCS-2.

    All pairs of the enabled tables and the default ones are tried, in this order: the default ones first.
    """
    if not config.single_shift and not config.locking_shift:
        return _planned(text, GSM7, NO_TABLES)
    best: Plan | None = None
    for tables, alphabet in _alphabets(config):
        found = _planned(text, alphabet, tables)
        if found and (best is None or (found.reported, -found.remaining) < (best.reported, -best.remaining)):
            best = found
    return best


@lru_cache(maxsize=64)
def _alphabets(config: SmsConfig) -> tuple[tuple[Tables, Alphabet], ...]:
    from harness.sms.national import LOCKING, alphabet

    locking = [0, *(language for language in config.locking_shift if language in LOCKING)]
    pairs = [Tables(first, second) for first in locking for second in sorted({0, *config.single_shift})]
    return tuple([(tables, alphabet(tables)) for tables in pairs])


def _planned(text: str, alphabet: Alphabet, tables: Tables) -> Plan | None:
    spread = alphabet.spread(text)
    if spread is None:
        return None
    # The count has U+001B free of charge, and sets the limit; the cut pays for it. So 160 letters and U+001B are
    # reported as one segment and cut into two.
    septets = len(spread) - text.count(ESCAPE)
    single_limit, concat_limit = _limits(tables)
    if septets <= single_limit:
        return Plan(tables, spread, septets, 1, single_limit - septets, single_limit)
    reported = -(-septets // concat_limit)
    return Plan(tables, spread, septets, reported, reported * concat_limit - septets, concat_limit)


@lru_cache(maxsize=256)
def _limits(tables: Tables) -> tuple[int, int]:
    """The room for septets in an only segment, and in each of several."""
    elements = (0, _ONE_TABLE_SEPTETS, _TWO_TABLES_SEPTETS)[bool(tables.locking) + bool(tables.single)]
    header = _LENGTH_SEPTETS + elements if elements else 0
    return SEPTETS_MAX - header, SEPTETS_MAX - _LENGTH_SEPTETS - elements - _CONCAT_SEPTETS


def _cut_gsm7(text: str, chosen: Plan) -> tuple[Segment, ...]:
    if len(chosen.spread) <= chosen.limit:
        return (Segment(text, chosen.septets),) if text else ()
    return tuple(_pieces_gsm7(text, chosen.spread, chosen.limit))


def _pieces_gsm7(text: str, spread: str, limit: int) -> Iterator[Segment]:
    position = start = 0
    while start < len(spread):
        end = start + limit
        if spread[end - 1 : end] == ESCAPE:
            end -= 1
        piece = spread[start:end]
        length = len(piece) - piece.count(ESCAPE)
        part = text[position : position + length]
        yield Segment(part, len(piece) - part.count(ESCAPE))
        start, position = end, position + length


def _septets(part: Segment, config: SmsConfig) -> int:
    """What the part counts on its own: it is written with the tables that it needs itself."""
    own = plan(part.text, config)
    return own.septets if own else part.units


# ---- UCS-2 ---------------------------------------------------------------------------------------


def _segment_ucs2(text: str, config: SmsConfig) -> Segmentation:
    octets = _utf16(text)
    units = len(octets) // 2
    if units <= _UNITS_MAX:
        return Segmentation("ucs2", units, 1, _UNITS_MAX - units, NO_TABLES, (Segment(_text(octets), units),))
    # Its rules take long to compile, and only long UCS-2 texts need them.
    from harness.sms.graphemes import Clusters

    clusters = Clusters(octets, config.android)
    limit = _UNITS_MAX_CONCAT
    if config.ems is not True and units <= _NUMBERED_MAX * _UNITS_MAX_NUMBERED:
        limit = _UNITS_MAX_NUMBERED
    borders = _borders(octets, clusters, limit)
    reported, remaining = len(borders) - 1, limit - (units - borders[-2])
    # Android counts by the length of the text and cuts by that count: both may choose another limit.
    cut_limit = _UNITS_MAX_NUMBERED if config.ems is not True and reported <= _NUMBERED_MAX else _UNITS_MAX_CONCAT
    if cut_limit != limit:
        borders = _borders(octets, clusters, cut_limit)
    segments = [Segment(_text(octets[a * 2 : b * 2]), b - a) for a, b in pairwise(borders)]
    return Segmentation("ucs2", units, reported, remaining, NO_TABLES, tuple(segments))


def _borders(octets: bytes, clusters: Clusters, most: int) -> list[int]:
    """Where the segments begin, in units, and the end of the text."""
    borders = [0]
    end = len(octets) // 2
    while (limit := borders[-1] + most) < end:
        cut = clusters.last_begin(limit)
        # Android steps over flags that still fit, even if that tears off the marks behind them.
        while cut + 4 <= limit and _is_flag(octets, cut):
            cut += 4
        if cut <= borders[-1]:  # a cluster longer than a segment: cut it anywhere but within a surrogate pair
            cut = limit - _is_high_surrogate(octets, limit - 1)
        borders.append(cut)
    return [*borders, end]


def _is_flag(octets: bytes, unit: int) -> bool:
    """Whether two regional indicators stand at `unit`: U+1F1E6 to U+1F1FF, in UTF-16 D83C DDE6 to DDFF."""
    return all(octets[at * 2 : at * 2 + 3] == b"\xd8\x3c\xdd" and octets[at * 2 + 3] >= 0xE6 for at in (unit, unit + 2))


def _is_high_surrogate(octets: bytes, unit: int) -> bool:
    return octets[unit * 2] & 0xFC == 0xD8


def _utf16(text: str) -> bytes:
    return text.encode("utf-16-be", "surrogatepass")


def _text(octets: bytes) -> str:
    """Joins surrogate halves that meet, so that a character has one form."""
    return octets.decode("utf-16-be", "surrogatepass")
