"""A wrapper around a process that hangs, as npm is one: the process that works is a child of this one.

The child holds a lock on the file `lock`, so that one can see whether it lives.
"""

from __future__ import annotations

import fcntl
import os
import sys
import time

from good import answer, requests, say

if os.fork():
    if "leaves" in sys.argv:
        os._exit(0)
    os.wait()
    sys.exit()
with open("lock", "wb") as lock:
    fcntl.flock(lock, fcntl.LOCK_EX)
    for request in requests():
        if request.get("ciphertext") == "three":
            time.sleep(60)
        say(answer(request))
        if request["op"] == "bye":
            break
