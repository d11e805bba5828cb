"""`adb fake`: an Android device for adb and an emulator's console, without Android."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.cli.common import PASSED
from harness.console import end_on_interrupt, show, stop_on_signals, talk
from harness.errors import MalformedAdb, UsageError

if TYPE_CHECKING:
    from harness.adb.keys import PublicKey
    from harness.fake_android import FakeAndroid

__all__ = ["fake"]

_TOKEN_FILE = ".emulator_console_auth_token"
_MIB = 1 << 20
_APP = "app      com.httpsms: httpsms-harness's phone core, not the real app"
_NUMBER = re.compile(r"\+?[0-9]{1,15}")
_SERIAL = re.compile(r"[!-~]{1,64}")  # adb puts it between spaces in a line


def _number(_context: click.Context, _option: click.Parameter, value: str) -> str:
    if value and not _NUMBER.fullmatch(value):
        raise click.BadParameter(f"{value!r} is no phone number; write it like +18005550100")
    return value


def _serial(_context: click.Context, _option: click.Parameter, value: str) -> str:
    if value and not _SERIAL.fullmatch(value):
        raise click.BadParameter(f"{value!r} is no serial; write up to 64 letters, digits and signs, without spaces")
    return value


@click.command(short_help="A fake Android device for adb.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=5555,
    show_default=True,
    help="Where adb connects to. 0: any free one.",
)
@click.option(
    "--console-port",
    type=click.IntRange(0, 65535),
    metavar="PORT",
    help="The emulator's console. An adb server finds an emulator by itself if this is even, from 5554 to 5584, and "
    "--port the next one. [default: the one below --port]",
)
@click.option("--emulator/--hardware", default=True, help="An emulator, or a device without a console.")
@click.option("--android", default="14", show_default=True, metavar="RELEASE", help="8 to 17.")
@click.option("--serial", callback=_serial, default="", help="What it calls itself. [default: emulator-PORT]")
@click.option(
    "--number",
    callback=_number,
    default="",
    help="The number of the first SIM. [default: 1555521 and the console's port]",
)
@click.option("--sims", type=click.IntRange(1, 2), default=1, show_default=True, help="How many SIMs it has.")
@click.option("--storage", type=click.IntRange(1, 4096), default=512, show_default=True, help="Room for files, in MiB.")
@click.option(
    "--auth-key",
    "auth_keys",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    metavar="FILE",
    help="Only hosts with one of these public keys (adbkey.pub) may use it (repeatable). [default: everybody may]",
)
@click.option(
    "--console-token-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help=f"The token that the console asks for; an empty file: none. [default: ~/{_TOKEN_FILE}, if it is there]",
)
@click.option(
    "--trouble",
    "troubles",
    multiple=True,
    metavar="NAME",
    help="slow=MS: every answer takes so long; vanish=BYTES: each connection breaks after so many; unauthorized: "
    "nobody may use it; withdrawn=BYTES: after so many nobody may any more; loses-texts: the console says OK, and "
    "nothing comes; refuses-isms: the shell may send no text (repeatable).",
)
@click.option(
    "--app",
    is_flag=True,
    help="com.httpsms is installed: the phone core of this package, not the real app, for `run --device … --app`.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Decides every choice.")
def fake(
    host: str, port: int, console_port: int | None, emulator: bool, android: str, serial: str, number: str, sims: int,
    storage: int, auth_keys: tuple[Path, ...], console_token_file: Path | None, troubles: tuple[str, ...], app: bool,
    seed: int,
) -> int:  # fmt: skip
    """An Android device that adb can connect to: a shell, files, texts and calls, and an emulator's console.

    It is nothing but this process: no Android, no emulator, and everything is gone when it ends. stdout has a line for
    each way to reach it; what happens on the device is told on stderr.

    \b
    httpsms-harness adb fake                       adb devices lists it as emulator-5554
    httpsms-harness adb fake --port 0 --hardware   adb connect to the port that it prints
    """
    end_on_interrupt(PASSED, lambda: "stopped")
    import asyncio

    from harness.fake_android import FakeAndroidOptions, with_trouble

    if console_port is not None and not emulator:
        raise UsageError("--console-port with --hardware", "only an emulator has a console")
    token, token_path = _token(console_token_file) if emulator else ("", "")
    options = FakeAndroidOptions(
        android=android, serial=serial, number=number, sims=sims, is_emulator=emulator, host=host, adb_port=port,
        console_port=console_port, trusted=_keys(auth_keys), console_token=token, console_token_path=token_path,
        storage_bytes=storage * _MIB, seed=seed,
    )  # fmt: skip
    for word in troubles:
        options = with_trouble(options, word)
    return asyncio.run(_fake(options, app=app))


def _keys(files: tuple[Path, ...]) -> tuple[PublicKey, ...] | None:
    from harness.adb.keys import PublicKey

    if not files:
        return None
    keys = []
    for file in files:
        try:
            keys += [PublicKey.parse(line) for line in file.read_bytes().splitlines() if line.strip()]
        except MalformedAdb as error:
            raise UsageError(f"{file}: {error.why}", "give an adbkey.pub, as adb writes it beside its adbkey") from None
        except OSError as error:
            raise UsageError(f"{file}: {error.strerror}", "give a file that can be read") from None
    return tuple(keys)


def _token(file: Path | None) -> tuple[str, str]:
    """The token, and where it stands."""
    path = file or Path.home() / _TOKEN_FILE
    try:
        return path.read_text(encoding="utf-8").strip(), str(path)
    except FileNotFoundError:
        return "", str(path)
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "no text"
        raise UsageError(f"{path}: {why}", "give --console-token-file a file that can be read") from None


async def _fake(options: Any, *, app: bool) -> int:
    import asyncio
    from contextlib import AsyncExitStack

    from harness.fake_android import fake_android

    stop = asyncio.Event()
    stop_on_signals(stop)
    async with AsyncExitStack() as open_things:
        android = await open_things.enter_async_context(fake_android(options))
        if app:
            from harness.fake_app import fake_app  # a phone and its radio, which a bare device need not

            await open_things.enter_async_context(fake_app(android, options.seed))
        android.on_kill.append(stop.set)
        android.on_happened.append(lambda happened: talk(_told(happened)))
        for line in [*_places(android), *([_APP] if app else [])]:
            show(line)
        talk("Ctrl-C stops")
        await stop.wait()
    talk("stopped")
    return PASSED


def _places(android: FakeAndroid) -> list[str]:
    device = android.device
    lines = [f"adb      {android.address}  (adb connect {android.address})"]
    if android.is_paired:
        lines = [f"adb      {android.address}  (adb devices lists it as {device.serial})"]
    if android.console is not None:
        lines.append(f"console  {android.console.host}:{android.console.port}  (adb -s {device.serial} emu help)")
    kind = "emulator" if device.is_emulator else "hardware"
    sims = "1 SIM" if device.sims == 1 else f"{device.sims} SIMs"
    return [*lines, f"device   {device.serial}  Android {device.release.android}, {kind}, {device.numbers[1]}, {sims}"]


def _told(happened: Any) -> str:
    """What happened, by its name and its facts."""
    from dataclasses import fields

    facts = ", ".join(f"{each.name}={getattr(happened, each.name)!r}" for each in fields(happened))
    return f"{type(happened).__name__}({facts})"
