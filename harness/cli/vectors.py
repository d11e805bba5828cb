"""`vectors`: does a client encrypt and decrypt what the phone and the other clients do?"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
from collections.abc import Callable, Collection, Coroutine, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.cli import vectors_runner
from harness.cli.common import COLOR, FAILED, NOTHING, PASSED, check_outputs, write
from harness.console import show, talk, wants_colour
from harness.errors import UsageError
from harness.frozen import frozen

if TYPE_CHECKING:
    from harness.interop.expected import ExpectedFailures
    from harness.interop.results import Interop
    from harness.interop.suite import Suite
    from harness.verifying import Progress, Runner

__all__ = ["vectors"]

_DIALECTS = ("phone", "jvm", "node", "go")
_RESULTS = ("valid", "invalid", "acceptable")


@click.group()
def vectors() -> None:
    """Prove that a client encrypts and decrypts what the phone and the other clients do.

    \b
    httpsms-harness vectors install                      the runners of the published clients
    httpsms-harness vectors verify                       every vector through every runner
    httpsms-harness vectors verify -r 'php runner.php'   … and through yours
    httpsms-harness vectors matrix                       who reads what the others encrypt?
    """


# -- options that several of them have ---------------------------------------------------------------------------------

_RUNNERS = click.option(
    "-r",
    "--runner",
    "runners",
    multiple=True,
    metavar="NAME|COMMAND",
    help="Ask this runner (repeatable): python, node, go, jvm or web, or in quotes a command that speaks the runner "
    "protocol. [default: python, node, go, jvm]",
)
_TEMPLATES = click.option(
    "--command",
    "templates",
    multiple=True,
    metavar="TEMPLATE",
    help="Ask a program by a command line for each call: 'prog decrypt {key} {ciphertext}'. Once more for "
    "'prog encrypt {key} {text}'.",
)
_CASES = click.option(
    "--cases",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The vectors of this folder or file instead of those that come along: recorded cases (decrypt.json, "
    "encrypt.json), or our form.",
)
_NAME = click.option(
    "-k", "name", default="", metavar="TEXT", help="Only vector TEXT, or those with TEXT in group or comment."
)
_FLAGS = click.option(
    "--flag", "flags", multiple=True, metavar="FLAG", help="Only vectors with this flag (repeatable: any of them)."
)
_AT_ONCE = click.option(
    "-j",
    "at_once",
    type=click.IntRange(1, 64),
    metavar="N",
    help="Ask so many runners at once. [default: as many as there are processors]",
)
_JSON = click.option("--json", "json_file", metavar="FILE", help="Write the results there as JSON (- = stdout).")
_JUNIT = click.option(
    "--junit", "junit_file", metavar="FILE", help="Write the results there as JUnit XML (- = stdout)."
)
_HTML = click.option(
    "--html", "html_file", metavar="FILE", help="Write the results there as a page to look through (- = stdout)."
)


@frozen
class _Outputs:
    """Where results go."""

    json: str | None
    junit: str | None
    html: str | None
    color: str

    def check(self) -> None:
        check_outputs(self.json, self.junit, self.html)

    @property
    def is_stdout_taken(self) -> bool:
        return "-" in (self.json, self.junit, self.html)


# -- verify and matrix -------------------------------------------------------------------------------------------------


@vectors.command(short_help="Put every vector through every runner.")
@_RUNNERS
@_TEMPLATES
@_CASES
@_NAME
@_FLAGS
@click.option(
    "--as",
    "dialect",
    type=click.Choice(_DIALECTS),
    help="The runner shall do what this client does, its divergences too. [default: what the runner says; if it says "
    "nothing, what a correct client does]",
)
@click.option(
    "--expected-failures",
    "expected_file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Failures that are known, as lines `RUNNER ID  # reason`. Another one fails, and so does one that is gone.",
)
@_AT_ONCE
@_JSON
@_JUNIT
@_HTML
@COLOR
def verify(
    runners: tuple[str, ...], templates: tuple[str, ...], cases: Path | None, name: str, flags: tuple[str, ...],
    dialect: Any, expected_file: Path | None, at_once: int | None, json_file: str | None, junit_file: str | None,
    html_file: str | None, color: str,
) -> int:  # fmt: skip
    """Put every vector through every runner, and show where they diverge and whether that is dangerous.

    A runner that is not installed is skipped, and the command that installs it is shown.

    \b
    httpsms-harness vectors verify
    httpsms-harness vectors verify -r 'php runner.php' --as phone --junit results.xml
    httpsms-harness vectors verify --command 'prog decrypt {key} {ciphertext}' -k 'base64'
    """
    outputs = _Outputs(json_file, junit_file, html_file, color)
    outputs.check()
    suite = _suite(cases)
    chosen = _chosen(suite, name, flags)
    if not chosen.vectors:
        return _nothing(name, flags)
    asked = _runners(runners, templates)
    expected = _expected(expected_file, suite, asked)

    from harness.verifying import verify

    interop = _asked(
        lambda progress: verify(
            chosen, asked, at_once=at_once or _at_once(asked), dialect=dialect, expected=expected, progress=progress
        )
    )
    if expected_file is not None:
        _expected(expected_file, suite, asked, [report.runner for report in interop.runners])
    return _report(interop, outputs)


@vectors.command(short_help="Who reads what the others encrypt?")
@_RUNNERS
@_TEMPLATES
@_AT_ONCE
@_JSON
@_JUNIT
@_HTML
@COLOR
def matrix(
    runners: tuple[str, ...], templates: tuple[str, ...], at_once: int | None, json_file: str | None,
    junit_file: str | None, html_file: str | None, color: str,
) -> int:  # fmt: skip
    """Let every runner encrypt texts of every kind, and every runner decrypt what each of them made.

    \b
    httpsms-harness vectors matrix
    httpsms-harness vectors matrix -r python -r node -r 'php runner.php'
    """
    outputs = _Outputs(json_file, junit_file, html_file, color)
    outputs.check()
    asked = _runners(runners, templates)

    from harness.verifying import matrix

    interop = _asked(lambda progress: matrix(asked, at_once=at_once or _at_once(asked), progress=progress))
    return _report(interop, outputs)


def _runners(names: Sequence[str], templates: Sequence[str]) -> list[Runner]:
    from harness.verifying import DEFAULT, adapted

    asked = [vectors_runner.runner(name) for name in names or (() if templates else DEFAULT)]
    if not templates:
        return asked
    asked.append(adapted(templates))
    for template in templates:
        vectors_runner.command_of(template)
    return asked


def _at_once(runners: Sequence[Runner]) -> int:
    return max(1, min(len(runners), os.cpu_count() or 1))


def _expected(
    path: Path | None, suite: Suite, runners: Sequence[Runner], names: Sequence[str] = ()
) -> ExpectedFailures | None:
    """The list of expected failures. What a runner is called may be known only when it has said so (`names`)."""
    if path is None:
        return None
    from harness.adapters.toolchains import RUNNERS
    from harness.adapters.vector_files import read
    from harness.interop.expected import parse

    known: list[str] = []
    if names or all(runner.named for runner in runners):
        known = [*names, *(runner.name for runner in runners), *RUNNERS, "command"]
    return parse(read(path), str(path), [vector.id for vector in suite.vectors], list(dict.fromkeys(known)))


def _asked(work: Callable[[Progress], Coroutine[Any, Any, Interop]]) -> Interop:
    """Does it, with progress on stderr. Ctrl-C ends the runners on its way out."""
    import asyncio
    import signal

    from harness.cli.progress import Bars

    signal.signal(signal.SIGINT, signal.default_int_handler)
    with Bars(sys.stderr) as bars:
        return asyncio.run(work(bars.show))


def _report(interop: Interop, outputs: _Outputs) -> int:
    from harness.interop.text import text

    repeat = shlex.join(["httpsms-harness", *sys.argv[1:]])
    interop = replace(interop, repeat=repeat)
    report, stream = (talk, sys.stderr) if outputs.is_stdout_taken else (show, sys.stdout)
    shown = text(interop, _width()).rstrip("\n")
    if wants_colour(outputs.color, stream):
        shown = "\n".join(map(_coloured, shown.split("\n")))
    report(shown)
    _write(interop, outputs)
    return _code(interop)


def _width() -> int:
    return min(shutil.get_terminal_size((100, 24)).columns, 160)


def _write(interop: Interop, outputs: _Outputs) -> None:
    if outputs.json is not None:
        from harness.interop.as_json import to_json

        write(outputs.json, json.dumps(to_json(interop), indent=1))
    if outputs.junit is not None:
        from harness.interop.junit import to_junit

        write(outputs.junit, to_junit(interop))
    if outputs.html is not None:
        from harness.interop.html import to_html

        write(outputs.html, to_html(interop))


def _code(interop: Interop) -> int:
    from harness.interop.facts import passed

    verdicts = {result.judgement.verdict for report in interop.runners for result in report.results} - {"skip"}
    if not verdicts and not any(cell.tried for cell in interop.cells):
        return NOTHING
    return PASSED if passed(interop) else FAILED


_COLOURS = {"fail": "red", "FAIL": "red", "gone": "yellow", "skip": "yellow", "pass": "green"}


def _coloured(line: str) -> str:
    """The verdict that a line begins with, in its colour."""
    word = line.split(maxsplit=1)[0] if line.strip() else ""
    if word not in _COLOURS or len(line) - len(line.lstrip()) > 2:
        return line
    return line.replace(word, click.style(word, fg=_COLOURS[word]), 1)


# -- which vectors -----------------------------------------------------------------------------------------------------


def _suite(cases: Path | None) -> Suite:
    from harness.adapters.vector_files import load, own

    return own() if cases is None else load(cases)


def _chosen(suite: Suite, name: str, flags: Sequence[str], result: str | None = None) -> Suite:
    """The vector of that id, or else every one whose group or comment contains it; of those, the ones with a flag."""
    from harness.interop.fields import guess

    for flag in flags:
        if flag not in suite.flags:
            problem = f"there is no flag {flag!r}{guess(flag, suite.flags)}"
            raise UsageError(problem, f"these are: {', '.join(suite.flags)}")
    part = name.casefold()
    found = [one for one in suite.vectors if one.id == name]
    found = found or [one for one in suite.vectors if part in f"{one.group}\n{one.comment}".casefold()]
    if flags:
        found = [one for one in found if not {*flags}.isdisjoint(one.flags)]
    if result is not None:
        found = [one for one in found if one.result == result]
    return replace(suite, vectors=tuple(found))


def _nothing(name: str, flags: Sequence[str], result: str | None = None) -> int:
    wanted = [f"matches {name!r}"] if name else []
    wanted += [f"has the flag {' or '.join(flags)}"] if flags else []
    wanted += [f"is {result}"] if result else []
    talk(f"nothing to run: no vector {' and '.join(wanted) or 'is there'}")
    return NOTHING


# -- list and explain --------------------------------------------------------------------------------------------------


@vectors.command("list", short_help="List the vectors, or write them down.")
@_CASES
@_NAME
@_FLAGS
@click.option("--result", type=click.Choice(_RESULTS), help="Only vectors with this result.")
@_JSON
def list_(cases: Path | None, name: str, flags: tuple[str, ...], result: str | None, json_file: str | None) -> int:
    """List the vectors, or write them down for a loop in another language.

    \b
    httpsms-harness vectors list --flag ShorterThanIv
    httpsms-harness vectors list --json vectors.json
    """
    check_outputs(json_file)
    chosen = _chosen(_suite(cases), name, flags, result)
    if not chosen.vectors:
        return _nothing(name, flags, result)
    if json_file is not None:
        if cases is not None:
            raise UsageError("--json is for the vectors that come along", f"those of {cases} are a file already")
        write(json_file, _as_file({vector.id for vector in chosen.vectors}))
        return PASSED
    from harness.interop.explain import listing

    show(listing(chosen.vectors, _width() if sys.stdout and sys.stdout.isatty() else None).rstrip("\n"))
    return PASSED


def _as_file(ids: Collection[str]) -> str:
    """The file of vectors that comes along, with these alone: in the same form."""
    from importlib.resources import files

    from harness.adapters.vector_files import OWN

    top = json.loads((files("harness.interop") / "vectors" / OWN).read_text(encoding="utf-8"))
    for group in top["testGroups"]:
        group["tests"] = [test for test in group["tests"] if str(test["tcId"]) in ids]
    top["testGroups"] = [group for group in top["testGroups"] if group["tests"]]
    top["numberOfTests"] = len(ids)
    borne = {flag for group in top["testGroups"] for test in group["tests"] for flag in test["flags"]}
    top["notes"] = {name: note for name, note in top["notes"].items() if name in borne}
    return json.dumps(top, indent=1)


@vectors.command(short_help="Explain a vector, and what is at stake.")
@_CASES
@click.argument("name", metavar="ID")
def explain(cases: Path | None, name: str) -> int:
    """Explain a vector: what goes in, what must come out, what each client does, and what is at stake.

    \b
    httpsms-harness vectors explain 17
    """
    from harness.interop.explain import explain as explained
    from harness.interop.fields import guess

    suite = _suite(cases)
    by_id = {vector.id: vector for vector in suite.vectors}
    if name not in by_id:
        raise UsageError(
            f"there is no vector {name!r}{'' if name.isdecimal() else guess(name, by_id)}",
            "`httpsms-harness vectors list` has them all",
        )
    show(explained(by_id[name], suite.flags, _width()).rstrip("\n"))
    return PASSED


for _command in (vectors_runner.install, vectors_runner.runner_test, vectors_runner.run_ours):
    vectors.add_command(_command)
