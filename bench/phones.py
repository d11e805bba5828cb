"""Memory for an idle phone with its radio, logged in, and for its rows in the gateway."""

from __future__ import annotations

import gc
import tracemalloc

from table import show

from harness.cast import PhoneSpec
from harness.staging import setup_steps
from harness.testbed import Testbed
from harness.trace import Trace

PHONES = 300


def bed_with(phones: int) -> Testbed:
    bed = Testbed(1, trace=Trace(0, hashed=False))
    bed.open_account(plan="200k-monthly")
    for number in range(phones):
        bed.add_phone(PhoneSpec(f"p{number}", f"+1800555{number:04d}"))
    for step in setup_steps(bed):
        for command in step.what.commands:  # type: ignore[union-attr]
            if "webhook" not in step.title:
                bed.world.inject("client", command.event)
    bed.world.run_until(bed.world.now + 20_000_000_000)
    return bed


if __name__ == "__main__":
    bed_with(3)
    tracemalloc.start()
    few = bed_with(10)
    gc.collect()
    small = tracemalloc.get_traced_memory()[0]
    many = bed_with(10 + PHONES)
    gc.collect()
    each = (tracemalloc.get_traced_memory()[0] - small - small) / PHONES
    show(
        "memory", [("an idle phone, its radio and its rows in the gateway", f"{each / 1024:.1f} KiB", "goal < 20 KiB")]
    )
