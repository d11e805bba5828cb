"""What the commands share."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from harness import cipher
from harness.cli.common import DIALECTS, Grouped, Interrupts, check_outputs, finish, show_text, url, write
from harness.errors import UsageError
from harness.trace import Entry

CONTEXT = click.Context(click.Command("any"))
OPTION = click.Option(["--server"])


@pytest.mark.parametrize("value", [None, "http://127.0.0.1:8000", "https://sms.example.com/api"])
def test_an_option_takes_an_http_url(value: str | None) -> None:
    assert url(CONTEXT, OPTION, value) == value


@pytest.mark.parametrize(
    ("value", "why"), [("foo", "'foo' is no http"), ("ftp://a", "is no http"), ("http://me:pa55@a", "is not taken")]
)
def test_an_option_refuses_another_url_and_shows_no_password(value: str, why: str) -> None:
    with pytest.raises(click.BadParameter) as refused:
        url(CONTEXT, OPTION, value)
    assert why in refused.value.message
    assert "pa55" not in refused.value.message


def test_outputs_are_checked_before_the_work_is_done(tmp_path: Path) -> None:
    check_outputs(None, "-", str(tmp_path / "a.json"))
    with pytest.raises(UsageError, match="no such folder"):
        check_outputs(str(tmp_path / "no" / "a.json"))
    with pytest.raises(UsageError, match="only one output"):
        check_outputs("-", "-")
    with pytest.raises(UsageError, match="a folder"):
        check_outputs(str(tmp_path))
    with pytest.raises(UsageError, match="one file"):
        check_outputs(str(tmp_path / "a.json"), str(tmp_path / "." / "a.json"))
    with pytest.raises(UsageError, match="name too long"):
        check_outputs(str(tmp_path / ("a" * 300)))


def _checked_and_written(path: Path) -> None:
    check_outputs(str(path))
    write(str(path), "{}")


def test_links_in_a_circle_are_refused_when_it_is_checked_or_when_it_is_written(tmp_path: Path) -> None:
    circle = tmp_path / "circle"
    circle.symlink_to(circle)
    with pytest.raises(UsageError, match=r"(?i)symbolic links|circle"):
        _checked_and_written(circle)


def test_a_result_is_written_where_it_is_wanted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(str(tmp_path / "a.json"), "Grüße")
    write("-", "{}")
    assert (tmp_path / "a.json").read_text(encoding="utf-8") == "Grüße\n"
    assert capsys.readouterr().out == "{}\n"
    with pytest.raises(UsageError, match="Is a directory"):
        write(str(tmp_path), "{}")


def test_the_dialects_are_those_of_the_cipher() -> None:
    assert DIALECTS == cipher.DIALECTS


class Result:
    looks = 0

    def __repr__(self) -> str:
        self.looks += 1
        return "a result"


def test_work_is_finished_and_gives_its_result_which_nobody_makes_a_text_of() -> None:
    result = Result()

    async def work() -> Result:
        await asyncio.sleep(0)
        return result

    assert finish(work()) is result
    assert result.looks == 0


def test_on_ctrl_c_work_is_cancelled_even_where_it_was_ignored() -> None:
    ended = []

    async def work() -> None:
        signal.raise_signal(signal.SIGINT)
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("tidied up")

    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with pytest.raises(KeyboardInterrupt):
            finish(work())
    finally:
        signal.signal(signal.SIGINT, before)
    assert ended == ["tidied up"]


@pytest.mark.parametrize(
    ("hop", "kind", "shown"),
    [
        ("contact", "received", "+18005550199 -> +18005550100: Hello\n"),
        ("contact", "wrote", "+18005550199 -> +18005550100: Hello\n"),
        ("phone", "received", ""),
    ],
)
def test_only_what_a_handset_shows_is_shown(
    hop: str, kind: str, shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    facts = {"from": "+18005550199", "to": "+18005550100", "text": "Hello"}
    show_text(Entry(0, 0, hop, kind, None, None, facts))
    assert capsys.readouterr().err == shown


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_first_signal_ends_the_work_and_the_second_is_not_heard(number: signal.Signals) -> None:
    before, done = signal.getsignal(number), []
    with Interrupts() as interrupts:

        def work() -> None:
            interrupts.check()
            done.append("begun")
            signal.raise_signal(number)
            done.append("ended")

        interrupts.carry_out(work)
        signal.raise_signal(number)
        assert (done, interrupts.came) == (["begun"], 2)
        with pytest.raises(KeyboardInterrupt):  # where Python swallowed it
            interrupts.check()
    assert signal.getsignal(number) is before


def test_a_signal_after_the_work_is_told_and_interrupts_nothing() -> None:
    with Interrupts() as interrupts:
        interrupts.carry_out(lambda: None)
        signal.raise_signal(signal.SIGINT)
        assert interrupts.came == 1


def test_of_an_interrupt_that_python_swallows_nothing_is_shown() -> None:
    class Ends:
        def __init__(self, ending: Callable[[], object]) -> None:
            self._ending = ending

        def __del__(self) -> None:
            self._ending()

    def fail() -> None:
        raise ZeroDivisionError

    told: list[object] = []
    before, sys.unraisablehook = sys.unraisablehook, lambda unraisable: told.append(unraisable.exc_type)
    try:
        with Interrupts() as interrupts:
            interrupts.carry_out(lambda: [Ends(lambda: signal.raise_signal(signal.SIGINT))].clear())
            assert interrupts.came == 1
            Ends(fail)
    finally:
        sys.unraisablehook = before
    assert told == [ZeroDivisionError]


def test_what_is_to_be_ignored_is_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
    try:
        with Interrupts() as interrupts:
            signal.raise_signal(signal.SIGHUP)
            assert interrupts.came == 0
    finally:
        signal.signal(signal.SIGHUP, before)


def test_the_help_of_a_command_with_many_options_has_headings() -> None:
    options = [click.Option([f"--{name}"], help=f"The {name}.") for name in ("one", "two", "three")]
    command = Grouped("x", params=options, groups={"First": ("two",), "Then": ("one",), "Empty": ()})
    shown = command.get_help(click.Context(command)).split()
    assert [word for word in shown if word.endswith(":")] == ["Usage:", "First:", "Then:", "Others:"]
    assert shown.index("--two") < shown.index("Then:") < shown.index("--one") < shown.index("Others:")
    assert shown.index("Others:") < shown.index("--three")
