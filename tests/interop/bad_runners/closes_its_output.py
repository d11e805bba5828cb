"""Closes its output at one of the texts, and lives on."""

from __future__ import annotations

import os
import time

from good import answer, requests, say

for request in requests():
    if request.get("ciphertext") == "three":
        os.close(1)
        time.sleep(60)
    say(answer(request))
    if request["op"] == "bye":
        break
