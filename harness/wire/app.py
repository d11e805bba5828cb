"""What the Android app writes and reads, byte for byte (phone-behaviour.md §2).

The app interpolates most bodies into a text without escaping; only the body of a received text comes from a
serializer. Both habits are kept: a server meets them in the field. The requests made here are whole: they carry
okhttp's headers too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import field
from encodings.aliases import aliases
from typing import Any
from urllib.parse import unquote, urlsplit

from harness.frozen import frozen
from harness.http.urls import parse_url
from harness.http.values import Headers, Request, Response
from harness.instants import Instant, android_time
from harness.okhttp import JSON_TYPE, prepare
from harness.wire.java import Threw, check_uri
from harness.wire.klaxon import Parameter, Shape, instantiate, read_object

__all__ = [
    "Access",
    "Outstanding",
    "access",
    "attachment_request",
    "body_text",
    "event_request",
    "fetch_request",
    "heartbeat_request",
    "is_media_type",
    "is_token_answer",
    "missed_call_request",
    "read_outstanding",
    "read_token_answer",
    "receive_request",
    "sentry_headers",
    "token_request",
]


# -- where requests go ---------------------------------------------------------------------------------------


@frozen
class Access:
    """Where a phone's requests go, and the headers around those of the body. `base` is the path up to `/v1`.

    `collapses`: Android joins doubled slashes of a path, the JDK does not (§2.3).
    """

    scheme: str
    authority: str
    base: str
    head: Headers = field(repr=False)
    tail: Headers
    collapses: bool = True


def access(server_url: str, api_key: str, version: str, extra: Headers = (), *, collapses: bool = True) -> Access:
    """The access that a server URL and a key give; `extra` headers follow the app's own.

    Raises `Threw` where the app can make no request (§2.3).
    """
    check_uri(server_url, "java.net.URISyntaxException")
    url = urlsplit(server_url)
    if not url.scheme:
        raise Threw("java.lang.IllegalArgumentException", "URI is not absolute")
    if url.scheme not in ("http", "https"):
        raise Threw(_ILLEGAL, f"Expected URL scheme 'http' or 'https' but was '{url.scheme}'")
    if not url.netloc:
        raise Threw(_ILLEGAL, 'Invalid URL host: ""')
    authority, base = _joined(url.netloc.rpartition("@")[2], unquote(url.path) + "/v1")
    _check_header("x-api-key", api_key)
    named = (("x-api-key", api_key.strip(" \t")), ("X-Client-Version", version), *extra)
    headers = prepare(Request("GET", url.scheme, authority, b"", named)).headers
    return Access(url.scheme, authority, base, headers[: len(named)], headers[len(named) :], collapses)


_ILLEGAL = "java.lang.IllegalArgumentException"
_HEADER = re.compile("[\t\x20-\x7e]*")
_SLASHES = re.compile("//+")
# What okhttp sends as it is.
_PLAIN = re.compile(r"[A-Za-z0-9_/?=-]*")


def _check_header(name: str, value: str) -> None:
    """okhttp refuses a value with anything but printable ASCII, and shows it."""
    match = _HEADER.match(value)
    at = match.end() if match else 0
    if at < len(value):
        raise Threw(_ILLEGAL, f"Unexpected char 0x{ord(value[at]):02x} at {at} in {name} value: {value}")


def _joined(authority: str, path: str) -> tuple[str, str]:
    """What the app's joining of URLs makes of a path: two slashes at its beginning announce another host (§2.3)."""
    if path.startswith("//"):
        authority, slash, rest = path[2:].partition("/")
        path = slash + rest
    return authority, path


def _target(access: Access, path: str) -> bytes:
    """The target for a path below `/v1`. Raises `Threw` for one that no URI can hold (ids go in unescaped)."""
    path = access.base + path
    if _PLAIN.fullmatch(path) and "//" not in path:
        return path.encode()
    check_uri(path)
    if access.collapses:
        place, mark, query = path.partition("?")
        path = _SLASHES.sub("/", place) + mark + query
    url = parse_url("http://host" + path)
    if url is None:
        raise Threw(_ILLEGAL, path)
    return url.target


