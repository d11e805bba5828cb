"""Ends with a trace where a goodbye belongs."""

from __future__ import annotations

from good import answer, requests, say

for request in requests():
    if request["op"] == "bye":
        raise KeyError("bye")
    say(answer(request))
