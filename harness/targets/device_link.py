"""Opens the way to a real device: adb for its shell, and the console of an emulator."""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.adapters.adb_link import LinkOptions, open_device
from harness.adapters.adb_link import list_devices as listed
from harness.adapters.console_client import TOKEN_FILE, ConsoleClient
from harness.adapters.device_door import AdbDoor, Console, ShellDoor, said_by
from harness.device_radio import NumberGuard
from harness.emulator.answers import NO_TOKEN
from harness.emulator.commands import AvdName, Command
from harness.errors import ConsoleError, DeviceError, DeviceTimeout, NoDevice, UsageError
from harness.frozen import frozen
from harness.targets.device import Device
from harness.targets.device_app_door import AppDoor
from harness.targets.device_app_probe import app_findings, with_app_named
from harness.targets.device_probe import Facts, ask_device, findings_of
from harness.targets.options import TargetOptions

__all__ = [
    "Linked", "Listed", "OpenLink", "Warn", "console_port", "link_options", "linked", "linked_device", "list_devices",
]  # fmt: skip

OpenLink = Callable[[str, TargetOptions], AbstractAsyncContextManager[Any]]
"""Opens a link to the device of a serial: something with a `shell`."""

Warn = Callable[[str], object]

_TOKEN = f"name the {TOKEN_FILE} in the home of the user who runs the emulator"
_WRONG_TOKEN = "authentication token"  # the console's own words (phone-behaviour.md §9.1)
_CONSOLE_S = 5.0
_RECONNECT_S = 10.0  # a device that is lost in the midst of a story may come back
# Consoles listen on even ports, and adbd on the next odd one (phone-behaviour.md §9.1).
_CONSOLE_PORTS = range(5554, 5585, 2)
_LOCAL = re.compile(r"(?:127\.0\.0\.1|localhost):([0-9]{1,5})")


@frozen
class Listed:
    """A device that the adb server knows, its state, and what it is in words."""

    serial: str
    state: str
    words: str = ""


@frozen
class Linked:
    """A device that was reached: the link to it, its shell, and the console of an emulator (None: `facts` tell why)."""

    link: Any
    shell: ShellDoor
    console: Console | None
    facts: Facts

    @property
    def features(self) -> frozenset[str]:
        """What its adbd can do, as its banner says."""
        banner = getattr(self.link, "banner", None)
        return frozenset() if banner is None else banner.features

    def door(self, options: TargetOptions) -> AdbDoor:
        """The way for texts and calls, with the guard of what the device is."""
        guard = NumberGuard(self.facts.is_emulator, frozenset(options.allow))
        return AdbDoor(self.facts.serial, self.shell, self.console, guard, self.facts.android)


@contextlib.asynccontextmanager
async def linked(
    options: TargetOptions, opens: OpenLink | None = None, *, warn: Warn = lambda _text: None
) -> AsyncIterator[Linked]:
    """The way to the device. `warn` is told when the device asks its user about us.

    Raises a `DeviceError`, and `UsageError` for a token that cannot be used.
    """
    serial = options.device or ""
    async with AsyncExitStack() as open_things:
        opened = _open_link(serial, options, warn) if opens is None else opens(serial, options)
        link = await open_things.enter_async_context(opened)
        shell = said_by(link)
        facts = await ask_device(serial, shell, None)
        console, why = await _console(serial, options, facts.is_emulator)
        yield Linked(link, shell, console, replace(facts, console_why=why))


@contextlib.asynccontextmanager
async def linked_device(
    options: TargetOptions, opens: OpenLink | None = None, *, warn: Warn = lambda _text: None
) -> AsyncIterator[Device]:
    """The device, asked what it can do. Raises as `linked`, and where the console refuses the token that was named."""
    async with linked(options, opens, warn=warn) as there:
        why = there.facts.console_why
        if why is not None and options.console_token_file is not None and why == _refused(options.console_token_file):
            raise ConsoleError(there.facts.serial, "", why, _TOKEN)
        found = findings_of(there.facts)
        if options.app:
            app = AppDoor(there.facts.serial, there.link)
            yield Device(there.door(options), app_findings(found, await app.ask(), options), app)
        else:
            yield Device(there.door(options), await with_app_named(found, there.shell))


