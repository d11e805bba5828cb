"""What happens when an event comes off the queue: one module for each part of the server that listens."""

from __future__ import annotations

__all__: list[str] = []
