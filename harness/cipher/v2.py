"""A PROPOSAL, no part of httpSMS: an envelope that nobody can change or move to another conversation unnoticed.

    "v2=" then base64, without padding, of   salt[16] ‖ AES-256-GCM ciphertext ‖ tag[16]

under a key and a nonce of this message alone, by HKDF-SHA256 of the pass phrase and the salt. docs/envelope-v2.md has
the format byte by byte and the reasons. No client reads it, and nothing here writes it unless it is asked to by name.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
from typing import TYPE_CHECKING, Literal

from harness.cipher import envelope
from harness.errors import (
    MalformedEnvelope,
    NotAuthentic,
    UnknownEnvelope,
    UnmarkedEnvelope,
    UnusableContext,
    UnusableKey,
)
from harness.frozen import frozen

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

__all__ = [
    "KEY_BYTES_MIN",
    "MARK",
    "SALT_BYTES",
    "TAG_BYTES",
    "Context",
    "Direction",
    "Opened",
    "decrypt",
    "decrypt_either",
    "derive",
    "encrypt",
    "letters",
    "new_key",
    "room",
]

# The "=" stands where no client of today can read on: three refuse padding in the midst, and Node, which refuses
# nothing, stops there, a byte into the IV (cipher.md §2). With any other mark Node would read garbage.
MARK = "v2="
_ANY_MARK = re.compile("v([0-9]{1,3})=")

SALT_BYTES = 16
TAG_BYTES = 16
KEY_BYTES_MIN = 16
_VERSION = 2
_INFO = b"httpsms envelope v2"
_AES_KEY_BYTES = 32
_NONCE_BYTES = 12

# What any client's trim takes away, of any Unicode version: Kotlin's, Java's, Go's, JavaScript's and Python's together.
_TRIMMED = "\\x00-\\x20\\x85\\xa0\u1680\u180e\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_TRIMMED_EDGE = re.compile(f"\\A[{_TRIMMED}]|[{_TRIMMED}]\\Z")

_E164 = re.compile(r"\+[1-9][0-9]{1,14}")
# The server puts a + before ten digits and more (gateway-protocol.md, sanitiser A): up to nine stay a short code.
_SHORT_CODE = re.compile("[0-9]{2,9}")

Direction = Literal["outgoing", "incoming"]
_DIRECTIONS: dict[Direction, int] = {"outgoing": 1, "incoming": 2}


@frozen
class Context:
    """Which conversation an envelope belongs to, and which way it goes there.

    `outgoing` is what a phone is to submit, `incoming` what it has received. `owner` is the number of the phone's SIM,
    `contact` the other party, both as the API shows them: E.164, a short code, or what an incoming text came from.
    """

    direction: Direction
    owner: str
    contact: str

    def associated_data(self) -> bytes:
        """The bytes that the tag covers beside the text. Raises UnusableContext for what the API would not show so."""
        if not _E164.fullmatch(self.owner):
            raise UnusableContext("owner", self.owner, "is not an E.164 number")
        owner, contact = self.owner.encode("ascii"), self._contact()
        head = bytes((_VERSION, _DIRECTIONS[self.direction]))
        return head + bytes((len(owner),)) + owner + bytes((len(contact),)) + contact

    def _contact(self) -> bytes:
        number = _E164.fullmatch(self.contact) or _SHORT_CODE.fullmatch(self.contact)
        if self.direction == "outgoing" and not number:
            raise UnusableContext("contact", self.contact, "is neither an E.164 number nor a short code")
        if _TRIMMED_EDGE.search(self.contact):
            raise UnusableContext("contact", self.contact, "begins or ends in white space, which the server trims")
        encoded = _utf8(self.contact)
        if encoded is None or not 1 <= len(encoded) <= 255:
            raise UnusableContext("contact", self.contact, "does not have 1 to 255 bytes of UTF-8")
        return encoded


@frozen
class Opened:
    """What `decrypt_either` read. A `text` of version 1 may be garbage, or anybody's: nothing vouches for it."""

    text: str
    version: Literal[1, 2]


def encrypt(key: str, text: str, context: Context, *, salt: bytes | None = None) -> str:
    """The envelope of `text`, which opens under the pass phrase `key` in this `context` alone.

    `salt` is 16 bytes that no other message has; without it they come from the operating system. Raises UnusableKey,
    UnusableContext, and ValueError for another salt or for a text with a lone surrogate.
    """
    if salt is None:
        salt = os.urandom(SALT_BYTES)
    if len(salt) != SALT_BYTES:
        raise ValueError(f"the salt has {SALT_BYTES} bytes, not {len(salt)}")
    plaintext = _utf8(text)
    if plaintext is None:
        raise ValueError("the text has a lone surrogate, for which there is no UTF-8")
    aead, nonce = _aes_gcm(key, salt)
    return MARK + _base64(salt + aead.encrypt(nonce, plaintext, context.associated_data()))


