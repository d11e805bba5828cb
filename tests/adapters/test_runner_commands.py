"""Programs that know no protocol: one process for each call."""

from __future__ import annotations

import asyncio
import os
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from harness.adapters.runner_commands import talk
from harness.cipher import decrypt, encrypt
from harness.errors import UsageError
from harness.interop.calls import Call, Decrypt, Encrypt
from harness.interop.outcomes import Crashed, Decrypted, Encrypted, Garbled, NotRun, Outcome, Refused, Silent, Skipped
from harness.interop.talk import LIMITS, Limits, Talked
from tests.adapters.locks import wait_until_unlocked
from tests.adapters.moved_loop import run

ROOT = Path(__file__).parent.parent.parent
# A program that does what it is told by its text; it knows how to decrypt the probe.
PROGRAM = """
import fcntl, os, signal, sys, time
key, what, end = sys.argv[1:4]
def say(text):
    sys.stdout.buffer.write(text.encode("utf-8", "surrogateescape") + end.encode())
    sys.stdout.flush()
match what.split(":")[0]:
    case "AAAAAAAAAAAAAAAAAAAAAGYlY/s=": say("text")
    case "exit": sys.exit("ValueError: " + what)
    case "kill": os.kill(os.getpid(), signal.SIGKILL)
    case "panic":
        sys.stderr.write("panic: " + what + "\\n\\ngoroutine 1 [running]:\\n")
        sys.exit(2)
    case "hang":
        if os.fork() == 0:
            lock = open("lock", "wb")
            fcntl.flock(lock, fcntl.LOCK_EX)
            say("stuck")
            time.sleep(60)
        os.wait()
    case "much": say("x" * 3_000_000)
    case "newline": say("abc\\n")
    case "stdin": say(repr(sys.stdin.read()))
    case "bytes": sys.stdout.buffer.write(b"a\\xffb" + end.encode())
    case _: say(key + "|" + what)
"""
PYTHON = f"{shlex.quote(sys.executable)} -S -E -c {shlex.quote(PROGRAM)}"


@pytest.fixture(autouse=True)
def no_child_is_left() -> Iterator[None]:
    yield
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def ask(
    calls: Sequence[Call],
    folder: Path,
    templates: Sequence[str],
    limits: Limits = LIMITS,
    at_once: int = 2,
    progress: Callable[[int], None] | None = None,
) -> Talked:
    talks: list[Talked] = []

    async def main() -> None:
        talks.append(await talk(templates, calls, limits=limits, at_once=at_once, progress=progress, cwd=folder))
        assert asyncio.all_tasks() == {asyncio.current_task()}

    run(main())
    return talks[0]


def templates(end: str = "\n") -> list[str]:
    return [f"{PYTHON} {{key}} {{{what}}} {shlex.quote(end)}" for what in ("text", "ciphertext")]


PANIC = "panic: panic:now"
CASES: list[tuple[str, Outcome | str]] = [
    ("plain text", "k|plain text"),
    ("", "k|"),
    ("$(id) 'é' \\", "k|$(id) 'é' \\"),
    ("newline", "abc\n"),
    ("stdin", "''"),
    ("exit:no", Refused("exit 1", "ValueError: exit:no")),
    ("kill", Crashed("SIGKILL", "")),
    ("panic:now", Crashed("exit 2", PANIC)),
    ("much", Garbled("more than 1048576 bytes")),
    ("a\0b", Skipped("the ciphertext holds a NUL, which no argument of a command can")),
]


@pytest.mark.parametrize("end", ["\n", ""])
def test_what_a_program_prints_and_how_it_ends_is_the_outcome(end: str, tmp_path: Path) -> None:
    talked = ask([Decrypt("k", text) for text, _ in CASES], tmp_path, templates(end), Limits(line_bytes=1 << 20))
    assert talked.outcomes == tuple(Decrypted(one) if isinstance(one, str) else one for _, one in CASES)
    assert (talked.hello, talked.complaints, talked.restarts) == (None, (), 0)


def test_a_program_that_encrypts_is_asked_too(tmp_path: Path) -> None:
    talked = ask([Encrypt("k", "t"), Decrypt("k", "c"), Decrypt("k", "bytes")], tmp_path, templates())
    assert talked.outcomes == (Encrypted("k|t"), Decrypted("k|c"), Decrypted("a\udcffb"))


def test_without_a_command_for_it_a_call_is_skipped(tmp_path: Path) -> None:
    talked = ask([Encrypt("k", "t"), Decrypt("k", "c")], tmp_path, templates()[:1])
    assert talked.outcomes == (Encrypted("k|t"), Skipped("there is no command to decrypt"))


