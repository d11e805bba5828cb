"""A runner that is two functions in this process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import perf_counter

from harness.interop.answering import Cipher, EncryptUnder, outcome_of
from harness.interop.calls import Call
from harness.interop.outcomes import Outcome
from harness.interop.results import Hello
from harness.interop.talk import Talked

__all__ = ["in_process"]

_TOLD_EVERY = 64


def in_process(
    encrypt: Cipher | None,
    decrypt: Cipher | None,
    calls: Sequence[Call],
    *,
    encrypt_under: EncryptUnder | None = None,
    hello: Hello | None = None,
    progress: Callable[[int], None] | None = None,
) -> Talked:
    """What the functions make of all `calls`. An exception is `Refused` with its class, None for a function skips.

    `encrypt_under` takes the IV as well. Nothing guards against a function that hangs or ends the process.
    """
    outcomes: list[Outcome] = []
    began = perf_counter()
    for call in calls:
        outcomes.append(outcome_of(call, encrypt, decrypt, encrypt_under))
        if progress is not None and (len(outcomes) % _TOLD_EVERY == 0 or len(outcomes) == len(calls)):
            progress(len(outcomes))
    return Talked(hello, tuple(outcomes), seconds=perf_counter() - began)
