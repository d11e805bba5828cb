"""`vectors`: does a client encrypt and decrypt what the phone and the other clients do?"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.cli import vectors_runner
from harness.cli.common import COLOR, DIALECTS, FAILED, NOTHING, PASSED, check_outputs, finish, write
from harness.console import show, talk, wants_colour
from harness.errors import UsageError
from harness.frozen import frozen

if TYPE_CHECKING:
    from harness.cipher import Dialect
    from harness.interop.results import Interop
    from harness.interop.suite import Result, Suite
    from harness.verifying import Progress, Runner

__all__ = ["vectors"]

_RESULTS = ("valid", "invalid", "acceptable")


@click.group(short_help="Prove that a client encrypts as the others do.")
def vectors() -> None:
    """Prove that a client encrypts and decrypts what the phone and the other clients do.

    A vector is a numbered case: what goes in, what must come out, and what is at stake if it does not. A runner is a
    small program around a client: it is asked for each vector on standard input, and answers on standard output.

    \b
    httpsms-harness vectors install                      the runners of the published clients
    httpsms-harness vectors verify                       every vector through every runner
    httpsms-harness vectors verify -r 'php runner.php'   … and through yours
    httpsms-harness vectors runner-test php runner.php   is yours right?
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
    "protocol. [default: python, node, go, jvm; with --command none of them]",
)
_TEMPLATES = click.option(
    "--command",
    "templates",
    multiple=True,
    metavar="TEMPLATE",
    help="Ask a program that is no runner, by a command line for each call: 'prog decrypt {key} {ciphertext}'. Once "
    "more for 'prog encrypt {key} {text}'.",
)
_CASES = click.option(
    "--cases",
    type=click.Path(path_type=Path),
    metavar="DIR|FILE",
    help="Take the vectors from there instead of those that come along: recorded cases (decrypt.json, encrypt.json), "
    "or files in the form of `vectors list --json`.",
)
_NAME = click.option(
    "-k",
    "name",
    default="",
    metavar="TEXT",
    help="Only the vector with the id TEXT, or else those with TEXT in group or comment.",
)
_FLAGS = click.option(
    "--flag", "flags", multiple=True, metavar="FLAG", help="Only vectors with this flag (repeatable: any of them)."
)
_AT_ONCE = click.option(
    "-j",
    "at_once",
    type=click.IntRange(1, 64),
    metavar="N",
    help="Ask so many runners at once, and --command for so many calls. [default: as many as there are processors]",
)
_JSON = click.option("--json", "json_file", metavar="FILE", help="Write the results there as JSON (- = stdout).")
_VECTORS = click.option("--json", "json_file", metavar="FILE", help="Write the vectors there as JSON (- = stdout).")
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
    type=click.Choice(DIALECTS),
    help="Hold the runners to what this client does, its divergences too. [default: the client that a runner says it "
    "is, or else a correct one]",
)
@click.option(
    "--expected-failures",
    "expected_file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A list of failures that are known, a line each: RUNNER ID  # reason. RUNNER is the name that the table of "
    "results shows. They do not fail the run; any other one does, and so does one in the list that did not come.",
)
@_AT_ONCE
@vectors_runner.TIMEOUT
@_JSON
@_JUNIT
@_HTML
@COLOR
def verify(
    runners: tuple[str, ...], templates: tuple[str, ...], cases: Path | None, name: str, flags: tuple[str, ...],
    dialect: Dialect | None, expected_file: Path | None, at_once: int | None, timeout_s: float, json_file: str | None,
    junit_file: str | None, html_file: str | None, color: str,
) -> int:  # fmt: skip
    """Put every vector through every runner, and show where they diverge and whether that is dangerous.

    A runner that is not installed is skipped, and the command that installs it is shown.

    \b
    pass   what a correct client does
    known  a divergence of the client that the runner says it is, or one of --expected-failures
    fail   any other divergence
    gone   an expected divergence that did not come
    skip   what the runner cannot carry
    crash  of all these, the calls at which the client or its process crashed

    \b
    httpsms-harness vectors verify
    httpsms-harness vectors verify -r 'php runner.php' --as phone --junit results.xml
    httpsms-harness vectors verify --command 'prog decrypt {key} {ciphertext}' -k 'base64'
    """
    outputs = _Outputs(json_file, junit_file, html_file, color)
    outputs.check()

    from harness.interop.asking import chosen

    suite = _suite(cases)
    wanted = chosen(suite, name, flags)
    if not wanted.vectors:
        return _nothing(name, flags)
    at_once = at_once or os.cpu_count() or 1
    asked = _runners(runners, templates, at_once, timeout_s)
    listed = _Expected(expected_file, suite)
    listed.check(asked)

    from harness.verifying import verify

    work = partial(verify, wanted, asked, at_once=at_once, dialect=dialect, expected=listed.failures)
    interop = _asked(lambda progress: work(progress=progress))
    code = _report(interop, outputs)
    # A mistake in the list costs no result: what was found out is told by now.
    listed.check(asked, interop)
    return code


