"""Speaks a protocol that is yet to come."""

from __future__ import annotations

from good import answer, requests, say

for request in requests():
    say({**answer(request), "protocol": 2})
