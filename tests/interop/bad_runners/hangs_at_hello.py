"""Reads what is asked, and says nothing."""

from __future__ import annotations

from good import requests

for _ in requests():
    pass