def sentry_headers(
    trace_id: str, span_id: str, sample_rand: str, release: str, org_id: str, public_key: str
) -> Headers:
    """What the published build's crash reporter adds to every request, between the app's headers and the body's."""
    baggage = (
        f"sentry-environment=production,sentry-org_id={org_id},sentry-public_key={public_key},"
        f"sentry-release=com.httpsms%40{release}%2B1,sentry-sample_rand={sample_rand},sentry-trace_id={trace_id}"
    )
    return (("sentry-trace", f"{trace_id}-{span_id}"), ("baggage", baggage))


def _get(access: Access, path: str) -> Request:
    headers = access.head + access.tail
    return Request("GET", access.scheme, access.authority, _target(access, path), headers)


def _send(access: Access, method: str, path: str, body: str) -> Request:
    content = body.encode("utf-8", "replace")
    own = (("Content-Type", JSON_TYPE), ("Content-Length", str(len(content))))
    headers = access.head + own + access.tail
    return Request(method, access.scheme, access.authority, _target(access, path), headers, content)


# -- requests ------------------------------------------------------------------------------------------------

# All of them raise `Threw` if no URL can be made of an id.


def fetch_request(access: Access, message_id: str) -> Request:
    return _get(access, f"/messages/outstanding?message_id={message_id}")


def event_request(access: Access, message_id: str, event: str, reason: str | None, at: Instant) -> Request:
    """`event` is SENT, DELIVERED or FAILED. The reason goes in as it is: quotes in it break the JSON, as in the app."""
    quoted = "null" if reason is None else f'"{reason}"'
    body = _interpolated(f'"event_name": "{event}"', f'"reason": {quoted}', f'"timestamp": "{android_time(at)}"')
    return _send(access, "POST", f"/messages/{message_id}/events", body)


def heartbeat_request(access: Access, numbers: Sequence[str], charging: bool) -> Request:
    listed = ", ".join([f'"{number}"' for number in numbers])
    body = _interpolated(f'"charging": {"true" if charging else "false"}', f'"phone_numbers": [{listed}]')
    return _send(access, "POST", "/heartbeats", body)


def token_request(access: Access, token: str, number: str, sim: str) -> Request:
    body = _interpolated(f'"fcm_token": "{token}"', f'"phone_number": "{number}"', f'"sim": "{sim}"')
    return _send(access, "PUT", "/phones/fcm-token", body)


def missed_call_request(access: Access, sim: str, caller: str, owner: str, at: Instant) -> Request:
    body = _interpolated(
        f'"sim": "{sim}"', f'"from": "{caller}"', f'"timestamp": "{android_time(at)}"', f'"to": "{owner}"'
    )
    return _send(access, "POST", "/messages/calls/missed", body)


def receive_request(
    access: Access,
    sender: str,
    owner: str,
    content: str,
    sim: str,
    *,
    encrypted: bool,
    at: Instant,
    attachments: Sequence[tuple[str, str, str]] | None = None,
) -> Request:
    """`attachments`: (Base64, media type, name) of each; None for an SMS."""
    body = (
        f'{{"attachments" : {_attachments(attachments)}, "content" : {_quote(content)}, '
        f'"encrypted" : {"true" if encrypted else "false"}, "from" : {_quote(sender)}, "sim" : "{sim}", '
        f'"timestamp" : "{android_time(at)}", "to" : {_quote(owner)}}}'
    )
    return _send(access, "POST", "/messages/receive", body)


def _attachments(attachments: Sequence[tuple[str, str, str]] | None) -> str:
    if attachments is None:
        return "null"
    items = [
        f'{{"content" : "{content}", "content_type" : {_quote(kind)}, "name" : {_quote(name)}}}'
        for content, kind, name in attachments
    ]
    return f"[{', '.join(items)}]"


def _interpolated(*members: str) -> str:
    """A body as the app writes it: a text in its source, whose indentation is cut off when it runs (§2.5-2)."""
    text = ",\n  ".join(members)
    if text.count("\n") < len(members) and "\r" not in text:
        return f"{{\n  {text}\n}}"
    inner = ",\n              ".join(members)
    return _cut_indent(f"            {{\n              {inner}\n            }}")


