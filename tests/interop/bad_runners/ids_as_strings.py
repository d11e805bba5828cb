"""Takes ids for strings."""

from __future__ import annotations

from good import answer, requests, say

for request in requests():
    say({**answer(request), "id": str(request["id"])})
    if request["op"] == "bye":
        break
