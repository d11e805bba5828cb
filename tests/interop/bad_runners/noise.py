"""Prints a banner, a log, blank lines, and bytes that are no text."""

from __future__ import annotations

import sys

from good import answer, requests, say

print("Welcome to the runner!\n\n", flush=True)
for request in requests():
    sys.stdout.buffer.write(b'{"level":"info","msg":"asked"}\n\xff\xfe\xfd\n')
    say(answer(request))
    if request["op"] == "bye":
        break
