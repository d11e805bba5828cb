"""Do the vectors catch wrong code? Our own cipher with mistakes that clients make, each of which has to be found.

    python -m tests.interop.mutants      prints which vector kills which mutant; exit code 1 if one survives

A mutant is a patch of our own source (tests/interop/mutating.py). It is asked all the vectors, as a runner that takes
IVs, and is dead if the judge is not content with one answer.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Sequence

from harness.adapters import vector_files
from harness.interop.suite import Operation, Vector
from tests.interop.mutating import Edit, Mutant, fewest, killers

__all__ = ["EQUIVALENT", "MUTANTS", "UNSEEN", "kills", "main", "summary", "table"]

_BOTH: tuple[Operation, ...] = ("decrypt", "encrypt")
_SENT: tuple[Operation, ...] = ("encrypt",)
_READ: tuple[Operation, ...] = ("decrypt",)
_DRAWN: tuple[Operation, ...] = ("ivs",)

_HELPERS = "import base64, hashlib, hmac, html, random, re, time, unicodedata, urllib.parse"
"""What the patches may use, wherever they stand."""


def _edits(file: str, *changes: tuple[str, str]) -> tuple[Edit, ...]:
    return tuple(Edit(file, old, new) for old, new in changes)


# -- the block cipher --------------------------------------------------------------------------------------------------

_MODE = "return lambda key, iv: Cipher(AES(key), CFB(iv))"
_ENCRYPT = "return encryptor.update(data) + encryptor.finalize()"
_DECRYPT = "return decryptor.update(data) + decryptor.finalize()"
_PAD = "pad = 16 - len(data) % 16; return encryptor.update(data + bytes([pad]) * pad) + encryptor.finalize()"
_UNPAD = "data = decryptor.update(data) + decryptor.finalize(); return data[: -data[-1]]"


def _raw(*changes: tuple[str, str]) -> tuple[Edit, ...]:
    return _edits("raw.py", *changes)


def _mode(mode: str) -> tuple[str, str]:
    return _MODE, f"from cryptography.hazmat.primitives.ciphers.modes import {mode.partition('(')[0]}; {_made(mode)}"


def _old_mode(mode: str) -> tuple[str, str]:
    # These have moved between versions of the library, but they stay together.
    return _MODE, f"import sys; modes = sys.modules[CFB.__module__]; {_made(f'modes.{mode}')}"


def _made(mode: str) -> str:
    return f"return lambda key, iv: Cipher(AES(key), {mode})"


def _pieces(size: int) -> tuple[Edit, ...]:
    """The cipher begins anew after each so many bytes."""
    return _raw(
        (_ENCRYPT, f"return encryptor.update(data[:{size}]) + (data[{size}:] and encrypt(key, iv, data[{size}:]))"),
        (_DECRYPT, f"return decryptor.update(data[:{size}]) + (data[{size}:] and decrypt(key, iv, data[{size}:]))"),
    )


_PADDED = ((_ENCRYPT, _PAD), (_DECRYPT, _UNPAD))

_BLOCKS = (
    Mutant("CFB8", "feedback of 8 bits: what .NET, mcrypt and PyCryptodome do unasked", _raw(_old_mode("CFB8(iv)"))),
    Mutant("OFB", "another mode, whose first block is the same", _raw(_old_mode("OFB(iv)"))),
    Mutant("CTR", "another mode, whose first block is the same", _raw(_mode("CTR(iv)"))),
    Mutant("CBC", "the mode that most examples have, with its padding", _raw(_mode("CBC(iv)"), *_PADDED)),
    Mutant("ECB", "a call that takes no IV, with its padding", _raw(_mode("ECB()"), *_PADDED)),
    Mutant(
        "GCM",
        "authenticated encryption, the tag at the end",
        _raw(
            _mode("GCM(iv)"),
            (_ENCRYPT, f"{_ENCRYPT} + encryptor.tag"),
            (_DECRYPT, "return decryptor.update(data[:-16]) + decryptor.finalize_with_tag(data[-16:])"),
        ),
    ),
    Mutant(
        "GCM without its tag",
        "as many bytes as CFB gives",
        _raw(_mode("GCM(iv)"), (_DECRYPT, "return decryptor.update(data)")),
    ),
    Mutant(
        "encrypts to decrypt",
        "one function for both ways, as for CTR",
        _raw(("_cipher(key, iv).decryptor()", "_cipher(key, iv).encryptor()")),
        _READ,
    ),
    Mutant("AES-128", "the first 16 bytes of the hash", _raw(("AES(key)", "AES(key[:16])"))),
    Mutant("AES-192", "the first 24 bytes of the hash", _raw(("AES(key)", "AES(key[:24])"))),
    Mutant("PKCS#7 padding added", "AES/CFB/PKCS5Padding when encrypting", _raw((_ENCRYPT, _PAD)), _SENT),
    Mutant("PKCS#7 padding taken off", "AES/CFB/PKCS5Padding when decrypting", _raw((_DECRYPT, _UNPAD)), _READ),
    Mutant(
        "padding taken off if there is some",
        "kindness to clients that pad",
        _raw(
            (
                _DECRYPT,
                "data = decryptor.update(data) + decryptor.finalize(); pad = data[-1] if data else 0; "
                "return data[:-pad] if 0 < pad <= 16 and data.endswith(bytes([pad]) * pad) else data",
            )
        ),
        _READ,
    ),
    Mutant(
        "zeros fill the last block",
        "a library that takes whole blocks only",
        _raw((_ENCRYPT, "return encryptor.update(data + bytes(-len(data) % 16))")),
        _SENT,
    ),
    Mutant(
        "zeros at the end taken off",
        "the other side of filling with zeros",
        _raw((_DECRYPT, 'return decryptor.update(data).rstrip(b"\\0")')),
        _READ,
    ),
    Mutant(
        "what fills no block is left out",
        "a loop over whole blocks",
        _raw(
            (_ENCRYPT, "return encryptor.update(data[: len(data) // 16 * 16])"),
            (_DECRYPT, "return decryptor.update(data[: len(data) // 16 * 16])"),
        ),
    ),
    Mutant(
        "begins anew after 1,024 bytes",
        "a new cipher for each piece of a buffer",
        _pieces(1024),
    ),
    Mutant(
        "begins anew after 4,096 bytes",
        "a new cipher for each piece of a buffer",
        _pieces(4096),
    ),
)

# -- from the pass phrase to the key -----------------------------------------------------------------------------------

_HASH = "return hashlib.sha256(key).digest()"


def _hash(made: str) -> tuple[Edit, ...]:
    """Another AES key; `made` makes it of the bytes `key`."""
    return _edits("envelope.py", (_HASH, f"{_HELPERS}; return {made}"))


def _key(made: str) -> tuple[Edit, ...]:
    """Other bytes are hashed; `made` makes them of the text `key`."""
    return _edits("envelope.py", (_HASH, f"{_HELPERS}; key = key.decode(); return hashlib.sha256({made}).digest()"))


_SHA = "hashlib.sha256(key).digest()"
_LENGTH = "len(key) % 64"
_CESU_8 = (
    '"".join(map(chr, memoryview(TEXT.encode("utf-16-le", "surrogatepass")).cast("H")))'
    '.encode("utf-8", "surrogatepass")'
)
_WITHOUT = "''.join(each for each in {} if unicodedata.category(each) != '{}')"

_HASHES = (
    ("MD5, in hex", "its 32 letters are 32 bytes", "hashlib.md5(key).hexdigest().encode()"),
    ("SHA-1 and zeros", "another hash, filled up", "hashlib.sha1(key).digest() + bytes(12)"),
    ("SHA-512, cut", "another hash, cut", "hashlib.sha512(key).digest()[:32]"),
    ("SHA3-256", "another hash of as many bytes", "hashlib.sha3_256(key).digest()"),
    ("SHA-256 twice", "a key that was hashed before already", "hashlib.sha256(hashlib.sha256(key).digest()).digest()"),
    (
        "SHA-256 of the hash in hex",
        "the same, by way of text",
        "hashlib.sha256(hashlib.sha256(key).hexdigest().encode()).digest()",
    ),
    ("SHA-256 in hex, cut", "a hash that comes as text", "hashlib.sha256(key).hexdigest()[:32].encode()"),
    ("SHA-256 in base64, cut", "a hash that comes as text", "base64.b64encode(hashlib.sha256(key).digest())[:32]"),
    ("no hash, but zeros", "the pass phrase itself, filled up and cut", 'key[:32].ljust(32, b"\\0")'),
    ("no hash for 32 bytes", "a pass phrase that could be the key", f"key if len(key) == 32 else {_SHA}"),
    ("HMAC-SHA-256", "a keyed hash, with an empty key", 'hmac.digest(b"", key, "sha256")'),
    ("PBKDF2", "what textbooks tell to do", 'hashlib.pbkdf2_hmac("sha256", key, b"salt", 2)'),
    (
        "EVP_BytesToKey",
        "openssl enc, CryptoJS with a pass phrase",
        "(half := hashlib.md5(key).digest()) + hashlib.md5(half + key).digest()",
    ),
    (
        "the first key for ever",
        "a cache that does not look at the pass phrase",
        f'vars(_derived).setdefault("kept", {_SHA})',
    ),
    (
        "hex read as bytes",
        "a key that is no pass phrase",
        f'bytes.fromhex(key.decode()) if re.fullmatch(b"[0-9a-f]{{64}}", key) else {_SHA}',
    ),
    (
        "base64 read as bytes",
        "a key that is no pass phrase",
        f'base64.b64decode(key) if re.fullmatch(b"[A-Za-z0-9+/]{{43}}=", key) else {_SHA}',
    ),
    ("empty key refused", "a check that no client has", f"{_SHA} if key else ().index(key)"),
    (
        "a block too few",
        "SHA-256 by hand: no block more for 56 to 63 bytes",
        f"{_SHA} if {_LENGTH} < 56 else bytes(32)",
    ),
    (
        "a block too many",
        "SHA-256 by hand: a block more for 55 bytes, too",
        f"{_SHA} if {_LENGTH} != 55 else bytes(32)",
    ),
    ("one block only", "SHA-256 by hand: it takes 55 bytes at most", f"{_SHA} if len(key) < 56 else bytes(32)"),
    ("its length in one byte", "SHA-256 by hand: 32 bytes are 256 bits", f"{_SHA} if len(key) < 32 else bytes(32)"),
    (
        "its length in two bytes",
        "SHA-256 by hand: 8,192 bytes are 65,536 bits",
        f"{_SHA} if len(key) < 8192 else bytes(32)",
    ),
)
_KEYS = (
    ("key trimmed", "an input field", "key.strip().encode()"),
    ("key without its last line break", "a key from a file", 'key.rstrip("\\r\\n").encode()'),
    ("key and a line break", "echo without -n", '(key + "\\n").encode()'),
    ("key in lower case", "a name that is folded", "key.lower().encode()"),
    ("key in NFC", "an input field", 'unicodedata.normalize("NFC", key).encode()'),
    ("key in NFD", "a name of a file on a Mac", 'unicodedata.normalize("NFD", key).encode()'),
    ("key in NFKC", "a profile for passwords", 'unicodedata.normalize("NFKC", key).encode()'),
    ("spaces within the key made one", "HTML", 're.sub(" +", " ", key).encode()'),
    ("key in UTF-16", "text as it is in memory", 'key.encode("utf-16-le")'),
    ("key in Latin-1", "another encoding", 'key.encode("latin-1", "replace")'),
    ("key in ASCII", "encode('ascii', 'ignore')", 'key.encode("ascii", "ignore")'),
    ("key in Windows-1252", "another encoding", 'key.encode("cp1252", "replace")'),
    ("key in CESU-8", "UTF-8 of UTF-16 units: old databases, JNI", _CESU_8.replace("TEXT", "key")),
    ("emoji in the key as ?", "utf8 of MySQL: three bytes at most", 're.sub("[^\\0-\\uffff]", "?", key).encode()'),
    ("key without control characters", "an input field", 're.sub("[\\x01-\\x1f\\x7f]", "", key).encode()'),
    ("key without invisible characters", "cleaning", f"{_WITHOUT.format('key', 'Cf')}.encode()"),
    ("key without private characters", "cleaning", f"{_WITHOUT.format('key', 'Co')}.encode()"),
    ("key without unassigned characters", "cleaning, by an old table", f"{_WITHOUT.format('key', 'Cn')}.encode()"),
    ("each white space in the key a space", "HTML", 're.sub(r"\\s", " ", key).encode()'),
    ("quotes in the key straightened", "a smaller alphabet", 'key.replace("’", "\'").encode()'),
    ("NUL in the key as C0 80", "modified UTF-8 of the JVM", 'key.encode().replace(b"\\0", b"\\xc0\\x80")'),
    ("byte order mark before the key", "a file that Windows wrote", 'key.encode("utf-8-sig")'),
    ("key without its byte order mark", "TextDecoder", 'key.removeprefix("\\ufeff").encode()'),
    ("key cut at NUL", "a string of C", 'key.partition("\\0")[0].encode()'),
    ("key cut after 32 bytes", "a field of fixed size", "key.encode()[:32]"),
    ("key cut after 72 bytes", "the habit of bcrypt", "key.encode()[:72]"),
    ("key cut after 255 bytes", "a length in one byte", "key.encode()[:255]"),
    ("key unquoted", "a parameter of a URL", "urllib.parse.unquote(key).encode()"),
    ("key with + as space", "a parameter of a form", 'key.replace("+", " ").encode()'),
    (
        "escapes in the key read",
        "a key from a file of settings",
        're.sub(r"\\\\u(....)", lambda found: chr(int(found[1], 16)), key).encode()',
    ),
    ("quotes taken from the key", "a key from a file of settings", "key.strip('\"').encode()"),
    (
        "look-alikes folded",
        "confusable letters, compared as equal",
        'key.translate(dict(zip(map(ord, "аор"), "aop"))).encode()',
    ),
)

# -- the IV ------------------------------------------------------------------------------------------------------------

_ENCRYPTED = "encrypted = raw.encrypt(_derived(encode(key)), iv, encode(text))"
_OUT = "iv + encrypted"
_IN = "envelope[:IV_BYTES], envelope[IV_BYTES:]"


def _iv(made: str) -> tuple[Edit, ...]:
    """IVs from elsewhere."""
    return _edits("envelope.py", ("iv = os.urandom(IV_BYTES)", f"{_HELPERS}; iv = {made}"))


def _short_iv(length: int) -> tuple[Edit, ...]:
    """The envelope has so many bytes of IV, and the cipher takes zeros for the rest."""
    filled = f"+ bytes({16 - length})"
    return _edits(
        "envelope.py",
        (_ENCRYPTED, f"iv = iv[:{length}]; {_ENCRYPTED.replace(', iv,', f', iv {filled},')}"),
        (_IN, f"envelope[:{length}] {filled}, envelope[{length}:]"),
    )


def _hashed_iv(hashed: str) -> tuple[Edit, ...]:
    out = _ENCRYPTED.replace(", iv,", f", {hashed.replace('IV', 'iv')},")
    return _edits("envelope.py", (_ENCRYPTED, out), (_IN, f"{hashed.replace('IV', 'envelope[:16]')}, envelope[16:]"))


_JAVA_IV = (
    "__import__('harness.interop.ivs', fromlist=['ivs']).next_bytes(vars(encrypt).setdefault('state', 1873), 16); "
    "encrypt.state = iv[1]; iv = iv[0]"
)

_COUNTED = "(value := vars(encrypt).get('kept', 0), vars(encrypt).update(kept=value + 1), ({}).to_bytes(16, 'big'))[2]"

_IV_SOURCES = (
    ("IV zero", "nobody set one", "bytes(16)"),
    ("IV from an example", "a constant", 'b"1234567890123456"'),
    ("one IV for each process", "drawn when the program starts", 'vars(encrypt).setdefault("kept", os.urandom(16))'),
    ("IV from the key", "half of the hash", "hashlib.sha256(key.encode()).digest()[:16]"),
    ("IV from the text", "equal texts can be seen to be equal", "hashlib.md5(text.encode()).digest()"),
    ("IV from key and text", "the same", "hashlib.md5((key + text).encode()).digest()"),
    ("IV counted in one byte", "a counter that overflows", _COUNTED.format("value % 256")),
    ("IV from the time of day", "one for each second", "int(time.time()).to_bytes(16, 'big')"),
    ("IV counted in 16 bytes", "a counter that does not overflow: all IVs differ", _COUNTED.format("value")),
    ("IV of 12 random bytes and zeros", "a nonce of GCM, filled up: all IVs differ", "os.urandom(12) + bytes(4)"),
    ("IV of 16 letters", "hex of 8 random bytes: all IVs differ", "os.urandom(8).hex().encode()"),
    ("IV from a UUID", "122 random bits: all IVs differ", "__import__('uuid').uuid4().bytes"),
    ("IV from java.util.Random", "what the phone does: from one IV follow all others", _JAVA_IV),
    ("IV too short", "8 bytes of it, as for DES", "os.urandom(8)"),
)

_IVS = (
    Mutant(
        "IV another than given",
        "a runner that says it takes IVs, and draws its own",
        _edits("envelope.py", ("if iv is None:", "if True:")),
        _SENT,
    ),
    Mutant(
        "IV last",
        "appended, as the blog post says",
        _edits("envelope.py", (_OUT, "encrypted + iv"), (_IN, "envelope[-16:], envelope[:-16]")),
    ),
    Mutant(
        "IV left out", "a secret that both sides are thought to know", _edits("envelope.py", (_OUT, "encrypted")), _SENT
    ),
    Mutant(
        "IV in hex",
        "32 letters ahead of the ciphertext",
        _edits(
            "envelope.py",
            (_OUT, "iv.hex().encode() + encrypted"),
            (_IN, "bytes.fromhex(envelope[:32].decode()), envelope[32:]"),
        ),
    ),
    Mutant("IV of 8 bytes", "a block of DES", _short_iv(8)),
    Mutant("IV of 12 bytes", "a nonce of GCM", _short_iv(12)),
    Mutant("IV of 15 bytes", "off by one", _short_iv(15)),
    Mutant("IV hashed", "something that any secret is thought to need", _hashed_iv("hashlib.md5(IV).digest()")),
    Mutant("IV backwards", "another byte order", _hashed_iv("IV[::-1]")),
    Mutant(
        "IV of zeros when decrypting",
        "16 bytes of rubbish, then the text",
        _edits("envelope.py", (_IN, "bytes(16), envelope[16:]")),
        _READ,
    ),
    Mutant(
        "IV decrypted with the text",
        "16 bytes of rubbish, then the text",
        _edits("envelope.py", (_IN, "envelope[:16], envelope")),
        _READ,
    ),
)

# -- base64 ------------------------------------------------------------------------------------------------------------

_BASE64_OUT = 'return binascii.b2a_base64(iv + encrypted, newline=False).decode("ascii")'
_BASE64_IN = "return _padded_base64(text, _PADDING_WHOLE_OR_NONE)"
_RIGHT = "_padded_base64(text, _PADDING_WHOLE_OR_NONE)"


def _out(made: str) -> tuple[Edit, ...]:
    """Another ciphertext, made of the bytes `iv` and `encrypted`."""
    return _edits("envelope.py", (_BASE64_OUT, f"{_HELPERS}; return {made}"))


def _in(decoded: str) -> tuple[Edit, ...]:
    """Another decoder of the ciphertext `text`. None and ValueError mean that it refuses, with the phone's error."""
    tried = f"{_HELPERS}\n    try: return {decoded}\n    except ValueError: return None"
    return _edits("dialects.py", (_BASE64_IN, tried))


