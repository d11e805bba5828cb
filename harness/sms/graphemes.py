"""Where the character clusters of a text begin, as the ICU of an Android release sees it, in UTF-16 code units.

The library knows Unicode 16, and Android 11 to 16 agree with it. Android 10 knows no Indic conjuncts; Android 9
moreover joins a skin tone to an emoji that takes one only, and has another rule for ZWJ (ICU 60, its file char.txt).
Marks that Unicode got after these releases are marks here all the same.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate, pairwise

__all__ = ["Clusters"]

_CONSONANTS = (
    "\u0915-\u0939\u0958-\u095f\u0978-\u097f\u0995-\u09a8\u09aa-\u09b0\u09b2\u09b6-\u09b9\u09dc\u09dd\u09df\u09f0\u09f1"
    "\u0a95-\u0aa8\u0aaa-\u0ab0\u0ab2\u0ab3\u0ab5-\u0ab9\u0af9\u0b15-\u0b28\u0b2a-\u0b30\u0b32\u0b33\u0b35-\u0b39"
    "\u0b5c\u0b5d\u0b5f\u0b71\u0c15-\u0c28\u0c2a-\u0c39\u0c58-\u0c5a\u0d15-\u0d3a"
)
# Without conjuncts a consonant begins a cluster, except behind the few characters that may precede any other.
_CONSONANT = re.compile(f"(?<![\u0600-\u0605\u06dd\u070f\u08e2\u0d4e\U000110bd\U000110cd])[{_CONSONANTS}]")

_TONES = "\U0001f3fb-\U0001f3ff"
_MARKS = "\u0300-\u036f\u20d0-\u20f0\ufe00-\ufe0f"
# What takes a skin tone: E_Base and E_Base_GAZ of Unicode 10.
_TONED = (
    "\u261d\u26f9\u270a-\u270d\U0001f385\U0001f3c2-\U0001f3c4\U0001f3c7\U0001f3ca-\U0001f3cc\U0001f442\U0001f443"
    "\U0001f446-\U0001f450\U0001f466-\U0001f469\U0001f46e\U0001f470-\U0001f478\U0001f47c\U0001f481-\U0001f483"
    "\U0001f485-\U0001f487\U0001f4aa\U0001f574\U0001f575\U0001f57a\U0001f590\U0001f595\U0001f596\U0001f645-\U0001f647"
    "\U0001f64b-\U0001f64f\U0001f6a3\U0001f6b4-\U0001f6b6\U0001f6c0\U0001f6cc\U0001f918-\U0001f91c\U0001f91e\U0001f91f"
    "\U0001f926\U0001f930-\U0001f939\U0001f93d\U0001f93e\U0001f9d1-\U0001f9dd"
)
# What a ZWJ joins, tones on their own among them; and the pictographs of today that it did not join then.
_JOINABLE = (
    "\u203c\u2049\u2139\u2194-\u21aa\u231a-\u23ff\u24c2\u25aa-\u25fe\u2600-\u27bf\u2934\u2935\u2b05-\u2b55\u3297\u3299"
    "\U0001f000-\U0001f0ff\U0001f10d-\U0001f1ad\U0001f201-\U0001f2ff\U0001f300-\U0001faff"
)
_UNJOINABLE = "\u00a9\u00ae\u2122\u3030\u303d"
_JOINED = (
    re.compile(f"[{_TONED}][{_MARKS}]*(?=[{_TONES}])"),
    re.compile(f"[{_JOINABLE}][{_MARKS}]*\u200d(?=[{_JOINABLE}])"),
)
_APART = re.compile(f"[{_TONES}]|(?<=\u200d)[{_JOINABLE}{_UNJOINABLE}]")

# Characters that begin a cluster behind any other of them, whatever the release: letters, blanks, digits, and emoji
# without flags and tones. Not all that there are.
_PLAIN = (
    " -~\u00a1-\u00ac\u00ae-\u02ff\u0370-\u0482\u048a-\u052f\u05d0-\u05ea\u0621-\u064a\u0e01-\u0e30\u2010-\u2027"
    "\u2030-\u205e\u20a0-\u20c0\u2100-\u2bff\u3041-\u3096\u30a0-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff9d"
    "\U0001f300-\U0001f3fa\U0001f400-\U0001faff"
)
# So do they behind a tone, and behind the mark that makes a character an emoji; but no consonants do, as these may be
# marks of a conjunct.
_BORDER = re.compile(f"(?<=[{_PLAIN}{_CONSONANTS}])(?=[{_PLAIN}{_CONSONANTS}])|(?<=[{_TONES}\ufe0f])(?=[{_PLAIN}])")
_PLAIN_PAIR = re.compile(f"[{_PLAIN}{_CONSONANTS}]{{2}}")

_NEAR = 16
_FAR = 400


class Clusters:
    """The clusters of one text.

    Around a border only the piece of text that decides is looked at: the library needs a microsecond per character.
    Only a text without a certain border far and wide is broken up as a whole, once.
    """

    __slots__ = ("_all", "_android", "_octets")

    def __init__(self, octets: bytes, android: int) -> None:
        """`octets` are the text in UTF-16BE, perhaps with lone surrogates."""
        self._octets = octets
        self._android = android
        self._all: list[int] = []

    def last_begin(self, limit: int) -> int:
        """The greatest unit up to `limit`, which is within the text, at which a cluster begins."""
        around = self._octets[limit * 2 - 2 : limit * 2 + 2].decode("utf-16-be", "surrogatepass")
        if _PLAIN_PAIR.fullmatch(around):
            return limit
        # The character at the limit has to be there as a whole.
        end = limit + (2 if self._is_halved(limit + 1) else 1)
        for reach in (_NEAR, _FAR):
            start = max(0, limit - reach)
            piece = self._octets[start * 2 : end * 2].decode("utf-16-be", "surrogatepass")
            borders = [0] if start == 0 else []
            borders += [border.start() for border in _BORDER.finditer(piece)]
            if borders:
                before = start + _units(piece[: borders[-1]])
                return before + _last(self._begins(piece[borders[-1] :]), limit - before)
        if not self._all:
            self._all = self._begins(self._octets.decode("utf-16-be", "surrogatepass"))
        return _last(self._all, limit)

    def _begins(self, text: str) -> list[int]:
        """The units of `text` at which clusters begin, and its end."""
        # Half a megabyte of tables that only long UCS-2 texts need.
        from pyuegc import EGC

        clusters: list[str] = EGC(text)
        if self._android < 11:
            begins = _earlier_begins(text, set(accumulate(map(len, clusters), initial=0)), self._android)
            clusters = [text[begin:end] for begin, end in pairwise(sorted(begins))]
        return list(accumulate(map(_units, clusters), initial=0))

    def _is_halved(self, unit: int) -> bool:
        """Whether `unit` is within a surrogate pair."""
        around = self._octets[max(0, unit * 2 - 2) : unit * 2 + 2]
        return len(around) == 4 and around[0] & 0xFC == 0xD8 and around[2] & 0xFC == 0xDC


def _last(begins: list[int], limit: int) -> int:
    return begins[bisect_right(begins, limit) - 1]


def _units(text: str) -> int:
    return len(text.encode("utf-16-be", "surrogatepass")) // 2


def _earlier_begins(text: str, begins: set[int], android: int) -> set[int]:
    begins |= {found.start() for found in _CONSONANT.finditer(text)}
    if android < 10:
        joined = {found.end() for rule in _JOINED for found in rule.finditer(text)}
        begins |= {found.start() for found in _APART.finditer(text)}
        begins -= joined
    return begins
