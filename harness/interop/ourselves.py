"""Our own cipher as a runner: it does what any of the real clients does, by `harness.cipher`."""

from __future__ import annotations

import platform
from collections.abc import Callable
from functools import partial

from harness import __version__
from harness.cipher import Dialect, decrypt, encrypt
from harness.interop.answering import outcome_of
from harness.interop.calls import Call
from harness.interop.outcomes import Outcome
from harness.interop.protocol import VERSION
from harness.interop.results import Hello

__all__ = ["NAME", "introduction", "performer"]

NAME = "python"


def introduction(dialect: Dialect) -> Hello:
    """How we introduce ourselves."""
    import cryptography

    versions = f"httpsms-harness {__version__}, cryptography {cryptography.__version__}"
    version = f"{versions}, Python {platform.python_version()}"
    return Hello(VERSION, NAME, version, frozenset(("encrypt", "decrypt", "iv")), dialect)


def performer(dialect: Dialect) -> Callable[[Call], Outcome]:
    """Does a call as the client that speaks `dialect` does. It raises nothing."""
    return partial(
        outcome_of,
        encrypt=partial(encrypt, dialect=dialect),
        decrypt=partial(decrypt, dialect=dialect),
        encrypt_under=lambda key, text, iv: encrypt(key, text, iv=iv, dialect=dialect),
    )
