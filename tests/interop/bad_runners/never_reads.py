"""Says hello to nobody, reads nothing, and waits."""

from __future__ import annotations

import time

from good import answer, say

say(answer({"id": 1, "op": "hello"}))
time.sleep(60)
