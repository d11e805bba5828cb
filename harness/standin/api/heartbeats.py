"""Heartbeats (gateway-protocol.md §2.14, §6)."""

from __future__ import annotations

from harness.core import Command
from harness.standin import answers, sql
from harness.standin.answers import Reply
from harness.standin.api import lists
from harness.standin.listeners import monitors
from harness.standin.rows import Heartbeat
from harness.standin.state import State
from harness.standin.visits import Visit
from harness.wire import requests, server, texts
from harness.wire.heartbeats import HeartbeatQuery
from harness.wire.json import Stamp, micros

__all__ = ["index", "store"]


def index(state: State, visit: Visit) -> Reply:
    """The only list whose query minds case."""
    asked = HeartbeatQuery.read(visit.query)
    if problems := asked.problems():
        return answers.invalid("fetching heartbeats", problems)
    beats = state.heartbeats.descending((visit.who.user_id, asked.owner))
    page = lists.page(beats, asked.page, lambda beat: beat.version, matching=sql.containing_exactly)
    return answers.ok([server.heartbeat(beat) for beat in page], texts.fetched(len(page), "heartbeat"))


def store(state: State, visit: Visit) -> Reply:
    """The time is the server's; a number need not be registered."""
    asked = requests.Heartbeats.read(visit.body)
    if problems := asked.problems():
        return answers.invalid("storing heartbeat", problems)
    foreign = next((number for number in asked.phone_numbers if not visit.who.may_act_for(number)), None)
    if foreign is not None:
        return answers.not_allowed(foreign, visit.who.phone_numbers)
    beats: list[Heartbeat] = []
    then: list[Command] = []
    for number in asked.phone_numbers:
        beat = _stored(state, visit, number, asked.charging)
        beats.append(beat)
        if change := monitors.back_online(state, beat, visit.source, visit.now):
            state.store(change.puts)
            then += change.then
    shown = [server.heartbeat(beat) | {"timestamp": str(Stamp(visit.now))} for beat in beats]
    reply = answers.ok(shown, texts.heartbeats_stored(len(beats)), status=201, then=then)
    reply.facts = {"numbers": ", ".join(asked.phone_numbers)}
    return reply


def _stored(state: State, visit: Visit, number: str, charging: bool) -> Heartbeat:
    version = visit.headers.get("x-client-version", "")
    user_id = visit.who.user_id
    beat = Heartbeat(state.draws.uuid4(), number, user_id, version, charging, micros(visit.now))
    state.heartbeats[beat.id] = beat
    if state.settings.heartbeats_kept is not None:
        _forget_old(state, (user_id, number), state.settings.heartbeats_kept)
    return beat


def _forget_old(state: State, scope: tuple[str, str], kept: int) -> None:
    while state.heartbeats.size(scope) > kept:
        oldest = state.heartbeats.first(scope)
        assert oldest is not None
        del state.heartbeats[oldest.id]