@vectors.command(short_help="Who reads what the others encrypt?")
@_RUNNERS
@_TEMPLATES
@_AT_ONCE
@vectors_runner.TIMEOUT
@_JSON
@_JUNIT
@_HTML
@COLOR
def matrix(
    runners: tuple[str, ...], templates: tuple[str, ...], at_once: int | None, timeout_s: float,
    json_file: str | None, junit_file: str | None, html_file: str | None, color: str,
) -> int:  # fmt: skip
    """Let every runner encrypt texts of every kind, and every runner decrypt what each of them made.

    \b
    httpsms-harness vectors matrix
    httpsms-harness vectors matrix -r python -r node -r 'php runner.php'
    """
    outputs = _Outputs(json_file, junit_file, html_file, color)
    outputs.check()
    at_once = at_once or os.cpu_count() or 1
    asked = _runners(runners, templates, at_once, timeout_s)

    from harness.verifying import matrix

    interop = _asked(lambda progress: matrix(asked, at_once=at_once, progress=progress))
    return _report(interop, outputs)


def _runners(names: Sequence[str], templates: Sequence[str], at_once: int, timeout_s: float) -> list[Runner]:
    from harness.verifying import DEFAULT, adapted

    limits = vectors_runner.limits(timeout_s)
    asked = [vectors_runner.runner(name, limits) for name in names or (() if templates else DEFAULT)]
    if not templates:
        return asked
    asked.append(adapted(templates, limits, at_once))
    for template in templates:
        vectors_runner.command_of(template)
    return asked


class _Expected:
    """The list of expected failures, if there is one: read once, before anybody is asked. Raises VectorError."""

    def __init__(self, path: Path | None, suite: Suite) -> None:
        from harness.adapters.vector_files import read
        from harness.interop.expected import ExpectedFailures, parse

        self._file = str(path)
        ids = [vector.id for vector in suite.vectors]
        self.failures = (
            ExpectedFailures() if path is None else parse(read(path, "a list of expected failures"), self._file, ids)
        )

    def check(self, runners: Sequence[Runner], interop: Interop | None = None) -> None:
        """Raises VectorError for lines of nobody. What a runner is called may be known only when it has said so."""
        from harness.adapters.toolchains import RUNNERS
        from harness.interop.expected import check_names
        from harness.verifying import names

        if interop is not None or all(runner.named for runner in runners):
            known = [report.runner for report in interop.runners] if interop else names(runners)
            check_names(self.failures, self._file, list(dict.fromkeys((*known, *RUNNERS, "command"))))


def _asked(work: Callable[[Progress], Coroutine[Any, Any, Interop]]) -> Interop:
    """Does it, with progress on stderr. Ctrl-C ends the runners on its way out."""
    from harness.cli.progress import Bars

    with Bars(sys.stderr) as bars:
        return finish(work(bars.show))


def _report(interop: Interop, outputs: _Outputs) -> int:
    from harness.interop.facts import verdict
    from harness.interop.text import text

    repeat = shlex.join(["httpsms-harness", *sys.argv[1:]])
    interop = replace(interop, repeat=repeat)
    report, stream = (talk, sys.stderr) if outputs.is_stdout_taken else (show, sys.stdout)
    shown = text(interop, _width()).rstrip("\n")
    if wants_colour(outputs.color, stream):
        shown = "\n".join(map(_coloured, shown.split("\n")))
    report(shown)
    _write(interop, outputs)
    return {"pass": PASSED, "fail": FAILED, "skip": NOTHING}[verdict(interop)]


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
@_VECTORS
def list_(cases: Path | None, name: str, flags: tuple[str, ...], result: Result | None, json_file: str | None) -> int:
    """List the vectors, or write them down for a loop in another language.

    \b
    httpsms-harness vectors list --flag ShorterThanIv
    httpsms-harness vectors list --json vectors.json
    """
    check_outputs(json_file)
    from harness.adapters.vector_files import written_with
    from harness.interop.asking import chosen
    from harness.interop.explain import listing

    wanted = chosen(_suite(cases), name, flags, result).vectors
    if not wanted:
        return _nothing(name, flags, result)
    if json_file is not None:
        if cases is not None:
            raise UsageError("--json is for the vectors that come along", f"those of {cases} are a file already")
        write(json_file, written_with({vector.id for vector in wanted}))
        return PASSED
    show(listing(wanted, _width() if sys.stdout and sys.stdout.isatty() else None).rstrip("\n"))
    return PASSED


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