def _before(changed: str) -> tuple[Edit, ...]:
    """The right decoder, but of something that `changed` makes of the ciphertext `text`."""
    return _in(f"_padded_base64({changed}, _PADDING_WHOLE_OR_NONE)")


_CIPHERTEXTS = (
    ("URL-safe base64", "the alphabet of tokens", "base64.urlsafe_b64encode(iv + encrypted).decode()"),
    ("base64 without padding", "the base64 of tokens", 'base64.b64encode(iv + encrypted).decode().rstrip("=")'),
    ("base64 in lines", "MIME: 76 letters each", "base64.encodebytes(iv + encrypted).decode()[:-1]"),
    ("base64 and a line break", "print, echo", 'base64.b64encode(iv + encrypted).decode() + "\\n"'),
    (
        "base64 in two parts",
        "IV and text, both padded",
        "(base64.b64encode(iv) + base64.b64encode(encrypted)).decode()",
    ),
    ("base64 twice", "a library that encodes already", "base64.b64encode(base64.b64encode(iv + encrypted)).decode()"),
    ("hex", "another encoding", "(iv + encrypted).hex()"),
    ("base32", "another encoding", "base64.b32encode(iv + encrypted).decode()"),
    ("base64, quoted", "json.dumps", "'\"' + base64.b64encode(iv + encrypted).decode() + '\"'"),
    ("base64 in a URL", "encodeURIComponent", "urllib.parse.quote(base64.b64encode(iv + encrypted).decode())"),
)
_DECODERS = (
    ("reads hex", "another encoding", "bytes.fromhex(text)"),
    (
        "reads URL-safe base64 only",
        "the alphabet of tokens",
        'None if set("+/") & set(text) else base64.urlsafe_b64decode(text)',
    ),
    ("reads base64 laxly", "Python's b64decode: it skips what is no letter", "base64.b64decode(text)"),
    ("reads hex too", "kindness", f'bytes.fromhex(text) if re.fullmatch("([0-9a-f]{{2}})+", text) else {_RIGHT}'),
    (
        "reads base64 twice",
        "kindness",
        f"(once := {_RIGHT}) and (_padded_base64(once.decode('latin-1'), _PADDING_WHOLE) or once)",
    ),
    ("an empty text for no base64", "an error that is swallowed", f"{_RIGHT} or bytes(16)"),
)
_BEFORE = (
    ("trims the ciphertext", "an input field", "text.strip()"),
    ("skips white space", "MIME, PEM", '"".join(text.split())'),
    ("skips spaces", "a text that was cut at words", 'text.replace(" ", "")'),
    ("reads space as +", "a parameter of a form, not quoted", 'text.replace(" ", "+")'),
    ("stops at the first =", "the end is where the padding is", 'text.partition("=")[0]'),
    ("skips every =", "padding says nothing", 'text.replace("=", "")'),
    ("skips a left-over letter", "its six bits are no byte", "text[:-1] if len(text) % 4 == 1 else text"),
    ("unquotes the ciphertext", "a parameter of a URL", "urllib.parse.unquote(text)"),
    ("takes quotes away", "JSON within JSON", "text.strip('\"')"),
    ("cuts the ciphertext at NUL", "a string of C", 'text.partition("\\0")[0]'),
    ("skips a byte order mark", "TextDecoder", 'text.removeprefix("\\ufeff")'),
    ("skips non-ASCII", "encode('ascii', 'ignore')", 'text.encode("ascii", "ignore").decode()'),
    ("takes the low byte of each letter", "what Node does", '"".join(chr(ord(letter) & 255) for letter in text)'),
    ("reads full-width letters", "a normalising input field", 'unicodedata.normalize("NFKC", text)'),
    ("reads what follows a comma", "data: URLs", 'text.rpartition(",")[2]'),
)
_FREE_DECODERS = (
    (
        "reads base64 as Python",
        "b64decode(validate=True): unpadded no, surplus padding yes",
        _in("base64.b64decode(text, validate=True)"),
    ),
    ("reads base64 as Go", "line breaks yes, unpadded no", _in("_go_base64(text)")),
    ("refuses unpadded", "a strict decoder", _in("_padded_base64(text, _PADDING_WHOLE)")),
    (
        "refuses unused bits",
        "a strict decoder: one spelling for each envelope",
        _in(f"(made := {_RIGHT}) and (made if base64.b64encode(made)[: len(text)].decode() == text else None)"),
    ),
    ("takes any padding", "= at the end is taken away first", _before('text.rstrip("=")')),
    ("reads URL-safe base64 too", "both alphabets", _before('text.replace("-", "+").replace("_", "/")')),
    ("skips line breaks", "MIME, PEM", _before('re.sub("[\\r\\n]", "", text)')),
)

