"""Runners that are real processes, most of them bad: what is reported of them, and that nothing of them is left."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.adapters.runner_process import talk
from harness.interop.calls import Call, Decrypt
from harness.interop.outcomes import Decrypted, NotRun, Silent
from harness.interop.talk import LIMITS, Limits, Talked
from tests.adapters.locks import wait_until_unlocked
from tests.adapters.moved_loop import MovedLoop, run
from tests.interop.reports import CALLS, MIB, REPORTS, RIGHT, Report

BAD_RUNNERS = Path(__file__).parent.parent / "interop" / "bad_runners"
# Without site-packages a Python starts in a third of the time.
PYTHON = (sys.executable, "-S", "-E")


def command(name: str, *arguments: str) -> tuple[str, ...]:
    return (*PYTHON, str(BAD_RUNNERS / f"{name}.py"), *arguments)


@pytest.fixture(autouse=True)
def no_child_is_left() -> Iterator[None]:
    """Neither a process nor a zombie of one."""
    yield
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def ask(
    words: tuple[str, ...],
    folder: Path,
    calls: tuple[Call, ...] = CALLS,
    limits: Limits = LIMITS,
    progress: Callable[[int], None] | None = None,
) -> Talked:
    """One talk in a loop of its own, which ends with no other task in it."""
    talks: list[Talked] = []

    async def main() -> None:
        talks.append(await talk(words, calls, limits=limits, progress=progress, cwd=folder))
        assert asyncio.all_tasks() == {asyncio.current_task()}

    run(main())
    return talks[0]


def reported(report: Report, words: tuple[str, ...], folder: Path) -> Talked:
    """The talk with a bad runner; the time of a call passes whenever it is stuck."""
    counts: list[int] = []

    def progress(count: int) -> None:
        counts.append(count)
        if count in report.stuck_at:
            loop = asyncio.get_running_loop()
            assert isinstance(loop, MovedLoop)
            loop.moved_s += report.limits.per_call_s

    talked = ask(words, folder, limits=report.limits, progress=progress)
    assert counts == sorted(set(counts))
    assert counts[-1] == len(CALLS)
    return talked


@pytest.mark.parametrize("name", REPORTS)
def test_each_runner_is_reported_for_what_it_is(name: str, tmp_path: Path) -> None:
    report = REPORTS[name]
    talked = reported(report, command(name), tmp_path)
    assert talked.outcomes == report.outcomes
    is_counted = "N times" not in "".join(report.complaints)
    complaints = [said if is_counted else re.sub(r"\d+ times", "N times", said) for said in talked.complaints]
    assert complaints == list(report.complaints)
    assert talked.restarts == report.restarts
    assert (talked.hello is not None) == report.says_hello


def test_every_bad_runner_has_its_report() -> None:
    assert {path.stem for path in BAD_RUNNERS.glob("*.py")} == REPORTS.keys()


# -- what cannot be started --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("no-such-program-here",), "no-such-program-here: No such file or directory"),
        (("./missing.py",), "./missing.py: No such file or directory"),
        (("/",), "/: Permission denied"),
        (("./empty",), "./empty: Exec format error"),
        (("a\0b",), "embedded null byte"),
    ],
)
def test_what_cannot_be_started_is_a_reason_and_no_call_is_made(
    words: tuple[str, ...], why: str, tmp_path: Path
) -> None:
    (tmp_path / "empty").write_bytes(b"\0")
    (tmp_path / "empty").chmod(0o700)
    talked = ask(words, tmp_path)
    assert talked.outcomes == (NotRun(f"it cannot be started: {why}"),) * len(CALLS)
    assert (talked.hello, talked.restarts) == (None, 0)


# -- nothing is left ---------------------------------------------------------------------------------------------------


def test_the_child_of_a_wrapper_that_hangs_is_gone(tmp_path: Path) -> None:
    reported(REPORTS["hangs_in_a_child"], command("hangs_in_a_child"), tmp_path)
    wait_until_unlocked(tmp_path)


def test_the_child_of_a_wrapper_that_leaves_is_gone(tmp_path: Path) -> None:
    ask(command("hangs_in_a_child", "leaves"), tmp_path)  # how far the child came is a matter of luck
    (tmp_path / "lock").touch()
    wait_until_unlocked(tmp_path)


def test_a_talk_that_is_cancelled_leaves_nothing(tmp_path: Path) -> None:
    async def main() -> None:
        is_stuck = asyncio.Event()

        def progress(count: int) -> None:
            if count == 2:
                is_stuck.set()

        talking = asyncio.create_task(talk(command("hangs_in_a_child"), CALLS, cwd=tmp_path, progress=progress))
        await is_stuck.wait()
        talking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await talking
        assert asyncio.all_tasks() == {asyncio.current_task()}

    run(main())
    wait_until_unlocked(tmp_path)


@pytest.mark.parametrize("turns", range(12))
def test_a_talk_may_be_cancelled_at_any_moment(turns: int, tmp_path: Path) -> None:
    async def main() -> None:
        talking = asyncio.create_task(talk(command("good"), CALLS, cwd=tmp_path))
        for _ in range(turns):
            await asyncio.sleep(0)
        talking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await talking
        assert asyncio.all_tasks() == {asyncio.current_task()}

    run(main())


def test_what_progress_raises_ends_the_talk(tmp_path: Path) -> None:
    def progress(count: int) -> None:
        raise RuntimeError(count)

    with pytest.raises(RuntimeError):
        ask(command("hangs_in_a_child"), tmp_path, progress=progress)
    wait_until_unlocked(tmp_path)


TALK = """
import asyncio, sys
from pathlib import Path
from harness.adapters.runner_process import talk
from tests.interop.reports import CALLS
def progress(count):
    if count == 2:
        print("stuck", flush=True)