def test_our_own_command_is_such_a_program() -> None:
    ours = f"{shlex.quote(sys.executable)} -m harness"
    text = "two\nlines\n"
    told = ask(
        [Encrypt("k", text), Decrypt("k", encrypt("k", text)), Decrypt("k", "?")],
        ROOT,
        [f"{ours} encrypt --key {{key}} -- {{text}}", f"{ours} decrypt --key {{key}} -- {{ciphertext}}"],
    ).outcomes
    assert isinstance(told[0], Encrypted)
    assert decrypt("k", told[0].ciphertext) == text
    assert told[1] == Decrypted(text)
    assert isinstance(told[2], Refused)


# -- what does not go well -------------------------------------------------------------------------------------------


def test_a_program_that_hangs_is_silent_and_its_children_are_gone(tmp_path: Path) -> None:
    talked = ask([Decrypt("k", "hang")], tmp_path, templates(), Limits(per_call_s=0.7))
    assert talked.outcomes == (Silent(0.7),)
    wait_until_unlocked(tmp_path)


def test_too_many_silences_and_the_rest_is_not_run(tmp_path: Path) -> None:
    talked = ask([Decrypt("k", "hang")] * 4, tmp_path, templates(), Limits(per_call_s=0.4, silences=2), at_once=1)
    why = "it left 2 calls without an answer"
    assert talked.outcomes == (Silent(0.4), Silent(0.4), NotRun(why), NotRun(why))
    assert talked.complaints == (f"it was given up: {why}",)


@pytest.mark.parametrize("program", ["no-such-program-here", "./missing"])
def test_a_program_that_is_not_there_is_said_once(program: str, tmp_path: Path) -> None:
    talked = ask([Decrypt("k", "c")] * 3, tmp_path, [f"{program} {{key}} {{ciphertext}}"])
    why = f"it cannot be started: {program}: No such file or directory"
    assert talked.outcomes == (NotRun(why),) * 3
    assert talked.complaints == (f"it was given up: {why}",)


def test_a_command_line_that_the_system_refuses_is_skipped(tmp_path: Path) -> None:
    many = " ".join(["{text}"] * 60)
    talked = ask([Encrypt("k", "x" * 130_000), Encrypt("k", "t")], tmp_path, [f"{PYTHON} {{key}} {{text}} '' {many}"])
    assert talked.outcomes == (Skipped("the command line would be longer than the system allows"), Encrypted("k|t"))


def test_a_template_that_cannot_be_used_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        ask([], tmp_path, ["prog {text}"])


# -- several at once -------------------------------------------------------------------------------------------------


def test_outcomes_keep_their_order_and_progress_counts_up(tmp_path: Path) -> None:
    told: list[int] = []
    talked = ask([Decrypt("k", str(n)) for n in range(9)], tmp_path, templates(), at_once=3, progress=told.append)
    assert talked.outcomes == tuple(Decrypted(f"k|{n}") for n in range(9))
    assert told == list(range(1, 10))


# Each process waits until two are there: with fewer at once, none would end.
MEET = """
import os, sys, time
open(sys.argv[2], "wb").close()
while len([name for name in os.listdir() if name.isdigit()]) < 2:
    time.sleep(0.01)
print(sys.argv[2])
"""


def test_as_many_run_at_once_as_are_allowed(tmp_path: Path) -> None:
    meet = f"{shlex.quote(sys.executable)} -S -E -c {shlex.quote(MEET)} {{key}} {{text}}"
    talked = ask([Encrypt("k", "1"), Encrypt("k", "2")], tmp_path, [meet], at_once=2)
    assert talked.outcomes == (Encrypted("1"), Encrypted("2"))


ALONE = """
import os, sys
os.mkdir("only")
os.rmdir("only")
print(sys.argv[2])
"""


def test_no_more_run_at_once_than_are_allowed(tmp_path: Path) -> None:
    alone = f"{shlex.quote(sys.executable)} -S -E -c {shlex.quote(ALONE)} {{key}} {{text}}"
    talked = ask([Encrypt("k", str(n)) for n in range(8)], tmp_path, [alone], at_once=1)
    assert talked.outcomes == tuple(Encrypted(str(n)) for n in range(8))


def test_what_progress_raises_ends_the_talk_as_it_is(tmp_path: Path) -> None:
    def progress(count: int) -> None:
        raise RuntimeError(count)

    with pytest.raises(RuntimeError):
        ask([Decrypt("k", "hang"), Decrypt("k", "c")], tmp_path, templates(), progress=progress)
    wait_until_unlocked(tmp_path)


def test_a_talk_that_is_cancelled_leaves_nothing(tmp_path: Path) -> None:
    async def main() -> None:
        is_stuck = asyncio.Event()
        calls = [Decrypt("k", "hang"), Decrypt("k", "c")]
        talking = asyncio.create_task(
            talk(templates(), calls, at_once=2, cwd=tmp_path, progress=lambda _count: is_stuck.set())
        )
        await is_stuck.wait()
        talking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await talking
        assert asyncio.all_tasks() == {asyncio.current_task()}

    run(main())
    wait_until_unlocked(tmp_path)
