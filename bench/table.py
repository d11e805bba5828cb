"""Shared by the measurements: one table, and a yardstick of the machine to compare with."""

from __future__ import annotations

import hashlib
import statistics
import time
from collections.abc import Callable


def yardstick() -> float:
    """Seconds that this machine takes now for a fixed piece of Python work: the ratio to it is what can be compared."""
    began = time.perf_counter()
    value = b""
    for number in range(100_000):
        value = hashlib.sha256(value + b"%d" % number).digest()
    return time.perf_counter() - began


def median_of(runs: int, measure: Callable[[], float]) -> tuple[float, float, float]:
    """Minimum, median and maximum of so many runs."""
    values = sorted(measure() for _ in range(runs))
    return values[0], statistics.median(values), values[-1]


def show(title: str, rows: list[tuple[str, str, str]]) -> None:
    """Prints rows of (what, figure, goal) under a title."""
    print(title)
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for row in rows:
        print("  " + "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())
    print(f"  (yardstick: {yardstick():.3f} s for 100,000 SHA-256 in a loop)")
