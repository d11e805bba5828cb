"""Says everything twice."""

from __future__ import annotations

from good import answer, requests, say

for request in requests():
    say(answer(request))
    say(answer(request))
    if request["op"] == "bye":
        break
