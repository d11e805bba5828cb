"""Our models of the real clients, asked for what a vector asks for."""

from __future__ import annotations

from harness.cipher import Dialect
from harness.interop.asking import calls_of
from harness.interop.ourselves import performer
from harness.interop.outcomes import Outcome
from harness.interop.suite import Vector

__all__ = ["modelled"]


def modelled(vector: Vector, dialect: Dialect) -> Outcome:
    """What the client that speaks `dialect` makes of the vector, whatever is recorded of it."""
    [call] = calls_of(vector)
    return performer(dialect)(call)
