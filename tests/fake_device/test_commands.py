from __future__ import annotations

import pytest

from harness.fake_device import FakeDevice, Stat
from harness.fake_device.commands import COMMANDS


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_without_arguments_ends_or_waits(name: str) -> None:
    process = FakeDevice().start(name)
    process.end_input()
    process.take()
    process.cancel()
    assert process.code in range(256)


def test_every_command_is_a_file_of_the_system() -> None:
    files = FakeDevice().files
    assert all(isinstance(files.stat(f"/system/bin/{name}"), Stat) for name in COMMANDS)


def test_there_is_no_su() -> None:
    assert "su" not in COMMANDS
