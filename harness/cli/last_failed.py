"""What failed the last time: a file in the working directory, `.httpsms-harness/last-failed.json`."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from harness.console import talk

if TYPE_CHECKING:
    from harness.outcome import Outcome
    from harness.scenario.plan import Scenario

__all__ = ["FILE", "failed_before", "remember"]

FILE = Path(".httpsms-harness") / "last-failed.json"
_VERSION = 1

_Story = tuple[str, str]
"""The file, as seen from the working directory, and the title."""


def failed_before(stories: Sequence[Scenario]) -> list[Scenario]:
    """Those of the stories that failed when they ran last."""
    failed = _read()
    return [story for story in stories if (_path(story.place.path), story.title) in failed]


def remember(outcomes: Iterable[Outcome]) -> None:
    """What failed stays until it has passed, with every seed of a run. Nothing is written where nothing changes."""
    passed: set[_Story] = set()
    failed: set[_Story] = set()
    for outcome in outcomes:
        (passed if outcome.passed else failed).add((_path(outcome.path), outcome.title))
    before = _read()
    now = before - passed | failed
    if now != before:
        _write(now)


def _path(path: str) -> str:
    return os.path.relpath(path) if path else ""


def _read() -> frozenset[_Story]:
    try:
        kept = json.loads(FILE.read_text(encoding="utf-8"))
        stories = kept["stories"] if kept["version"] == _VERSION else []
        return frozenset((str(story["file"]), str(story["title"])) for story in stories)
    except FileNotFoundError:
        return frozenset()
    except (OSError, ValueError, KeyError, TypeError) as error:
        talk(f"{FILE} cannot be read and is not used: {type(error).__name__}")
        return frozenset()


def _write(failed: frozenset[_Story]) -> None:
    stories = [{"file": file, "title": title} for file, title in sorted(failed)]
    try:
        FILE.parent.mkdir(exist_ok=True)
        (FILE.parent / ".gitignore").write_text("*\n", encoding="utf-8")
        FILE.write_text(json.dumps({"version": _VERSION, "stories": stories}, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        talk(f"{FILE} cannot be written ({error.strerror}): --last-failed will not know of this run")
