"""The request that a step stands for."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from harness.conform.cases import Bytes, Call, Content, File, Files, Json, JsonContent, Sheet, Text, Unsaid
from harness.conform.requests import Base, build, json_request, key_name, xlsx

NAMES: dict[str, str | int] = {
    "user_key": "uk_1",
    "other_key": "uk_2",
    "phone_key": "pk_1",
    "phone_key2": "pk_2",
    "new_key": "uk_3",
    "phone": "+18445550123",
    "day": 3,
}
GET = Call("user", "GET", "/v1/phones", {}, {}, None, {}, {}, None)
POST = replace(GET, method="POST")
BASE = Base("http://api.internal")


@pytest.mark.parametrize(
    ("call", "target"),
    [
        (GET, b"/v1/phones"),
        (replace(GET, path="/v1/x/${phone}"), b"/v1/x/+18445550123"),
        (replace(GET, path="/v1//%70hones"), b"/v1//%70hones"),
        (replace(GET, path="/v1/a b/ä"), b"/v1/a%20b/%C3%A4"),
        (
            replace(GET, query={"owner": "${phone}", "q": "a&b c"}),
            b"/v1/phones?owner=%2B18445550123&q=a%26b+c",
        ),
        (replace(GET, query={"e": "", "n": "${day}"}), b"/v1/phones?e=&n=3"),
        (replace(GET, query={"o": ["a", "b"]}), b"/v1/phones?o=a&o=b"),
    ],
    ids=str,
)
def test_the_target_of_a_call(call: Call, target: bytes) -> None:
    assert build(BASE, call, NAMES).target == target


def test_a_base_with_a_path_comes_before_the_path_of_the_call() -> None:
    request = build(Base("https://example.org:8443/sms/"), GET, NAMES)
    assert request.url == "https://example.org:8443/sms/v1/phones"


@pytest.mark.parametrize("url", ["", "api.internal", "ftp://api", "http://"])
def test_a_base_is_a_url(url: str) -> None:
    with pytest.raises(ValueError, match="no http or https URL"):
        Base(url)


@pytest.mark.parametrize(
    ("call", "headers"),
    [
        (GET, {"x-api-key": "uk_1"}),
        (replace(GET, role="none"), {}),
        (replace(GET, role="none", headers={"X-API-KEY": "${user_key}"}), {"X-API-KEY": "uk_1"}),
        (replace(GET, headers={"X-Api-Key": ""}), {"X-Api-Key": ""}),
        (POST, {"x-api-key": "uk_1", "Content-Length": "0"}),
        (
            replace(POST, content=JsonContent([1])),
            {"x-api-key": "uk_1", "Content-Type": "application/json", "Content-Length": "3"},
        ),
        (
            replace(POST, content=JsonContent([1]), headers={"content-type": "text/json"}),
            {"x-api-key": "uk_1", "content-type": "text/json", "Content-Length": "3"},
        ),
        # A raw body goes without a content type unless the case gives one: that is what some cases are about.
        (replace(POST, content=Text("a")), {"x-api-key": "uk_1", "Content-Length": "1"}),
    ],
    ids=str,
)
def test_the_headers_of_a_call(call: Call, headers: dict[str, str]) -> None:
    sent = dict(build(BASE, call, NAMES).headers)
    assert sent == {"Host": "api.internal", **headers}


@pytest.mark.parametrize(
    ("role", "name"),
    [
        ("none", None),
        ("user", "user_key"),
        ("other", "other_key"),
        ("phone", "phone_key"),
        ("phone2", "phone_key2"),
        ("new_key", "new_key"),
        ("system_key", "system_key"),
    ],
)
def test_a_role_has_its_key(role: str, name: str | None) -> None:
    assert key_name(role) == name


@pytest.mark.parametrize(
    ("content", "body"),
    [
        (None, b""),
        (JsonContent(None), b"null"),
        (JsonContent({"to": "${phone}", "n": "${day}", "é": 1}), rb'{"to":"+18445550123","n":3,"\u00e9":1}'),
        (JsonContent({"#repeat": {"unit": "x", "count": 3}}), b'"xxx"'),
        (Text("n=${phone}\ufeff"), b"n=+18445550123\xef\xbb\xbf"),
        (Bytes(b"\xff${phone}"), b"\xff${phone}"),
    ],
    ids=str,
)
def test_the_body_of_a_call(content: Content | None, body: bytes) -> None:
    assert build(BASE, replace(POST, content=content), NAMES).body == body


def test_files_are_parts_of_a_form() -> None:
    content = Files((File("document", 'ä "1".csv', "text/csv", "${phone},x\n"),))
    request = build(BASE, replace(POST, content=content), NAMES)
    mark, _, boundary = (request.header("content-type") or "").partition("; boundary=")
    assert mark == "multipart/form-data"
    assert request.body.decode() == (
        f"--{boundary}\r\n"
        'Content-Disposition: form-data; name="document"; filename="ä %221%22.csv"\r\n'
        "Content-Type: text/csv\r\n\r\n"
        "+18445550123,x\n\r\n"
        f"--{boundary}--\r\n"
    )


def test_a_name_that_is_not_bound_is_an_error_of_that_name() -> None:
    with pytest.raises(KeyError, match="nobody"):
        build(BASE, replace(GET, path="/${nobody}"), NAMES)
    with pytest.raises(KeyError, match="lost_key"):
        build(BASE, replace(GET, role="lost_key"), NAMES)


def test_bytes_that_were_not_recorded_cannot_be_sent() -> None:
    with pytest.raises(ValueError, match="two odd bytes"):
        build(BASE, replace(POST, content=Unsaid("two odd bytes")), NAMES)


@pytest.mark.parametrize(("body", "sent"), [(None, b""), ({}, b"{}")])
def test_a_request_of_the_set_up(body: Json, sent: bytes) -> None:
    request = json_request(BASE, "PUT", "/v1/phones", "uk_1", body)
    assert (request.body, request.header("x-api-key")) == (sent, "uk_1")
    assert json_request(BASE, "GET", "/v1/phones", None).header("x-api-key") is None


# -- XLSX --------------------------------------------------------------------------------------------

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def _cells(data: bytes) -> dict[str, str]:
    archive = zipfile.ZipFile(io.BytesIO(data))
    strings = ElementTree.fromstring(archive.read("xl/sharedStrings.xml"))
    texts = [item.findtext(f"{MAIN}t") or "" for item in strings]
    sheet = ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml"))
    cells = [cell for cell in sheet.iter(f"{MAIN}c") if cell.get("t") == "s"]
    return {str(cell.get("r")): texts[int(cell.findtext(f"{MAIN}v") or "")] for cell in cells}


def test_a_sheet_has_its_texts_in_its_cells() -> None:
    data = xlsx([["a", None, " <b> "], [], ["a"]])
    assert _cells(data) == {"A1": "a", "C1": " <b> ", "A3": "a"}


def test_a_wide_sheet_names_its_columns_in_two_letters() -> None:
    assert list(_cells(xlsx([[str(n) for n in range(28)]])))[-3:] == ["Z1", "AA1", "AB1"]


def test_a_workbook_is_the_same_every_time_and_whole() -> None:
    data = xlsx([["a"]])
    assert data == xlsx([["a"]])
    archive = zipfile.ZipFile(io.BytesIO(data))
    assert archive.testzip() is None
    for name in archive.namelist():
        ElementTree.fromstring(archive.read(name))


def test_names_are_put_into_the_cells_of_a_sheet() -> None:
    sheet = Sheet((("${phone}", None),))
    content = Files((File("document", "a.xlsx", "x/y", sheet),))
    body = build(BASE, replace(POST, content=content), NAMES).body
    assert xlsx([["+18445550123", None]]) in body
