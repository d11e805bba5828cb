"""Dies at every third call, whatever it is."""

from __future__ import annotations

import sys

from good import answer, requests, say

for number, request in enumerate(requests()):
    if request["op"] == "bye":
        say(answer(request))
        break
    if number == 3:
        sys.exit("out of luck")
    say(answer(request))
