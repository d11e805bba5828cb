"""`run`: carries out stories."""

from __future__ import annotations

import json
import os
import shlex
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.cli.adb.options import ADB_SERVER, CONSOLE_TOKEN_FILE, serial
from harness.cli.common import (
    COLOR,
    FAILED,
    NOTHING,
    PASSED,
    USAGE,
    Grouped,
    Interrupts,
    check_outputs,
    url,
    write,
)
from harness.cli.probe import PUSHES, people
from harness.cli.where import check_people, check_where, kind_of, without_what_is_only_set
from harness.console import INTERRUPTED, show, talk, wants_colour
from harness.errors import HarnessError, UsageError
from harness.frozen import frozen

if TYPE_CHECKING:
    from harness.cli.run_workers import Done, Job
    from harness.outcome import Outcome
    from harness.scenario.plan import Scenario
    from harness.targets import TargetOptions

__all__ = ["run"]

_POLLED_S = 0.3

GROUPS: Mapping[str, Sequence[str]] = {
    "Which stories": ("name", "tags", "last_failed", "only_list", "dry_run"),
    "How they run": ("seed", "repeat", "at_once", "exit_first", "watch"),
    "Where they run": (
        "live", "server", "user_key", "phones", "contacts", "push", "listen", "callback_url", "push_listen",
        "ca_file", "insecure", "http1", "control_token", "take_over", "slow",
    ),
    "Which device is the phone's radio": (
        "device", "app", "apk", "app_pushes", "allow", "console_token_file", "adb_server", "sent_within",
        "seen_within",
    ),
    "What is shown and written": (
        "quiet", "verbose", "color", "json_file", "junit_file", "html_file", "markdown_file", "trace_file",
    ),
}  # fmt: skip


