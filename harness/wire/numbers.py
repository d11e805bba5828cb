"""How the server rewrites numbers and addresses before it looks at them.

These are the sanitisers A to F of gateway-protocol.md §2.2. The metadata is libphonenumber's, as in the server; it is
loaded with the first number.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache, wraps
from typing import Any, TypeVar, cast

from harness.sms.number import is_plain

__all__ = ["address", "contact", "index_address", "is_number", "owner", "receive_sim", "sim", "url"]


_Work = TypeVar("_Work", bound=Callable[..., Any])
_TEXT_MAX = 250  # libphonenumber reads nothing longer


def _remembered(work: _Work) -> _Work:
    """Keeps what came of the latest texts, but not of long ones: those would fill the memory, and are no numbers."""
    kept = lru_cache(maxsize=4096)(work)

    @wraps(work)
    def remembering(*texts: str) -> Any:
        return kept(*texts) if all(len(text) <= _TEXT_MAX for text in texts) else work(*texts)

    return cast(_Work, remembering)


def _library() -> Any:
    import phonenumbers  # loading its metadata takes longer than most commands run

    return phonenumbers


def _e164(text: str, region: str | None) -> str | None:
    if is_plain(text):
        return text
    if not any(map(str.isdigit, text)):
        return None
    library = _library()
    try:
        number = library.parse(text, region)
    except library.NumberParseException:
        return None
    return str(library.format_number(number, library.PhoneNumberFormat.E164))


@_remembered
def is_number(text: str) -> bool:
    """Whether it parses without a region; that does not mean that there is such a number (§10.1-8)."""
    if is_plain(text):
        return True
    library = _library()
    try:
        library.parse(text, None)
    except library.NumberParseException:
        return False
    return True


@_remembered
def address(text: str) -> str:
    """A: long bare digits get a plus; what parses then becomes E.164, the rest is kept."""
    text = text.strip()
    if text.isdecimal() and len(text.encode()) > 9:
        text = "+" + text
    return _e164(text, None) or text


@_remembered
def owner(text: str) -> str:
    """A, as far as the text is understood: what is none is +00, one too long its country code and a 0 (3CX)."""
    if is_plain(known := address(text)):
        return known
    library = _library()
    number = library.PhoneNumber(country_code=0, national_number=0)
    # The server does not look whether it parsed, and goes on with what was filled in until then.
    with suppress(library.NumberParseException):
        library.parse(known, None, numobj=number)
    return str(library.format_number(number, library.PhoneNumberFormat.E164))


@_remembered
def contact(text: str, owner: str) -> str:
    """B: eight or more bare digits are read as a national number of the owner's region, the rest is kept."""
    text = text.strip()
    if len(text.encode()) < 8 or not text.isdecimal():
        return text
    return _e164(text, _region(owner)) or text


@_remembered
def _region(owner: str) -> str | None:
    library = _library()
    try:
        region = library.region_code_for_number(library.parse(owner, None))
    except library.NumberParseException:
        return None
    return None if region is None else str(region)


def index_address(text: str) -> str:
    """C: a plus that the query turned into a space is put back, nothing else."""
    text = text.rstrip(" ")
    return "+" + text[1:] if text.startswith(" ") else text


def sim(text: str) -> str:
    """D: SIM1 or SIM2, everything else is SIM1."""
    return text if text == "SIM2" else "SIM1"


def receive_sim(text: str) -> str:
    """E: blank and DEFAULT are SIM1; everything else is kept, to be refused."""
    return "SIM1" if not text.strip() or text == "DEFAULT" else text


_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
_BROKEN = re.compile(r"[\x00-\x1f\x7f]|%(?![0-9A-Fa-f]{2})")


def url(text: str) -> str:
    """F: `https://` comes before a text without a scheme, unless Go's parser refuses the text."""
    text = text.strip()
    first = re.split("[/?#]", text, maxsplit=1)[0]
    if _SCHEME.match(text) or ":" in first or _BROKEN.search(text):
        return text
    return "https://" + text
