"""A story's steps tell what its target must be able to do."""

from __future__ import annotations

import pytest

from harness.behaviours import Echo
from harness.capability import Capability
from harness.carrier_rules import Refuse
from harness.cast import ContactSpec, PhoneSpec
from harness.deeds import Deed
from harness.fault_words import FAULTS
from harness.scenario.needs import needs
from harness.scenario.plan import (
    Act,
    Advance,
    Api,
    Behave,
    CallPhone,
    Carrier,
    ClearCarrier,
    Distance,
    EndFault,
    Expect,
    ExpectOrder,
    Fault,
    Gateway,
    MessageLook,
    Never,
    PhoneAct,
    Place,
    Scenario,
    Send,
    SmsLook,
    Step,
    Text,
    Together,
    TraceLook,
    WebhookLook,
    Webhooks,
)

ALICE, BOB = PhoneSpec("alice", "+18005550100"), ContactSpec("bob", "+18005550101")
SEND = Send("alice", ("bob",), "hi")


def story(*steps: Step, phone: PhoneSpec = ALICE, contact: ContactSpec = BOB) -> Scenario:
    return Scenario("s", (phone,), (contact,), steps)


def does(words: str) -> PhoneAct:
    return PhoneAct("alice", Deed(words))


def sees(hop: str, kind: str | None = None) -> Expect:
    return Expect(TraceLook(hop, kind))


@pytest.mark.parametrize(
    ("what", "wanted"),
    [
        (SEND, "send"),
        (Text("bob", "alice", "hi"), "receive"),
        (CallPhone("bob", "alice", "missed"), "calls"),
        (does("lose network"), "handset"),
        (does("radio"), "handset"),
        (does("service"), "carrier"),
        (does("reject"), "carrier"),
        (does("tunnel"), "carrier"),
        (does("text"), "receive"),
        (does("call"), "calls"),
        (Behave("bob", (Echo(),)), "contact-rules"),
        (Carrier((Refuse(4),)), "carrier"),
        (ClearCarrier(), "carrier"),
        (Fault("lost-update"), "gateway-faults"),
        (Fault("lost-push", "alice"), "channel-faults push"),
        (Fault("refused-push", "alice", error="INTERNAL"), "channel-faults push"),
        (Fault("unreachable"), "channel-faults"),
        (EndFault("late-push"), "channel-faults push"),
        (EndFault(), ""),
        (Webhooks(500), "webhooks"),
        (Gateway((("sent_messages", 199),)), "control"),
        (Api("GET", "/v1/messages"), ""),
        (Advance(1), "time-travel"),
        (Expect(SmsLook("bob")), ""),
        (Never(SmsLook("bob")), ""),
        (Expect(MessageLook("m", "sent")), ""),
        (Expect(MessageLook("m", "delivered")), "delivery-reports"),
        (Never(MessageLook("m", "expired")), "expiry"),
        (Expect(WebhookLook("message.phone.received")), "webhooks"),
        (Expect(WebhookLook("message.phone.delivered")), "webhooks delivery-reports"),
        (Expect(WebhookLook("message.send.expired")), "webhooks expiry"),
        (sees("gateway"), "gateway-trace"),
        (sees("api", "POST /v1/phones"), "gateway-trace"),
        (sees("push", "accepted"), "gateway-trace"),
        (sees("gateway", "message.phone.delivered"), "gateway-trace delivery-reports"),
        (sees("phone", "fetched"), ""),
        (sees("phone", "delivered"), "delivery-reports"),
        (sees("radio", "delivered"), ""),
        (sees("radio", "report"), "delivery-reports"),
        (sees("webhook", "message.phone.sent"), "webhooks"),
        (ExpectOrder((SmsLook("bob"), WebhookLook("message.phone.sent"))), "webhooks"),
        (Distance("a", "b", 1), ""),
        (Together(((Step(SEND),), (Step(Advance(1)), Step(Together(((Step(Webhooks(500)),),)))))),
         "send time-travel webhooks"),
    ],
)  # fmt: skip
def test_a_step_needs_by_its_nature(
    what: Act | Expect | Never | ExpectOrder | Distance | Together, wanted: str
) -> None:
    assert " ".join(capability.value for capability in needs(story(Step(what)))) == wanted


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_needs_something(name: str) -> None:
    assert needs(story(Step(Fault(name))))


def test_people_need_something_too() -> None:
    phone = PhoneSpec("alice", "+18005550100", second_number="+18005550102")
    contact = ContactSpec("bob", "+18005550101", (Echo(),))
    assert needs(story(phone=phone, contact=contact)) == {
        Capability.DUAL_SIM: "the phone alice has two SIMs",
        Capability.CONTACT_RULES: "the contact bob has rules",
    }


def test_each_need_has_the_words_of_the_first_step_that_has_it() -> None:
    line = Step(SEND, Place("s.yaml", 7, 5, "  - send: {from: alice, to: bob, text: hi}"))
    block = Step(Text("bob", "alice", "yes"), Place("s.yaml", 8, 5, "  - text:"))
    again = Step(Text("bob", "alice", "no"))
    assert needs(story(line, block, again)) == {
        Capability.SEND: "send: {from: alice, to: bob, text: hi}",
        Capability.RECEIVE: 'text from bob to alice: "yes"',
    }


def test_what_the_author_requires_comes_last() -> None:
    wanted = needs(Scenario("s", (ALICE,), (BOB,), (Step(SEND),), requires=(Capability.VIRTUAL_TIME, Capability.SEND)))
    assert list(wanted) == [Capability.SEND, Capability.VIRTUAL_TIME]
    assert wanted[Capability.VIRTUAL_TIME] == "requires: virtual-time (times are exact, whatever the machine)"
