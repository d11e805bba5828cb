"""Why a story does not run where it cannot, and what to do about it."""

from __future__ import annotations

import pytest

from harness.capability import Capability, Missing
from harness.cast import PhoneSpec
from harness.instants import SECOND
from harness.scenario.plan import Advance, Expect, MessageLook, Never, Scenario, SmsLook, Step, Webhooks
from harness.targets.lacking import why_not

WITHOUT_TIME = {
    Capability.TIME_TRAVEL: Missing(Capability.TIME_TRAVEL, "no clock can be moved", "x"),
    Capability.EXPIRY: Missing(Capability.EXPIRY, "nothing expires soon", "wait elsewhere"),
}
WITHOUT_HOOKS = {Capability.WEBHOOKS: Missing(Capability.WEBHOOKS, "nobody can call us", "give --listen")}


def story(*acts: object, expiration_s: int | None = None) -> Scenario:
    phone = PhoneSpec("alice", "+18005550100", message_expiration_s=expiration_s)
    return Scenario("story", (phone,), (), tuple(Step(act) for act in acts))  # type: ignore[arg-type]


def wait(seconds: int) -> Never:
    return Never(SmsLook("bob"), seconds * SECOND)


@pytest.mark.parametrize(
    ("scenario", "missing", "slow", "parts"),
    [
        (story(Webhooks(500)), {}, False, None),
        (story(Webhooks(500)), WITHOUT_HOOKS, False, ("nobody can call us; give --listen",)),
        (story(Advance(10 * SECOND)), WITHOUT_TIME, False, ("no clock can be moved", "--slow waits for it")),
        (story(Advance(60 * SECOND)), WITHOUT_TIME, True, None),
        (story(Advance(61 * SECOND)), WITHOUT_TIME, False, ("no clock can be moved", "in virtual time")),
        (story(Advance(61 * SECOND)), WITHOUT_TIME, True, ("no clock can be moved", "in virtual time")),
        (story(Advance(61 * SECOND)), {}, False, None),
        # What takes long without an `advance` is waited for too.
        (story(wait(15)), WITHOUT_TIME, False, None),
        (story(wait(16)), WITHOUT_TIME, False, ("16 s by the real clock", "--slow waits for it")),
        (story(wait(60)), WITHOUT_TIME, True, None),
        (story(wait(61)), WITHOUT_TIME, True, ("61 s by the real clock", "in virtual time")),
        (story(wait(3600)), {}, False, None),
        # A message that expires within a minute does so while a slow story waits.
        (story(Expect(MessageLook("m", "expired"))), WITHOUT_TIME, True, ("nothing expires soon; wait elsewhere",)),
        (story(Expect(MessageLook("m", "expired")), expiration_s=60), WITHOUT_TIME, True, None),
        (story(Expect(MessageLook("m", "expired")), expiration_s=60), WITHOUT_TIME, False, ("nothing expires soon",)),
    ],
)
def test_a_story_that_cannot_run_is_told_why_and_what_to_do(
    scenario: Scenario, missing: dict[Capability, Missing], slow: bool, parts: tuple[str, ...] | None
) -> None:
    why = why_not(scenario, missing, slow=slow)
    if parts is None:
        assert why is None
    else:
        assert why is not None
        assert [part for part in parts if part not in why] == []
