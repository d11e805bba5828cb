"""Two sequences beside each other: what belongs together, what stands elsewhere, and what only one of them has."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from difflib import SequenceMatcher

from harness.frozen import frozen

__all__ = ["Pair", "aligned", "in_order", "matched"]


@frozen
class Pair:
    """Places of what belongs together, from 0; None: it is not there.

    `is_moved`: it stands in another order. `is_last`: nothing that both have stands behind it.
    """

    one: int | None
    other: int | None
    is_moved: bool = False
    is_last: bool = False


def aligned(here: Sequence[Hashable], there: Sequence[Hashable]) -> Iterator[Pair]:
    """A pair for every place of both, in the order of the first; what only the second has stands where it has it."""
    kept, moved = matched(here, there)
    end, end_there = max(kept, default=-1), max(kept.values(), default=-1)
    places = {**kept, **moved}
    alone = [place for place in range(len(there)) if place not in {*places.values()}]
    for first in range(len(here)):
        second = places.get(first)
        if second is not None and first in kept:
            yield from (Pair(None, each, False, each > end_there) for each in alone if each < second)
            alone = [each for each in alone if each > second]
        yield Pair(first, second, first in moved, first > end)
    yield from (Pair(None, each, False, each > end_there) for each in alone)


def matched(here: Sequence[Hashable], there: Sequence[Hashable]) -> tuple[dict[int, int], dict[int, int]]:
    """Which place of the one is which of the other: of those in the same order, and of those in another."""
    blocks = SequenceMatcher(None, here, there, autojunk=False).get_matching_blocks()
    kept = {block.a + step: block.b + step for block in blocks for step in range(block.size)}
    free = [place for place in range(len(there)) if place not in {*kept.values()}]
    moved: dict[int, int] = {}
    for place in (place for place in range(len(here)) if place not in kept):
        like = next((each for each in free if there[each] == here[place]), None)
        if like is not None:
            free.remove(like)
            moved[place] = like
    return kept, moved


def in_order(pairs: Sequence[Pair]) -> list[int]:
    """The places of the pairs as they came about on the first side.

    What only the second has stands behind what came before it there.
    """
    keyed = [(pair.one, 0, 0, place) for place, pair in enumerate(pairs) if pair.one is not None]
    behind = -1
    for there, here, place in sorted(
        ((pair.other, pair.one, place) for place, pair in enumerate(pairs) if pair.other is not None),
        key=lambda each: each[0],
    ):
        if here is None:
            keyed.append((behind, 1, there, place))
        else:
            behind = here
    return [place for *_, place in sorted(keyed)]
