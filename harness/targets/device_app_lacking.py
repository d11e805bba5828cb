"""Why a story does not run with the app itself on a device, beside what a probe says is missing. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from harness.device_radio import NumberGuard
from harness.scenario.plan import (
    Api,
    Expect,
    ExpectOrder,
    Look,
    Never,
    PhoneAct,
    Scenario,
    Send,
    SmsLook,
    Step,
    TraceLook,
    every_step,
)
from harness.scenario.wording import time_in_words, title_of
from harness.targets.device_app_cores import APP_DEEDS, may_send
from harness.targets.device_lacking import of_cast, of_recipients, of_steps
from harness.targets.waits import SLOW

__all__ = ["why_not_with_the_app"]

_ELSEWHERE = "run it without --app"
_SEEN = frozenset({"delivered", "submitted", "call", "call state", "call logged", "lost on the device"})
"""What is seen of the radio: rows of texts, and calls."""


def why_not_with_the_app(scenario: Scenario, guard: NumberGuard, *, divides: bool = False) -> str | None:
    """The reason and the remedy; None for a story that may run there. `divides`: the app's segments are known."""
    unseen = () if divides else _segments(scenario)
    steps = of_steps(scenario, partial(_of_step, guard))
    reasons = (*of_cast(scenario), *_phones(scenario), *steps, *unseen, *_in_vain(scenario))
    return next(iter(reasons), None)


def _phones(scenario: Scenario) -> Iterator[str]:
    for phone in scenario.phones:
        limits = (phone.messages_per_minute, phone.message_expiration_s, phone.max_send_attempts)
        if any(limit is not None for limit in limits):
            # A PUT of them without the app's token would take it away (gateway-protocol.md §2.12).
            yield f"{phone.name} has settings at the server, and nobody knows the app's token; {_ELSEWHERE}"
        if any(one is not None for one in (phone.app, phone.oem, phone.operator, phone.android)):
            yield f"{phone.name} is a phone of a certain make, and the device is what it is; {_ELSEWHERE}"


def _of_step(guard: NumberGuard, step: Step, numbers: Mapping[str, str]) -> Iterator[str]:
    match step.what:
        case Send() as send:
            if send.attachments:
                yield f"a multimedia message of the app is not seen among its texts; {_ELSEWHERE}"
            yield from of_recipients(send, numbers, guard)
        case PhoneAct(_, deed) if deed.words not in APP_DEEDS:
            yield f"that is done to no app on a device; {_ELSEWHERE}"
        case Api(method=method, path=path) if not guard.is_emulator and may_send(method, str(path)):
            # Whom a story texts must stand where it is held against the list of numbers.
            yield f"a request that makes a phone text somebody is made by `send` alone on hardware; {_ELSEWHERE}"
        case _:
            for look in _looks(step):
                yield from _of_look(look)


def _looks(step: Step) -> tuple[Look, ...]:
    match step.what:
        case Expect(look) | Never(look):
            return (look,)
        case ExpectOrder(looks):
            return looks
        case _:
            return ()


def _segments(scenario: Scenario) -> Iterator[str]:
    own = frozenset(phone.name for phone in scenario.phones)
    for step in every_step(scenario.steps):
        for look in _looks(step):
            if isinstance(look, SmsLook) and look.segments is not None and look.to not in own:
                yield f"{title_of(step)}: how many segments the app made of a text is not seen; {_ELSEWHERE}"


def _in_vain(scenario: Scenario) -> Iterator[str]:
    """A story that is expected to fail waits to the end for what does not come."""
    for step in every_step(scenario.steps) if scenario.expect_failure is not None else ():
        if isinstance(step.what, Expect) and step.what.within > SLOW:
            within = time_in_words(step.what.within)
            yield f"{title_of(step)}: it is expected to fail, and by the real clock that takes {within}; {_ELSEWHERE}"


def _of_look(look: Look) -> Iterator[str]:
    match look:
        case TraceLook(hop="phone"):
            yield f"the app cannot be looked into; {_ELSEWHERE}"
        case TraceLook(hop="radio", kind=kind) if kind not in _SEEN:
            yield f"the app's radio is not seen; {_ELSEWHERE}"
        case TraceLook(hop="push"):
            yield f"the app's pushes go another way; {_ELSEWHERE}"
        case _:
            pass
