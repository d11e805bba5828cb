"""Writes docs/magic-numbers.md: which numbers choose what becomes of a text (`make docs`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from harness.modem.magic import ENTRIES, PREFIX, Entry, entry
from harness.sms_results import RESULTS

__all__ = ["PLACE", "page"]

PLACE = Path(__file__).parents[1] / "docs" / "magic-numbers.md"

_HEAD = """\
# Magic numbers

Text one of these numbers from an emulated phone, and its last four digits choose what becomes of the text: test cards
for SMS. They work everywhere without any setting up: in a story, with `serve`, and from your own application through
the API. All of them begin with `{prefix}`; stories and phones never get such a number by themselves. Any other number
is an ordinary one.

What the server shows is what the httpSMS app makes of the radio's results. Delays begin when the phone hands the text
over; without one, everything happens at once. The page is made by `make docs` from `harness/modem/magic.py`.
"""
_OUTCOMES = """\
## Outcomes
"""
_FAILURES = """\
## Failures

`{prefix}0` and Android's result code in three digits: every segment fails with it. Codes up to 0999 work, also those
that Android does not have; these are the ones that it has.
"""
_DIALOGS = """\
## Dialogs

A text behind a system dialog waits until a human answers: no result comes before, and the server goes on showing
`sending` until the message expires. Stories answer with the act `AnswerDialog`. At most five dialogs wait; the next
text fails with `LIMIT_EXCEEDED`.
"""


def page() -> str:
    """The whole page."""
    failures = [known for code in RESULTS if code >= 0 and (known := entry(f"{PREFIX}{code:04}")) is not None]
    head = ("number", "what happens", "what the server shows")
    parts = (
        _HEAD.format(prefix=PREFIX),
        _OUTCOMES,
        _table(head, (_row(known) for known in ENTRIES)),
        _FAILURES.format(prefix=PREFIX),
        _table(head, (_row(known) for known in failures)),
        _DIALOGS,
    )
    return "\n".join(parts)


def _row(known: Entry) -> Sequence[str]:
    return f"`{known.number}`", known.does, known.shows


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    PLACE.write_text(page(), encoding="utf-8")
