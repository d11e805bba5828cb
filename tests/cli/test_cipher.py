"""`encrypt` and `decrypt`."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest

from harness.cipher import DIALECTS, raw
from tests.cli.usage import Wrong, each, refuses
from tests.commands import Done, run

WRONG_USAGE: list[Wrong] = [
    (("encrypt", "text"), 2, ("Missing option '--key'",)),
    (("decrypt", "--key", "secret", "gar!bage"), 2, ("error: cannot decrypt", "not base64 as the phone accepts it")),
    (("decrypt", "--key", "secret", "garbage"), 2, ("error: cannot decrypt", "5 bytes")),
    (("decrypt", "--key", "secret"), 2, ("error: cannot decrypt", "0 bytes")),
    (("decrypt", "--key", "secret", "--dialect", "kotlin", "AAAA"), 2, ("'kotlin' is not one of", *DIALECTS)),
    (
        ("decrypt", "--key", "secret", "--dialect", "phone", "AAAA"),
        2,
        ("the phone fails here with java.security.InvalidAlgorithmParameterException", "base64 as printed by"),
    ),
    (
        ("decrypt", "--key", "secret", "--dialect", "jvm", " AAAA"),
        2,
        ("not base64 as a JVM client accepts it", "a JVM client fails here with java.lang.IllegalArgumentException"),
    ),
    (
        ("decrypt", "--key", "secret", "--dialect", "node", "!"),
        2,
        ("0 bytes", "the Node client fails here with TypeError[ERR_CRYPTO_INVALID_IV]"),
    ),
    (
        ("decrypt", "--key", "secret", "--dialect", "go", "AAAA"),
        2,
        ("3 bytes", "the Go client panics here (runtime.boundsError): a process without recover ends"),
    ),
    (
        ("decrypt", "--key", "secret", "--dialect", "go", "AAA"),
        2,
        ("not base64 as the Go client accepts it", "the Go client fails here with *errors.joinError"),
    ),
]


@each(WRONG_USAGE)
def test_what_cannot_be_done_is_said_in_a_sentence_with_the_right_exit_code(
    arguments: tuple[str, ...], code: int, parts: tuple[str, ...], folder: Path
) -> None:
    refuses(folder, arguments, code, parts)


@pytest.mark.parametrize("command", ["encrypt", "decrypt"])
def test_what_is_piped_in_must_be_utf_8(command: str) -> None:
    run(command, "--key", "k", stdin=b"\xff").failed(2, "error: standard input is not UTF-8")


@pytest.mark.parametrize("dialect", [(), *(("--dialect", name) for name in DIALECTS)], ids=" ".join)
def test_what_encrypt_writes_decrypt_reads_from_an_argument_or_a_pipe(dialect: tuple[str, ...]) -> None:
    text = "Grüße 😀\nand more"
    written = run("encrypt", *dialect, "--key", "Password123", stdin=text.encode()).out
    assert run("decrypt", *dialect, "--key", "Password123", stdin=written.encode()) == Done(0, text + "\n", "")
    assert run("decrypt", *dialect, written.strip(), HTTPSMS_HARNESS_ENCRYPTION_KEY="Password123").out == text + "\n"


SPACED = " Qk3XGN5+Ax38Ig01m4AqaP6Y0b0wYpCXtx59sU23uVLWUU/c7axF7LozDg==\r\n"


def test_white_space_around_a_ciphertext_is_forgiven_unless_a_dialect_is_named() -> None:
    assert run("decrypt", "--key", "Password123", SPACED).out == "This is a test text message\n"
    assert run("decrypt", "--key", "Password123", "--dialect", "node", SPACED).code == 0
    run("decrypt", "--key", "Password123", "--dialect", "phone", SPACED).failed(2, "not base64 as the phone accepts")


def test_bytes_that_go_hands_on_are_shown_and_explained() -> None:
    encrypted = raw.encrypt(hashlib.sha256(b"k").digest(), bytes(16), b"caf\xe9 \xe2\x82\xac")
    written = base64.b64encode(bytes(16) + encrypted).decode()
    go = run("decrypt", "--key", "k", "--dialect", "go", written)
    assert (go.code, go.out) == (0, "caf\\xe9 €\n")
    assert "\\xNN is a byte that the Go client hands on" in go.err
    assert run("decrypt", "--key", "k", "--dialect", "phone", written) == Done(0, "caf\ufffd €\n", "")


def test_the_help_says_where_the_clients_differ() -> None:
    shown = run("decrypt", "--help").out
    for said in ("[phone|jvm|node|go]", "cuts the text at the first =", "PANICS if there are fewer than 16 bytes"):
        assert said in shown
    assert "[phone|jvm|node|go]" in run("encrypt", "--help").out
