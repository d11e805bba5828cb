"""Stories for the command to run, and files that they are written into."""

from __future__ import annotations

from pathlib import Path

__all__ = ["DEFECT", "FAILS", "PASSES", "SKIPS", "write"]

PASSES = """\
scenario: A text arrives
phones: [alice]
contacts: [bob]
steps:
  - send: {from: alice, to: bob, text: Hello}
    as: hello
  - expect: {message: hello, status: delivered}
"""
FAILS = """\
scenario: It's a text that never arrives
phones:
  alice: {encryption_key: Password123}
contacts: [bob]
steps:
  - carrier: {phone: alice, service: none}
  - send: {from: alice, to: bob, text: Hello, encrypted: true}
    as: hello
  - expect: {message: hello, status: delivered}
"""
SKIPS = PASSES.replace("A text arrives", "Not today").replace("phones:", "skip: it is Sunday\ntags: [slow]\nphones:")
DEFECT = FAILS.replace("It's a text", "A defect, and a text").replace("phones:", "expect_failure: bug 7\nphones:")


def write(folder: Path, content: str | bytes, name: str = "story.scenario.yaml") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path
