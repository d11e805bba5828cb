"""A call that comes in: what Android broadcasts of it, and the row in its call log (phone-behaviour.md §5.3)."""

from __future__ import annotations

from harness.core import At, Command, Record, Tell
from harness.draws import Draws
from harness.frozen import frozen
from harness.instants import Instant
from harness.radio import CALL_OUTCOMES, CALL_TYPES, AirCall, CallLogged, CallStateChanged

__all__ = ["NEXT", "CallStep", "begun", "stepped"]

NEXT: dict[str, tuple[str, ...]] = {
    "missed": ("RINGING", "IDLE"),
    "rejected": ("RINGING", "IDLE"),
    "voicemail": ("RINGING", "IDLE"),
    "answered": ("RINGING", "OFFHOOK", "IDLE"),
    # A blocked caller never rings (no source in the dossier but the row's type).
    "blocked": (),
}
"""The states that a call goes through, by its outcome."""


@frozen
class CallStep:
    """The call's next state is due, or with none left its row in the call log. `began_at`: when it came in."""

    call: AirCall
    states: tuple[str, ...]
    began_at: Instant


def begun(call: AirCall, slot: int, draws: Draws, now: Instant) -> list[Command]:
    """The call comes in."""
    states = NEXT[call.outcome]
    if not states:
        return [At(now + call.log_after_ns, CallStep(call, (), now))]
    return _entered(CallStep(call, states, now), slot, draws, now)


def stepped(step: CallStep, slot: int, subscription_id: int, draws: Draws, now: Instant) -> list[Command]:
    """The next thing that the handset has of the call."""
    if step.states:
        return _entered(step, slot, draws, now)
    call = step.call
    kind = CALL_TYPES[CALL_OUTCOMES[call.outcome]]
    row = CallLogged(call.caller, kind, step.began_at, subscription_id, call.phone_account_id)
    facts = {"from": call.caller, "to": call.number, "outcome": call.outcome}
    return [Record("radio", "call logged", None, facts), Tell("phone", row)]


def _entered(step: CallStep, slot: int, draws: Draws, now: Instant) -> list[Command]:
    """Each state is broadcast with the number and without it, in either order (§5.3)."""
    call, (state, *rest) = step.call, step.states
    numbers: list[str | None] = [call.caller, None]
    if draws.getrandbits(1):
        numbers.reverse()
    told = [Tell("phone", CallStateChanged(state, number, slot)) for number in numbers]
    lasts = {"RINGING": call.rings_ns, "OFFHOOK": call.talks_ns, "IDLE": call.log_after_ns}[state]
    return [*told, At(now + lasts, CallStep(call, tuple(rest), step.began_at))]
