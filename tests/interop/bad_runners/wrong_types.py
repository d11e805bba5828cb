"""Answers with numbers, lists, nothing at all, and another call's field."""

from __future__ import annotations

from good import answer, requests, say

WRONG = {
    "one": {"text": 5},
    "two": {"text": ["t"]},
    "three": {},
    "four": {"ciphertext": "c"},
    "five": {"text_hex": "xy"},
}
for request in requests():
    wrong = WRONG.get(request.get("ciphertext", ""))
    say(answer(request) if wrong is None else {"id": request["id"], **wrong})
    if request["op"] == "bye":
        break
