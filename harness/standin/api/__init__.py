"""The handlers of the routes: one module for each kind of entity. A handler takes a visit and gives a reply."""

from __future__ import annotations

__all__: list[str] = []
