"""One fault per file, placed between a core and the world."""

from __future__ import annotations

from harness.faults.lost_push import LostPush

__all__ = ["LostPush"]
