"""Why a story does not run with the app on a device."""

from __future__ import annotations

import pytest

from harness.device_radio import NumberGuard
from harness.scenario import read_scenarios
from harness.scenario.plan import Scenario
from harness.targets.device_app_lacking import why_not_with_the_app

EMULATOR = NumberGuard(is_emulator=True)
HARDWARE = NumberGuard(is_emulator=False)
PEOPLE = "phones: [alice]\ncontacts: [bob]"
SEND = "send: {from: alice, to: bob, text: Hello}"


def story(steps: str, people: str = PEOPLE) -> Scenario:
    [plan] = read_scenarios(f"scenario: s\n{people}\nsteps:\n  - {steps}".encode(), "story.yaml")
    return plan


@pytest.mark.parametrize(
    ("plan", "guard", "part"),
    [
        (story(SEND), EMULATOR, None),
        (story(SEND), HARDWARE, "--allow +18005550101"),
        (story(SEND), NumberGuard(False, frozenset({"+18005550101"})), None),
        (story(f"send: {{from: alice, to: bob, text: {'x' * 161}}}"), EMULATOR, None),
        (story("send: {from: alice, to: '+18885551000', text: Hello}"), EMULATOR, "emulated network"),
        (story("send: {from: alice, to: bob, text: Hi, attachments: ['http://x.test/a']}"), EMULATOR, "multimedia"),
        (story("text: {from: bob, to: alice, text: Hello}"), EMULATOR, None),
        (story("text: {from: bob, to: alice, text: Hello, flash: true}"), EMULATOR, "plain texts"),
        (story("call: {from: bob, to: alice, outcome: answered}"), EMULATOR, "nobody answers"),
        (story("phone: {name: alice, do: kill app}"), EMULATOR, None),
        (story("phone: {name: alice, do: reboot}"), EMULATOR, "done to no app"),
        (story("expect: {hop: phone, kind: sent}"), EMULATOR, "cannot be looked into"),
        (story("expect: {hop: radio, kind: rejected}"), EMULATOR, "radio is not seen"),
        (story("expect: {sms: {to: bob, segments: 2}}"), EMULATOR, "segments"),
        (story("api: {method: POST, path: /v1/messages/send, body: {to: '+18005550199'}}"), HARDWARE, "`send` alone"),
        (story("api: {method: POST, path: /v1/messages/send, body: {to: '+18005550199'}}"), EMULATOR, None),
        (story("api: {method: PUT, path: /v1/phones, body: {}}"), HARDWARE, "`send` alone"),
        (story("api: {method: PUT, path: /v1/phones, body: {}}"), EMULATOR, None),
        (story("phone: {name: alice, do: text BANK Hello}"), EMULATOR, "no 'BANK'"),
        (story("phone: {name: alice, do: text +18005550101 Hello}"), EMULATOR, None),
        (story("phone: {name: alice, do: call unknown}"), EMULATOR, "numbers only"),
        (story("phone: {name: alice, do: call +18005550101 rejected}"), EMULATOR, "nobody answers"),
        (story(SEND, "phones: {alice: {messages_per_minute: 2}}\ncontacts: [bob]"), EMULATOR, "app's token"),
        (story(SEND, "phones: {alice: {android: 9}}\ncontacts: [bob]"), EMULATOR, "certain make"),
        (story(SEND, "phones: [alice, ann]\ncontacts: [bob]"), EMULATOR, "2 phones"),
    ],
)  # fmt: skip
def test_a_reason_is_told_or_none(plan: Scenario, guard: NumberGuard, part: str | None) -> None:
    reason = why_not_with_the_app(plan, guard)
    assert (reason is None) if part is None else (reason is not None and part in reason)


def test_a_story_that_fails_on_purpose_is_not_waited_for() -> None:
    steps = "expect: {webhook: message.phone.received}\n    within: 10m\nexpect_failure: it never comes"
    reason = why_not_with_the_app(story(steps), EMULATOR)
    assert reason is not None
    assert "expected to fail" in reason
