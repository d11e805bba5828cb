"""Every command of the fake device, by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from harness.fake_device.commands_apps import APP_COMMANDS
from harness.fake_device.commands_files import FILE_COMMANDS
from harness.fake_device.commands_log import LOG_COMMANDS
from harness.fake_device.commands_phone import PHONE_COMMANDS
from harness.fake_device.commands_shell import SHELL_COMMANDS
from harness.fake_device.commands_system import SYSTEM_COMMANDS
from harness.fake_device.shell import Command

__all__ = ["COMMANDS"]

COMMANDS: Mapping[str, Command] = MappingProxyType(
    {**SHELL_COMMANDS, **FILE_COMMANDS, **SYSTEM_COMMANDS, **LOG_COMMANDS, **APP_COMMANDS, **PHONE_COMMANDS}
)
