"""What the Android app writes and reads, byte for byte (phone-behaviour.md §2).

The app interpolates most bodies into a text without escaping; only the body of a received text comes from a
serializer. Both habits are kept: a server meets them in the field. The requests made here are whole: they carry
okhttp's headers too.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Sequence
from dataclasses import field
from typing import Any
from urllib.parse import unquote, urlsplit

from harness.frozen import frozen
from harness.http.urls import parse_url
from harness.http.values import Headers, Request, Response
from harness.instants import Instant, android_time
from harness.okhttp import JSON_TYPE, prepare

__all__ = [
    "Access",
    "Outstanding",
    "access",
    "body_text",
    "event_request",
    "fetch_request",
    "heartbeat_request",
    "is_token_answer",
    "read_outstanding",
    "receive_request",
    "token_request",
]


# -- where requests go ---------------------------------------------------------------------------------------


@frozen
class Access:
    """Where a phone's requests go, and the headers around those of the body. `base` is the path up to `/v1`."""

    scheme: str
    authority: str
    base: str
    head: Headers = field(repr=False)
    tail: Headers


def access(server_url: str, api_key: str, version: str) -> Access:
    """The access that a server URL and a key give. Raises `ValueError` where the app can make no request (§2.3)."""
    url = urlsplit(server_url)
    if url.scheme not in ("http", "https") or not url.netloc or not _URI.fullmatch(server_url):
        raise ValueError("the server URL is no URL")
    if not _HEADER.fullmatch(api_key):  # okhttp throws; the text shows the key
        raise ValueError("the API key is no header value")
    authority, base = _joined(url.netloc.rpartition("@")[2], unquote(url.path) + "/v1")
    named = (("x-api-key", api_key), ("X-Client-Version", version))
    headers = prepare(Request("GET", url.scheme, authority, b"", named)).headers
    return Access(url.scheme, authority, base, headers[:2], headers[2:])


def _joined(authority: str, path: str) -> tuple[str, str]:
    """What the app's joining of URLs makes of a path: two slashes at its beginning announce another host (§2.3)."""
    if path.startswith("//"):
        authority, slash, rest = path[2:].partition("/")
        path = slash + rest
    return authority, _SLASHES.sub("/", path)  # Android joins slashes, the JDK does not


_SLASHES = re.compile("//+")
_HEADER = re.compile("[\t\x20-\x7e]*")
# What `java.net.URI` takes: anything else, a blank for example, is an exception in the app.
_URI = re.compile(r"(?:[A-Za-z0-9_.!~'()*;/?:@&=+$,#\[\]-]|%[0-9A-Fa-f]{2}|[^\x00-\xa0\ud800-\udfff])*")
# What okhttp sends as it is.
_PLAIN = re.compile(r"[A-Za-z0-9_/?=-]*")


def _target(access: Access, path: str) -> bytes:
    """The target for a path below `/v1`. Raises `ValueError` for one that no URI can hold (ids go in unescaped)."""
    path = access.base + path
    if not _PLAIN.fullmatch(path):
        url = parse_url("http://host" + path) if _URI.fullmatch(path) else None
        if url is None:
            raise ValueError("the path is no URI")
        return url.target
    return path.encode()


def _get(access: Access, path: str) -> Request:
    headers = access.head + access.tail
    return Request("GET", access.scheme, access.authority, _target(access, path), headers)


def _send(access: Access, method: str, path: str, body: str) -> Request:
    content = body.encode("utf-8", "replace")
    own = (("Content-Type", JSON_TYPE), ("Content-Length", str(len(content))))
    headers = access.head + own + access.tail
    return Request(method, access.scheme, access.authority, _target(access, path), headers, content)


# -- requests ------------------------------------------------------------------------------------------------

# All of them raise `ValueError` if no URL can be made of an id.


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


def receive_request(
    access: Access, sender: str, owner: str, content: str, sim: str, *, encrypted: bool, at: Instant
) -> Request:
    body = (
        f'{{"attachments" : null, "content" : {_quote(content)}, '
        f'"encrypted" : {"true" if encrypted else "false"}, "from" : {_quote(sender)}, "sim" : "{sim}", '
        f'"timestamp" : "{android_time(at)}", "to" : {_quote(owner)}}}'
    )
    return _send(access, "POST", "/messages/receive", body)


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


# Every key must be there, even when null: a server that omits nulls breaks every phone (phone-behaviour.md §2.5-1).
_TEXTS = (
    "contact", "content", "sim", "created_at", "id", "order_timestamp", "owner", "request_received_at", "status",
    "type", "updated_at",
)  # fmt: skip
_NULLABLE_TEXTS = ("failure_reason", "last_attempted_at", "received_at", "sent_at")
_TEXT_OR_NULL = (str, type(None))
_LONG = 1 << 63


def read_outstanding(response: Response) -> Outstanding:
    """Reads the answer to a fetch as strictly as the app. Raises `ValueError` where the app would end in silence."""
    answer = _object(response)
    _texts(answer, ("message", "status"))
    data: Any = answer.get("data")
    _texts(data, _TEXTS)
    for key in _NULLABLE_TEXTS:
        if type(data.get(key, 0)) not in _TEXT_OR_NULL:
            raise ValueError(f"{key} is missing or no string")
    send_time = data.get("send_time", False)
    if send_time is not None and (type(send_time) is not int or not -_LONG <= send_time < _LONG):
        raise ValueError("send_time is missing or no 64-bit integer")
    if type(data.get("encrypted")) is not bool:
        raise ValueError("encrypted is missing or no boolean")
    return Outstanding(data["id"], data["contact"], data["content"], data["sim"], data["encrypted"], _urls(data))


def _urls(data: dict[str, Any]) -> tuple[str, ...]:
    urls = data.get("attachments") or []
    if type(urls) is not list or not all(type(url) is str for url in urls):
        raise ValueError("attachments is no list of strings")
    return tuple(urls)


def is_token_answer(response: Response) -> bool:
    """The app can decode this answer to `PUT /v1/phones/fcm-token` (§1.3)."""
    try:
        answer = _object(response)
        _texts(answer, ("message", "status"))
        _texts(answer.get("data"), ("id", "user_id"))
    except ValueError:
        return False
    return True


def body_text(response: Response) -> str:
    """The body as okhttp decodes it: a byte order mark decides, then the charset that it names, else UTF-8."""
    body = response.body
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace")
    named = _CHARSET.search(response.header("Content-Type") or "")
    try:
        name = codecs.lookup(named[1]).name if named else "utf-8"
        return body.decode("utf-8" if name in _PYTHONS_OWN else name, "replace")
    except (LookupError, ValueError):  # no such charset, or no charset but another coding
        return body.decode("utf-8", "replace")


_PYTHONS_OWN = ("idna", "punycode", "raw-unicode-escape", "unicode-escape")
_CHARSET = re.compile(r";\s*charset=\"?([^\s;\"]+)", re.IGNORECASE)
# UTF-32 first: its mark begins with that of UTF-16.
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\0\0", "utf-32-le"),
    (b"\0\0\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)


def _object(response: Response) -> dict[str, Any]:
    try:
        answer = json.loads(body_text(response))
    except RecursionError:
        raise ValueError("the JSON is nested too deeply") from None
    if type(answer) is not dict:
        raise ValueError("the answer is no object")
    return answer


def _texts(data: Any, keys: Sequence[str]) -> None:
    if type(data) is not dict:
        raise ValueError("data is no object")
    for key in keys:
        if type(data.get(key)) is not str:
            raise ValueError(f"{key} is missing or no string")
