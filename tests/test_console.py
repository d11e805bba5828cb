"""What the command writes where, and what a signal does to it: seen from a child that uses the module alone."""

from __future__ import annotations

import os
import subprocess
import sys
from io import StringIO

import pytest

from harness.console import wants_colour
from tests.commands import clean_environment


def child(script: str, redirection: str = "") -> tuple[int, str, str]:
    done = subprocess.run(
        ["bash", "-c", f'exec "$0" -c "$1" {redirection}', sys.executable, script],
        env=clean_environment(), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


SAY = "from harness.console import show, talk; show('result'); talk('talk')"


# A pipe whose reader has gone is in error, which is told without being asked for: no guess at how long that takes.
WAIT_FOR_GONE_READER = """
import select
gone = select.poll()
for stream in (1, 2):
    gone.register(stream, 0)
while not any(event & select.POLLERR for _, event in gone.poll()):
    pass
"""


@pytest.mark.parametrize(
    ("redirection", "out", "err"),
    [
        ("", "result\n", "talk\n"),
        (">&-", "", "talk\n"),
        ("2>&-", "result\n", ""),
        ("2>/dev/full", "result\n", ""),
        ("> >(true)", "", "talk\n"),
        ("2> >(true)", "result\n", ""),
    ],
)
def test_what_cannot_be_written_does_not_stop_the_rest(redirection: str, out: str, err: str) -> None:
    assert child(WAIT_FOR_GONE_READER + SAY if "(true)" in redirection else SAY, redirection) == (0, out, err)


def test_a_full_disk_under_the_results_is_the_callers_to_mend() -> None:
    code, out, err = child(SAY, ">/dev/full")
    assert (code, out) == (1, "")
    assert "UsageError" in err
    assert "No space left on device" in err
    assert "ignored" not in err  # what was left in the buffer is not written once more at the end


SIGNAL = "import os, signal; os.kill(os.getpid(), signal.{})"


def test_an_interrupt_has_last_words_and_ends_even_where_exceptions_are_swallowed() -> None:
    script = f"""
from harness.console import end_on_interrupt
end_on_interrupt(130, lambda: "so far: 2")
class Swallowing:
    def __del__(self):
        {SIGNAL.format("SIGINT")}
Swallowing()
print("not reached")
"""
    assert child(script) == (130, "", "so far: 2\n")


def test_when_all_is_done_an_interrupt_changes_nothing() -> None:
    script = f"from harness.console import *; ignore_interrupts(); {SIGNAL.format('SIGINT')}; show('done')"
    assert child(script) == (0, "done\n", "")


@pytest.mark.parametrize(("times", "code", "out"), [(1, 0, "stopped\n"), (2, 0, "stopped\n"), (3, 130, "")])
@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM"])
def test_a_signal_stops_and_the_third_does_not_wait_for_it(number: str, times: int, code: int, out: str) -> None:
    script = f"""
import asyncio
from harness.console import *
async def main():
    stop = asyncio.Event()
    stop_on_signals(stop)
    for _ in range({times}):
        {SIGNAL.format(number)}
    await stop.wait()
asyncio.run(main())
{SIGNAL.format(number) if times < 2 else ""}
show("stopped")
"""
    assert child(script) == (code, out, "")


@pytest.mark.parametrize(
    ("environment", "choice", "coloured"),
    [
        ({}, "auto", False),
        ({"FORCE_COLOR": "1"}, "auto", True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, "auto", False),
        ({"FORCE_COLOR": "1"}, "never", False),
        ({"NO_COLOR": "1"}, "always", True),
        ({"NO_COLOR": ""}, "auto", False),
    ],
)
def test_colours_are_wanted_as_the_option_and_the_environment_say(
    environment: dict[str, str], choice: str, coloured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("FORCE_COLOR", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert wants_colour(choice, StringIO()) is coloured
    assert wants_colour(choice, None) is coloured


def test_a_terminal_wants_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FORCE_COLOR", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    ours, theirs = os.openpty()
    with open(ours, "rb"), open(theirs, "w", encoding="utf-8") as terminal:
        monkeypatch.setenv("TERM", "xterm")
        assert wants_colour("auto", terminal)
        monkeypatch.setenv("TERM", "dumb")
        assert not wants_colour("auto", terminal)
