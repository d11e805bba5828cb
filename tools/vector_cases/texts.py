"""Texts of every kind."""

from __future__ import annotations

from tools.vector_cases.case import Case, Group

__all__ = ["DECRYPTED", "ENCRYPTED"]

_UNICODE = (
    ("German, Polish, Turkish", "Grüße, żółw, ığdır"),
    ("French, composed (NFC)", "d\u00e9j\u00e0 vu, No\u00ebl"),
    ("the same, decomposed (NFD)", "de\u0301ja\u0300 vu, Noe\u0308l"),
    ("GSM alphabet", "@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà"),
    ("GSM extension", "^{}\\[~]|€"),
    ("Greek", "Καλημέρα, τι κάνεις;"),
    ("Cyrillic", "Съешь ещё этих мягких французских булок"),
    ("Georgian", "გამარჯობა"),
    ("Armenian", "Բարեւ ձեզ"),
    ("Chinese", "明天上午十点见"),
    ("Japanese, three scripts", "明日の朝、カフェで待ってます"),
    ("Japanese, half-width", "ｶﾌｪ"),
    ("Korean, composed", "내일 만나요"),
    ("Korean, decomposed", "\u1102\u1162\u110b\u1175\u11af"),
    ("Arabic", "أراك غدًا الساعة ١٠"),
    ("Hebrew with points", "שָׁלוֹם"),
    ("right-to-left marks and overrides", "pay \u202e001\u202c now\u200f"),
    ("Hindi", "कल सुबह मिलते हैं"),
    ("Thai", "พรุ่งนี้เจอกัน"),
    ("Tamil", "நாளை சந்திப்போம்"),
    ("Amharic", "ነገ እንገናኝ"),
    ("emoji", "See you 😀🚀"),
    ("emoji with a skin tone", "👋🏾"),
    ("a family of emoji with joiners", "👩‍👧‍👦"),
    ("a flag", "🇪🇹"),
    ("a keycap", "7️⃣"),
    ("letters beyond the BMP", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𐌰𐍄𐍄𐌰"),
    ("the last character of Unicode", "\U0010ffff"),
    ("noncharacters", "\ufdd0 \uffff \U0001fffe"),
    ("many marks on a letter", "a\u0300\u0301\u0302\u0303\u0304\u0305"),
    ("byte order mark at the beginning", "\ufeffmark"),
    ("byte order mark within", "be\ufefftween"),
    ("only a byte order mark", "\ufeff"),
    ("U+FFFD", "\ufffd"),
    ("NUL", "\0"),
    ("NUL within", "before\0after"),
    ("NUL at the end", "end\0"),
    ("sixteen NULs", "\0" * 16),
    ("C0 control characters", "".join(map(chr, range(1, 32)))),
    ("DEL and C1 control characters", "".join(map(chr, range(0x7F, 0xA0)))),
    ("LF at the end", "line\n"),
    ("CR LF within", "one\r\ntwo"),
    ("line and paragraph separators", "one\u2028two\u2029"),
    ("tab and vertical tab", "a\tb\vc"),
    ("one space", " "),
    ("spaces around", "  text  "),
    ("no-break and ideographic spaces around", "\u00a0text\u3000"),
    ("zero-width characters", "\u200bze\u200cro\u200d\u2060"),
    ("soft hyphen and variation selector", "soft\u00adhyphen ☎\ufe0e"),
)
_DATA = (
    ("base64", "SGVsbG8="),
    ("an envelope", "Qk3XGN5+Ax38Ig01m4AqaP6Y0b0wYpCXtx59sU23uVLWUU/c7axF7LozDg=="),
    ("hex", "00ff10"),
    ("JSON", '{"text": "\\u0041\\n"}'),
    ("escapes", "\\x41 \\101 %41 &#65; &amp; =41"),
    ("an SQL injection", "'); DROP TABLE messages; --"),
    ("format directives", "%s %d {0} ${x}"),
    ("PKCS padding at the end", "twelve bytes\x04\x04\x04\x04"),
    ("a whole block of PKCS padding", "sixteen bytes...\x10" + "\x10" * 15),
)

_CASES = (
    *(Case(name, ("UnicodeText",), text=text) for name, text in _UNICODE),
    *(Case(name, ("LooksLikeData",), text=text) for name, text in _DATA),
)

DECRYPTED = Group("text-decrypt", "decrypt", "Envelopes of texts of every kind.", _CASES)
ENCRYPTED = Group("text-encrypt", "encrypt", "Known answers: texts of every kind.", _CASES)
