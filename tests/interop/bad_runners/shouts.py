"""Writes megabytes to stderr, before and between all that it does."""

from __future__ import annotations

import sys

from good import answer, requests, say

for request in requests():
    sys.stderr.write(("debug " * 1000 + "\n") * 500)
    say(answer(request))
    if request["op"] == "bye":
        break
