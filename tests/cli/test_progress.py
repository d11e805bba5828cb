"""What is seen while several jobs run."""

from __future__ import annotations

import io

import pytest

from harness.cli.progress import Bars, Count

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
        (0.01, ["go: all 200", "node: all 200"]),
        (9, ["node: 0 of 200", "go: 100 of 200", "node: 100 of 200", "go: all 200", "node: all 200"]),
    ],
)
def test_without_a_terminal_there_is_a_line_now_and_then_and_at_each_end(step_s: float, told: list[str]) -> None:
    stream = io.StringIO()
    with Bars(stream, Clock(step_s)) as bars:
        for step in [*STEPS, STEPS[-1]]:
            bars.show(*step)
    assert stream.getvalue() == "".join(f"{line} calls answered\n" for line in told)


class Screen(io.StringIO):
    """A terminal that does not know how wide it is."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    monkeypatch.delenv("CI", raising=False)
    return Screen()


def test_on_a_terminal_one_line_changes_and_vanishes(screen: Screen) -> None:
    with Bars(screen, Clock(1)) as bars:
        for step in STEPS:
            bars.show(*step)
    seen = screen.getvalue().split("\r\x1b[K")
    assert seen[2] == "node [..........] 0%  go [#####.....] 50%"
    assert seen[-2:] == ["node [##########] 100%  go [##########] 100%", ""]


def test_the_line_is_no_longer_than_the_terminal_is_wide(screen: Screen) -> None:
    with Bars(screen, Clock(1)) as bars:
        bars.show("x" * 100, 1, 2)
    assert screen.getvalue() == f"\r\x1b[K{'x' * 79}\r\x1b[K"


def test_a_terminal_is_not_drawn_on_all_the_time(screen: Screen) -> None:
    with Bars(screen, Clock(0.01)) as bars:
        for done in range(100):
            bars.show("node", done, 100)
    assert screen.getvalue().count("node") == 9


def test_without_a_stream_nothing_is_shown() -> None:
    with Bars(None) as bars:
        bars.show("node", 1, 1)


# -- one count ---------------------------------------------------------------------------------------------------------


def counted(stream: io.StringIO, step_s: float) -> None:
    with Count(stream, Clock(step_s)) as count:
        for done in range(4):
            count.show(done, 4, lambda done=done: f"{done} passed", "A text" if done == 2 else "")  # type: ignore[misc]
        count.wipe()
        count.show(4, 4, lambda: "4 passed")


def test_a_count_on_a_terminal_shows_what_is_under_way_and_vanishes(screen: Screen) -> None:
    counted(screen, 1)
    seen = screen.getvalue().split("\r\x1b[K")
    assert seen[1] == "[..........] 0%  0 of 4: 0 passed"
    assert seen[3] == "[#####.....] 50%  2 of 4: 2 passed  · A text"
    assert seen[-1] == ""


@pytest.mark.parametrize(("step_s", "told"), [(0.01, 0), (9, 4)])
def test_a_count_without_a_terminal_is_a_line_now_and_then(step_s: float, told: int) -> None:
    stream = io.StringIO()
    counted(stream, step_s)
    assert stream.getvalue() == "".join(f"{done} of 4: {done} passed\n" for done in range(told))


def test_a_terminal_of_a_ci_gets_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    screen = Screen()
    counted(screen, 9)
    assert screen.getvalue().startswith("0 of 4: 0 passed\n")
    assert "\x1b" not in screen.getvalue()
