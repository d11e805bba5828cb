"""A conversation with a runner's process, led by a script (harness.interop.probing)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from harness.adapters.children import Child, Death, why_not_started
from harness.interop.probing import Check, CloseInput, Ended, Hear, Heard, Late, Line, Script, Start, Write
from harness.interop.protocol import LineSplitter
from harness.interop.talk import LIMITS, Limits

__all__ = ["probe"]


async def probe(command: Sequence[str], script: Script, say: Callable[[Check], None], limits: Limits = LIMITS) -> None:
    """Does what the script wants, and hands each check to `say`. No process is left, whatever happens."""
    runner = _Process(command, limits)
    heard: Heard | None = None
    try:
        while True:
            try:
                step = script.send(heard)
            except StopIteration:
                return
            heard = None
            match step:
                case Check():
                    say(step)
                case Start():
                    await runner.start()
                case Write(data):
                    runner.write(data)
                case CloseInput():
                    runner.close_input()
                case Hear():
                    heard = await runner.hear()
    finally:
        await runner.end()


class _Process:
    """One process after the other, and until when the present one may answer."""

    def __init__(self, command: Sequence[str], limits: Limits) -> None:
        self._command = command
        self._limits = limits
        self._child: Child | None = None
        self._why_not = ""
        self._is_new = False
        self._allowed_s = 0.0
        self._until = 0.0

    async def start(self) -> None:
        await self.end()
        self._lines = LineSplitter(self._limits.line_bytes)
        self._heard: asyncio.Queue[bytes | None] = asyncio.Queue()  # None: nothing more will come
        self._child = Child(self._output, output_end=self._output_end)
        self._is_new = True
        self._give(self._limits.start_s)
        try:
            await self._child.start(self._command, talks=True)
        except (OSError, ValueError) as error:
            self._why_not = f"it cannot be started: {why_not_started(error)}"
            await self.end()

    def _give(self, seconds: float) -> None:
        self._allowed_s = seconds
        self._until = asyncio.get_running_loop().time() + seconds

    def _output(self, data: bytes) -> None:
        lines, is_too_long = self._lines.feed(data)
        for line in lines:
            self._heard.put_nowait(line)
        if is_too_long and self._child is not None:
            self._heard.put_nowait(b"a line of more than %d bytes" % self._limits.line_bytes)
            self._child.kill()

    def _output_end(self) -> None:
        for line in self._lines.end():
            self._heard.put_nowait(line)
        self._heard.put_nowait(None)

    def write(self, data: bytes) -> None:
        # The first request has the longer time of the start.
        if not self._is_new:
            self._give(self._limits.per_call_s)
        self._is_new = False
        if self._child is not None:
            self._child.write(data)

    def close_input(self) -> None:
        self._give(self._limits.end_s)
        if self._child is not None:
            self._child.close_input()

    async def hear(self) -> Heard:
        if self._child is None:
            return Ended(self._why_not)
        try:
            async with asyncio.timeout_at(self._until):
                line = await self._heard.get()
                if line is not None:
                    return Line(line)
                return _ended(await self._child.ended(), self._child.last_words)
        except TimeoutError:
            return Late(self._allowed_s)

    async def end(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            await child.end()


def _ended(death: Death, last_words: str) -> Ended:
    how = f"it was ended by {death.signal}" if death.signal else f"it ended with status {death.status}"
    return Ended(f"{how}; its last words: {last_words}" if last_words else how, death.status)
