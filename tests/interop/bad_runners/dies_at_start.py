"""Misses a module."""

from __future__ import annotations

import sys

sys.exit("ModuleNotFoundError: no cipher here")
