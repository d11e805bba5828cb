"""Webhooks (gateway-protocol.md §2.15)."""

from __future__ import annotations

from harness.core import Record
from harness.standin import answers, facts, sql
from harness.standin.answers import Reply
from harness.standin.api import lists
from harness.standin.rows import Webhook, evolve
from harness.standin.state import State
from harness.standin.visits import Visit
from harness.wire import requests, server, texts
from harness.wire.json import micros
from harness.wire.rules import Problems

__all__ = ["create", "delete", "index", "update"]

_MOST = 10


def index(state: State, visit: Visit) -> Reply:
    asked = requests.ListQuery.read(visit.query, 1, 100)
    if problems := asked.problems():
        return answers.invalid("fetching webhooks", problems)
    page = lists.page(state.webhooks.descending((visit.who.user_id,)), asked, lambda webhook: webhook.url)
    return answers.ok([server.webhook(row) for row in page], texts.fetched(len(page), "webhook"))


def _number_problems(state: State, visit: Visit, asked: requests.WebhookUpdate) -> Problems:
    """Every number must be that of a phone, literally; the errors stand under `from` (§10.1-9)."""
    missing = [
        texts.no_phone_for_webhook(number)
        for number in asked.phone_numbers
        if state.phone_of(visit.who.user_id, number) is None
    ]
    return {"from": missing} if missing else {}


def create(state: State, visit: Visit) -> Reply:
    asked = requests.WebhookUpdate.read(visit.body)
    problems = asked.problems() or _number_problems(state, visit, asked)
    if problems:
        return answers.invalid("storing webhook", problems)
    user_id, at = visit.who.user_id, micros(visit.now)
    if state.webhooks.size((user_id,)) >= _MOST:
        return answers.refused(402, texts.TOO_MANY_WEBHOOKS)
    sql.check(asked.signing_key)
    webhook = Webhook(
        state.draws.uuid4(), user_id, asked.url, asked.signing_key, asked.phone_numbers, asked.events, at, at
    )
    state.webhooks[webhook.id] = webhook
    shown = server.webhook(webhook) | visit.stamped("created_at", "updated_at")
    return answers.ok(shown, texts.WEBHOOK_CREATED, status=201, then=(_saved(webhook),))


def _saved(webhook: Webhook) -> Record:
    return Record("gateway", "webhook.saved", None, facts.of_webhook(webhook))


def _own(state: State, visit: Visit, webhook_id: str) -> Webhook | None:
    webhook = state.webhooks.get(webhook_id)
    return None if webhook is None or webhook.user_id != visit.who.user_id else webhook


def update(state: State, visit: Visit) -> Reply:
    """Replaces everything. An unknown id is an internal error of the server (§10.1-20)."""
    (webhook_id,) = visit.ids
    asked = requests.WebhookUpdate.read(visit.body)
    problems = requests.path_id("webhookID", webhook_id) | asked.problems()
    problems = problems or _number_problems(state, visit, asked)
    if problems:
        return answers.invalid("updating webhook", problems)
    webhook = _own(state, visit, webhook_id)
    if webhook is None:
        return answers.internal()
    sql.check(asked.signing_key)
    webhook = evolve(
        webhook,
        url=asked.url,
        signing_key=asked.signing_key,
        phone_numbers=asked.phone_numbers,
        events=asked.events,
        updated_at=micros(visit.now),
    )
    state.webhooks[webhook_id] = webhook
    shown = server.webhook(webhook) | visit.stamped("updated_at")
    return answers.ok(shown, texts.WEBHOOK_UPDATED, then=(_saved(webhook),))


def delete(state: State, visit: Visit) -> Reply:
    (webhook_id,) = visit.ids
    if problems := requests.path_id("webhookID", webhook_id):
        return answers.invalid("deleting webhook", problems)
    webhook = _own(state, visit, webhook_id)
    if webhook is None:
        return answers.internal()
    del state.webhooks[webhook_id]
    deleted = Record("gateway", "webhook.deleted", None, {"webhook": webhook_id})
    return answers.ok(None, texts.WEBHOOK_DELETED, then=(deleted,))
