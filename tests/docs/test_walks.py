"""Tutorial, how-tos and explanations are walks: every block is executed as it stands there, from top to bottom.

A block whose first line is a comment with a file's name is that file. An `sh` block is typed into a shell in the folder
of those files; each line of the `text` block behind it is somewhere in what it printed (`…` stands for anything), and
`<!-- exits N -->` in front of it tells its exit code. One with `<!-- goes on -->` runs until the page ends, in a
terminal of its own; the next block waits until it has printed the `text` behind it, or that with `<!-- terminal N -->`.
`<!-- not run: why -->` stands in front of all others. Ports alone are replaced by free ones; those of an emulator
follow each other.
"""

from __future__ import annotations

import contextlib
import re
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import pytest

from tests.house.sources import ROOT
from tests.processes import LIFE_S
from tests.test_readme import environment
from tests.test_serving import free_port

DOCS = ROOT / "docs"
PAGES = sorted(page for folder in ("", "how-to", "explanation") for page in (DOCS / folder).glob("*.md"))
# These have tests of their own, or are made by a tool.
ELSEWHERE = {
    "envelope-v2.md", "how-to/httpx.md", "interop.md", "magic-numbers.md", "phone.md", "profiles.md",
    "runner-protocol.md", "stand-in.md", "web-client.md",
}  # fmt: skip
_BLOCK = re.compile(r"(?:^<!-- ([^\n]*) -->\n+)?^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"# ([\w./-]*\.\w+)\n")
_EMULATOR = ("5554", "5555")
_PORT = re.compile(r"\b(?:8000|8001|9099|5554|5555)\b")


@dataclass(frozen=True, slots=True)
class Block:
    """`note` is the comment in front of it."""

    note: str
    language: str
    text: str


def name_of(page: Path) -> str:
    return page.relative_to(DOCS).as_posix()


LONG = {"how-to/devices.md"}  # it waits for texts that do not come, as on a real device
WALKS = [
    pytest.param(page, id=name_of(page), marks=[pytest.mark.soak] if name_of(page) in LONG else [])
    for page in PAGES
    if name_of(page) not in ELSEWHERE
]


def blocks_of(page: str) -> list[Block]:
    return [Block(*found) for found in _BLOCK.findall(page)]


@dataclass(slots=True)
class Walk:
    """One page in a folder. `heard` is what was printed last; `terminals` are those that go on."""

    folder: Path
    heard: str | Terminal = ""
    terminals: list[Terminal] = field(default_factory=list)
    open_things: ExitStack = field(default_factory=ExitStack)

    def go(self, block: Block) -> None:
        """Raises `AssertionError` for a block that does not do what the page says."""
        name = _FILE.match(block.text)
        if block.note.startswith("not run: "):
            return
        if name is not None:
            file = self.folder / name[1]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block.text, encoding="utf-8")
        elif block.language == "text":
            self._compare(block)
        else:
            assert block.language == "sh", f"neither a file nor a command: {block}"
            self.heard = self._started(block) if block.note == "goes on" else self._typed(block)

    def _compare(self, block: Block) -> None:
        number = re.fullmatch(r"terminal (\d)", block.note)
        heard = self.terminals[int(number[1]) - 1] if number else self.heard
        lines = block.text.splitlines()
        if isinstance(heard, Terminal):
            heard.wait_for(lines)
        else:
            assert [line for line in lines if not _is_in(line, heard)] == [], heard

    def _typed(self, block: Block) -> str:
        done = subprocess.run(
            ["bash", "-e", "-c", block.text],
            cwd=self.folder, env=environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=LIFE_S, check=False,
        )  # fmt: skip
        expected = int(block.note.removeprefix("exits ")) if block.note.startswith("exits ") else 0
        assert done.returncode == expected, done
        return done.stdout + done.stderr

    def _started(self, block: Block) -> Terminal:
        self.terminals.append(self.open_things.enter_context(_terminal(block.text, self.folder)))
        return self.terminals[-1]


