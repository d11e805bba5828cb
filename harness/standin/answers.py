"""The stand-in's answers (gateway-protocol.md §1.5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.core import Command, Fact
from harness.http.values import Headers
from harness.redaction import shown_text
from harness.wire import server, texts
from harness.wire.rules import Problems

__all__ = [
    "PLAIN",
    "Reply",
    "accepted",
    "bare",
    "internal",
    "invalid",
    "later",
    "malformed",
    "not_allowed",
    "ok",
    "plain",
    "refused",
    "silent",
    "unauthorized_here",
]

PLAIN = (("Content-Type", "text/plain; charset=utf-8"),)
_JSON = (("Content-Type", "application/json; charset=utf-8"),)


@dataclass(slots=True)
class Reply:
    """An answer, and what is done `before` and after it. `error`, `message_id` and `facts` are for the trace.

    With `calls` the answer comes later: when so many calls are done. With `later` something in `then` gives it.
    """

    status: int
    headers: Headers = ()
    body: bytes = b""
    error: str | None = None
    message_id: str | None = None
    then: Sequence[Command] = ()
    before: Sequence[Command] = ()
    calls: int = 0
    later: bool = False
    facts: Mapping[str, Fact] | None = None


def ok(
    data: Any, text: str, *, status: int = 200, message_id: str | None = None, then: Sequence[Command] = ()
) -> Reply:
    return Reply(status, _JSON, server.success(data, text), None, message_id, then)


def accepted(text: str, then: Sequence[Command]) -> Reply:
    """202 without data."""
    return Reply(202, _JSON, server.accepted(text), None, None, then)


def silent(message_id: str | None = None, then: Sequence[Command] = ()) -> Reply:
    """204: the HTTP library drops the body that the handler sets."""
    return Reply(204, (), b"", None, message_id, then)


def later(message_id: str, then: Sequence[Command]) -> Reply:
    """No answer yet: something in `then` gives it."""
    return Reply(0, message_id=message_id, then=then, later=True)


def bare(body: bytes, message_id: str | None, then: Sequence[Command]) -> Reply:
    """200 with a body of its own, without the envelope."""
    return Reply(200, _JSON, body, None, message_id, then)


def plain(status: int, text: str, headers: Headers = ()) -> Reply:
    """An answer of the framework, or of `/health`."""
    return Reply(status, PLAIN + headers, text.encode(), text if status >= 400 else None)


def refused(status: int, text: str, message_id: str | None = None, **data: Any) -> Reply:
    return Reply(status, _JSON, server.error(text, **data), text, message_id)


def invalid(doing: str, problems: Problems) -> Reply:
    """422; the fields come in alphabetical order, as Go writes a map. The trace has the first reason of each."""
    data = dict(sorted(problems.items()))
    reply = refused(422, texts.invalid(doing), data=data)
    said = "; ".join([why for reasons in data.values() for why in reasons[:1]])
    reply.error = shown_text(f"{reply.error}: {said}")
    return reply


def malformed(data: dict[str, Any]) -> Reply:
    return refused(400, texts.MALFORMED, data=data)


def unauthorized_here() -> Reply:
    """401 of a handler, which spells the header otherwise than the gate does (§1.5)."""
    return refused(401, texts.UNAUTHORIZED, data=texts.UNAUTHORIZED_HERE_WHY)


def not_allowed(number: str, numbers: Sequence[str], message_id: str | None = None) -> Reply:
    """401: a phone key was used for a number that is not its own."""
    return refused(401, texts.PHONE_NOT_ALLOWED, message_id, data=texts.phone_not_allowed_why(number, numbers))


def internal(then: Sequence[Command] = ()) -> Reply:
    reply = refused(500, texts.INTERNAL)
    reply.then = then
    return reply
