"""Real processes under a script: what it writes arrives, what they print is heard, and none of them is left."""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from harness.adapters.runner_probe import probe
from harness.interop.probing import CloseInput, Ended, Hear, Heard, Late, Line, Script, Start, Write
from harness.interop.talk import LIMITS

QUICK = replace(LIMITS, start_s=20, per_call_s=0.3, end_s=0.3, line_bytes=1000)


def heard_of(program: str, *steps: Start | Write | CloseInput | Hear, command: tuple[str, ...] = ()) -> list[Heard]:
    """What is heard of a Python program in the course of these steps."""
    heard: list[Heard] = []

    def script() -> Script:
        for step in steps:
            answer = yield step
            if answer is not None:
                heard.append(answer)

    asyncio.run(probe(command or (sys.executable, "-c", program), script(), lambda _check: None, QUICK))
    return heard


ECHO = "import sys\nfor line in sys.stdin: print(line.strip()[::-1], flush=True)"
DIES = "import sys; print('one', flush=True); sys.stderr.write('at work\\nValueError: no\\n'); sys.exit(3)"


def test_lines_go_there_and_back_until_the_input_ends() -> None:
    steps = (Start(), Write(b"abc\nxyz\n"), Hear(), Hear(), Write(b"123\n"), Hear(), CloseInput(), Hear())
    assert heard_of(ECHO, *steps) == [Line(b"cba"), Line(b"zyx"), Line(b"321"), Ended("it ended with status 0", 0)]


def test_an_end_is_told_with_its_last_words() -> None:
    told = Ended("it ended with status 3; its last words: ValueError: no", 3)
    assert heard_of(DIES, Start(), Write(b"x\n"), Hear(), Hear()) == [Line(b"one"), told]


def test_a_signal_is_told_by_its_name() -> None:
    program = "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"
    assert heard_of(program, Start(), Hear()) == [Ended("it was ended by SIGSEGV", -11)]


def test_the_first_request_has_the_time_of_a_start_and_the_next_ones_less() -> None:
    program = "import sys, time\nfor line in sys.stdin: time.sleep(0.5 if 'slow' in line else 60); print(1, flush=True)"
    steps = (Start(), Write(b"slow\n"), Hear(), Write(b"never\n"), Hear())
    assert heard_of(program, *steps) == [Line(b"1"), Late(0.3)]


def test_who_goes_on_without_input_is_told_so() -> None:
    assert heard_of("import time; time.sleep(60)", Start(), CloseInput(), Hear()) == [Late(0.3)]


def test_a_line_without_an_end_is_an_end() -> None:
    first, last = heard_of("while True: print('x' * 500, end='')", Start(), Hear(), Hear())
    assert first == Line(b"a line of more than 1000 bytes")
    assert isinstance(last, Ended)


def test_a_program_that_is_not_there_is_told_so() -> None:
    steps = (Start(), Write(b"x\n"), CloseInput(), Hear())
    [told] = heard_of("", *steps, command=("./no-such-program",))
    assert isinstance(told, Ended)
    assert "it cannot be started: ./no-such-program: No such file" in told.how
    assert told.status is None


def test_a_new_start_ends_the_last_process_and_the_end_every_one(tmp_path: Path) -> None:
    program = (
        f"import os, time; open({str(tmp_path)!r} + f'/{{os.getpid()}}', 'w'); print(1, flush=True); time.sleep(60)"
    )
    assert heard_of(program, Start(), Hear(), Start(), Hear()) == [Line(b"1")] * 2
    pids = [int(path.name) for path in tmp_path.iterdir()]
    assert len(pids) == 2
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
