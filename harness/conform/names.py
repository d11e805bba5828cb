"""Bound names: put into what is sent, and put back in place of what was bound.

`${name}` stands for a bound value; a value that is nothing but the name of a bound number is that number.
`{"#repeat": …}` and `{"#base64": …}` stand for long texts (harness/recordings/gateway/README.md).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeVar

from harness.conform.cases import ABSENT, Json, Maybe, long_text

__all__ = ["Names", "fill", "fill_text", "hide", "pick"]

Names = Mapping[str, str | int]

_NAME = re.compile(r"\$\{(\w+)\}")
# API keys that no name is bound to (gateway-protocol.md §1.2).
_KEY = re.compile(r"\b[up]k_[A-Za-z0-9_-]{20,}")
# A bound text shorter than this may stand in another one by chance, but a secret is hidden all the same.
_HIDDEN_FROM = 6
_SECRET = re.compile(r"key\d*|.*_key\d*|token\d*")

T = TypeVar("T")


def fill_text(text: str, names: Names) -> str:
    """The text with every `${name}` replaced. Raises `KeyError` with the first name that is not bound."""
    return _NAME.sub(lambda found: str(names[found[1]]), text)


def fill(value: Json, names: Names) -> Json:
    """The value with names and long texts put in. Raises `KeyError` with the first name that is not bound."""
    match value:
        case str():
            whole = _NAME.fullmatch(value)
            return names[whole[1]] if whole else fill_text(value, names)
        case list():
            return [fill(item, names) for item in value]
        case dict():
            long = long_text(value)
            if long is not None:
                return fill_text(long, names)
            return {fill_text(key, names): fill(item, names) for key, item in value.items()}
    return value


def pick(value: Json, path: str) -> Maybe:
    """What stands at a dotted path (`data.0.id`), or ABSENT."""
    for step in path.split("."):
        match value:
            case dict() if step in value:
                value = value[step]
            case list() if step.isdecimal() and int(step) < len(value):
                value = value[int(step)]
            case _:
                return ABSENT
    return value


def hide(value: T, names: Names) -> T:
    """The value with bound texts replaced by their names, so that it shows no key, and API keys by `#key`."""
    return _hide(value, _longest_first(names))  # type: ignore[return-value]


def _longest_first(names: Names) -> list[tuple[str, str]]:
    texts: dict[str, str] = {}
    for name, value in names.items():
        if isinstance(value, str) and len(value) >= (1 if _SECRET.fullmatch(name) else _HIDDEN_FROM):
            texts.setdefault(value, name)  # the first name of two: those of the set-up are best known
    return sorted(texts.items(), key=lambda pair: -len(pair[0]))


def _hide(value: object, texts: list[tuple[str, str]]) -> object:
    match value:
        case str():
            for text, name in texts:
                value = value.replace(text, f"${{{name}}}")
            return _KEY.sub("#key", value)
        case list():
            return [_hide(item, texts) for item in value]
        case tuple():
            return tuple(_hide(item, texts) for item in value)
        case dict():
            return {_hide(key, texts): _hide(item, texts) for key, item in value.items()}
    return value
