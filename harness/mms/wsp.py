"""The words of WSP (WAP-230) that MMS headers are made of: numbers, texts, media types and charsets."""

from __future__ import annotations

import re

__all__ = [
    "MEDIA_CODES",
    "MEDIA_TYPES",
    "MIXED",
    "RELATED",
    "UTF_8",
    "charset_number",
    "decoded",
    "encoded_string",
    "long_integer",
    "quoted_string",
    "short_integer",
    "text_string",
    "typed_address",
    "uintvar",
    "utf8",
    "value_length",
]

UTF_8 = 106
"""The charset's IANA number (MIBenum)."""

_QUOTE = 127
_LENGTH_QUOTE = 31

# WAP-230 table 40, in the order of its codes, with the names that the app's library has for them: `byterantes` too.
MEDIA_TYPES: tuple[str, ...] = (
    *("*/*", "text/*", "text/html", "text/plain", "text/x-hdml", "text/x-ttml", "text/x-vCalendar", "text/x-vCard"),
    *("text/vnd.wap.wml", "text/vnd.wap.wmlscript", "text/vnd.wap.wta-event"),
    *("multipart/*", "multipart/mixed", "multipart/form-data", "multipart/byterantes", "multipart/alternative"),
    *("application/*", "application/java-vm", "application/x-www-form-urlencoded", "application/x-hdmlc"),
    *("application/vnd.wap.wmlc", "application/vnd.wap.wmlscriptc", "application/vnd.wap.wta-eventc"),
    *("application/vnd.wap.uaprof", "application/vnd.wap.wtls-ca-certificate"),
    *("application/vnd.wap.wtls-user-certificate", "application/x-x509-ca-cert", "application/x-x509-user-cert"),
    *("image/*", "image/gif", "image/jpeg", "image/tiff", "image/png", "image/vnd.wap.wbmp"),
    *("application/vnd.wap.multipart.*", "application/vnd.wap.multipart.mixed"),
    *("application/vnd.wap.multipart.form-data", "application/vnd.wap.multipart.byteranges"),
    *("application/vnd.wap.multipart.alternative", "application/xml", "text/xml", "application/vnd.wap.wbxml"),
    *("application/x-x968-cross-cert", "application/x-x968-ca-cert", "application/x-x968-user-cert"),
    *("text/vnd.wap.si", "application/vnd.wap.sic", "text/vnd.wap.sl", "application/vnd.wap.slc"),
    *("text/vnd.wap.co", "application/vnd.wap.coc", "application/vnd.wap.multipart.related"),
    *("application/vnd.wap.sia", "text/vnd.wap.connectivity-xml", "application/vnd.wap.connectivity-wbxml"),
    *("application/pkcs7-mime", "application/vnd.wap.hashed-certificate", "application/vnd.wap.signed-certificate"),
    *("application/vnd.wap.cert-response", "application/xhtml+xml", "application/wml+xml", "text/css"),
    *("application/vnd.wap.mms-message", "application/vnd.wap.rollover-certificate"),
    *("application/vnd.wap.locc+wbxml", "application/vnd.wap.loc+xml", "application/vnd.syncml.dm+wbxml"),
    *("application/vnd.syncml.dm+xml", "application/vnd.syncml.notification", "application/vnd.wap.xhtml+xml"),
    *("application/vnd.wv.csp.cir", "application/vnd.oma.dd+xml", "application/vnd.oma.drm.message"),
    *("application/vnd.oma.drm.content", "application/vnd.oma.drm.rights+xml"),
    *("application/vnd.oma.drm.rights+wbxml", "application/vnd.wv.csp+xml", "application/vnd.wv.csp+wbxml"),
    *("application/vnd.syncml.ds.notification", "audio/*", "video/*", "application/vnd.oma.dd2+xml"),
    "application/mikey",
)
MEDIA_CODES = {name: code for code, name in enumerate(MEDIA_TYPES)}
MIXED = "application/vnd.wap.multipart.mixed"
RELATED = "application/vnd.wap.multipart.related"

