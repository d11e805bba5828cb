"""What a series of encryptions tells of the IVs."""

from __future__ import annotations

from harness.interop.outcomes import DrawnIvs
from tools.vector_cases.case import Case, Group

__all__ = ["IVS"]

IVS = Group(
    name="ivs",
    operation="ivs",
    comment="One text again and again: what the IVs tell.",
    cases=(
        Case("1,000 encryptions: all IVs differ, have 16 bytes and no fixed bit", ("FreshIv",), encryptions=1000),
        Case(
            "20 encryptions: no IV is an output of java.util.Random",
            ("PredictableIv",),
            encryptions=20,
            outcomes={"jvm": DrawnIvs(encryptions=20, distinct=20, of_16_bytes=20, examined=20, predictable=20)},
        ),
    ),
)
