"""The verbs that look for something become the looks of a plan."""

from __future__ import annotations

from typing import Any

import pytest

from harness.answers import Capture
from harness.instants import MS, SECOND
from harness.late import Late
from harness.matchers import Absent, Contains, Differs, Equals, Matches, OneOf, Present
from harness.scenario import Distance, Expect, ExpectOrder, MessageLook, Never, SmsLook, TraceLook, WebhookLook
from harness.scenario.plan import FOR_DEFAULT, WITHIN_DEFAULT
from tests.scenario.files import last, problems

SEND = "send: {from: alice, to: bob, text: hi}\n    as: m"
BOB = SmsLook("bob", None)
SENT = WebhookLook("message.phone.sent")


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("expect: {sms: {to: bob}}", Expect(BOB, WITHIN_DEFAULT)),
        ("expect: {sms: {to: bob}, within: 2s}", Expect(BOB, 2 * SECOND)),
        ("expect: {sms: {to: bob}}\n    within: 2s", Expect(BOB, 2 * SECOND)),
        ("expect: {sms: {to: bob}}\n    at_least: 0\n    at_most: 2", Expect(BOB, at_least=0, at_most=2)),
        ("expect: {sms: {to: bob}, at_least: 2, at_most: 2}", Expect(BOB, at_least=2, at_most=2)),
        (
            "expect: {sms: {to: bob, from: alice, text: ~, segments: 3}}",
            Expect(SmsLook("bob", Equals("~"), "alice", 3)),
        ),
        ('expect: {sms: {to: "+18005550001"}}', Expect(SmsLook("+18005550001"))),
        ("expect: {sms: {to: alice, from: bob}}", Expect(SmsLook("alice", None, "bob"))),
        ("expect: {message: m, status: sent}", Expect(MessageLook("m", "sent"))),
        (
            "expect: {message: m, status: failed, reason: NO_SERVICE}",
            Expect(MessageLook("m", "failed", Equals("NO_SERVICE"))),
        ),
        ("expect: {webhook: message.phone.sent}", Expect(SENT)),
        (
            "expect: {webhook: message.phone.sent, message: m, text: hi, within: 1m}",
            Expect(WebhookLook("message.phone.sent", "m", Equals("hi")), 60 * SECOND),
        ),
        (
            "expect: {webhook: message.phone.sent, facts: {sim: SIM1, request_id: absent}}",
            Expect(WebhookLook("message.phone.sent", facts=(("sim", Equals("SIM1")), ("request_id", Absent())))),
        ),
        (
            "expect: {webhook: message.phone.sent, contact: bob, facts: {sim: SIM1}}",
            Expect(WebhookLook("message.phone.sent", facts=(("contact", Equals("bob")), ("sim", Equals("SIM1"))))),
        ),
        ("expect: {hop: phone}", Expect(TraceLook("phone"))),
        (
            "expect: {hop: phone, kind: fetched, message: m, facts: {segments: 3, sim: '3'}}",
            Expect(TraceLook("phone", "fetched", "m", (("segments", Equals(3)), ("sim", Equals("3"))))),
        ),
        (
            "expect: {sms: {to: bob}}\n    capture: {a: '\\d{4}', b: {path: to}, c: {path: to, pattern: .}}",
            Expect(
                BOB,
                captures=(Capture("a", "text", r"\d{4}"), Capture("b", "to"), Capture("c", "to", ".")),
            ),
        ),
        ("never: {sms: {to: bob}}", Never(BOB, FOR_DEFAULT)),
        ("never: {message: m, status: failed, for: 1h}", Never(MessageLook("m", "failed"), 3600 * SECOND)),
        ("never: {webhook: message.phone.sent}\n    for: 1ms", Never(SENT, MS)),
        (
            "expect_order: [{sms: {to: bob}}, {webhook: message.phone.sent}]\n    within: 1m",
            ExpectOrder((BOB, SENT), 60 * SECOND),
        ),
        ("expect_order: [{sms: {to: bob}}, {sms: {to: bob}}]", ExpectOrder((BOB, BOB))),
        ("distance: {from: m, to: m, at_least: 1s, at_most: 1s}", Distance("m", "m", SECOND, SECOND)),
        ("distance: {from: m, to: m, at_most: 5s}", Distance("m", "m", None, 5 * SECOND)),
    ],
)
def test_a_look_becomes_a_value_of_the_plan(line: str, what: object) -> None:
    assert last(SEND, line) == what


