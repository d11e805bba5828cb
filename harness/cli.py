"""The command line. Results go to stdout, talk to stderr; the exit code tells what happened.

0 passed · 1 an expectation failed · 2 wrong usage or scenario · 3 the harness or a server failed · 5 nothing to run ·
130 interrupted. Only click is imported here: each command loads what it needs, so `--version` answers at once.
"""

from __future__ import annotations

import json
import os
import sys
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from harness import __version__
from harness.errors import CipherError, HarnessError, ScenarioError, UsageError

if TYPE_CHECKING:
    from harness.conform import Case, CaseResult
    from harness.scenario import Scenario
    from harness.serving import AccountSpec
    from harness.testing import Outcome

__all__ = ["main"]

PASSED, FAILED, USAGE, BROKEN, NOTHING, INTERRUPTED = 0, 1, 2, 3, 5, 130


def main() -> NoReturn:
    """The entry point: turns every error of ours into one message and an exit code."""
    try:
        sys.exit(commands.main(standalone_mode=False) or PASSED)
    except click.exceptions.Abort:
        _leave(INTERRUPTED, "interrupted")
    except KeyboardInterrupt:
        _leave(INTERRUPTED, "interrupted")
    except click.ClickException as error:
        error.show()
        sys.exit(USAGE)
    except BrokenPipeError:
        # Whoever read our output has enough of it: that is no failure of ours.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(PASSED)
    except (UsageError, ScenarioError) as error:
        _leave(USAGE, f"error: {error}")
    except HarnessError as error:
        _leave(BROKEN, f"error: {error}")


def _leave(code: int, text: str) -> NoReturn:
    click.echo(text, err=True)
    sys.exit(code)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="httpsms-harness")
def commands() -> None:
    """Test httpSMS without a phone, a SIM or Firebase.

    \b
    httpsms-harness run scenarios/     scripted texts, out and in
    httpsms-harness serve              a local httpSMS server with a phone in it
    httpsms-harness phone --server …   an emulated phone for a server that you have
    """


# -- run ---------------------------------------------------------------------------------------------------------------


@commands.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--seed", type=int, default=1, show_default=True, help="Decides every choice of the run.")
@click.option("--live", is_flag=True, help="Over real sockets on 127.0.0.1, by the real clock.")
@click.option("--json", "json_file", metavar="FILE", help="Write the results there as JSON (- = stdout).")
@click.option("--trace", "trace_file", metavar="FILE", help="Write the traces there as JSON lines.")
@click.option("-k", "name", metavar="NAME", help="Only stories whose name or file contains NAME.")
def run(
    paths: tuple[str, ...],
    seed: int,
    live: bool,
    json_file: str | None,
    trace_file: str | None,
    name: str | None,
) -> int:
    """Replay scenario files on the embedded gateway.

    PATH is a file, or a folder with files that end in .scenario.yaml (default: scenarios).

    \b
    httpsms-harness run scenarios/plain_text.scenario.yaml
    httpsms-harness run -k encrypted --seed 7
    """
    from harness.adapters.scenario_files import find_files, read_file

    files = list(find_files(paths or ("scenarios",)))
    stories = [story for path in files for story in read_file(path) if _is_chosen(story, name)]
    if not stories:
        click.echo(f"nothing to run: no story matches {name!r}", err=True)
        return NOTHING
    outcomes: list[Outcome] = []
    try:
        for story in stories:
            outcomes.append(_run_one(story, seed, live))
            click.echo(_coloured(outcomes[-1].report()), err=json_file == "-")
    except KeyboardInterrupt:
        _summary(outcomes, len(stories))
        raise
    if json_file is not None:
        _write(json_file, json.dumps(_results(outcomes), indent=2) + "\n")
    if trace_file is not None:
        _write(trace_file, "".join(f"{line}\n" for outcome in outcomes for line in outcome.trace.lines()))
    _summary(outcomes, len(stories))
    return PASSED if all(outcome.passed for outcome in outcomes) else FAILED


def _is_chosen(story: Scenario, name: str | None) -> bool:
    return name is None or name in story.name or name in story.place.path


def _run_one(story: Scenario, seed: int, live: bool) -> Outcome:
    if not live:
        from harness.testing import run_scenario

        return run_scenario(story, seed)
    from harness.serving import run_scenario_live

    return run_scenario_live(story, seed)


def _results(outcomes: list[Outcome]) -> list[dict[str, Any]]:
    from harness.report import as_json

    return [as_json(outcome.verdict, outcome.seed, outcome.trace.hash) for outcome in outcomes]


