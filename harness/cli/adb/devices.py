"""`adb devices`: which there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from harness.cli.adb.options import ADB_SERVER
from harness.cli.common import NOTHING, PASSED, finish
from harness.console import show, talk

if TYPE_CHECKING:
    from harness.targets.device_link import Listed

__all__ = ["devices"]


@click.command(short_help="List the devices that the adb server knows.")
@ADB_SERVER
def devices(adb_server: str) -> int:
    """List the devices and emulators that this machine's adb server knows, each with its state.

    A device that is reached over TCP without an adb server is in no list: name it as 127.0.0.1:5555. The exit code is 0
    if there is any, else 5.

    \b
    httpsms-harness adb devices
    httpsms-harness adb devices --adb-server 5038
    """
    from harness.targets.device_link import list_devices

    found = finish(list_devices(adb_server))
    if not found:
        talk("there is no device\n  switch USB debugging on, or start an emulator")
        return NOTHING
    show(table(found))
    return PASSED


def table(found: list[Listed]) -> str:
    """A line for each: its name, its state, and what it is."""
    width = max(len(one.serial) for one in found)
    states = max(len(one.state) for one in found)
    return "\n".join([f"{one.serial:{width}}  {one.state:{states}}  {one.words}".rstrip() for one in found])
