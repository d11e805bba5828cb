"""Somebody whom an application texts with, as a test sees them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import TYPE_CHECKING

from harness.frozen import frozen
from harness.hosting import stories
from harness.hosting.watching import Wanted, Watch
from harness.patterns import written
from harness.sms import PhoneNumber
from harness.trace import Entry

if TYPE_CHECKING:
    from harness.hosting.gateway import Gateway

__all__ = ["Contact", "ReceivedText", "Texts", "number_of"]

FIRST_CONTACT = 18005550100
"""The number of the first contact who is only named; the next ones follow."""


def number_of(who: str, names: dict[str, str], phones: Sequence[str]) -> str:
    """The number of a contact, who is told by it, or by a name: that has in `names` the next one that is free.

    Raises `InvalidNumber`.
    """
    if who.startswith("+"):
        return PhoneNumber.parse(who).e164
    if who not in names:
        taken = {*names.values(), *phones}
        names[who] = next(number for number in (f"+{digits}" for digits in count(FIRST_CONTACT)) if number not in taken)
    return names[who]


@frozen
class ReceivedText:
    """A text that a contact has read. `message` is the id under which the API sent it, None: it did not.

    `number` counts the entries of the trace: that of the text's own.
    """

    text: str
    from_: str
    to: str
    segments: int
    message: str | None = None
    number: int = 0

    def find(self, pattern: str) -> str:
        """What a regular expression finds in the text: its first group, if it has one. Raises `AssertionError`."""
        __tracebackhide__ = True
        found = re.search(pattern, self.text)
        if found is None:
            raise AssertionError(f"{written(pattern)} is not in the text {self.text!r}")
        return str(found[1] if found.re.groups else found[0])


class Texts:
    """The texts that reached contacts; a wait takes each of them once."""

    def __init__(self, entries: Callable[[], Sequence[Entry]]) -> None:
        self._entries = entries
        self._taken: set[int] = set()

    def forget(self) -> None:
        self._taken.clear()

    def fork(self, entries: Callable[[], Sequence[Entry]]) -> Texts:
        """The same in a twin of the world: what was taken here is taken there."""
        twin = Texts(entries)
        twin._taken = self._taken.copy()
        return twin

    def all(self, to: str | None = None) -> tuple[ReceivedText, ...]:
        """Those so far, taken or not."""
        entries = self._entries()
        known = {entry.number: entry for entry in entries}
        return tuple(_text(entry, known) for entry in entries if _is_text(entry, to))

    def wanted(
        self, to: str | None, text: str | re.Pattern[str] | None, contains: str | None, whom: str
    ) -> Wanted[ReceivedText]:
        """The next one to `to` (None: anybody) that fits."""

        def fits(entry: Entry) -> ReceivedText | None:
            if entry.number in self._taken or not _is_text(entry, to) or not _says(entry, text, contains):
                return None
            self._taken.add(entry.number)
            return _text(entry, {known.number: known for known in self._entries()})

        return Wanted(f"a text to {whom}{_wish(text, contains)}", fits, stories.of_texts)


def _is_text(entry: Entry, to: str | None) -> bool:
    return (entry.hop, entry.kind) == ("contact", "received") and to in (None, entry.facts["to"])


def _says(entry: Entry, text: str | re.Pattern[str] | None, contains: str | None) -> bool:
    said = str(entry.facts["text"])
    if contains is not None and contains not in said:
        return False
    return text is None or (said == text if isinstance(text, str) else text.search(said) is not None)


def _wish(text: str | re.Pattern[str] | None, contains: str | None) -> str:
    wishes = [] if text is None else [repr(text) if isinstance(text, str) else f"with {written(text.pattern)} in it"]
    wishes += [] if contains is None else [f"that contains {contains!r}"]
    return "".join(f" {wish}" for wish in wishes)


def _text(entry: Entry, known: dict[int, Entry]) -> ReceivedText:
    facts = entry.facts
    message = next((cause.message for cause in _causes(entry, known) if cause.message is not None), None)
    segments = facts["segments"]
    assert isinstance(segments, int)
    return ReceivedText(str(facts["text"]), str(facts["from"]), str(facts["to"]), segments, message, entry.number)


def _causes(entry: Entry, known: dict[int, Entry]) -> Iterator[Entry]:
    while entry.cause is not None and entry.cause in known:
        entry = known[entry.cause]
        yield entry


class Contact:
    """Somebody with a handset of their own: `number` is theirs."""

    def __init__(self, gateway: Gateway, watch: Watch, texts: Texts, number: str, name: str | None) -> None:
        self._gateway = gateway
        self._watch = watch
        self._texts = texts
        self.number = number
        self.name = name

    def __repr__(self) -> str:
        return f"<contact {self._whom}>"

    @property
    def _whom(self) -> str:
        return f"{self.name} ({self.number})" if self.name else self.number

    @property
    def texts(self) -> tuple[ReceivedText, ...]:
        """All that has reached the contact so far."""
        return self._texts.all(self.number)

    def wait_for_text(
        self, text: str | re.Pattern[str] | None = None, *, contains: str | None = None, timeout_s: float | None = None
    ) -> ReceivedText:
        """The next text that reached the contact; none is returned twice. `text` is all of it, or a pattern in it.

        Raises `NotSeen`, with what became of the messages.
        """
        __tracebackhide__ = True
        return self._watch.wait(self._texts.wanted(self.number, text, contains, self._whom), timeout_s)

    async def text_arrives(
        self, text: str | re.Pattern[str] | None = None, *, contains: str | None = None, timeout_s: float | None = None
    ) -> ReceivedText:
        """`wait_for_text` for tests in an event loop: `await contact.text_arrives()`."""
        __tracebackhide__ = True
        wanted = self._texts.wanted(self.number, text, contains, self._whom)
        return await self._watch.arrival(wanted, timeout_s)

    def text(self, text: str, *, to: str | None = None) -> None:
        """Texts a phone: the one with the number `to`, or the first."""
        self._gateway.text(from_=self.number, text=text, to=to)

    def call(self, outcome: str = "missed", *, to: str | None = None) -> None:
        """Calls a phone: the call is `missed`, `answered` or `rejected`. Raises `UsageError` for other ends."""
        self._gateway.call(from_=self.number, outcome=outcome, to=to)
