"""`encrypt` and `decrypt`."""

from __future__ import annotations

import sys

import click

from harness.console import show
from harness.errors import CipherError, UsageError

__all__ = ["decrypt", "encrypt"]

_KEY = click.option(
    "--key",
    envvar="HTTPSMS_HARNESS_ENCRYPTION_KEY",
    show_envvar=True,
    required=True,
    help="The key, or set HTTPSMS_HARNESS_ENCRYPTION_KEY.",
)


@click.command()
@_KEY
@click.argument("text", required=False)
def encrypt(key: str, text: str | None) -> None:
    """Encrypt TEXT (or standard input) as httpSMS clients do.

    \b
    httpsms-harness encrypt --key Password123 'Your code is 1234'
    """
    from harness.cipher import encrypt as encrypted

    show(encrypted(_unicode(key, "the key"), _argument(text, "TEXT")))


@click.command()
@_KEY
@click.argument("ciphertext", required=False)
def decrypt(key: str, ciphertext: str | None) -> None:
    """Decrypt CIPHERTEXT (or standard input) as the phone does.

    A wrong key is no error: the phone would show the same garbage.

    \b
    httpsms-harness decrypt --key Password123 'Qk3XGN5+Ax38Ig01m4AqaP6Y0b0wYpCXtx59sU23uVLWUU/c7axF7LozDg=='
    """
    from harness.cipher import decrypt as decrypted

    try:
        show(decrypted(_unicode(key, "the key"), _argument(ciphertext, "CIPHERTEXT").strip()))
    except CipherError as error:
        raise UsageError(f"cannot decrypt: {error}", "the ciphertext is base64 as printed by `encrypt`") from None


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