class _Typist:
    """Types at a console. Each command has a connection of its own: one that is torn leaves the next one alone."""

    def __init__(self, port: int, token_file: str | Path | None) -> None:
        self._port = port
        self._token_file = None if token_file is None else Path(token_file)

    async def do(self, command: Command) -> list[str]:
        """Raises as `ConsoleClient.connect` and `do`."""
        async with ConsoleClient.connect(self._port, token_file=self._token_file, timeout_s=_CONSOLE_S) as client:
            return await client.do(command)


async def _console(serial: str, options: TargetOptions, is_emulator: bool) -> tuple[Console | None, str | None]:
    """The console, or why there is none."""
    if not is_emulator:
        return None, "the device is no emulator: nothing can be typed into it"
    port = console_port(serial)
    if port is None:
        return None, f"{serial} does not tell the port of the emulator's console"
    typist = _Typist(port, options.console_token_file)
    try:
        await typist.do(AvdName())  # a command that wants the token, and changes nothing
    except (ConsoleError, DeviceTimeout, NoDevice) as error:
        if not _is_about_the_token(error):
            return None, f"the emulator's console: {error.why}"
        return None, _refused_token(error, options)
    return typist, None


def _is_about_the_token(error: DeviceError) -> bool:
    return _WRONG_TOKEN in error.why or NO_TOKEN in error.why


def _refused(token_file: str | Path) -> str:
    """Of a token that was named."""
    return f"the emulator's console does not take what is in {token_file} as its token"


def _refused_token(error: DeviceError, options: TargetOptions) -> str:
    if options.console_token_file is not None:
        return _refused(options.console_token_file)
    if _WRONG_TOKEN in error.why:
        return f"the emulator's console does not take the token in ~/{TOKEN_FILE}"
    return f"the emulator's console: {error.why}"


def console_port(serial: str) -> int | None:
    """Where the console of the emulator of this serial listens: `emulator-5554`, or adbd's address on this machine."""
    name = re.fullmatch(r"emulator-([0-9]{1,5})", serial)
    if name is not None:
        return int(name[1])
    place = _LOCAL.fullmatch(serial)
    port = int(place[1]) - 1 if place is not None else 0
    return port if port in _CONSOLE_PORTS else None


# -- adb ---------------------------------------------------------------------------------------------------------------


def _open_link(serial: str, options: TargetOptions, warn: Warn) -> AbstractAsyncContextManager[Any]:
    def on_key_asked(_key: object) -> None:
        warn(f"{serial} asks its user whether this machine may use it: allow it there")

    return open_device(serial, replace(link_options(options.adb_server), on_key_asked=on_key_asked))


def link_options(adb_server: str) -> LinkOptions:
    """Raises `UsageError` for what is neither `auto` nor `never` nor a port."""
    if adb_server == "auto":
        return LinkOptions(reconnect_s=_RECONNECT_S)
    if adb_server == "never":
        return LinkOptions(server="never", reconnect_s=_RECONNECT_S)
    if not adb_server.isdecimal():
        raise UsageError(f"{adb_server!r} is no adb server", "write auto, never, or the port of one")
    return LinkOptions(server="always", server_port=int(adb_server), reconnect_s=_RECONNECT_S)


async def list_devices(adb_server: str) -> list[Listed]:
    """Raises `AdbServerError`."""
    found = await listed(link_options(adb_server))
    return [Listed(one.serial, one.state, _words(one.properties)) for one in found]


def _words(properties: Mapping[str, str]) -> str:
    """What the server says of a device, the model first."""
    model = properties.get("model", "")
    others = [f"{name}:{value}" for name, value in properties.items() if name != "model"]
    return " ".join([*([model] if model else []), *others])
