"""A shell behind a terminal: it shows what is typed, and runs it line by line."""

from __future__ import annotations

from harness.adb.shell import FrameReader, Id, frame
from harness.fake_device.commands import COMMANDS
from harness.fake_device.device import FakeDevice
from harness.fake_device.process import Process
from harness.fake_device.service_base import HELD_MAX, Service
from harness.fake_device.shell import Shell

__all__ = ["Terminal"]

_LINE_MAX = 4095  # a terminal's line in canonical mode (Linux N_TTY_BUF_SIZE)
_ENDS = b"\r\n"
_ERASES = b"\x7f\b"
_INTERRUPT, _END = 0x03, 0x04


class Terminal(Service):
    """One line after the other is run in the same shell; with a command, that one alone.

    Everything typed is shown, and the shell's lines end with CR LF. `framed`: as `shell,v2` has it, with an exit
    status at the end. What is typed while a command runs is that command's input.
    """

    def __init__(self, device: FakeDevice, command: str, now_ms: int, *, framed: bool) -> None:
        super().__init__()
        self._device = device
        self._frames = FrameReader() if framed else None
        self._shell = Shell(device, COMMANDS, now_ms)
        self._typed = bytearray()
        self._line = bytearray()
        self._out = bytearray()
        self._over = False
        self._is_only = bool(command)
        self._process: Process | None = None
        if command:
            self._process = Process(self._shell.run(command))
        else:
            self._prompt()

    @property
    def is_full(self) -> bool:
        return len(self._typed) > HELD_MAX

    def feed(self, data: bytes, now_ms: int) -> None:
        if self._frames is None:
            self._hear(data)
            return
        for kind, payload in self._frames.feed(data):
            if kind is Id.STDIN:
                self._hear(payload)
            elif kind is Id.CLOSE_STDIN:
                self._typed.append(_END)

    def take(self, most: int) -> bytes:
        while not self._over and not self.pause_ms and len(self._out) < most and self._go_on():
            pass
        said = bytes(self._out[:most])
        del self._out[:most]
        self.done = self._over and not self._out
        if self._frames is None:
            return said
        shown = frame(Id.STDOUT, said) if said else b""
        return shown + (frame(Id.EXIT, bytes((self._shell.status & 0xFF,))) if self.done else b"")

    def gone(self) -> None:
        if self._process is not None:
            self._process.cancel()
        self.done = True

    def _hear(self, typed: bytes) -> None:
        self._typed += typed
        if self._process is not None and _INTERRUPT in typed:
            # A terminal drops what was typed before it and not read yet.
            del self._typed[: self._typed.index(_INTERRUPT) + 1]
            self.pause_ms = 0
            self._interrupt()

    def _go_on(self) -> bool:
        """One step; False if nothing can be done now."""
        if self._typed and (self._process is None or self._process.waits_for_input):
            octet = self._typed[0]
            del self._typed[:1]
            self._type(octet)
            return True
        if self._process is None:
            return False
        return self._draw(self._process)

    def _draw(self, process: Process) -> bool:
        output = process.take(1)
        self.pause_ms = output.delay_ms
        self.is_idle = process.is_idle
        said = output.out + output.err
        self._out += said.replace(b"\n", b"\r\n")
        if process.code is None:
            return bool(said) or not (process.is_idle or process.waits_for_input or self.pause_ms)
        self._ended()
        return True

    def _ended(self) -> None:
        self._process = None
        if self._is_only or self._shell.left:
            self._over = True
        else:
            self._prompt()

    def _type(self, octet: int) -> None:
        if octet == _INTERRUPT:
            self._interrupt()
        elif octet == _END:
            self._end()
        elif octet in _ENDS:
            self._out += b"\r\n"
            self._enter()
        elif octet in _ERASES:
            if self._line:
                self._line.pop()
                self._out += b"\b \b"
        elif len(self._line) < _LINE_MAX:
            self._line.append(octet)
            self._out.append(octet)

    def _enter(self) -> None:
        line = bytes(self._line)
        self._line.clear()
        if self._process is not None:
            self._process.feed(line + b"\n")
        elif line.strip():
            self._process = Process(self._shell.run(line.decode("utf-8", "surrogateescape")))
        else:
            self._prompt()

    def _end(self) -> None:
        """Ctrl-D: the end of what is read, if the line is empty."""
        if self._line:
            return
        if self._process is not None:
            self._process.end_input()
        else:
            self._out += b"\r\n"
            self._over = True

    def _interrupt(self) -> None:
        self._line.clear()
        self._out += b"^C\r\n"
        if self._process is not None:
            self._process.cancel()
            self._shell.status = self._process.code or 0
            self._ended()
        else:
            self._prompt()

    def _prompt(self) -> None:
        host = "emu64xa" if self._device.is_emulator else "phone"
        self._out += f"{host}:{self._shell.folder} $ ".encode()
