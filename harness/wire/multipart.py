"""Multipart forms, read as Go's `mime/multipart` reads them for the server.

No library reads like that: the parts are found by Go's own rules for the lines between them, a quoted-printable part is
unpacked, a name may come as `filename*`, and what breaks the form is told in Go's words. The body is in memory and
bounded (`bodies.BODY_LIMIT`), so there is nothing to gain from reading it piece by piece.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import field
from urllib.parse import unquote_to_bytes

from harness.frozen import frozen

__all__ = ["KIND", "BrokenForm", "File", "Form", "boundary", "read"]

KIND = "multipart/form-data"
_PARTS_MOST = 1000
_HEADERS_MOST = 10_000
_NO_NEXT = "multipart: NextPart: EOF"
_TOO_LARGE = "multipart: message too large"


class BrokenForm(ValueError):
    """What was sent is no multipart form. The text is Go's."""


@frozen
class File:
    """An uploaded file. Bytes of its name that are no UTF-8 are kept as lone surrogates."""

    name: str
    content_type: str
    data: bytes = field(repr=False)


@frozen
class Form:
    """Values and files with the names of their fields, in the order in which they came."""

    values: tuple[tuple[str, str], ...]
    files: tuple[tuple[str, File], ...]

    def file(self, name: str) -> File | None:
        """The first file of that field; names have their case."""
        return next((file for given, file in self.files if given == name), None)


# -- the content type ----------------------------------------------------------------------------------------

_PARAMETER = re.compile(r"; *([^;]*)")


def boundary(content_type: str) -> bytes:
    """What stands between the parts; empty if the content type, written exactly so, names none (fasthttp)."""
    if not content_type.startswith(KIND):
        return b""
    rest = content_type[len(KIND) :]
    for match in _PARAMETER.finditer(rest) if rest.startswith(";") else ():
        if match[1].startswith("boundary"):
            name, _, value = match[1].partition("=")
            if name != "boundary":
                return b""
            quoted = len(value) > 1 and value[0] == value[-1] == '"'
            return (value[1:-1] if quoted else value).encode("utf-8", "surrogateescape")
    return b""


# -- parts ---------------------------------------------------------------------------------------------------


def read(data: bytes, limit: bytes) -> Form:
    """The form in a body whose parts are divided by `limit`. Raises `BrokenForm`."""
    values: list[tuple[str, str]] = []
    files: list[tuple[str, File]] = []
    for number, (headers, content) in enumerate(_parts(data, limit), start=1):
        if number > _PARTS_MOST:
            raise BrokenForm(_TOO_LARGE)
        kind, parameters = _disposition(headers.get("content-disposition", ""))
        name = parameters.get("name", "") if kind == "form-data" else ""
        if content is None:
            raise BrokenForm("unexpected EOF" if name else _NO_NEXT)
        if not name:
            continue
        if headers.get("content-transfer-encoding", "").lower() == "quoted-printable":
            content = binascii.a2b_qp(content)
        file_name = parameters.get("filename", "")
        if file_name:
            files.append((name, File(_base(file_name), headers.get("content-type", ""), content)))
        else:
            values.append((name, content.decode("utf-8", "surrogateescape")))
    return Form(tuple(values), tuple(files))


def _base(path: str) -> str:
    """As `filepath.Base`: the last part of a path, which is never empty."""
    return path.rstrip("/").rpartition("/")[2] or "/"


def _parts(data: bytes, limit: bytes) -> Iterator[tuple[dict[str, str], bytes | None]]:
    """Headers and content of each; the content is None if it has no end."""
    dashed = b"--" + limit
    begin, line_end = _first_part(data, dashed)
    while begin is not None:
        found = _headers(data, begin)
        if found is None:
            return  # it ended among the headers, which Go takes for the end of the form
        headers, at = found
        end = _end_of_part(data, at, dashed, line_end)
        yield headers, None if end < 0 else data[at:end]
        begin = _next_part(data, end, dashed, line_end)


def _line(data: bytes, at: int) -> tuple[bytes, int]:
    """The line that begins there, with its end, and where the next one begins. Raises `BrokenForm` if it has no end."""
    end = data.find(b"\n", at)
    if end < 0:
        raise BrokenForm(_NO_NEXT)
    return data[at : end + 1], end + 1


def _is_last(data: bytes, at: int, dashed: bytes, line_end: bytes) -> bool:
    """Whether the line that begins there ends the form; the end of the body may be its end."""
    if not data.startswith(dashed + b"--", at):
        return False
    end = data.find(b"\n", at)
    line = data[at:] if end < 0 else data[at : end + 1]
    return line[len(dashed) + 2 :].lstrip(b" \t") in (b"", line_end)


def _first_part(data: bytes, dashed: bytes) -> tuple[int | None, bytes]:
    """Where the first part begins (None: there is none), and how lines end from then on. What stands before is skipped.

    Only the first of these lines decides whether lines end in CRLF or in LF.
    """
    at = 0
    while not _is_last(data, at, dashed, b"\r\n"):
        line, at = _line(data, at)
        if line.startswith(dashed) and (rest := line[len(dashed) :].lstrip(b" \t")) in (b"\n", b"\r\n"):
            return at, rest
    return None, b"\r\n"


