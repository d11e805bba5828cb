"""Reading a thousand small scenario files, against the YAML loader alone: what pytest's collection has to wait for."""

from __future__ import annotations

import time
from collections.abc import Callable

import yaml
from table import median_of, show

from harness.scenario import read_scenarios

FILES = 1000
GOAL_S = 1.0

STORY = """\
scenario: Story {number}
tags: [smoke]
phones:
  alice: {{encryption_key: Password123}}
contacts: [bob]
steps:
  - send: {{from: alice, to: bob, text: "This is test {number}", encrypted: true}}
    as: greeting
  - expect: {{sms: {{to: bob, from: alice, text: {{contains: "test {number}"}}}}}}
  - expect: {{message: greeting, status: delivered, within: 5s}}
  - text: {{from: bob, to: alice, text: Thank you}}
  - expect: {{webhook: message.phone.received, text: Thank you}}
"""
TABLE = """\
scenario: Table {number}
variables: {{code: "{number}"}}
for_each:
  - {{sim: 1}}
  - {{sim: 2}}
phones:
  alice: {{second_number: "+18005550199"}}
contacts: [bob]
steps:
  - send: {{from: alice, sim: "${{sim}}", to: bob, text: "Your code is ${{code}}, ${{unique}}"}}
  - repeat: {{times: 3, steps: [{{expect: {{sms: {{to: bob, text: {{contains: "${{code}}"}}}}}}}}]}}
"""
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def contents(story: str) -> list[tuple[str, bytes]]:
    return [(f"stories/{number}.scenario.yaml", story.format(number=number).encode()) for number in range(FILES)]


def timed(files: list[tuple[str, bytes]], read: Callable[[str, bytes], object]) -> float:
    began = time.process_time()
    for path, content in files:
        read(path, content)
    return time.process_time() - began


def loaded(_path: str, content: bytes) -> object:
    return list(yaml.load_all(content, Loader=_LOADER))


def main() -> None:
    rows = []
    for name, story in (("small files", STORY), ("files with tables", TABLE)):
        files = contents(story)
        ours = median_of(5, lambda files=files: timed(files, lambda path, content: read_scenarios(content, path)))[1]  # type: ignore[misc]
        plain = median_of(5, lambda files=files: timed(files, loaded))[1]  # type: ignore[misc]
        rows.append((f"{FILES:,} {name}", f"{ours:.2f} s", f"goal < {GOAL_S:.0f} s" if story is STORY else ""))
        rows.append((f"{FILES:,} {name}, {_LOADER.__name__} alone", f"{plain:.2f} s", f"ratio {ours / plain:.2f}"))
    show("scenario files read", rows)


if __name__ == "__main__":
    main()
