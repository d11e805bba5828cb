"""Scenarios: YAML → plan → a run that reads the trace."""

from __future__ import annotations

from harness.scenario.language import read_scenarios
from harness.scenario.matching import Match
from harness.scenario.plan import (
    Advance,
    CallPhone,
    Expect,
    LosePushes,
    LoseUpdates,
    MessageLook,
    Never,
    PhoneAct,
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
    "CallPhone",
    "Do",
    "Expect",
    "Forbid",
    "LosePushes",
    "LoseUpdates",
    "Match",
    "MessageLook",
    "Move",
    "Never",
    "PhoneAct",
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
