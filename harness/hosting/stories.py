"""What a test reads when it has waited in vain: the lives of the last messages, what they lack first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from harness.report.life import first_missing, timeline
from harness.trace import HOPS, Entry

__all__ = ["of_message", "of_messages", "of_texts", "of_webhooks"]

_SHOWN_MAX = 3
_SEEN = tuple(hop for hop in HOPS if hop != "client")


def of_message(entries: Sequence[Entry], message: str) -> list[str]:
    """The message's life, and what is missing in it."""
    lines = timeline(entries, message)
    if not lines:
        return [f"the gateway has no message {message}"]
    facts = next((entry.facts for entry in entries if entry.message == message and "content" in entry.facts), {})
    missing = _missing(entries, message)
    lacks = f"missing: {missing}" if missing else "nothing is missing in it"
    title = f"message {message} to {facts.get('contact', '?')}, {lacks}"
    return [title, *(f"  {line}" for line in lines)]


def of_messages(entries: Sequence[Entry]) -> list[str]:
    """The lives of the last messages that have not arrived whole; of the others only how many there are."""
    sent = list(dict.fromkeys(entry.message for entry in entries if entry.message and _is_sent(entry)))
    if not sent:
        return _requests(entries)
    waiting = [message for message in sent if _missing(entries, message)]
    lines = [line for message in waiting[-_SHOWN_MAX:] for line in of_message(entries, message)]
    others = (("still under way", len(waiting) - _SHOWN_MAX), ("arrived whole", len(sent) - len(waiting)))
    return lines + [f"messages {words}: {count}" for words, count in others if count > 0]


def of_texts(entries: Sequence[Entry]) -> list[str]:
    """What contacts have read so far, then the messages that are still under way."""
    read = [entry.facts for entry in entries if (entry.hop, entry.kind) == ("contact", "received")]
    lines = [f"{facts['to']} has read {str(facts['text'])!r} from {facts['from']}" for facts in read[-_SHOWN_MAX:]]
    return [*lines, *of_messages(entries)]


def of_webhooks(entries: Sequence[Entry], subscribed: Iterable[str]) -> list[str]:
    """Who is subscribed to what, the last calls, and what has become of the texts."""
    known = [f"subscribed: {words}" for words in subscribed] or ["nobody has subscribed to any event"]
    calls = [entry.facts for entry in entries if entry.hop == "gateway" and entry.kind == "webhook.answered"]
    told = [f"told {facts['url']} of {facts['event']}: {_answer(facts)}" for facts in calls[-_SHOWN_MAX:]]
    return [*known, *(told or ["no webhook was called"]), *_incoming(entries), *of_messages(entries)]


def _answer(facts: object) -> object:
    assert isinstance(facts, dict)
    return facts.get("status", facts.get("outcome"))


def _incoming(entries: Sequence[Entry]) -> list[str]:
    life = timeline(entries, None)
    return ["the last text that a contact wrote:", *(f"  {line}" for line in life)] if life else []


def _is_sent(entry: Entry) -> bool:
    return entry.hop == "gateway" and entry.kind == "message.api.sent"


def _missing(entries: Sequence[Entry], message: str) -> str | None:
    """The first stage that the message lacks. An application of one's own is not seen, only what it asks for."""
    return first_missing(entries, message, _SEEN)


def _requests(entries: Sequence[Entry]) -> list[str]:
    """Where nothing was sent: what the API was asked for."""
    asked = [entry for entry in entries if entry.hop == "api" and entry.facts.get("as") != "phone"]
    lines = [f"  {entry.kind}: {entry.facts.get('status')}{_why(entry)}" for entry in asked[-_SHOWN_MAX:]]
    return ["no message was sent; the application asked:", *lines] if lines else ["nothing was asked of the gateway"]


def _why(entry: Entry) -> str:
    error = entry.facts.get("error")
    return f" ({error})" if error else ""
