"""Phone API keys (gateway-protocol.md §2.13)."""

from __future__ import annotations

from harness.standin import answers, sql
from harness.standin.answers import Reply
from harness.standin.api import lists
from harness.standin.rows import PhoneKey, evolve
from harness.standin.state import State
from harness.standin.visits import Visit
from harness.wire import requests, server, texts
from harness.wire.json import micros

__all__ = ["create", "delete", "delete_phone", "index"]

_SECRET_LETTERS = 64


def index(state: State, visit: Visit) -> Reply:
    asked = requests.ListQuery.read(visit.query, 1, 100)
    if problems := asked.problems():
        return answers.invalid("fetching phone API keys", problems)
    page = lists.page(state.phone_keys.descending((visit.who.user_id,)), asked, lambda key: key.name)
    return answers.ok([server.phone_key(key) for key in page], texts.fetched(len(page), "phone API key"))


def create(state: State, visit: Visit) -> Reply:
    name, problems = requests.key_name(visit.body)
    if problems:
        return answers.invalid("updating phones", problems)  # sic
    sql.check(name)
    at, who = micros(visit.now), visit.who
    secret = "pk_" + state.draws.token(_SECRET_LETTERS)
    key = PhoneKey(state.draws.uuid4(), name, who.user_id, who.email, secret, at, at)
    state.phone_keys[key.id] = key
    state.phone_key_ids[secret] = key.id
    return answers.ok(server.phone_key(key) | visit.stamped("created_at", "updated_at"), texts.KEY_CREATED)


def _own(state: State, visit: Visit, key_id: str) -> PhoneKey | None:
    key = state.phone_keys.get(key_id)
    return None if key is None or key.user_id != visit.who.user_id else key


def delete(state: State, visit: Visit) -> Reply:
    """The key stops working at once."""
    (key_id,) = visit.ids
    if problems := requests.path_id("phoneAPIKeyID", key_id):
        return answers.invalid("storing event", problems)  # sic
    key = _own(state, visit, key_id)
    if key is None:
        return answers.refused(404, texts.cannot_find("phone API key", key_id))
    del state.phone_keys[key_id]
    del state.phone_key_ids[key.api_key]
    state.cached_keys.drop(key.api_key)
    return answers.silent()


def delete_phone(state: State, visit: Visit) -> Reply:
    """Takes a phone off a key; what is cached of the key lives on for its 15 s (§1.4)."""
    key_id, phone_id = visit.ids
    if problems := requests.path_id("phoneAPIKeyID", key_id) | requests.path_id("phoneID", phone_id):
        return answers.invalid("storing event", problems)  # sic
    key, phone = _own(state, visit, key_id), state.phones.get(phone_id)
    if key is None or phone is None or phone.user_id != visit.who.user_id:
        return answers.refused(404, texts.no_phone_of_key(phone_id, key_id))
    state.phone_keys[key_id] = evolve(
        key,
        phone_numbers=tuple(number for number in key.phone_numbers if number != phone.phone_number),
        phone_ids=tuple(known for known in key.phone_ids if known != phone_id),
    )
    return answers.silent()
