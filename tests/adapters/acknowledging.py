"""A process that counts in a world with a state file, and says each number once it is durable.

`python acknowledging.py FILE` counts on from what the file holds, as fast as it can, until it is killed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from harness.adapters.state_file import StateFile
from harness.core import At, Command, Core, Record, Table, Tell
from harness.draws import Draws
from harness.instants import MS, Instant
from harness.world import OUTSIDE, Outward, World


class Counter(Core):
    """Keeps the last thousand numbers; each sets the timer for the next and is told to the outside."""

    TABLES: ClassVar[tuple[str, ...]] = ("numbers", "facts")

    def __init__(self, draws: Draws) -> None:
        super().__init__("counter", draws)
        self.numbers: Table[int, str] = Table()
        self.facts: Table[str, int] = Table({"last": 0})

    def handle(self, event: Any, now: Instant) -> Iterable[Command]:
        number = self.facts["last"] + 1
        self.facts["last"] = number
        self.numbers[number] = self.draws.token(20)
        self.numbers.drop(number - 1000)
        return [Record("harness", "counted", None, {"number": number}), Tell("out", number), At(now + MS, "next")]


def counting_world(rows: Iterable[Any]) -> World:
    """A counter that goes on after the rows; with none it begins."""
    world = World(7)
    world.add(Counter(world.draws("counter")))
    world.wire("counter", "out", OUTSIDE)
    kept = list(rows)
    if kept:
        world.restore(kept)
    else:
        world.inject("counter", "next")
    return world


def main(path: Path) -> None:
    file = StateFile(path)
    world = counting_world(file.rows())
    world.keep()
    while True:
        world.step()
        told, world.outward = world.outward, []
        file.put(world.changes(), partial(_say, told))


def _say(told: list[Outward]) -> None:
    for item in told:
        assert isinstance(item.command, Tell)
        os.write(1, b"%d\n" % item.command.event)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
