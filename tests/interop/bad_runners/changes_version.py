"""Says another version each time it is started, and dies now and then."""

from __future__ import annotations

import os
import sys

from good import answer, requests, say

with open("starts", "ab") as starts:
    starts.write(b".")
for number, request in enumerate(requests()):
    if number == 3 and request["op"] != "bye":
        sys.exit(3)
    told = {"version": f"1.{os.path.getsize('starts')}"} if request["op"] == "hello" else {}
    say({**answer(request), **told})
    if request["op"] == "bye":
        break
