"""What the commands share."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import click
import pytest

from harness import cipher
from harness.cli.common import DIALECTS, check_outputs, finish, show_text, url, write
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
