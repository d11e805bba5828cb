"""An Android device that was reached: its shell, its files, its ports (phone-behaviour.md §9.4, §9.5)."""

from __future__ import annotations

import asyncio
import contextlib
import posixpath
import re
import secrets
import time
from collections.abc import AsyncIterator
from pathlib import Path

from harness.adapters.adb_limit import Limit
from harness.adapters.adb_stream import Stream, Way, malformed
from harness.adapters.adb_sync import Progress, SyncTalk, content_of
from harness.adb.banner import Banner
from harness.adb.server_protocol import Fail, ReplyReader
from harness.adb.shell import FrameReader, Id, frame
from harness.adb.sync import Stat, Stat2
from harness.errors import (
    AdbServerError,
    DeviceError,
    DeviceGone,
    DeviceRefused,
    DeviceTimeout,
    DeviceUnauthorized,
    MalformedAdb,
    NoDevice,
    UsageError,
)
from harness.frozen import frozen

__all__ = ["Device", "ShellDone"]

_EMULATOR = re.compile(r"emulator-([0-9]{1,5})")
_PORT = re.compile(r"tcp:([0-9]{1,5})")
_FOLDER = "/data/local/tmp"
_SDK_7 = 24
# What a loss may look like while a device starts again.
_AWAY = (NoDevice, DeviceGone, DeviceTimeout, AdbServerError)
_WAIT_S_FIRST = 0.25
_WAIT_S_MAX = 2.0
_GOODBYE_S = 2.0
_ASKED_S = 2.0
_INSTALL_S = 300.0
_LONGER = "give it a longer timeout_s, or see what it waits for"
_ENDED = "the shell was ended from outside: try again"
_NO_INPUT = "write it to a file with `push`, and read that one"


@frozen
class ShellDone:
    """What a command wrote. `code` is None, and `err` is within `out`, where the device tells no more (shell v1)."""

    code: int | None
    out: bytes
    err: bytes = b""


