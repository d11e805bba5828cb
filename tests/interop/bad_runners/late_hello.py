"""Takes its time before it says hello, as a JVM does."""

from __future__ import annotations

import time

from good import answer, requests, say

for request in requests():
    if request["op"] == "hello":
        time.sleep(0.3)
    say(answer(request))
    if request["op"] == "bye":
        break
