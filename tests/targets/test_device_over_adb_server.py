"""Stories on a device that is reached through adb's own server, as one on USB is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.adb_peers.servers import Adb, found_adb, server
from tests.cli.inside import call
from tests.cli.stories import write
from tests.targets.fake_apps import app_device

STORY = """
scenario: There and back
phones: [alice]
contacts: [bob]
steps:
  - text: {from: bob, to: alice, text: Hello}
  - expect: {webhook: message.phone.received, text: Hello}
  - send: {from: alice, to: bob, text: "It's $HOME"}
  - expect: {sms: {to: bob, text: "It's $HOME"}}
"""
ROWS = [("+18005550101", "Hello"), ("+18005550101", "It's $HOME")]


@pytest.mark.parametrize("which", ["debian", "newest"])
def test_a_story_runs_over_adbs_own_server_and_leaves_nothing_in_it(which: str, tmp_path: Path) -> None:
    binary = found_adb(which)
    if binary is None:
        pytest.skip(f"no adb here: {which}")
    path = str(write(tmp_path, STORY))
    with app_device() as android, server(binary, tmp_path) as adb:
        serial = adb.connect(android.address)
        told = {}
        for mode in ("radio", "app"):
            device = ("--device", f"adb:{serial}", "--adb-server", str(adb.port), *(["--app"] if mode == "app" else []))
            told[mode] = call("run", path, *device, folder=tmp_path, HOME=str(tmp_path))
            assert reversed_by(adb, serial) == []
        rows = [(row.address, row.body) for row in android.device.sms.rows]
    assert [done.code for done in told.values()] == [0, 0], told
    assert rows == ROWS * 2


def reversed_by(adb: Adb, serial: str) -> list[str]:
    """What leads from ports of the device to this machine."""
    return adb("reverse", "--list", serial=serial).text.split()