def decrypt(key: str, ciphertext: str, context: Context) -> str:
    """The text in an envelope of version 2, exactly as it was encrypted in this `context`.

    Anything else is refused: UnmarkedEnvelope if there is no mark (an envelope of version 1, say), UnknownEnvelope for
    another mark, MalformedEnvelope, NotAuthentic. Raises UnusableKey and UnusableContext as `encrypt` does.
    """
    mark = _ANY_MARK.match(ciphertext)
    if mark is None:
        raise UnmarkedEnvelope
    if mark[0] != MARK:
        raise UnknownEnvelope(mark[1])
    return _open(key, _bytes(ciphertext[len(MARK) :]), context)


def decrypt_either(key: str, ciphertext: str, context: Context) -> Opened:
    """The text in an envelope of either version, for the time of transition: what has no mark is read as the phone
    reads it today. Whoever can change an envelope can choose version 1, so this vouches only for what says version 2.

    Raises what `decrypt` raises, and what `harness.cipher.decrypt` raises. A pass phrase or a context that version 2
    refuses does for version 1.
    """
    if _ANY_MARK.match(ciphertext):
        return Opened(decrypt(key, ciphertext, context), 2)
    return Opened(envelope.decrypt(key, ciphertext), 1)


def letters(text_bytes: int) -> int:
    """How many letters the envelope of a text has whose UTF-8 has `text_bytes` bytes."""
    return len(MARK) + (4 * (SALT_BYTES + text_bytes + TAG_BYTES) + 2) // 3


def room(letters: int) -> int:
    """How many bytes of UTF-8 an envelope of at most so many `letters` holds (negative: not even an empty text)."""
    return (letters - len(MARK)) * 3 // 4 - SALT_BYTES - TAG_BYTES


def new_key(randomness: bytes | None = None) -> str:
    """A pass phrase that nobody guesses: 20 random bytes as letters and digits, eight groups of four.

    `randomness` is those bytes; without it they come from the operating system. Raises ValueError for another length.
    """
    if randomness is None:
        randomness = os.urandom(20)
    if len(randomness) != 20:
        raise ValueError(f"a key is made of 20 bytes, not {len(randomness)}")
    # This base32 has no 0, 1, 8 and 9, which are easily misread when it is typed into a phone.
    written = base64.b32encode(randomness).decode("ascii")
    return "-".join(written[start : start + 4] for start in range(0, len(written), 4))


def derive(key: str, salt: bytes) -> tuple[bytes, bytes]:
    """The AES key (32 bytes) and the nonce (12) of the message with this `salt`. Raises UnusableKey."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    derived = HKDF(SHA256(), _AES_KEY_BYTES + _NONCE_BYTES, salt, _INFO).derive(_key_bytes(key))
    return derived[:_AES_KEY_BYTES], derived[_AES_KEY_BYTES:]


def _aes_gcm(key: str, salt: bytes) -> tuple[AESGCM, bytes]:
    # Imported here for the reason that harness.cipher.envelope has.
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    message_key, nonce = derive(key, salt)
    return AESGCM(message_key), nonce


def _open(key: str, salted: bytes, context: Context) -> str:
    from cryptography.exceptions import InvalidTag

    if len(salted) < SALT_BYTES + TAG_BYTES:
        raise MalformedEnvelope(f"it holds {len(salted)} bytes, fewer than the {SALT_BYTES + TAG_BYTES} around a text")
    aead, nonce = _aes_gcm(key, salted[:SALT_BYTES])
    try:
        plaintext = aead.decrypt(nonce, salted[SALT_BYTES:], context.associated_data())
    except InvalidTag:
        raise NotAuthentic from None
    try:
        return plaintext.decode()
    except UnicodeDecodeError:
        raise MalformedEnvelope("its text is not UTF-8") from None


def _key_bytes(key: str) -> bytes:
    """The UTF-8 of a pass phrase that a phone can hold and that is not too short to be one.

    The app trims whatever is typed into its settings, so under another pass phrase it could read nothing.
    """
    if _TRIMMED_EDGE.search(key):
        raise UnusableKey("it begins or ends in white space, which the phone cuts off")
    encoded = _utf8(key)
    if encoded is None:
        raise UnusableKey("it has a lone surrogate, of which each client makes something else")
    if len(encoded) < KEY_BYTES_MIN:
        raise UnusableKey(f"it has {len(encoded)} bytes, and {KEY_BYTES_MIN} are the least")
    return encoded


def _utf8(text: str) -> bytes | None:
    """None instead of Python's own error for a lone surrogate, since that error bears the whole text."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return None


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii").rstrip("=")


def _bytes(body: str) -> bytes:
    """What the letters after the mark stand for. There is one spelling only: decoders are lenient in many ways, and
    writing the bytes anew finds all of them out."""
    try:
        decoded = binascii.a2b_base64(body + "=" * (-len(body) % 4))
    except ValueError:
        decoded = b""
    if _base64(decoded) != body:
        raise MalformedEnvelope("what follows the mark is not base64 without padding in its one spelling")
    return decoded
