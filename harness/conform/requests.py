"""The request that a step stands for, byte for byte."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterable
from urllib.parse import quote, urlencode
from xml.sax.saxutils import escape

from harness.conform.cases import Bytes, Call, Content, File, Files, Json, JsonContent, Sheet, Text, Unsaid
from harness.conform.names import Names, fill, fill_text
from harness.http.values import Headers, Request

__all__ = ["Base", "build", "json_request", "key_name", "xlsx"]

_BOUNDARY = "conform-5f0c9d1e7a"
_ACCOUNTS = ("user", "other")
_PHONE = re.compile(r"phone(\d*)")


class Base:
    """Where a server is reached: `http://host:port`, maybe with a path before the server's own."""

    __slots__ = ("authority", "path", "scheme")

    def __init__(self, url: str) -> None:
        scheme, mark, rest = url.partition("://")
        authority, slash, path = rest.partition("/")
        if not mark or not authority or scheme not in ("http", "https"):
            raise ValueError(f"{url!r} is no http or https URL")
        self.scheme = scheme
        self.authority = authority
        self.path = (slash + path).rstrip("/")

    def request(self, method: str, target: str, headers: Headers, body: bytes | None) -> Request:
        """A request of HTTP/1.1: with Host, and with Content-Length where there is or could be a body."""
        bodiless = body is None and method not in ("POST", "PUT", "PATCH")
        length: Headers = () if bodiless else (("Content-Length", str(len(body or b""))),)
        return Request(
            method,
            self.scheme,
            self.authority,
            (self.path + target).encode(),
            (("Host", self.authority), *headers, *length),
            body or b"",
        )


def key_name(role: str) -> str | None:
    """The name that the key of a role is bound to; None for `none`."""
    if role == "none":
        return None
    phone = _PHONE.fullmatch(role)
    return f"phone_key{phone[1]}" if phone else f"{role}_key" if role in _ACCOUNTS else role


def json_request(base: Base, method: str, target: str, key: str | None, body: Json = None) -> Request:
    """A request of the set-up, with `body` as JSON unless it is None."""
    headers = () if key is None else (("x-api-key", key),)
    if body is None:
        return base.request(method, target, headers, None)
    return base.request(method, target, (*headers, ("Content-Type", "application/json")), _json(body))


def build(base: Base, call: Call, names: Names) -> Request:
    """The request of a step. Raises `KeyError` with the first name that is not bound."""
    body, content_type = _body(call.content, names)
    headers = [(name, str(fill(value, names))) for name, value in call.headers.items()]
    given = {name.lower() for name, _ in headers}
    key = key_name(call.role)
    if key is not None and "x-api-key" not in given:
        headers.insert(0, ("x-api-key", str(names[key])))
    if content_type and "content-type" not in given:
        headers.append(("Content-Type", content_type))
    return base.request(call.method, _target(call, names), tuple(headers), body)


def _target(call: Call, names: Names) -> str:
    # The path goes out as it is written: `//` and `%70` are part of what is tried.
    path = quote(fill_text(call.path, names), safe="".join(map(chr, range(33, 127))))
    pairs = [(name, item) for name, value in call.query.items() for item in _values(fill(value, names))]
    return f"{path}?{urlencode(pairs, errors='replace')}" if pairs else path


def _values(value: Json) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]


def _body(content: Content | None, names: Names) -> tuple[bytes | None, str | None]:
    match content:
        case None:
            return None, None
        case JsonContent(value):
            return _json(fill(value, names)), "application/json"
        case Text(text):
            return fill_text(text, names).encode("utf-8", "surrogatepass"), None
        case Bytes(data):
            return data, None
        case Files(files):
            return _multipart(files, names), f"multipart/form-data; boundary={_BOUNDARY}"
        case Unsaid(note):
            raise ValueError(f"the bytes were not recorded: {note}")


def _json(value: Json) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _multipart(files: Iterable[File], names: Names) -> bytes:
    parts = [_part(file, names) for file in files]
    return b"".join([*parts, f"--{_BOUNDARY}--\r\n".encode()])


def _part(file: File, names: Names) -> bytes:
    # A file name goes out in UTF-8, its quotes percent-encoded, as browsers do it.
    name = fill_text(file.name, names).replace('"', "%22")
    head = (
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{file.field}"; filename="{name}"\r\n'
        f"Content-Type: {file.content_type}\r\n\r\n"
    )
    return head.encode() + _file(file.content, names) + b"\r\n"


def _file(content: str | Sheet, names: Names) -> bytes:
    if isinstance(content, str):
        return fill_text(content, names).encode()
    rows = [[None if cell is None else fill_text(cell, names) for cell in row] for row in content.rows]
    return xlsx(rows)


# -- XLSX ------------------------------------------------------------------------------------------

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE = "http://schemas.openxmlformats.org"
_MAIN = f"{_OFFICE}/spreadsheetml/2006/main"
_RELATION = f"{_OFFICE}/officeDocument/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_FIXED = {
    "[Content_Types].xml": f'<Types xmlns="{_OFFICE}/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/>'
    f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_TYPE}.sharedStrings+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_OFFICE}/package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{_RELATION}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATION}">'
    '<sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_OFFICE}/package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{_RELATION}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_RELATION}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
}


def xlsx(rows: list[list[str | None]]) -> bytes:
    """A workbook with one sheet of text cells; the same rows always give the same bytes."""
    texts: dict[str, int] = {}
    sheet = "".join(_row(number, row, texts) for number, row in enumerate(rows, start=1))
    strings = "".join(f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in texts)
    files = {
        **_FIXED,
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_MAIN}"><sheetData>{sheet}</sheetData></worksheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{_MAIN}" count="{len(texts)}" uniqueCount="{len(texts)}">{strings}</sst>',
    }
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():  # a ZipInfo of our own bears no date of today
            archive.writestr(zipfile.ZipInfo(name), _XML + text)
    return memory.getvalue()


def _row(number: int, row: list[str | None], texts: dict[str, int]) -> str:
    cells = "".join(
        f'<c r="{_column(at)}{number}" t="s"><v>{texts.setdefault(text, len(texts))}</v></c>'
        for at, text in enumerate(row)
        if text is not None
    )
    return f'<row r="{number}">{cells}</row>'


def _column(at: int) -> str:
    letters = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
