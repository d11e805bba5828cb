"""What a target may be able to do. A story that needs what its target cannot is skipped with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

from harness.frozen import frozen

__all__ = ["CAPABILITIES", "Capability", "Missing"]


class Capability(Enum):
    """The words of `requires:` in a story, and of a probe."""

    SEND = "send"
    RECEIVE = "receive"
    CALLS = "calls"
    WEBHOOKS = "webhooks"
    PUSH = "push"
    TIME_TRAVEL = "time-travel"
    EXPIRY = "expiry"
    CONTROL = "control"
    GATEWAY_TRACE = "gateway-trace"
    GATEWAY_FAULTS = "gateway-faults"
    CHANNEL_FAULTS = "channel-faults"
    HANDSET = "handset"
    CARRIER = "carrier"
    CONTACT_RULES = "contact-rules"
    DELIVERY_REPORTS = "delivery-reports"
    DUAL_SIM = "dual-sim"
    VIRTUAL_TIME = "virtual-time"


CAPABILITIES: Mapping[Capability, str] = MappingProxyType(
    {
        Capability.SEND: "what the API sends reaches the phone and its radio",
        Capability.RECEIVE: "contacts can text the phone",
        Capability.CALLS: "contacts can call the phone",
        Capability.WEBHOOKS: "the server's webhooks reach us",
        Capability.PUSH: "the phone hears of a message by a push, at the time of the push",
        Capability.TIME_TRAVEL: "the clock can be moved on",
        Capability.EXPIRY: "a message can expire while the story runs",
        Capability.CONTROL: "facts that have no API can be set: plans, counters, heartbeats",
        Capability.GATEWAY_TRACE: "what happens within the gateway is seen",
        Capability.GATEWAY_FAULTS: "the gateway can be made to err",
        Capability.CHANNEL_FAULTS: "pushes, requests and webhooks can be lost or late",
        Capability.HANDSET: "the phone can be switched off, lose its network, change its settings",
        Capability.CARRIER: "the network can refuse, lose and delay texts",
        Capability.CONTACT_RULES: "contacts answer by rules",
        Capability.DELIVERY_REPORTS: "status reports come back",
        Capability.DUAL_SIM: "a phone may have two SIMs",
        Capability.VIRTUAL_TIME: "times are exact, whatever the machine",
    }
)
"""What each one means."""


@frozen
class Missing:
    """Why a target lacks something, and what to do about it ("" where nothing helps)."""

    capability: Capability
    reason: str
    remedy: str = ""
