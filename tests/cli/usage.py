"""What cannot be done, as tables: the arguments, the exit code, and parts of what is said on stderr."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands import run

__all__ = ["Wrong", "each", "refuses"]

Wrong = tuple[tuple[str, ...], int, tuple[str, ...]]


def each(table: list[Wrong]) -> pytest.MarkDecorator:
    """Parametrizes a test with `arguments`, `code` and `parts`."""
    ids = [" ".join(arguments)[-60:] or "nothing" for arguments, _, _ in table]
    return pytest.mark.parametrize(("arguments", "code", "parts"), table, ids=ids)


def refuses(folder: Path, arguments: tuple[str, ...], code: int, parts: tuple[str, ...]) -> None:
    """The command ends with `code`, says the parts on stderr, and shows no secret."""
    done = run(*arguments, folder=folder)
    done.failed(code, *parts)
    assert "secret" not in done.out + done.err
    assert "pa55" not in done.out + done.err
