"""Does not hear a goodbye, nor that its input is closed."""

from __future__ import annotations

import time

from good import answer, requests, say

for request in requests():
    if request["op"] != "bye":
        say(answer(request))
time.sleep(60)
