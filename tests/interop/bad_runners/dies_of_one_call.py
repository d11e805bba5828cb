"""Dies whenever it sees one of the texts: of a signal, and with many lines on stderr about it."""

from __future__ import annotations

import os
import signal
import sys

from good import answer, requests, say

for request in requests():
    if request.get("ciphertext") == "three":
        sys.stderr.write("panic: index out of range\n\ngoroutine 1 [running]:\nmain.main()\n\t/src/main.go:5 +0x1d\n")
        sys.stderr.flush()
        os.kill(os.getpid(), signal.SIGKILL)
    say(answer(request))
    if request["op"] == "bye":
        break
