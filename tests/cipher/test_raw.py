"""AES-256-CFB128 against NIST's vectors, and against the mode built from single blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.resources import files

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB
from hypothesis import given
from hypothesis import strategies as st

from harness.cipher import raw

# NIST's CAVP files, and how many cases each of them has.
FILES = {"GFSbox256": 10, "KeySbox256": 32, "MMT256": 20, "VarKey256": 512, "VarTxt256": 256}
KEYS = st.binary(min_size=32, max_size=32)
IVS = st.binary(min_size=16, max_size=16)
DATA = st.binary(max_size=100)


@dataclass(frozen=True, slots=True)
class Known:
    key: bytes
    iv: bytes
    plaintext: bytes
    ciphertext: bytes


def known_answers(name: str) -> Iterator[Known]:
    """The cases of one of NIST's files: blocks of `NAME = hex` lines under [ENCRYPT] and [DECRYPT]."""
    text = (files("cryptography_vectors") / "ciphers/AES/CFB" / f"CFB128{name}.rsp").read_text(encoding="ascii")
    for block in text.replace("\r", "").split("\n\n"):
        fields = dict(line.split(" = ", 1) for line in block.splitlines() if " = " in line and line[0] not in "#[")
        if "KEY" in fields:
            yield Known(*(bytes.fromhex(fields[field]) for field in ("KEY", "IV", "PLAINTEXT", "CIPHERTEXT")))


@pytest.mark.parametrize(("name", "count"), FILES.items())
def test_nists_known_answers_hold_both_ways(name: str, count: int) -> None:
    known = list(known_answers(name))
    assert len(known) == count
    wrong = [case for case in known if raw.encrypt(case.key, case.iv, case.plaintext) != case.ciphertext]
    wrong += [case for case in known if raw.decrypt(case.key, case.iv, case.ciphertext) != case.plaintext]
    assert wrong == []


def _from_blocks(key: bytes, iv: bytes, data: bytes) -> bytes:
    """CFB128 by its definition: each block of the text meets the encryption of the ciphertext block before it."""
    encryptor = Cipher(AES(key), ECB()).encryptor()
    written, before = b"", iv
    for start in range(0, len(data), 16):
        stream = encryptor.update(before)
        before = bytes(one ^ other for one, other in zip(data[start : start + 16], stream, strict=False))
        written += before
    return written


@given(key=KEYS, iv=IVS, data=DATA)
def test_each_block_feeds_the_next_one(key: bytes, iv: bytes, data: bytes) -> None:
    written = raw.encrypt(key, iv, data)
    assert written == _from_blocks(key, iv, data)
    assert raw.decrypt(key, iv, written) == data


@given(key=KEYS, iv=IVS, data=DATA, cut=st.integers(0, 100))
def test_the_beginning_of_a_text_gives_the_beginning_of_the_ciphertext(
    key: bytes, iv: bytes, data: bytes, cut: int
) -> None:
    assert raw.encrypt(key, iv, data[:cut]) == raw.encrypt(key, iv, data)[:cut]


@pytest.mark.parametrize("run", [raw.encrypt, raw.decrypt])
@pytest.mark.parametrize(
    ("key_bytes", "iv_bytes", "says"),
    [
        (16, 16, "the key has 32 bytes, not 16"),
        (24, 16, "the key has 32 bytes, not 24"),
        (33, 16, "the key has 32 bytes, not 33"),
        (32, 0, "the IV has 16 bytes, not 0"),
        (32, 8, "the IV has 16 bytes, not 8"),
    ],
)
def test_another_length_of_key_or_iv_is_the_callers_slip(
    run: Callable[[bytes, bytes, bytes], bytes], key_bytes: int, iv_bytes: int, says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        run(bytes(key_bytes), bytes(iv_bytes), b"text")
