"""Full cycles send → delivered in virtual time on one core, with the trace on; and what a trace entry costs."""

from __future__ import annotations

import time

from table import median_of, show

from harness.adapters.virtual import run_virtual
from harness.cast import ContactSpec, PhoneSpec
from harness.parties import SendText
from harness.staging import setup_steps
from harness.standin import Pace
from harness.testbed import Testbed
from harness.trace import Trace

MESSAGES = 2000


def cycles(keep: int | None) -> float:
    """Cycles a second."""
    bed = Testbed(1, pace=Pace.INSTANT, trace=Trace(keep))
    bed.open_account(plan="200k-monthly")
    bed.add_phone(PhoneSpec("alice", "+18005550100"))
    bed.add_contact(ContactSpec("bob", "+18005550101"))
    _log_in(bed)
    began = time.process_time()
    for number in range(MESSAGES):
        send = SendText(f"m{number}", "+18005550100", "+18005550101", f"Hello number {number}")
        # A millisecond apart: a radio has 256 references for what is under way at once.
        bed.world.inject("client", send, due_at=bed.world.now + number * 1_000_000)
    run_virtual(bed.world, lambda: False, bed.world.now + 60_000_000_000)
    took = time.process_time() - began
    delivered = sum(message.status == "delivered" for message in bed.standin.messages.values())
    assert delivered == MESSAGES, delivered
    return MESSAGES / took


def _log_in(bed: Testbed) -> None:
    for step in setup_steps(bed)[:-1]:
        for command in step.what.commands:  # type: ignore[union-attr]
            bed.world.inject("client", command.event)
    bed.world.run_until(bed.world.now + 5_000_000_000)


def entry_cost() -> float:
    """Microseconds for an entry with its hash."""
    trace = Trace()
    facts = {"from": "+18005550100", "to": "+18005550101", "content": "Hello number 1", "encrypted": False}
    began = time.process_time()
    for number in range(100_000):
        trace.write(number, "gateway", "message.api.sent", "32343a19-da5e-4b1b-a767-3298a73703cb", number - 1, facts)
    return (time.process_time() - began) * 10


if __name__ == "__main__":
    kept = median_of(5, lambda: cycles(None))
    dropped = median_of(3, lambda: cycles(0))
    entry = median_of(5, entry_cost)
    show(
        "virtual time, one core",
        [
            ("cycles a second, trace kept", f"{kept[1]:.0f} (min {kept[0]:.0f}, max {kept[2]:.0f})", "goal ≥ 1500"),
            ("cycles a second, trace not kept", f"{dropped[1]:.0f} ({dropped[1] / kept[1]:.2f}x)", ""),
            ("a trace entry with its hash", f"{entry[1]:.2f} µs (min {entry[0]:.2f}, max {entry[2]:.2f})", ""),
        ],
    )
