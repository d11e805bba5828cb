"""What a header may have in it: what ends a line would begin another header, or another request."""

from __future__ import annotations

import re

__all__ = ["name_trouble", "value_trouble"]

# RFC 9110 §5.6.2 and §5.5; what is beyond Latin-1 has no bytes there.
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_UNFIT = re.compile("[^\t\x20-\x7e\x80-\xff]")


def name_trouble(name: str) -> str:
    """Why this is no name of a header; "" if it is one."""
    return "" if _NAME.fullmatch(name) else f"{name!r} is no name of a header"


def value_trouble(value: str) -> str:
    """Why no header has this value; "" if one may. The value itself, which may be a secret, is not told."""
    found = _UNFIT.search(value)
    return "" if found is None else f"the character U+{ord(found[0]):04X} has no place in a header"
