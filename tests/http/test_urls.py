"""URLs come apart, and references find their way, as okhttp does it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.http.urls import Url, host_and_port, parse_url, resolve
from harness.http.values import Request

URLS: list[tuple[str, tuple[str, str, bytes] | None]] = [
    ("http://h", ("http", "h", b"/")),
    ("https://H:8443/a/b?c=d&e#f", ("https", "h:8443", b"/a/b?c=d&e")),
    ("http://h:80/", ("http", "h", b"/")),
    ("https://h:443?q", ("https", "h", b"/?q")),
    ("http://user:word@h:81/", ("http", "h:81", b"/")),
    ("http://[::1]:81/x", ("http", "[::1]:81", b"/x")),
    ("http://h/a b/é?é=' ", ("http", "h", b"/a%20b/%C3%A9?%C3%A9=%27%20")),
    ("http://h/%41%zz", ("http", "h", b"/%41%zz")),
    ("ftp://h/", None),
    ("/only/a/path", None),
    ("http://", None),
    ("http://h:port/", None),
    ("http://h:99999/", None),
    ("http://[::1/", None),
    ("http://h:" + "9" * 5000 + "/", None),
    ("http://München.example/", ("http", "xn--mnchen-3ya.example", b"/")),
    ("http://%41.example./", ("http", "a.example.", b"/")),
    ("http://a b/", None),
    ("http://a%00b/", None),
    ("http://a..b/", None),
    ("http://\ud800/", None),
    ("http://" + "a" * 64 + "/", None),
    ("http://" + "a." * 127 + "/", None),
    ("http://[fe80::1%25eth0]/", None),
    ("http://h/\ud800?\ud800", ("http", "h", b"/%3F??")),
]


@pytest.mark.parametrize(("text", "expected"), URLS)
def test_a_url_comes_apart(text: str, expected: tuple[str, str, bytes] | None) -> None:
    assert parse_url(text) == (None if expected is None else Url(*expected))


REFERENCES: list[tuple[str, tuple[str, str, bytes] | None]] = [
    ("/elsewhere", ("http", "h:81", b"/elsewhere")),
    ("elsewhere", ("http", "h:81", b"/a/elsewhere")),
    ("../x", ("http", "h:81", b"/x")),
    ("?x=1", ("http", "h:81", b"/a/b?x=1")),
    ("//other/x", ("http", "other", b"/x")),
    ("https://other:8443/x?y#z", ("https", "other:8443", b"/x?y")),
    (" /blank\r\n", ("http", "h:81", b"/blank")),
    ("/Ã©", ("http", "h:81", b"/%C3%A9")),  # UTF-8 on the wire, read as latin-1
    ("", ("http", "h:81", b"/a/b?c")),
    ("ftp://other/", None),
    ("http://[", None),
]


@pytest.mark.parametrize(("reference", "expected"), REFERENCES)
def test_a_reference_is_resolved_against_the_request(reference: str, expected: tuple[str, str, bytes] | None) -> None:
    request = Request("GET", "http", "h:81", b"/a/b?c")
    assert resolve(request, reference) == (None if expected is None else Url(*expected))


@given(st.text(max_size=30))
def test_no_reference_raises(reference: str) -> None:
    for text in (reference, "http://" + reference):
        url = resolve(Request("GET", "http", "h", b"/a"), text)
        assert url is None or url.target.startswith(b"/")


@pytest.mark.parametrize(
    ("scheme", "authority", "expected"),
    [
        ("http", "h", ("h", 80)),
        ("https", "h", ("h", 443)),
        ("https", "h:80", ("h", 80)),
        ("http", "[::1]", ("::1", 80)),
        ("http", "[::1]:81", ("::1", 81)),
    ],
)
def test_an_authority_says_where_to_connect(scheme: str, authority: str, expected: tuple[str, int]) -> None:
    assert host_and_port(scheme, authority) == expected


def test_a_port_that_is_no_number_is_the_callers_slip() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        host_and_port("http", "h:x")
