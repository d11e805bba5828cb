"""Which message each entry is about, also where the entry does not say so: causes tell."""

from __future__ import annotations

from collections.abc import Sequence

from harness.report.life import WROTE, told_as
from harness.trace import Entry

__all__ = ["subjects"]

_BEGINS = (WROTE, ("contact", "calls"))
# What a gateway does for itself may be caused by anything; what is said and carried belongs together.
_CARRIES = ("client", "api", "push", "radio", "contact", "webhook")
# What a phone does because of these is about the same message.
_TELLS_PHONE = ("api", "push", "radio")


def subjects(entries: Sequence[Entry]) -> list[str | None]:
    """For each entry the id of its message; None: it is about none.

    An entry without one is about the message that it led to, or else about that of its cause. A text that never came
    as far as to get an id is named by the number of the entry in which it was written: `text 47`.
    """
    places = {entry.number: place for place, entry in enumerate(entries)}
    found = [entry.message for entry in entries]
    causes = [places.get(-1 if entry.cause is None else entry.cause) for entry in entries]
    _backwards(entries, causes, found)
    _forwards(entries, causes, found)
    return found


def _backwards(entries: Sequence[Entry], causes: Sequence[int | None], found: list[str | None]) -> None:
    """From effects to causes. What is also about the message of its own cause stays with that."""
    for place in range(len(entries) - 1, -1, -1):
        cause = causes[place]
        # What a contact writes and whom they call is a matter of its own, whatever it answers.
        is_own = told_as(entries[place]) in _BEGINS
        if found[place] is None or cause is None or is_own or entries[cause].message is not None:
            continue
        before = causes[cause]
        own = None if before is None else entries[before].message
        if found[cause] is None or found[place] == own:
            found[cause] = found[place]


def _forwards(entries: Sequence[Entry], causes: Sequence[int | None], found: list[str | None]) -> None:
    for place, entry in enumerate(entries):
        cause = causes[place]
        if found[place] is not None:
            continue
        if told_as(entry) in _BEGINS:
            found[place] = f"text {entry.number}" if told_as(entry) == WROTE else None
        elif cause is not None and (_carries(entry, entries[cause]) or _is_text(found[cause])):
            found[place] = found[cause]


def _carries(entry: Entry, cause: Entry) -> bool:
    return entry.hop in _CARRIES or (entry.hop == "phone" and cause.hop in _TELLS_PHONE)


def _is_text(subject: str | None) -> bool:
    return subject is not None and subject.startswith("text ")
