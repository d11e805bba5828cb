"""One fault per file, placed between a core and the world. `harness.fault_words` tells their names and knobs.

Faults of pushes stand behind the push service, faults of requests behind whoever makes them.
"""

from __future__ import annotations

from harness.faults.duplicate_push import DuplicatePush
from harness.faults.failing_api import FailingApi
from harness.faults.late_push import LatePush
from harness.faults.lost_answer import LostAnswer
from harness.faults.lost_push import LostPush
from harness.faults.refused_push import RefusedPush
from harness.faults.slow_network import SlowNetwork
from harness.faults.unreachable import Unreachable

__all__ = [
    "DuplicatePush",
    "FailingApi",
    "LatePush",
    "LostAnswer",
    "LostPush",
    "RefusedPush",
    "SlowNetwork",
    "Unreachable",
]
