"""Subscriptions: what the server answers when it cannot reach its payment provider (gateway-protocol.md §2.17)."""

from __future__ import annotations

from harness.standin import answers
from harness.standin.answers import Reply
from harness.standin.state import State
from harness.standin.visits import Visit
from harness.wire import accounts, texts
from harness.wire.rules import Problems

__all__ = ["cancel", "invoice", "payments", "update_url"]


def update_url(state: State, visit: Visit) -> Reply:
    """500. For a user without a subscription the server dereferences null and its process ends: ours stays up."""
    return answers.internal()


def cancel(state: State, visit: Visit) -> Reply:
    """500, as `update_url`, also where the real server's process ends."""
    return answers.internal()


def payments(state: State, visit: Visit) -> Reply:
    """Null, not an empty list, for a user without a subscription; nobody else's can be fetched."""
    account = state.accounts.get(visit.who.user_id)
    if account is None or account.subscription_id is not None:
        return answers.internal()
    return answers.ok(None, texts.FETCHED_PAYMENTS)


def invoice(state: State, visit: Visit) -> Reply:
    """An invoice is of a payment, and there is none that could be found."""
    asked = accounts.Invoice.read(visit.body)
    return answers.invalid("generating payment invoice", asked.problems() or _no_payment(state, visit))


def _no_payment(state: State, visit: Visit) -> Problems:
    account = state.accounts.get(visit.who.user_id)
    unreachable = account is None or account.subscription_id is not None
    return {"subscriptionInvoiceID": [texts.NO_PAYMENTS if unreachable else texts.NO_INVOICE]}
