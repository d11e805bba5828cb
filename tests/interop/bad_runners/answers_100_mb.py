"""Answers one of the texts with a line of 100 MB."""

from __future__ import annotations

import sys

from good import answer, requests, say

for request in requests():
    if request.get("ciphertext") == "three":
        sys.stdout.write(f'{{"id":{request["id"]},"text":"')
        for _ in range(100):
            sys.stdout.write("a" * 1_000_000)
        sys.stdout.write('"}\n')
    else:
        say(answer(request))
    if request["op"] == "bye":
        break
