"""harness.wire.rules: the validation primitives (gateway-protocol.md Appendix A)."""

from __future__ import annotations

from typing import Any

import pytest

from harness.wire import rules
from harness.wire.rules import Rule, problems, required

NUMBER = "must be a valid E.164 phone number in the international format e.g +18005550100"
CONTACT = "must contain only digits and must be less than 14 characters"
MODERN = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"


@pytest.mark.parametrize(
    ("rule", "value", "text"),
    [
        (required, "", "The f field is required"),
        (required, (), "The f field is required"),
        (required, " ", None),
        (rules.minimum(2), "\u00e9", None),
        (rules.minimum(2), "a", "The f field must be minimum 2 char"),
        (rules.minimum(1), (), "The f field must be minimum 1 in size"),
        (rules.minimum(60), 59, "The f field value can not be less than 60"),
        (rules.maximum(3), "\u00e9\u00e9", "The f field must be maximum 3 char"),
        (rules.maximum(3), "abc", None),
        (rules.maximum(1), ("a", "b"), "The f field must be maximum 1 in size"),
        (rules.maximum(60), 61, "The f field value can not be greater than 60"),
        (rules.length(2), "\u00e9", None),
        (rules.length(2), "abc", "The f field must be length of 2"),
        (rules.length(2), "", "The f field must be length of 2"),
        (rules.several_of("a", "b"), ("b", "a", "b"), None),
        (rules.several_of("a", "b"), ("a", "", "x"), "the f field in contains an invalid value [] at index [1]"),
        (rules.numeric, "-5", None),
        (rules.numeric, "1.5", "The f field must be numeric"),
        (rules.numeric, "\u0665", "The f field must be numeric"),
        (rules.one_of("a", "b"), "c", "The f field must be one of a, b"),
        (rules.one_of("a", "b"), "b", None),
        (rules.uuid, MODERN, None),
        (rules.uuid, MODERN.upper(), "The f field must contain valid UUID"),
        (rules.uuid, MODERN.replace("-4", "-7"), "The f field must contain valid UUID"),
        (rules.url, "http://127.0.0.1:9", None),
        (rules.url, "http://localhost:9", "The f field format is invalid"),
        (rules.url, "http://" + ".a" * 10_000 + "\x01", "The f field format is invalid"),
        (rules.url, ".....", None),
        (rules.url, "a.", "The f field format is invalid"),
        (rules.url, "a.b", "The f field format is invalid"),
        (rules.url, "a.bc", None),
        (rules.url, "a./b", "The f field format is invalid"),
        (rules.url, "https://example.com/a%20b", "The f field format is invalid"),
        (rules.phone_number, "+1234", None),
        (rules.phone_number, "1234", f"The f field {NUMBER}"),
        (rules.phone_numbers, ("+1234", "1"), f"The f field in index [1] {NUMBER}"),
        (rules.contact, "12", None),
        (rules.contact, "+123456789012345", None),
        (rules.contact, "1", f"The f field {CONTACT}"),
        (rules.contact, "+1234567890123456", f"The f field {CONTACT}"),
        (rules.contacts, ("12", "ab", "cd"), f"The f field in index [1] {CONTACT}"),
        (rules.attachment_urls, ("https://a.b/c", "http://x"), None),
        (
            rules.attachment_urls,
            ("https://a.b/c", "ftp://x/y", "no"),
            "The attachment 1 with URL [ftp://x/y] must be a valid URL e.g https://placehold.co/600x400",
        ),
        (
            rules.attachment_urls,
            ("http://[",),
            "The attachment 0 with URL [http://[] must be a valid URL e.g https://placehold.co/600x400",
        ),
        (rules.webhook_events(("a",)), (), "The f field is an empty array"),
        (rules.webhook_events(("a",)), ("a", "b"), "The f field has an invalid event with name [b]"),
        (rules.webhook_events(("a",)), ("a",), None),
    ],
)  # fmt: skip
def test_a_rule_says_what_is_wrong(rule: Rule, value: Any, text: str | None) -> None:
    assert rule("f", value) == text


@pytest.mark.parametrize(
    ("value", "judged", "texts"),
    [
        ("", (required, rules.minimum(1)), ["The f field is required", "The f field must be minimum 1 char"]),
        ("", (rules.minimum(1),), None),
        (0, (rules.minimum(60),), None),
        (
            "ab",
            (rules.maximum(1), rules.numeric),
            ["The f field must be maximum 1 char", "The f field must be numeric"],
        ),
        ("a", (required,), None),
    ],
)
def test_all_failing_rules_are_reported_and_empty_values_skipped(
    value: Any, judged: tuple[Rule, ...], texts: list[str] | None
) -> None:
    assert problems(("f", value, judged)) == ({} if texts is None else {"f": texts})


def test_only_lower_case_version_4_is_an_id() -> None:
    assert rules.is_uuid(MODERN)
    assert not rules.is_uuid("00000000-0000-0000-0000-000000000000")
