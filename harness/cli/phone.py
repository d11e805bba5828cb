"""`phone`: an emulated phone for a server that somebody has."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import Any

import click

from harness.cli.common import PASSED, show_text, url
from harness.console import end_on_interrupt, stop_on_signals, talk
from harness.errors import UsageError

__all__ = ["phone"]


@click.command()
@click.option(
    "--server",
    callback=url,
    required=True,
    metavar="URL",
    help="The httpSMS server (http:// is taken, unlike by the real app).",
)
@click.option(
    "--phone-key",
    required=True,
    envvar="HTTPSMS_HARNESS_PHONE_KEY",
    show_envvar=True,
    help="The phone's API key (pk_…).",
)
@click.option(
    "--number",
    "numbers",
    required=True,
    multiple=True,
    metavar="+…",
    help="The SIM's number (twice for two SIMs).",
)
@click.option(
    "--encryption-key",
    envvar="HTTPSMS_HARNESS_ENCRYPTION_KEY",
    show_envvar=True,
    default="",
    help="Decrypt and encrypt with it.",
)
@click.option(
    "--push", "push_url", callback=url, metavar="URL", help="The push service to join (default: the server's own)."
)
@click.option(
    "--push-port",
    type=click.IntRange(0, 65535),
    metavar="N",
    help="Bring a push service along on this port; start the server with FCM_ENDPOINT set to it.",
)
@click.option("--poll", is_flag=True, help="Ask the API for messages instead of waiting for pushes; needs --user-key.")
@click.option(
    "--user-key", envvar="HTTPSMS_HARNESS_USER_KEY", show_envvar=True, help="The account's API key, for --poll."
)
@click.option("--seed", type=int, default=1, show_default=True, help="Decides every choice.")
@click.option(
    "--timeout",
    "timeout_s",
    type=click.FloatRange(0, min_open=True),
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="How long the server may take for its first answer.",
)
def phone(
    server: str, phone_key: str, numbers: tuple[str, ...], encryption_key: str, push_url: str | None,
    push_port: int | None, poll: bool, user_key: str | None, seed: int, timeout_s: float,
) -> int:  # fmt: skip
    """An emulated Android phone for a server that you have.

    What it does is shown on stderr. A line `+18005550101 Hello` on stdin texts the phone from that number.

    \b
    httpsms-harness phone --server http://127.0.0.1:8000 --number +18005550199 --phone-key pk_…
    """
    end_on_interrupt(PASSED, lambda: "stopped")
    import asyncio

    from harness.serving import PhoneOptions
    from harness.sms import PhoneNumber

    if poll and user_key is None:
        raise UsageError("--poll needs the account's key", "give --user-key")
    if sum((push_url is not None, push_port is not None, poll)) > 1:
        raise UsageError("--push, --push-port and --poll exclude each other", "choose one")
    if len(numbers) > 2:
        raise UsageError("a phone has two SIMs at most", "give --number once or twice")
    options = PhoneOptions(
        server, phone_key, tuple(PhoneNumber.parse(number).e164 for number in numbers), encryption_key, push_url,
        push_port, user_key if poll else None, seed, timeout_s=timeout_s,
    )  # fmt: skip
    return asyncio.run(_phone(options))


async def _phone(options: Any) -> int:
    import asyncio

    from harness.serving import run_phone

    stop = asyncio.Event()

    def opened(line: Any) -> None:
        # Until now Ctrl-C has ended the process at once: there was nothing to close.
        stop_on_signals(stop)
        if line.push_port is not None:
            talk(f"start the server with FCM_ENDPOINT=http://127.0.0.1:{line.push_port}")
        _read_texts(asyncio.get_running_loop(), line)

    await run_phone(options, _show_entry, opened, stop)
    talk("stopped")
    return PASSED


def _show_entry(entry: Any) -> None:
    if entry.hop == "phone":
        facts = ", ".join(f"{name}={value}" for name, value in entry.facts.items() if name != "content")
        message = f" [{entry.message}]" if entry.message else ""
        talk(f"{entry.kind}{message} {facts}".rstrip())
    else:
        show_text(entry)


def _read_texts(loop: Any, line: Any) -> None:
    """Texts typed on stdin: `NUMBER TEXT`, one a line. Stdin may be closed or anything that select takes."""
    import signal

    if sys.stdin is None:  # and the descriptor 0 is somebody else's by now
        return
    # In the background of a terminal reading fails, and the phone goes on; by default it would be stopped.
    signal.signal(signal.SIGTTIN, signal.SIG_IGN)
    unread = bytearray()

    def read() -> None:
        data = _read_some()
        if not data:
            loop.remove_reader(0)
            return
        unread.extend(data)
        while b"\n" in unread:
            row, _, rest = bytes(unread).partition(b"\n")
            unread[:] = rest
            _text(line, row.decode("utf-8", "replace").strip())

    # A file, or nothing at all, cannot be waited for: only what is typed or piped is read.
    with suppress(OSError, ValueError):
        loop.add_reader(0, read)


def _read_some() -> bytes:
    try:
        return os.read(0, 4096)
    except OSError:
        return b""


def _text(line: Any, row: str) -> None:
    from harness.errors import UnencodableAddress
    from harness.sms.address import party_address

    sender, _, text = row.partition(" ")
    if not sender:
        return
    try:
        party_address(sender)
    except UnencodableAddress as error:
        talk(str(error))
        text = ""
    if text:
        line.text(sender, text)
    else:
        talk("write NUMBER TEXT, for example: +18005550101 Hello")
