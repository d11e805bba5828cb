"""What a runner did beside the protocol, counted: a thousand lines of noise are one complaint."""

from __future__ import annotations

from harness.frozen import frozen

__all__ = ["Complaints"]

_EXAMPLE_MAX = 200


@frozen
class _Kind:
    count: int
    first: str


class Complaints:
    """`count` notes that it happened again, and keeps the first example. `texts` has a sentence for each kind."""

    def __init__(self) -> None:
        self._kinds: dict[str, _Kind] = {}

    def count(self, what: str, example: str = "") -> None:
        """`what` is a sentence without its full stop: "it answers twice"."""
        known = self._kinds.get(what)
        self._kinds[what] = _Kind(known.count + 1, known.first) if known else _Kind(1, example[:_EXAMPLE_MAX])

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(_text(what, kind) for what, kind in self._kinds.items())


def _text(what: str, kind: _Kind) -> str:
    if kind.count == 1:
        return f"{what}: {kind.first}" if kind.first else what
    times = f"{kind.count} times"
    return f"{what} ({times}, first: {kind.first})" if kind.first else f"{what} ({times})"
