"""A fake Android device on sockets: its inside, an adbd, and an emulator's console."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import field, replace
from typing import Any

from harness.adapters.adb_daemon import AdbDaemon, OnKey, wall_ms
from harness.adapters.emulator_console import ConsoleServer
from harness.adb.keys import PublicKey
from harness.emulator.answers import Answer, Ok
from harness.emulator.commands import Command, Kill
from harness.emulator.console import Console
from harness.errors import UsageError
from harness.fake_device import FakeDevice, Troubles, release
from harness.fake_device.happened import Happened
from harness.fake_device.service_console import ConsoleService
from harness.fake_device.services import PORTS, PortService
from harness.frozen import frozen

__all__ = ["FakeAndroid", "FakeAndroidOptions", "fake_android", "with_trouble"]

# An emulator's line number: this and its console's port (phone-behaviour.md 9.1).
_LINE = "+1555521"
_STORAGE_BYTES = 512 << 20


@frozen
class FakeAndroidOptions:
    """A device to be put up.

    `adb_port` 0: any free one. `console_port` None: beside adb's (the port below it), or any free one; of an emulator
    alone, hardware has no console. `serial` "" and `number` "": as an emulator on that console port has them.
    `trusted`: the keys that the device knows, None: everybody may use it. `console_token` "": nobody is asked for one.
    `withdraw_after_bytes`: after so many to a host, the device trusts nobody any more.
    """

    android: str = "14"
    serial: str = ""
    number: str = ""
    sims: int = 1
    is_emulator: bool = True
    host: str = "127.0.0.1"
    adb_port: int = 0
    console_port: int | None = None
    trusted: tuple[PublicKey, ...] | None = None
    console_token: str = field(default="", repr=False)
    console_token_path: str = ""
    storage_bytes: int = _STORAGE_BYTES
    seed: int = 0
    troubles: Troubles = field(default_factory=Troubles)
    withdraw_after_bytes: int | None = None


class FakeAndroid:
    """A device that runs. Whoever changes `device` calls `adb.ring` afterwards, as the methods here do.

    `on_happened` is told of all that happens on it; `on_kill`, that the console was told to end it.
    """

    def __init__(
        self, device: FakeDevice, options: FakeAndroidOptions, on_key: OnKey | None, ports: Mapping[int, PortService]
    ) -> None:
        self.device = device
        self.on_happened: list[Callable[[Happened], None]] = []
        self.on_kill: list[Callable[[], None]] = []
        self.adb = AdbDaemon(
            device,
            host=options.host,
            port=options.adb_port,
            trusted=options.trusted,
            on_key=on_key,
            on_change=self._look,
            ports=ports,
            withdraw_after_bytes=options.withdraw_after_bytes,
        )
        self.console: ConsoleServer | None = None
        self._console_service = ConsoleService(device)

    @property
    def address(self) -> str:
        """What `adb connect` takes."""
        return f"{self.adb.host}:{self.adb.port}"

    @property
    def is_paired(self) -> bool:
        """Its ports are such that an adb server of this machine finds it by itself, as emulator-PORT."""
        console = self.console
        return console is not None and console.port in range(5554, 5585, 2) and self.adb.port == console.port + 1

    def incoming_text(self, sender: str, text: str, slot: int = 1) -> None:
        self.device.incoming_text(sender, text, wall_ms(), slot)
        self.adb.ring()

    def set_troubles(self, troubles: Troubles) -> None:
        """From now on; of whom is connected already, nobody is sent away."""
        self.device.troubles = troubles
        self.adb.ring()

    async def do(self, command: Command) -> Answer:
        """What the console is told."""
        if isinstance(command, Kill):
            for ended in self.on_kill:
                ended()
            return Ok()
        answer = self._console_service.do(command, wall_ms())
        self.adb.ring()
        return answer

    def _look(self) -> None:
        for happened in self.device.take():
            for tell in self.on_happened:
                tell(happened)


@contextlib.asynccontextmanager
async def fake_android(
    options: FakeAndroidOptions,
    *,
    on_key: OnKey | None = None,
    ports: Mapping[int, PortService] = PORTS,
) -> AsyncIterator[FakeAndroid]:
    """Runs a device until the context ends. Raises PortInUse, UsageError."""
    async with contextlib.AsyncExitStack() as open_things:
        android = FakeAndroid(_device(options), options, on_key, ports)
        await open_things.enter_async_context(android.adb)
        if options.is_emulator:
            token = Console(options.console_token, options.console_token_path, "Fake_Android")
            console = ConsoleServer(token, android.do, options.host, _console_port(options, android.adb.port))
            android.console = await open_things.enter_async_context(console)
            _name(android.device, options, android.console.port)
        yield android


def with_trouble(options: FakeAndroidOptions, word: str) -> FakeAndroidOptions:
    """The same device with a trouble by its word, as `slow=200` or `unauthorized`. Raises UsageError."""
    name, _, value = word.partition("=")
    known = next((each for each in _TROUBLES if each.partition("=")[0] == name), None)
    if known is None or ("=" in known) is not bool(value):
        raise UsageError(f"there is no trouble {word!r}", f"known are: {', '.join(_TROUBLES)}")
    if value and not (value.isascii() and value.isdigit() and len(value) < _DIGITS_MAX):
        raise UsageError(f"--trouble {word}: {value} is no number", f"write it like {name}=1000")
    return _TROUBLES[known](options, int(value) if value else True)


def _of_device(name: str) -> _Trouble:
    def changed(options: FakeAndroidOptions, value: int | bool) -> FakeAndroidOptions:
        change: dict[str, Any] = {name: value}
        return replace(options, troubles=replace(options.troubles, **change))

    return changed


def _withdrawn(options: FakeAndroidOptions, value: int | bool) -> FakeAndroidOptions:
    return replace(options, withdraw_after_bytes=value)


_Trouble = Callable[[FakeAndroidOptions, int | bool], FakeAndroidOptions]
_DIGITS_MAX = 13
_TROUBLES: Mapping[str, _Trouble] = {
    "slow=MS": _of_device("slow_ms"),
    "vanish=BYTES": _of_device("vanish_after_bytes"),
    "unauthorized": _of_device("unauthorized"),
    "withdrawn=BYTES": _withdrawn,
    "loses-texts": _of_device("loses_texts"),
    "refuses-isms": _of_device("refuses_isms"),
}


def _device(options: FakeAndroidOptions) -> FakeDevice:
    return FakeDevice(
        release(options.android),
        serial=options.serial or ("emulator" if options.is_emulator else "FAKE0001"),
        is_emulator=options.is_emulator,
        number=options.number or f"{_LINE}5554",
        sims=options.sims,
        capacity_bytes=options.storage_bytes,
        seed=options.seed,
        troubles=options.troubles,
    )


def _console_port(options: FakeAndroidOptions, adb_port: int) -> int:
    if options.console_port is not None:
        return options.console_port
    return adb_port - 1 if options.adb_port else 0


def _name(device: FakeDevice, options: FakeAndroidOptions, console_port: int) -> None:
    """An emulator is named after its console."""
    if not options.serial:
        device.serial = f"emulator-{console_port}"
    if not options.number:
        device.numbers[1] = f"{_LINE}{console_port:04}"
