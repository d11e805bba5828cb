"""Ends its lines as Windows does, and the last one not at all."""

from __future__ import annotations

import json
import sys

from good import answer, requests

for request in requests():
    sys.stdout.write(json.dumps(answer(request)) + ("" if request["op"] == "bye" else "\r\n"))
    sys.stdout.flush()
    if request["op"] == "bye":
        break
