"""What a fork in the middle of a story costs, with 100 messages behind it."""

from __future__ import annotations

import time

from cycles import _log_in
from table import median_of, show

from harness.cast import ContactSpec, PhoneSpec
from harness.parties import SendText
from harness.standin import Pace
from harness.testbed import Testbed
from harness.world import World


def world() -> World:
    bed = Testbed(1, pace=Pace.INSTANT)
    bed.open_account(plan="200k-monthly")
    bed.add_phone(PhoneSpec("alice", "+18005550100"))
    bed.add_contact(ContactSpec("bob", "+18005550101"))
    _log_in(bed)
    for number in range(100):
        bed.world.inject("client", SendText(f"m{number}", "+18005550100", "+18005550101", f"Hello {number}"))
    bed.world.run_until(bed.world.now + 60_000_000_000)
    return bed.world


if __name__ == "__main__":
    past = world()

    def fork() -> float:
        began = time.perf_counter()
        past.fork()
        return (time.perf_counter() - began) * 1000

    took = median_of(200, fork)
    show("a fork with 100 messages behind it", [("fork", f"{took[1]:.3f} ms (max {took[2]:.3f})", "goal < 1 ms")])
