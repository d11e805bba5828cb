"""Why a story does not run with a device for its phone's radio."""

from __future__ import annotations

import pytest

from harness.acting import BINDINGS, Scene
from harness.capability import Capability
from harness.core import Tell
from harness.deeds import SHAPES, Deed, parse_deed
from harness.device_radio import NumberGuard
from harness.handset import Handset
from harness.scenario import read_scenarios
from harness.scenario.needs import needs
from harness.scenario.plan import PhoneAct, Scenario, Step
from harness.targets.device_lacking import RADIO_DEEDS, why_not_on_a_device

EMULATOR = NumberGuard(is_emulator=True)
HARDWARE = NumberGuard(is_emulator=False)


def story(steps: str, people: str = "phones: [alice]\ncontacts: [bob]") -> Scenario:
    [plan] = read_scenarios(f"scenario: s\n{people}\nsteps:\n  - {steps}".encode(), "story.yaml")
    return plan


@pytest.mark.parametrize(
    ("plan", "guard", "part"),
    [
        (story("send: {from: alice, to: bob, text: Hello}"), EMULATOR, None),
        (story("send: {from: alice, to: bob, text: Hello}"), HARDWARE, "--allow +18005550101"),
        (story("send: {from: alice, to: '+4915112345678', text: Hello}"), HARDWARE, "--allow +4915112345678"),
        (story("send: {from: alice, to: '+18885551000', text: Hello}"), EMULATOR, "emulated network"),
        (story(f"send: {{from: alice, to: bob, text: {'x' * 161}}}"), EMULATOR, "one segment"),
        (
            story("send: {from: alice, to: bob, text: Hi, attachments: ['http://x.test/a']}"),
            EMULATOR,
            "multimedia",
        ),
        (story("text: {from: bob, to: alice, text: Hello}"), EMULATOR, None),
        (story("text: {from: bob, to: alice, text: Hello, flash: true}"), EMULATOR, "plain texts only"),
        (story("text: {from: '+18005550177', to: alice, text: Hello}"), EMULATOR, None),
        (story("call: {from: bob, to: alice}"), EMULATOR, None),
        (story("call: {from: bob, to: alice, outcome: rejected}"), EMULATOR, "nobody answers or rejects"),
        (story("call: {from: bob, to: alice, withheld: true}"), EMULATOR, "its number shows"),
        (story("phone: {name: alice, do: airplane mode on}"), EMULATOR, "not switched by stories"),
        (story("phone: {name: alice, do: lose network}"), EMULATOR, None),
        (story("phone: {name: alice, do: text BANK Hello}"), EMULATOR, "no 'BANK'"),
        (story("phone: {name: alice, do: call +18005550177 rejected}"), EMULATOR, "nobody answers or rejects"),
        (story("phone: {name: alice, do: call +18005550177 missed}"), EMULATOR, None),
        (story("advance: 1h", "phones: [alice, carol]"), EMULATOR, "one device"),
        (story("advance: 1h", "phones: [alice]\ncontacts: {bank: {sender: BANK}}"), EMULATOR, "'BANK'"),
    ],
)
def test_a_story_that_a_device_cannot_play_is_told_why_and_what_to_do(
    plan: Scenario, guard: NumberGuard, part: str | None
) -> None:
    why = why_not_on_a_device(plan, guard)
    if part is None:
        assert why is None
    else:
        assert part in str(why)
        assert "run it without --device" in str(why) or "--allow" in str(why)


SAID = {
    "charging": "on", "remove sim": "1", "insert sim": "1", "switch": "sim1 active on", "encrypt received": "on",
    "encryption key": "x", "server": "http://x.test", "radio": "on", "airplane mode": "on", "service": "full",
    "tunnel": "1s", "reject": "RADIO_OFF", "results": "1:4", "mms": "OK", "delay": "accept 1s", "dialog": "allow",
    "outgoing limit": "off", "short codes": "ask", "fixed dialling": "off", "storage": "full", "swallow": "1",
    "text": "+18005550101 hi", "call": "+18005550101",
}  # fmt: skip


@pytest.mark.parametrize("words", [words for words in SHAPES if words != "log in"])
def test_no_deed_that_reaches_a_radio_gets_to_a_device(words: str) -> None:
    """A device's radio knows none of the acts of an emulated one."""
    deed: Deed = parse_deed(f"{words} {SAID.get(words, '')}".strip())
    scene = Scene(Handset("alice", ("+18005550100",), ("modem:alice",)), "contact:x", "token")
    told = [one.port for one in BINDINGS[deed.words](scene, *deed.values) if isinstance(one, Tell)]
    lacks = needs(Scenario("s", (), (), (Step(PhoneAct("alice", deed)),)))
    assert ("@modem:alice" in told) == (words in RADIO_DEEDS or Capability.CARRIER in lacks)