asyncio.run(talk(sys.argv[1:], CALLS, progress=progress))
"""


def test_ctrl_c_leaves_nothing(tmp_path: Path) -> None:
    root = Path(__file__).parent.parent.parent
    asker = subprocess.Popen(
        [sys.executable, "-c", TALK, *command("hangs_in_a_child")],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(root)}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert asker.stdout is not None
    assert asker.stdout.readline() == b"stuck\n"
    asker.send_signal(signal.SIGINT)
    asker.communicate(timeout=30)
    wait_until_unlocked(tmp_path)


# -- how much there is -------------------------------------------------------------------------------------------------


def test_a_line_of_100_mb_does_not_fill_our_memory(tmp_path: Path) -> None:
    tracemalloc.start()
    try:
        reported(REPORTS["answers_100_mb"], command("answers_100_mb"), tmp_path)
        assert tracemalloc.get_traced_memory()[1] < 6 * MIB
    finally:
        tracemalloc.stop()


def test_megabytes_on_stderr_do_not_fill_our_memory(tmp_path: Path) -> None:
    tracemalloc.start()
    try:
        assert ask(command("shouts"), tmp_path).outcomes == RIGHT
        assert tracemalloc.get_traced_memory()[1] < 3 * MIB
    finally:
        tracemalloc.stop()


def test_many_calls_and_large_ones_are_all_answered(tmp_path: Path) -> None:
    texts = [*map(str, range(500)), *("x" * (1 << 18) + str(number) for number in range(12))]
    talked = ask(command("good"), tmp_path, tuple(Decrypt("k", text) for text in texts))
    assert talked.outcomes == tuple(Decrypted(text[::-1]) for text in texts)
    assert (talked.complaints, talked.restarts) == ((), 0)
    assert talked.seconds > 0


def test_who_never_reads_is_not_waited_for_by_a_write(tmp_path: Path) -> None:
    calls = tuple(Decrypt("k", "x" * (1 << 20)) for _ in range(5))
    talked = ask(command("never_reads"), tmp_path, calls, Limits(per_call_s=0.4, silences=1))
    assert talked.outcomes[0] == Silent(0.4)


# -- what a runner is given --------------------------------------------------------------------------------------------

SHOW = """
import json, os
for line in open("/dev/stdin"):
    asked = json.loads(line)
    said = {"id": asked["id"], "text": os.environ.get(asked.get("key", ""), "-")}
    if asked["op"] == "hello":
        said |= {"protocol": 1, "name": "show", "version": "1", "can": ["decrypt"]}
    print(json.dumps(said), flush=True)
"""


def test_a_runner_gets_our_environment_but_no_keys_and_tokens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = {
        "HTTPSMS_HARNESS_USER_KEY": "-", "HTTPSMS_HARNESS_CONTROL_TOKEN": "-",
        "HTTPSMS_HARNESS_RUNNERS": "there", "SOME_KEY": "there",
    }  # fmt: skip
    for name in ours:
        monkeypatch.setenv(name, "there")
    talked = ask((*PYTHON, "-c", SHOW), tmp_path, tuple(Decrypt(name, "") for name in ours))
    assert talked.outcomes == tuple(Decrypted(seen) for seen in ours.values())