def _numbers(_context: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    from harness.sms import PhoneNumber

    return tuple(PhoneNumber.parse(value).e164 for value in values)


def _server(context: click.Context, option: click.Parameter, value: str | None) -> str | None:
    return None if value == "none" else url(context, option, value)


@frozen
class _Options:
    """What was typed, or set."""

    paths: tuple[str, ...]
    name: str | None
    tags: tuple[str, ...]
    exit_first: bool
    last_failed: bool
    at_once: int
    seed: int
    repeat: int
    only_list: bool
    dry_run: bool
    watch: bool
    live: bool
    server: str | None
    user_key: str | None = field(repr=False)
    phones: tuple[tuple[str, str], ...]
    contacts: tuple[tuple[str, str], ...]
    allow: tuple[str, ...]
    push: Any
    listen: str | None
    callback_url: str | None
    push_listen: str | None
    ca_file: Path | None
    insecure: bool
    http1: bool
    control_token: str | None = field(repr=False)
    take_over: bool
    slow: bool
    device: str | None
    app: bool
    apk: Path | None
    app_pushes: bool
    console_token_file: Path | None
    adb_server: str
    sent_within: float
    seen_within: float
    json_file: str | None
    junit_file: str | None
    html_file: str | None
    markdown_file: str | None
    trace_file: str | None
    quiet: bool
    verbose: bool
    color: str

    @property
    def outputs(self) -> tuple[str | None, ...]:
        return self.json_file, self.junit_file, self.html_file, self.markdown_file, self.trace_file


@click.command(cls=Grouped, groups=GROUPS, short_help="Run stories: scripted texts, out and in.")
@click.argument("paths", nargs=-1, metavar="[PATH|GLOB]...")
@click.option(
    "-k",
    "name",
    metavar="EXPR",
    help="Only the story with this name, or else those with it in name or file, or those that fit words with and, or, "
    "not and brackets: 'code and not (slow or lost)'.",
)
@click.option(
    "--tag",
    "tags",
    multiple=True,
    metavar="TAG",
    help="Only stories with TAG (repeatable: any of them); not:TAG: none.",
)
@click.option("--last-failed", is_flag=True, help="Only stories that failed when they ran last; all, if none did.")
@click.option("--list", "only_list", is_flag=True, help="List the stories, and run none.")
@click.option(
    "--dry-run", is_flag=True, help="Show what would run: who is in it, what it needs, and each step in words."
)
@click.option("--seed", type=int, default=1, show_default=True, help="Decides every choice of the run.")
@click.option(
    "--repeat",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    metavar="N",
    help="Run each story with N seeds, from --seed upwards: finds what happens now and then.",
)
@click.option(
    "-j",
    "--jobs",
    "at_once",
    type=click.IntRange(1, 256),
    default=1,
    show_default=True,
    metavar="N",
    help="Run N stories at the same time, in processes of their own (in virtual time).",
)
@click.option("-x", "--exitfirst", "exit_first", is_flag=True, help="Stop at the first failure.")
@click.option("--watch", is_flag=True, help="Run again what changes, until Ctrl-C.")
@click.option("--live", is_flag=True, help="On the embedded gateway, over real sockets; waiting is still skipped.")
@click.option(
    "--server",
    callback=_server,
    metavar="URL",
    help="On this httpSMS server; `httpsms-harness probe` tells what it can do. none: on the embedded gateway, "
    "whatever is set.",
)
@click.option(
    "--user-key",
    envvar="HTTPSMS_HARNESS_USER_KEY",
    show_envvar=True,
    metavar="KEY",
    help="The API key of an account there. What stories make in it is removed again.",
)
@click.option(
    "--phone",
    "phones",
    multiple=True,
    callback=people,
    metavar="NAME=+…",
    help="The number that a story's phone has there (repeatable).",
)
@click.option(
    "--contact",
    "contacts",
    multiple=True,
    callback=people,
    metavar="NAME=+…",
    help="The number that a story's contact has there (repeatable).",
)
@click.option(
    "--allow",
    multiple=True,
    callback=_numbers,
    metavar="NUMBER",
    help="A number that a device may text; an emulator may text any (repeatable).",
)
@click.option(
    "--push",
    type=click.Choice(PUSHES),
    default="auto",
    show_default=True,
    help="How the phones hear of messages. fcm-endpoint: the server's FCM_ENDPOINT is our --push-listen; echo: we tell "
    "the phone of what we sent; poll: it asks the API; auto: what a probe finds.",
)
@click.option("--listen", metavar="HOST:PORT", help="Where the server's webhooks come in.")
@click.option(
    "--callback-url", callback=url, metavar="URL", help="The URL of that place as the server sees it, if it is another."
)
@click.option("--push-listen", metavar="HOST:PORT", help="Where the server's pushes come in, for --push fcm-endpoint.")
@click.option(
    "--ca-file",
    type=click.Path(dir_okay=False, exists=True, path_type=Path),
    metavar="FILE",
    help="Trust the certificates in this PEM file instead of the system's.",
)
@click.option("--insecure", is_flag=True, help="Trust any certificate.")
@click.option("--http1", is_flag=True, help="Offer no HTTP/2 over TLS.")
@click.option(
    "--control-token",
    envvar="HTTPSMS_HARNESS_CONTROL_TOKEN",
    show_envvar=True,
    help="What the control routes of a `serve` there want to be shown.",
)
@click.option(
    "--take-over",
    is_flag=True,
    help="Let stories have numbers that the account has phones for: those hear nothing then.",
)
@click.option("--slow", is_flag=True, help="Let stories wait for up to a minute at a time.")
@click.option(
    "--device",
    callback=serial,
    metavar="adb:SERIAL",
    help="Texts go over this Android device or emulator; `httpsms-harness adb probe` tells what it can do. none: over "
    "none, whatever is set.",
)
@click.option(
    "--app",
    is_flag=True,
    help="The httpSMS app is on the device: it is the story's phone, and gets its settings from here.",
)
@click.option(
    "--apk",
    type=click.Path(dir_okay=False, exists=True, path_type=Path),
    metavar="FILE",
    help="Install this build of the app before.",
)
@click.option(
    "--app-pushes",
    is_flag=True,
    help="The build has your own Firebase, and the --server pushes through it: what the API sends reaches the app.",
)
@CONSOLE_TOKEN_FILE
@ADB_SERVER
@click.option(
    "--sent-within",
    type=click.FloatRange(0, min_open=True),
    default=30.0,
    show_default=True,
    metavar="SECONDS",
    help="A text that the device does not show among those sent by then has failed.",
)
@click.option(
    "--seen-within",
    type=click.FloatRange(0, min_open=True),
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="A text that is not in the device's inbox by then is lost.",
)
@click.option("-q", "--quiet", is_flag=True, help="Show failures and the summary only.")
@click.option("-v", "--verbose", is_flag=True, help="Show each step of each story.")
@click.option("--json", "json_file", metavar="FILE", help="Write the results there as JSON (- = stdout).")
@click.option("--junit", "junit_file", metavar="FILE", help="Write the results there as JUnit XML (- = stdout).")
@click.option("--html", "html_file", metavar="FILE", help="Write the stories there as a page to look through.")
@click.option("--markdown", "markdown_file", metavar="FILE", help="Write the results there as Markdown.")
@click.option("--trace", "trace_file", metavar="FILE", help="Write the traces there as JSON lines.")
@COLOR
def run(**given: Any) -> int:
    """Run stories: scripted texts, out and in, on the embedded gateway in virtual time.

    PATH is a file, or a folder with files that end in .scenario.yaml (default: scenarios). With --live the gateway and
    the phones talk over real sockets; with --server they run on a server that you have. What a story needs and cannot
    have there is skipped, with the reason.

    What failed is remembered in .httpsms-harness/last-failed.json. Options may be set in httpsms-harness.toml, in
    [tool.httpsms-harness] of pyproject.toml, in .env, and as HTTPSMS_HARNESS_…: see `httpsms-harness config --help`.

    \b
    httpsms-harness run scenarios/conversations/plain_text.scenario.yaml
    httpsms-harness run -k encrypted --seed 7 -v
    httpsms-harness run --tag smoke --tag not:slow -x
    httpsms-harness run -j 4 --repeat 100 --junit results.xml
    httpsms-harness run --last-failed --watch
    httpsms-harness run --server http://127.0.0.1:8000 --user-key uk_… --listen 127.0.0.1:9099
    httpsms-harness run --device adb:emulator-5554
    """
    given = without_what_is_only_set(given)
    check_where(given)
    options = _Options(**given)
    _check(options)
    check_outputs(*options.outputs)
    if options.watch:
        return _watched(options)
    return _once(options)


def _check(options: _Options) -> None:
    from harness.adapters.scenario_files import SUFFIX

    if options.quiet and options.verbose:
        raise UsageError("-q and -v exclude each other", "choose one")
    for path in options.outputs:
        if path is not None and (path.endswith(SUFFIX) or path in options.paths):
            raise UsageError(f"{path}: what is written there would take the place of stories", "name a file of its own")
    if options.watch and (options.only_list or options.dry_run):
        raise UsageError("--watch runs stories, --list and --dry-run do not", "choose one")


# -- once, or again and again ------------------------------------------------------------------------------------------


def _once(options: _Options, only: frozenset[Path] | None = None) -> int:
    """Runs what is wanted; with `only` of it what stands in these files."""
    stories = _read(options)
    if stories is None:
        return USAGE
    check_people({"phones": options.phones, "contacts": options.contacts}, stories)
    chosen = _chosen(options, stories)
    if only is not None:
        chosen = [story for story in chosen if Path(story.place.path).resolve() in only]
    if not chosen:
        talk(_nothing(options, stories))
        return NOTHING
    if options.only_list or options.dry_run:
        from harness.cli.dry_run import in_words, listed

        show("\n".join(map(listed, chosen)) if options.only_list else "\n\n".join(map(in_words, chosen)))
        return PASSED
    return _Run(options, chosen).carry_out()


def _read(options: _Options) -> list[Scenario] | None:
    """The stories of all files. None if any is wrong: then all that is wrong was said."""
    from harness.adapters.scenario_files import find_files
    from harness.cli.selection import expanded, read_stories

    stories, errors = read_stories(find_files(expanded(options.paths or ("scenarios",))))
    for error in errors:
        talk(f"error: {error}")
    return None if errors else stories


def _chosen(options: _Options, stories: Sequence[Scenario]) -> list[Scenario]:
    from harness.cli.selection import tagged, wanted

    chosen = tagged(stories, options.tags)
    if options.name:
        chosen = wanted(chosen, options.name)
    if options.last_failed:
        from harness.cli.last_failed import failed_before

        failed = failed_before(chosen)
        if not failed:
            talk("none of these failed when it ran last: all of them run")
        chosen = failed or chosen
    return chosen


def _nothing(options: _Options, stories: Sequence[Scenario]) -> str:
    from harness.cli.selection import near

    how = [f"matches {options.name!r}"] if options.name else []
    how += [f"is tagged {' or '.join(options.tags)}"] if options.tags else []
    hint = near(stories, options.name, options.tags, shlex.join(["httpsms-harness", "run", *options.paths]))
    return f"nothing to run: no story {' and '.join(how) or 'is there'}\n{hint}"


def _watched(options: _Options) -> int:
    """Runs everything, and from then on what changes. Ctrl-C ends it."""
    from harness.adapters.file_watch import changes
    from harness.cli.selection import expanded

    changing = changes(expanded(options.paths or ("scenarios",)), lambda: time.sleep(_POLLED_S))
    code = _once(options)

    def watch() -> None:
        nonlocal code
        talk("watching; Ctrl-C ends")
        for changed in changing:
            talk(f"\nchanged: {', '.join(sorted(path.name for path in changed))}")
            code = _after(options, changed)
            if code == INTERRUPTED:
                return

    if code != INTERRUPTED:
        with Interrupts() as interrupts:
            interrupts.carry_out(watch)
        if interrupts.came:
            talk("stopped")
    return code


def _after(options: _Options, changed: frozenset[Path]) -> int:
    """Runs the stories of the files that changed; all of them where one is no file of stories: others include it."""
    from harness.adapters.scenario_files import SUFFIX

    is_all = any(not path.name.endswith(SUFFIX) for path in changed)
    try:
        return _once(options, None if is_all else frozenset(path.resolve() for path in changed))
    except HarnessError as error:
        talk(f"error: {error}")
        return USAGE


# -- a run -------------------------------------------------------------------------------------------------------------


class _Run:
    """Stories that are carried out, and what comes of them."""

    def __init__(self, options: _Options, stories: Sequence[Scenario]) -> None:
        from harness.cli.progress import Count
        from harness.cli.run_output import Teller, columns
        from harness.cli.run_workers import Job

        self._options = options
        self._jobs = [Job(story, options.seed + round_) for story in stories for round_ in range(options.repeat)]
        self._done: list[Done] = []
        self._count = Count(sys.stderr)
        is_stdout_taken = "-" in options.outputs
        stream = sys.stderr if is_stdout_taken else sys.stdout
        coloured = wants_colour(options.color, stream)
        self._teller = Teller(
            self._after_wiping(talk if is_stdout_taken else show),
            quiet=options.quiet, verbose=options.verbose, coloured=coloured, seeds=options.repeat,
            columns=columns(stream),
        )  # fmt: skip
        self._interrupts = Interrupts()

    def carry_out(self) -> int:
        with self._interrupts:
            began = time.monotonic()
            try:
                self._interrupts.carry_out(self._run_jobs)
            except HarnessError:
                if self._done:
                    self._end(time.monotonic() - began)
                raise
            self._end(time.monotonic() - began)
        if self._interrupts.came:
            talk("interrupted")
        return self._code()

    def _run_jobs(self) -> None:
        from harness.cli.run_workers import run_jobs

        with self._count:
            run_jobs(self._jobs, _target(self._options), self._options.at_once, self._take, self._begin)

    def _begin(self, job: Job) -> None:
        self._interrupts.check()
        self._show_progress(job.story.title)

    def _take(self, done: Done) -> bool:
        self._done.append(self._light(done))
        self._teller.tell(done.outcome)
        self._show_progress("")
        return done.outcome.passed or not self._options.exit_first

    def _light(self, done: Done) -> Done:
        """Without the trace where nobody reads it: thousands of them fill the memory."""
        if not done.outcome.passed or any(self._options.outputs):
            return done
        return replace(done, outcome=replace(done.outcome, entries=()))

    def _after_wiping(self, tell: Callable[[str], None]) -> Callable[[str], None]:
        def told(text: str) -> None:
            self._count.wipe()
            tell(text)

        return told

    def _show_progress(self, under_way: str) -> None:
        from harness.cli.run_output import counts

        done = self._done
        self._count.show(len(done), len(self._jobs), lambda: counts(done, len(done)), under_way)

    def _end(self, took_s: float) -> None:
        from harness.cli.last_failed import remember
        from harness.cli.run_output import summary

        outcomes = [each.outcome for each in self._done]
        remember(outcomes)
        not_run = len(self._jobs) - len(outcomes)
        _write(self._options, self._done, not_run)
        how = {"verbose": self._options.verbose, "quiet": self._options.quiet}
        talk(summary(self._done, len(self._jobs), took_s, _again(self._options), **how))
        _tell_github(outcomes, not_run)

    def _code(self) -> int:
        if self._interrupts.came:
            return INTERRUPTED
        return PASSED if all(each.outcome.passed for each in self._done) else FAILED


def _target(options: _Options) -> TargetOptions:
    from harness.targets import TargetOptions

    return TargetOptions(
        kind_of(options.server, options.device), options.live, options.server, options.user_key,
        options.phones, options.contacts, options.allow, options.push, options.listen, options.callback_url,
        options.push_listen, options.ca_file, options.insecure, options.http1, options.take_over,
        options.slow, options.control_token, options.device, options.console_token_file, options.adb_server,
        options.sent_within, options.seen_within, options.app, options.apk, options.app_pushes,
    )  # fmt: skip


def _again(options: _Options) -> str:
    """The command that runs what failed once more, without a secret."""
    words = ["httpsms-harness", "run", *options.paths, "--last-failed"]
    words += ["--seed", str(options.seed)] if options.seed != 1 else []
    words += ["--repeat", str(options.repeat)] if options.repeat != 1 else []
    words += ["--live"] if options.live else []
    words += ["--server", options.server] if options.server is not None else []
    words += ["--device", f"adb:{options.device}"] if options.device is not None else []
    words += ["--app"] if options.app and options.device is not None else []
    return shlex.join(words)


# -- files -------------------------------------------------------------------------------------------------------------


def _write(options: _Options, done: Sequence[Done], not_run: int) -> None:
    from harness import report

    outcomes, took_s = [each.outcome for each in done], [each.took_s for each in done]
    made: tuple[tuple[str | None, Callable[[], str]], ...] = (
        (options.json_file, lambda: json.dumps(report.as_json(outcomes, not_run), indent=2)),
        (options.junit_file, lambda: report.junit(outcomes, took_s)),
        (options.html_file, lambda: _page(outcomes)),
        (options.markdown_file, lambda: report.markdown(outcomes, not_run)),
        (options.trace_file, lambda: "\n".join(_trace(outcomes))),
    )
    for path, text in made:
        if path is not None:
            write(path, text().rstrip("\n"))


def _page(outcomes: Sequence[Outcome]) -> str:
    from harness.adapters.report_files import assets
    from harness.report import story_page

    return story_page(outcomes, assets())


def _trace(outcomes: Sequence[Outcome]) -> list[str]:
    return [json.dumps(entry.plain(), separators=(",", ":")) for outcome in outcomes for entry in outcome.entries]


def _tell_github(outcomes: Sequence[Outcome], not_run: int) -> None:
    """Within GitHub Actions: failures beside the lines of the pull request, and a summary on the page of the job."""
    from harness import report

    if os.environ.get("GITHUB_ACTIONS") == "true":
        marks: Any = report.annotations  # for the type checker it is what __future__ has
        for line in marks(outcomes):
            talk(line)
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if path:
        try:
            with open(path, "a", encoding="utf-8") as file:
                file.write(report.markdown(outcomes, not_run).rstrip("\n") + "\n")
        except OSError as error:
            talk(f"{path} (GITHUB_STEP_SUMMARY) cannot be written: {error.strerror}")
