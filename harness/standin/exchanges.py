"""What the trace shows of a request and its answer, where that was asked for: facts by name, without secrets."""

from __future__ import annotations

from harness.http.values import Response
from harness.redaction import shown_body, shown_form
from harness.standin.visits import Visit
from harness.wire.json import BadBody

__all__ = ["of_api", "of_webhook"]

_Exchange = tuple[tuple[str, str], ...]


def of_api(visit: Visit, response: Response) -> _Exchange:
    """`query`, `request` and `answer`; what is empty is left out."""
    answer = shown_body(response.body, response.header("Content-Type") or "")
    shown = (("query", shown_form(visit.request.query)), ("request", _asked(visit)), ("answer", answer))
    return tuple((name, text) for name, text in shown if text)


def _asked(visit: Visit) -> str:
    body = visit.body
    try:
        return shown_body(body.unpacked(), body.content_type)
    except BadBody:
        return f"({len(body.data):,} bytes that are not packed as they say)"


def of_webhook(event: bytes) -> _Exchange:
    """`request`: the event as it is told."""
    return (("request", shown_body(event, "application/json")),)
