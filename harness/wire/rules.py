"""The server's validation rules and their texts (gateway-protocol.md Appendix A).

A rule takes the name of the field and its value, and returns what is wrong, or None.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from harness.wire import urls
from harness.wire.numbers import is_number

__all__ = [
    "Problems",
    "Rule",
    "attachment_urls",
    "contact",
    "contacts",
    "is_uuid",
    "length",
    "maximum",
    "minimum",
    "numeric",
    "one_of",
    "phone_number",
    "phone_numbers",
    "problems",
    "required",
    "several_of",
    "url",
    "uuid",
    "webhook_events",
]

Problems = dict[str, list[str]]
"""What is wrong, by field. Empty when nothing is."""

Rule = Callable[[str, Any], str | None]


def problems(*fields: tuple[str, Any, tuple[Rule, ...]]) -> Problems:
    """Judges fields by their rules: all failing rules of a field, in their order.

    An empty or zero value of a field that is not required is not judged at all.
    """
    found: Problems = {}
    for name, value, rules in fields:
        if not value and required not in rules:
            continue
        texts = [text for rule in rules if (text := rule(name, value)) is not None]
        if texts:
            found[name] = texts
    return found


def required(name: str, value: Any) -> str | None:
    return None if value else f"The {name} field is required"


def _size(value: Any) -> int:
    # Texts are counted in bytes (§10.1-3).
    if type(value) is str:
        return len(value) if value.isascii() else len(value.encode())
    return value if type(value) is int else len(value)


def minimum(least: int) -> Rule:
    def rule(name: str, value: Any) -> str | None:
        if _size(value) >= least:
            return None
        if type(value) is int:
            return f"The {name} field value can not be less than {least}"
        return f"The {name} field must be minimum {least} {'char' if type(value) is str else 'in size'}"

    return rule


def maximum(most: int) -> Rule:
    def rule(name: str, value: Any) -> str | None:
        if _size(value) <= most:
            return None
        if type(value) is int:
            return f"The {name} field value can not be greater than {most}"
        return f"The {name} field must be maximum {most} {'char' if type(value) is str else 'in size'}"

    return rule


def length(size: int) -> Rule:
    def rule(name: str, value: Any) -> str | None:
        return None if _size(value) == size else f"The {name} field must be length of {size}"

    return rule


def _matching(pattern: str, text: str) -> Rule:
    match = re.compile(pattern, re.ASCII).fullmatch

    def rule(name: str, value: Any) -> str | None:
        return None if match(value) else text.format(name)

    return rule


numeric = _matching(r"-?[0-9]+", "The {} field must be numeric")

_UUID = r"[a-f0-9]{8}-[a-f0-9]{4}-4[a-f0-9]{3}-[89aAbB][a-f0-9]{3}-[a-f0-9]{12}"
uuid = _matching(_UUID, "The {} field must contain valid UUID")
_uuid_match = re.compile(_UUID, re.ASCII).fullmatch


def is_uuid(text: str) -> bool:
    return _uuid_match(text) is not None


# The server's is [\w.-]+(?:\.[\w.-]+)+[…]+, which takes Python exponential time; after the first dot that has something
# before it any path fits as well. The ASCII flag matters: Go's \w knows no other letters.
url = _matching(
    r"(?:https?://)?(?>[\w.-]+?\.)[\w.-][\w\-._~:/?#[\]@!$&'()*+,;=]++",
    "The {} field format is invalid",
)


def one_of(*members: str) -> Rule:
    text = ", ".join(members)

    def rule(name: str, value: Any) -> str | None:
        return None if value in members else f"The {name} field must be one of {text}"

    return rule


def several_of(*members: str) -> Rule:
    """Each of a list; the first that is not is named."""

    def rule(name: str, value: Sequence[str]) -> str | None:
        bad = next((index for index, member in enumerate(value) if member not in members), None)
        if bad is None:
            return None
        return f"the {name} field in contains an invalid value [{value[bad]}] at index [{bad}]"

    return rule


_NUMBER = "must be a valid E.164 phone number in the international format e.g +18005550100"
_CONTACT = "must contain only digits and must be less than 14 characters"
_is_contact = re.compile(r"\+?[0-9][0-9]{1,14}").fullmatch


def phone_number(name: str, value: str) -> str | None:
    return None if is_number(value) else f"The {name} field {_NUMBER}"


def phone_numbers(name: str, value: Sequence[str]) -> str | None:
    bad = next((index for index, number in enumerate(value) if not is_number(number)), None)
    return None if bad is None else f"The {name} field in index [{bad}] {_NUMBER}"


def contact(name: str, value: str) -> str | None:
    return None if _is_contact(value) else f"The {name} field {_CONTACT}"


def contacts(name: str, value: Sequence[str]) -> str | None:
    bad = next((index for index, number in enumerate(value) if not _is_contact(number)), None)
    return None if bad is None else f"The {name} field in index [{bad}] {_CONTACT}"


def attachment_urls(name: str, value: Sequence[str]) -> str | None:
    """Only the first bad one is named."""
    bad = next((index for index, address in enumerate(value) if urls.scheme(address) not in ("http", "https")), None)
    if bad is None:
        return None
    return f"The attachment {bad} with URL [{value[bad]}] must be a valid URL e.g https://placehold.co/600x400"


def webhook_events(known: Sequence[str]) -> Rule:
    def rule(name: str, value: Sequence[str]) -> str | None:
        if not value:
            return f"The {name} field is an empty array"
        bad = next((event for event in value if event not in known), None)
        return None if bad is None else f"The {name} field has an invalid event with name [{bad}]"

    return rule
