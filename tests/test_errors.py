"""The tree of errors is the one that is drawn at the top of harness/errors.py."""

from __future__ import annotations

import re

import pytest

from harness import errors
from harness.errors import HarnessError

LINE = re.compile(r"^ {4}([│├└─ ]*)([A-Z]\w+)(?: {2,}\S.*)?$", re.MULTILINE)


def _drawn() -> dict[str, str]:
    """Each error of the drawing and the one that it hangs under."""
    parents: dict[str, str] = {}
    branch: list[str] = []
    for match in LINE.finditer(errors.__doc__ or ""):
        depth = len(match[1]) // 4
        branch[depth:] = [match[2]]
        parents[match[2]] = branch[depth - 1] if depth else "Exception"
    return parents


def _defined() -> dict[str, str]:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, HarnessError)]
    return {kind.__name__: kind.__bases__[0].__name__ for kind in kinds}


def test_the_drawing_is_the_tree() -> None:
    assert _drawn() == _defined()


def test_every_error_is_public() -> None:
    assert sorted(_defined()) == sorted(errors.__all__)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (errors.UsageError("no such file", "give another"), "no such file\n  give another"),
        (errors.UsageError("no such file"), "no such file"),
        (
            errors.ScenarioError("a.yaml", 3, 5, "unknown verb", "  - sned: x", "did you mean send?"),
            "a.yaml:3:5: unknown verb\n    - sned: x\n      ^\n  did you mean send?",
        ),
        # The caret stands below its letter, behind tabs and wide characters too; a blank line is not shown.
        (errors.ScenarioError("a.yaml", 1, 4, "wrong", "\t林a"), "a.yaml:1:4: wrong\n  \t林a\n  \t   ^"),
        (errors.ScenarioError("a.yaml", 1, 1, "wrong", "  "), "a.yaml:1:1: wrong"),
        (errors.ScenarioError("a.yaml", 1, 9, "wrong", "a"), "a.yaml:1:9: wrong\n  a\n          ^"),
        (
            errors.ScenarioErrors([errors.ScenarioError("a.yaml", line, 1, "wrong") for line in range(1, 13)]),
            "\n".join([f"a.yaml:{line}:1: wrong" for line in range(1, 11)] + ["and 2 more in a.yaml"]),
        ),
        (
            errors.StateFileError("a.db", "is read-only", "give another file"),
            "a.db: is read-only\n  give another file",
        ),
        (
            errors.StateNotKept("a.db", "the disk is full"),
            "a.db: the disk is full\n  everything that was answered is in it: once it can be written, start again",
        ),
        (errors.ConfigError("a.toml", 3, "no such setting"), "a.toml:3: no such setting"),
        (errors.ConfigError("HTTPSMS_HARNESS_SEED", 0, "no number"), "HTTPSMS_HARNESS_SEED: no number"),
        (
            errors.ConfigErrors([errors.ConfigError("a.toml", line, "wrong") for line in (1, 2)]),
            "a.toml:1: wrong\na.toml:2: wrong",
        ),
        (
            errors.WorkerLost("A text", -9),
            "the process that ran 'A text' is gone (signal 9): was it killed, or out of memory?",
        ),
        (
            errors.WorkerLost("A text", 1),
            "the process that ran 'A text' is gone (exit code 1): was it killed, or out of memory?",
        ),
        (errors.InvalidBase64("the phone"), "the ciphertext is not base64 as the phone accepts it"),
        (errors.CiphertextTooShort(3), "the ciphertext holds 3 bytes, fewer than the 16 bytes of the IV"),
        (errors.VectorError("a.json", "3:7", "no JSON"), "a.json:3:7: no JSON"),
        (errors.VectorError("a.json", "test 3, key", "is missing"), "a.json: test 3, key: is missing"),
        (errors.VectorError("a.json", "", "is nested too deeply"), "a.json: is nested too deeply"),
        (
            errors.VectorErrors([errors.VectorError("a.txt", f"{line}:1", "wrong") for line in range(1, 13)]),
            "\n".join([f"a.txt:{line}:1: wrong" for line in range(1, 11)] + ["and 2 more in a.txt"]),
        ),
        (errors.ProtocolError("phone", 7, "OFF"), "phone: int is illegal in the state OFF"),
        (errors.ServerUnreachable("http://localhost:1", "refused"), "http://localhost:1: refused"),
        (
            errors.ServerMisbehaved("http://localhost:1", 500, b"oh"),
            "http://localhost:1: unexpected answer 500: 'oh'",
        ),
    ],
)
def test_the_text_is_made_from_the_facts(error: HarnessError, text: str) -> None:
    assert str(error) == text