def _cut_indent(text: str) -> str:
    """Kotlin's `trimIndent`: cuts off what all lines share, and that is nothing if a reason has lines of its own."""
    lines = re.split("\r\n|\n|\r", text)
    cut = min(len(line) - len(line.lstrip()) for line in lines if line.strip())
    return "\n".join([line[cut:] for line in lines])


_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
_ESCAPED = re.compile('["\\\\\x00-\x1f\x7f-\x9f\u2000-\u20ff]')


def _quote(text: str) -> str:
    """A JSON string as the app's serializer writes it: U+2000 to U+20FF are escaped, an emoji is not."""
    return '"' + _ESCAPED.sub(lambda match: _SHORT.get(match[0]) or f"\\u{ord(match[0]):04x}", text) + '"'


# -- attachments ---------------------------------------------------------------------------------------------

_URL_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_AFTER_SCHEME = re.compile(r"[/\\]*(?:[^/\\?#]*@)?(\[[^\]]*\]|[^:/\\?#]*)(?::([^/\\?#]*))?")
_PORT = re.compile("[0-9]{1,4000}")
_NO_HOST = re.compile(r"[\x00-\x20\x7f#%/:?@\[\\\]]")
_TOKEN = r"([a-zA-Z0-9-!#$%&'*+.^_`{|}~]+)"
_MEDIA_TYPE = re.compile(rf'{_TOKEN}/{_TOKEN}(?:;\s*(?:{_TOKEN}=(?:{_TOKEN}|"[^"]*"))?)*')


def attachment_request(url: str, extra: Headers = ()) -> Request:
    """The download of an attachment: without key and version. Raises `Threw` with okhttp's text for a malformed URL."""
    text = url.strip(" \t\r\n\f")
    for socket, plain in (("ws:", "http:"), ("wss:", "https:")):
        if text[: len(socket)].lower() == socket:
            text = plain + text[len(socket) :]
    scheme = _URL_SCHEME.match(text)
    if scheme is None:
        shown = text if len(text) <= 6 else f"{text[:6]}..."
        raise Threw(_ILLEGAL, f"Expected URL scheme 'http' or 'https' but no scheme was found for {shown}")
    if scheme[1].lower() not in ("http", "https"):
        raise Threw(_ILLEGAL, f"Expected URL scheme 'http' or 'https' but was '{scheme[1]}'")
    place = _AFTER_SCHEME.match(text, scheme.end())
    assert place is not None  # it takes every text
    host, port = place[1], place[2]
    if not host or (not host.startswith("[") and _NO_HOST.search(unquote(host))):
        raise Threw(_ILLEGAL, f'Invalid URL host: "{host}"')
    if port is not None and not (_PORT.fullmatch(port) and 0 < int(port) < 65536):
        raise Threw(_ILLEGAL, f'Invalid URL port: "{port}"')
    rest = text[place.end() :]
    parsed = parse_url(f"{scheme[1].lower()}://{host}{'' if port is None else ':' + port}{rest}")
    if parsed is None:
        raise Threw(_ILLEGAL, f'Invalid URL host: "{host}"')
    return prepare(Request("GET", parsed.scheme, parsed.authority, parsed.target, extra))


def is_media_type(text: str | None) -> bool:
    """okhttp understands this `Content-Type`."""
    return text is not None and _MEDIA_TYPE.fullmatch(text) is not None


# -- answers -------------------------------------------------------------------------------------------------


@frozen
class Outstanding:
    """What the app takes from the answer to a fetch."""

    id: str
    contact: str
    content: str
    sim: str
    encrypted: bool
    attachments: tuple[str, ...]


def _parameters(*names: str) -> tuple[Parameter, ...]:
    """`key:type` each; the parameter's name is the key in camel case."""
    made = []
    for item in names:
        key, _, kind = item.partition(":")
        first, *more = key.split("_")
        made.append(Parameter("userID" if key == "user_id" else first + "".join(map(str.title, more)), key, kind))
    return tuple(made)


