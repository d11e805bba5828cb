"""How a spreadsheet shows the value of a cell: the text that the server reads (excelize: `GetRows`).

The number formats that people meet are here: dates and times in English, digits with a decimal point, thousands,
percent and exponents, with texts around them. A cell with any other format (fractions, conditions, names of months in
other languages) shows its bare value. A code has at most 255 characters; the time that it takes grows with it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache
from typing import NamedTuple

__all__ = ["number_text", "shown", "shown_text"]

# -- numbers -------------------------------------------------------------------------------------------------


def _digits(number: float) -> str:
    """The shortest decimal that stands for the number, without an exponent."""
    text = format(Decimal(repr(number)), "f")
    return text.removesuffix(".0")


def _precision(text: str) -> int:
    return len(text) - text.count(".")


def number_text(number: float) -> str:
    """The number in a cell without a format: at most 15 digits."""
    digits = _digits(number)
    return format(number, ".15G") if _precision(digits) > 15 else digits


# -- format codes --------------------------------------------------------------------------------------------


class _Token(NamedTuple):
    kind: str
    text: str


_TOKEN = re.compile(
    r"""
    \[\$(?P<currency>[^\]-]*)(?:-[^\]]*)?\]
    | \[(?P<elapsed>h+|m+|s+)\]
    | \[(?P<color>black|blue|cyan|green|magenta|red|white|yellow|color\d+)\]
    | (?P<unknown>\[[^\]]*\]? | [?/](?=[\d?\#]))
    | "(?P<quoted>[^"]*)"?
    | \\(?P<escaped>.)
    | (?P<space>_.?)
    | (?P<filler>\*.?)
    | (?P<half>AM/PM|A/P)
    | (?P<general>general)
    | (?P<date>y+|m+|d+|h+|s+)
    | (?P<zeros>0+)
    | (?P<hashes>\#+)
    | (?P<blanks>\?+)
    | (?P<point>\.)
    | (?P<comma>,)
    | (?P<percent>%)
    | (?P<exponent>E[+-])
    | (?P<at>@)
    | (?P<literal>.)
    """,
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_TEXTS = {"currency", "quoted", "escaped", "literal"}
_PLACES = {"zeros", "hashes", "blanks"}


@lru_cache(maxsize=256)
def _sections(code: str) -> tuple[tuple[_Token, ...], ...]:
    """Of positive numbers, negative ones, zero, and texts; there may be fewer."""
    sections: list[tuple[_Token, ...]] = []
    tokens: list[_Token] = []
    for match in _TOKEN.finditer(code.strip()):
        kind = str(match.lastgroup)
        text = match[kind]
        if kind == "literal" and text == ";":
            sections.append(tuple(tokens))
            tokens = []
        else:
            tokens.append(_Token("literal" if kind in _TEXTS else kind, text))
    return (*sections, tuple(tokens))


def _is_of_text(section: Sequence[_Token]) -> bool:
    return any(token.kind == "at" for token in section)


def shown(number: float, code: str) -> str:
    """A cell's number by the format code."""
    sections = _sections(code)
    section = sections[0]
    result = None
    if number < 0 and len(sections) > 1 and not _is_of_text(sections[1]):
        section = sections[1]
        result = _negative(section, -number)
    elif not _is_of_text(section):
        result = _positive(section, number)
    return _digits(number) if result is None else _aligned(section, result)


def shown_text(text: str, code: str) -> str:
    """A text, with what the section of texts puts around it."""
    section = next((section for section in _sections(code) if _is_of_text(section)), None)
    if section is None:
        return text
    parts = {"at": text, "zeros": text}
    return _aligned(section, "".join([parts.get(kind, part if kind == "literal" else "") for kind, part in section]))


def _aligned(section: Sequence[_Token], result: str) -> str:
    """A blank in the breadth of a character (`_x`) counts at both ends only."""
    if section and section[0].kind == "space":
        result = " " + result
    if section and section[-1].kind == "space":
        result += " "
    return result


_DIGITS = {"hashes", "blanks", "percent", "exponent"}
_TIMES = {"date", "elapsed", "half"}


def _negative(section: Sequence[_Token], number: float) -> str | None:
    """The section says itself how the sign is shown. None: the bare value."""
    kinds = {token.kind for token in section}
    return None if "general" in kinds or kinds & _TIMES else _fill(section, number)


def _positive(section: Sequence[_Token], number: float) -> str | None:
    """The section of all numbers, if there is no other. None: the bare value."""
    kinds = {token.kind for token in section}
    if "general" in kinds:
        return format(number, ".10G") if _precision(_digits(number)) > 11 else None
    if kinds & _TIMES:
        is_odd = number < 0 or "unknown" in kinds or kinds & _DIGITS
        return None if is_odd else _clock(section, number)
    filled = _fill(section, abs(number))
    return filled if filled is None or number >= 0 else "-" + filled


# -- digits --------------------------------------------------------------------------------------------------


def _fill(section: Sequence[_Token], number: float) -> str | None:
    """The texts of a section with the digits of a number in the places for them; None: it cannot be."""
    kinds = [token.kind for token in section]
    if "unknown" in kinds or "at" in kinds:
        return None
    if "exponent" in kinds:
        return _scientific(section, number)
    point = kinds.index("point") if "point" in kinds else len(section)
    last = max([index for index, kind in enumerate(kinds) if kind in _PLACES], default=-1)
    before = [token.text for token in section[:point] if token.kind in _PLACES]
    after = "".join([token.text for token in section[point:] if token.kind in _PLACES])
    commas = [index for index, kind in enumerate(kinds) if kind == "comma"]
    value = Decimal(repr(number)) * 100 ** kinds.count("percent")
    value /= 1000 ** sum(1 for index in commas if index > last)
    # A place for a digit that need not be there (#) takes one as far as the number has digits.
    decimals = len(format(value, "f").partition(".")[2].rstrip("0"))
    whole, _, fraction = _rounded(value, max(after.count("0"), min(decimals, len(after)))).partition(".")
    least = "".join(before).count("0")
    whole = whole.rjust(least, "0") if before else ""
    if any(index < last for index in commas):
        whole = _grouped(whole)
    return _laid_out(section, point, whole, fraction)


_EXACT = Context(prec=2000)  # the largest numbers have 309 digits; a code of percent signs adds 510


def _rounded(value: Decimal, places: int) -> str:
    return format(value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, _EXACT), "f")


