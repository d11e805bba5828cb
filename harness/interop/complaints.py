"""What a runner did beside the protocol, counted: a thousand lines of noise are one complaint."""

from __future__ import annotations

import re
from collections.abc import Iterable

from harness.frozen import frozen

__all__ = ["Complaints", "joined"]

_EXAMPLE_MAX = 200


@frozen
class _Kind:
    count: int
    first: str


class Complaints:
    """`count` notes that it happened again, and keeps the first example. `texts` has a sentence for each kind."""

    def __init__(self) -> None:
        self._kinds: dict[str, _Kind] = {}

    def count(self, what: str, example: str = "", times: int = 1) -> None:
        """`what` is a sentence without its full stop: "it answers twice"."""
        known = self._kinds.get(what)
        if known:
            self._kinds[what] = _Kind(known.count + times, known.first or example[:_EXAMPLE_MAX])
        else:
            self._kinds[what] = _Kind(times, example[:_EXAMPLE_MAX])

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(_text(what, kind) for what, kind in self._kinds.items())


def _text(what: str, kind: _Kind) -> str:
    if kind.count == 1:
        return f"{what}: {kind.first}" if kind.first else what
    times = f"{kind.count} times"
    return f"{what} ({times}, first: {kind.first})" if kind.first else f"{what} ({times})"


# As `_text` writes them.
_TEXT = re.compile(r"(?P<what>.*?)(?: \((?P<times>\d+) times(?:, first: (?P<first>.*))?\)|: (?P<only>.*))?", re.DOTALL)


def joined(texts: Iterable[str]) -> tuple[str, ...]:
    """Complaints about several talks with one runner as if they had been one: what occurs in each is counted on."""
    complaints = Complaints()
    for text in texts:
        if found := _TEXT.fullmatch(text):
            example = found["first"] or found["only"] or ""
            complaints.count(found["what"], example, int(found["times"] or 1))
    return complaints.texts
