"""What a test may do to the stand-in that has no API: accounts, counters, the age of a heartbeat, faults.

The keys here are the harness's own. The routes are answered only where they were asked for.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any

from harness.core import Command, Fact, Record
from harness.frozen import frozen
from harness.http.values import Exchange, Request, Respond, Response
from harness.instants import Instant, ns, rfc3339
from harness.standin import answers, races, usage
from harness.standin.answers import Reply
from harness.standin.rows import Account, Heartbeat, Phone, evolve
from harness.standin.state import LOST_UPDATE, State
from harness.standin.visits import Visit
from harness.wire.json import micros

__all__ = [
    "FACTS_REFUSED", "FACTS_SET", "PREFIX", "CreateAccount", "SetFacts", "create_account", "created", "serve",
    "set_facts", "template",
]  # fmt: skip

PREFIX = "/_control/"
_KEY_LETTERS = 64
_JSON = (("Content-Type", "application/json; charset=utf-8"),)


@frozen
class CreateAccount:
    """Event: makes an account, as `POST /_control/accounts` does, and answers `exchange` with it."""

    exchange: Exchange
    user_id: str | None = None
    api_key: str | None = field(default=None, repr=False)
    email: str | None = None
    plan: str = "200k-monthly"


FACTS_SET, FACTS_REFUSED = "facts set", "facts refused"


@frozen
class SetFacts:
    """Event: sets facts of an account, or of its phone with that number, as the two PATCH routes do.

    The entry of hop gateway that tells what came of it, `FACTS_SET` or `FACTS_REFUSED`, names the `step`.
    """

    step: str
    user_id: str
    facts: tuple[tuple[str, str | int | float], ...]
    phone_number: str | None = None


def create_account(
    state: State, now: Instant, user_id: str | None, api_key: str | None, email: str | None, plan: str
) -> Account:
    """Makes an account; what is None is drawn. Raises `ValueError` if id or key are taken."""
    user_id = user_id or state.draws.token(28)
    api_key = api_key or "uk_" + state.draws.token(_KEY_LETTERS)
    email = email or f"{user_id}@example.com"
    if user_id in state.accounts or api_key in state.account_ids:
        raise ValueError("an account with this id or key is there already")
    at = micros(now)
    account = Account(user_id, email, api_key, plan, at, at)
    state.accounts[user_id] = account
    state.account_ids[api_key] = user_id
    # The real server would go on not to know a key that was tried before (§10.2-25): here an account works at once.
    state.cached_keys.drop(api_key)
    return account


def created(state: State, event: CreateAccount, now: Instant) -> list[Command]:
    reply = _made(state, now, event.user_id, event.api_key, event.email, event.plan)
    return [Respond(event.exchange, Response(reply.status, reply.headers, reply.body))]


def set_facts(state: State, event: SetFacts, now: Instant) -> list[Command]:
    visit, facts = Visit("", _UNASKED, now, {}), dict(event.facts)
    if event.phone_number is None:
        reply = _patch_account(state, visit, facts, event.user_id)
    else:
        phone = state.phone_of(event.user_id, event.phone_number)
        reply = _patch_phone(state, visit, facts, "" if phone is None else phone.id)
    if reply.error is not None:
        return [Record("gateway", FACTS_REFUSED, None, {"step": event.step, "error": reply.error})]
    shown: dict[str, Fact] = {name: str(value) if isinstance(value, float) else value for name, value in facts.items()}
    return [Record("gateway", FACTS_SET, None, {"step": event.step, **shown})]


# Of a visit that nobody makes only the time counts.
_UNASKED = Request("PATCH", "http", "", b"")


# -- routes ------------------------------------------------------------------------------------------------------


def _answer(data: Mapping[str, Any], status: int = 200) -> Reply:
    return Reply(status, _JSON, json.dumps(data).encode())


def _error(status: int, why: str) -> Reply:
    return Reply(status, _JSON, json.dumps({"error": why}).encode(), why)


def _made(state: State, now: Instant, user_id: str | None, api_key: str | None, email: str | None, plan: str) -> Reply:
    try:
        account = create_account(state, now, user_id, api_key, email, plan)
    except ValueError as error:
        return _error(409, str(error))
    return _answer(_shown(account))


def _shown(account: Account) -> dict[str, str]:
    return {
        "user_id": account.id,
        "api_key": account.api_key,
        "email": account.email,
        "plan": account.plan,
    }


def serve(state: State, visit: Visit, path: str) -> Reply:
    """Answers a control route; whoever does not know the token, or asks where there are none, learns nothing."""
    settings = state.settings
    if not settings.control:
        return answers.plain(404, "Not Found")
    if settings.control_token is not None:
        given = visit.headers.get("authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {settings.control_token}".encode()):
            return _error(401, "the control token is missing or wrong")
    for method, _, pattern, handler in _ROUTES:
        match = pattern.fullmatch(path)
        if method == visit.request.method and match is not None:
            return _handled(state, visit, handler, match.groups())
    return _error(404, "no such control route")


def template(path: str) -> str:
    """The path without its ids, for the trace."""
    return next((known for _, known, pattern, _ in _ROUTES if pattern.fullmatch(path)), PREFIX + "*")


def _handled(state: State, visit: Visit, handler: _Handler, ids: tuple[str, ...]) -> Reply:
    try:
        body = json.loads(visit.request.body or b"{}")
    except (ValueError, RecursionError):
        return _error(400, "the body is no JSON")
    if type(body) is not dict:
        return _error(400, "the body is no JSON object")
    return handler(state, visit, body, *ids)


def _wrong(body: Mapping[str, Any], kinds: Mapping[str, type]) -> Reply | None:
    """400 for a key that is unknown, or a value that is not of its kind."""
    for key, value in body.items():
        kind = kinds.get(key)
        if kind is None:
            return _error(400, f"{key} is not known; known are {', '.join(kinds)}")
        if type(value) is not kind and not (kind is float and type(value) is int):
            return _error(400, f"{key} must be {_KIND_NAMES[kind]}")
    return None


_KIND_NAMES = {str: "a text", int: "an integer", float: "a number", bool: "true or false"}
_ACCOUNT = {"plan": str, "user_id": str, "api_key": str, "email": str}
_FACTS = {"sent_messages": int, "received_messages": int, "plan": str}
_FAULTS = {"lost_update": bool}
_PHONE = {"last_heartbeat_age_s": float, "messages_per_minute": int, "message_expiration_seconds": int}


def _post_account(state: State, visit: Visit, body: dict[str, Any]) -> Reply:
    if (wrong := _wrong(body, _ACCOUNT)) is not None:
        return wrong
    get = body.get
    return _made(state, visit.now, get("user_id"), get("api_key"), get("email"), get("plan", "200k-monthly"))


def _patch_account(state: State, visit: Visit, body: dict[str, Any], user_id: str) -> Reply:
    account = state.accounts.get(user_id)
    if account is None:
        return _error(404, "no such account")
    if (wrong := _wrong(body, _FACTS) or _out_of_range(body)) is not None:
        return wrong
    account = evolve(account, plan=body.get("plan", account.plan), updated_at=micros(visit.now))
    state.accounts[user_id] = account
    row = usage.current(state, account, visit.now)
    row = evolve(
        row,
        sent_messages=body.get("sent_messages", row.sent_messages),
        received_messages=body.get("received_messages", row.received_messages),
    )
    state.store((usage.put(row),))
    facts = {"sent_messages": row.sent_messages, "received_messages": row.received_messages}
    return _answer({**_shown(account), **facts})


def _phone_shown(state: State, phone: Phone) -> Reply:
    monitor = state.monitors.get((phone.user_id, phone.phone_number))
    beat = _last_heartbeat(state, phone)
    return _answer(
        {
            "phone_id": phone.id,
            "phone_number": phone.phone_number,
            "monitor_id": None if monitor is None else monitor.id,
            "last_heartbeat_at": None if beat is None else rfc3339(beat.beat_at),
            "messages_per_minute": phone.messages_per_minute,
            "message_expiration_seconds": phone.message_expiration_seconds,
        }
    )


def _last_heartbeat(state: State, phone: Phone) -> Heartbeat | None:
    return state.heartbeats.last((phone.user_id, phone.phone_number))


def _get_phone(state: State, visit: Visit, body: dict[str, Any], phone_id: str) -> Reply:
    phone = state.phones.get(phone_id)
    return _error(404, "no such phone") if phone is None else _phone_shown(state, phone)


def _patch_phone(state: State, visit: Visit, body: dict[str, Any], phone_id: str) -> Reply:
    """Values that the API refuses: no spacing at all, an expiration below a minute, an old heartbeat."""
    phone = state.phones.get(phone_id)
    if phone is None:
        return _error(404, "no such phone")
    if (wrong := _wrong(body, _PHONE) or _out_of_range(body)) is not None:
        return wrong
    settings = {key: value for key, value in body.items() if key != "last_heartbeat_age_s"}
    phone = evolve(phone, **settings)
    if "last_heartbeat_age_s" in body:
        beat = _last_heartbeat(state, phone)
        if beat is None:
            return _error(409, "the phone has no heartbeat yet")
        state.heartbeats[beat.id] = evolve(beat, beat_at=micros(visit.now - ns(body["last_heartbeat_age_s"])))
    state.phones[phone_id] = phone
    return _phone_shown(state, phone)


_YEARS_S = 10 * 365 * 86_400
_RANGES = {
    "messages_per_minute": (0, 60),
    "message_expiration_seconds": (1, _YEARS_S),
    "last_heartbeat_age_s": (0, _YEARS_S),
    "sent_messages": (0, 1 << 62),
    "received_messages": (0, 1 << 62),
}


def _out_of_range(body: Mapping[str, Any]) -> Reply | None:
    for name, (least, most) in _RANGES.items():
        if not least <= body.get(name, least) <= most:  # nor is NaN
            return _error(400, f"{name} must be {least} to {most}")
    return None


def _post_faults(state: State, visit: Visit, body: dict[str, Any]) -> Reply:
    """Switches faults on and off; what is not named stays as it is."""
    if (wrong := _wrong(body, _FAULTS)) is not None:
        return wrong
    if "lost_update" in body:
        races.begin(state, races.LoseUpdates(races.WITHIN_NS if body["lost_update"] else 0), visit.now)
    return _answer({"lost_update": LOST_UPDATE in state.faults})


_Handler = Callable[..., Reply]
_ROUTES: tuple[tuple[str, str, re.Pattern[str], _Handler], ...] = tuple(
    (method, PREFIX + path, re.compile(PREFIX + re.sub(r"\{\w+\}", "([^/]+)", path)), handler)
    for method, path, handler in (
        ("POST", "accounts", _post_account),
        ("PATCH", "accounts/{id}", _patch_account),
        ("GET", "phones/{id}", _get_phone),
        ("PATCH", "phones/{id}", _patch_phone),
        ("POST", "faults", _post_faults),
    )
)
