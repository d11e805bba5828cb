"""Telephone numbers."""

from __future__ import annotations

import re
from functools import lru_cache

from harness.errors import InvalidNumber
from harness.frozen import frozen

__all__ = ["PhoneNumber", "is_plain"]

# What the library leaves as it is (the tests ask it). Stories have no other numbers unless somebody wants to, and the
# library takes longer to load than most of them run.
_PLAIN = re.compile(r"\+1[2-9][0-9]{9}", re.ASCII)


def is_plain(text: str) -> bool:
    """It is a number of North America in E.164. There need not be such a number."""
    return _PLAIN.fullmatch(text) is not None


@frozen
class PhoneNumber:
    """An E.164 number, `+` first. `parse` makes one from what a person or a peer wrote."""

    e164: str

    @staticmethod
    def parse(text: str) -> PhoneNumber:
        """The number that `text` names in any international notation: `+1 (800) 555-0199`.

        The rule is the server's (gateway-protocol.md, appendix A): the country code must exist, the number
        need not, so `+123` is one. Raises `InvalidNumber`.
        """
        return _parse(text)

    def __str__(self) -> str:
        return self.e164


@lru_cache(maxsize=4096)
def _parse(text: str) -> PhoneNumber:
    if is_plain(text):
        return PhoneNumber(text)
    import phonenumbers

    try:
        number = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        raise InvalidNumber(text) from None
    return PhoneNumber(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
