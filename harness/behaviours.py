"""What a contact does by themselves: answers, echoes, reads codes aloud, opts out, calls back. Plain values.

`harness.parties` has what they come to. A contact may have several; each sees every whole text that the contact reads.
"""

from __future__ import annotations

import re

from harness.delays import AT_ONCE, Delay
from harness.errors import UsageError
from harness.frozen import frozen
from harness.patterns import check_pattern, written
from harness.radio import CALL_OUTCOMES

__all__ = [
    "START_WORDS", "STOP_WORDS", "Answer", "Behaviour", "CallsBack", "Echo", "OptsOut", "ReadsCodes", "Typos",
    "check_outcome",
]  # fmt: skip

STOP_WORDS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"})
START_WORDS = frozenset({"START", "UNSTOP", "YES"})
"""What carriers take for an opt-out and for its end (the keywords of the CTIA's messaging principles)."""


@frozen
class Answer:
    """Answers `text` after `delay`.

    `to`: only to a text in which this regular expression is found; `\\1` in `text` is then what its group found.
    """

    text: str
    to: str | None = None
    delay: Delay = AT_ONCE

    def __post_init__(self) -> None:
        if self.to is not None:
            check_pattern(self.to)
            _check_template(self.to, self.text)


@frozen
class Echo:
    """Sends every text back after `delay`."""

    delay: Delay = AT_ONCE


@frozen
class ReadsCodes:
    """Reads the one-time code in a text aloud: the trace has it. With `answers` it is sent back too, after `delay`."""

    pattern: str = r"(?<!\d)\d{4,8}(?!\d)"
    answers: bool = False
    delay: Delay = AT_ONCE

    def __post_init__(self) -> None:
        check_pattern(self.pattern)


@frozen
class OptsOut:
    """Answers a sender's text number `after` with STOP, and number `back_after` with START (None: never)."""

    after: int = 1
    back_after: int | None = None
    delay: Delay = AT_ONCE

    def __post_init__(self) -> None:
        if self.back_after is not None and self.back_after <= self.after:
            raise UsageError("back before the opt-out", "answer START to a later text than STOP")


@frozen
class CallsBack:
    """Calls whoever wrote. `outcome` as in `CallNumber`; `to` as in `Answer`."""

    outcome: str = "missed"
    to: str | None = None
    delay: Delay = AT_ONCE

    def __post_init__(self) -> None:
        check_outcome(self.outcome)
        if self.to is not None:
            check_pattern(self.to)


@frozen
class Typos:
    """Mistypes `share` in a hundred words of what the other behaviours write."""

    share: int


Behaviour = Answer | Echo | ReadsCodes | OptsOut | CallsBack | Typos


def check_outcome(outcome: str) -> None:
    """Raises `UsageError` unless a call may end so."""
    if outcome not in CALL_OUTCOMES:
        raise UsageError(f"a call does not end {outcome!r}", f"it ends {', '.join(CALL_OUTCOMES)}")


def _check_template(pattern: str, text: str) -> None:
    known = re.compile(pattern)
    names = {number: name for name, number in known.groupindex.items()}
    # The same groups around nothing: they fit at once, which the expression itself may take its time for.
    groups = [f"(?P<{names[number]}>)" if number in names else "()" for number in range(1, known.groups + 1)]
    try:
        re.match("".join(groups), "").expand(text)  # type: ignore[union-attr]
    except (re.error, IndexError) as error:
        raise UsageError(f"{text!r} does not go with {written(pattern)}: {error}") from None
