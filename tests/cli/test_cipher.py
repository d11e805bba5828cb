"""`encrypt` and `decrypt`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.usage import Wrong, each, refuses
from tests.commands import Done, run

WRONG_USAGE: list[Wrong] = [
    (("encrypt", "text"), 2, ("Missing option '--key'",)),
    (("decrypt", "--key", "k", "gar!bage"), 2, ("error: cannot decrypt", "not base64")),
    (("decrypt", "--key", "k", "garbage"), 2, ("error: cannot decrypt", "5 bytes")),
    (("decrypt", "--key", "k"), 2, ("error: cannot decrypt", "0 bytes")),
]


@each(WRONG_USAGE)
def test_what_cannot_be_done_is_said_in_a_sentence_with_the_right_exit_code(
    arguments: tuple[str, ...], code: int, parts: tuple[str, ...], folder: Path
) -> None:
    refuses(folder, arguments, code, parts)


@pytest.mark.parametrize("command", ["encrypt", "decrypt"])
def test_what_is_piped_in_must_be_utf_8(command: str) -> None:
    run(command, "--key", "k", stdin=b"\xff").failed(2, "error: standard input is not UTF-8")


def test_what_encrypt_writes_decrypt_reads_from_an_argument_or_a_pipe() -> None:
    text = "Grüße 😀\nand more"
    written = run("encrypt", "--key", "Password123", stdin=text.encode()).out
    assert run("decrypt", "--key", "Password123", stdin=written.encode()) == Done(0, text + "\n", "")
    assert run("decrypt", written.strip(), HTTPSMS_HARNESS_ENCRYPTION_KEY="Password123").out == text + "\n"
