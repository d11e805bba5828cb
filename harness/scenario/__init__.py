"""Scenarios: YAML → plan → a run that reads the trace."""

from __future__ import annotations

from harness.scenario.language import read_scenarios
from harness.scenario.matching import Match
from harness.scenario.plan import (
    Advance,
    CarrierAct,
    ContactSpec,
    Expect,
    FaultAct,
    MessageLook,
    Never,
    PhoneAct,
    PhoneSpec,
    Scenario,
    Send,
    SmsLook,
    Step,
    Text,
    WebhookLook,
)
from harness.scenario.run import Await, Do, Forbid, Move, RunStep, ScenarioRun, Start

__all__ = [
    "Advance",
    "Await",
    "CarrierAct",
    "ContactSpec",
    "Do",
    "Expect",
    "FaultAct",
    "Forbid",
    "Match",
    "MessageLook",
    "Move",
    "Never",
    "PhoneAct",
    "PhoneSpec",
    "RunStep",
    "Scenario",
    "ScenarioRun",
    "Send",
    "SmsLook",
    "Start",
    "Step",
    "Text",
    "WebhookLook",
    "read_scenarios",
]
