"""Answers calls that nobody made, beside those that were."""

from __future__ import annotations

from good import answer, requests, say

for request in requests():
    said = answer(request)
    if request["op"] != "hello":
        say({**said, "id": request["id"] + 1000})
    say(said)
    if request["op"] == "bye":
        break
