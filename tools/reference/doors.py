"""The commands, their settings, and what `run --json` and `compare --json` write."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from harness.cli import commands
from harness.cli.common import BROKEN, FAILED, NOTHING, PASSED, USAGE
from harness.config import FILE, SETTINGS, Setting
from harness.console import INTERRUPTED
from tools.reference.markdown import code, fence, page, sentence, table

__all__ = ["command_lines", "comparison", "configuration", "results"]

NAME = "httpsms-harness"
SCHEMAS = Path(__file__).parents[2] / "docs" / "schemas"

EXIT_CODES = (
    (PASSED, "passed"),
    (FAILED, "an expectation failed"),
    (USAGE, "wrong usage, configuration or scenario"),
    (BROKEN, "the harness or a server failed"),
    (NOTHING, "nothing to run"),
    (INTERRUPTED, "interrupted"),
)

# -- commands ----------------------------------------------------------------------------------------------------------

_COMMANDS = """\
# Commands

Results go to standard output, everything else to standard error. `-` as a file is standard output. Many options may be
set for a project: [Configuration](configuration.md).
"""


def command_lines() -> str:
    """The help of every command, as a terminal of 80 columns shows it."""
    root = commands.context_class(commands, info_name=NAME, terminal_width=80, **commands.context_settings)
    return page(
        [_COMMANDS, *table(("exit code", "means"), EXIT_CODES)],
        *([f"## {path}", *fence("text", text)] for path, text in sorted(_helps(root, commands))),
    )


def _helps(context: click.Context, command: click.Command) -> Iterator[tuple[str, str]]:
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from _helps(inner.context_class(inner, parent=context, info_name=name), inner)
    else:
        text = command.get_help(context)
        yield context.command_path, "\n".join(line.rstrip() for line in text.splitlines())


# -- settings ----------------------------------------------------------------------------------------------------------

_CONFIGURATION = f"""\
# Configuration

What the options of commands are by default in a project. The later of these wins:

1. `{FILE}`, or `[tool.{NAME}]` in `pyproject.toml`, whichever is found first from the working directory upwards;
2. `.env` in the working directory;
3. the environment;
4. the command line.

`{NAME} config show` tells each value and where it comes from. An unknown name is an error.

```toml
# {FILE}
server = "https://sms.example.com"

[phones]
shop = "+18005550150"

[run]
paths = ["stories"]
```

A name with a dot stands in a table, as `run.paths` does here. A relative path in a file is meant from its folder.
In `.env` and in the environment lists are set apart by blanks. Secrets are best kept there; none is ever shown.
"""


def configuration() -> str:
    rows = [
        (code(one.name), _kind(one), ", ".join(map(code, one.commands)), _variables(one), sentence(one.about))
        for one in SETTINGS
    ]
    return page([_CONFIGURATION], table(("setting", "is", "of", "in the environment", "means"), rows))


def _kind(setting: Setting) -> str:
    kind = ", ".join(map(code, setting.choices)) if setting.choices else _KINDS[setting.kind]
    return f"{kind}; secret" if setting.secret else kind


_KINDS = {
    "text": "text",
    "number": "number",
    "seconds": "seconds",
    "flag": "true or false",
    "texts": "list of texts",
    "path": "path",
    "paths": "list of paths",
    "people": "table of names and numbers",
}


def _variables(setting: Setting) -> str:
    return ", ".join(map(code, (setting.variable, *setting.variables)))


# -- results -----------------------------------------------------------------------------------------------------------

_RESULTS = """\
# Results as JSON

What `run --json FILE` writes ([JSON Schema](../schemas/results.schema.json)). Every field is always there. New fields
may come; another meaning of one is another `schema`.
"""


_COMPARISON = """\
# Comparisons as JSON

What `compare --json FILE` writes ([JSON Schema](../schemas/comparison.schema.json)). Every field is always there. New
fields may come; another meaning of one is another `schema`. [Compare two targets](../how-to/compare.md) explains what
is a difference.
"""


def results() -> str:
    return _form_page(_RESULTS, "results.schema.json")


def comparison() -> str:
    return _form_page(_COMPARISON, "comparison.schema.json")


def _form_page(begin: str, file: str) -> str:
    schema = json.loads((SCHEMAS / file).read_text(encoding="utf-8"))
    return page(
        [begin, *_object(schema)],
        *([f"## {sentence(f'a {name}')[:-1]}", *_object(form)] for name, form in schema["$defs"].items()),
    )


def _object(form: Mapping[str, Any]) -> list[str]:
    return table(("field", "is", "means"), _members(form, ""))


def _members(form: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str, str]]:
    for name, member in form["properties"].items():
        yield code(prefix + name), _type(member), sentence(about) if (about := member.get("description")) else ""
        for inner, mark in _objects(member):
            yield from _members(inner, f"{prefix}{name}{mark}.")


def _objects(member: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], str]]:
    """The objects that are told in the same table: that of the field itself, and those in its list."""
    for form, mark in (
        (member, ""),
        (member.get("items", {}), "[]"),
        *((each, "") for each in member.get("oneOf", ())),
    ):
        if "properties" in form:
            yield form, mark


def _type(member: Mapping[str, Any]) -> str:
    match member:
        case {"const": value}:
            return code(str(value))
        case {"enum": values}:
            return ", ".join(map(code, values))
        case {"$ref": place}:
            return _link(place)
        case {"oneOf": forms}:
            return " or ".join(sorted({_type(form) for form in forms} - {"null"})) + " or null"
        case {"type": "array", "items": items}:
            return f"list of {_type(items)}"
        case {"type": list() as types}:
            return " or ".join(types)
        case _:
            return str(member["type"])


def _link(place: str) -> str:
    name = place.rpartition("/")[2]
    return f"[{name}](#a-{name})"
