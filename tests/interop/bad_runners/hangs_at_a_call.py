"""Never comes back from one of the texts."""

from __future__ import annotations

import time

from good import answer, requests, say

for request in requests():
    if request.get("ciphertext") == "three":
        time.sleep(60)
    say(answer(request))
    if request["op"] == "bye":
        break
