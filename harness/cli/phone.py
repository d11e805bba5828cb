"""`phone`: emulated phones for a server that somebody has."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
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
    "--count",
    type=click.IntRange(1, 1000),
    default=1,
    show_default=True,
    help="So many phones; each further one has the next number.",
)
@click.option(
    "--encryption-key",
    envvar="HTTPSMS_HARNESS_ENCRYPTION_KEY",
    show_envvar=True,
    default="",
    help="Decrypt and encrypt with it.",
)
@click.option("--app", default=None, metavar="PROFILE", help="The build of the app (`5dab6f8`, or a file of your own).")
@click.option("--oem", default=None, metavar="PROFILE", help="The phone's maker and its habits (`stock`, or a file).")
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
@click.option(
    "--state",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Keep settings and jobs in this file; start again with it to go on.",
)
@click.option(
    "--control-port",
    type=click.IntRange(0, 65535),
    metavar="N",
    help="Open /_control/ on this port of 127.0.0.1: what the phones do, and what is done to them.",
)
@click.option(
    "--control-token",
    envvar="HTTPSMS_HARNESS_CONTROL_TOKEN",
    show_envvar=True,
    help="What control calls must show.",
)
@click.option("--view", is_flag=True, help="Show on the terminal what the phones do now, instead of what happened.")
@click.option("--http1", is_flag=True, help="Offer no HTTP/2 over TLS (the app offers both).")
@click.option(
    "--ca-file",
    type=click.Path(dir_okay=False, exists=True, path_type=Path),
    metavar="FILE",
    help="Trust the certificates in this PEM file instead of the system's.",
)
@click.option("--insecure", is_flag=True, help="Trust any certificate.")
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
@click.option(
    "--finish",
    "finish_s",
    type=click.FloatRange(0),
    default=5.0,
    show_default=True,
    metavar="SECONDS",
    help="How long requests under way may take when it is to stop.",
)
def phone(
    server: str, phone_key: str, numbers: tuple[str, ...], count: int, encryption_key: str, app: str | None,
    oem: str | None, push_url: str | None, push_port: int | None, poll: bool, user_key: str | None,
    state: Path | None, control_port: int | None, control_token: str | None, view: bool, http1: bool,
    ca_file: Path | None, insecure: bool, seed: int, timeout_s: float, finish_s: float,
) -> int:  # fmt: skip
    """Emulated Android phones for a server that you have.

    What they do is shown on stderr. Lines on stdin are done to them: `text +18005550101 Hello` texts the phone,
    `lose network` takes its network away, `help` lists the rest. With several phones a number in front chooses one:
    `+18005550199: reboot`.

    \b
    httpsms-harness phone --server http://127.0.0.1:8000 --number +18005550199 --phone-key pk_…
    """
    end_on_interrupt(PASSED, lambda: "stopped")
    import asyncio

    from harness.phone_process import PhoneOptions
    from harness.sms import PhoneNumber

    if poll and user_key is None:
        raise UsageError("--poll needs the account's key", "give --user-key")
    if sum((push_url is not None, push_port is not None, poll)) > 1:
        raise UsageError("--push, --push-port and --poll exclude each other", "choose one")
    if len(numbers) > 2:
        raise UsageError("a phone has two SIMs at most", "give --number once or twice")
    if control_token is not None and control_port is None:
        raise UsageError("--control-token without --control-port", "give both, or none")
    if view and not sys.stderr.isatty():
        raise UsageError("--view needs a terminal", "leave it out: what happens is written line by line")
    options = PhoneOptions(
        server, phone_key, tuple(PhoneNumber.parse(number).e164 for number in numbers), count, encryption_key, push_url,
        push_port, user_key if poll else None, seed, timeout_s=timeout_s, state=state, control_port=control_port,
        control_token=control_token, http1=http1, ca_file=ca_file, insecure=insecure, app=app, oem=oem,
    )  # fmt: skip
    return asyncio.run(_phone(options, finish_s, view))


async def _phone(options: Any, finish_s: float, view: bool) -> int:
    import asyncio

    from harness.phone_process import phones_running

    stop = asyncio.Event()
    watch = _View() if view else None
    async with phones_running(options, _show_entry if watch is None else watch.take, stop) as phones:
        # Until now Ctrl-C has ended the process at once: there was nothing to close.
        stop_on_signals(stop)
        if phones.push_port is not None:
            talk(f"start the server with FCM_ENDPOINT=http://127.0.0.1:{phones.push_port}")
        if phones.control_port is not None:
            talk(f"control routes: http://127.0.0.1:{phones.control_port}/_control/handsets")
        if watch is None:
            _read_lines(asyncio.get_running_loop(), phones)
            await stop.wait()
        else:
            await watch.show(phones, stop)
        talk(await _end(phones, options.state, finish_s))
    return PASSED


async def _end(phones: Any, state: Path | None, finish_s: float) -> str:
    """What becomes of the jobs: a file keeps them, otherwise those under way are finished."""
    if state is not None:
        jobs = phones.jobs
        return f"stopped; {jobs} job{'s' * (jobs != 1)} kept in {state}" if jobs else "stopped; no job is left"
    before = phones.jobs
    await phones.finish(finish_s)
    left = phones.jobs
    finished = f"; finished {before - left} of {before} jobs" if before > left else ""
    return f"stopped{finished}" + (f"; {left} given up (--state FILE would keep them)" if left else "")


def _show_entry(entry: Any) -> None:
    if entry.hop == "phone":
        facts = ", ".join(f"{name}={value}" for name, value in entry.facts.items() if name != "content")
        message = f" [{entry.message}]" if entry.message else ""
        talk(f"{entry.kind}{message} {facts}".rstrip())
    else:
        show_text(entry)


# -- stdin -------------------------------------------------------------------------------------------------------------


def _read_lines(loop: Any, phones: Any) -> None:
    """Lines typed on stdin. Stdin may be closed or anything that select takes."""
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
            _do(phones, row.decode("utf-8", "replace").strip())

    # A file, or nothing at all, cannot be waited for: only what is typed or piped is read.
    with suppress(OSError, ValueError):
        loop.add_reader(0, read)


def _read_some() -> bytes:
    try:
        return os.read(0, 4096)
    except OSError:
        return b""


def _do(phones: Any, line: str) -> None:
    from harness.deeds import help_lines

    if not line:
        return
    if line == "help":
        talk("\n".join(help_lines()))
    elif line == "status":
        talk("\n".join(state_lines(phones.handsets.state())))
    else:
        try:
            number, words = _chosen(line)
            phones.handsets.act(words, number)
        except UsageError as error:
            talk(str(error))


def _chosen(line: str) -> tuple[str | None, str]:
    """`+18005550199: reboot` names a phone; without a name every phone is meant."""
    number, colon, words = line.partition(":")
    if colon and number.startswith("+") and number[1:].isdigit():
        return number, words.strip()
    return None, line


def state_lines(phones: list[dict[str, Any]]) -> list[str]:
    """What each phone is and waits for, in words."""
    lines: list[str] = []
    for each in phones:
        state = "logged in" if each["logged_in"] else "logged out"
        paused = f", paused ({each['held_back']} held back)" if each["paused"] else ""
        lines.append(f"{' and '.join(each['numbers'])}: {state}{paused}")
        lines += [f"  {_pending(pending)}" for pending in each["pending"]] or ["  nothing to do"]
    return lines


def _pending(pending: dict[str, Any]) -> str:
    message = f" [{pending['message']}]" if pending["message"] else ""
    time = "" if pending["for_s"] is None else f" for {pending['for_s']:g} s"
    return f"{pending['what']}{message} waits for {pending['waits_for']}{time}"


# -- the view ----------------------------------------------------------------------------------------------------------


class _View:
    """The phones as a table that is drawn anew, with the last entries below."""

    def __init__(self) -> None:
        self.last: list[str] = []

    def take(self, entry: Any) -> None:
        if entry.hop in ("phone", "contact"):
            message = f" [{entry.message}]" if entry.message else ""
            self.last = [*self.last[-9:], f"{entry.hop}: {entry.kind}{message}"]

    async def show(self, phones: Any, stop: Any) -> None:
        """Until `stop` is set."""
        import asyncio

        # Half a megabyte that only a terminal needs.
        from rich.console import Console, Group
        from rich.live import Live
        from rich.text import Text

        def drawn() -> Any:
            return Group(*(Text(line) for line in (*state_lines(phones.handsets.state()), "", *self.last)))

        with Live(console=Console(stderr=True), auto_refresh=False) as live:
            while not stop.is_set():
                live.update(drawn(), refresh=True)
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), 0.25)
