"""Verdicts for people and for machines."""

from __future__ import annotations

from harness.report.life import first_missing, timeline
from harness.report.text import as_json, as_text

__all__ = ["as_json", "as_text", "first_missing", "timeline"]
