"""Pass phrases of every kind: text, whose UTF-8 is hashed as it is."""

from __future__ import annotations

from tools.vector_cases.case import Case, Group

__all__ = ["DECRYPTED", "ENCRYPTED"]

_PLAIN = (
    ("one letter", "k"),
    ("one digit", "7"),
    ("four digits", "1234"),
    ("16 letters, as an AES-128 key has bytes", "sixteen letters!"),
    ("31 letters", "one less than an AES-256 key ..."[:31]),
    ("32 letters, as an AES-256 key has bytes", "as long as an AES-256 key, 32 b."),
    ("33 letters", "one more than an AES-256 key has."),
    ("64 letters, a block of SHA-256", "a block of the hash function has exactly sixty-four bytes: here."),
    ("upper case", "MELANGE"),
    ("lower case", "melange"),
    ("spaces within", "two  words"),
    ("LF within", "two\nlines"),
    ("tab within", "two\tcolumns"),
    ("quotes and backslashes", "\"quoted\" \\ 'more'"),
    ("shell characters", "$HOME `id` $(id) ; & | > !"),
    ("begins with a dash", "--key"),
    ("begins with an at sign", "@key.txt"),
    ("percent signs", "100%25 %n %s"),
    ("NUL", "\0"),
    ("NUL within", "be\0fore"),
    ("NUL at the end", "before\0"),
    ("a control character", "bell\a"),
    ("accents, composed (NFC)", "caf\u00e9 cr\u00e8me"),
    ("the same, decomposed (NFD)", "cafe\u0301 cre\u0300me"),
    ("Angstrom sign", "\u212b"),
    ("the same as a letter", "\u00c5"),
    ("ligature", "ﬁn"),
    ("the same in two letters", "fin"),
    ("full-width letters", "ｋｅｙ"),
    ("Cyrillic look-alike", "раssword"),
    ("Turkish dotless i", "sıfır"),
    ("sharp s", "straße"),
    ("Greek", "κλειδί"),
    ("Chinese", "密码"),
    ("Hangul, composed", "비밀"),
    ("Hangul, decomposed", "\u1107\u1175\u1106\u1175\u11af"),
    ("Arabic", "كلمة السر"),
    ("emoji", "🔐"),
    ("emoji with joiners", "👩‍💻"),
    ("letters beyond the BMP", "𝓴𝓮𝔂"),
    ("byte order mark at the beginning", "\ufeffkey"),
    ("zero-width space", "ke\u200by"),
    ("U+FFFD", "\ufffd"),
    ("a question mark", "?"),
    ("noncharacter", "\uffff"),
    ("the last character of Unicode", "\U0010ffff"),
    ("200 letters", "long " * 40),
    ("10,000 letters", "longest pass phrase " * 500),
)
_DATA = (
    ("64 digits of hex", "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"),
    ("32 digits of hex, upper case", "A0B1C2D3E4F5061728394A5B6C7D8E9F"),
    ("0x and hex", "0x6b6579"),
    ("base64 of 32 bytes", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="),
    ("base64, URL-safe, unpadded", "-_8AECAw"),
    ("a URL", "https://example.org/?key=a+b%20c"),
    ("JSON", '"key"'),
    ("escapes", "\\u006b\\x65y"),
)
_OUTER = (
    ("space at the end", "key "),
    ("space at the beginning", " key"),
    ("LF at the end", "key\n"),
    ("CR LF at the end", "key\r\n"),
    ("tab at the end", "key\t"),
    ("only a space", " "),
    ("only a LF", "\n"),
    ("no-break space at the end", "key\u00a0"),
    ("ideographic space at the end", "key\u3000"),
    ("U+0085 at the end, which only some take for white space", "key\u0085"),
    ("U+001F at the end, which only some take for white space", "key\x1f"),
)

_TEXT = "The text is always the same."
_CASES = (
    *(Case(name, ("KeyText",), key=key, text=_TEXT) for name, key in _PLAIN),
    *(Case(name, ("KeyText", "LooksLikeData"), key=key, text=_TEXT) for name, key in _DATA),
    Case("the empty pass phrase", ("KeyText", "EmptyKey"), key="", text=_TEXT),
    *(Case(name, ("KeyText", "KeyHasOuterWhitespace"), key=key, text=_TEXT) for name, key in _OUTER),
)

DECRYPTED = Group("key-decrypt", "decrypt", "Envelopes under pass phrases of every kind.", _CASES)
ENCRYPTED = Group("key-encrypt", "encrypt", "Known answers under pass phrases of every kind.", _CASES)
