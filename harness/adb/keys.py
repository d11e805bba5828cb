"""RSA keys of adb: a host signs the device's token, and offers its public half in Android's own encoding."""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
from dataclasses import field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from harness.errors import MalformedAdb, UsageError
from harness.frozen import frozen

__all__ = ["KEY_BITS", "TOKEN_BYTES", "PrivateKey", "PublicKey"]

KEY_BITS = 2048
TOKEN_BYTES = 20
_BYTES = KEY_BITS // 8
# Length of the modulus in words, -1/n mod 2^32, modulus, 2^4096 mod n, exponent: all little endian
# (AOSP libcrypto_utils, android_pubkey).
_STRUCT = struct.Struct(f"<II{_BYTES}s{_BYTES}sI")
_WORDS = _BYTES // 4
# The token is signed as if it were a ready SHA-1 digest.
_PADDING = padding.PKCS1v15()
_DIGEST = Prehashed(hashes.SHA1())


@frozen
class PublicKey:
    """What a device trusts. `user` is the comment behind the key, mostly user@host; two equal keys may differ in it."""

    modulus: int
    exponent: int
    user: str = field(default="", compare=False)

    @staticmethod
    def parse(line: bytes) -> PublicKey:
        """Reads the payload of AUTH, or a line of an adb_keys file. Raises MalformedAdb."""
        encoded, _, user = line.partition(b"\0")[0].strip().partition(b" ")
        try:
            octets = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            raise MalformedAdb("the public key is no base64") from None
        if len(octets) != _STRUCT.size:
            raise MalformedAdb(f"the public key has {len(octets)} bytes, not {_STRUCT.size}")
        words, _, modulus, _, exponent = _STRUCT.unpack(octets)
        if words != _WORDS:
            raise MalformedAdb(f"the public key's modulus has {words} words, not {_WORDS}")
        key = PublicKey(int.from_bytes(modulus, "little"), exponent, user.decode("utf-8", "replace").strip())
        key._usable()
        return key

    @property
    def encoded(self) -> bytes:
        """The key in Android's struct, base64, and the user behind it."""
        octets = self._octets()
        return base64.b64encode(octets) + (b" " + self.user.encode() if self.user else b"")

    @property
    def fingerprint(self) -> str:
        """As a device shows it to its user: MD5 of the struct, AA:BB:…."""
        return hashlib.md5(self._octets(), usedforsecurity=False).digest().hex(":").upper()

    def verifies(self, token: bytes, signature: bytes) -> bool:
        if len(token) != TOKEN_BYTES:
            return False
        try:
            self._usable().verify(signature, token, _PADDING, _DIGEST)
        except InvalidSignature:
            return False
        return True

    def _octets(self) -> bytes:
        n0inv = -pow(self.modulus, -1, 1 << 32) % (1 << 32)
        rr = pow(2, 2 * KEY_BITS, self.modulus)
        modulus = self.modulus.to_bytes(_BYTES, "little")
        return _STRUCT.pack(_WORDS, n0inv, modulus, rr.to_bytes(_BYTES, "little"), self.exponent)

    def _usable(self) -> rsa.RSAPublicKey:
        """The library's key. Raises MalformedAdb for numbers that are no key."""
        try:
            if not self.modulus % 2:
                raise ValueError("even modulus")
            return rsa.RSAPublicNumbers(self.exponent, self.modulus).public_key()
        except ValueError:
            raise MalformedAdb("the public key's numbers are no RSA key") from None


class PrivateKey:
    """What a host signs with. Its repr shows the public half's fingerprint alone."""

    def __init__(self, key: rsa.RSAPrivateKey) -> None:
        if key.key_size != KEY_BITS:
            raise UsageError(f"an adb key has {KEY_BITS} bits, this one {key.key_size}", "give an adbkey")
        self._key = key

    @classmethod
    def from_pem(cls, pem: bytes) -> PrivateKey:
        """Reads an adbkey file: PKCS#8 or PKCS#1, without a pass phrase. Raises UsageError."""
        try:
            key = load_pem_private_key(pem, password=None)
        except (ValueError, TypeError):  # TypeError: it has a pass phrase
            raise UsageError("no private key in PEM without a pass phrase", "give an adbkey") from None
        if not isinstance(key, rsa.RSAPrivateKey):
            raise UsageError("not an RSA key, which adb needs", "give an adbkey")
        return cls(key)

    def sign(self, token: bytes) -> bytes:
        """The signature that AUTH carries. Raises MalformedAdb for a token that is not 20 bytes long."""
        if len(token) != TOKEN_BYTES:
            raise MalformedAdb(f"the token to sign has {len(token)} bytes, not {TOKEN_BYTES}")
        return self._key.sign(token, _PADDING, _DIGEST)

    def public_key(self, user: str = "") -> PublicKey:
        numbers = self._key.public_key().public_numbers()
        return PublicKey(numbers.n, numbers.e, user)

    def public(self, user: str) -> bytes:
        """The line of an adbkey.pub file, without its end; AUTH carries it with NUL."""
        return self.public_key(user).encoded

    def __repr__(self) -> str:
        return f"PrivateKey({self.public_key().fingerprint})"
