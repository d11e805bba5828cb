"""A fleet for days in virtual time, on one core: what a phone-day costs, and how much memory the process needs at most.

A phone-day is some 95 heartbeats, 90 checks of the server for them, five texts out and four in, missed calls, losses of
network and service, kills, reboots, and outages of the server (tests/fleet.py). The trace is hashed and not kept.

FLEET=1000x7 python bench/fleet.py measures that size beside the small ones.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import sys
import time

from table import show

from tests.fleet import run_fleet

SIZES = ((10, 1), (50, 1), (50, 7), (200, 2), (1000, 1))
GOALS = {(1000, 7): "goal < 600 s"}
KIB = 1024 if sys.platform == "darwin" else 1  # of what ru_maxrss counts


def run(size: tuple[int, int]) -> tuple[float, float, float, str]:
    """Seconds, of which the processor's, peak memory in MiB, and the hash."""
    phones, days = size
    began, worked = time.perf_counter(), time.process_time()
    fleet = run_fleet(phones, days)
    took, busy = time.perf_counter() - began, time.process_time() - worked
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB / 1024
    return took, busy, peak, fleet.bed.trace.hash or ""


def main() -> None:
    asked = os.environ.get("FLEET")
    sizes = [*SIZES]
    if asked is not None:
        phones, _, days = asked.partition("x")
        sizes.append((int(phones), int(days)))
    rows = []
    # A process each: the peak of one says nothing of the next.
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        for size in sizes:
            took, busy, peak, found = pool.apply(run, (size,))
            phones, days = size
            each_us = busy / phones / days * 1e6
            figures = f"{took:7.1f} s, {each_us:8,.0f} µs of processor a phone-day, {peak:6.0f} MiB, hash {found[:8]}"
            rows.append((f"{phones:,} phones × {days} days", figures, GOALS.get(size, "")))
    show("a fleet in virtual time", rows)


if __name__ == "__main__":
    main()
