"""The command within this process: most of what it says needs no process of its own."""

from __future__ import annotations

import io
import os
import signal
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from harness.cli import main
from tests.commands import Done, clean_environment

__all__ = ["call", "refuses"]


class Stream(io.StringIO):
    """As a pipe: no terminal."""


def call(*arguments: str, folder: Path, **environment: str) -> Done:
    """`httpsms-harness ARGUMENTS` in `folder`, with nothing else in the environment that is ours."""
    out, err = Stream(), Stream()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        for name in os.environ.keys() - clean_environment().keys():
            patch.delenv(name)
        for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "CI"):
            patch.delenv(name, raising=False)
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.chdir(folder)
        patch.setattr(sys, "argv", ["httpsms-harness", *arguments])
        try:
            with pytest.raises(SystemExit) as ended:
                main()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
    return Done(int(ended.value.code or 0), out.getvalue(), err.getvalue())


def refuses(folder: Path, arguments: tuple[str, ...], code: int, parts: tuple[str, ...]) -> None:
    """The command ends with `code`, says the parts on stderr, and shows no secret."""
    done = call(*arguments, folder=folder)
    done.failed(code, *parts)
    assert "secret" not in done.out + done.err
    assert "pa55" not in done.out + done.err
