"""pytest as somebody else runs it: in a folder with their files, and nothing of this repository."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from tests.commands import TIMEOUT_S, clean_environment

__all__ = ["SEND", "Run", "child_pytest_in", "pytest_in"]

SEND = """\
import json
import urllib.error
import urllib.request

import pytest


def ask(gateway, path, body=None):
    headers = {"x-api-key": gateway.user_key, "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(gateway.url + path, data, headers)) as answer:
        return json.load(answer)["data"]


def send(gateway, text="Hello", to="+18005550100"):
    return ask(gateway, "/v1/messages/send", {"from": gateway.number, "to": to, "content": text})["id"]


"""
"""What an application does, at the beginning of a test file."""

# The plugins that cost most, and are in nobody's way here.
_SLOW = ("-p", "no:schemathesis", "-p", "no:hypothesispytest", "-p", "no:respx")


class Run:
    """A pytest that has ended."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    def __repr__(self) -> str:
        return f"exit code {self.code}\n{self.out}{self.err}"

    @property
    def counts(self) -> dict[str, int]:
        """`{"passed": 2, "failed": 1}` of the last line."""
        last = self.out.rstrip().rpartition("\n")[2]
        return {word.rstrip("s"): int(number) for number, word in re.findall(r"(\d+) (\w+)", last.partition(" in ")[0])}

    @property
    def ends(self) -> dict[str, list[str]]:
        """How each test function has ended, in the order in which `-rA` tells."""
        found: dict[str, list[str]] = {}
        for word, name in re.findall(r"^(PASSED|FAILED|ERROR|SKIPPED) \S+?::([\w:]+)", self.out, re.MULTILINE):
            found.setdefault(name, []).append(word)
        return found

    def section(self, name: str) -> str:
        """What is told of the failure of a test, below a line with its name."""
        told = re.search(rf"^_+ [\w ]*\b{re.escape(name)} _+$(.*?)^(?:_+ .* _+|=+ .* =+)$", self.out, re.M | re.S)
        assert told is not None, self
        return told[1]


def pytest_in(folder: Path, *arguments: str, files: dict[str, str] | None = None, **environment: str) -> Run:
    """Runs it on these files, in this process: what is imported stays. Warnings are errors."""
    _write(folder, files)
    out, err = io.StringIO(), io.StringIO()
    usual = ("-W", "error", "--capture=sys", "--import-mode=importlib", f"--rootdir={folder}")
    with chdir(folder), _environment(environment), _modules_of(folder), redirect_stdout(out), redirect_stderr(err):
        code = pytest.main([*usual, *_plugins(arguments), *arguments])
    return Run(int(code), out.getvalue(), err.getvalue())


def child_pytest_in(folder: Path, *arguments: str, files: dict[str, str] | None = None, **environment: str) -> Run:
    """The same in a process of its own; warnings of Python are errors there too."""
    _write(folder, files)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "pytest", *_plugins(arguments), *arguments],
        cwd=folder, env=_known() | environment, capture_output=True, text=True, timeout=TIMEOUT_S, check=False,
    )  # fmt: skip
    return Run(done.returncode, done.stdout, done.stderr)


def _plugins(arguments: tuple[str, ...]) -> tuple[str, ...]:
    # pytest-asyncio warns of a setting that only its users have, unless it is told otherwise.
    loop = () if any(argument.startswith("asyncio_") for argument in arguments) else ("-p", "no:asyncio")
    return ("-p", "no:cacheprovider", *_SLOW, *loop)


def _write(folder: Path, files: dict[str, str] | None) -> None:
    for name, text in (files or {}).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _known() -> dict[str, str]:
    return {name: value for name, value in clean_environment().items() if not name.startswith(("HTTPSMS_", "PYTEST_"))}


@contextmanager
def _environment(more: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(_known() | more)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def _modules_of(folder: Path) -> Iterator[None]:
    """Forgets the modules of the folder afterwards: the next one has some of the same names."""
    before = set(sys.modules)
    try:
        yield
    finally:
        for name in sys.modules.keys() - before:
            if str(getattr(sys.modules[name], "__file__", None) or "").startswith(str(folder)):
                del sys.modules[name]