# -- what is refused, and how ------------------------------------------------------------------------------------------

_BEGIN_ENCRYPT = "encode = rules_of(dialect).encode_text"
_BEGIN_DECRYPT = "rules = rules_of(dialect)"
_TOO_SHORT = "if len(decoded) < iv_bytes:"
_READ_TEXT = f"return rules.decode_text(raw.decrypt(_derived(rules.encode_text(key)), {_IN}))"


def _length(check: str, before: str = "") -> tuple[Edit, ...]:
    """Another check of the length of the bytes `decoded`, of which `before` can make others."""
    return _edits("dialects.py", (_TOO_SHORT, f"{before}\n        if {check}:"))


def _first(encrypt: str = "", decrypt: str = "") -> tuple[Edit, ...]:
    """Something is done before all else."""
    return _edits(
        "envelope.py",
        (_BEGIN_ENCRYPT, f"{_BEGIN_ENCRYPT}\n    {encrypt}"),
        (_BEGIN_DECRYPT, f"{_BEGIN_DECRYPT}\n    {decrypt}"),
    )


_FILL = 'decoded = decoded.ljust(iv_bytes, b"\\0")'
_PLAIN = "try: envelope = rules.envelope(ciphertext, IV_BYTES)\n    except Exception: return ciphertext"
_AGAIN = "try: return decrypt(key, text)\n    except Exception: return text"
_PHONE = '"the phone", "?", _java_base64, _replaced,'
_PHONES_ERRORS = '_ILLEGAL_ARGUMENT, _ILLEGAL_IV),\n    "jvm"'

