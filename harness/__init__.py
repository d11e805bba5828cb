"""Scripted texts through an emulated Android phone and an embedded httpSMS gateway.

What a test author needs is here; everything else is found by its room's name (`harness.phone`, `harness.trace` …).
Names are loaded when they are first used, so that `import harness` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.cipher import decrypt, encrypt
    from harness.errors import HarnessError
    from harness.hosting import Gateway
    from harness.sms import PhoneNumber
    from harness.testing import Outcome, Story, StoryFailed, run_scenario

__all__ = [
    "Gateway",
    "HarnessError",
    "Outcome",
    "PhoneNumber",
    "Story",
    "StoryFailed",
    "__version__",
    "decrypt",
    "encrypt",
    "run_scenario",
]

__version__ = "0.1.0"

_HOMES = {
    "Gateway": "harness.hosting",
    "HarnessError": "harness.errors",
    "Outcome": "harness.testing",
    "PhoneNumber": "harness.sms",
    "Story": "harness.testing",
    "StoryFailed": "harness.testing",
    "decrypt": "harness.cipher",
    "encrypt": "harness.cipher",
    "run_scenario": "harness.testing",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'harness' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
