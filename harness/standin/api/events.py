"""Events put in from outside (gateway-protocol.md §2.17, §7.1)."""

from __future__ import annotations

from harness.standin import answers, dispatch
from harness.standin.answers import Reply
from harness.standin.state import State
from harness.standin.visits import Visit
from harness.wire.events import Event, read_envelope, read_payload
from harness.wire.json import BadBody
from harness.wire.texts import FORBIDDEN

__all__ = ["inject"]


def inject(state: State, visit: Visit) -> Reply:
    """Runs the listeners of the event; answers when the calls that they make are done.

    An unknown type, or data that do not fit their type, are taken and lead to nothing.
    """
    envelope = read_envelope(visit.body)
    if problems := envelope.problems():
        return answers.invalid("dispatching event", problems)
    if visit.who.user_id != state.settings.queue_user_id:
        return answers.refused(403, FORBIDDEN)
    try:
        data = read_payload(envelope.type, envelope.data)
    except BadBody:
        return answers.silent()
    if not data.TYPE:
        return answers.silent()
    event = Event(envelope.source, envelope.time, data, envelope.id)
    commands, calls = dispatch.occur(state, event, visit.now, visit.exchange)
    reply = answers.silent()
    reply.before = commands
    reply.calls = calls
    return reply