_REFUSALS = (
    Mutant("short IV filled with zeros", "copyOf(bytes, 16): an empty text", _length("False", _FILL), _READ),
    Mutant("15 bytes are enough", "off by one", _length("length < 15", f"length = len(decoded); {_FILL}"), _READ),
    Mutant(
        "16 bytes are not enough",
        "off by one: the empty text cannot be read",
        _length("len(decoded) <= iv_bytes"),
        _READ,
    ),
    Mutant("letters counted, not bytes", "16 letters are 12 bytes", _length("len(ciphertext) < 16", _FILL), _READ),
    Mutant("whole blocks only", "the length check of CBC", _length("len(decoded) < 16 or len(decoded) % 16"), _READ),
    Mutant(
        "panics if too short",
        "an index out of range, as in Go",
        _edits("dialects.py", ("panics=self.panics_if_too_short", "panics=True")),
        _READ,
    ),
    Mutant(
        "plain if no envelope",
        "what is not encrypted is shown as if it were",
        _edits("envelope.py", ("envelope = rules.envelope(ciphertext, IV_BYTES)", _PLAIN)),
        _READ,
    ),
    Mutant(
        "nothing from nothing",
        "an empty ciphertext gives an empty text",
        _first(decrypt='if not ciphertext: return ""'),
        _READ,
    ),
    Mutant("empty text refused", "a check that no client has", _first(encrypt="if not text: raise ValueError"), _SENT),
    Mutant("empty text not encrypted", "nothing to hide", _first(encrypt='if not text: return ""'), _SENT),
    Mutant(
        "empty key: not encrypted",
        "what the phone's settings mean by it",
        _first("if not key: return text", "if not key: return ciphertext"),
    ),
    Mutant(
        "envelope not encrypted again",
        "what looks encrypted is sent as it is",
        _first(encrypt='if len(text) > 24 and text.endswith("="): return text'),
        _SENT,
    ),
    Mutant(
        "decrypted again",
        "what looks encrypted after that, too",
        _edits("envelope.py", (_READ_TEXT, f"text = {_READ_TEXT[7:]}\n    {_AGAIN}")),
        _READ,
    ),
    Mutant(
        "the text of before",
        "a cache that looks at the ciphertext only",
        _first(decrypt="if ciphertext in vars(decrypt): return vars(decrypt)[ciphertext]")
        + _edits("envelope.py", (_READ_TEXT, f"vars(decrypt)[ciphertext] = text = {_READ_TEXT[7:]}; return text")),
        _READ,
    ),
    Mutant(
        "long text refused",
        "the gateway's limit, in the wrong place",
        _first("if len(encode(text)) > 1520: raise ValueError", "if len(ciphertext) > 2048: raise ValueError"),
    ),
    Mutant(
        "Node's base64",
        "everything is skipped that is no letter",
        _edits("dialects.py", (_PHONE, _PHONE.replace("_java", "_node"))),
        _READ,
    ),
)
_FREE_REFUSALS = (
    ("no length check", "an error from the depths of a library", _length("False")),
    (
        "one error for all",
        "its class says nothing",
        _edits("dialects.py", (_PHONES_ERRORS, _PHONES_ERRORS.replace("_IV", "_ARGUMENT"))),
    ),
)

