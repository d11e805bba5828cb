"""Answers as it should, into a buffer that is written at the end."""

from __future__ import annotations

import json

from good import answer, requests

for request in requests():
    print(json.dumps(answer(request)))
