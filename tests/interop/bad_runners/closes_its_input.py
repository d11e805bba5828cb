"""Answers one call, closes its input, and waits."""

from __future__ import annotations

import os
import time

from good import answer, requests, say

for request in requests():
    say(answer(request))
    if request["op"] == "bye":
        break
    if request["op"] != "hello":
        os.close(0)
        time.sleep(60)