def _summary(outcomes: list[Outcome], wanted: int) -> None:
    passed = sum(outcome.passed for outcome in outcomes)
    text = f"{passed} passed, {len(outcomes) - passed} failed"
    if len(outcomes) < wanted:
        text += f", {wanted - len(outcomes)} not run"
    click.echo(text, err=True)


def _coloured(report: str) -> str:
    """The first word in its colour; click takes colours out where no terminal reads them."""
    word, _, rest = report.partition(" ")
    return click.style(word, fg={"pass": "green", "FAIL": "red"}.get(word, "yellow")) + " " + rest


def _write(path: str, text: str) -> None:
    if path == "-":
        click.echo(text, nl=False)
        return
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}", "give a file in a folder that exists") from None


# -- encrypt, decrypt --------------------------------------------------------------------------------------------------

_KEY = click.option(
    "--key",
    envvar="HTTPSMS_HARNESS_ENCRYPTION_KEY",
    required=True,
    help="The key, or set HTTPSMS_HARNESS_ENCRYPTION_KEY.",
)


@commands.command()
@_KEY
@click.argument("text", required=False)
def encrypt(key: str, text: str | None) -> None:
    """Encrypt TEXT (or standard input) as httpSMS clients do."""
    from harness.cipher import encrypt as encrypted

    click.echo(encrypted(key, _argument(text)))


@commands.command()
@_KEY
@click.argument("ciphertext", required=False)
def decrypt(key: str, ciphertext: str | None) -> None:
    """Decrypt CIPHERTEXT (or standard input) as the phone does."""
    from harness.cipher import decrypt as decrypted

    try:
        click.echo(decrypted(key, _argument(ciphertext).strip()))
    except CipherError as error:
        raise UsageError(f"cannot decrypt: {error}", "the ciphertext is base64 as printed by `encrypt`") from None


def _argument(text: str | None) -> str:
    return sys.stdin.read().removesuffix("\n") if text is None else text


# -- conform -----------------------------------------------------------------------------------------------------------


@commands.command()
@click.option(
    "--cases",
    "folder",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="A folder with recorded cases (gateway/conversations/*.json below it).",
)
@click.option("--server", metavar="URL", help="Replay on this server; accounts are made by its control routes.")
@click.option("--spawn", is_flag=True, help="Start a `serve --pace faithful` in a process of its own and replay on it.")
@click.option(
    "--listen-port",
    type=click.IntRange(0, 65535),
    default=0,
    metavar="N",
    help="Where our FCM endpoint and webhook receivers listen: the server's FCM_ENDPOINT.",
)
@click.option("--system-key", envvar="EVENTS_QUEUE_USER_API_KEY", help="The key of the queue's user.")
@click.option("--control-token", envvar="HTTPSMS_HARNESS_CONTROL_TOKEN", help="What control calls must show.")
@click.option("-k", "name", default="", metavar="NAME", help="Only cases whose name or area contains NAME.")
@click.option("--json", "json_file", metavar="FILE", help="Write the results there as JSON (- = stdout).")
def conform(
    folder: Path, server: str | None, spawn: bool, listen_port: int, system_key: str | None,
    control_token: str | None, name: str, json_file: str | None,
) -> int:  # fmt: skip
    """Replay recorded server conversations and show which steps differ.

    Without --server or --spawn they run on the embedded gateway in virtual time.

    \b
    httpsms-harness conform --cases tests/data -k expiry
    httpsms-harness conform --cases tests/data --spawn -k receive
    """
    from harness.adapters.case_files import load_cases
    from harness.conform import text, to_json
    from harness.errors import CaseError

    if server is not None and spawn:
        raise UsageError("--server and --spawn exclude each other", "choose one")
    read = list(load_cases(folder))
    broken = [case for case in read if isinstance(case, CaseError)]
    cases = [case for case in read if not isinstance(case, CaseError) and (name in case.name or name in case.area)]
    for error in broken:
        click.echo(f"error: {error}", err=True)
    if not cases:
        click.echo("nothing to run", err=True)
        return NOTHING
    results = _replay(cases, server, spawn, listen_port, system_key, control_token)
    click.echo(text(results), err=json_file == "-")
    if json_file is not None:
        _write(json_file, json.dumps(to_json(results), indent=2) + "\n")
    differs = any(result.verdict == "differ" for result in results)
    return USAGE if broken else FAILED if differs else PASSED


