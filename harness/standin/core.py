"""The stand-in: the httpSMS server as a core."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from harness.core import Command
from harness.draws import Draws
from harness.errors import ProtocolError
from harness.http.values import Answered, Arrived
from harness.instants import Instant
from harness.standin import control, dispatch, hooks, pushes, races, serving
from harness.standin.control import CreateAccount
from harness.standin.rows import Account, HookCall, PushCall
from harness.standin.state import Pace, Settings, State
from harness.wire.events import Event

__all__ = ["StandIn"]


class StandIn(State):
    """The httpSMS server as a model: a request in, an answer and commands out.

    It takes `Arrived`, `Answered`, its own events, `CreateAccount`, `SetFacts` and `LoseUpdates`. `queue_user` is id
    and key of the user who may post to `/v1/events`. `keep_rate` None: pushes are spaced in the faithful pace only.
    With `control` the routes below `/_control/` are answered, with `control_token` only to those who send it.
    `token_clock` gives the time that webhook tokens tell, from the stand-in's: whoever checks them may have another.
    `heartbeats_kept`: only so many of each number are kept, the newest. None: all, as the server has them, where no
    request deletes any; a phone sends 96 a day. With `exchanges` entries of the API and of webhooks show what was
    asked and answered, without secrets (harness.redaction).
    """

    def __init__(
        self,
        name: str,
        draws: Draws,
        *,
        pace: Pace = Pace.FAITHFUL,
        fcm_endpoint: str = "http://push.internal",
        base_url: str = "http://api.internal",
        queue_user: tuple[str, str] | None = None,
        keep_rate: bool | None = None,
        control: bool = False,
        control_token: str | None = None,
        token_clock: Callable[[Instant], Instant] | None = None,
        heartbeats_kept: int | None = None,
        exchanges: bool = False,
    ) -> None:
        queue_user_id = None if queue_user is None else queue_user[0]
        settings = Settings.of(
            pace, fcm_endpoint, base_url, queue_user_id, keep_rate, control, control_token, token_clock,
            heartbeats_kept, exchanges,
        )  # fmt: skip
        super().__init__(name, draws, settings)
        if queue_user is not None:
            self.create_account(0, user_id=queue_user[0], api_key=queue_user[1])

    def create_account(
        self,
        now: Instant,
        user_id: str | None = None,
        api_key: str | None = None,
        email: str | None = None,
        plan: str = "200k-monthly",
    ) -> Account:
        """Makes an account; what is not given is drawn. Raises `ValueError` if id or key are taken."""
        return control.create_account(self, now, user_id, api_key, email, plan)

    def handle(self, event: Any, now: Instant) -> Sequence[Command]:
        """Takes an event. Raises `ProtocolError` for one that it does not know, and for an answer to no call."""
        handler = _HANDLERS.get(type(event))
        if handler is None:
            raise ProtocolError(self.name, event, "any")
        return handler(self, event, now)


def _occur(state: State, event: Event, now: Instant) -> Sequence[Command]:
    return dispatch.occur(state, event, now)[0]


def _answered(state: State, event: Answered, now: Instant) -> Sequence[Command]:
    row = state.calls.drop(event.exchange)
    if row is None:
        raise ProtocolError(state.name, event, "no such call is under way")
    if type(row) is PushCall:
        return pushes.answered(state, row, event.outcome, now)
    assert type(row) is HookCall
    return hooks.answered(state, row, event.outcome, now)


_HANDLERS: dict[type, Callable[[State, Any, Instant], Sequence[Command]]] = {
    Arrived: serving.arrived,
    Event: _occur,
    Answered: _answered,
    PushCall: pushes.call,
    HookCall: hooks.call,
    CreateAccount: control.created,
    control.SetFacts: control.set_facts,
    races.LoseUpdates: races.begin,
    races.Listen: dispatch.listened,
    races.Save: dispatch.saved,
    races.Reread: serving.reread,
}
