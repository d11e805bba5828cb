"""The command line. Results go to stdout, talk to stderr; the exit code tells what happened.

0 passed · 1 an expectation failed · 2 wrong usage or scenario · 3 the harness or a server failed · 5 nothing to run ·
130 interrupted. Only click is imported here: each command loads what it needs, so `--version` answers at once.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from harness import __version__
from harness.console import (
    INTERRUPTED,
    end_on_interrupt,
    ignore_interrupts,
    prepare,
    show,
    stop_on_signals,
    talk,
    wants_colour,
)
from harness.errors import CipherError, HarnessError, ScenarioError, UsageError

if TYPE_CHECKING:
    from harness.conform import Case, CaseResult
    from harness.scenario import Scenario
    from harness.serving import AccountSpec
    from harness.testing import Outcome

__all__ = ["main"]

PASSED, FAILED, USAGE, BROKEN, NOTHING = 0, 1, 2, 3, 5


def main() -> NoReturn:
    """Runs the command: turns every error of ours into one message and an exit code."""
    prepare()
    try:
        code = commands.main(standalone_mode=False) or PASSED
        ignore_interrupts()
        sys.exit(code)
    except (click.exceptions.Abort, KeyboardInterrupt):
        _leave(INTERRUPTED, "interrupted")
    except click.ClickException as error:
        error.show()
        sys.exit(USAGE)
    except HarnessError as error:
        _leave_with(error)
    except ExceptionGroup as group:
        ours, others = group.split(HarnessError)
        if ours is None or others is not None:
            raise
        _leave_with(_first(ours))


def _first(group: ExceptionGroup[HarnessError]) -> HarnessError:
    """The tasks of a world that breaks end together; the first of their errors is the cause."""
    inner = group.exceptions[0]
    return _first(inner) if isinstance(inner, ExceptionGroup) else inner


def _leave_with(error: HarnessError) -> NoReturn:
    _leave(USAGE if isinstance(error, UsageError | ScenarioError) else BROKEN, f"error: {error}")


def _leave(code: int, text: str) -> NoReturn:
    ignore_interrupts()
    talk(text)
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


def _url(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    """An http or https URL. One with a password is not shown."""
    from harness.http.urls import parse_url

    if value is not None and "@" in value:
        raise click.BadParameter("a URL with a user or a password is not taken")
    if value is not None and parse_url(value) is None:
        raise click.BadParameter(f"{value!r} is no http or https URL; write it like http://127.0.0.1:8000")
    return value


# -- run ---------------------------------------------------------------------------------------------------------------


@commands.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--seed", type=int, default=1, show_default=True, help="Decides every choice of the run.")
@click.option("--live", is_flag=True, help="Over real sockets on 127.0.0.1, by the real clock.")
@click.option("--json", "json_file", metavar="FILE", help="Write the results there as JSON (- = stdout).")
@click.option("--trace", "trace_file", metavar="FILE", help="Write the traces there as JSON lines.")
@click.option("-k", "name", metavar="NAME", help="Only stories whose name or file contains NAME.")
@click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    show_default=True,
    help="auto: on a terminal, unless NO_COLOR is set.",
)
def run(
    paths: tuple[str, ...], seed: int, live: bool, json_file: str | None, trace_file: str | None, name: str | None,
    color: str,
) -> int:  # fmt: skip
    """Replay scenario files on the embedded gateway.

    PATH is a file, or a folder with files that end in .scenario.yaml (default: scenarios).

    \b
    httpsms-harness run scenarios/plain_text.scenario.yaml
    httpsms-harness run -k encrypted --seed 7
    """
    outcomes: list[Outcome] = []
    stories: list[Scenario] = []
    end_on_interrupt(INTERRUPTED, lambda: f"{_summary(outcomes, len(stories))}\ninterrupted")
    from harness.adapters.scenario_files import find_files, read_file

    _check_outputs(json_file, trace_file)
    files = list(find_files(paths or ("scenarios",)))
    stories += [story for path in files for story in read_file(path) if _is_chosen(story, name)]
    if not stories:
        talk(f"nothing to run: no story matches {name!r}")
        return NOTHING
    report = talk if json_file == "-" or trace_file == "-" else show
    coloured = wants_colour(color, sys.stderr if report is talk else sys.stdout)
    for story in stories:
        outcomes.append(_run_one(story, seed, live))
        report(_coloured(outcomes[-1].report()) if coloured else outcomes[-1].report())
    if json_file is not None:
        _write(json_file, json.dumps(_results(outcomes), indent=2))
    if trace_file is not None:
        _write(trace_file, "\n".join(line for outcome in outcomes for line in outcome.trace.lines()))
    talk(_summary(outcomes, len(stories)))
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


def _summary(outcomes: list[Outcome], wanted: int) -> str:
    passed = sum(outcome.passed for outcome in outcomes)
    text = f"{passed} passed, {len(outcomes) - passed} failed"
    return text + f", {wanted - len(outcomes)} not run" if len(outcomes) < wanted else text


def _coloured(report: str) -> str:
    """The first word in its colour."""
    word, _, rest = report.partition(" ")
    return click.style(word, fg={"pass": "green", "FAIL": "red"}.get(word, "yellow")) + " " + rest


def _check_outputs(*paths: str | None) -> None:
    """Finds out before the work is done whether its results can be written."""
    if paths.count("-") > 1:
        raise UsageError("only one output can go to standard output", "give the others a file")
    for path in paths:
        if path is not None and path != "-" and not Path(path).absolute().parent.is_dir():
            raise UsageError(f"{path}: no such folder", "give a file in a folder that exists")


def _write(path: str, text: str) -> None:
    if path == "-":
        show(text)
        return
    try:
        Path(path).write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}", "give a file that can be written") from None


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
    """Encrypt TEXT (or standard input) as httpSMS clients do.

    \b
    httpsms-harness encrypt --key Password123 'Your code is 1234'
    """
    from harness.cipher import encrypt as encrypted

    show(encrypted(_unicode(key, "the key"), _argument(text, "TEXT")))


@commands.command()
@_KEY
@click.argument("ciphertext", required=False)
def decrypt(key: str, ciphertext: str | None) -> None:
    """Decrypt CIPHERTEXT (or standard input) as the phone does.

    A wrong key is no error: the phone would show the same garbage.

    \b
    httpsms-harness decrypt --key Password123 'Qk3XGN5+Ax38Ig01m4AqaP6Y0b0wYpCXtx59sU23uVLWUU/c7axF7LozDg=='
    """
    from harness.cipher import decrypt as decrypted

    try:
        show(decrypted(_unicode(key, "the key"), _argument(ciphertext, "CIPHERTEXT").strip()))
    except CipherError as error:
        raise UsageError(f"cannot decrypt: {error}", "the ciphertext is base64 as printed by `encrypt`") from None


def _argument(text: str | None, name: str) -> str:
    if text is not None:
        return _unicode(text, name)
    if sys.stdin is None:
        raise UsageError(f"no {name}, and standard input is closed", f"give {name}, or pipe it in")
    try:
        return sys.stdin.buffer.read().decode().removesuffix("\n")
    except UnicodeDecodeError:
        raise UsageError("standard input is not UTF-8", "a text is UTF-8 here") from None


def _unicode(text: str, name: str) -> str:
    """An argument as it was typed: under another locale its bytes came as surrogates."""
    try:
        return text.encode("utf-8", "surrogateescape").decode()
    except UnicodeDecodeError:
        raise UsageError(f"{name} is not UTF-8", "a text is UTF-8 here") from None


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
@click.option(
    "--server", callback=_url, metavar="URL", help="Replay on this server; accounts are made by its control routes."
)
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
    _check_outputs(json_file)
    read = list(load_cases(folder))
    broken = [case for case in read if isinstance(case, CaseError)]
    cases = [case for case in read if not isinstance(case, CaseError) and (name in case.name or name in case.area)]
    for error in broken:
        talk(f"error: {error}")
    if not cases:
        talk("nothing to run: no case matches" if read else "nothing to run")
        return USAGE if broken else NOTHING
    results = _replay(cases, server, spawn, listen_port, system_key, control_token)
    (talk if json_file == "-" else show)(text(results).removesuffix("\n"))
    if json_file is not None:
        _write(json_file, json.dumps(to_json(results), indent=2))
    differs = any(result.verdict == "differ" for result in results)
    return USAGE if broken else FAILED if differs else PASSED


def _replay(
    cases: list[Case], server: str | None, spawn: bool, listen_port: int, system_key: str | None, token: str | None
) -> list[CaseResult]:
    import asyncio
    import signal

    from harness.conforming import Target, replay_live, replay_virtual, spawned, there

    if server is None and not spawn:
        return [replay_virtual(case) for case in cases]
    # Here the interrupt is an exception: the server in its own process must be stopped on the way out.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    target = spawned if server is None else lambda _port: there(Target(server, system_key, None, token))
    return asyncio.run(replay_live(cases, listen_port, target, lambda one: talk(f"{one.verdict:6} {one.case}")))


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
    callback=_url,
    envvar="FCM_ENDPOINT",
    metavar="URL",
    help="Push there, not to the phones inside (FCM_ENDPOINT).",
)
@click.option("--queue-user-id", envvar="EVENTS_QUEUE_USER_ID", help="Who may post to /v1/events.")
@click.option("--queue-user-api-key", envvar="EVENTS_QUEUE_USER_API_KEY", help="That user's key.")
def serve(
    host: str, port: int, pace: str, keep_rate: bool, seed: int | None, accounts: tuple[Any, ...], phones: int,
    state: Path | None, control: bool, control_token: str | None, fcm_endpoint: str | None,
    queue_user_id: str | None, queue_user_api_key: str | None,
) -> int:  # fmt: skip
    """A local httpSMS server, with an emulated phone in it.

    The first line of stdout is its URL; then a user key, a phone number and that phone's key. Texts are shown as
    they go out and come in.

    \b
    httpsms-harness serve --port 0
    httpsms-harness serve --account api_key=uk_demo --state world.db
    """
    end_on_interrupt(PASSED, lambda: "stopped")
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
        talk(f"pushes go to {fcm_endpoint}; the push service inside is off")
        phones = 0
    options = ServeOptions(
        host, port, Pace[pace.upper()], seed, accounts, phones, control, control_token, keep_rate, fcm_endpoint,
        queue_user, state,
    )  # fmt: skip
    return asyncio.run(_serve(options))


def _is_loopback(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")


async def _serve(options: Any) -> int:
    import asyncio

    from harness.serving import serving

    stop = asyncio.Event()
    stop_on_signals(stop)
    async with serving(options) as served:
        show(f"{served.url}\nuser key   {served.user_key}\nnumber     {served.number}\nphone key  {served.phone_key}")
        show(_invitation(served.url, served.user_key, served.number))
        talk("Ctrl-C stops")
        served.bed.trace.subscribe(_show_texts)
        await stop.wait()
    talk("stopped")
    return PASSED


def _invitation(url: str, key: str, number: str) -> str:
    body = json.dumps({"from": number, "to": "+18005550100", "content": "Hello"})
    return (
        "send a text:\n"
        f"  curl {url}/v1/messages/send -H 'x-api-key: {key}' -H 'Content-Type: application/json' -d '{body}'"
    )


def _show_texts(entry: Any) -> None:
    """One line for each text that a handset shows."""
    if (entry.hop, entry.kind) in (("contact", "received"), ("contact", "wrote")):
        facts = entry.facts
        talk(f"{facts['from']} -> {facts['to']}: {facts['text']}")


# -- phone -------------------------------------------------------------------------------------------------------------


@commands.command()
@click.option(
    "--server",
    callback=_url,
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
@click.option(
    "--push", "push_url", callback=_url, metavar="URL", help="The push service to join (default: the server's own)."
)
@click.option(
    "--push-port",
    type=click.IntRange(0, 65535),
    metavar="N",
    help="Bring a push service along on this port; start the server with FCM_ENDPOINT set to it.",
)
@click.option("--poll", is_flag=True, help="Ask the API for messages instead of waiting for pushes; needs --user-key.")
@click.option("--user-key", envvar="HTTPSMS_HARNESS_USER_KEY", help="The account's API key, for --poll.")
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
        _show_texts(entry)


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
