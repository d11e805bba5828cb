"""Starts only once, and dies of its second call."""

from __future__ import annotations

import os
import sys

from good import answer, requests, say

if os.path.exists("starts"):
    sys.exit("another one is running")
open("starts", "wb").close()
for number, request in enumerate(requests()):
    if number == 2:
        sys.exit(3)
    say(answer(request))