# -- the text ----------------------------------------------------------------------------------------------------------

_DECODED = 'data.decode("utf-8", "replace")'


def _sent(made: str) -> tuple[Edit, ...]:
    """Other bytes are encrypted; `made` makes them of the text TEXT."""
    encrypted = _ENCRYPTED.replace("encode(text)", made.replace("TEXT", "text"))
    return _edits("envelope.py", (_ENCRYPTED, f"{_HELPERS}; {encrypted}"))


def _read(made: str) -> tuple[Edit, ...]:
    """Another text comes out; `made` makes it of the bytes `data`, or of the right text TEXT."""
    return _edits("dialects.py", (f"return {_DECODED}", f"{_HELPERS}; return {made.replace('TEXT', _DECODED)}"))


def _cut(length: int) -> tuple[str, str]:
    return f"encode(TEXT)[:{length}]", f'data[:{length}].decode("utf-8", "replace")'


def _not_right(pattern: str) -> tuple[str, str]:
    """Those characters go wrong. What becomes of them does not matter."""
    return f'encode(re.sub("{pattern}", "?", TEXT))', f're.sub("{pattern}", "?", {_DECODED})'


def _text(changed: str) -> tuple[Edit, ...]:
    """Each side does something to the text TEXT."""
    return _sent(f"encode({changed})") + _read(changed)


