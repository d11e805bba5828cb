"""Says that it takes an IV, and draws its own."""

from __future__ import annotations

from good import answer, requests, say

for request in requests():
    said = answer(request)
    if "ciphertext" in said:
        said["ciphertext"] = "AN IV OF MY OWN, " + said["ciphertext"]
    say(said)
    if request["op"] == "bye":
        break
