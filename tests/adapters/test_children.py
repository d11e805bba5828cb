"""Child processes: what they print is told in order, how they end is known, and nothing of them is left."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.adapters.children import Child, Death, environment, why_not_started
from tests.adapters.moved_loop import run

PYTHON = (sys.executable, "-S", "-E", "-c")


@pytest.fixture(autouse=True)
def no_child_is_left() -> Iterator[None]:
    yield
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def life(program: str, *, talks: bool = False, says: bytes = b"") -> tuple[list[bytes | str], Death, str]:
    """What is told of a child, how it ended, and its last words."""
    told: list[bytes | str] = []
    ends: list[tuple[Death, str]] = []

    async def main() -> None:
        child = Child(told.append, started=lambda: told.append("started"), output_end=lambda: told.append("end"))
        try:
            await child.start((*PYTHON, program), talks=talks)
            child.write(says)
            child.close_input()
            ends.append((await child.ended(), child.last_words))
        finally:
            await child.end()

    run(main())
    return told, *ends[0]


@pytest.mark.parametrize(
    ("program", "death"),
    [
        ("pass", Death(0)),
        ("raise SystemExit(3)", Death(3)),
        ("import os; os.kill(os.getpid(), 9)", Death(-9, "SIGKILL")),
        ("import os; os.kill(os.getpid(), 40)", Death(-40, "signal 40")),
    ],
)
def test_how_it_ended_is_known(program: str, death: Death) -> None:
    assert life(program)[1] == death


def test_what_it_prints_is_told_after_its_start_and_before_its_end() -> None:
    assert life("print('hi', flush=True)")[0] == ["started", b"hi\n", "end"]


def test_it_reads_what_is_written_to_it_to_the_end() -> None:
    megabyte = b"x" * (1 << 20)
    told, _, _ = life("import sys; print(len(sys.stdin.buffer.read()))", talks=True, says=megabyte)
    assert told[1] == b"1048576\n"


def test_who_does_not_talk_has_nothing_to_read() -> None:
    assert life("import sys; print(len(sys.stdin.read()))", says=b"x")[0][1] == b"0\n"


def test_who_closes_its_input_does_not_stop_us() -> None:
    assert life("import os; os.close(0)", talks=True, says=b"x" * (1 << 20))[1] == Death(0)


HOLDS = """
import os, time
read, write = os.pipe()
if os.fork():
    os.read(read, 1)
    os._exit(5)
os.setsid()
print(os.getpid(), flush=True)
os.write(write, b"x")
time.sleep(60)
"""


def test_somebody_else_who_holds_its_pipes_is_not_waited_for() -> None:
    told, death, _ = life(HOLDS)
    assert death == Death(5)
    [_, pid, _] = told
    os.kill(int(pid), 9)  # it still lives


WORDS: list[tuple[str, str]] = [
    ("", ""),
    ("\n\n", ""),
    ("first\nlast\n\n", "last"),
    ("x" * 500, "x" * 200),
    ("Traceback (most recent call last):\n  File\nValueError: no\n", "ValueError: no"),
    ("a.b.C$DError\n  at x", "a.b.C$DError"),
    (
        "panic: runtime error: slice bounds out of range [16:3]\n\ngoroutine 1 [running]:\nmain.main()\n\t/x.go:5\n",
        "panic: runtime error: slice bounds out of range [16:3]",
    ),
    ("fatal error: all goroutines are asleep\n\ngoroutine 1\n", "fatal error: all goroutines are asleep"),
    (
        'Exception in thread "main" java.lang.IllegalArgumentException: Illegal\n\tat A.b(A.java:5)\n',
        'Exception in thread "main" java.lang.IllegalArgumentException: Illegal',
    ),
    (
        "file:///r.mjs:1\nthrow new Error('x')\n      ^\n\nError: x\n    at file:///r.mjs:1:7\n\nNode.js v20.20.2\n",
        "Error: x",
    ),
    (
        "node:internal/errors:540\n\nTypeError [ERR_CRYPTO_INVALID_IV]: Invalid initialization vector\n    at x {\n}\n",
        "TypeError [ERR_CRYPTO_INVALID_IV]: Invalid initialization vector",
    ),
    ("Errors are logged to /tmp\nbye\n", "bye"),
]


@pytest.mark.parametrize(("printed", "words"), WORDS)
def test_its_last_words_are_the_line_that_tells_most(printed: str, words: str) -> None:
    assert life(f"import sys; sys.stderr.write({printed!r})")[2] == words


def test_of_megabytes_on_stderr_the_end_is_kept() -> None:
    assert life("import sys; sys.stderr.write('x\\n' * 2_000_000 + 'the end')")[2] == "the end"


# -- errors ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fails", ["started", "output", "end"])
def test_what_a_callback_raises_ends_the_child_and_comes_to_who_waits(fails: str) -> None:
    def callback(name: str) -> None:
        if name == fails:
            raise LookupError(name)

    async def main() -> None:
        child = Child(
            lambda _data: callback("output"), started=lambda: callback("started"), output_end=lambda: callback("end")
        )
        try:
            await child.start((*PYTHON, "print('hi', flush=True)\nimport os, time; os.close(1); time.sleep(60)"))
            with pytest.raises(LookupError):
                await child.ended()
        finally:
            await child.end()

    run(main())


def test_what_cannot_be_started_leaves_no_pipe_open() -> None:
    async def main() -> None:
        child = Child(lambda _data: None)
        with pytest.raises(FileNotFoundError):
            await child.start(("no-such-program-here",), talks=True)
        await child.end()

    before = len(os.listdir("/dev/fd"))
    run(main())
    assert len(os.listdir("/dev/fd")) <= before


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (FileNotFoundError(2, "No such file or directory", "prog"), "prog: No such file or directory"),
        (PermissionError(13, "Permission denied", b"/prog"), "/prog: Permission denied"),
        (OSError(7, "Argument list too long"), "[Errno 7] Argument list too long"),
        (ValueError("embedded null byte"), "embedded null byte"),
    ],
)
def test_why_it_was_not_started_is_said_to_who_wrote_the_command(error: OSError | ValueError, why: str) -> None:
    assert why_not_started(error) == why


def test_a_child_gets_our_environment_without_our_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPSMS_HARNESS_PHONE_KEY", "secret")
    monkeypatch.setenv("HTTPSMS_HARNESS_CONTROL_TOKEN", "secret")
    monkeypatch.setenv("HTTPSMS_HARNESS_RUNNERS", str(Path.cwd()))
    ours = {"HTTPSMS_HARNESS_PHONE_KEY", "HTTPSMS_HARNESS_CONTROL_TOKEN"}
    assert environment() == {name: value for name, value in os.environ.items() if name not in ours}
