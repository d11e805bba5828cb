"""`adb`: Android devices and emulators. Each command stands in a module of its own."""

from __future__ import annotations

import click

from harness.cli.adb import checklist, devices, fake, probe

__all__ = ["adb"]


@click.group(short_help="Look at Android devices and emulators.")
def adb() -> None:
    """Look at Android devices and emulators: which there are, and what stories can do with them.

    \b
    httpsms-harness adb devices                 which there are
    httpsms-harness adb probe emulator-5554     what stories can do with one
    httpsms-harness adb checklist emulator-5554 what it proves of what stories rely on
    httpsms-harness adb fake                    one to try things with, without Android
    httpsms-harness run --device adb:emulator-5554
    """


for command in (checklist.checklist, devices.devices, fake.fake, probe.probe):
    adb.add_command(command)