def _next_part(data: bytes, end: int, dashed: bytes, line_end: bytes) -> int | None:
    """Where the part after the one that ended begins; None: that was the last one."""
    parted = data.startswith(line_end, end)
    at = end + len(line_end) if parted else end
    if _is_last(data, at, dashed, line_end):
        return None
    line, at = _line(data, at)
    if line.startswith(dashed) and line[len(dashed) :].lstrip(b" \t") == line_end:
        return at
    what = "expecting a new Part; got line" if parted else "unexpected line in Next():"
    raise BrokenForm(f"multipart: {what} {_quoted(line)}")


def _end_of_part(data: bytes, begin: int, dashed: bytes, line_end: bytes) -> int:
    """Where the content of a part ends: before the line end that belongs to the boundary. -1: nowhere."""
    if data.startswith(dashed, begin) and _ends(data, begin + len(dashed)):
        return begin
    mark = line_end + dashed
    end = data.find(mark, begin)
    while end >= 0 and not _ends(data, end + len(mark)):
        end = data.find(mark, end + len(mark))
    return end


def _ends(data: bytes, at: int) -> bool:
    """Whether a boundary ends there; else it only begins like one."""
    after = data[at : at + 2]
    return not after or after[:1] in b" \t\r\n" or after == b"--"


# -- headers of a part ---------------------------------------------------------------------------------------


def _headers(data: bytes, begin: int) -> tuple[dict[str, str], int] | None:
    """The headers by name in lower case, the first of each, and where the content begins; None: they have no end."""
    headers: dict[str, str] = {}
    name = ""
    at = begin
    for _ in range(_HEADERS_MOST):
        end = data.find(b"\n", at)
        line = data[at : end if end >= 0 else None].removesuffix(b"\r")
        if line:
            name = _header(line, name, headers)
        if end < 0:
            return None
        at = end + 1
        if not line:
            return headers, at
    raise BrokenForm(_TOO_LARGE)


_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")


def _header(line: bytes, above: str, headers: dict[str, str]) -> str:
    """Puts a line into the headers, of which `above` is the one before; returns the name of its own."""
    text = line.decode("utf-8", "surrogateescape").strip(" \t")
    if line[:1] in b" \t":
        if not headers:
            raise BrokenForm(f"malformed MIME header initial line: {_quoted(line)}")
        headers[above] += " " + text
        return above
    name, colon, value = text.partition(":")
    if not colon:
        raise BrokenForm(f"malformed MIME header: missing colon: {_quoted(line)}")
    if _CONTROL.search(line):
        raise BrokenForm(f"malformed MIME header line: {_quoted(line)}")
    headers.setdefault(name.lower(), value.lstrip(" \t"))
    return name.lower()


_TOKEN = r"[!#$%&'*+\-.^_`{|}~0-9A-Za-z]+"
_KIND = re.compile(rf"\s*({_TOKEN})\s*(?:;|$)")
_NAMED = re.compile(rf'\s*;\s*({_TOKEN})\s*=\s*(?:({_TOKEN})|"((?:[^"\\\r\n]|\\.)*)")')
# Before anything else a backslash stands for itself, as browsers once sent whole Windows paths.
_ESCAPED = re.compile(r'\\([()<>@,;:\\"/\[\]?=])')


def _disposition(value: str) -> tuple[str, dict[str, str]]:
    """The kind in lower case and its parameters; none if anything in the value is wrong, as Go has it."""
    match = _KIND.match(value)
    if match is None:
        return "", {}
    found: dict[str, str] = {}
    at = match.end(1)
    while (named := _NAMED.match(value, at)) is not None:
        name = named[1].lower()
        given = named[2] if named[2] is not None else _ESCAPED.sub(r"\1", named[3])
        if found.setdefault(name, given) != given:
            return match[1].lower(), {}
        at = named.end()
    if value[at:].strip() not in ("", ";"):
        return match[1].lower(), {}
    for name in [name for name in found if name.endswith("*")]:
        extended = _extended(found.pop(name))
        if extended is not None:
            found[name[:-1]] = extended
    return match[1].lower(), found


def _extended(value: str) -> str | None:
    """RFC 2231: `UTF-8''%e2%82%ac`. None for another character set."""
    charset, quote, rest = value.partition("'")
    if not quote or charset.lower() not in ("utf-8", "us-ascii"):
        return None
    return unquote_to_bytes(rest.partition("'")[2]).decode("utf-8", "surrogateescape")


_GO_ESCAPES = {"\r": "\\r", "\n": "\\n", "\t": "\\t", '"': '\\"', "\\": "\\\\"}


def _quoted(line: bytes) -> str:
    """As Go's `%q`, for what people type."""
    letters = line.decode("utf-8", "replace")
    return '"' + "".join([_GO_ESCAPES.get(letter, letter) for letter in letters]) + '"'