class Device:
    """Many things may be asked at the same time.

    All methods raise a DeviceError with a remedy. What was under way when the device was lost is never done twice;
    the next call reaches the device anew if it is back within `reconnect_s`, else it raises, too.
    """

    def __init__(self, serial: str, way: Way, *, timeout_s: float, reconnect_s: float = 0.0) -> None:
        self.serial = serial
        self._way = way
        self._timeout_s = timeout_s
        self._reconnect_s = reconnect_s
        self._turn = asyncio.Lock()
        self._reversed: dict[str, str] = {}  # what the device listens on: where that leads
        self._has_pty: bool | None = None

    @property
    def banner(self) -> Banner:
        """What the device says of itself."""
        return self._way.banner

    @property
    def console_port(self) -> int | None:
        """Where the console of an emulator listens; None: it is none, or its serial does not tell."""
        named = _EMULATOR.fullmatch(self.serial)
        return int(named[1]) if named else None

    async def close(self) -> None:
        """Ends what was begun on the device, and leaves nothing open."""
        try:
            # The server would keep the ports when we are gone.
            with contextlib.suppress(DeviceError):
                async with Limit(_GOODBYE_S, lambda: DeviceTimeout(self.serial, "goodbye", "")):
                    for remote in list(self._reversed):
                        await self._unreverse(remote)
        finally:
            await self._way.close()

    # -- shell ---------------------------------------------------------------------------------------------------------

    async def shell(self, command: str, *, stdin: bytes = b"", timeout_s: float | None = 30.0) -> ShellDone:
        """Runs a command line; `timeout_s` is for all of it, None: for ever.

        `stdin` needs a device with shell v2 (Android 7): before, nothing could end it.
        """
        await self._ready()
        async with self._limit(f"shell: {command.split(maxsplit=1)[0] if command.strip() else ''}", timeout_s):
            if "shell_v2" in self.banner.features:
                return await self._shell_v2(command, stdin)
            if stdin:
                raise DeviceRefused(self.serial, "its shell has no end of input (before Android 7)", _NO_INPUT)
            out = await self._shell_v1(command)
            return ShellDone(None, out.replace(b"\r\n", b"\n") if await self._mends() else out)

    async def _shell_v2(self, command: str, stdin: bytes) -> ShellDone:
        wrote: dict[Id, list[bytes]] = {Id.STDOUT: [], Id.STDERR: []}
        async with self._stream(f"shell,v2,raw:{command}") as stream:
            if stdin:
                stream.write(frame(Id.STDIN, stdin))
            stream.write(frame(Id.CLOSE_STDIN))
            async for kind, payload in self._frames(stream):
                if kind is Id.EXIT:
                    code = payload[0] if payload else None
                    return ShellDone(code, b"".join(wrote[Id.STDOUT]), b"".join(wrote[Id.STDERR]))
                wrote.setdefault(kind, []).append(payload)
        raise DeviceGone(self.serial, "the shell ended without telling its exit code", _ENDED)

    async def _frames(self, stream: Stream) -> AsyncIterator[tuple[Id, bytes]]:
        reader = FrameReader()
        try:
            async for data in stream:
                for each in reader.feed(data):
                    yield each
        except MalformedAdb as fault:
            raise fault if fault.serial else malformed(self.serial, fault.why, "run it again") from None

    async def _shell_v1(self, command: str) -> bytes:
        async with self._stream(f"shell:{command}") as stream:
            return b"".join([data async for data in stream])

    async def _mends(self) -> bool:
        """Before Android 7 a shell has a PTY, which writes CR LF for LF."""
        if self._has_pty is None:
            sdk = (await self._shell_v1("getprop ro.build.version.sdk")).strip()
            self._has_pty = sdk.isdigit() and int(sdk) < _SDK_7
        return self._has_pty

    # -- files ---------------------------------------------------------------------------------------------------------

    async def push(
        self,
        source: bytes | Path,
        path: str,
        *,
        mode: int = 0o644,
        mtime_s: int | None = None,
        progress: Progress | None = None,
    ) -> None:
        """Writes octets, or a file of this machine, to `path` of the device. `mtime_s` None: the file's own, or now.

        Raises UsageError for a file that cannot be read.
        """
        if mtime_s is None:
            mtime_s = _mtime_s(source)
        async with self._sync() as talk:
            await talk.send(path, content_of(source), mode, mtime_s, progress)

    async def pull(self, path: str, *, progress: Progress | None = None) -> bytes:
        """What is in a file of the device."""
        async with self._sync() as talk:
            return await talk.receive(path, progress)

    async def stat(self, path: str) -> Stat | Stat2 | None:
        """Mode, size and time of a file; None: there is none. Follows links where the device can (Android 8)."""
        async with self._sync() as talk:
            return await (talk.stat2(path) if "stat_v2" in self.banner.features else talk.stat(path))

    @contextlib.asynccontextmanager
    async def _sync(self) -> AsyncIterator[SyncTalk]:
        await self._ready()
        async with self._stream("sync:") as stream:
            yield SyncTalk(self.serial, stream, self._timeout_s)

    async def install(self, apk: Path, *, grant: bool = True, timeout_s: float = _INSTALL_S) -> None:
        """Installs an app, with all the permissions that it asks for at run time if `grant`.

        Raises DeviceRefused with what the package manager says, UsageError for a file that cannot be read.
        """
        path = posixpath.join(_FOLDER, f"httpsms-harness-{secrets.token_hex(4)}.apk")
        try:
            await self.push(apk, path)
            done = await self.shell(f"pm install {'-g ' if grant else ''}{path}", timeout_s=timeout_s)
            said = (done.out + done.err).decode(errors="replace").strip()
            # Its exit code says little on older releases.
            if "Success" not in said.splitlines():
                remedy = "Android explains INSTALL_… codes; uninstall another build of the app first"
                raise DeviceRefused(self.serial, f"pm install: {said or f'exit code {done.code}'}", remedy)
        finally:
            with contextlib.suppress(DeviceError):
                await self.shell(f"rm -f {path}", timeout_s=self._timeout_s)

    # -- ports ---------------------------------------------------------------------------------------------------------

    async def reverse(self, remote: str, local: str) -> int:
        """The device listens on `remote` from now on, and what connects there comes to `local` of this machine.

        Both are `tcp:PORT`; tcp:0 for `remote` lets the device choose. Returns the device's port. Ends with the link.
        Raises UsageError for what is no such thing.
        """
        port, _ = _port(remote), _port(local)
        await self._ready()
        self._way.let_in(local)
        try:
            chosen = await self._reverse(remote, local)
        except BaseException:
            self._forget(local)
            raise
        port = chosen if port == 0 else port
        self._reversed[f"tcp:{port}"] = local
        return port

    async def remove_reverse(self, remote: str) -> None:
        """The device listens there no more, and reaches nothing here any more through it."""
        _port(remote)
        await self._ready()
        await self._unreverse(remote)

    async def _reverse(self, remote: str, local: str) -> int:
        """The port that the device has chosen, if it was to; else 0."""
        told = await self._told(f"reverse:forward:{remote};{local}", has_text=_port(remote) == 0)
        if told and not told.isdigit():
            raise malformed(self.serial, f"reverse: {told!r} is no port", "name a port instead of tcp:0")
        return int(told or 0)

    async def _unreverse(self, remote: str) -> None:
        local = self._reversed.pop(remote, None)
        if local is not None:
            self._forget(local)
        await self._told(f"reverse:killforward:{remote}", has_text=False)

    def _forget(self, local: str) -> None:
        if local not in self._reversed.values():
            self._way.keep_out(local)

    async def _told(self, service: str, *, has_text: bool) -> str:
        """What the device answers to a service that answers as the adb server does."""
        reader = ReplyReader()
        async with self._limit("reverse", self._timeout_s), self._stream(service) as stream:
            try:
                while (status := reader.status()) is None:
                    reader.feed(await self._more(stream))
                if isinstance(status, Fail):
                    raise DeviceRefused(
                        self.serial, f"reverse: {status.why}", "take another port (`adb reverse --list`)"
                    )
                while has_text and (text := reader.text()) is None:
                    reader.feed(await self._more(stream))
            except MalformedAdb as fault:
                raise fault if fault.serial else malformed(self.serial, fault.why, "try again") from None
            return text or "" if has_text else ""

    async def _more(self, stream: Stream) -> bytes:
        data = await stream.read()
        if not data:
            raise DeviceRefused(self.serial, "reverse: it ended without an answer", "`adb reverse` needs Android 5")
        return data

    # -- streams -------------------------------------------------------------------------------------------------------

    @contextlib.asynccontextmanager
    async def service(self, service: str) -> AsyncIterator[Stream]:
        """Opens a service, such as `shell:logcat`, and closes it at the end."""
        await self._ready()
        async with self._stream(service) as stream:
            yield stream

    @contextlib.asynccontextmanager
    async def _stream(self, service: str) -> AsyncIterator[Stream]:
        try:
            stream = await self._way.open(service)
            try:
                yield stream
            except BaseException:
                stream.abort()
                raise
            else:
                stream.close()
        except DeviceGone as gone:
            raise await self._why(gone) from None

    def _limit(self, told: str, timeout_s: float | None) -> Limit:
        late = f"{told}: not done in {timeout_s or 0:g} s"
        return Limit(timeout_s, lambda: DeviceTimeout(self.serial, late, _LONGER))

    # -- a device that comes back --------------------------------------------------------------------------------------

    async def _ready(self) -> None:
        """Reaches the device anew if it was lost. Nothing was asked yet, so nothing is asked twice."""
        if not self._reconnect_s:
            return
        async with self._turn:
            try:
                await self._way.reach()
            except _AWAY as lost:
                await self._again(lost)

    async def _again(self, lost: DeviceError) -> None:
        wait_s = _WAIT_S_FIRST
        last = [lost]
        async with Limit(self._reconnect_s, lambda: last[0].with_traceback(None)):
            while True:
                try:
                    await self._connect_anew()
                    break
                except _AWAY as error:
                    last[0] = error
                await asyncio.sleep(wait_s)
                wait_s = min(2 * wait_s, _WAIT_S_MAX)

    async def _why(self, gone: DeviceGone) -> DeviceError:
        """A device that trusts us no longer breaks the connection without a word, and tells why whoever comes anew."""
        if not self._reconnect_s or self._turn.locked():
            return gone  # nobody comes anew, or somebody does already
        async with self._turn:
            try:
                await self._way.reach()
                return gone
            except DeviceError:
                pass
            try:
                async with Limit(_ASKED_S, lambda: gone):
                    await self._connect_anew()
            except DeviceUnauthorized as error:
                return error
            except DeviceError:
                pass
        return gone

    async def _connect_anew(self) -> None:
        await self._way.connect()
        for remote, local in self._reversed.items():
            await self._reverse(remote, local)


def _port(spec: str) -> int:
    found = _PORT.fullmatch(spec)
    if found is None or int(found[1]) > 0xFFFF:
        raise UsageError(f"{spec!r} is no port that can be reversed", "write it like tcp:8080")
    return int(found[1])


def _mtime_s(source: bytes | Path) -> int:
    if isinstance(source, bytes):
        return int(time.time())
    try:
        return int(source.stat().st_mtime)
    except OSError as error:
        raise UsageError(f"{source}: {error.strerror}", "give a file that can be read") from None
