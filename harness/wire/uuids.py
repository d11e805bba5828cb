"""UUIDs in every form that the server's parser takes (gateway-protocol.md §2.1, §2.16)."""

from __future__ import annotations

import re

__all__ = ["parse"]

_HEX = "[0-9a-fA-F]"
_PLAIN = re.compile(f"{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}")
_BARE = re.compile(f"{_HEX}{{32}}")
_URN = "urn:uuid:"


def parse(text: str) -> str:
    """The UUID in its usual form, in lower case. Raises `ValueError`.

    It may have any version, stand in braces or after `urn:uuid:`, and lack its hyphens. Of 38 bytes the parser skips
    the first and the last without looking at them, so they need not be braces (google/uuid: Parse).
    """
    raw = text.encode("utf-8", "replace")
    if len(raw) == 32 and _BARE.fullmatch(text):
        return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:])).lower()
    if len(raw) == 38:
        raw = raw[1:37]
    elif len(raw) == 45 and text[:9].lower() == _URN:
        raw = raw[9:]
    plain = raw.decode("ascii", "replace")
    if len(raw) == 36 and _PLAIN.fullmatch(plain):
        return plain.lower()
    raise ValueError(f"{text!r} is no UUID")
