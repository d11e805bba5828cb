"""The search over all messages (gateway-protocol.md §2.7)."""

from __future__ import annotations

from harness.standin import answers
from harness.standin.answers import Reply
from harness.standin.state import State
from harness.standin.visits import Visit
from harness.wire import texts
from harness.wire.search import MessageSearch

__all__ = ["search"]


def search(state: State, visit: Visit) -> Reply:
    """Never finds anything: a token has to be approved by Turnstile, which is out of reach. It is looked at last."""
    asked = MessageSearch.read(visit.query, visit.headers.get("token", ""))
    return answers.invalid("searching messages", asked.problems() or {"token": [texts.TURNSTILE_REFUSED]})
