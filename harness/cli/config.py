"""`config`: what the options are in this folder, and why. And how settings come to the commands."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.cli.common import PASSED
from harness.console import show

if TYPE_CHECKING:
    from harness.config import Config, Setting, Value

__all__ = ["Commands", "config"]

_HELP = ("-h", "--help")


class Commands(click.Group):
    """The command whose subcommands take from files and from the environment what nobody typed."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name, command, rest = super().resolve_command(ctx, args)
        # Help answers whatever is in the files.
        if command is not None and name != "config" and not any(arg in _HELP for arg in rest):
            from harness.config import load

            found = load(Path.cwd(), os.environ)
            ctx.default_map = {name or "": _defaults(found, command, name or "")}
        return name, command, rest


def _defaults(found: Config, command: click.Command, path: str) -> dict[str, Any]:
    """What click takes where nothing was typed; of a group those of its subcommands."""
    if isinstance(command, click.Group):
        return {name: _defaults(found, each, f"{path} {name}") for name, each in command.commands.items()}
    defaults = {}
    for setting in found.given(path):
        option = _option(command, setting)
        if option is not None:
            # Worked out when it is needed: whoever types a port need not mind what is in APP_PORT.
            defaults[option.name] = partial(_taken, found, setting, option)
    return defaults


def _taken(found: Config, setting: Setting, option: Any) -> Any:
    value = found.value(setting)
    if value is None:
        return None
    if setting.kind == "people":
        return tuple("=".join(person) for person in value.value)
    return (value.value,) if option.multiple and not isinstance(value.value, tuple) else value.value


def _option(command: click.Command, setting: Setting) -> Any:
    """The command's option, or argument, that the setting is of."""
    return next((each for each in command.params if {each.name, *each.opts} & set(setting.options)), None)


@click.group()
def config() -> None:
    """What is set in this folder, and where.

    Each option that makes sense as a setting may stand in a file: httpsms-harness.toml, or [tool.httpsms-harness] in
    pyproject.toml, in this folder or above it. A line of .env or a variable of the environment wins over it, and the
    command line over both.

    \b
    seed = 7                       # in httpsms-harness.toml
    server = "http://127.0.0.1:8000"
    [phones]
    alice = "+18005550199"

    \b
    HTTPSMS_HARNESS_SEED=7         # in .env, or in the environment

    \b
    httpsms-harness config show
    """


@config.command("show", short_help="List every setting, its value, and where it comes from.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def show_(as_json: bool) -> int:
    """List every setting, its value, and where it comes from. Secrets are not shown.

    \b
    httpsms-harness config show
    httpsms-harness config show --json
    """
    from harness.config import SETTINGS, load

    found = load(Path.cwd(), os.environ)
    values = [(setting, found.value(setting)) for setting in SETTINGS]
    if as_json:
        show(json.dumps(_as_json(found, values), indent=2))
        return PASSED
    show(_read(found))
    rows = [(setting.name, _shown(setting, value), "default" if value is None else value.origin)
            for setting, value in values]  # fmt: skip
    show(_table(rows))
    return PASSED


def _read(found: Config) -> str:
    read = [str(path) for path in (found.file, found.dotenv) if path is not None]
    return f"read: {', '.join(read) or 'no file; there is none here or above'}\n"


def _shown(setting: Setting, value: Value | None) -> str:
    if value is None:
        return _text(_default(setting))
    if setting.secret:
        return "***"
    return _text(["=".join(person) for person in value.value] if setting.kind == "people" else value.value)


def _text(value: Any) -> str:
    match value:
        case None | () | "":
            return "-"
        case bool():
            return "true" if value else "false"
        case tuple() | list():
            return " ".join(map(str, value))
        case _:
            return str(value)


def _default(setting: Setting) -> Any:
    """What the first of its commands takes where nothing is set."""
    commands: Any = click.get_current_context().find_root().command
    for path in setting.commands:
        command = commands
        for name in path.split():
            command = command.commands.get(name) if command is not None else None
        if command is not None and (option := _option(command, setting)) is not None:
            return option.to_info_dict()["default"]
    return None


def _as_json(found: Config, values: Iterable[tuple[Setting, Value | None]]) -> dict[str, Any]:
    return {
        "file": None if found.file is None else str(found.file),
        "dotenv": None if found.dotenv is None else str(found.dotenv),
        "settings": {
            setting.name: {
                "value": _plain(setting, value),
                "origin": "default" if value is None else value.origin,
                "variable": setting.variable,
                "commands": list(setting.commands),
            }
            for setting, value in values
        },
    }


def _plain(setting: Setting, value: Value | None) -> Any:
    if value is None:
        return _default(setting)
    if setting.secret:
        return "***"
    if setting.kind == "people":
        return dict(value.value)
    return value.value


def _table(rows: list[tuple[str, str, str]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    return "\n".join(
        f"{name:{widths[0]}}  {value:{min(widths[1], 40)}}  {origin}".rstrip() for name, value, origin in rows
    )
