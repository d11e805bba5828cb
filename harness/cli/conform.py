"""`conform`: replays recorded server conversations."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Sequence
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from harness.cli.common import COLOR, FAILED, NOTHING, PASSED, USAGE, check_outputs, url, write
from harness.console import INTERRUPTED, end_on_interrupt, show, talk, wants_colour
from harness.errors import CaseError, UsageError
from harness.frozen import frozen

if TYPE_CHECKING:
    from harness.conform import Case, CaseResult

__all__ = ["conform"]

AT_ONCE = 8


@frozen
class _Options:
    """Where cases are replayed, and which."""

    folders: tuple[Path, ...]
    orders: tuple[Path, ...]
    server: str | None
    spawn: bool
    user_keys: tuple[str, ...] = field(repr=False)
    listen_port: int
    system_key: str | None = field(repr=False)
    control_token: str | None = field(repr=False)
    at_once: int
    seed: int


@click.command(short_help="Replay what was recorded of the real server.")
@click.option(
    "--cases",
    "folders",
    multiple=True,
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Replay the conversations of this folder instead of those that come along (repeatable): gateway/conversations/"
    "*.json, conversations/*.json or *.json in it.",
)
@click.option(
    "--orders",
    multiple=True,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Replay the orders of this file (like message-orders.jsonl) instead of those that come along (repeatable).",
)
@click.option("--server", callback=url, metavar="URL", help="Replay on this server.")
@click.option("--spawn", is_flag=True, help="Start a `serve --pace faithful` in a process of its own and replay on it.")
@click.option(
    "--user-key",
    "user_keys",
    multiple=True,
    envvar="HTTPSMS_HARNESS_USER_KEY",
    show_envvar=True,
    metavar="KEY",
    help="The API key of an account of the server; once more for cases with two. Without it the server's control "
    "routes make accounts.",
)
@click.option(
    "--listen-port",
    type=click.IntRange(0, 65535),
    default=0,
    metavar="N",
    help="Where our FCM endpoint and webhook receivers listen: the server's FCM_ENDPOINT.",
)
@click.option(
    "--system-key",
    envvar=["HTTPSMS_HARNESS_SYSTEM_KEY", "EVENTS_QUEUE_USER_API_KEY"],
    show_envvar=True,
    help="The key of the queue's user.",
)
@click.option(
    "--control-token", envvar="HTTPSMS_HARNESS_CONTROL_TOKEN", show_envvar=True, help="What control calls must show."
)
@click.option(
    "-j",
    "at_once",
    type=click.IntRange(1, 64),
    default=AT_ONCE,
    show_default=True,
    metavar="N",
    help="Replay so many cases at once on a server.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Decides every choice in virtual time.")
@click.option(
    "-k", "name", default="", metavar="NAME", help="Only the case NAME, or those whose name or area contains it."
)
@click.option("--json", "json_file", metavar="FILE", help="Write the results there as JSON (- = stdout).")
@click.option("--junit", "junit_file", metavar="FILE", help="Write the results there as JUnit XML (- = stdout).")
@COLOR
def conform(name: str, json_file: str | None, junit_file: str | None, color: str, **options: Any) -> int:
    """Replay recorded server conversations, and every recorded order of events, and show what differs.

    Without --server or --spawn they run on the embedded gateway in virtual time. What a server cannot do, or what
    is not known of it, is skipped with the reason. A case is right if it does what any of the recordings did; our
    own gateway must do what a server does that handles one event after the other.

    \b
    httpsms-harness conform -k expiry
    httpsms-harness conform --spawn -k receive
    httpsms-harness conform --server http://127.0.0.1:8000 --user-key uk_… --listen-port 9099 --junit results.xml
    """
    given = _Options(**options)
    _check(given)
    check_outputs(json_file, junit_file)
    read = _read(given)
    broken = [case for case in read if isinstance(case, CaseError)]
    cases = _chosen([case for case in read if not isinstance(case, CaseError)], name)
    for error in broken:
        talk(f"error: {error}")
    if not cases:
        talk(_nothing(name, len(read) - len(broken)))
        return USAGE if broken else NOTHING
    results = _replay(cases, given)
    _report(results, given, talk if "-" in (json_file, junit_file) else show, color)
    _write(results, broken, json_file, junit_file)
    return USAGE if broken else _code(results)


def _check(given: _Options) -> None:
    if given.server is not None and given.spawn:
        raise UsageError("--server and --spawn exclude each other", "choose one")
    # The variable may be set for `phone`; an option is meant.
    typed = click.get_current_context().get_parameter_source("user_keys") is ParameterSource.COMMANDLINE
    if typed and given.server is None:
        raise UsageError("--user-key is for a --server that you have", "give its URL, or leave the key away")


def _read(given: _Options) -> list[Case | CaseError]:
    from harness.adapters.case_files import load_cases, load_orders, recordings

    folders, orders = given.folders, given.orders
    if not folders and not orders:
        folders, orders = (recordings(),), (recordings() / "gateway" / "message-orders.jsonl",)
    read = [case for folder in folders for case in load_cases(folder)]
    return read + [case for path in orders for case in load_orders(path)]


def _chosen(cases: list[Case], name: str) -> list[Case]:
    """The case of that name, or else every one whose name or area contains it."""
    exact = [case for case in cases if case.name == name]
    return exact or [case for case in cases if name in case.name or name in case.area]


def _nothing(name: str, readable: int) -> str:
    return f"nothing to run: no case matches {name!r}" if readable else "nothing to run: there is no case to be read"


def _code(results: Sequence[CaseResult]) -> int:
    verdicts = {result.verdict for result in results}
    return FAILED if "differ" in verdicts else PASSED if "agree" in verdicts else NOTHING


# -- the replay --------------------------------------------------------------------------------------------------------


def _replay(cases: list[Case], given: _Options) -> list[CaseResult]:
    if given.server is None and not given.spawn:
        return _replay_virtual(cases, given.seed)
    return _replay_live(cases, given)


def _replay_virtual(cases: list[Case], seed: int) -> list[CaseResult]:
    done: list[CaseResult] = []
    end_on_interrupt(INTERRUPTED, lambda: f"{len(done)} of {len(cases)} cases replayed\ninterrupted")
    from harness.conforming import replay_virtual

    for case in cases:
        done.append(replay_virtual(case, seed))
    return done


def _replay_live(cases: list[Case], given: _Options) -> list[CaseResult]:
    import asyncio
    import signal

    from harness.conforming import Target, replay_live, spawned, there

    done = 0

    def say(result: CaseResult) -> None:
        nonlocal done
        done += 1
        talk(f"{result.verdict:6} {result.case}  ({done} of {len(cases)})")

    def warn(why: str) -> None:
        talk(f"cases that need pushes are skipped: {why}")

    # Here the interrupt is an exception: what was started and made must be removed on the way out.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    server = given.server and Target(given.server, given.system_key, given.user_keys, given.control_token)
    target = there(server) if server else spawned
    return asyncio.run(
        replay_live(cases, target, listen_port=given.listen_port, at_once=given.at_once, say=say, warn=warn)
    )


# -- what is shown -----------------------------------------------------------------------------------------------------


def _report(results: list[CaseResult], given: _Options, report: Any, color: str) -> None:
    from harness.conform import text

    shown = text(results)
    differing = next((result.case for result in results if result.verdict == "differ"), None)
    if differing is not None:
        shown += f"\nrepeat with: {_repeat(differing, given)}\n"
    elif all(result.verdict == "skip" for result in results):
        shown += f"\nnothing was compared: every case was skipped ({len(results)})\n"
    if wants_colour(color, sys.stderr if report is talk else sys.stdout):
        shown = "\n".join(map(_coloured, shown.split("\n")))
    report(shown.removesuffix("\n"))


def _repeat(name: str, given: _Options) -> str:
    """The command that replays one case; keys come from the environment again, or are left to be filled in."""
    words = ["httpsms-harness", "conform", "-k", name]
    words += [word for folder in given.folders for word in ("--cases", str(folder))]
    words += [word for path in given.orders for word in ("--orders", str(path))]
    if given.spawn:
        words.append("--spawn")
    elif given.server is not None:
        words += ["--server", given.server]
        words += ["--listen-port", str(given.listen_port)] if given.listen_port else []
        words += ["--user-key", "…"] * len(given.user_keys)
        words += ["--system-key", "…"] if given.system_key else []
        words += ["--control-token", "…"] if given.control_token else []
    elif given.seed != 1:
        words += ["--seed", str(given.seed)]
    return shlex.join(words)


def _coloured(line: str) -> str:
    if line.startswith("      - "):
        return click.style(line, fg="red")
    if line.startswith("      + "):
        return click.style(line, fg="green")
    return line


def _write(results: list[CaseResult], broken: list[CaseError], json_file: str | None, junit_file: str | None) -> None:
    from harness.conform import to_json, to_junit

    if json_file is not None:
        write(json_file, json.dumps(to_json(results, broken), indent=2))
    if junit_file is not None:
        write(junit_file, to_junit(results, broken))
