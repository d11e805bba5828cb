"""The way to an Android device: its shell over adb, and an emulator's console.

Everything that the device is told is a command that phone-behaviour.md §9 describes; what it says comes back as values.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

from harness.device_radio import (
    Box,
    CallState,
    CallTold,
    EndCall,
    InjectText,
    NumberGuard,
    PlaceCall,
    Refusal,
    Refused,
    SendText,
    SmsRow,
    Taken,
    send_command,
    thrown,
    was_taken,
)
from harness.device_radio.rows import body_query, head_query, ids_query, newest_query, read_body, read_head, read_ids
from harness.emulator.answers import ABANDONED, CLOSED, NOT_A_CONSOLE
from harness.emulator.commands import Command, GsmCall, GsmCancel, SmsSend
from harness.errors import ConsoleError, DeviceRefused, UsageError

__all__ = ["AdbDoor", "Console", "ShellDoor", "said_by"]

T = TypeVar("T")

# Android's numbers for the states of a call (TelephonyManager.CALL_STATE_*).
_STATES = {"IDLE": "0", "RINGING": "1"}
# So long the phone has to show what the console has said of a call, and so often it is asked.
_CALL_S = 5.0
_EVERY_S = 0.25
_SHOWN_MAX = 200

ShellDoor = Callable[[str], Awaitable[tuple[str, str]]]
"""Runs a command in the device's shell: what it wrote, and what it complained of."""


class Console(Protocol):
    """An emulator's console, as harness.adapters.console_client has it."""

    async def do(self, command: Command) -> list[str]: ...


class _Shell(Protocol):
    async def shell(self, command: str) -> Any: ...


def said_by(device: _Shell) -> ShellDoor:
    """The shell of a linked device, its octets read as text."""

    async def run(command: str) -> tuple[str, str]:
        done = await device.shell(command)
        return done.out.decode(errors="replace"), done.err.decode(errors="replace")

    return run


class AdbDoor:
    """A `DeviceDoor`. `console` is None where there is none; `android` is the first number of the release.

    The device does one thing after the other.
    """

    def __init__(
        self,
        serial: str,
        shell: ShellDoor,
        console: Console | None,
        guard: NumberGuard,
        android: int,
        *,
        call_s: float = _CALL_S,
        every_s: float = _EVERY_S,
    ) -> None:
        self.serial = serial
        self._shell = shell
        self._console = console
        self._guard = guard
        self._android = android
        self._call_s = call_s
        self._every_s = every_s
        self._turn = asyncio.Lock()

    # -- out -----------------------------------------------------------------------------------------------------

    async def send(self, text: SendText) -> Taken | Refused:
        """Raises a `DeviceError` where there is no way to the device any more."""
        refusal = self._guard.refusal(text.to)
        if refusal is not None:
            return Refused(text.id, refusal)
        try:
            command = send_command(self._android, text.subscription_id, text.to, text.text)
        except LookupError:
            return Refused(text.id, f"nobody has looked up how Android {self._android} sends a text")
        async with self._turn:
            out, err = await self._shell(command)
        return Taken(text.id) if was_taken(out) else Refused(text.id, thrown(out) or _first_line(f"{err}\n{out}"))

    # -- in ------------------------------------------------------------------------------------------------------

    async def inject(self, text: InjectText) -> Taken | Refused:
        """Raises a `DeviceError` where the console does not answer."""
        why = await self._typed(SmsSend(text.sender, text.text))
        return Taken(text.id) if why is None else Refused(text.id, why)

    async def call(self, call: PlaceCall | EndCall) -> CallTold | Refused:
        """Returns once the phone shows the state, or cannot be asked for it."""
        state: CallState = "RINGING" if isinstance(call, PlaceCall) else "IDLE"
        why = await self._typed(GsmCall(call.caller) if isinstance(call, PlaceCall) else GsmCancel(call.caller))
        if why is not None:
            return Refused(call.id, why)
        told = await self._state_shown(state)
        if told is None:
            return CallTold(call.id, state, "console")
        if not told and state == "RINGING":
            return Refused(call.id, f"the console said OK and the phone did not ring within {self._call_s:g} s")
        return CallTold(call.id, state, "device" if told else "console")

    async def _typed(self, command: Command) -> str | None:
        """Types a command; why the console did not take it, or None. Raises a `DeviceError` where it is gone."""
        refusal = self._guard.injection_refusal()
        if refusal is not None or self._console is None:
            return refusal or "there is no way to the emulator's console"
        try:
            await self._console.do(command)
        except UsageError as error:
            return _first_line(str(error))
        except ConsoleError as error:
            if _is_lost(error, command):
                raise
            return _first_line(str(error))
        return None

    async def _state_shown(self, state: CallState) -> bool | None:
        """Whether the phone gets into this state in time; None where it does not tell its states."""
        loop = asyncio.get_running_loop()
        ends_at = loop.time() + self._call_s
        while True:
            async with self._turn:
                out, _ = await self._shell("dumpsys telephony.registry")
            states = re.findall(r"\bmCallState=(\d)", out)
            if not states:
                return None
            if _STATES[state] in states if state == "RINGING" else set(states) == {_STATES[state]}:
                return True
            if loop.time() >= ends_at:
                return False
            await asyncio.sleep(self._every_s)

    # -- the boxes -----------------------------------------------------------------------------------------------

    async def newest(self, box: Box) -> int:
        """Raises `DeviceRefused` where the box cannot be read."""
        return max(await self._ids(newest_query(box)), default=0)

    async def rows(self, box: Box, after_id: int) -> list[SmsRow]:
        """Raises `DeviceRefused` where the box cannot be read."""
        found = [await self._row(box, row_id) for row_id in await self._ids(ids_query(box, after_id))]
        return [row for row in found if row is not None]

    async def _ids(self, query: str) -> list[int]:
        return self._read(read_ids(*await self._asked(query)))

    async def _row(self, box: Box, row_id: int) -> SmsRow | None:
        head = self._read(read_head(row_id, *await self._asked(head_query(box, row_id))))
        if head is None:
            return None
        body = self._read(read_body(row_id, *await self._asked(body_query(box, row_id))))
        date_ms, subscription_id, address = head
        return SmsRow(row_id, address, body, date_ms, subscription_id)

    async def _asked(self, query: str) -> tuple[str, str]:
        async with self._turn:
            return await self._shell(query)

    def _read(self, answer: T | Refusal) -> T:
        if isinstance(answer, Refusal):
            raise DeviceRefused(
                self.serial, f"its texts cannot be read: {answer.why}", "see `httpsms-harness adb probe`"
            )
        return answer


def _is_lost(error: ConsoleError, command: Command) -> bool:
    """There is no console any more, or it lets us in no more; that it refuses the command is another thing."""
    return error.command != command.words or error.why.endswith((CLOSED, NOT_A_CONSOLE, ABANDONED))


def _first_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[0][:_SHOWN_MAX] if lines else "it said nothing"
