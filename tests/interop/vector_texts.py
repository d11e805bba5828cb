"""Small files of vectors for tests."""

from __future__ import annotations

import copy
import json
from typing import Any

from harness.interop.reading import ALGORITHM, SCHEMA

Path = tuple[str | int, ...]

KEY, TEXT = "key", "Hello"

IV = "000102030405060708090a0b0c0d0e0f"

FLAG = {"bugType": "BASIC", "description": "what it is", "effect": "what can happen", "remedy": "what to do"}
DECRYPT = {
    "tcId": 1,
    "comment": "a text",
    "flags": ["Basic"],
    "key": KEY,
    "ciphertext": "AAAA",
    "text": TEXT,
    "result": "valid",
}
ENCRYPT = {**DECRYPT, "tcId": 2, "iv": IV}
IVS = {
    "tcId": 3,
    "comment": "a series",
    "flags": [],
    "key": KEY,
    "text": TEXT,
    "encryptions": 20,
    "result": "valid",
}
SUITE: dict[str, Any] = {
    "algorithm": ALGORITHM,
    "schema": SCHEMA,
    "numberOfTests": 3,
    "notes": {"Basic": FLAG},
    "testGroups": [
        {"type": "EnvelopeDecrypt", "name": "texts", "tests": [DECRYPT]},
        {"type": "EnvelopeEncrypt", "name": "answers", "tests": [ENCRYPT]},
        {"type": "EnvelopeIvs", "name": "ivs", "tests": [IVS]},
    ],
}
RECORDED: dict[str, Any] = {
    "schema": "httpsms-cipher-cases/1",
    "operation": "decrypt",
    "count": 1,
    "groups": [
        {
            "name": "text",
            "cases": [
                {
                    "id": "d1",
                    "comment": "a text",
                    "flags": ["Basic"],
                    "key": KEY,
                    "ciphertext": "AAAA",
                    "text": TEXT,
                    "result": "valid",
                }
            ],
        }
    ],
}
ABSENT = object()
"""Takes a field away."""


def changed(whole: dict[str, Any], place: Path, value: object) -> str:
    """The JSON of `whole` with another value at a place."""
    made = copy.deepcopy(whole)
    *above, last = place
    inner: Any = made
    for step in above:
        inner = inner[step]
    if value is ABSENT:
        del inner[last]
    else:
        inner[last] = value
    return json.dumps(made)


def in_test(group: int, field: str) -> Path:
    """The place of a field of the only test of a group."""
    return ("testGroups", group, "tests", 0, field)
