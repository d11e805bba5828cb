"""`shell:`, `exec:` and `shell,v2,raw:`: a command line whose input and output the host has."""

from __future__ import annotations

from collections import deque

from harness.adb.shell import FrameReader, Id, frame
from harness.fake_device.process import Process, pieces
from harness.fake_device.service_base import HELD_MAX, Service

__all__ = ["FramedShell", "PlainShell", "Running"]


class Running(Service):
    """A process, drawn from one saying at a time, so that output and complaints keep their order."""

    def __init__(self, process: Process) -> None:
        super().__init__()
        self._process = process
        self._input: deque[bytes] = deque()
        self._held = 0
        self._input_ended = False

    @property
    def is_full(self) -> bool:
        return self._held > HELD_MAX

    def take(self, most: int) -> bytes:
        said: list[bytes] = []
        size = 0
        while size < most and not self.pause_ms and (piece := self._next()) is not None:
            said.append(piece)
            size += len(piece)
        return b"".join(said)

    def gone(self) -> None:
        """The host has left: the process gets what it wrote, and ends where it would say something, sleep or wait."""
        self._end_input()
        while self._process.code is None and self._goes_on_alone():
            pass
        self._process.cancel()
        self.done = True

    def _goes_on_alone(self) -> bool:
        if self._process.waits_for_input:
            return self._hand_over()
        output = self._process.take(1)
        return not (output.out or output.err or output.delay_ms or self._process.is_idle)

    def _write(self, data: bytes) -> None:
        for piece in pieces(data):
            self._input.append(piece)
        self._held += len(data)

    def _end_input(self) -> None:
        self._input_ended = True

    def _next(self) -> bytes | None:
        """What is said next, "" between two sayings, None if it has ended or waits."""
        if self.done:
            return None
        if self._process.waits_for_input and not self._hand_over():
            return None
        output = self._process.take(1)
        self.pause_ms = output.delay_ms
        self.is_idle = self._process.is_idle
        said = self._said(output.out, output.err)
        if self._process.code is not None:
            self.done = True
            return said + self._ended(self._process.code)
        return None if not said and (self.is_idle or self.pause_ms) else said

    def _hand_over(self) -> bool:
        """The process gets some of its input, or the end of it."""
        if self._input:
            piece = self._input.popleft()
            self._held -= len(piece)
            self._process.feed(piece)
        elif self._input_ended:
            self._process.end_input()
        else:
            return False
        return True

    def _said(self, out: bytes, err: bytes) -> bytes:
        raise NotImplementedError

    def _ended(self, code: int) -> bytes:
        raise NotImplementedError


class PlainShell(Running):
    """Octets as they are, output and complaints together, and no word about how it ended."""

    def feed(self, data: bytes, now_ms: int) -> None:
        self._write(data)

    def _said(self, out: bytes, err: bytes) -> bytes:
        return out + err

    def _ended(self, code: int) -> bytes:
        return b""


class FramedShell(Running):
    """Frames: input and its end, output and complaints apart, and the exit status."""

    def __init__(self, process: Process) -> None:
        super().__init__(process)
        self._frames = FrameReader()

    def feed(self, data: bytes, now_ms: int) -> None:
        for kind, payload in self._frames.feed(data):
            if kind is Id.STDIN:
                self._write(payload)
            elif kind is Id.CLOSE_STDIN:
                self._end_input()

    def _said(self, out: bytes, err: bytes) -> bytes:
        return (frame(Id.STDOUT, out) if out else b"") + (frame(Id.STDERR, err) if err else b"")

    def _ended(self, code: int) -> bytes:
        return frame(Id.EXIT, bytes((code,)))
