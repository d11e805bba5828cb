"""Send schedules (gateway-protocol.md §2.16)."""

from __future__ import annotations

from harness.standin import answers, sql
from harness.standin.answers import Reply
from harness.standin.rows import Schedule, evolve
from harness.standin.state import State
from harness.standin.visits import Visit
from harness.wire import schedules, texts, uuids
from harness.wire.events import ScheduleDeleted
from harness.wire.json import Stamp, micros

__all__ = ["create", "delete", "index", "update"]

# No request is named here: the server puts the type of its own service (§7.2).
_SOURCE = "*services.MessageSendScheduleService"


def index(state: State, visit: Visit) -> Reply:
    """All of them, whatever the query says."""
    found = state.schedules.descending((visit.who.user_id,))
    return answers.ok([schedules.write(schedule) for schedule in found], texts.FETCHED_SCHEDULES)


def create(state: State, visit: Visit) -> Reply:
    asked = schedules.ScheduleUpdate.read(visit.body)
    if problems := asked.problems():
        return answers.invalid("saving send schedule", problems)
    sql.check(asked.name)
    at = micros(visit.now)
    schedule = Schedule(state.draws.uuid4(), visit.who.user_id, asked.name, asked.timezone, asked.windows, at, at)
    state.schedules[schedule.id] = schedule
    shown = schedules.write(schedule) | visit.stamped("created_at", "updated_at")
    return answers.ok(shown, texts.SCHEDULE_CREATED, status=201)


def update(state: State, visit: Visit) -> Reply:
    """Replaces everything. Whether there is such a schedule is asked last."""
    schedule_id = _asked_id(visit)
    if schedule_id is None:
        return answers.malformed({})
    asked = schedules.ScheduleUpdate.read(visit.body)
    if problems := asked.problems():
        return answers.invalid("updating send schedule", problems)
    schedule = state.schedule_of(visit.who.user_id, schedule_id)
    if schedule is None:
        return answers.refused(404, texts.no_schedule(schedule_id, visit.who.user_id))
    sql.check(asked.name)
    schedule = evolve(
        schedule,
        name=asked.name,
        timezone=asked.timezone,
        windows=asked.windows,
        updated_at=micros(visit.now),
    )
    state.schedules[schedule.id] = schedule
    return answers.ok(schedules.write(schedule) | visit.stamped("updated_at"), texts.SCHEDULE_UPDATED)


def delete(state: State, visit: Visit) -> Reply:
    """Phones lose it a moment later, by its event."""
    schedule_id = _asked_id(visit)
    if schedule_id is None:
        return answers.malformed({})
    user_id = visit.who.user_id
    if state.schedule_of(user_id, schedule_id) is None:
        return answers.refused(404, texts.no_schedule(schedule_id, user_id))
    del state.schedules[schedule_id]
    deleted = ScheduleDeleted(schedule_id, user_id, Stamp(visit.now))
    return answers.silent(then=(state.queue(deleted, _SOURCE, visit.now),))


def _asked_id(visit: Visit) -> str | None:
    try:
        return uuids.parse(visit.ids[0])
    except ValueError:
        return None
