"""A message's life: its stages in order, and which of them a trace lacks."""

from __future__ import annotations

from collections.abc import Iterable

from harness.instants import Instant
from harness.trace import Entry

__all__ = ["INCOMING", "OUTGOING", "first_missing", "life_of", "timeline"]

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
# The same for a text that comes in, as gateway-protocol.md §5.1 and phone-behaviour.md §5 have them.
INCOMING = (
    ("contact", "wrote", "the contact writes it"),
    ("radio", "delivered", "the network brings it to the handset"),
    ("phone", "text received", "the phone takes it up"),
    ("gateway", "message.phone.received", "the gateway hears of it"),
    ("webhook", "message.phone.received", "the webhook tells of it"),
)


def life_of(entries: Iterable[Entry], message: str | None) -> list[Entry]:
    """The message's entries; for None those of the last text that a contact wrote."""
    kept = list(entries)
    if message is not None:
        return [entry for entry in kept if entry.message == message]
    wrote = next((entry for entry in reversed(kept) if (entry.hop, entry.kind) == ("contact", "wrote")), None)
    return [] if wrote is None else _incoming(kept, wrote)


def _incoming(entries: list[Entry], wrote: Entry) -> list[Entry]:
    """Causes lead from one entry to the next. Over sockets they end: there the content leads on, then the id."""
    own: dict[int, Entry] = {wrote.number: wrote}
    contents: set[object] = set()
    messages: set[str] = set()
    for entry in entries:
        if entry.number <= wrote.number:
            continue
        is_it = entry.hop == "gateway" and entry.kind == "message.phone.received"
        if entry.cause in own or (is_it and entry.facts.get("content") in contents) or entry.message in messages:
            own[entry.number] = entry
            if entry.hop == "phone" and entry.kind == "text received":
                contents.add(entry.facts.get("content"))
            if is_it and entry.message is not None:
                messages.add(entry.message)
    return list(own.values())


def first_missing(entries: Iterable[Entry], message: str | None) -> str | None:
    """The first stage of the message's life that the trace lacks, in words; None when all are there.

    For None it is about the last text that a contact wrote.
    """
    seen = {(entry.hop, entry.kind) for entry in life_of(entries, message)}
    stages = INCOMING if message is None else OUTGOING
    return next((f"{words} ({hop}: {kind})" for hop, kind, words in stages if (hop, kind) not in seen), None)


def timeline(entries: Iterable[Entry], message: str | None) -> list[str]:
    """The message's entries, a line each, with seconds since the first."""
    own = life_of(entries, message)
    began: Instant = own[0].at if own else 0
    return [f"{(entry.at - began) / 1e9:+10.3f} s  {entry.hop:8} {entry.kind}{_facts(entry)}" for entry in own]


def _facts(entry: Entry) -> str:
    if not entry.facts:
        return ""
    return "  " + ", ".join(f"{name}={_short(value)}" for name, value in entry.facts.items())


def _short(value: object) -> str:
    """On one line, and in letters that every terminal takes: half an emoji is none."""
    text = str(value)
    text = text if len(text) <= 40 else text[:39] + "…"
    return text if text.isprintable() else repr(text)