def _replay(
    cases: list[Case], server: str | None, spawn: bool, listen_port: int, system_key: str | None, token: str | None
) -> list[CaseResult]:
    import asyncio
    from contextlib import nullcontext

    from harness.conforming import Target, replay_live, replay_virtual, spawned

    if server is None and not spawn:
        return [replay_virtual(case) for case in cases]
    target = spawned if server is None else lambda _port: nullcontext(Target(server, system_key, None, token))
    return asyncio.run(
        replay_live(cases, listen_port, target, lambda one: click.echo(f"{one.verdict:6} {one.case}", err=True))
    )


# -- serve -------------------------------------------------------------------------------------------------------------


_ACCOUNT_KEYS = ("user_id", "api_key", "email", "plan")


def _accounts(_context: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> tuple[AccountSpec, ...]:
    """`user_id=…,api_key=…,email=…,plan=…`, any of them, once an account."""
    return tuple(_account(value) for value in values)


def _account(value: str) -> AccountSpec:
    from harness.serving import AccountSpec

    facts: dict[str, str] = {}
    for part in value.split(","):
        key, _, fact = part.partition("=")
        if key not in _ACCOUNT_KEYS:
            near = get_close_matches(key, _ACCOUNT_KEYS, 1)
            raise click.BadParameter(f"unknown key {key!r}; " + (f"did you mean {near[0]}?" if near else _KNOWN))
        if not fact:
            raise click.BadParameter(f"{key} has no value; {_KNOWN}")
        facts[key] = fact
    return AccountSpec(**facts)


_KNOWN = "write user_id=…,api_key=…,email=…,plan=…"


@commands.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0: any free one.")
@click.option(
    "--pace",
    type=click.Choice(["instant", "faithful"]),
    default="instant",
    show_default=True,
    help="faithful: the delays and the rate spacing of the real server.",
)
@click.option("--keep-rate", is_flag=True, help="Keep the rate spacing even when instant.")
@click.option("--seed", type=int, default=None, help="Decides every choice, keys too (default: another one each time).")
@click.option(
    "--account",
    "accounts",
    callback=_accounts,
    multiple=True,
    metavar="KEY=VALUE,…",
    help="user_id=…,api_key=…,email=…,plan=… (repeatable).",
)
@click.option(
    "--phones",
    type=click.IntRange(0, 1),
    default=1,
    show_default=True,
    help="Emulated phones inside; 0 to bring your own with `phone`.",
)
@click.option(
    "--state",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Keep everything in this file; start again with it to go on.",
)
@click.option("--control", is_flag=True, help="Open the control routes under /_control/.")
@click.option("--control-token", envvar="HTTPSMS_HARNESS_CONTROL_TOKEN", help="What control calls must show.")
@click.option(
    "--fcm-endpoint",
    envvar="FCM_ENDPOINT",
    metavar="URL",
    help="Push there, not to the phones inside (FCM_ENDPOINT).",
)
@click.option("--queue-user-id", envvar="EVENTS_QUEUE_USER_ID", help="Who may post to /v1/events.")
@click.option("--queue-user-api-key", envvar="EVENTS_QUEUE_USER_API_KEY", help="That user's key.")
def serve(
    host: str, port: int, pace: str, keep_rate: bool, seed: int, accounts: tuple[Any, ...], phones: int,
    state: Path | None, control: bool, control_token: str | None, fcm_endpoint: str | None,
    queue_user_id: str | None, queue_user_api_key: str | None,
) -> int:  # fmt: skip
    """A local httpSMS server, with an emulated phone in it.

    The first line of stdout is its URL; then a user key, a phone number and that phone's key. Texts are shown as
    they go out and come in.
    """
    import asyncio

    from harness.serving import ServeOptions
    from harness.standin import Pace

    if (queue_user_id is None) != (queue_user_api_key is None):
        raise UsageError(
            "the queue user needs an id and a key", "give EVENTS_QUEUE_USER_ID and EVENTS_QUEUE_USER_API_KEY"
        )
    if control and control_token is None and not _is_loopback(host):
        raise UsageError(
            f"--control on {host} would be open to everybody",
            "give a --control-token, or listen on 127.0.0.1",
        )
    queue_user = (queue_user_id, queue_user_api_key) if queue_user_id and queue_user_api_key else None
    if fcm_endpoint is not None:
        click.echo(f"pushes go to {fcm_endpoint}; the push service inside is off", err=True)
        phones = 0
    options = ServeOptions(
        host, port, Pace[pace.upper()], seed, accounts, phones, control, control_token, keep_rate, fcm_endpoint,
        queue_user, state,
    )  # fmt: skip
    return asyncio.run(_serve(options))


def _is_loopback(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")


async def _serve(options: Any) -> int:
    from harness.serving import serving

    stop = _stop_on_signals()
    async with serving(options) as served:
        for line in (
            served.url,
            f"user key   {served.user_key}",
            f"number     {served.number}",
            f"phone key  {served.phone_key}",
        ):
            click.echo(line)
        sys.stdout.flush()
        served.bed.trace.subscribe(_show_texts)
        click.echo(_invitation(served.url, served.user_key, served.number), err=True)
        await stop.wait()
    click.echo("stopped", err=True)
    return PASSED


def _invitation(url: str, key: str, number: str) -> str:
    body = json.dumps({"from": number, "to": "+18005550100", "content": "Hello"})
    return (
        "send a text:\n"
        f"  curl {url}/v1/messages/send -H 'x-api-key: {key}' -H 'Content-Type: application/json' -d '{body}'\n"
        "Ctrl-C stops."
    )


def _show_texts(entry: Any) -> None:
    """One line for each text that a handset shows."""
    if (entry.hop, entry.kind) in (("contact", "received"), ("contact", "wrote")):
        facts = entry.facts
        click.echo(f"{facts['from']} -> {facts['to']}: {facts['text']}", err=True)


def _stop_on_signals() -> Any:
    """An event that SIGINT and SIGTERM set: a clean stop, not a traceback."""
    import asyncio
    import signal

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return stop


# -- phone -------------------------------------------------------------------------------------------------------------


@commands.command()
@click.option(
    "--server",
    required=True,
    metavar="URL",
    help="The httpSMS server (http:// is taken, unlike by the real app).",
)
@click.option("--phone-key", required=True, envvar="HTTPSMS_HARNESS_PHONE_KEY", help="The phone's API key (pk_…).")
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
    default="",
    help="Decrypt and encrypt with it.",
)
@click.option("--push", "push_url", metavar="URL", help="The push service to join (default: the server's own).")
@click.option(
    "--push-port",
    type=click.IntRange(0, 65535),
    metavar="N",
    help="Bring a push service along on this port; start the server with FCM_ENDPOINT set to it.",
)
@click.option("--poll", is_flag=True, help="Ask the API for messages instead of waiting for pushes; needs --user-key.")
@click.option("--user-key", envvar="HTTPSMS_HARNESS_USER_KEY", help="The account's API key, for --poll.")
@click.option("--seed", type=int, default=1, show_default=True, help="Decides every choice.")
def phone(
    server: str, phone_key: str, numbers: tuple[str, ...], encryption_key: str, push_url: str | None,
    push_port: int | None, poll: bool, user_key: str | None, seed: int,
) -> int:  # fmt: skip
    """An emulated Android phone for a server that you have.

    What it does is shown on stderr. A line `+18005550101 Hello` on stdin texts the phone from that number.
    """
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
        push_port, user_key if poll else None, seed,
    )  # fmt: skip
    return asyncio.run(_phone(options))