@pytest.mark.parametrize(
    ("text", "matcher"),
    [
        ("hi", Equals("hi")),
        ("1", Equals("1")),
        ("true", Equals("true")),
        ("present", Present()),
        ("absent", Absent()),
        ("'present'", Equals("present")),
        ('"absent"', Equals("absent")),
        ("Hi ${unique}", Equals(Late("Hi ${unique}"))),
        ("{not: hi}", Differs("hi")),
        ("{not: 'present'}", Differs("present")),
        ("{contains: '${unique}'}", Contains(Late("${unique}"))),
        ("{matches: '^a$'}", Matches("^a$")),
        ("{one_of: [a, '${unique}', 1]}", OneOf(("a", Late("${unique}"), "1"))),
    ],
)
def test_a_condition_on_a_text(text: str, matcher: Any) -> None:
    quoted = text if text.startswith(("{", "'", '"')) else text if "{" not in text else f'"{text}"'
    found = last(f"expect: {{sms: {{to: bob, text: {quoted}}}}}")
    assert found == Expect(SmsLook("bob", matcher))


@pytest.mark.parametrize(
    ("value", "matcher"),
    [
        ("1", Equals(1)),
        ("'1'", Equals("1")),
        ("-1.5e3", Equals(-1500.0)),
        ("true", Equals(True)),
        ("null", Equals(None)),
        ("yes", Equals("yes")),
        ("010", Equals("010")),
        ("1" * 30, Equals(int("1" * 30))),
        ("[1, a]", Equals([1, "a"])),
        ("{a: 1}", Equals({"a": 1})),
        ("{not: 1, a: 1}", Equals({"not": 1, "a": 1})),
        ("{not: 1}", Differs(1)),
        ("{one_of: [1, '1']}", OneOf((1, "1"))),
        ("{contains: 1}", Contains("1")),
        ("present", Present()),
    ],
)
def test_a_condition_on_a_fact_is_typed_as_json_is(value: str, matcher: Any) -> None:
    found = last(f"expect: {{hop: phone, facts: {{a: {value}}}}}")
    assert found == Expect(TraceLook("phone", facts=(("a", matcher),)))
    assert repr(found) == repr(Expect(TraceLook("phone", facts=(("a", matcher),))))  # 1 is no true


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("expect: {sms: {to: bob, text: {not: present}}}", "`present` in a condition"),
        ("expect: {sms: {to: bob, text: {one_of: [a, absent]}}}", "`absent` in a condition"),
        ("expect: {}", "what to look for is missing"),
        ("expect: bob", "a mapping belongs here"),
        ("expect: {sms: {to: bob}, for: 1s}", "unknown key for"),
        ("never: {sms: {to: bob}, within: 1s}", "unknown key within"),
        ("never: {sms: {to: bob}}\n    capture: {a: b}", "never takes no `capture`"),
        ("expect: {sms: {to: bob}, within: 1s}\n    within: 1s", "within is here twice"),
        ("expect_order: []", "two looks belong here, or more"),
        ("expect: {sms: {to: bob}, webhook: message.phone.sent}", "`sms` beside `webhook`"),
        ("never: {sms: {to: bob}, message: hello, status: sent}", "`message` beside `sms`"),
        ("expect_order: [{sms: {to: bob}, within: 1s}, {sms: {to: bob}}]", "unknown key within"),
        ("expect: {message: m, status: sent, text: hi}", "unknown key text"),
        ("expect: {hop: phone, facts: [a]}", "a mapping belongs here"),
    ],
)
def test_what_cannot_be_looked_for_is_told(line: str, problem: str) -> None:
    assert problems(SEND, line) == [problem]
