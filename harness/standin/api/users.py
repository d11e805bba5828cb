"""Accounts and what they have used (gateway-protocol.md §2.17)."""

from __future__ import annotations

from harness.standin import answers, usage
from harness.standin.answers import Reply
from harness.standin.state import State
from harness.standin.visits import Visit
from harness.wire import server, texts

__all__ = ["me", "usage_now"]


def me(state: State, visit: Visit) -> Reply:
    return answers.ok(server.account(state.accounts[visit.who.user_id]), texts.FETCHED_ME)


def usage_now(state: State, visit: Visit) -> Reply:
    """The present cycle; its row is made on demand."""
    row = usage.current(state, state.accounts[visit.who.user_id], visit.now)
    return answers.ok(server.usage(row), texts.FETCHED_USAGE)