def _grouped(whole: str) -> str:
    first = len(whole) % 3
    groups = [whole[:first], *(whole[at : at + 3] for at in range(first, len(whole), 3))]
    return ",".join([group for group in groups if group])


def _laid_out(section: Sequence[_Token], point: int, whole: str, fraction: str) -> str:
    """The first place takes all digits for which there is no place."""
    sizes = [len(token.text) if token.kind in _PLACES else 0 for token in section[:point]]
    room = sum(sizes)
    result: list[str] = []
    at = min(0, len(whole) - room)
    for index, (kind, text) in enumerate(section):
        if kind == "literal":
            result.append(text)
        elif kind == "percent":
            result.append("%")
        elif kind == "point":
            result.append("." if fraction else "")
        elif kind in _PLACES and index < point:
            extra = max(0, len(whole) - room) if at == 0 else 0
            size = len(text) + extra
            result.append(whole[max(0, at) : max(0, at + size)])
            at += size
        elif kind in _PLACES:
            result.append(fraction[: len(text)])
            fraction = fraction[len(text) :]
    return "".join(result)


def _scientific(section: Sequence[_Token], number: float) -> str | None:
    """`0.00E+00`, and nothing more."""
    code = "".join([token.text for token in section])
    match = re.fullmatch(r"0(?:\.(0+))?E\+00", code, re.IGNORECASE)
    return None if match is None else format(number, f".{len(match[1] or '')}E")


# -- dates and times -----------------------------------------------------------------------------------------

