"""Scenario files as the tests write them."""

from __future__ import annotations

from harness.errors import ScenarioError
from harness.scenario import Scenario, Step, read_scenarios

HEAD = """\
scenario: s
phones: {alice: {encryption_key: Pw1}, carol: {second_number: "+18005550177"}}
contacts: [bob]
steps:
"""


def read(text: str | bytes) -> tuple[Scenario, ...]:
    return read_scenarios(text.encode() if isinstance(text, str) else text, "s.yaml")


def steps(*lines: str) -> tuple[Step, ...]:
    """The steps of a story with the phones alice (who encrypts) and carol and the contact bob; a line each."""
    (story,) = read(HEAD + "".join(f"  - {line}\n" for line in lines))
    return story.steps


def error_of(text: str | bytes) -> ScenarioError | None:
    """What is wrong with a file."""
    try:
        read(text)
    except ScenarioError as error:
        return error
    return None
