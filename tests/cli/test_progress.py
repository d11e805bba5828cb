"""What is seen while several jobs run."""

from __future__ import annotations

import io
import os
import pty
from collections.abc import Iterator

import pytest

from harness.cli.progress import Bars

STEPS = [("node", 0, 200), ("go", 100, 200), ("node", 100, 200), ("go", 200, 200), ("node", 200, 200)]


class Clock:
    """Goes on by `step_s` at each look."""

    def __init__(self, step_s: float) -> None:
        self.now_s = 0.0
        self.step_s = step_s

    def __call__(self) -> float:
        self.now_s += self.step_s
        return self.now_s


@pytest.mark.parametrize(
    ("step_s", "told"),
    [
        (0.01, "go: 200 calls\nnode: 200 calls\n"),
        (
            9,
            "node: 0 of 200 calls\ngo: 100 of 200 calls\nnode: 100 of 200 calls\ngo: 200 calls\nnode: 200 calls\n",
        ),
    ],
)
def test_without_a_terminal_there_is_a_line_now_and_then_and_at_each_end(step_s: float, told: str) -> None:
    stream = io.StringIO()
    with Bars(stream, Clock(step_s)) as bars:
        for step in [*STEPS, STEPS[-1]]:
            bars.show(*step)
    assert stream.getvalue() == told


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[io.TextIOWrapper, int]]:
    """Our end of a terminal, and the descriptor of its screen."""
    monkeypatch.delenv("CI", raising=False)
    screen, ours = pty.openpty()
    with os.fdopen(ours, "w", encoding="utf-8") as stream:
        yield stream, screen
    os.close(screen)


def test_on_a_terminal_one_line_changes_and_vanishes(terminal: tuple[io.TextIOWrapper, int]) -> None:
    stream, screen = terminal
    with Bars(stream, Clock(1)) as bars:
        for step in STEPS:
            bars.show(*step)
    seen = os.read(screen, 4096).decode().split("\r\x1b[K")
    assert seen[2] == "node [..........] 0%  go [#####.....] 50%"
    assert seen[-2:] == ["node [##########] 100%  go [##########] 100%", ""]


def test_a_terminal_is_not_drawn_on_all_the_time(terminal: tuple[io.TextIOWrapper, int]) -> None:
    stream, screen = terminal
    with Bars(stream, Clock(0.01)) as bars:
        for done in range(100):
            bars.show("node", done, 100)
    assert os.read(screen, 65536).decode().count("node") == 9


def test_without_a_stream_nothing_is_shown() -> None:
    with Bars(None) as bars:
        bars.show("node", 1, 1)
