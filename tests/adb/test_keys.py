from __future__ import annotations

import base64
import struct

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)

from harness.adb.keys import PrivateKey, PublicKey
from harness.errors import MalformedAdb, UsageError
from tests.adb.joined import key

TOKEN = bytes(range(20))
# An odd number of 2048 bits is all that the encoding needs.
MODULUS = (1 << 2047) + (1 << 100) + 12345


def pem(
    made: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey,
    form: PrivateFormat = PrivateFormat.PKCS8,
    lock: KeySerializationEncryption | None = None,
) -> bytes:
    return made.private_bytes(Encoding.PEM, form, lock or NoEncryption())


def packed(words: int = 64, modulus: int = MODULUS, exponent: int = 65537, more: bytes = b"") -> bytes:
    return base64.b64encode(
        struct.pack("<II256s256sI", words, 0, modulus.to_bytes(256, "little"), bytes(256), exponent) + more
    )


def test_a_signature_is_verified_by_its_own_key_alone() -> None:
    signature = key(1).sign(TOKEN)
    assert len(signature) == 256
    assert key(1).public_key().verifies(TOKEN, signature)
    assert not key(2).public_key().verifies(TOKEN, signature)
    assert not key(1).public_key().verifies(TOKEN[::-1], signature)
    assert not key(1).public_key().verifies(TOKEN, b"")
    assert not key(1).public_key().verifies(TOKEN[:19], signature)


def test_a_public_key_comes_back_as_it_was_offered() -> None:
    line = key(1).public("me@here")
    read = PublicKey.parse(line + b"\0")
    assert read == key(1).public_key()
    assert read.user == "me@here"
    assert read.encoded == line
    assert line.endswith(b"= me@here")
    assert PublicKey.parse(line.split()[0]).user == ""


def test_the_numbers_in_a_public_key_are_those_that_android_computes_with() -> None:
    octets = base64.b64decode(PublicKey(MODULUS, 3).encoded)
    words, n0inv, modulus, rr, exponent = struct.unpack("<II256s256sI", octets)
    assert (words, int.from_bytes(modulus, "little"), exponent) == (64, MODULUS, 3)
    assert (n0inv * MODULUS + 1) % 2**32 == 0
    assert int.from_bytes(rr, "little") == 2**4096 % MODULUS


def test_a_fingerprint_is_shown_as_a_device_shows_it() -> None:
    shown = key(1).public_key("me@here").fingerprint
    assert len(shown) == 47
    assert shown == shown.upper()
    assert PublicKey.parse(key(1).public("other@there")).fingerprint == shown


def test_the_repr_of_a_private_key_tells_nothing_of_it() -> None:
    assert repr(key(1)) == f"PrivateKey({key(1).public_key().fingerprint})"


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
def test_an_adbkey_file_is_read(form: PrivateFormat) -> None:
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert PrivateKey.from_pem(pem(made, form)).public_key().modulus == made.public_key().public_numbers().n


def test_what_is_no_adbkey_is_refused() -> None:
    small = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    locked = pem(small, lock=BestAvailableEncryption(b"secret"))
    cases = {
        b"": "no private key",
        b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n": "no private key",
        locked: "no private key in PEM without a pass phrase",
        pem(small): "an adb key has 2048 bits, this one 1024",
        pem(ec.generate_private_key(ec.SECP256R1())): "not an RSA key",
    }
    for octets, says in cases.items():
        with pytest.raises(UsageError, match=says):
            PrivateKey.from_pem(octets)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b"", "0 bytes, not 524"),
        (b"!!!! me@here", "no base64"),
        (b"AAAA", "3 bytes, not 524"),
        (packed(more=b"x"), "525 bytes, not 524"),
        (packed(words=32), "32 words, not 64"),
        (packed(modulus=MODULUS + 1), "no RSA key"),
        (packed(modulus=0), "no RSA key"),
        (packed(modulus=7), "no RSA key"),
        (packed(exponent=0), "no RSA key"),
        (packed(exponent=2), "no RSA key"),
    ],
)
def test_what_is_no_public_key_is_refused(line: bytes, says: str) -> None:
    with pytest.raises(MalformedAdb, match=says):
        PublicKey.parse(line)


def test_only_tokens_of_twenty_bytes_are_signed() -> None:
    with pytest.raises(MalformedAdb, match="21 bytes, not 20"):
        key(1).sign(bytes(21))