_TEXTS = (
    ("text in NFC", "an input field", 'unicodedata.normalize("NFC", TEXT)'),
    ("text in NFD", "a name of a file on a Mac", 'unicodedata.normalize("NFD", TEXT)'),
    ("text in NFKC", "a search index", 'unicodedata.normalize("NFKC", TEXT)'),
    ("text trimmed", "an input field", "TEXT.strip()"),
    ("text without its last line break", "$(…) of a shell", 'TEXT.rstrip("\\r\\n")'),
    ("text and a line break", "print, echo", '(TEXT + "\\n")'),
    ("CR LF made LF", "a file that is read as text", 'TEXT.replace("\\r\\n", "\\n")'),
    ("LF made CR LF", "a file that is written as text", 'TEXT.replace("\\n", "\\r\\n")'),
    ("white space made one space", "HTML", 're.sub(r"\\s+", " ", TEXT)'),
    ("text cut at NUL", "a string of C", 'TEXT.partition("\\0")[0]'),
    ("text without NULs at its end", "a buffer that was filled with zeros", 'TEXT.rstrip("\\0")'),
    ("control characters left out", "cleaning", _WITHOUT.format("TEXT", "Cc")),
    ("invisible characters left out", "cleaning", _WITHOUT.format("TEXT", "Cf")),
    ("private characters left out", "cleaning", _WITHOUT.format("TEXT", "Co")),
    ("unassigned characters left out", "cleaning, by an old table", _WITHOUT.format("TEXT", "Cn")),
    ("noncharacters left out", "cleaning", '"".join(each for each in TEXT if ord(each) & 0xFFFE != 0xFFFE)'),
    ("emoji left out", "utf8 of MySQL: three bytes at most", '"".join(each for each in TEXT if ord(each) < 0x10000)'),
    ("text in lower case", "cleaning", "TEXT.lower()"),
    ("text escaped for HTML", "a template", "html.escape(TEXT)"),
    ("text unescaped from HTML", "a template", "html.unescape(TEXT)"),
    ("text unquoted", "a parameter of a URL", "urllib.parse.unquote(TEXT)"),
    ("text with + as space", "a parameter of a form", 'TEXT.replace("+", " ")'),
    (
        "escapes in the text read",
        "JSON within JSON",
        're.sub(r"\\\\u(....)", lambda found: chr(int(found[1], 16)), TEXT)',
    ),
    (
        "quotes straightened",
        "what senders of SMS do to stay in GSM 7-bit",
        "TEXT.translate(dict(zip(map(ord, \"“”‘’–—\"), \"''''--\")))",
    ),
    ("text cut after 160 letters", "one SMS", "TEXT[:160]"),
    ("byte order mark dropped", "a file that Windows wrote", 'TEXT.removeprefix("\\ufeff")'),
)
_ENCODINGS = (
    (
        "text in UTF-16",
        "text as it is in memory",
        'TEXT.encode("utf-16-le", "replace")',
        'data.decode("utf-16-le", "replace")',
    ),
    ("text in Latin-1", "another encoding", 'TEXT.encode("latin-1", "replace")', 'data.decode("latin-1")'),
    (
        "text in ASCII",
        "? for all the rest",
        'TEXT.encode("ascii", "replace")',
        'data.decode("ascii", "replace").replace("\\ufffd", "?")',
    ),
    (
        "text in CESU-8",
        "UTF-8 of UTF-16 units: old databases, JNI",
        _CESU_8,
        'data.decode("utf-8", "surrogatepass").encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")',
    ),
    (
        "NUL in the text as C0 80",
        "modified UTF-8 of the JVM",
        'encode(TEXT).replace(b"\\0", b"\\xc0\\x80")',
        'data.replace(b"\\xc0\\x80", b"\\0").decode("utf-8", "replace")',
    ),
    ("first block only", "one call of the block cipher", *_cut(16)),
    ("text cut after 255 bytes", "a length in one byte", *_cut(255)),
    ("text cut after 752 bytes", "the gateway's limit for bulk messages, in the wrong place", *_cut(752)),
    ("text cut after 1,520 bytes", "the gateway's limit, in the wrong place", *_cut(1520)),
    ("text cut after 4,096 bytes", "a buffer of fixed size", *_cut(4096)),
    ("two bytes from U+0080 to U+0800", "UTF-8 by hand: off by one", *_not_right("\\u0800")),
    ("three bytes from U+0800 to U+10000", "UTF-8 by hand: off by one", *_not_right("\\U00010000")),
    ("one byte up to U+0080", "UTF-8 by hand: off by one", *_not_right("\\x80")),
    ("U+E000 taken for a surrogate", "UTF-8 by hand: off by one", *_not_right("\\ue000")),
    ("two planes only", "UTF-8 by hand: 17 bits", *_not_right("[\\U00020000-\\U0010ffff]")),
    (
        "byte order mark added",
        "a file that Windows wrote",
        'b"\\xef\\xbb\\xbf" + encode(TEXT)',
        'data.decode("utf-8-sig", "replace")',
    ),
    (
        "text in base64",
        "bytes that are thought to be no text",
        "base64.b64encode(encode(TEXT))",
        "base64.b64decode(data).decode()",
    ),
)
_READINGS = (
    (
        "guesses Windows-1252",
        "what is no UTF-8 has to be something else",
        '(data.decode("cp1252", "replace") if "\\ufffd" in TEXT else TEXT)',
    ),
    (
        "guesses base64",
        "kindness",
        'base64.b64decode(data).decode("utf-8", "replace") '
        'if re.fullmatch(b"([A-Za-z0-9+/]{4})+[A-Za-z0-9+/]{3}=", data) else TEXT',
    ),
    (
        "guesses hex",
        "kindness",
        'bytes.fromhex(TEXT).decode("utf-8", "replace") if re.fullmatch(b"([0-9a-f]{2})+", data) else TEXT',
    ),
    (
        "guesses UTF-16",
        "a byte order mark that is none",
        'data.decode("utf-16", "replace") if data[:2] in (b"\\xff\\xfe", b"\\xfe\\xff") else TEXT',
    ),
    ("not UTF-8: left out", "decode('utf-8', 'ignore')", 'data.decode("utf-8", "ignore")'),
    ("not UTF-8: ?", "another replacement", 'TEXT.replace("\\ufffd", "?")'),
    ("not UTF-8: \\xff", "decode('utf-8', 'backslashreplace')", 'data.decode("utf-8", "backslashreplace")'),
    ("not UTF-8: one U+FFFD for all", "a replacement for each run", 're.sub("\\ufffd+", "\\ufffd", TEXT)'),
    (
        "not UTF-8: U+FFFD for each byte",
        "a decoder of one's own",
        're.sub("[\\udc80-\\udcff]", "\\ufffd", data.decode("utf-8", "surrogateescape"))',
    ),
    ("not UTF-8: the end", "a decoder that stops there", 'TEXT.partition("\\ufffd")[0]'),
    ("not UTF-8: an empty text", "an error that is swallowed", '"" if "\\ufffd" in TEXT else TEXT'),
    ("reads surrogates", "decode('utf-8', 'surrogatepass')", 'data.decode("utf-8", "surrogatepass")'),
    (
        "reads overlong UTF-8",
        "a decoder of one's own: C0 AF is a slash",
        're.sub(b"[\\xc0\\xc1][\\x80-\\xbf]", lambda found: bytes([(found[0][0] & 1) << 6 | found[0][1] & 63]), data)'
        '.decode("utf-8", "replace")',
    ),
    ("marks garbage as such", "a note in place of a text", '"(not readable)" if "\\ufffd" in TEXT else TEXT'),
)
_FREE_READINGS = (
    ("not UTF-8: refused", "strict decoding", _read("data.decode()")),
    ("not UTF-8: as OpenJDK", "a JVM in place of the phone", _read("_replaced_by_openjdk(data)")),
    (
        "reads as Go",
        "a library for another client: the bytes as they are, unpadded refused",
        _edits("dialects.py", (_PHONE, '"the phone", "\\ufffd", _go_base64, _kept,')),
    ),
)
_ENCODE = "return text.encode()"

