"""What never stands in a trace or a report: the one place that knows the names and looks of secrets, and cuts them."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any
from urllib.parse import quote_plus, unquote_plus

__all__ = ["HIDDEN", "TEXT_MAX", "hides", "redacted", "shown_body", "shown_form", "shown_text"]

HIDDEN = "[hidden]"
TEXT_MAX = 2_000
"""A body is shown up to so many characters."""

# Parts of names, without their dashes: `x-api-key`, `signing_key`, `fcm_token`, `encryptionKey`, `pass phrase`.
_NAMES = "apikey signingkey encryptionkey privatekey phonekey userkey token password passphrase secret authorization "
_PARTS = tuple((_NAMES + "credential cookie").split())
_SEPARATORS = re.compile(r"[\s_.-]+")
# User keys and phone keys of httpSMS, and JSON web tokens, wherever they stand.
_LOOKS = re.compile(r"\b[up]k_[\w-]{6,}|\beyJ[\w-]{1,999}\.[\w-]{1,999}\.[\w-]*|(?<=\bBearer )[^\s\"',]+")
# In a text that is no JSON, or no longer: a name of a secret and what is given to it, to its end or that of the text.
_GIVEN = re.compile(
    r"""(?ix) ( (?: api[_-]?key | (?:signing|encryption|private|phone|user)[_-]?key | token | password
        | pass[\s_-]?phrase | secret | authorization | credential | cookie ) [\w.-]{0,40} ["']? \s{0,9} [:=] \s{0,9} )
        ( "(?:[^"\\]|\\.)*"? | '(?:[^'\\]|\\.)*'? | [^\s"',;&}\]]+ )"""
)
# A body above this size is not parsed for the sake of its first lines.
_PARSED_MAX = 64 * 1024
# So much of what cannot be parsed is looked at: hiding a secret makes the text shorter.
_READ_MAX = 2 * TEXT_MAX


@lru_cache(maxsize=1024)  # a trace has the same few names again and again
def hides(name: str) -> bool:
    """Is what stands under this name a secret? Names are those of JSON members, headers and parameters."""
    plain = _SEPARATORS.sub("", name).lower()
    return any(part in plain for part in _PARTS)


def redacted(value: Any) -> Any:
    """A JSON value without its secrets. What says nothing stays: null, true, false and an empty text."""
    if isinstance(value, dict):
        return {
            name: HIDDEN if hides(name) and not _says_nothing(member) else redacted(member)
            for name, member in value.items()
        }
    if isinstance(value, list):
        return [redacted(member) for member in value]
    return _without_looks(value) if isinstance(value, str) else value


def _without_looks(text: str) -> str:
    # Nearly every text has none of these, and to look for them is many times quicker than for the expression.
    may_have = "k_" in text or "eyJ" in text or "Bearer " in text
    return _LOOKS.sub(HIDDEN, text) if may_have else text


def _says_nothing(value: Any) -> bool:
    return value is None or isinstance(value, bool) or value in ("", [], {})


def shown_text(text: str) -> str:
    """A text without its secrets, JSON or not, up to `TEXT_MAX` characters."""
    return _remembered(text) if len(text) <= TEXT_MAX else _shown(text)


# A body is shown by whoever sends it and by whoever gets it, and the set-up of one story says what that of the next
# does: of four bodies three were there a moment ago.
@lru_cache(maxsize=256)
def _remembered(text: str) -> str:
    return _shown(text)


def _shown(text: str) -> str:
    shown = _of_json(text)
    return _cut(_of_text(text), len(text), whole=len(text) <= _READ_MAX) if shown is None else _cut(shown, len(text))


_encode = json.JSONEncoder(ensure_ascii=False).encode  # `json.dumps` would make one anew for each call


def _of_json(text: str) -> str | None:
    if len(text) > _PARSED_MAX or not text.lstrip().startswith(("{", "[")):
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return _encode(redacted(value))


def _of_text(text: str) -> str:
    """What was given to a secret's name ends somewhere; a cut on the way must not show half of it."""
    hidden = _GIVEN.sub(lambda found: found[1] + HIDDEN, text[:_READ_MAX])
    return _without_looks(hidden)


def _cut(shown: str, length: int, *, whole: bool = True) -> str:
    return shown if whole and len(shown) <= TEXT_MAX else f"{shown[:TEXT_MAX]}… ({length:,} characters)"


def shown_form(query: str) -> str:
    """A query, or a form that is written like one, without its secrets."""
    return _cut("&".join(map(_pair, query.split("&"))), len(query)) if query else ""


def _pair(pair: str) -> str:
    name, equals, value = pair.partition("=")
    if not value:
        return pair
    if hides(unquote_plus(name)):
        return f"{name}={HIDDEN}"
    plain = unquote_plus(value)
    return pair if _LOOKS.search(plain) is None else f"{name}{equals}{quote_plus(_LOOKS.sub(HIDDEN, plain))}"


def shown_body(body: bytes, content_type: str = "") -> str:
    """A body as a trace shows it: a text without its secrets; of what is no text, its kind and size."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind.startswith("multipart/") or b"\0" in body:
        return f"({len(body):,} bytes{f' of {kind}' if kind else ''})"
    text = body.decode("utf-8", "replace")
    return shown_form(text) if kind == "application/x-www-form-urlencoded" else shown_text(text)
