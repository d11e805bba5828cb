"""Answers every other call before the one that was asked first."""

from __future__ import annotations

from good import answer, requests, say

waiting = None
for request in requests():
    if request["op"] in ("hello", "bye"):
        say(answer(request))
        if request["op"] == "bye":
            break
    elif waiting is None:
        waiting = answer(request)
    else:
        say(answer(request))
        say(waiting)
        waiting = None