# The charsets that the app's library knows, by MIBenum: its name for each (lower case counts), Python's codec.
_CHARSETS = {
    3: ("us-ascii", "ascii"),
    **{3 + part: (f"iso-8859-{part}", f"iso8859_{part}") for part in range(1, 10)},
    17: ("shift_JIS", "shift_jis"),
    UTF_8: ("utf-8", "utf-8"),
    1000: ("iso-10646-ucs-2", "utf-16"),  # Android's ICU: another name of UTF-16
    1015: ("utf-16", "utf-16"),
    2026: ("big5", "big5"),
}
_NUMBERS = {name: number for number, (name, _) in _CHARSETS.items()}

# Whole texts, in this order (`1.2.3.4` would be a number too). Addresses of the library's fifth kind, mail, are left as
# they are, like all others.
_ADDRESS_TYPES = (
    (re.compile(r"[0-9]{1,3}(\.[0-9]{1,3}){3}"), "/TYPE=IPV4"),
    (re.compile(r"\+?[0-9|.-]+"), "/TYPE=PLMN"),
    (re.compile(r"[a-fA-F]{4}(:[a-fA-F0-9]{4}){7}"), "/TYPE=IPV6"),
)


def utf8(text: str) -> bytes:
    """`text` as Java writes it: a lone surrogate is a question mark."""
    return text.encode("utf-8", "replace")


def decoded(data: bytes, charset: int) -> str | None:
    """`data` as text; each wrong octet is U+FFFD. None if the library does not know the `charset` (0 is `*`)."""
    if charset not in _CHARSETS:
        return None
    codec = _CHARSETS[charset][1]
    if codec == "utf-16" and data[:2] not in (b"\xfe\xff", b"\xff\xfe"):
        codec = "utf-16-be"  # Java without a byte order mark; Python would take the machine's own order
    return data.decode(codec, "replace")


def charset_number(name: str) -> int:
    """The MIBenum of a charset that is given by name; 0 for one that the library does not know, `UTF-8` among them."""
    return _NUMBERS.get(name, 0)


def uintvar(value: int) -> bytes:
    """An unsigned number in groups of seven bits.

    The library takes one group more than needed where all bits of the last one are set: 127 is `80 7f`. Readers do not
    mind.
    """
    groups = next((count for count in range(1, 5) if value < (1 << 7 * count) - 1), 5)
    return bytes([(value >> 7 * n) & 0x7F | (0x80 if n else 0) for n in reversed(range(groups))])


def value_length(length: int) -> bytes:
    """The length of a value, in one octet up to 30."""
    return bytes([length]) if length < _LENGTH_QUOTE else bytes([_LENGTH_QUOTE]) + uintvar(length)


def short_integer(value: int) -> bytes:
    """The lower seven bits of a number."""
    return bytes([value & 0x7F | 0x80])


def long_integer(value: int) -> bytes:
    """A number with the count of its octets before it."""
    octets = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return bytes([len(octets)]) + octets


def text_string(text: bytes) -> bytes:
    """A text and its end, quoted where its first octet could be mistaken for a number. Raises ValueError if empty."""
    if not text:
        raise ValueError("a text string holds at least one octet")
    return (bytes([_QUOTE]) if text[0] > _QUOTE else b"") + text + b"\0"


def quoted_string(text: bytes) -> bytes:
    """A text behind a quotation mark that is never closed."""
    return b'"' + text + b"\0"


def encoded_string(text: bytes, charset: int = UTF_8) -> bytes:
    """A text with its charset."""
    value = short_integer(charset) + text_string(text)
    return value_length(len(value)) + value


def typed_address(address: str) -> str:
    """An address with its type, as MMS headers have it: `+18005550100/TYPE=PLMN`."""
    kinds = (suffix for pattern, suffix in _ADDRESS_TYPES if pattern.fullmatch(address))
    return address + next(kinds, "")
