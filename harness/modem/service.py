"""What a radio can do now: power, coverage and card, and how acts change them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from enum import Enum
from typing import Any

from harness.errors import UsageError
from harness.frozen import frozen
from harness.instants import SECOND

__all__ = [
    "CHANGES", "COVERAGES", "TUNNEL", "ComeHome", "Coverage", "InsertSim", "LoseService", "PowerOff", "PowerOn",
    "RegainService", "RemoveSim", "Roam", "Service", "Situation", "changed",
]  # fmt: skip

COVERAGES = ("full", "roaming", "none")


class Service(Enum):
    """Whether the radio is registered, and if not, whether it is switched on at all."""

    FULL = "full"
    NONE = "none"
    OFF = "off"


@frozen
class LoseService:
    """The handset loses its network."""


@frozen
class RegainService:
    """The handset is back in its network."""


@frozen
class PowerOff:
    """The radio is switched off (airplane mode)."""


@frozen
class PowerOn:
    """The radio is switched on."""


@frozen
class Roam:
    """The handset is in a foreign network: as good as at home, unless that refuses every segment with `code`."""

    code: int | None = None


@frozen
class ComeHome:
    """The handset is in its own network again."""


@frozen
class RemoveSim:
    """The card is taken out: no network takes the handset."""


@frozen
class InsertSim:
    """The card is put in."""


@frozen
class Coverage:
    """The coverage of the time to come: pairs of a duration (ns) and one of `COVERAGES`; then it is full.

    Another act that changes the coverage ends it.
    """

    spells: tuple[tuple[int, str], ...]

    def __post_init__(self) -> None:
        wrong = next((state for _, state in self.spells if state not in COVERAGES), None)
        if wrong is not None:
            raise UsageError(f"there is no coverage {wrong!r}", f"it is one of {', '.join(COVERAGES)}")
        if any(duration < 0 for duration, _ in self.spells):
            raise UsageError("a spell of less than no time", "durations are nanoseconds from 0")


TUNNEL = Coverage(((300 * SECOND, "none"),))
"""Five minutes without a network."""


@frozen
class Situation:
    """Everything that the service depends on. `roaming_code`: with what a foreign network refuses segments."""

    powered: bool = True
    coverage: str = "full"
    has_sim: bool = True
    roaming_code: int | None = None

    @property
    def service(self) -> Service:
        # Without a card a handset is not registered, so it is as without a network. That Android then says
        # NO_SERVICE, not SIM_ABSENT, follows from its asking for the registration first (phone-behaviour.md §8.2).
        if not self.powered:
            return Service.OFF
        return Service.FULL if self.has_sim and self.coverage != "none" else Service.NONE

    @property
    def refusal(self) -> int | None:
        """The code with which the foreign network refuses everything, if it does."""
        return self.roaming_code if self.coverage == "roaming" else None


def covered(situation: Situation, coverage: str, roaming_code: int | None = None) -> Situation:
    return replace(situation, coverage=coverage, roaming_code=roaming_code)


CHANGES: dict[type, Callable[[Situation, Any], Situation]] = {
    PowerOff: lambda situation, _: replace(situation, powered=False),
    PowerOn: lambda situation, _: replace(situation, powered=True),
    LoseService: lambda situation, _: covered(situation, "none"),
    RegainService: lambda situation, _: covered(situation, "full"),
    Roam: lambda situation, act: covered(situation, "roaming", act.code),
    ComeHome: lambda situation, _: covered(situation, "full"),
    RemoveSim: lambda situation, _: replace(situation, has_sim=False),
    InsertSim: lambda situation, _: replace(situation, has_sim=True),
}
"""What each act changes. Power, coverage and card are independent of each other."""


def changed(situation: Situation, act: Any) -> Situation:
    """The situation after `act`, one of `CHANGES`."""
    return CHANGES[type(act)](situation, act)
