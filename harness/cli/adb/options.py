"""What the commands about devices have in common."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["ADB_SERVER", "CONSOLE_TOKEN_FILE", "adb_server", "serial"]

_PREFIX = "adb:"


def serial(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    """What stands behind `adb:`; None for `none`, which undoes a setting."""
    if value is None or value == "none":
        return None
    if not value.startswith(_PREFIX) or not value[len(_PREFIX) :].strip():
        raise click.BadParameter(f"{value!r} is no device; write it like adb:emulator-5554 or adb:127.0.0.1:5555")
    return value[len(_PREFIX) :]


def adb_server(_context: click.Context, _option: click.Parameter, value: str) -> str:
    """`auto`, `never`, or a port."""
    if value in ("auto", "never") or (value.isascii() and value.isdecimal() and 0 < int(value) < 65536):
        return value
    raise click.BadParameter(f"{value!r} is none of auto, never, and a port such as 5037")


ADB_SERVER = click.option(
    "--adb-server",
    callback=adb_server,
    default="auto",
    show_default=True,
    metavar="auto|never|PORT",
    help="Whether the device is reached through this machine's adb server: if there is one, never, or by its port.",
)
CONSOLE_TOKEN_FILE = click.option(
    "--console-token-file",
    type=click.Path(dir_okay=False, exists=True, path_type=Path),
    metavar="FILE",
    help="The token that an emulator's console asks for. [default: .emulator_console_auth_token in your home]",
)
