from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.fake_device import FakeDevice
from harness.fake_device.process import KEPT_MAX
from tests.fake_device.asking import asked
from tests.fake_device.serving import split


@pytest.mark.parametrize(
    ("script", "out", "code"),
    [
        ("echo a\necho b", "a\nb\n", 0),
        ("A=1\ncd /sdcard\necho $A; pwd\n", "1\n/sdcard\n", 0),
        ("false\n", "", 1),
        ("false\n\n# nothing\n", "", 1),
        ("echo a; exit 3\necho b\n", "a\n", 3),
        ("(exit 3)\necho $?\n", "3\n", 0),
        ("echo 'a\nb'\n", "a\nb\n", 0),
        ("echo a \\\nb\n", "a b\n", 0),
        ("echo a |\nwc -l\n", "1\n", 0),
        ("true &&\n{ echo a\necho b\n}\n", "a\nb\n", 0),
        ("cat\necho a\n", "echo a\n", 0),
        ("head -c 3\nabc\necho d\n", "abc", 0),
        ("", "", 0),
    ],
)
def test_a_shell_runs_the_lines_of_its_input_and_commands_read_on_there(script: str, out: str, code: int) -> None:
    ran = asked("sh", stdin=script.encode())
    assert (ran.out.decode(), ran.err, ran.code) == (out, b"", code)


@pytest.mark.parametrize(
    ("script", "err"),
    [
        ("echo a\nfi\necho b\n", "fi: not known to this fake device"),
        ("echo a\necho 'b\nc\n", "no closing quote"),
        ("echo a\n{ echo b\n", "syntax error: unexpected EOF"),
        ("echo a\n" + "{\n" * 500 + "echo b\n", "syntax error: nested too deeply"),
        ("echo a\n'" + "\n" * 500 + "'\necho b", "no closing quote"),
    ],
)
def test_a_line_that_cannot_be_read_ends_it(script: str, err: str) -> None:
    ran = asked("sh", stdin=script.encode())
    assert (ran.out, ran.err.decode(), ran.code) == (b"a\n", f"/system/bin/sh: {err}\n", 1)


def test_a_line_is_run_once_it_is_there() -> None:
    process = FakeDevice().start("")
    for line, out in ((b"echo a\n", b"a\n"), (b"ec", b""), (b"ho b\ncat\nc", b"b\nc"), (b"d", b"d")):
        process.feed(line)
        assert process.take().out == out
        assert process.waits_for_input


@given(st.lists(st.integers(0, 100)))
def test_the_pieces_in_which_its_input_comes_make_no_difference(at: list[int]) -> None:
    process = FakeDevice().start("")
    for piece in split(b"A='1\n2'\necho \"$A\" &&\necho 3 \\\n4\ncat\n5\n6", at):
        process.feed(piece)
    process.end_input()
    assert (process.take().out, process.code) == (b"1\n2\n3 4\n5\n6", 0)


@pytest.mark.parametrize("command", ["yes | sh", "yes : | sh", "cat /dev/zero | sh", 'yes "\'" | sh'])
def test_no_input_keeps_a_shell_from_giving_others_a_turn(command: str) -> None:
    process = FakeDevice().start(command)
    said = process.take()
    assert said.delay_ms or len(said.err) in range(1, 2 * KEPT_MAX)
    process.cancel()
