"""harness.wire.multipart: what Go makes of a form. The cases were compared with the framework of the server."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.wire import multipart
from harness.wire.multipart import BrokenForm, File, Form

D = 'form-data; name="document"; filename="a.csv"'


def part(content: str = "x", disposition: str = D, more: str = "") -> str:
    return f"--XX\r\nContent-Disposition: {disposition}\r\n{more}\r\n{content}\r\n"


END = "--XX--\r\n"


def read(text: str) -> Form:
    return multipart.read(text.encode("utf-8", "surrogateescape"), b"XX")


@pytest.mark.parametrize(
    ("content_type", "limit"),
    [
        ("multipart/form-data; boundary=XX", b"XX"),
        ("multipart/form-data;boundary=XX", b"XX"),
        ('multipart/form-data; boundary="X X"', b"X X"),
        ("multipart/form-data; charset=utf-8; boundary=XX", b"XX"),
        ("multipart/form-data; boundary=XX; charset=utf-8", b"XX"),
        ("multipart/form-data; boundary=", b""),
        ("multipart/form-data; boundaryless=XX", b""),
        ("multipart/form-data", b""),
        ("multipart/form-data, boundary=XX", b""),
        ("Multipart/Form-Data; boundary=XX", b""),
        ("multipart/form-data; Boundary=XX", b""),
        ("multipart/mixed; boundary=XX", b""),
        ("", b""),
    ],
)
def test_the_boundary_stands_in_the_content_type_in_this_case(content_type: str, limit: bytes) -> None:
    assert multipart.boundary(content_type) == limit


def test_a_form_has_values_and_files() -> None:
    form = read(
        part("1", "form-data; name=a") + part("2", 'form-data; name="b"; filename=""') + part() + part("y") + END
    )
    assert form.values == (("a", "1"), ("b", "2"))
    assert form.files == (("document", File("a.csv", "", b"x")), ("document", File("a.csv", "", b"y")))
    assert form.file("document") == File("a.csv", "", b"x")
    assert form.file("Document") is None


@pytest.mark.parametrize(
    ("text", "data"),
    [
        (part() + END, b"x"),
        (part() + "--XX--", b"x"),
        (part() + "--XX-- \t\r\nmore\r\n--XX\r\n", b"x"),
        ("before\r\n--XXY\r\n" + part() + END, b"x"),
        ("--XX more\r\n" + part() + END, b"x"),
        ((part() + END).replace("\r\n", "\n"), b"x"),
        (part("") + END, b""),
        (part().removesuffix("x\r\n") + END, b""),
        (part("a\r\n--XXY\r\nb\n--XX\n") + END, b"a\r\n--XXY\r\nb\n--XX\n"),
        (part("--XX-") + END, b"--XX-"),
        (part("a=3Db=\r\nc", D, "Content-Transfer-Encoding: Quoted-Printable\r\n") + END, b"a=bc"),
        (part("YQ==", D, "Content-Transfer-Encoding: base64\r\n") + END, b"YQ=="),
        (part() + "--XX\r\nX: cut", b"x"),
    ],
)
def test_the_content_of_a_part_ends_before_the_boundary(text: str, data: bytes) -> None:
    file = read(text).file("document")
    assert file is not None
    assert file.data == data


@pytest.mark.parametrize(
    ("headers", "content_type"),
    [
        ("", ""),
        ("Content-Type: text/csv\r\n", "text/csv"),
        ("content-type:text/csv \r\n", "text/csv"),
        ("Content-Type: text/csv\r\nContent-Type: b/c\r\n", "text/csv"),
        ("Content-Type: text/\r\n csv\r\n", "text/ csv"),
        ("Content-Type : text/csv\r\n", ""),
    ],
)
def test_a_file_has_the_first_content_type(headers: str, content_type: str) -> None:
    file = read(part("x", D, headers) + END).file("document")
    assert file is not None
    assert file.content_type == content_type


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        (D, "a.csv"),
        ("form-data; name=document; filename=a.csv", "a.csv"),
        ('Form-Data ; NAME = "document" ;FileName="a.csv";', "a.csv"),
        ('form-data; name="document"; filename="/a/b/c.csv"', "c.csv"),
        ('form-data; name="document"; filename="/a/b/"', "b"),
        ('form-data; name="document"; filename="//"', "/"),
        ('form-data; name="document"; filename="."', "."),
        (r'form-data; name="document"; filename="C:\a\b.csv"', r"C:\a\b.csv"),
        (r'form-data; name="document"; filename="a\"\\b.csv"', r'a"\b.csv'),
        ('form-data; name="document"; filename="a%22b.csv"', "a%22b.csv"),
        ('form-data; name="document"; filename="ä€.csv"', "ä€.csv"),
        ('form-data; name="document"; filename="\udce4.csv"', "\udce4.csv"),
        ("form-data; name=\"document\"; filename*=UTF-8''%e2%82%ac.csv", "€.csv"),
        ('form-data; name="document"; filename="x.csv"; filename*=utf-8\'en\'%e2%82%ac.csv', "€.csv"),
        ('form-data; name="document"; filename="x.csv"; filename*=latin1\'\'%e4.csv', "x.csv"),
        ('form-data; name="document"; filename="a.csv"; filename="a.csv"', "a.csv"),
        ('form-data; name="document"; filename="a.csv', None),
        ('form-data; name="document"; name="x"; filename="a.csv"', None),
        ("form-data; name=document; filename=ä.csv", None),
        ('form-data; name="document"; filename="a.csv" x', None),
        ('attachment; name="document"; filename="a.csv"', None),
        ('form-data, name="document"; filename="a.csv"', None),
        ('form-data; filename="a.csv"', None),
        ("", None),
    ],
)
def test_the_name_of_a_file_is_the_last_part_of_its_path(disposition: str, name: str | None) -> None:
    file = read(part("x", disposition) + END).file("document")
    assert (None if file is None else file.name) == name


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "multipart: NextPart: EOF"),
        ("no form at all\r\n", "multipart: NextPart: EOF"),
        (part(), "unexpected EOF"),
        (part("x", "form-data"), "multipart: NextPart: EOF"),
        (part() + "--XX", "multipart: NextPart: EOF"),
        (part() + "--XX-", "unexpected EOF"),
        (part() + "--XX \tx\r\n", 'multipart: expecting a new Part; got line "--XX \\tx\\r\\n"'),
        (part("--XX x") + END, 'multipart: unexpected line in Next(): "--XX x\\r\\n"'),
        (part("x", D, 'No "colon"\r\n') + END, 'malformed MIME header: missing colon: "No \\"colon\\""'),
        (part("x", D, "X: \0y\r\n") + END, 'malformed MIME header line: "X: \0y"'),
        ("--XX\r\n X: y\r\n\r\n" + END, 'malformed MIME header initial line: " X: y"'),
        (part() + "--XX\r\ncut", 'malformed MIME header: missing colon: "cut"'),
        (part() * 1001 + END, "multipart: message too large"),
        ("--XX\r\n" + "X: y\r\n" * 10_001, "multipart: message too large"),
    ],
)
def test_what_breaks_a_form_is_told_in_the_words_of_go(text: str, why: str) -> None:
    with pytest.raises(BrokenForm) as caught:
        read(text)
    assert str(caught.value) == why


def test_a_form_without_parts_is_empty() -> None:
    assert read(END) == Form((), ())


_PIECES = st.sampled_from(["--XX", "--XX--", "\r\n", "\n", "\r\n\r\n", "-", " ", "x", ":", f"Content-Disposition: {D}"])


@given(st.lists(_PIECES, max_size=20).map("".join))
def test_no_form_makes_the_reader_fail_otherwise(text: str) -> None:
    with suppress(BrokenForm):
        form = read("--XX\r\n" + text)
        assert len(form.files) + len(form.values) <= text.count("--XX") + 1


@given(st.binary())
def test_a_file_arrives_as_it_was_sent(data: bytes) -> None:
    limit = b"a boundary that is nowhere else"
    body = b"--%b\r\nContent-Disposition: form-data; name=f; filename=g\r\n\r\n%b\r\n--%b--" % (limit, data, limit)
    assert multipart.read(body, limit).file("f") == File("g", "", data)
