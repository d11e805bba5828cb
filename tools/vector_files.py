"""Files of vectors: how their JSON is written, and the commands that write them or say whether they are current."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

__all__ = ["Json", "command", "json_text", "text_fields"]

Json = dict[str, Any]
_END = "\n}"
_HALF = re.compile("[\ud800-\udfff]")


def text_fields(name: str, text: str | None) -> Json:
    """A text as a field, and its UTF-16 units in hex as another one where it has halves of surrogate pairs, which not
    every JSON library keeps. None is no field."""
    if text is None:
        return {}
    if not _HALF.search(text):
        return {name: text}
    return {name: text, f"{name}Utf16": text.encode("utf-16-be", "surrogatepass").hex()}


def json_text(whole: Mapping[str, Any]) -> str:
    """The text of a file: ASCII, a test a line. `whole` has `testGroups` last, and each of them `tests`."""
    top = json.dumps({name: value for name, value in whole.items() if name != "testGroups"}, indent=1)
    groups = _lines(map(_group, whole["testGroups"]))
    return f'{top.removesuffix(_END)},\n "testGroups": [\n{groups}\n ]{_END}\n'


def _group(group: Json) -> str:
    head = json.dumps({name: value for name, value in group.items() if name != "tests"})
    tests = _lines(f"   {json.dumps(test)}" for test in group["tests"])
    return f'  {head.removesuffix("}")}, "tests": [\n{tests}\n  ]}}'


def _lines(items: Iterable[str]) -> str:
    return ",\n".join(items)


def command(
    module: str,
    arguments: Sequence[str],
    place: Path,
    made: Callable[[], tuple[str, str]],
    say: Callable[[str], object],
) -> int:
    """What `python -m module` does with these arguments, as an exit code.

    Without any it writes the file anew; with `--check` it says whether the file is what would be written: 1 if not.
    `made` gives the text of the file and a summary of it.
    """
    if [*arguments] not in ([], ["--check"]):
        say(f"python -m {module} [--check]")
        return 2
    text, summary = made()
    if not arguments:
        place.write_text(text, encoding="ascii")
        say(summary)
        return 0
    is_current = place.is_file() and place.read_text(encoding="ascii") == text
    say(f"{place.name}: {'up to date' if is_current else f'write it anew with python -m {module}'}")
    return 0 if is_current else 1