_SURROGATES = (
    Mutant(
        "lone surrogate: three bytes",
        "encode('utf-8', 'surrogatepass')",
        _edits("dialects.py", (_ENCODE, 'return text.encode("utf-8", "surrogatepass")')),
    ),
    Mutant(
        "lone surrogate: left out",
        "encode('utf-8', 'ignore')",
        _edits("dialects.py", (_ENCODE, 'return text.encode("utf-8", "ignore")')),
    ),
    Mutant(
        "lone surrogate: as Node",
        "U+FFFD",
        _edits("dialects.py", ('"the phone", "?"', '"the phone", "\\ufffd"')),
        claims="phone",
    ),
    Mutant(
        "lone surrogate: refused",
        "strict encoding",
        _edits("dialects.py", ("except UnicodeEncodeError:", "except IndexError:")),
        claims="phone",
    ),
)

MUTANTS: tuple[Mutant, ...] = (
    *_BLOCKS,
    *(Mutant(name, why, _hash(made)) for name, why, made in _HASHES),
    *(Mutant(name, why, _key(made)) for name, why, made in _KEYS),
    *(Mutant(name, why, _iv(made), _DRAWN) for name, why, made in _IV_SOURCES),
    *_IVS,
    *(Mutant(name, why, _out(made), _SENT) for name, why, made in _CIPHERTEXTS),
    *(Mutant(name, why, _in(decoded), _READ) for name, why, decoded in _DECODERS),
    *(Mutant(name, why, _before(changed), _READ) for name, why, changed in _BEFORE),
    *(Mutant(name, why, edits, _READ, "phone") for name, why, edits in _FREE_DECODERS),
    *_REFUSALS,
    *(Mutant(name, why, edits, _READ, "phone") for name, why, edits in _FREE_REFUSALS),
    *(Mutant(name, why, _text(changed)) for name, why, changed in _TEXTS),
    *(Mutant(name, why, _sent(sent) + _read(read)) for name, why, sent, read in _ENCODINGS),
    *(Mutant(name, why, _read(made), _READ) for name, why, made in _READINGS),
    *(Mutant(name, why, edits, _READ, "phone") for name, why, edits in _FREE_READINGS),
    *_SURROGATES,
)

