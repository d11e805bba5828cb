"""A fake Android behind a door: its shell and its console, without a wire."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from harness.emulator.answers import Answer, Ok
from harness.emulator.commands import Command, GsmCall, GsmCancel, SmsSend
from harness.errors import ConsoleError
from harness.fake_device.device import FakeDevice

__all__ = ["Behind"]


@dataclass
class Behind:
    """A fake Android: its shell, and its console. `ko`: what the console says to everything."""

    device: FakeDevice
    ko: str | None = None
    typed: list[Command] = field(default_factory=list)
    ran: list[str] = field(default_factory=list)
    says: dict[str, str] = field(default_factory=dict)

    async def shell(self, command: str) -> Any:
        self.ran.append(command)
        if command in self.says:
            return SimpleNamespace(out=self.says[command].encode(), err=b"")
        return self.device.run(command, now_ms=1_000)

    async def do(self, command: Command) -> list[str]:
        if self.ko is not None:
            raise ConsoleError(self.device.serial, command.words, self.ko)
        await self.answered(command)
        return []

    async def answered(self, command: Command) -> Answer:
        """As whoever stands behind a console does."""
        self.typed.append(command)
        match command:
            case SmsSend(number, text):
                self.device.incoming_text(number, text, 2_000)
            case GsmCall(number):
                self.device.incoming_call(number)
            case GsmCancel(number):
                self.device.cancel_call(number)
        return Ok()
