"""What an account has used (gateway-protocol.md §2.17)."""

from __future__ import annotations

from harness.standin import answers, usage
from harness.standin.answers import Reply
from harness.standin.api import lists
from harness.standin.state import State
from harness.standin.visits import Visit
from harness.wire import accounts, server, texts

__all__ = ["history", "now"]


def now(state: State, visit: Visit) -> Reply:
    """The present cycle; its row is made on demand, which takes the account's."""
    account = state.accounts.get(visit.who.user_id)
    if account is None:
        return answers.internal()
    row = usage.current(state, account, visit.now)
    return answers.ok(server.usage(row), texts.FETCHED_USAGE)


def history(state: State, visit: Visit) -> Reply:
    """The cycles that have ended."""
    asked = accounts.usage_history(visit.query)
    if problems := asked.problems():
        return answers.invalid("fetching usage history", problems)
    page = lists.page(usage.past(state, visit.who.user_id, visit.now), asked)
    return answers.ok([server.usage(row) for row in page], texts.fetched(len(page), "billing usage record"))
