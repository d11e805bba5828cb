"""Scenario files as the tests write them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.errors import ScenarioError, ScenarioErrors
from harness.scenario import Scenario, Step, read_scenarios

HEAD = """\
scenario: s
phones: {alice: {encryption_key: Pw1}, carol: {second_number: "+18005550177"}}
contacts: [bob]
steps:
"""
PATH = "s.yaml"


def read(text: str | bytes, parts: Mapping[str, str | bytes] | None = None) -> tuple[Scenario, ...]:
    """The stories of a file beside which there are these others."""

    def part(path: str) -> bytes:
        if parts is None or path not in parts:
            raise FileNotFoundError(2, "No such file or directory", path)
        return _bytes(parts[path])

    return read_scenarios(_bytes(text), PATH, part)


def _bytes(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text


def steps(*lines: str, parts: Mapping[str, str | bytes] | None = None) -> tuple[Step, ...]:
    """The steps of a story with the phones alice (who encrypts) and carol and the contact bob; a line each."""
    (story,) = read(HEAD + "".join(f"  - {line}\n" for line in lines), parts)
    return story.steps


def error_of(text: str | bytes, parts: Mapping[str, str | bytes] | None = None) -> ScenarioError | None:
    """What is wrong with a file."""
    try:
        read(text, parts)
    except ScenarioError as error:
        return error
    return None


def last(*lines: str, parts: Mapping[str, str | bytes] | None = None) -> Any:
    """What the last step of a story with such steps does or looks for."""
    return steps(*lines, parts=parts)[-1].what


def problems(*lines: str, parts: Mapping[str, str | bytes] | None = None) -> list[str]:
    """What is wrong with a story with such steps."""
    error = error_of(HEAD + "".join(f"  - {line}\n" for line in lines), parts)
    if isinstance(error, ScenarioErrors):
        return [one.problem for one in error.errors]
    return [] if error is None else [error.problem]
