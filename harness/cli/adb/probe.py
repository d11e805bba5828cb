"""`adb probe`: what stories can do with a device, what they cannot, why, and what to do about it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from harness.cli.adb.options import ADB_SERVER, CONSOLE_TOKEN_FILE
from harness.cli.common import BROKEN, COLOR, PASSED, check_outputs, finish, write
from harness.console import show, talk, wants_colour

if TYPE_CHECKING:
    from harness.targets import TargetOptions
    from harness.targets.device_probe import DeviceFindings

__all__ = ["probe"]

_MARKS = {True: ("✓", "green"), False: ("✗", "red"), None: ("·", None)}


@click.command(short_help="Find out what stories can do with a device.")
@click.argument("serial")
@CONSOLE_TOKEN_FILE
@ADB_SERVER
@click.option("--app", is_flag=True, help="What stories can do with the httpSMS app that is on it.")
@click.option("--json", "json_file", metavar="FILE", help="Write the findings there as JSON (- = stdout).")
@COLOR
def probe(
    serial: str, console_token_file: Path | None, adb_server: str, app: bool, json_file: str | None, color: str
) -> int:
    """Find out what stories can do with a device: texts out and in, calls, SIMs.

    SERIAL is what `adb devices` shows, or HOST:PORT of a device that listens there. Nothing is sent, and nothing on the
    device is changed. The exit code is 0 if stories can run with it, else 3.

    \b
    httpsms-harness adb probe emulator-5554
    httpsms-harness adb probe 127.0.0.1:5555 --adb-server never --json -
    """
    check_outputs(json_file)
    from harness.targets import TargetOptions
    from harness.targets.device_probe import as_json

    serial = serial.removeprefix("adb:")
    options = TargetOptions(
        "device", device=serial, console_token_file=console_token_file, adb_server=adb_server, app=app
    )
    found = finish(_examined(options))
    report = talk if json_file == "-" else show
    report(table(found, coloured=wants_colour(color, sys.stderr if report is talk else sys.stdout)))
    if json_file is not None:
        write(json_file, json.dumps(as_json(found), indent=2))
    return PASSED if found.can_run else BROKEN


async def _examined(options: TargetOptions) -> DeviceFindings:
    from harness.targets.device import open_device

    async with open_device(options, warn=talk) as device:
        return device.found


def table(found: DeviceFindings, *, coloured: bool) -> str:
    """A line for each finding, and under what is wrong the remedy."""
    width = max(len(finding.name) for finding in found.findings)
    lines = [found.facts.serial]
    for finding in found.findings:
        mark, colour = _MARKS[finding.ok]
        shown = click.style(mark, fg=colour) if coloured and colour else mark
        lines.append(f"{shown} {finding.name.ljust(width)}  {finding.words}")
        if finding.remedy and not finding.ok:
            lines.append(f"  {' ' * width}  → {finding.remedy}")
    return "\n".join(lines)