@dataclass(slots=True)
class Terminal:
    """A block that goes on."""

    output: IO[str]

    def wait_for(self, lines: list[str]) -> None:
        missing = list(lines)
        for printed in self.output:
            missing = [line for line in missing if not _is_in(line, printed)]
            if not missing:
                return
        raise AssertionError(f"it ended without {missing}")


@contextmanager
def _terminal(script: str, folder: Path) -> Iterator[Terminal]:
    process = subprocess.Popen(
        ["bash", "-c", f"exec env {script}"],
        cwd=folder, env=environment(),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    watchdog = threading.Timer(LIFE_S, process.kill)
    watchdog.start()
    try:
        assert process.stdout is not None
        yield Terminal(process.stdout)
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=LIFE_S)
        watchdog.cancel()


def walk(page: str, folder: Path) -> None:
    """Executes a page."""
    ports = {port: str(free_port()) for port in _PORT.findall(page)}
    if ports.keys() & {*_EMULATOR}:
        ports |= zip(_EMULATOR, map(str, two_free_ports()), strict=True)
    on_the_way = Walk(folder)
    with on_the_way.open_things:
        for block in blocks_of(_PORT.sub(lambda port: ports[port[0]], page)):
            on_the_way.go(block)


def two_free_ports() -> tuple[int, int]:
    """A console's, and adbd's beside it."""
    while True:
        port = free_port()
        with contextlib.suppress(OSError), socket.socket() as beside:
            beside.bind(("127.0.0.1", port + 1))
            return port, port + 1


def _is_in(line: str, printed: str) -> bool:
    """Any blanks are as good as others."""
    pieces = (r"\s+".join(map(re.escape, piece.split())) for piece in line.split("…"))
    return re.search(r"[^\n]*".join(pieces), printed) is not None


@pytest.mark.parametrize("page", WALKS)
def test_every_block_of_a_walk_does_what_the_page_says(page: Path, tmp_path: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text.count("\n```") == 2 * len(blocks_of(text)), "a block that is not closed, or is indented"
    walk(text, tmp_path)


@pytest.mark.parametrize(
    ("page", "wrong"),
    [
        ("```sh\nfalse\n```", "returncode"),
        ("```sh\necho one\n```\n\n```text\none\ntwo\n```", "two"),
        ("```sh\necho one two three\n```\n\n```text\none … 3\n```", "one two three"),
        ("```yaml\nscenario: nameless\n```", "neither a file nor a command"),
        ("<!-- exits 3 -->\n```sh\ntrue\n```", "returncode"),
        ("<!-- goes on -->\n```sh\necho one\n```\n\n```text\none\ntwo\n```", "it ended without .*two"),
    ],
)
def test_a_walk_fails_where_the_page_is_wrong(page: str, wrong: str, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=wrong):
        walk(page + "\n", tmp_path)


FAILS_IN_THE_BLOCK = """
def test_fails(app):
    with app.webhooks():
        raise RuntimeError("in the block")
"""


def test_pytest_ends_when_a_test_fails_while_the_application_of_the_page_takes_webhooks(tmp_path: Path) -> None:
    page = (DOCS / "how-to" / "pytest.md").read_text(encoding="utf-8")
    walked = Walk(tmp_path)
    for block in blocks_of(page):
        if block.text.startswith(("# app.py\n", "# conftest.py\n")):
            walked.go(block)
    (tmp_path / "test_fails.py").write_text(FAILS_IN_THE_BLOCK, encoding="utf-8")
    walked.go(Block("exits 1", "sh", "timeout 30 pytest -q\n"))
    walked.go(Block("", "text", "RuntimeError: in the block\n1 failed\n"))


def test_a_page_that_is_no_walk_is_tested_elsewhere() -> None:
    tests = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "docs").glob("test_*.py"))
    assert [name for name in ELSEWHERE if tests.count(name.rpartition("/")[2]) < 2] == []
    assert {name_of(page) for page in PAGES} >= ELSEWHERE
