"""Not bad at all: the protocol as it should be, and what the bad ones are made of."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

NAME, VERSION, CAN = "good", "1.0", ["encrypt", "decrypt", "iv"]


def requests() -> Iterator[dict[str, Any]]:
    """What is asked, one after the other."""
    for line in sys.stdin.buffer:
        yield json.loads(line)


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """A cipher that anybody can check: the text turned round."""
    match request["op"]:
        case "hello":
            said: dict[str, Any] = {"protocol": 1, "name": NAME, "version": VERSION, "can": CAN}
        case "encrypt":
            said = {"ciphertext": request["text"][::-1]}
        case "decrypt":
            said = {"text": request["ciphertext"][::-1]}
        case _:
            said = {}
    return {"id": request["id"], **said}


def say(said: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    for request in requests():
        say(answer(request))
        if request["op"] == "bye":
            break
