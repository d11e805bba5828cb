"""Accounts: profile, notifications, rotation of the key, deletion (gateway-protocol.md §2.17)."""

from __future__ import annotations

from harness.core import Command
from harness.standin import answers, usage
from harness.standin.answers import Reply
from harness.standin.rows import Account, evolve
from harness.standin.state import State
from harness.standin.visits import Visit
from harness.wire import accounts, server, texts
from harness.wire.events import AccountCreated, AccountDeleted, KeyRotated
from harness.wire.json import Stamp, micros

__all__ = ["delete", "me", "notifications", "rotate", "update"]

_SECRET_LETTERS = 64


def me(state: State, visit: Visit) -> Reply:
    account, then = _loaded_or_made(state, visit)
    return answers.ok(server.account(account), texts.FETCHED_ME, then=then)


def _loaded_or_made(state: State, visit: Visit) -> tuple[Account, tuple[Command, ...]]:
    """The account; one that was deleted while its key is still remembered is made anew, with another key (§10.2-26)."""
    who = visit.who
    account = state.accounts.get(who.user_id)
    if account is not None:
        return account, ()
    at = micros(visit.now)
    account = Account(
        who.user_id,
        who.email,
        _new_key(state),
        server.FREE_PLAN,
        at,
        at,
        server.NEW_TIMEZONE,
        # What the database gives a new row; accounts that a test makes want no e-mails.
        notification_message_status_enabled=True,
        notification_webhook_enabled=True,
        notification_heartbeat_enabled=True,
    )
    state.accounts[account.id] = account
    state.account_ids[account.api_key] = account.id
    created = AccountCreated(account.id, Stamp(visit.now))
    return account, (state.queue(created, visit.source, visit.now),)


def _new_key(state: State) -> str:
    return "uk_" + state.draws.token(_SECRET_LETTERS)


def _saved(state: State, visit: Visit, account: Account, text: str, then: tuple[Command, ...] = ()) -> Reply:
    state.accounts[account.id] = account
    return answers.ok(server.account(account) | {"updated_at": str(Stamp(visit.now))}, text, then=then)


def update(state: State, visit: Visit) -> Reply:
    """Both values are replaced: what is missing becomes UTC, and no phone."""
    asked = accounts.AccountUpdate.read(visit.body)
    if problems := asked.problems():
        return answers.invalid("updating user", problems)
    account, then = _loaded_or_made(state, visit)
    account = evolve(
        account,
        timezone=asked.timezone,
        active_phone_id=asked.active_phone_id,
        updated_at=micros(visit.now),
    )
    return _saved(state, visit, account, texts.ACCOUNT_UPDATED, then)


def notifications(state: State, visit: Visit) -> Reply:
    """Whose id stands in the path does not matter (§10.3-63)."""
    asked = accounts.NotificationUpdate.read(visit.body)
    account = state.accounts.get(visit.who.user_id)
    if account is None:
        return answers.internal()
    account = evolve(
        account,
        notification_message_status_enabled=asked.message_status_enabled,
        notification_webhook_enabled=asked.webhook_enabled,
        notification_heartbeat_enabled=asked.heartbeat_enabled,
        notification_newsletter_enabled=asked.newsletter_enabled,
        updated_at=micros(visit.now),
    )
    return _saved(state, visit, account, texts.NOTIFICATIONS_UPDATED)


def rotate(state: State, visit: Visit) -> Reply:
    """The old key stops working at once."""
    if visit.ids[0] != visit.who.user_id:
        return answers.unauthorized_here()
    account = state.accounts.get(visit.who.user_id)
    if account is None:
        return answers.internal()
    rotated = evolve(account, api_key=_new_key(state), updated_at=micros(visit.now))
    state.accounts[rotated.id] = rotated
    state.account_ids.drop(account.api_key)
    state.account_ids[rotated.api_key] = rotated.id
    state.cached_keys.drop(account.api_key)
    event = KeyRotated(rotated.id, rotated.email, Stamp(visit.now), rotated.timezone)
    then = (state.queue(event, visit.source, visit.now),)
    return answers.ok(server.account(rotated), texts.KEY_ROTATED, then=then)


def delete(state: State, visit: Visit) -> Reply:
    """The row goes at once, all else by event. The key works on while it is remembered (§10.2-26).

    The server refuses while a paid plan renews in the future.
    """
    account = state.accounts.get(visit.who.user_id)
    if account is None or _renews(account, visit):
        return answers.internal()
    del state.accounts[account.id]
    state.account_ids.drop(account.api_key)
    deleted = AccountDeleted(account.id, account.email, Stamp(visit.now))
    return answers.silent(then=(state.queue(deleted, visit.source, visit.now),))


def _renews(account: Account, visit: Visit) -> bool:
    renews_at = account.subscription_renews_at
    return not usage.is_free(account) and renews_at is not None and renews_at > visit.now
