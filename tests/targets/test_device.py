"""Stories whose phone has a device for its radio, on the embedded gateway and on somebody's server."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.adapters.scenario_files import find_files, read_file
from harness.capability import Capability
from harness.device_radio import LOST
from harness.errors import DeviceGone, UsageError
from harness.outcome import Outcome
from harness.report.text import as_text
from harness.scenario import read_scenarios
from harness.scenario.plan import Scenario
from harness.targets import TargetOptions, opened
from harness.targets.device import NOTHING_LOST, DeviceTarget, repeating, words_of_device
from harness.targets.device_probe import DeviceCard, Facts
from harness.targets.server import ServerTarget
from harness.verdict import Status
from tests.device_radio.pocket import Pocket
from tests.targets.conftest import Foreign
from tests.targets.devices import EMULATOR, HARDWARE, OPTIONS, SERIAL, a_target, opens

ROOT = Path(__file__).parent.parent.parent
STORIES = [story for path in find_files([str(ROOT / "scenarios")]) for story in read_file(path)]
BOB = "+18005550101"


def story(steps: str, head: str = "phones: [alice]\ncontacts: [bob]") -> Scenario:
    [plan] = read_scenarios(f"scenario: A story\n{head}\nsteps:\n{steps}".encode(), "story.yaml")
    return plan


SENT = story("  - send: {from: alice, to: bob, text: Hello}\n  - expect: {sms: {to: bob, text: Hello}}")
RECEIVED = story(
    "  - text: {from: bob, to: alice, text: Hello}\n  - expect: {webhook: message.phone.received, text: Hello}"
)


def outcome_of(plan: Scenario, pocket: Pocket | None = None, facts: Facts = EMULATOR, **options: Any) -> Outcome:
    with a_target(Pocket() if pocket is None else pocket, facts, **options) as target:
        outcome: Outcome = target.run(plan, 7)
        return outcome


def of_kind(outcome: Outcome, kind: str) -> list[dict[str, Any]]:
    return [dict(entry.facts) for entry in outcome.entries if (entry.hop, entry.kind) == ("radio", kind)]


# -- shipped stories ---------------------------------------------------------------------------------------------------


def test_every_shipped_story_passes_or_is_skipped_for_a_reason_with_a_remedy() -> None:
    two_cards = replace(EMULATOR, cards=(DeviceCard(1, 4), DeviceCard(2, 5)))
    with a_target(Pocket(), two_cards) as target:
        outcomes = [target.run(plan, 3) for plan in STORIES]
    assert [as_text(outcome) for outcome in outcomes if not outcome.passed] == []
    reasons = [outcome.verdict.skipped for outcome in outcomes if outcome.verdict.skipped is not None]
    assert all(";" in reason for reason in reasons)
    ran = {outcome.title for outcome in outcomes if outcome.verdict.skipped is None}
    assert {
        "A contact who answers by rule", "Whoever calls in vain gets a text",
        "Received texts are encrypted before they leave the phone",
    } <= ran  # fmt: skip


# -- out ---------------------------------------------------------------------------------------------------------------


def test_a_text_goes_out_over_the_device_and_the_contact_reads_what_it_sent() -> None:
    pocket = Pocket()
    outcome = outcome_of(SENT, pocket)
    assert outcome.passed, as_text(outcome)
    assert [(row.address, row.body, row.subscription_id) for row in pocket.boxes["sent"]] == [(BOB, "Hello", 4)]
    assert [fact["row"] for fact in of_kind(outcome, "sent on the device")] == [1]
    assert outcome.target == f"device {SERIAL}"


def test_what_the_device_refuses_is_the_reason_that_the_application_reads() -> None:
    plan = story(
        "  - send: {from: alice, to: bob, text: Hello}\n    as: hello\n  - expect: {message: hello, status: failed}"
    )
    for pocket in (Pocket(refuses="SecurityException"), Pocket(keeps=True)):
        outcome = outcome_of(plan, pocket)
        assert outcome.passed, as_text(outcome)
        assert len(of_kind(outcome, "rejected")) == 1


@pytest.mark.parametrize(
    ("options", "texted", "skipped"),
    [
        ({}, [], f"--allow {BOB}"),
        ({"allow": ("+18005550177",)}, [], f"--allow {BOB}"),
        ({"allow": (BOB,)}, [BOB], None),
        ({"allow": ("+18005550177",), "contacts": (("bob", "+18005550177"),)}, ["+18005550177"], None),
    ],
)
def test_hardware_texts_nobody_but_whom_it_may(options: dict[str, Any], texted: list[str], skipped: str | None) -> None:
    pocket = Pocket()
    outcome = outcome_of(SENT, pocket, HARDWARE, **options)
    assert pocket.texted == texted
    assert outcome.passed, as_text(outcome)
    assert (outcome.verdict.skipped is None) if skipped is None else skipped in str(outcome.verdict.skipped)


def test_a_number_that_only_a_request_names_meets_the_guard_of_the_radio() -> None:
    body = '{from: "+18005550100", to: "+18005550166", content: Hello}'
    plan = story(
        f"  - api: {{method: POST, path: /v1/messages/send, body: {body}}}\n    answer: {{status: 200}}\n"
        "  - expect: {hop: radio, kind: rejected}"
    )
    pocket = Pocket()
    outcome = outcome_of(plan, pocket, HARDWARE)
    assert outcome.passed, as_text(outcome)
    assert pocket.texted == []
    assert of_kind(outcome, "rejected")[0]["code"] == 20


def test_a_number_that_means_something_to_our_network_is_a_number_to_a_device() -> None:
    """The SMSC would refuse a text to this one."""
    body = '{from: "+18005550100", to: "+18885554000", content: Hello}'
    plan = story(
        f"  - api: {{method: POST, path: /v1/messages/send, body: {body}}}\n    answer: {{status: 200}}\n"
        "  - expect: {hop: phone, kind: sent}"
    )
    outcome = outcome_of(plan)
    assert outcome.passed, as_text(outcome)


# -- in ----------------------------------------------------------------------------------------------------------------


def test_a_text_comes_in_as_the_device_shows_it() -> None:
    assert outcome_of(RECEIVED).passed
    outcome = outcome_of(RECEIVED, Pocket(says="Hellp"))
    assert not outcome.passed, "the row said something else"


def test_what_was_in_the_boxes_before_the_story_is_none_of_its_business() -> None:
    pocket = Pocket()
    pocket.put("inbox", BOB, "Hello")
    pocket.put("sent", BOB, "Hello")
    outcome = outcome_of(SENT, pocket)
    assert outcome.passed, as_text(outcome)
    assert of_kind(outcome, "delivered") == []
    assert of_kind(outcome, "sent on the device")[0]["row"] == 3


SWALLOWED = story("  - text: {from: bob, to: alice, text: Hello}\n  - never: {webhook: message.phone.received}")
LOOKED_FOR = story(f"  - text: {{from: bob, to: alice, text: Hello}}\n  - expect: {{hop: radio, kind: {LOST}}}\n")


def test_a_story_that_goes_well_fails_where_the_device_swallowed_a_text() -> None:
    outcome = outcome_of(SWALLOWED, Pocket(swallows=True))
    assert outcome.verdict.failure is not None
    assert outcome.verdict.failure.rule == NOTHING_LOST
    assert "the console said OK and nothing came" in outcome.verdict.failure.why[0]
    assert outcome.verdict.status is Status.FAILED


def test_a_story_that_looks_for_the_loss_passes() -> None:
    assert outcome_of(LOOKED_FOR, Pocket(swallows=True)).passed


# -- skips -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("plan", "facts", "part"),
    [
        (SENT, replace(EMULATOR, release="10"), "nobody has looked up"),
        (SENT, replace(EMULATOR, unreadable=(("sent", "SecurityException"),)), "cannot be seen: SecurityException"),
        (RECEIVED, replace(EMULATOR, unreadable=(("inbox", "SecurityException"),)), "cannot be seen"),
        (RECEIVED, HARDWARE, "it is no emulator"),
    ],
)
def test_a_story_that_needs_what_the_device_cannot_is_skipped(plan: Scenario, facts: Facts, part: str) -> None:
    pocket = Pocket()
    outcome = outcome_of(plan, pocket, facts)
    assert part in str(outcome.verdict.skipped)
    assert pocket.boxes == {"inbox": [], "sent": []}


# -- the way to it -----------------------------------------------------------------------------------------------------


class Breaking(Pocket):
    """A device whose cable is pulled out."""

    async def send(self, text: Any) -> Any:
        raise DeviceGone(SERIAL, "the connection broke")


def test_a_device_that_goes_ends_the_run_and_says_so() -> None:
    with pytest.raises(DeviceGone, match="the connection broke"):
        outcome_of(SENT, Breaking())


def test_without_a_serial_there_is_no_device() -> None:
    with pytest.raises(UsageError, match="no device"), opened(TargetOptions(kind="device")):
        pass


def test_the_options_that_repeat_a_story_name_the_device() -> None:
    options = replace(OPTIONS, allow=(BOB,), contacts=(("bob", BOB),), adb_server="never", console_token_file="t")
    assert repeating(options) == (
        f"--device adb:{SERIAL} --allow {BOB} --console-token-file t --adb-server never --contact bob={BOB}"
    )
    assert words_of_device(TargetOptions()) == ""
    assert repeating(options) in outcome_of(SENT).repeat or "--device adb:" in outcome_of(SENT).repeat


def test_a_target_says_what_is_missing() -> None:
    with a_target(Pocket()) as target:
        assert isinstance(target, DeviceTarget)
        assert {Capability.DELIVERY_REPORTS, Capability.CARRIER, Capability.DUAL_SIM} <= target.missing.keys()
        assert Capability.SEND not in target.missing
        assert target.findings.can_run


# -- on a server -------------------------------------------------------------------------------------------------------


def test_a_device_may_be_the_radio_of_a_phone_on_somebodys_server(ours: Foreign) -> None:
    pocket = Pocket()
    options = replace(ours.options, device=SERIAL, sent_within_s=2.0, seen_within_s=2.0)
    target = ServerTarget(options, lambda _text: None, opens(pocket))
    try:
        sent, received = target.run(SENT, 7), target.run(replace(RECEIVED, steps=RECEIVED.steps[:1]), 7)
        skipped = target.run(story("  - phone: {name: alice, do: airplane mode on}"), 7)
    finally:
        target.close()
    assert sent.passed, as_text(sent)
    assert received.passed, as_text(received)
    assert [row.body for box in ("sent", "inbox") for row in pocket.boxes[box]] == ["Hello", "Hello"]
    assert "not switched by stories" in str(skipped.verdict.skipped)
    assert f"--device adb:{SERIAL}" in sent.repeat
