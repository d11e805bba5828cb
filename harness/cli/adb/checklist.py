"""`adb checklist`: what only a real device can prove, proven on the user's own."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.cli.adb.options import ADB_SERVER, CONSOLE_TOKEN_FILE
from harness.cli.common import COLOR, FAILED, PASSED, check_outputs, finish, write
from harness.console import show, talk, wants_colour

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.targets import TargetOptions
    from harness.targets.device_checklist import Checked, Report

__all__ = ["checklist"]

_MARKS = {"held": ("✓", "green"), "broken": ("✗", "red"), "not tried": ("·", None)}
_INDENT = " " * 23
_SEEN_MAX = 100


def _number(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    from harness.errors import InvalidNumber
    from harness.sms import PhoneNumber

    try:
        return None if value is None else str(PhoneNumber.parse(value))
    except InvalidNumber as error:
        raise click.BadParameter(str(error)) from None


@click.command(short_help="Prove on a device what stories rely on.")
@click.argument("serial")
@click.option(
    "--allow",
    callback=_number,
    metavar="NUMBER",
    help="This number gets one text from the device. Without it hardware sends none; an emulator's text goes nowhere.",
)
@click.option("--airplane", is_flag=True, help="Switch the radio of hardware off for a moment, too.")
@click.option(
    "--seen-within",
    type=click.FloatRange(0, min_open=True),
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="A text that is not in the device's inbox by then is lost.",
)
@CONSOLE_TOKEN_FILE
@ADB_SERVER
@click.option("--markdown", "markdown_file", metavar="FILE", help="Write the report there, for a bug (- = stdout).")
@click.option("--json", "json_file", metavar="FILE", help="Write the report there as JSON (- = stdout).")
@COLOR
def checklist(
    serial: str, allow: str | None, airplane: bool, seen_within: float, console_token_file: Path | None,
    adb_server: str, markdown_file: str | None, json_file: str | None, color: str,
) -> int:  # fmt: skip
    """Prove on a device what stories rely on: its shell, texts in and out, calls, the radio, the app.

    SERIAL is what `adb devices` shows, or HOST:PORT of a device that listens there. An emulator is texted and called.
    What can be taken off the device again is; texts cannot, and the report says which are left. It names neither the
    allowed number nor the serial of hardware, and shows no text but those of its own.

    The exit code is 0 if nothing is broken, 1 if something is that stories rely on, 3 without a device.

    \b
    httpsms-harness adb checklist emulator-5554 --markdown report.md
    httpsms-harness adb checklist R58M12ABCDE --allow +18005550100
    """
    check_outputs(markdown_file, json_file)
    from harness.targets import TargetOptions
    from harness.targets.device_checklist import as_json, as_markdown

    options = TargetOptions(
        "device", device=serial.removeprefix("adb:"), allow=() if allow is None else (allow,),
        console_token_file=console_token_file, adb_server=adb_server, seen_within_s=seen_within,
    )  # fmt: skip
    tell = talk if "-" in (markdown_file, json_file) else show
    coloured = wants_colour(color, sys.stderr if tell is talk else sys.stdout)
    report = finish(_walked(options, airplane, lambda each: tell(lines_of(each, coloured=coloured))))
    tell(last_lines(report))
    if markdown_file is not None:
        write(markdown_file, as_markdown(report).rstrip("\n"))
    if json_file is not None:
        write(json_file, json.dumps(as_json(report), indent=2))
    return PASSED if report.is_well else FAILED


async def _walked(options: TargetOptions, airplane: bool, tell: Callable[[Checked], object]) -> Report:
    from harness.targets.device_checklist import bench_of, walk

    async with bench_of(options, may_switch=airplane, warn=talk) as bench:
        return await walk(bench, tell)


def lines_of(checked: Checked, *, coloured: bool) -> str:
    """A line for what came of it, and under what is broken or was not tried why."""
    from harness.targets.device_checks import Broken, Held, NotTried

    mark, colour = _MARKS[checked.result]
    shown = click.style(mark, fg=colour) if coloured and colour else mark
    lines = [f"{shown} {checked.assumption.id.ljust(len(_INDENT) - 2)}{checked.assumption.sentence}"]
    match checked.verdict:
        case Held(seen):
            lines.append(_INDENT + _short(seen))
        case Broken(why, _):
            means = "nothing relies on it" if not checked.assumption.relied_on else checked.assumption.means
            lines += [_INDENT + _short(why), f"{_INDENT}→ {means}"]
        case NotTried(why, remedy):
            lines += [f"{_INDENT}not tried: {_short(why)}", f"{_INDENT}→ {remedy}"]
    return "\n".join(lines)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SEEN_MAX else f"{line[: _SEEN_MAX - 1]}…"


def last_lines(report: Report) -> str:
    """The counts, and what is left on the device."""
    return "\n".join([f"{report.device}: {report.counts}", *[f"left on the device: {each}" for each in report.left]])