# -- what the vectors do not show --------------------------------------------------------------------------------------

_TO_THE_END = f"{_IN}))"

EQUIVALENT: tuple[Mutant, ...] = (
    Mutant(
        "IV decrypted, and the first block dropped",
        "no mistake: CFB needs but the ciphertext block before, so that any IV will do for the rest",
        _edits("envelope.py", (_TO_THE_END, "bytes(16), envelope)[16:])")),
    ),
    Mutant(
        "16 random bytes ahead of the text, under an IV of zeros",
        "no mistake: the first block of ciphertext is as random as they are, and an IV to all that read it",
        _iv("raw.encrypt(_derived(encode(key)), bytes(16), os.urandom(16))")
        + _edits("envelope.py", ("if iv is None:", "encode = rules_of(dialect).encode_text\n    if iv is None:")),
    ),
)
"""Other code that does the same. It must not be killed."""

UNSEEN: tuple[Mutant, ...] = (
    Mutant(
        "IV from a Mersenne Twister",
        "to tell the next one takes 156 IVs in a row and a solver",
        _iv("random.randbytes(16)"),
        _DRAWN,
    ),
    Mutant("begins anew after 16,384 bytes", "the longest text; the gateway takes 1,520 bytes", _pieces(16384)),
    Mutant("key cut after 10,000 bytes", "the longest pass phrase", _key("key.encode()[:10000]")),
    Mutant(
        "two halves of an emoji are two lone surrogates",
        "JSON cannot say so: its readers join them",
        _edits(
            "dialects.py",
            (
                'joined = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")',
                "joined = text",
            ),
        ),
    ),
)
"""Mistakes that get past the vectors, and why (`stands_for`). Once they do no longer, they belong among the mutants."""

# -- the table ---------------------------------------------------------------------------------------------------------


Kills = dict[tuple[str, Operation], list[Vector]]
"""By mutant and operation, the vectors that kill it."""


def kills(mutants: Iterable[Mutant], vectors: Sequence[Vector]) -> Kills:
    """All vectors that kill each of the mutants, for each of its sides."""
    return {
        (mutant.name, side): list(killers(mutant.edits, (v for v in vectors if v.operation == side), mutant.claims))
        for mutant in mutants
        for side in mutant.sides
    }


def table(mutants: Iterable[Mutant], found: Kills) -> str:
    """The mutants in Markdown: what each stands for, the first vector that kills it, and how many do."""
    lines = ["| mutant | stands for | killed by | vectors that kill it |", "|---|---|---|---|"]
    return "\n".join([*lines, *(_row(mutant, found) for mutant in mutants)])


def _row(mutant: Mutant, found: Kills) -> str:
    sides = {side: found[mutant.name, side] for side in mutant.sides}
    first = min((each for dead in sides.values() for each in dead), key=lambda each: int(each.id), default=None)
    killer = f"{first.id}, {first.group}: {first.comment}" if first else "nothing"
    claim = f" (as {mutant.claims})" if mutant.claims else ""
    counts = ", ".join(f"{len(dead)} {side}" for side, dead in sides.items())
    return f"| {' | '.join(map(_cell, (mutant.name + claim, mutant.stands_for, killer, counts)))} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def summary(found: Kills, vectors: int) -> str:
    """How many are dead, and how many vectors it takes."""
    sides = Counter(bool(dead) for dead in found.values())
    of_each = {name: frozenset(v.id for n, _ in found if n == name for v in found[n, _]) for name, _ in found}
    told = [
        f"{sum(map(bool, of_each.values()))} of {len(of_each)} mutants are killed by {vectors:,} vectors, "
        f"{sides[True]} of {sides.total()} sides of mutants."
    ]
    if not sides[False]:
        on_sides = {f"{name}, {side}": frozenset(v.id for v in dead) for (name, side), dead in found.items()}
        for what, least in (("each mutant", fewest(of_each)), ("each on all of its sides", fewest(on_sides))):
            told.append(f"Fewest vectors that kill {what}: {len(least)} ({', '.join(least)})")
    return "\n".join(told)


def main(mutants: Sequence[Mutant] = MUTANTS) -> int:
    """The exit code: 1 if one of the mutants survives on one of its sides."""
    vectors = vector_files.own().vectors
    found = kills(mutants, vectors)
    print(table(mutants, found), summary(found, len(vectors)), sep="\n\n")
    return 0 if all(found.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
