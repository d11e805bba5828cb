"""A message's life: its stages in order, and which of them a trace lacks."""

from __future__ import annotations

from collections.abc import Iterable

from harness.instants import Instant
from harness.trace import Entry

__all__ = ["OUTGOING", "first_missing", "timeline"]

# (hop, kind, what a person calls it), as gateway-protocol.md §4.1 and phone-behaviour.md §4 have them.
OUTGOING = (
    ("client", "accepted", "the API accepts it"),
    ("gateway", "message.api.sent", "the gateway takes it up"),
    ("gateway", "message.notification.scheduled", "the push is planned"),
    ("push", "accepted", "the push service takes the push"),
    ("phone", "pushed", "the push reaches the phone"),
    ("phone", "fetched", "the phone fetches the message"),
    ("phone", "submitted", "the phone hands it to the radio"),
    ("radio", "submitted", "the network takes it"),
    ("phone", "sent", "the phone knows that it is sent"),
    ("gateway", "message.phone.sent", "the gateway hears SENT"),
    ("radio", "report", "the status report comes back"),
    ("phone", "delivered", "the phone knows that it is delivered"),
    ("gateway", "message.phone.delivered", "the gateway hears DELIVERED"),
)


def first_missing(entries: Iterable[Entry], message: str) -> str | None:
    """The first stage of the message's life that the trace lacks, in words; None when all are there."""
    seen = {(entry.hop, entry.kind) for entry in entries if entry.message == message}
    return next((f"{words} ({hop}: {kind})" for hop, kind, words in OUTGOING if (hop, kind) not in seen), None)


def timeline(entries: Iterable[Entry], message: str) -> list[str]:
    """The message's entries, a line each, with seconds since the first."""
    own = [entry for entry in entries if entry.message == message]
    began: Instant = own[0].at if own else 0
    return [f"{(entry.at - began) / 1e9:+10.3f} s  {entry.hop:8} {entry.kind}{_facts(entry)}" for entry in own]


def _facts(entry: Entry) -> str:
    if not entry.facts:
        return ""
    return "  " + ", ".join(f"{name}={_short(value)}" for name, value in entry.facts.items())


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 40 else text[:37] + "…"
