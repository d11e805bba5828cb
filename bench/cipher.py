"""The envelope against the same steps written down with the cipher library alone, and long texts, on one core."""

from __future__ import annotations

import base64
import hashlib
import os
import statistics
import time
from collections.abc import Callable
from functools import partial

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from table import median_of, show

from harness.cipher import DIALECTS, decrypt, encrypt, raw

try:
    from cryptography.hazmat.decrepit.ciphers.modes import CFB
except ImportError:
    from cryptography.hazmat.primitives.ciphers.modes import CFB

KEY = "Password123"
SIZES = {"32 B": 32, "2 KB": 2048}
LONG = (1_000_000, 10_000_000)
ROUNDS = 31
GOAL = 1.3


def bare_encrypt(key: str, text: str) -> str:
    iv = os.urandom(16)
    encryptor = Cipher(AES(hashlib.sha256(key.encode()).digest()), CFB(iv)).encryptor()
    return base64.b64encode(iv + encryptor.update(text.encode()) + encryptor.finalize()).decode("ascii")


def bare_decrypt(key: str, ciphertext: str) -> str:
    envelope = base64.b64decode(ciphertext)
    decryptor = Cipher(AES(hashlib.sha256(key.encode()).digest()), CFB(envelope[:16])).decryptor()
    return (decryptor.update(envelope[16:]) + decryptor.finalize()).decode("utf-8", "replace")


def seconds_each(work: Callable[[], object], times: int) -> float:
    began = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - began) / times


def compared(bare: Callable[[], object], ours: Callable[[], object]) -> tuple[str, str]:
    """Both in turn, so that a machine that slows down does so for both: the ratio is of neighbours, then the median."""
    pairs = [(seconds_each(bare, 500), seconds_each(ours, 500)) for _ in range(ROUNDS)]
    bare_us, ours_us = (statistics.median(pair[side] for pair in pairs) * 1e6 for side in (0, 1))
    ratio = statistics.median(own / other for other, own in pairs)
    return f"{ours_us:6.1f} µs, bare {bare_us:6.1f} µs: {ratio:.2f}x", f"goal ≤ {GOAL}"


def short_texts() -> list[tuple[str, str, str]]:
    rows = []
    for name, size in SIZES.items():
        text = "x" * size
        written = encrypt(KEY, text)
        rows.append((f"encrypt {name}", *compared(partial(bare_encrypt, KEY, text), partial(encrypt, KEY, text))))
        for dialect in DIALECTS:
            ours = partial(decrypt, KEY, written, dialect=dialect)
            rows.append((f"decrypt {name}, {dialect}", *compared(partial(bare_decrypt, KEY, written), ours)))
    return rows


def long_works(size: int) -> dict[str, Callable[[], object]]:
    """What is done with a text of so many bytes; the last ones take the longest ways through the rules."""
    written = encrypt(KEY, "x" * size)
    lines = "\n".join(written[start : start + 76] for start in range(0, len(written), 76))
    surrogates = raw.encrypt(hashlib.sha256(KEY.encode()).digest(), bytes(16), b"\xed\xa0\x80" * (size // 3))
    no_utf8 = base64.b64encode(bytes(16) + surrogates).decode("ascii")
    return {
        "encrypt": partial(encrypt, KEY, "x" * size),
        **{f"decrypt, {dialect}": partial(decrypt, KEY, written, dialect=dialect) for dialect in DIALECTS},
        "encrypt, nothing but lone surrogates": partial(encrypt, KEY, "\ud800" * size),
        "decrypt, go, broken into lines": partial(decrypt, KEY, lines, dialect="go"),
        "decrypt, node, broken into lines": partial(decrypt, KEY, lines, dialect="node"),
        **{f"decrypt, {dialect}, no UTF-8": partial(decrypt, KEY, no_utf8, dialect=dialect) for dialect in DIALECTS},
    }


def long_texts() -> list[tuple[str, str, str]]:
    short, long = (
        {what: median_of(5, partial(seconds_each, work, 1))[1] for what, work in long_works(size).items()}
        for size in LONG
    )
    return [
        (
            f"{what}: 1 and 10 MB",
            f"{short[what] * 1e9 / LONG[0]:6.1f} and {long[what] * 1e9 / LONG[1]:6.1f} ns a byte: "
            f"{(long[what] / LONG[1]) / (short[what] / LONG[0]):.2f}x",
            "linear: about 1",
        )
        for what in short
    ]


if __name__ == "__main__":
    show("the cipher, one core", short_texts() + long_texts())
