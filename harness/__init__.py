"""Scripted texts through an emulated Android phone and an embedded httpSMS gateway.

What a test author needs is here; everything else is found by its room's name (`harness.phone`, `harness.trace` …).
Names are loaded when they are first used, so that `import harness` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.cipher import decrypt, encrypt
    from harness.errors import HarnessError, NotSeen
    from harness.hosting import Gateway
    from harness.live_story import run_scenario_live
    from harness.outcome import Outcome
    from harness.sms import PhoneNumber
    from harness.story import (
        Story,
        absent,
        answer,
        calls_back,
        contains,
        differs,
        echoes,
        matches,
        one_of,
        opts_out,
        present,
        reads_codes,
        replies,
        typos,
    )
    from harness.testing import StoryFailed, run_scenario
    from harness.virtual_bed import VirtualBed

__all__ = [
    "Gateway",
    "HarnessError",
    "NotSeen",
    "Outcome",
    "PhoneNumber",
    "Story",
    "StoryFailed",
    "VirtualBed",
    "__version__",
    "absent",
    "answer",
    "calls_back",
    "contains",
    "decrypt",
    "differs",
    "echoes",
    "encrypt",
    "matches",
    "one_of",
    "opts_out",
    "present",
    "reads_codes",
    "replies",
    "run_scenario",
    "run_scenario_live",
    "typos",
]

__version__ = "0.1.0"

_HOMES = {
    "Gateway": "harness.hosting",
    "HarnessError": "harness.errors",
    "NotSeen": "harness.errors",
    "Outcome": "harness.outcome",
    "PhoneNumber": "harness.sms",
    "StoryFailed": "harness.testing",
    "VirtualBed": "harness.virtual_bed",
    "decrypt": "harness.cipher",
    "encrypt": "harness.cipher",
    "run_scenario": "harness.testing",
    "run_scenario_live": "harness.live_story",
}
_STORY = "harness.story"


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'harness' has no attribute {name!r}")
    value = getattr(import_module(_HOMES.get(name, _STORY)), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
