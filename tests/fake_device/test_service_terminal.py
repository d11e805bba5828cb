"""A shell behind a terminal: what is typed is shown, and done."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.adb.shell import Id, frame
from harness.fake_device import FakeDevice
from tests.fake_device.asking import AT_MS
from tests.fake_device.serving import MOST, frames, opened, said, split

PROMPT = "emu64xa:/ $ "
SESSIONS = [
    ("", PROMPT),
    ("echo hi\r", f"{PROMPT}echo hi\r\nhi\r\n{PROMPT}"),
    ("echo hi\n", f"{PROMPT}echo hi\r\nhi\r\n{PROMPT}"),
    ("\r", f"{PROMPT}\r\n{PROMPT}"),
    ("cd /sdcard\rpwd\r", f"{PROMPT}cd /sdcard\r\nemu64xa:/sdcard $ pwd\r\n/sdcard\r\nemu64xa:/sdcard $ "),
    ("echoo\x7f hi\r", f"{PROMPT}echoo\b \b hi\r\nhi\r\n{PROMPT}"),
    ("\x7f", PROMPT),
    ("nothing\r", f"{PROMPT}nothing\r\n/system/bin/sh: nothing: inaccessible or not found\r\n{PROMPT}"),
    ("ab\x03", f"{PROMPT}ab^C\r\n{PROMPT}"),
    ("cat\r\x03echo hi\r", f"{PROMPT}cat\r\n^C\r\n{PROMPT}echo hi\r\nhi\r\n{PROMPT}"),
    ("cat\rab\r\x04", f"{PROMPT}cat\r\nab\r\nab\r\n{PROMPT}"),
    ("(exit 3)\recho $?\r", f"{PROMPT}(exit 3)\r\n{PROMPT}echo $?\r\n3\r\n{PROMPT}"),
]


@pytest.mark.parametrize(("typed", "shown"), SESSIONS, ids=[ascii(typed) for typed, _ in SESSIONS])
def test_what_is_typed_is_shown_and_done(typed: str, shown: str) -> None:
    assert said(opened("shell:"), typed.encode()).decode() == shown


@pytest.mark.parametrize(
    ("typed", "code"), [("exit 3\r", 3), ("exit\r", 0), ("false\rexit\r", 1), ("\x04", 0), ("false\r\x04", 1)]
)
def test_leaving_the_shell_ends_it_with_its_status(typed: str, code: int) -> None:
    service = opened("shell,v2,TERM=xterm,pty:")
    assert frames(said(service, frame(Id.STDIN, typed.encode())))[2] == code
    assert service.done


def test_a_command_alone_has_a_terminal_too() -> None:
    assert frames(said(opened("shell,v2,pty:echo a; exit 5"))) == (b"a\r\n", b"", 5)


def test_the_end_of_all_input_ends_the_shell() -> None:
    service = opened("shell,v2,pty:")
    said(service, frame(Id.CLOSE_STDIN))
    assert service.done


def test_a_stream_that_runs_is_interrupted() -> None:
    device = FakeDevice()
    service = opened("shell:logcat", device)
    assert said(service).startswith(b"-----")
    service.gone()
    assert service.done
    service = opened("shell:", device)
    assert said(service, b"logcat\r", b"\x03").endswith(f"^C\r\n{PROMPT}".encode())


def test_a_sleep_is_interrupted() -> None:
    service = opened("shell:")
    service.feed(b"sleep 100\r", AT_MS)
    service.take(MOST)
    assert service.pause_ms == 100_000
    service.feed(b"\x03", AT_MS)
    assert (service.pause_ms, service.take(MOST)) == (0, f"^C\r\n{PROMPT}".encode())
    assert said(service, b"echo $?\r").endswith(f"130\r\n{PROMPT}".encode())


@given(st.sampled_from(SESSIONS), st.lists(st.integers(0, 10**6)))
def test_it_is_the_same_however_fast_it_is_typed(session: tuple[str, str], cuts: list[int]) -> None:
    typed, shown = session
    assert said(opened("shell:"), *split(typed.encode(), cuts)).decode() == shown
