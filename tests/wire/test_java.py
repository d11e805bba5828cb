"""Java's hash, its exceptions, and what it takes for a URI."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.wire.java import Threw, check_uri, hash_code, utf16_length


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", 0),
        ("a", 97),
        ("AaAa", 2031744),
        ("BBBB", 2031744),
        ("9951112f-8dd2-30e5-a597-c27197f1121c", 783301238),
        ("ba323c3f-5b3f-3b53-a461-d41cc7f1ba60", -432295750),
    ],
)
def test_a_text_has_javas_hash(text: str, code: int) -> None:
    assert hash_code(text) == code


@given(st.text(st.characters(codec=None), max_size=90))
def test_the_hash_is_that_of_the_utf16_units_one_after_the_other(text: str) -> None:
    code = 0
    octets = text.encode("utf-16-le", "surrogatepass")
    for place in range(0, len(octets), 2):
        code = (code * 31 + int.from_bytes(octets[place : place + 2], "little")) & 0xFFFFFFFF
    assert hash_code(text) == code - (code >> 31 << 32)
    assert utf16_length(text) == len(octets) // 2


@pytest.mark.parametrize(
    "text",
    ["https://h", "https://h:8443/a/b?x=1#f", "http://u:p@h/", "http://[::1]:8000", "/a/b", "h", "mailto:x", "//v1/x",
     "http://h/é", "http://h/%20", "", "http://h_1/"],
)  # fmt: skip
def test_a_uri_is_taken(text: str) -> None:
    check_uri(text)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("/a b/v1", "Illegal character in path at index 2"),
        ("http://gateway.test/a b", "Illegal character in path at index 21"),
        ("/v1?message_id=a b", "Illegal character in query at index 16"),
        ("http://h/#a b", "Illegal character in fragment at index 11"),
        ("http://h/%2", "Malformed escape pair at index 9"),
        ("http://a b/", "Illegal character in authority at index 7"),
        ("http:", "Expected scheme-specific part at index 5"),
        ("http://", "Expected authority at index 7"),
        ("😀/ ", "Illegal character in path at index 3"),
        ("a_b://h", "Illegal character in scheme name at index 1"),
    ],
)
def test_what_is_no_uri_is_told_in_javas_words(text: str, fault: str) -> None:
    with pytest.raises(Threw) as raised:
        check_uri(text)
    assert raised.value.text == f"{fault}: {text}"


def test_an_exception_shows_its_class_and_keeps_its_message() -> None:
    threw = Threw("java.lang.IllegalStateException", "hush")
    assert "hush" not in str(threw)
    assert (threw.simple_name, threw.message) == ("IllegalStateException", "hush")
    assert Threw("java.lang.IllegalStateException").message == "IllegalStateException"


@given(st.text(max_size=40))
def test_every_text_is_a_uri_or_is_not(text: str) -> None:
    with contextlib.suppress(Threw):
        check_uri(text)
