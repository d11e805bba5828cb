"""The way to the httpSMS app on a device: it is installed, permitted, given its settings, started and stopped.

Everything is done with commands of phone-behaviour.md §9.4. A key never stands in a command line: what goes into the
app's preferences goes through the shell's input.
"""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, Protocol
from urllib.parse import urlsplit

from harness.device_app import (
    FILE,
    FOLDER,
    PACKAGE,
    PERMISSIONS,
    PHONE_CORE,
    AppSettings,
    changed,
    is_debuggable,
    parsed,
    permissions_in,
    rendered,
    stored,
    version_in,
)
from harness.errors import DeviceError, DeviceRefused, MalformedAdb
from harness.frozen import frozen
from harness.redaction import shown_text
from harness.targets.options import is_near

__all__ = ["AppDoor", "AppFacts", "Way"]

Way = Literal["run-as", "root", "su", ""]
"""How the app's settings can be written; "": not at all."""

_HOME = f"/data/data/{PACKAGE}"
_KEPT = f"{FILE}.httpsms-harness"  # what the app had before: a run that is killed gives nothing back, the next one does
_SHOWN_MAX = 200
_LOG_LINES = 400
# Without them no text comes, and none goes. Android gives them only where the installer asked for it (§9.4).
_NEEDED = ("SEND_SMS", "RECEIVE_SMS")
_RESTRICTED = f"uninstall {PACKAGE}, and give --apk FILE: whoever installs an app says whether it may have that"
# What Android or the app says when a request was refused before it left (§1.1: no clear text for this targetSdk).
_TELLING = ("CLEARTEXT", "UnknownServiceException", "FATAL EXCEPTION")


@frozen
class AppFacts:
    """What a device says of the app. `note`: what it is instead, where it is not the real one; else "".

    `granted` are its permissions, without `android.permission.`.
    """

    installed: bool = False
    version: str = ""
    debuggable: bool = False
    way: Way = ""
    granted: frozenset[str] = frozenset()
    note: str = ""

    @property
    def refused(self) -> tuple[str, ...]:
        """What it was not permitted, of what it asks for while it runs."""
        return tuple([name for name in PERMISSIONS if name not in self.granted])


class Linked(Protocol):
    """A linked device, as harness.adapters.adb_link has it."""

    async def shell(self, command: str, *, stdin: bytes = b"") -> Any: ...

    async def reverse(self, remote: str, local: str) -> int: ...

    async def remove_reverse(self, remote: str) -> None: ...

    async def install(self, apk: Path, *, grant: bool = True) -> None: ...


