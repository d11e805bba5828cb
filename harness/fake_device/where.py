"""The part of SQLite's expressions that a WHERE clause over messages needs: parsing, and what it says of a row.

Values are None, int, float and str. Comparisons follow SQLite's rules of affinity ("Datatypes In SQLite", 4.2 and 4.3).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NoReturn

from harness.frozen import frozen

__all__ = ["Order", "SqlError", "order_by", "where"]

Scalar = int | float | str | None
Lookup = Callable[[str], Scalar]
_DEPTH_MAX = 100
_INT_MIN, _INT_MAX = -(1 << 63), (1 << 63) - 1
_TOKEN = re.compile(
    r"""\s*(?:
    (?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![\w$]))
    |(?P<text>'(?:[^']|'')*')
    |(?P<quoted>"(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\])
    |(?P<word>[A-Za-z_\x80-\U0010ffff][\w$]*)
    |(?P<sign>==|!=|<>|<=|>=|\|\||[=<>(),+\-*/%.;?])
    )""",
    re.VERBOSE,
)
_NUMBER = re.compile(r"[ \t\n\v\f\r]*([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)[ \t\n\v\f\r]*", re.ASCII)
_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
_KEYWORDS = frozenset(
    ["AND", "OR", "NOT", "IS", "NULL", "IN", "LIKE", "BETWEEN", "ISNULL", "NOTNULL", "ASC", "DESC", "LIMIT", "OFFSET"]
)


class SqlError(Exception):
    """What SQLite says that is wrong. It leaves this package as the text of an SQLiteException."""


@frozen
class _Token:
    kind: str
    text: str
    at: int

    @property
    def keyword(self) -> str:
        word = self.text.upper()
        return word if self.kind == "word" and word in _KEYWORDS else ""


@frozen
class _Expression:
    """A value of each row. `affinity` is that of its column; what is none has none."""

    of: Callable[[Lookup], Scalar]
    affinity: str = ""


@frozen
class Order:
    """ORDER BY and LIMIT: columns with whether they descend; how many rows, from which."""

    columns: tuple[tuple[str, bool], ...]
    limit: int | None = None
    offset: int = 0


def where(text: str, columns: Mapping[str, str], rest: str = "") -> Callable[[Lookup], bool]:
    """Whether a row, asked by column, is one of those that `text` means. `rest` is what follows it in the statement.

    Raises `SqlError` for what SQLite refuses, and for what is not known here.
    """
    parser = _Parser(text, columns, rest)
    expression = parser.either(0)
    parser.ended()
    return lambda lookup: _truth(expression.of(lookup)) is True


def order_by(text: str, columns: Mapping[str, str]) -> Order:
    """Raises `SqlError`."""
    return _Parser(text, columns, "").order()


def _tokens(text: str, rest: str) -> list[_Token]:
    found, at = [], 0
    end = len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            raise SqlError(f'unrecognized token: "{_unrecognized(text, at, rest)}"')
        kind = match.lastgroup or ""
        found.append(_Token(kind, match[kind], match.start(kind)))
        at = match.end()
    return found


def _unrecognized(text: str, at: int, rest: str) -> str:
    """An open quote swallows the rest of the statement; of anything else the first word is shown."""
    left = text[at:].lstrip()
    return left + rest if left[:1] in ("'", '"', "`", "[") else (re.match(r"[\w$.]+|.", left) or [left])[0]


class _Parser:
    """Recursive descent in SQLite's order: OR, AND, NOT, equalities, inequalities, operands."""

    def __init__(self, text: str, columns: Mapping[str, str], rest: str) -> None:
        self._tokens = _tokens(text, rest)
        self._columns = {name.lower(): (name, affinity) for name, affinity in columns.items()}
        self._place = 0
        # The provider puts the clause in parentheses: where it ends too soon, SQLite stumbles over the closing one.
        self._end = ")" if rest else ""

    def ended(self) -> None:
        if self._place < len(self._tokens):
            self._refuse()

    def either(self, depth: int) -> _Expression:
        return self._joined(depth, "OR", self._both, _any)

    def order(self) -> Order:
        columns = [self._ordered()]
        while self._skip(","):
            columns.append(self._ordered())
        limit = self._count() if self._skip_word("LIMIT") else None
        offset = self._count() if limit is not None and self._skip_word("OFFSET") else 0
        self.ended()
        return Order(tuple(columns), limit if limit is None or limit >= 0 else None, max(0, offset))

    def _ordered(self) -> tuple[str, bool]:
        token = self._token()
        if token is None or token.kind not in ("word", "quoted") or token.keyword:
            self._refuse()
        self._place += 1
        name = self._known(token.text.strip('"`[]'))
        descends = self._skip_word("DESC")
        if not descends:
            self._skip_word("ASC")
        return name, descends

    def _count(self) -> int:
        minus = self._skip("-")
        token = self._token()
        if token is None or not token.text.isdigit():
            self._refuse()
        self._place += 1
        return -int(token.text) if minus else int(token.text)

    def _joined(
        self,
        depth: int,
        word: str,
        part: Callable[[int], _Expression],
        join: Callable[[Sequence[_Expression]], Callable[[Lookup], Scalar]],
    ) -> _Expression:
        parts = [part(depth)]
        while self._skip_word(word):
            parts.append(part(depth))
        return parts[0] if len(parts) == 1 else _Expression(join(parts))

    def _both(self, depth: int) -> _Expression:
        return self._joined(depth, "AND", self._negated, _all)

    def _negated(self, depth: int) -> _Expression:
        count = 0
        while self._skip_word("NOT"):
            count += 1
        inner = self._equal(depth)
        for _ in range(min(count, 2 - count % 2)):
            inner = _Expression(_not(inner))
        return inner

    def _equal(self, depth: int) -> _Expression:
        left = self._unequal(depth)
        while (after := self._equality(left, depth)) is not None:
            left = after
        return left

    def _equality(self, left: _Expression, depth: int) -> _Expression | None:
        """The comparison that begins here, if one does."""
        if sign := self._one_of("=", "==", "!=", "<>"):
            return _compared(left, self._unequal(depth), sign in ("=", "=="), _same)
        if self._skip_word("ISNULL"):
            return _is(left, _NULL, True)
        if self._skip_word("NOTNULL"):
            return _is(left, _NULL, False)
        if self._skip_word("IS"):
            wanted = not self._skip_word("NOT")
            return _is(left, self._unequal(depth), wanted)
        return self._membership(left, depth)

    def _membership(self, left: _Expression, depth: int) -> _Expression | None:
        start = self._place
        wanted = not self._skip_word("NOT")
        if self._skip_word("NULL") and not wanted:
            return _is(left, _NULL, False)
        if self._skip_word("LIKE"):
            return _like(left, self._unequal(depth), wanted)
        if self._skip_word("IN"):
            return _in(left, self._list(depth), wanted)
        if self._skip_word("BETWEEN"):
            return self._between(left, depth, wanted)
        if not wanted:
            self._refuse()
        self._place = start
        return None

    def _between(self, left: _Expression, depth: int, wanted: bool) -> _Expression:
        low = self._unequal(depth)
        if not self._skip_word("AND"):
            self._refuse()
        both = _Expression(
            _all((_compared(left, low, True, _not_less), _compared(left, self._unequal(depth), True, _not_more)))
        )
        return both if wanted else _Expression(_not(both))

    def _list(self, depth: int) -> list[_Expression]:
        self._must("(")
        if self._skip(")"):
            return []
        values = [self.either(depth + 1)]
        while self._skip(","):
            values.append(self.either(depth + 1))
        self._must(")")
        return values

    def _unequal(self, depth: int) -> _Expression:
        left = self._operand(depth)
        while sign := self._one_of("<", "<=", ">", ">="):
            left = _compared(left, self._operand(depth), True, _ORDERS[sign])
        return left

    def _operand(self, depth: int) -> _Expression:
        if depth > _DEPTH_MAX:
            raise SqlError("parser stack overflow")
        token = self._token()
        if token is None or token.keyword not in ("", "NULL"):
            self._refuse()
        self._place += 1
        if token.kind == "number":
            return _constant(_literal(token.text))
        if token.kind == "text":
            return _constant(token.text[1:-1].replace("''", "'"))
        if token.kind in ("word", "quoted"):
            return self._named(token)
        return self._signed(token, depth)

    def _signed(self, token: _Token, depth: int) -> _Expression:
        if token.text == "(":
            inner = self.either(depth + 1)
            self._must(")")
            return inner
        number = self._token()
        if token.text not in ("-", "+") or number is None or number.kind != "number":
            self._place -= 1
            self._refuse()
        self._place += 1
        return _constant(_literal(token.text + number.text))

    def _named(self, token: _Token) -> _Expression:
        if token.keyword:
            return _NULL
        after = self._token()
        if after is not None and after.text in ("(", ".") and token.kind == "word":
            self._refuse()
        name = token.text[1:-1] if token.kind == "quoted" else token.text
        # A name in double quotes that is no column is a text ("Quirks, Caveats, and Gotchas In SQLite", 8).
        if token.text[0] == '"' and name.lower() not in self._columns:
            return _constant(name.replace('""', '"'))
        known = self._known(name)
        return _Expression(lambda lookup: lookup(known), self._columns[known.lower()][1])

    def _known(self, name: str) -> str:
        if name.lower() not in self._columns:
            raise SqlError(f"no such column: {name}")
        return self._columns[name.lower()][0]

    def _token(self) -> _Token | None:
        return self._tokens[self._place] if self._place < len(self._tokens) else None

    def _skip(self, sign: str) -> bool:
        return self._one_of(sign) != ""

    def _one_of(self, *signs: str) -> str:
        token = self._token()
        if token is None or token.kind != "sign" or token.text not in signs:
            return ""
        self._place += 1
        return token.text

    def _skip_word(self, word: str) -> bool:
        token = self._token()
        if token is None or token.keyword != word:
            return False
        self._place += 1
        return True

    def _must(self, sign: str) -> None:
        if not self._skip(sign):
            self._refuse()

    def _refuse(self) -> NoReturn:
        token = self._token()
        if token is None and not self._end:
            raise SqlError("incomplete input")
        raise SqlError(f'near "{token.text if token else self._end}": syntax error')


