"""Phones: settings, registration tokens, deletion (gateway-protocol.md §2.12)."""

from __future__ import annotations

from typing import Any

from harness.standin import answers, sql
from harness.standin.answers import Reply
from harness.standin.api import lists
from harness.standin.rows import Phone, Schedule, evolve
from harness.standin.state import State
from harness.standin.visits import Visit
from harness.wire import requests, server, texts, uuids
from harness.wire.events import PhoneDeleted, PhoneUpdated
from harness.wire.json import Stamp, micros

__all__ = ["delete", "index", "register", "update"]

_UPDATING = "updating phones"


def index(state: State, visit: Visit) -> Reply:
    asked = requests.ListQuery.read(visit.query, 10)
    if problems := asked.problems():
        return answers.invalid("fetching phones", problems)
    page = lists.page(state.phones.descending((visit.who.user_id,)), asked, lambda phone: phone.phone_number)
    return answers.ok([server.phone(phone) for phone in page], texts.fetched(len(page), "phone"))


def update(state: State, visit: Visit) -> Reply:
    """The first update of a number makes the phone, and ignores most settings."""
    asked = requests.PhoneUpdate.read(visit.body)
    schedule = _schedule(state, visit, asked)
    problems = asked.problems()
    if not problems and asked.message_send_schedule_id and schedule is None:
        problems = {"message_send_schedule_id": [texts.NO_SCHEDULE]}
    if problems:
        return answers.invalid(_UPDATING, problems)
    schedule_id = schedule.id if schedule is not None and "message_send_schedule_id" in asked.present else None
    known = state.phone_of(visit.who.user_id, asked.phone_number)
    if known is None:
        token = asked.fcm_token if "fcm_token" in asked.present else None
        phone = _created(visit, state.draws.uuid4(), asked.phone_number, asked.sim, token, schedule_id)
    else:
        changes = _changes(known, asked)
        phone = evolve(known, updated_at=micros(visit.now), message_send_schedule_id=schedule_id, **changes)
    return _saved(state, visit, phone, known is None, None, texts.PHONE_UPDATED)


def _schedule(state: State, visit: Visit, asked: requests.PhoneUpdate) -> Schedule | None:
    """The user's own schedule that the body names; one that cannot be one is treated as unknown."""
    try:
        return state.schedule_of(visit.who.user_id, uuids.parse(asked.message_send_schedule_id))
    except ValueError:
        return None


def _changes(phone: Phone, asked: requests.PhoneUpdate) -> dict[str, Any]:
    """What an update changes: some settings only if they stand in the body, some only if they are not zero.

    A token that is missing is erased, and a phone without a token gets none here (§10.3-47).
    """
    present = asked.present
    changes: dict[str, Any] = {"sim": asked.sim}
    if phone.fcm_token is not None:
        changes["fcm_token"] = asked.fcm_token if "fcm_token" in present else None
    if "messages_per_minute" in present and asked.messages_per_minute:
        changes["messages_per_minute"] = asked.messages_per_minute
    if "max_send_attempts" in present and asked.max_send_attempts:
        changes["max_send_attempts"] = asked.max_send_attempts
    if "message_expiration_seconds" in present:
        changes["message_expiration_seconds"] = asked.message_expiration_seconds
    if asked.missed_call_auto_reply:  # here the case of the name does not matter
        changes["missed_call_auto_reply"] = asked.missed_call_auto_reply
    if "unarchive_thread" in present:
        changes["unarchive_thread"] = asked.unarchive_thread
    return changes


def register(state: State, visit: Visit) -> Reply:
    """Only token and SIM; the phone key that was used becomes the phone's, when the event has been handled."""
    asked = requests.PhoneToken.read(visit.body)
    if problems := asked.problems():
        return answers.invalid(_UPDATING, problems)
    known = state.phone_of(visit.who.user_id, asked.phone_number)
    if known is None:
        phone = _created(visit, state.draws.uuid4(), asked.phone_number, asked.sim, asked.fcm_token)
    else:
        phone = evolve(known, fcm_token=asked.fcm_token, sim=asked.sim, updated_at=micros(visit.now))
    return _saved(state, visit, phone, known is None, visit.who.phone_key_id, texts.TOKEN_UPDATED)


def _created(
    visit: Visit, phone_id: str, number: str, sim: str, token: str | None, schedule_id: str | None = None
) -> Phone:
    at, user_id = micros(visit.now), visit.who.user_id
    return Phone(phone_id, user_id, number, token, sim, at, at, message_send_schedule_id=schedule_id)


def _saved(state: State, visit: Visit, phone: Phone, is_new: bool, key_id: str | None, text: str) -> Reply:
    sql.check(phone.fcm_token, phone.missed_call_auto_reply)
    state.phones[phone.id] = phone
    state.phone_ids[phone.user_id, phone.phone_number] = phone.id
    updated = PhoneUpdated(phone.id, phone.user_id, key_id, Stamp(visit.now), phone.phone_number, phone.sim)
    shown = server.phone(phone) | visit.stamped(*(("created_at", "updated_at") if is_new else ("updated_at",)))
    return answers.ok(shown, text, then=(state.queue(updated, visit.source, visit.now),))


def delete(state: State, visit: Visit) -> Reply:
    """Messages, threads and webhooks stay."""
    (phone_id,) = visit.ids
    if problems := requests.path_id("phoneID", phone_id):
        return answers.invalid("deleting phone", problems)
    phone = state.phones.get(phone_id)
    if phone is None or phone.user_id != visit.who.user_id:
        return answers.refused(404, texts.cannot_find("phone", phone_id))
    del state.phones[phone_id]
    del state.phone_ids[phone.user_id, phone.phone_number]
    deleted = PhoneDeleted(phone_id, phone.user_id, Stamp(visit.now), phone.phone_number, phone.sim)
    then = (state.queue(deleted, visit.source, visit.now),)
    return answers.ok(None, texts.PHONE_DELETED, then=then)
