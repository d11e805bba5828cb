"""Child processes: what they print goes to callbacks, and none of them outlives its owner.

A child leads a process group of its own. When it ends, or is killed, the group is killed with it: a wrapper (npm, a
shell script) leaves nobody behind. Who leaves the group cannot be found.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from harness.frozen import frozen

__all__ = ["Child", "Death", "environment", "why_not_started"]

_STDERR_BYTES = 64 * 1024
_WORDS_MAX = 200
_REST_S = 1.0  # what a child printed is read at once; somebody else who holds its pipes may do so for ever

# How Go, Python, Node and Java begin the line that says why they end; what follows are the places in the code.
_REASON = re.compile(
    r'panic: |fatal error: |Exception in thread|(?:Uncaught )?[\w.$]*(?:Error|Exception)\b[^"]{0,40}?(?::|$)'
)


@frozen
class Death:
    """How a process ended: with an exit `status`, or by a `signal` ("SIGKILL")."""

    status: int
    signal: str = ""


def environment() -> dict[str, str]:
    """Ours, without the keys and tokens that the harness reads from its own."""
    return {
        name: value
        for name, value in os.environ.items()
        if not (name.startswith("HTTPSMS_HARNESS_") and name.endswith(("_KEY", "_TOKEN")))
    }


def why_not_started(error: OSError | ValueError) -> str:
    """In words for who wrote the command."""
    if isinstance(error, OSError) and error.filename is not None:
        return f"{os.fsdecode(error.filename)}: {error.strerror}"
    return str(error)


class Child(asyncio.SubprocessProtocol):
    """A child process that is started once.

    `started` is called first, then `output` with what it prints, piece by piece, then `output_end`, once. What these
    raise ends the child, and `ended` raises it.
    """

    def __init__(
        self,
        output: Callable[[bytes], None],
        *,
        started: Callable[[], None] = lambda: None,
        output_end: Callable[[], None] = lambda: None,
    ) -> None:
        self._callbacks = started, output, output_end
        self._errors = bytearray()
        self._transport: asyncio.SubprocessTransport | None = None
        self._input: _Input | None = None
        self._ended: asyncio.Future[Death] = asyncio.get_running_loop().create_future()
        self._closing: asyncio.TimerHandle | None = None
        self._failure: BaseException | None = None
        self._is_killed = self._is_heard = True

    async def start(self, command: Sequence[str | bytes], *, cwd: Path | None = None, talks: bool = False) -> None:
        """Starts it, with a pipe as its stdin if it `talks`. Raises OSError or ValueError if that cannot be."""
        if not talks:
            await self._start(command, cwd, subprocess.DEVNULL)
            return
        self._input = _Input()
        theirs = await self._input.open()
        try:
            await self._start(command, cwd, theirs)
        finally:
            os.close(theirs)

    async def _start(self, command: Sequence[str | bytes], cwd: Path | None, stdin: int) -> None:
        # Of a start that is cancelled half way asyncio ends the process, and not its group.
        starting = asyncio.ensure_future(
            asyncio.get_running_loop().subprocess_exec(
                lambda: self, *command, stdin=stdin, cwd=cwd, env=environment(), start_new_session=True
            )
        )
        try:
            await asyncio.shield(starting)
        except asyncio.CancelledError:
            await asyncio.wait([starting])
            starting.exception()  # seen
            raise

    def write(self, data: bytes) -> None:
        """Who closed its stdin gets nothing; what comes of that is seen by its answers."""
        if self._input is not None:
            self._input.write(data)

    def close_input(self) -> None:
        """Closes its stdin once all is written."""
        if self._input is not None:
            self._input.close()

    def kill(self) -> None:
        """Kills it and its group."""
        self._is_killed = True
        self._kill_group()

    async def ended(self) -> Death:
        """Waits until it is gone and all that it printed was told."""
        return await asyncio.shield(self._ended)

    async def end(self) -> None:
        """Leaves nothing of it, whatever state it is in. No callback is called any more."""
        self._is_heard = False
        if self._transport is not None:
            if not self._ended.done():
                self.kill()
                await asyncio.wait([self._ended])
            self._ended.exception()  # whoever waits for it gets it; if nobody does, it does not matter
        if self._input is not None:
            await self._input.drop()

    @property
    def last_words(self) -> str:
        """The line on its stderr that tells most of its end, or the last one."""
        lines = [line.strip() for line in self._errors.decode("utf-8", "replace").splitlines() if line.strip()]
        telling = [line for line in lines if _REASON.match(line)]
        return (telling or lines or [""])[-1][:_WORDS_MAX]

    def _kill_group(self) -> None:
        if self._transport is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._transport.get_pid(), signal.SIGKILL)

    def _tell(self, callback: Callable[..., None], *arguments: bytes) -> None:
        if not self._is_heard:
            return
        try:
            callback(*arguments)
        except BaseException as error:  # noqa: BLE001 - a callback of the loop: nobody would see it there
            self._failure = error
            self._is_heard = False
            self.kill()

    # -- what asyncio tells ----------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.SubprocessTransport)
        self._transport = transport
        self._is_killed = False
        self._tell(self._callbacks[0])

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        if fd == 1:
            self._tell(self._callbacks[1], data)
            return
        self._errors += data
        del self._errors[:-_STDERR_BYTES]

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        if fd == 1:
            self._tell(self._callbacks[2])

    def process_exited(self) -> None:
        assert self._transport is not None
        self._kill_group()
        rest_s = 0 if self._is_killed else _REST_S
        self._closing = asyncio.get_running_loop().call_later(rest_s, self._transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        assert self._transport is not None
        if self._closing is not None:
            self._closing.cancel()
        self._transport.close()
        if self._failure is not None:
            self._ended.set_exception(self._failure)
        else:
            self._ended.set_result(_death(self._transport.get_returncode()))


class _Input(asyncio.BaseProtocol):
    """Our end of a pipe that is somebody's stdin. asyncio's own would be a socket, which /dev/stdin cannot open."""

    def __init__(self) -> None:
        self._transport: asyncio.WriteTransport | None = None
        self._closed = asyncio.Event()

    async def open(self) -> int:
        """The other end."""
        theirs, ours = os.pipe()
        try:
            await asyncio.get_running_loop().connect_write_pipe(lambda: self, os.fdopen(ours, "wb", 0))
        except BaseException:
            os.close(theirs)
            raise
        return theirs

    def write(self, data: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    async def drop(self) -> None:
        """Closes it, without what is not written yet."""
        if self._transport is None:
            return
        # asyncio does not bear two of these: whoever closes, and has written all, is as good as closed.
        if not self._transport.is_closing() or self._transport.get_write_buffer_size():
            self._transport.abort()
        await self._closed.wait()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._closed.set()


def _death(status: int | None) -> Death:
    assert status is not None
    if status >= 0:
        return Death(status)
    try:
        return Death(status, signal.Signals(-status).name)
    except ValueError:
        return Death(status, f"signal {-status}")
