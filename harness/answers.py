"""What an API call must be answered, what is kept of the answer, and what came of it."""

from __future__ import annotations

from dataclasses import field

from harness.frozen import frozen
from harness.matchers import Matcher

__all__ = ["NO_ANSWER", "Answer", "Capture", "Captured", "Replied"]

NO_ANSWER = "none"
"""The status where none comes: there is no connection, it breaks, or it takes too long."""


@frozen
class Capture:
    """A value that gets a name: `${name}` in later steps.

    Of an API answer `path` is the dotted path into its body (`data.0.id`), or `header NAME`. Of a look it is a fact of
    the entry that was found, `text` its text. With a `pattern` it is what the regular expression finds there: its
    first group, or all of it.
    """

    name: str
    path: str = "text"
    pattern: str | None = None


@frozen
class Answer:
    """What the API must answer. `body`: dotted paths (`data.status`, `data.0.id`).

    `status` None: any below 300; `NO_ANSWER`: nothing at all.
    """

    status: int | str | None = None
    headers: tuple[tuple[str, Matcher], ...] = ()
    body: tuple[tuple[str, Matcher], ...] = ()
    captures: tuple[Capture, ...] = ()


@frozen
class Captured:
    """What an answer gave to a name. A secret is a value that no report may show."""

    name: str
    value: str = field(repr=False)
    is_secret: bool = False


@frozen
class Replied:
    """To the run of a story: the API call of `step` was answered, or not.

    `unmet`: why the answer is not what was wanted, one line each, secrets not shown. `message`: the id of the message
    that it made, if it made one.
    """

    step: str
    unmet: tuple[str, ...] = ()
    message: str | None = None
    captured: tuple[Captured, ...] = ()
