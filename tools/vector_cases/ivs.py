"""What a series of encryptions tells of the IVs."""

from __future__ import annotations

from collections.abc import Mapping

from harness.cipher import DIALECTS, Dialect
from harness.interop.ivs import EXAMINED
from harness.interop.outcomes import DrawnIvs
from tools.vector_cases.case import Case, Group

__all__ = ["IVS"]

# What each client drew when it was recorded (tests/data/cipher/structure.json): so many IVs of 20 were outputs of
# java.util.Random, and no two of 1,000 were the same.
_PREDICTABLE: Mapping[Dialect, int] = {"phone": 20, "jvm": 20, "node": 0, "go": 0}


def _recorded(encryptions: int) -> Mapping[Dialect, DrawnIvs]:
    return {
        dialect: DrawnIvs(encryptions, encryptions, encryptions, EXAMINED, _PREDICTABLE[dialect])
        for dialect in DIALECTS
    }


IVS = Group(
    name="ivs",
    operation="ivs",
    comment="One text again and again: what the IVs tell.",
    cases=(
        Case(
            "1,000 encryptions: all IVs differ, have 16 bytes and no fixed bit",
            ("FreshIv",),
            encryptions=1000,
            outcomes=_recorded(1000),
        ),
        Case(
            "20 encryptions: no IV is an output of java.util.Random",
            ("PredictableIv",),
            encryptions=20,
            unpredictable=True,
            outcomes=_recorded(20),
        ),
    ),
)