async def _phone(options: Any) -> int:
    import asyncio

    from harness.serving import run_phone

    stop = _stop_on_signals()

    def opened(line: Any) -> None:
        if line.push_port is not None:
            click.echo(f"start the server with FCM_ENDPOINT=http://127.0.0.1:{line.push_port}", err=True)
        _read_texts(asyncio.get_running_loop(), line)

    await run_phone(options, _show_entry, opened, stop)
    click.echo("stopped", err=True)
    return PASSED


def _show_entry(entry: Any) -> None:
    if entry.hop == "phone":
        facts = ", ".join(f"{name}={value}" for name, value in entry.facts.items() if name != "content")
        message = f" [{entry.message}]" if entry.message else ""
        click.echo(f"{entry.kind}{message} {facts}".rstrip(), err=True)
    else:
        _show_texts(entry)


def _read_texts(loop: Any, line: Any) -> None:
    """Texts typed on stdin: `NUMBER TEXT`, one a line. Stdin may be closed or anything that select takes."""
    unread = bytearray()

    def read() -> None:
        data = os.read(0, 4096)
        if not data:
            loop.remove_reader(0)
            return
        unread.extend(data)
        while b"\n" in unread:
            row, _, rest = bytes(unread).partition(b"\n")
            unread[:] = rest
            sender, _, text = row.decode("utf-8", "replace").strip().partition(" ")
            if text:
                line.text(sender, text)
            elif sender:
                click.echo("write NUMBER TEXT, for example: +18005550101 Hello", err=True)

    try:
        loop.add_reader(0, read)
    except (OSError, ValueError):
        pass  # a file or nothing at all: only what is typed or piped is read
