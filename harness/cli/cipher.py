"""`encrypt` and `decrypt`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from harness.cli.common import DIALECTS
from harness.console import show, talk
from harness.errors import CipherError, UsageError

if TYPE_CHECKING:
    from harness.cipher import Dialect

__all__ = ["decrypt", "encrypt"]

_KEY = click.option(
    "--key",
    envvar="HTTPSMS_HARNESS_ENCRYPTION_KEY",
    show_envvar=True,
    required=True,
    help="The key, or set HTTPSMS_HARNESS_ENCRYPTION_KEY.",
)


_DIALECT = click.Choice(DIALECTS)


@click.command()
@_KEY
@click.option(
    "--dialect",
    type=_DIALECT,
    default="phone",
    show_default=True,
    help="Whose cipher. They differ for lone surrogates, which no command line carries: of a TEXT all make the same.",
)
@click.argument("text", required=False)
def encrypt(key: str, text: str | None, dialect: Dialect) -> None:
    """Encrypt TEXT (or standard input) as httpSMS clients do.

    The result is base64 and differs each time, since an IV is drawn. Whoever changes it on its way is not noticed.

    \b
    httpsms-harness encrypt --key Password123 'Your code is 1234'
    """
    from harness.cipher import encrypt as encrypted

    show(encrypted(_unicode(key, "the key"), _argument(text, "TEXT"), dialect=dialect))


@click.command(short_help="Decrypt CIPHERTEXT as the phone does, or another client.")
@_KEY
@click.option(
    "--dialect",
    type=_DIALECT,
    help="Exactly what this client does: white space around CIPHERTEXT, else forgiven, is then read as it reads it.  "
    "[default: phone]",
)
@click.argument("ciphertext", required=False)
def decrypt(key: str, ciphertext: str | None, dialect: Dialect | None) -> None:
    """Decrypt CIPHERTEXT (or standard input) as the phone does, or as another client.

    A wrong key is no error: the phone would show the same garbage. Where clients differ:

    \b
    phone  the Android app: padding may be absent, but only whole; no white space
    jvm    the same on OpenJDK: fewer U+FFFD where the bytes are not UTF-8
    node   npm httpsms: skips what is no letter, and cuts the text at the first =
    go     httpsms-go: takes line breaks, wants padding, hands on bytes that are
           not UTF-8, and PANICS if there are fewer than 16 bytes

    \b
    httpsms-harness decrypt --key Password123 'Qk3XGN5+Ax38Ig01m4AqaP6Y0b0wYpCXtx59sU23uVLWUU/c7axF7LozDg=='
    httpsms-harness decrypt --key Password123 --dialect go AAAA
    """
    from harness.cipher import bytes_of
    from harness.cipher import decrypt as decrypted

    written = _argument(ciphertext, "CIPHERTEXT")
    written = written.strip() if dialect is None else written
    try:
        text = decrypted(_unicode(key, "the key"), written, dialect=dialect or "phone")
    except CipherError as error:
        raise UsageError(f"cannot decrypt: {error}", f"{_what_the_client_does(error)}\n  {_REMEDY}") from None
    shown = bytes_of(text).decode("utf-8", "backslashreplace")
    show(shown)
    if shown != text:
        talk("not all of it is UTF-8: \\xNN is a byte that the Go client hands on as it is")


_REMEDY = "the ciphertext is base64 as printed by `encrypt`"


def _what_the_client_does(error: CipherError) -> str:
    if error.panics:
        return f"{error.client} panics here ({error.raised}): a process without recover ends"
    return f"{error.client} fails here with {error.raised}, which its caller can handle"


def _argument(text: str | None, name: str) -> str:
    if text is not None:
        return _unicode(text, name)
    if sys.stdin is None:
        raise UsageError(f"no {name}, and standard input is closed", f"give {name}, or pipe it in")
    try:
        return sys.stdin.buffer.read().decode().removesuffix("\n")
    except UnicodeDecodeError:
        raise UsageError("standard input is not UTF-8", "a text is UTF-8 here") from None


def _unicode(text: str, name: str) -> str:
    """An argument as it was typed: under another locale its bytes came as surrogates."""
    try:
        return text.encode("utf-8", "surrogateescape").decode()
    except UnicodeDecodeError:
        raise UsageError(f"{name} is not UTF-8", "a text is UTF-8 here") from None