def _constant(value: Scalar) -> _Expression:
    return _Expression(lambda _lookup: value)


_NULL = _constant(None)


def _literal(text: str) -> int | float:
    """Whole numbers beyond 64 bits are floats."""
    value = int(text) if text.lstrip("+-").isdigit() else float(text)
    return value if isinstance(value, float) or _INT_MIN <= value <= _INT_MAX else float(value)


def _number(text: str) -> int | float | str:
    """The number that the whole of a text writes, else the text."""
    match = _NUMBER.fullmatch(text)
    return _literal(match[1]) if match else text


def _text(value: int | float | str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return str(value)
    shown = f"{value:.15g}"
    return shown if "." in shown or "inf" in shown or "nan" in shown else _with_point(shown)


def _with_point(shown: str) -> str:
    mantissa, e, exponent = shown.partition("e")
    return f"{mantissa}.0{e}{exponent}"


def _converted(value: Scalar, own: str, other: str) -> Scalar:
    """A value before it is compared with one of `other` affinity."""
    if isinstance(value, str) and other == "INTEGER" and own != "INTEGER":
        return _number(value)
    if value is not None and not isinstance(value, str) and other == "TEXT" and not own:
        return _text(value)
    return value


def _truth(value: Scalar) -> bool | None:
    if value is None:
        return None
    if isinstance(value, str):
        match = _NUMBER.match(value)
        return bool(float(match[1])) if match else False
    return bool(value)


def _order(a: int | float | str, b: int | float | str) -> int:
    """Below, at or above 0. Numbers come before texts; texts are compared by their UTF-8."""
    if isinstance(a, str) != isinstance(b, str):
        return 1 if isinstance(a, str) else -1
    return (a > b) - (a < b)  # type: ignore[operator]


def _same(order: int) -> bool:
    return order == 0


def _not_less(order: int) -> bool:
    return order >= 0


def _not_more(order: int) -> bool:
    return order <= 0


_ORDERS: Mapping[str, Callable[[int], bool]] = {
    "<": lambda order: order < 0,
    "<=": _not_more,
    ">": lambda order: order > 0,
    ">=": _not_less,
}


def _compared(left: _Expression, right: _Expression, wanted: bool, test: Callable[[int], bool]) -> _Expression:
    def of(lookup: Lookup) -> Scalar:
        a = _converted(left.of(lookup), left.affinity, right.affinity)
        b = _converted(right.of(lookup), right.affinity, left.affinity)
        return None if a is None or b is None else int(test(_order(a, b)) is wanted)

    return _Expression(of)


def _is(left: _Expression, right: _Expression, wanted: bool) -> _Expression:
    equal = _compared(left, right, True, _same)

    def of(lookup: Lookup) -> Scalar:
        same = equal.of(lookup)
        if same is None:
            same = int(left.of(lookup) is None and right.of(lookup) is None)
        return int(bool(same) is wanted)

    return _Expression(of)


def _in(left: _Expression, values: Sequence[_Expression], wanted: bool) -> _Expression:
    # The values of a list have no affinity, even where they are columns.
    equal = [_compared(left, _Expression(value.of), True, _same) for value in values]
    found = _any(equal) if equal else _constant(0).of
    return _Expression(found if wanted else _not(_Expression(found)))


def _like(left: _Expression, pattern: _Expression, wanted: bool) -> _Expression:
    def of(lookup: Lookup) -> Scalar:
        text, like = left.of(lookup), pattern.of(lookup)
        if text is None or like is None:
            return None
        return int(_matches(_text(text).translate(_LOWER), _text(like).translate(_LOWER)) is wanted)

    return _Expression(of)


def _matches(text: str, pattern: str) -> bool:
    """LIKE: `%` is anything, `_` one character. Goes back to the last `%` alone, so it is never slow."""
    at = place = 0
    star, tried = -1, 0
    while at < len(text):
        if place < len(pattern) and pattern[place] == "%":
            star, tried = place, at
            place += 1
        elif place < len(pattern) and pattern[place] in ("_", text[at]):
            at, place = at + 1, place + 1
        elif star >= 0:
            tried += 1
            at, place = tried, star + 1
        else:
            return False
    return not pattern[place:].strip("%")


def _not(inner: _Expression) -> Callable[[Lookup], Scalar]:
    def of(lookup: Lookup) -> Scalar:
        truth = _truth(inner.of(lookup))
        return None if truth is None else int(not truth)

    return of


def _any(parts: Sequence[_Expression]) -> Callable[[Lookup], Scalar]:
    def of(lookup: Lookup) -> Scalar:
        truths = [_truth(part.of(lookup)) for part in parts]
        return 1 if True in truths else None if None in truths else 0

    return of


def _all(parts: Sequence[_Expression]) -> Callable[[Lookup], Scalar]:
    def of(lookup: Lookup) -> Scalar:
        truths = [_truth(part.of(lookup)) for part in parts]
        return 0 if False in truths else None if None in truths else 1

    return of
