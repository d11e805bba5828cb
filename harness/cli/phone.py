"""`phone`: emulated phones for a server that somebody has."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from harness.cli.common import PASSED, url
from harness.console import end_on_interrupt, stop_on_signals, talk
from harness.errors import UsageError

__all__ = ["phone"]


def _operator(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    if value is not None and not (value.isdecimal() and value.isascii() and len(value) in (5, 6)):
        raise click.BadParameter(f"{value!r} is no operator; write its MCC and MNC, like 28601")
    return value


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
@click.option(
    "--operator",
    callback=_operator,
    metavar="MCCMNC",
    help="The SIM's operator: 28601 and other Turkish ones have letters of their own.",
)
@click.option("--android", type=click.IntRange(9), metavar="RELEASE", help="Which Android divides the texts.")
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
@click.option(
    "--push-host",
    metavar="ADDRESS",
    help="Where that push service listens (default: 127.0.0.1, which a server in a container does not reach).",
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
    help="How long jobs under way may take when it is to stop; --state keeps them instead.",
)
def phone(
    server: str, phone_key: str, numbers: tuple[str, ...], count: int, encryption_key: str, app: str | None,
    operator: str | None, android: int | None,
    oem: str | None, push_url: str | None, push_port: int | None, push_host: str | None, poll: bool,
    user_key: str | None, state: Path | None, control_port: int | None, control_token: str | None, view: bool,
    http1: bool, ca_file: Path | None, insecure: bool, seed: int, timeout_s: float, finish_s: float,
) -> int:  # fmt: skip
    """Emulated Android phones for a server that you have.

    What they do is shown on stderr. Lines on stdin are done to them once they have logged in: `text +18005550101 Hello`
    texts the phone, `lose network` takes its network away, `status` shows what it waits for, `help` lists the rest.
    With several phones a number in front chooses one: `+18005550199: reboot`.

    Ctrl-C ends it: what is under way is finished first, and the other jobs are given up. With --state nothing is given
    up: settings and jobs stay in the file, even if the process is killed, and the next start goes on with them.

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
    if push_host is not None and push_port is None:
        raise UsageError("--push-host without --push-port", "give both, or none")
    if insecure and ca_file is not None:
        raise UsageError("--insecure and --ca-file exclude each other", "choose one")
    if len(numbers) > 2:
        raise UsageError("a phone has two SIMs at most", "give --number once or twice")
    if control_token is not None and control_port is None:
        raise UsageError("--control-token without --control-port", "give both, or none")
    if view and not sys.stderr.isatty():
        raise UsageError("--view needs a terminal", "leave it out: what happens is written line by line")
    _make_room(count)
    options = PhoneOptions(
        server, phone_key.strip(), tuple(PhoneNumber.parse(number).e164 for number in numbers), count, encryption_key,
        push_url, push_port, push_host or "127.0.0.1", user_key if poll else None, seed, timeout_s=timeout_s,
        state=state, control_port=control_port, control_token=control_token, http1=http1, ca_file=ca_file,
        insecure=insecure, app=app, oem=oem, operator=operator,
        android=android,
    )  # fmt: skip
    return asyncio.run(_phone(options, finish_s, view))


def _make_room(count: int) -> None:
    """Each phone has a stream and requests of its own: as many files as they need, if the system lets us have them."""
    import resource

    files, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = 400 + 2 * count
    if files == resource.RLIM_INFINITY or files >= needed:
        return
    if most != resource.RLIM_INFINITY and most < needed:
        problem = f"{count} phones need {needed} open files, and {most} are allowed"
        raise UsageError(problem, f"allow more (`ulimit -n {needed}`), or give a smaller --count")
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed, most))


async def _phone(options: Any, finish_s: float, view: bool) -> int:
    import asyncio

    from harness.cli.phone_terminal import Editor, Lines, View, reading, show_entry
    from harness.phone_process import phones_running

    stop = asyncio.Event()
    watch = View() if view else None
    async with phones_running(options, show_entry if watch is None else watch.take, stop) as phones:
        # Until now Ctrl-C has ended the process at once: there was nothing to close.
        stop_on_signals(stop)
        say = talk if watch is None else watch.note
        for line in _places(phones):
            say(line)
        phones.when_logged_in(lambda: say(_ready(phones)))
        lines, loop = Lines(phones, say, stop.set), asyncio.get_running_loop()
        if watch is None:
            with reading(loop, lines.feed, lines.end):
                await stop.wait()
        else:
            editor = Editor(lines.do)
            watch.typed = lambda: editor.text
            is_typed = sys.stdin is not None and sys.stdin.isatty()
            with reading(loop, editor.feed if is_typed else lines.feed, lines.end):
                await watch.show(phones, stop)
        if not phones.login_failed:
            talk(await _end(phones, options.state, finish_s))
    return PASSED


def _ready(phones: Any) -> str:
    numbers = phones.handsets.numbers
    if len(phones.phones) == 1:
        return f"{' and '.join(numbers)} is ready; `help` lists what can be done to it"
    return f"{numbers[0]} … {numbers[-1]}: {len(phones.phones)} phones are ready; `help` lists what can be done to them"


def _places(phones: Any) -> list[str]:
    """Where this process listens."""
    lines = []
    if phones.push_place is not None:
        host, port = phones.push_place
        host = f"[{host}]" if ":" in host else "<this machine>" if host == "0.0.0.0" else host
        lines.append(f"start the server with FCM_ENDPOINT=http://{host}:{port}")
    if phones.control_port is not None:
        lines.append(f"control routes: http://127.0.0.1:{phones.control_port}/_control/handsets")
    return lines


async def _end(phones: Any, state: Path | None, finish_s: float) -> str:
    """What becomes of the jobs: a file keeps them, otherwise those under way are finished."""
    before = phones.jobs
    if state is not None:
        return f"stopped; {_jobs(before)} kept in {state}" if before else "stopped; no job is left"
    await phones.finish(finish_s)
    left = phones.jobs
    finished = f"; {_jobs(before - left)} finished" if before > left else ""
    return f"stopped{finished}" + (f"; {_jobs(left)} given up (--state FILE would keep them)" if left else "")


def _jobs(count: int) -> str:
    return f"{count} job{'s' * (count != 1)}"