# Every key must be there, even when null: a server that omits nulls breaks every phone (phone-behaviour.md §2.5-1).
_MESSAGE = Shape(
    "Message",
    (
        *_parameters(
            "contact:kotlin.String", "content:kotlin.String", "sim:kotlin.String", "created_at:kotlin.String",
            "failure_reason:kotlin.String?", "id:kotlin.String", "last_attempted_at:kotlin.String?",
            "order_timestamp:kotlin.String", "owner:kotlin.String", "received_at:kotlin.String?",
            "encrypted:kotlin.Boolean", "request_received_at:kotlin.String", "send_time:kotlin.Long?",
            "sent_at:kotlin.String?", "status:kotlin.String", "type:kotlin.String", "updated_at:kotlin.String",
        ),
        Parameter("attachments", "attachments", "kotlin.collections.List<kotlin.String>?", optional=True),
    ),
)  # fmt: skip
_PHONE = Shape("Phone", _parameters("id:kotlin.String", "user_id:kotlin.String"))


def _around(name: str, inner: Shape) -> Shape:
    around = _parameters("message:kotlin.String", "status:kotlin.String")
    return Shape(name, (Parameter("data", "data", f"com.httpsms.{inner.name}"), *around))


_RESPONSE_MESSAGE = _around("ResponseMessage", _MESSAGE)
_RESPONSE_PHONE = _around("ResponsePhone", _PHONE)


def _read(response: Response, whole: Shape, inner: Shape) -> dict[str, Any]:
    """The data of an answer. Raises `Threw` where the app dies of it."""
    answer = read_object(body_text(response))
    data: Any = answer.get("data")
    if type(data) is dict:
        instantiate(inner, data)
    instantiate(whole, answer)
    return data  # type: ignore[no-any-return]


def read_outstanding(response: Response) -> Outstanding:
    """Reads the answer to a fetch as strictly as the app. Raises `Threw` where the app would end in silence."""
    data = _read(response, _RESPONSE_MESSAGE, _MESSAGE)
    urls = tuple(data.get("attachments") or ())
    if not all(type(url) is str for url in urls):
        raise Threw("java.lang.ClassCastException")
    return Outstanding(data["id"], data["contact"], data["content"], data["sim"], data["encrypted"], urls)


def read_token_answer(response: Response) -> str:
    """The user's id in the answer to `PUT /v1/phones/fcm-token` (§1.3). Raises `Threw`."""
    user_id: str = _read(response, _RESPONSE_PHONE, _PHONE)["user_id"]
    return user_id


def is_token_answer(response: Response) -> bool:
    """The app can decode this answer to `PUT /v1/phones/fcm-token` (§1.3)."""
    try:
        read_token_answer(response)
    except Threw:
        return False
    return True


def body_text(response: Response) -> str:
    """The body as okhttp decodes it: a byte order mark decides, then the charset that it names, else UTF-8."""
    body = response.body
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace")
    named = _CHARSET.search(response.last_header("Content-Type") or "")
    return body.decode(_encoding(named[1]) if named else "utf-8", "replace")


def _encoding(charset: str) -> str:
    """Python's name of a charset that Java has too; UTF-8 for any other text.

    Python itself is not asked for a name that a server has made up: it would look for a module, and remember the name.
    """
    name = _NOT_IN_NAMES.sub("_", charset.lower()) if len(charset) < 40 else ""
    name = aliases.get(name, name)
    if name not in _ENCODINGS:
        return "utf-8"
    return _BIG_ENDIAN.get(name, name)


# Beside encodings Python has codings of other kinds, and one that Java lacks.
_ENCODINGS = frozenset(aliases.values()) - {
    "base64_codec", "bz2_codec", "hex_codec", "mbcs", "quopri_codec", "rot_13", "utf_7", "uu_codec", "zlib_codec",
}  # fmt: skip
# Without a mark; Python would take the machine's order.
_BIG_ENDIAN = {"utf_16": "utf_16_be", "utf_32": "utf_32_be"}
_NOT_IN_NAMES = re.compile("[^a-z0-9]+")
_CHARSET = re.compile(r";\s*charset=\"?([^\s;\"]+)", re.IGNORECASE)
# UTF-32 first: its mark begins with that of UTF-16.
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\0\0", "utf-32-le"),
    (b"\0\0\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
