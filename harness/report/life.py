"""A message's life: its stages in order, and which of them a trace lacks.

Most functions take the `hops` that the target sees; none: all of them. What happens on a hop that nobody sees is not
missing: nothing can be said about it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from harness.frozen import frozen
from harness.instants import MS, SECOND, Instant, seconds
from harness.trace import BOOKKEEPING, Entry

__all__ = [
    "INCOMING", "OUTGOING", "WROTE", "Stage", "first_missing", "lasted", "life_of", "stages", "stages_of", "timeline",
    "told_as",
]  # fmt: skip

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
_RECEIVED = "message.phone.received"
WROTE = ("contact", "wrote")
# A multimedia message goes the same way.
_ALIKE = {("contact", "wrote mms"): WROTE, ("radio", "mms delivered"): ("radio", "delivered")}


def told_as(entry: Entry) -> tuple[str, str]:
    """The hop and the kind under which the stages know an entry."""
    return _ALIKE.get((entry.hop, entry.kind), (entry.hop, entry.kind))


@frozen
class Stage:
    """One stage, and the first entry that shows it (None: there is none)."""

    hop: str
    kind: str
    words: str
    entry: Entry | None = None

    def __str__(self) -> str:
        return f"{self.words} ({self.hop}: {self.kind})"


def life_of(entries: Iterable[Entry], message: str | None) -> list[Entry]:
    """The message's entries; for None those of the last text that a contact wrote."""
    kept = list(entries)
    if message is not None:
        return _outgoing(kept, message)
    wrote = next((entry for entry in reversed(kept) if told_as(entry) == WROTE), None)
    return [] if wrote is None else _incoming(kept, wrote)


def _outgoing(entries: list[Entry], message: str) -> list[Entry]:
    """What bears the id, and that the contact received it: a handset of somebody else knows no ids, its cause tells."""
    own: dict[int, Entry] = {}
    for entry in entries:
        is_read = entry.hop == "contact" and entry.kind.startswith("received") and entry.cause in own
        if entry.message == message or is_read:
            own[entry.number] = entry
    return list(own.values())


def _incoming(entries: list[Entry], wrote: Entry) -> list[Entry]:
    """Causes lead from one entry to the next. Over sockets they end: there the content leads on, then the id."""
    own: dict[int, Entry] = {wrote.number: wrote}
    contents: set[object] = set()
    messages: set[str] = set()
    for entry in entries:
        if entry.number <= wrote.number:
            continue
        # Of a gateway that nobody sees the webhook tells the id.
        is_it = entry.hop in ("gateway", "webhook") and entry.kind == _RECEIVED
        if entry.cause in own or (is_it and entry.facts.get("content") in contents) or entry.message in messages:
            own[entry.number] = entry
            if entry.hop == "phone" and entry.kind == "text received":
                contents.add(entry.facts.get("content"))
            if is_it and entry.message is not None:
                messages.add(entry.message)
    return list(own.values())


def stages(entries: Iterable[Entry], message: str | None, hops: Collection[str] = ()) -> list[Stage]:
    """The stages of the message's life that the target can see, in their order; for None of the last text."""
    return list(_stages(INCOMING if message is None else OUTGOING, _first(life_of(entries, message)), hops))


def stages_of(own: Iterable[Entry], hops: Collection[str] = ()) -> list[Stage]:
    """The same of entries that are all about one message, whichever way it went; none for a call."""
    first = _first(own)
    if first.keys() & {WROTE, ("phone", "text received"), ("gateway", _RECEIVED)}:
        return list(_stages(INCOMING, first, hops))
    is_sent = first.keys() & {("client", "accepted"), ("gateway", "message.api.sent"), ("phone", "fetched")}
    return list(_stages(OUTGOING, first, hops)) if is_sent else []


def _first(entries: Iterable[Entry]) -> dict[tuple[str, str], Entry]:
    """The first entry of each kind."""
    first: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        first.setdefault(told_as(entry), entry)
    return first


def _stages(
    table: Iterable[tuple[str, str, str]], first: dict[tuple[str, str], Entry], hops: Collection[str]
) -> Iterator[Stage]:
    for hop, kind, words in table:
        if not hops or hop in hops:
            if (hop, kind) == _TAKEN and (asked := first.get(_ASKED)) is not None:
                yield Stage(*_ANSWERED, _permission(asked), first.get(_ANSWERED))
            yield Stage(hop, kind, words, first.get((hop, kind)))


# Android asks before a text goes out, and says nothing of it until somebody answers (phone-behaviour.md §8.3, §8.4).
_TAKEN, _ASKED, _ANSWERED = ("radio", "submitted"), ("radio", "dialog"), ("radio", "dialog answered")


def _permission(asked: Entry) -> str:
    about = "a text to a short code" if asked.facts.get("about") == "short code" else "more texts than Android's limit"
    return f"the phone's user allows {about}, as `do: dialog allow` does"


def first_missing(entries: Iterable[Entry], message: str | None, hops: Collection[str] = ()) -> str | None:
    """The first stage of the message's life that the trace lacks, in words; None when all are there.

    For None it is about the last text that a contact wrote.
    """
    lacking = (stage for stage in stages(entries, message, hops) if stage.entry is None)
    return next(map(str, lacking), None)


def timeline(entries: Iterable[Entry], message: str | None) -> list[str]:
    """The message's entries, a line each, with seconds since the first."""
    own = life_of(entries, message)
    began: Instant = own[0].at if own else 0
    return [f"{(entry.at - began) / 1e9:+10.3f} s  {entry.hop:8} {entry.kind}{_facts(entry)}" for entry in own]


# Whole requests and answers are for the page: on a line they would push everything else out of sight.
_LONG = ("query", "request", "answer", "pdu")
_FACTS_MAX = 120


def _facts(entry: Entry) -> str:
    shown = [_fact(name, value) for name, value in entry.facts.items() if not _says_nothing(name, value)]
    return f"  {_cut(', '.join(shown), _FACTS_MAX)}" if shown else ""


def _says_nothing(name: str, value: object) -> bool:
    return name in _LONG or name in BOOKKEEPING or value is None or (name == "encrypted" and value is False)


def _fact(name: str, value: object) -> str:
    """`status=200`; a duration in words: `late=1 min`."""
    if name.endswith("_ns") and isinstance(value, int):
        return f"{name.removesuffix('_ns')}={lasted(value)}"
    return f"{name}={_short(value)}"


def _short(value: object) -> str:
    """On one line, and in letters that every terminal takes: half an emoji is none."""
    text = _cut(str(value), 40)
    return text if text.isprintable() else repr(text)


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


# -- durations ---------------------------------------------------------------------------------------------------------

_UNITS = (("day", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


def lasted(duration: int) -> str:
    """How long something took, in its two largest units: `250 ms`, `1.2 s`, `2 min 5 s`, `1 day`, `3 days 4 h`."""
    if abs(duration) < SECOND:
        return f"{round(duration / MS)} ms"
    if abs(duration) < 60 * SECOND:
        return f"{round(seconds(duration), 1):g} s"
    rest = round(seconds(duration))
    first = next(place for place, (_, size) in enumerate(_UNITS) if abs(rest) >= size)
    parts = []
    for name, size in _UNITS[first : first + 2]:
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count} {name}{'s' if name == 'day' and count > 1 else ''}")
    return " ".join(parts)
