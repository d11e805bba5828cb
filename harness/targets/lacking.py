"""Why a story does not run on a target, and what to do about it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from harness.capability import Capability, Missing
from harness.instants import SECOND
from harness.scenario.needs import needs
from harness.scenario.plan import Advance, Scenario, every_step
from harness.scenario.wording import time_in_words, title_of
from harness.targets.waits import SHORT, SLOW, longest_wait

__all__ = ["why_not"]

_ELSEWHERE = "run it in virtual time, on the embedded gateway"
_SLOW = "--slow waits for it"


def why_not(scenario: Scenario, missing: Mapping[Capability, Missing], *, slow: bool = False) -> str | None:
    """The reason and the remedy; None for a story that can run by the real clock. With `slow` it may wait for a minute
    at a stretch."""
    return next((reason for reason in (*_lacks(scenario, missing, slow), *_waits(scenario, missing, slow))), None)


def _lacks(scenario: Scenario, missing: Mapping[Capability, Missing], slow: bool) -> Iterator[str]:
    for capability, step in needs(scenario).items():
        lack = missing.get(capability)
        if lack is None or (slow and _comes_by_itself(scenario, capability)):
            continue
        remedy = lack.remedy
        if capability is Capability.TIME_TRAVEL:
            longest = max(_advances(scenario), default=0)
            remedy = f"{_SLOW}, a minute at most" if longest <= SLOW and not slow else _ELSEWHERE
        yield f"{step}: {lack.reason}" + (f"; {remedy}" if remedy else "")


def _comes_by_itself(scenario: Scenario, capability: Capability) -> bool:
    """Whoever waits for a minute gets there, and sees expire what expires by then."""
    if capability is Capability.EXPIRY:
        return all((phone.message_expiration_s or 600) * SECOND <= SLOW for phone in scenario.phones)
    return capability is Capability.TIME_TRAVEL and 0 < max(_advances(scenario), default=0) <= SLOW


def _advances(scenario: Scenario) -> list[int]:
    return [step.what.duration for step in every_step(scenario.steps) if isinstance(step.what, Advance)]


def _waits(scenario: Scenario, missing: Mapping[Capability, Missing], slow: bool) -> Iterator[str]:
    wait = longest_wait(scenario) if Capability.TIME_TRAVEL in missing else None
    if wait is not None and wait[0] > (SLOW if slow else SHORT):
        duration, step = wait
        remedy = _SLOW if duration <= SLOW and not slow else _ELSEWHERE
        yield f"{title_of(step)}: it waits for {time_in_words(duration)} by the real clock; {remedy}"
