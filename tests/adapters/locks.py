"""A file that a process locks for as long as it lives, which tells when it is gone."""

from __future__ import annotations

import fcntl
from pathlib import Path
from time import monotonic

__all__ = ["wait_until_unlocked"]


def wait_until_unlocked(folder: Path) -> None:
    """Whoever held the lock is gone. If nobody ends it, it lives for a minute: half of that is no end of ours."""
    began = monotonic()
    with (folder / "lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
    assert monotonic() - began < 30