_DAY_S = 86_400
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_WEEKDAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_EPOCH = date(1899, 12, 30)
_DAYS_MOST = (date.max - _EPOCH).days
# Excel counts a 29 February in 1900 (here as the 28th, as openpyxl gives it), and a day 0 of that January.
_LEAP = 60


class _Moment(NamedTuple):
    year: int
    month: int
    day: int
    weekday: int
    second: int  # of the day
    elapsed_s: int


def _moment(number: float) -> _Moment | None:
    if number > _DAYS_MOST:
        return None
    days, second = divmod(_whole_seconds(number), _DAY_S)
    if days > _DAYS_MOST:
        return None
    on = _EPOCH + timedelta(days + (1 if days < _LEAP else 0))
    year, month, day = on.year, on.month, on.day
    if days < 1:
        year, month, day = 1900, 1, 0
    weekday = (_EPOCH + timedelta(days)).isoweekday() % 7
    return _Moment(year, month, day, weekday, second, days * _DAY_S + second)


def _whole_seconds(number: float) -> int:
    """Seconds; what is over half a second counts as one."""
    seconds = number * _DAY_S
    whole = int(seconds + 1e-4)
    return whole + 1 if seconds - whole > 0.501 else whole


def _clock(section: Sequence[_Token], number: float) -> str | None:
    moment = _moment(number)
    if moment is None:
        return None
    dates = [index for index, token in enumerate(section) if token.kind in ("date", "elapsed")]
    halves = any(token.kind == "half" for token in section)
    result: list[str] = []
    for index, (kind, text) in enumerate(section):
        letter = text[:1].lower()
        if kind == "elapsed":
            result.append(str(moment.elapsed_s // {"h": 3600, "m": 60, "s": 1}[letter]))
        elif kind == "half":
            result.append(text.split("/")[moment.second >= _DAY_S // 2])
        elif kind == "date":
            minutes = letter == "m" and len(text) < 3 and _is_of_time(section, dates, dates.index(index))
            result.append(_minute(text, moment) if minutes else _PARTS[letter](text, moment, halves))
        elif kind == "zeros":
            result.append("0" * min(3, len(text)))  # fractions of a second
        elif kind in ("literal", "point", "comma"):
            result.append(text)
    return "".join(result)


def _is_of_time(section: Sequence[_Token], dates: Sequence[int], place: int) -> bool:
    """Whether an `m` means minutes: it comes after hours or seconds, or before seconds."""
    before = section[dates[place - 1]] if place else None
    after = section[dates[place + 1]] if place + 1 < len(dates) else None
    if before is not None and (before.kind == "elapsed" or before.text[0].lower() in "hs"):
        return True
    return after is not None and after.kind == "date" and after.text[0].lower() == "s"


def _padded(text: str, number: int) -> str:
    return str(number) if len(text) == 1 else f"{number:02d}"


def _year(text: str, moment: _Moment, halves: bool) -> str:
    return f"{moment.year:04d}"[2:] if len(text) <= 2 else str(moment.year)


def _month(text: str, moment: _Moment, halves: bool) -> str:
    if len(text) <= 2:
        return _padded(text, moment.month)
    name = _MONTHS[moment.month - 1]
    return name[:3] if len(text) == 3 else name[:1] if len(text) == 5 else name


def _day(text: str, moment: _Moment, halves: bool) -> str:
    if len(text) <= 2:
        return _padded(text, moment.day)
    name = _WEEKDAYS[moment.weekday]
    return name[:3] if len(text) == 3 else name


def _hour(text: str, moment: _Moment, halves: bool) -> str:
    hour = moment.second // 3600
    return _padded(text, (hour - 1) % 12 + 1 if halves else hour)


def _minute(text: str, moment: _Moment) -> str:
    return _padded(text, moment.second // 60 % 60)


def _second(text: str, moment: _Moment, halves: bool) -> str:
    return _padded(text, moment.second % 60)


_PARTS = {"y": _year, "m": _month, "d": _day, "h": _hour, "s": _second}
