"""Prints without an end after one of the texts, and answers nothing any more."""

from __future__ import annotations

import json
import sys

from good import answer, requests, say

for request in requests():
    if request.get("ciphertext") == "two":
        sys.stdout.write(json.dumps(answer(request)) + "\n" + "still working\n" * 2)  # in one piece
        sys.stdout.flush()
        while True:
            print("still working")
    say(answer(request))
    if request["op"] == "bye":
        break
