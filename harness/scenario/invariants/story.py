"""A trace as the rules read it: its entries by what they are, whose they are and what they led to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from harness.instants import Instant
from harness.trace import Entry

__all__ = ["AIR", "Found", "Story", "listed", "name"]

Found = Iterator[tuple[str, tuple[Entry, ...]]]
"""What happened against a rule, and the entries that show it."""

AIR = ("radio", "contact")
"""The hops between the phone and the contact: texts are in clear there."""

_NONE: tuple[Entry, ...] = ()


class Story:
    """A trace with its indexes. Entries come in the order of their numbers."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries: list[Entry] = list(entries)
        self.end_at: Instant = self.entries[-1].at if self.entries else 0
        self.numbered: dict[int, Entry] = {}
        kinds: dict[tuple[str, str], list[Entry]] = defaultdict(list)
        messages: dict[str, list[Entry]] = defaultdict(list)
        led_to: dict[int, list[Entry]] = defaultdict(list)
        for entry in self.entries:
            number, _, hop, kind, message, cause, _ = entry
            self.numbered[number] = entry
            kinds[hop, kind].append(entry)
            if message is not None:
                messages[message].append(entry)
            if cause is not None:
                led_to[cause].append(entry)
        self._kinds = kinds
        self.messages = messages
        self._led_to = led_to
        # A gateway that is not ours is not seen: what its API tells when it is asked says nothing about what it does.
        self.hops = {entry.hop for entry in self.entries if "observed" not in entry.facts}

    # -- finding -------------------------------------------------------------------------------------------------

    def of(self, hop: str, kind: str) -> Sequence[Entry]:
        return self._kinds.get((hop, kind), _NONE)

    def has(self, hop: str, kind: str) -> bool:
        return (hop, kind) in self._kinds

    def every(self, hop: str, *kinds: str) -> list[Entry]:
        """The entries of several kinds, one kind after the other."""
        return [entry for kind in kinds for entry in self._kinds.get((hop, kind), _NONE)]

    def led_to(self, entry: Entry) -> Sequence[Entry]:
        """What the entry is the cause of."""
        return self._led_to.get(entry.number, _NONE)

    def cause(self, entry: Entry) -> Entry | None:
        return None if entry.cause is None else self.numbered.get(entry.cause)

    def causes(self, entry: Entry) -> Iterator[Entry]:
        """The entry's cause, its cause and so on."""
        cause = self.cause(entry)
        while cause is not None:
            yield cause
            cause = self.cause(cause)

    def origin(self, text: Entry) -> list[Entry]:
        """How a text came through the air to the entry that shows it, from there back to who sent it off.

        A contact who answers a text is caused by it: the way ends where the text was written.
        """
        path: list[Entry] = []
        for entry in self.causes(text):
            if entry.hop not in AIR:
                break
            path.append(entry)
            if entry.kind in ("wrote", "submitted"):
                break
        return path

    def by_our_phone(self, entry: Entry) -> bool:
        """Whether it is due to a request of one of our phones, or to no request at all."""
        request = self.cause(entry)
        if request is None or request.hop != "api":
            return True
        phone = self.cause(request)
        return phone is not None and phone.hop == "phone"

    # -- what several rules ask ------------------------------------------------------------------------------------

    @cached_property
    def owners(self) -> dict[str, str]:
        """The gateway's own number of each message, as the gateway tells it, or else as the client asked for it."""
        owners: dict[str, str] = {}
        asked = {entry.facts.get("step"): entry.facts.get("from") for entry in self.of("client", "send")}
        for entry in self.of("client", "accepted"):
            number = asked.get(entry.facts.get("step"))
            if entry.message is not None and isinstance(number, str):
                owners[entry.message] = number
        for entry in self.every("gateway", "message.api.sent", "message.phone.received", "message.call.missed"):
            owner = entry.facts.get("owner")
            if entry.message is not None and isinstance(owner, str):
                owners[entry.message] = owner
        return owners

    @cached_property
    def deleted(self) -> dict[str, Entry]:
        """The messages that were deleted, and the first entry that says so."""
        deleted: dict[str, Entry] = {}
        for entry in (*self.of("api", "DELETE /v1/messages/{id}"), *self.of("gateway", "message.api.deleted")):
            gone = entry.hop == "gateway" or entry.facts.get("status") == 204
            if gone and entry.message is not None:
                deleted.setdefault(entry.message, entry)
        return deleted

    @cached_property
    def races(self) -> bool:
        """The gateway's handlers overwrite each other: what an event comes to is told later, if at all."""
        if self.has("gateway", "message.saved"):
            return True
        return any("status" not in entry.facts for entry in self.of("gateway", "message.api.sent"))

    @cached_property
    def injected(self) -> bool:
        """Somebody put events into the gateway's queue: it does what they say, not what it would have done."""
        return any(entry.facts.get("status") == 204 for entry in self.of("api", "POST /v1/events"))


def listed(entry: Entry, fact: str) -> tuple[str, ...]:
    """What stands in a fact with a list of words."""
    return tuple(word for word in str(entry.facts.get(fact) or "").split(", ") if word)


def name(entry: Entry) -> str:
    return f"{entry.hop} {entry.kind}"
