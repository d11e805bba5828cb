"""What a user knows of a run, and which message each of its entries is about.

That is the stages of a message's life, what can become of it instead, and calls; the rest is nobody's concern.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.capability import Capability
from harness.report import told
from harness.report.life import INCOMING, OUTGOING, WROTE, told_as
from harness.report.subjects import subjects
from harness.trace import Entry

__all__ = ["CALLS", "COMES_IN", "GOES_WRONG", "NEEDS", "fact", "grouped", "words_of"]

# What can become of a message beside the stages of its life, and what else a story is about.
_BESIDE = (
    ("client", "refused", "the API refuses it"),
    ("gateway", "message.send.failed", "the gateway hears FAILED"),
    ("gateway", "message.send.expired", "the gateway gives it up"),
    ("gateway", "message.send.retry", "the gateway tries once more"),
    ("gateway", "message.notification.failed", "the gateway cannot push"),
    ("gateway", "message.api.deleted", "the gateway deletes it"),
    ("gateway", "message.call.missed", "the gateway hears of the call"),
    ("gateway", "phone.heartbeat.offline", "the gateway takes the phone for silent"),
    ("gateway", "phone.heartbeat.online", "the gateway hears of the phone again"),
    ("push", "late", "the push is late"),
    ("push", "lost", "the push is lost"),
    ("push", "duplicated", "the push comes twice"),
    ("push", "refused", "the push service refuses the push"),
    ("phone", "failed", "the phone knows that it failed"),
    ("phone", "fetch failed", "the phone cannot fetch it"),
    ("phone", "text forwarded", "the phone passes it on"),
    ("phone", "text dropped", "the phone gives it up"),
    ("phone", "call missed", "the phone misses the call"),
    ("phone", "call forwarded", "the phone tells of the call"),
    ("radio", "dialog", "Android asks the phone's user"),
    ("radio", "rejected", "the network rejects it"),
    ("radio", "refused for want of room", "the handset has no room for it"),
    ("radio", "no subscriber", "the network knows no such number"),
    ("radio", "call", "the network brings the call"),
    ("radio", "lost on the device", "the device loses it"),
    ("contact", "received", "the contact's handset shows it"),
    ("contact", "calls", "the contact calls"),
    ("webhook", "refused", "the webhook refuses it"),
)
_WORDS: Mapping[tuple[str, str], str] = {(hop, kind): words for hop, kind, words in (*OUTGOING, *INCOMING, *_BESIDE)}
CALLS = frozenset(
    {("contact", "calls"), ("radio", "call"), ("phone", "call missed"), ("gateway", "message.call.missed")}
)
_RECEIVED = "message.phone.received"
COMES_IN = frozenset({WROTE, ("phone", "text received"), ("gateway", _RECEIVED), ("webhook", _RECEIVED)})
# What befalls a message that went well on the other target, however late: no end of a story excuses it.
GOES_WRONG = frozenset(
    {
        ("gateway", "message.send.failed"),
        ("phone", "failed"),
        ("phone", "text dropped"),
        ("radio", "rejected"),
        ("radio", "lost on the device"),
        ("webhook", "message.send.failed"),
    }
)
# What there is only where these capabilities are.
NEEDS: Mapping[tuple[str, str], Capability] = {
    ("radio", "report"): Capability.DELIVERY_REPORTS,
    ("phone", "delivered"): Capability.DELIVERY_REPORTS,
    ("gateway", "message.phone.delivered"): Capability.DELIVERY_REPORTS,
    ("webhook", "message.phone.delivered"): Capability.DELIVERY_REPORTS,
}


def words_of(entry: Entry) -> str | None:
    """What a user calls it; None for what is nobody's concern."""
    words = _WORDS.get(told_as(entry))
    return f"the webhook tells {entry.kind}" if words is None and entry.hop == "webhook" else words


def fact(entry: Entry, name: str) -> str:
    """A fact that is a text; "" for any other, and for none."""
    value = entry.facts.get(name)
    return value if isinstance(value, str) else ""


def grouped(entries: Sequence[Entry]) -> dict[str, list[Entry]]:
    """What a user knows of, by message; what is about none by the step that did it, or the phone it is about."""
    found: dict[str, list[Entry]] = {}
    for entry, subject in zip(entries, _subjects(entries), strict=True):
        step = fact(entry, "step")
        if words_of(entry) is not None and not step.startswith(told.SET_UP):
            found.setdefault(subject or _instead(entry, step), []).append(entry)
    return found


def _instead(entry: Entry, step: str) -> str:
    """What an entry without a message belongs to."""
    if step:
        return f"step {step}"
    people = (fact(entry, name) for name in ("owner", "from", "to", "text"))
    return " ".join(["about", *filter(None, people)])


# -- which message an entry is about -----------------------------------------------------------------------------------

_CALLS_TELL = CALLS | {("phone", "call forwarded"), ("webhook", "message.call.missed")}
_TEXT_TELLS = COMES_IN | {("phone", "text forwarded"), ("phone", "text dropped")}


def _subjects(entries: Sequence[Entry]) -> list[str | None]:
    """For each entry its message. Calls belong to who calls, and texts that come in to themselves.

    Over sockets causes end: so the id of a text that came in counts less than its content.
    """
    found = subjects(entries)
    incoming = _Incoming(entries)
    for place, entry in enumerate(entries):
        if told_as(entry) in _CALLS_TELL:
            found[place] = f"calls of {fact(entry, 'from') or fact(entry, 'contact')}"
        elif told_as(entry) in _TEXT_TELLS:
            found[place] = incoming.named(entry)
        elif (wrote := incoming.above(entry)) is not None and entry.hop == "radio":
            found[place] = wrote
    return found


class _Incoming:
    """Texts that come in, each named by its first entry."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._entries = {entry.number: entry for entry in entries}
        self._names: dict[int, str] = {}
        self._ids: dict[str, str] = {}
        self._unknown: dict[str, list[str]] = {}
        """By content: texts whose ids nobody has told yet."""

    def above(self, entry: Entry) -> str | None:
        """The text that led to the entry."""
        cause = entry.cause
        while cause is not None and cause in self._entries:
            if cause in self._names:
                return self._names[cause]
            cause = self._entries[cause].cause
        return None

    def named(self, entry: Entry) -> str:
        content = str(entry.facts.get("text", entry.facts.get("content", "")))
        # What a contact writes is another text than the one that it answers, although that led to it.
        known = None if told_as(entry) == WROTE else self.above(entry) or self._by_id(entry.message, content)
        name = known or f"text {entry.number}"
        self._names[entry.number] = name
        if entry.message is not None:
            self._ids[entry.message] = name
        elif entry.kind == "text received":  # what the gateway is told, encrypted or not
            self._unknown.setdefault(content, []).append(name)
        return name

    def _by_id(self, message: str | None, content: str) -> str | None:
        if message is None or message in self._ids:
            return self._ids.get(message or "")
        alike = self._unknown.get(content, [])
        # The last one stays: a text may be received twice.
        return None if not alike else alike[0] if len(alike) == 1 else alike.pop(0)
