"""Answers in the right order, and thinks that this is enough."""

from __future__ import annotations

from good import answer, requests, say

for request in requests():
    said = answer(request)
    del said["id"]
    say(said)