class AppDoor:
    """One thing after the other is done.

    `ask`, `prepare` and `restore` raise a `DeviceError` where there is no way to the device any more.
    """

    def __init__(self, serial: str, device: Linked) -> None:
        self.serial = serial
        self._device = device
        self._way: Way = ""
        self._reversed: str | None = None
        self._lost: DeviceError | None = None
        self.turn = asyncio.Lock()

    # -- what there is -----------------------------------------------------------------------------------------------

    async def ask(self) -> AppFacts:
        """Changes nothing."""
        note = (await self._said(f"getprop {PHONE_CORE}")).strip()
        if not (await self._said(f"pm path {PACKAGE}")).startswith("package:"):
            return AppFacts(note=note)
        dump = await self._said(f"dumpsys package {PACKAGE}")
        self._way = await self._find_way()
        granted = frozenset([name for name, on in permissions_in(dump).items() if on])
        return AppFacts(True, version_in(dump), is_debuggable(dump), self._way, granted, note)

    async def _find_way(self) -> Way:
        if (await self._said(f"run-as {PACKAGE} pwd")).startswith("/data"):
            return "run-as"
        if (await self._said("id -u")).strip() == "0":
            return "root"
        return "su" if (await self._said("su 0 id -u")).strip() == "0" else ""

    async def complaints(self) -> str:
        """What the log says about requests that the app could not make; "" where there is nothing."""
        log = await self._said(f"logcat -d -t {_LOG_LINES}")
        lines = [line.strip() for line in log.splitlines() if any(word in line for word in _TELLING)]
        return shown_text(lines[-1])[:_SHOWN_MAX] if lines else ""

    # -- before and after --------------------------------------------------------------------------------------------

    async def prepare(self, apk: Path | None) -> AppFacts:
        """Installs the app, if there is an `apk`, permits it what it asks for, and gives it back what a run that was
        killed has left of its settings.

        Raises `DeviceRefused`, and `UsageError` for an APK that cannot be read.
        """
        if apk is not None:
            await self._device.install(apk, grant=True)
        facts = await self.ask()
        if not facts.installed:
            raise DeviceRefused(self.serial, f"{PACKAGE} is not installed", "give --apk FILE, or install it")
        for name in facts.refused:
            await self._grant(name)
        await self.restore()
        return await self.ask()

    async def _grant(self, name: str) -> None:
        out, err, _ = await self._run(f"pm grant {PACKAGE} android.permission.{name}")
        if name in _NEEDED and "Exception" in (told := f"{err}\n{out}"):
            why = f"{PACKAGE} is not given {name}: {_first(told, 'Exception:')}"
            raise DeviceRefused(self.serial, why, _RESTRICTED)

    async def restore(self) -> None:
        """The app is stopped, and its settings are as they were before the first story."""
        async with self.turn:
            if self._lost is not None:
                raise self._lost  # the next run does it
            await self._unreverse()
            if not self._way or not await self._is_so(f"test -e {_KEPT}"):
                return
            await self._stop()
            had_some = await self._is_so(f"test -s {_KEPT}")
            await self._is_so(f"cat {_KEPT} > {FILE} && rm {_KEPT}" if had_some else f"rm -f {FILE} {_KEPT}")

    # -- while stories run -------------------------------------------------------------------------------------------

    async def configure(self, settings: AppSettings) -> str | None:
        """Stops the app, gives it these settings, and starts it; why not, or None.

        A server on this machine is reached through a port of the device's own.
        """
        return await self._tried(self._configure(settings))

    async def do(self, deed: str) -> str | None:
        """`open`, `kill` or `stop`; why not, or None."""
        return await self._tried(self._do(deed))

    async def _tried(self, work: Coroutine[Any, Any, str | None]) -> str | None:
        """That the device is lost is a reason, too: whoever tidies up has more to do, and `DeviceDriver` raises it."""
        async with self.turn:
            try:
                return await work
            except DeviceError as error:
                self._lost = None if isinstance(error, DeviceRefused | MalformedAdb) else error
                return error.why

    async def _configure(self, settings: AppSettings) -> str | None:
        if not self._way:
            return "the app's settings can be written neither as the app (run-as) nor as root"
        await self._stop()
        try:
            known = parsed(await self._read())
            settings = replace(settings, server_url=await self._reachable(settings.server_url))
            # Firebase gave the app its token, and the token stays.
            changes = {name: one for name, one in stored(settings).items() if name != "SETTINGS_FCM_TOKEN"}
            data = rendered(changed(known, changes))
        except ValueError as error:
            return str(error)
        return await self._keep() or await self._write(data) or await self._start()

    async def _do(self, deed: str) -> str | None:
        match deed:
            case "open":
                return await self._start()
            case "kill":
                return await self._kill()
            case _:
                await self._stop()
        return None

    async def _start(self) -> str | None:
        out, err, _ = await self._run(f"am start -n {PACKAGE}/.MainActivity")
        told = f"{out}\n{err}"
        return _first(told, "Error") if "Error" in told or "Exception" in told else None

    async def _kill(self) -> str | None:
        """Android kills nothing that is seen, nor what a foreground service holds, as the app's own does (§5.4)."""
        before = await self._said(f"pidof {PACKAGE}")
        await self._said("input keyevent KEYCODE_HOME")
        await self._said(f"am kill {PACKAGE}")
        if before.strip() and before == await self._said(f"pidof {PACKAGE}"):
            await self._device.shell(self._line(f"kill -9 {before.strip()}"))
            if before == await self._said(f"pidof {PACKAGE}"):
                return "the app cannot be killed, neither by Android nor as itself"
        return None

    async def _stop(self) -> None:
        await self._said(f"am force-stop {PACKAGE}")

    # -- the file ----------------------------------------------------------------------------------------------------

    async def _keep(self) -> str | None:
        """Only what the app had before the first story is worth it; an empty file: nothing."""
        is_kept = await self._is_so(f"mkdir -p {FOLDER}; test -e {_KEPT} || cat {FILE} > {_KEPT}; test -e {_KEPT}")
        return None if is_kept else "the app's settings cannot be kept for later"

    async def _is_so(self, line: str) -> bool:
        code: int | None = (await self._device.shell(self._line(line))).code
        return code == 0

    async def _read(self) -> bytes:
        """Nothing where there is none yet."""
        done = await self._device.shell(self._line(f"cat {FILE}"))
        return bytes(done.out) if done.code == 0 else b""

    async def _write(self, data: bytes) -> str | None:
        """What is there keeps its owner and its label; what is new gets those of the app's folder."""
        line = f"mkdir -p {FOLDER} && cat > {FILE}"
        if self._way in ("root", "su"):
            owner = f"$(stat -c %u:%g {_HOME})"
            line += f" && chown {owner} {FOLDER} {FILE} && chmod 660 {FILE} && restorecon {FOLDER} {FILE}"
        done = await self._device.shell(self._line(line), stdin=data)
        if done.code == 0:
            return None
        return f"the app's settings were not written: {_first((done.err + done.out).decode(errors='replace'))}"

    def _line(self, line: str) -> str:
        """The line as whoever may write there, in the app's folder."""
        match self._way:
            case "run-as":
                return f"run-as {PACKAGE} sh -c {shlex.quote(line)}"
            case "su":
                return f"su 0 sh -c {shlex.quote(f'cd {_HOME} && {line}')}"
            case _:
                return f"cd {_HOME} && {line}"

    # -- the server --------------------------------------------------------------------------------------------------

    async def _reachable(self, url: str) -> str:
        """The URL under which the device reaches it."""
        place = urlsplit(url)
        if not is_near(place.netloc):
            return url
        port = place.port or (443 if place.scheme == "https" else 80)
        await self._unreverse()
        await self._device.reverse(f"tcp:{port}", f"tcp:{port}")
        self._reversed = f"tcp:{port}"
        return f"{place.scheme}://localhost:{port}"

    async def _unreverse(self) -> None:
        if self._reversed is not None:
            remote, self._reversed = self._reversed, None
            await self._device.remove_reverse(remote)

    # -- the shell ---------------------------------------------------------------------------------------------------

    async def _said(self, command: str) -> str:
        return (await self._run(command))[0]

    async def _run(self, command: str) -> tuple[str, str, int | None]:
        done = await self._device.shell(command)
        return done.out.decode(errors="replace"), done.err.decode(errors="replace"), done.code


def _first(text: str, word: str = "") -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip() and word in line]
    return lines[0][:_SHOWN_MAX] if lines else "it said nothing"
