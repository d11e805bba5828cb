"""The log is shown, followed, cleared and measured."""

from __future__ import annotations

import pytest

from harness.fake_device import RELEASES, FakeDevice
from tests.fake_device.asking import AT_MS, asked, check

MAIN = "--------- beginning of main\n"
AT = "07-23 05:10:10.123  4242  4242 I "
REST = "max entry is 5120 B, max payload is 4068 B\n"
EMPTY = f"ring buffer is 256 KiB (0 B consumed, 0 B readable), {REST}"


@pytest.mark.parametrize(
    ("options", "out"),
    [
        ("-d", f"{MAIN}{AT}T: a b\n{AT}log: c\n"),
        ("-d -v threadtime '*:S' T", f"{MAIN}{AT}T: a b\n{AT}log: c\n"),
        ("T -dbmain", f"{MAIN}{AT}T: a b\n{AT}log: c\n"),
        ("-t 1", f"{MAIN}{AT}log: c\n"),
        ("-t '07-23 05:10:10.000'", f"{MAIN}{AT}T: a b\n{AT}log: c\n"),
        ("-d -b radio", "--------- beginning of radio\n"),
        ("--buffer=events,radio -d", "--------- beginning of radio\n"),
        ("-d -b radio -b main", f"{MAIN}{AT}T: a b\n{AT}log: c\n"),
        ("-c; logcat -d", MAIN),
        ("--clear; logcat -d", MAIN),
        ("-c -b radio; logcat -t 1", f"{MAIN}{AT}log: c\n"),
        ("-g -b radio,main", f"main: {EMPTY.replace('0 B consumed, 0 B', '80 B consumed, 80 B')}radio: {EMPTY}"),
        ("-cg", "".join(f"{name}: {EMPTY}" for name in ("main", "system", "crash", "kernel"))),
        ("-g -b default -c", "".join(f"{name}: {EMPTY}" for name in ("main", "system", "crash"))),
        ("-G 1M", ""),
    ],
)
def test_the_log_is_shown_as_the_options_say(options: str, out: str) -> None:
    check(f"log -t T a b; log c; logcat {options}", out)


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ("-d -b nope", "Unknown -b buffer 'nope'."),
        ("-b", "Option '-b' needs an argument."),
        ("--regex", "Option '--regex' needs an argument."),
        ("-Z", "Unknown option '-Z'."),
        ("--nope", "Unknown option '--nope'."),
    ],
)
def test_what_logcat_does_not_know_it_refuses(options: str, why: str) -> None:
    check(f"logcat {options}", err=f"logcat: {why}\n", code=1)


def test_a_full_buffer_is_measured_in_kib() -> None:
    assert b"(1 KiB consumed, 1 KiB readable)" in asked(f"log {'a' * 2000}; logcat -g").out


def test_another_buffer_is_followed_without_the_lines_of_main() -> None:
    device = FakeDevice()
    process = device.start("logcat -b radio")
    assert process.take().out == b"--------- beginning of radio\n"
    device.note("T", "new", AT_MS)
    assert (process.take().out, process.is_idle) == (b"", True)


def test_a_follower_of_the_log_misses_nothing_when_it_is_cleared() -> None:
    device = FakeDevice(RELEASES["8"])
    device.note("T", "old", AT_MS)
    process = device.start("logcat")
    assert b"old" in process.take().out
    device.run("logcat -c")
    device.note("T", "new", AT_MS)
    assert b"new" in process.take().out
