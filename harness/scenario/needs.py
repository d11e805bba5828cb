"""What a story needs of its target by the nature of its steps, each with the first step that needs it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from harness.capability import CAPABILITIES, Capability
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
    Look,
    MessageLook,
    Never,
    PhoneAct,
    Scenario,
    Send,
    SmsLook,
    Step,
    Text,
    Together,
    TraceLook,
    WebhookLook,
    Webhooks,
    every_step,
)
from harness.scenario.wording import title_of

__all__ = ["needs"]

_PUSH_FAULTS = frozenset({"lost-push", "late-push", "duplicate-push", "refused-push"})
# What is done to the radio and not to the handset: the carrier's doing, or a thing only an emulated radio does.
_RADIO_DEEDS = frozenset(
    {
        "service", "tunnel", "roam", "come home", "reject", "results", "mms", "delay", "outgoing limit", "short codes",
        "fixed dialling", "storage", "swallow", "dialog",
    }
)  # fmt: skip
# The radio delivers what comes in, the phone what it has sent.
_REPORTS = frozenset(
    {
        ("radio", "report"),
        ("phone", "delivered"),
        ("gateway", "message.phone.delivered"),
        ("webhook", "message.phone.delivered"),
    }
)
_GATEWAY_HOPS = frozenset({"gateway", "api", "push"})


def needs(scenario: Scenario) -> dict[Capability, str]:
    """Every capability that the story needs → the step that needs it first, in words.

    What nobody but the story's author can know is in `requires`, and comes last.
    """
    found: dict[Capability, str] = {}
    for phone in scenario.phones:
        if phone.second_number is not None:
            found.setdefault(Capability.DUAL_SIM, f"the phone {phone.name} has two SIMs")
    for contact in scenario.contacts:
        if contact.behaviours:
            found.setdefault(Capability.CONTACT_RULES, f"the contact {contact.name} has rules")
    for step in every_step(scenario.steps):
        for capability in _of_step(step):
            found.setdefault(capability, title_of(step))
    for capability in scenario.requires:
        found.setdefault(capability, f"requires: {capability.value} ({CAPABILITIES[capability]})")
    return found


def _of_step(step: Step) -> Iterator[Capability]:
    match step.what:
        case Expect(look) | Never(look):
            yield from _of_look(look)
        case ExpectOrder(looks):
            for look in looks:
                yield from _of_look(look)
        case Distance() | Together():
            pass  # the steps of a `together` come by themselves
        case act:
            yield from _of_act(act)


def _of_act(act: Act) -> Iterator[Capability]:
    match act:
        case Send():
            yield Capability.SEND
        case Text():
            yield Capability.RECEIVE
        case CallPhone():
            yield Capability.CALLS
        case PhoneAct(_, deed):
            yield from _of_deed(deed.words)
        case Behave():
            yield Capability.CONTACT_RULES
        case Carrier() | ClearCarrier():
            yield Capability.CARRIER
        case Fault(name):
            yield from _of_fault(name)
        case EndFault(name):
            yield from _of_fault(name) if name is not None else ()
        case Webhooks():
            yield Capability.WEBHOOKS
        case Gateway():
            yield Capability.CONTROL
        case Advance():
            yield Capability.TIME_TRAVEL
        case Api():
            pass
        case _:
            assert_never(act)


def _of_deed(words: str) -> Iterator[Capability]:
    if words in ("text", "call"):
        yield Capability.RECEIVE if words == "text" else Capability.CALLS
    else:
        yield Capability.CARRIER if words in _RADIO_DEEDS else Capability.HANDSET


def _of_fault(name: str) -> Iterator[Capability]:
    if name == "lost-update":
        yield Capability.GATEWAY_FAULTS
        return
    yield Capability.CHANNEL_FAULTS
    if name in _PUSH_FAULTS:
        yield Capability.PUSH


def _of_look(look: Look) -> Iterator[Capability]:
    match look:
        case SmsLook():
            pass  # by the steps that write it
        case MessageLook(_, status):
            yield from _of_status(status)
        case WebhookLook(event):
            yield Capability.WEBHOOKS
            if event == "message.send.expired":
                yield from _of_status("expired")
            if event == "message.phone.delivered":
                yield Capability.DELIVERY_REPORTS
        case TraceLook(hop, kind):
            if hop in _GATEWAY_HOPS:
                yield Capability.GATEWAY_TRACE
            if hop == "webhook":
                yield Capability.WEBHOOKS
            if (hop, kind) in _REPORTS:
                yield Capability.DELIVERY_REPORTS
        case _:
            assert_never(look)


def _of_status(status: str) -> Iterator[Capability]:
    if status == "delivered":
        yield Capability.DELIVERY_REPORTS
    if status == "expired":
        yield Capability.EXPIRY
