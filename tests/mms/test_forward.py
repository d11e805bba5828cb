"""What the app posts for each recorded push is what it posted then."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.mms import (
    CachedFile,
    Forwarded,
    ReadPart,
    ReceivedFile,
    Retrieved,
    base64_content,
    cache_line,
    forwarded,
    parse_retrieve,
    read_cache_line,
)
from tests.mms.recorded import Json, Push, pushes

PATH = "/cache/received_mms_1_0"


def _posted(push: Push) -> Json | None:
    """The parts of the POST that the message decides. What was encrypted, was so after this."""
    message = parse_retrieve(push.pdu, push.at_ms)
    made = None if message is None else forwarded(message)
    if made is None:
        return None
    named = [(read_cache_line(cache_line(PATH, file)), file.data) for file in made.files]
    files = [{"content": base64_content(data), "content_type": e.content_type, "name": e.name} for e, data in named]
    return {"attachments": files, "content": made.content, "from": made.sender}


@pytest.mark.cases
def test_every_recorded_push_is_posted_as_the_app_posted_it() -> None:
    compared = 0
    for push in pushes():
        for post in push.posts[:1]:  # what is tried again has lost its files
            ours = _posted(push)
            assert ours, push.case
            content = {"content": "secret"} if post["encrypted"] else {}
            assert ours == {key: post[key] for key in ours} | content, push.case
            compared += 1
    assert compared >= 8


def _text(data: bytes | None, charset: int = 106, content_type: str = "text/plain") -> ReadPart:
    return ReadPart(content_type, None, "l", None, charset, data)


def _file(name: str | None = None, location: str | None = None, content_id: str | None = None) -> ReadPart:
    return ReadPart("image/gif", name, location, content_id, 0, b"D")


def _gif(name: str, index: int = 0) -> ReceivedFile:
    return ReceivedFile(index, "image/gif", name, b"D")


@pytest.mark.parametrize(
    ("parts", "content", "files"),
    [
        ((), "", ()),
        ((_text(b"a"), _text(b"\xe9", 4), _text(b"c", content_type="text/plain; charset=x")), "aéc", ()),
        ((_text(None), _text(None, 0)), "", ()),
        ((_text(b"x", 0, "Text/plain"),), "", (ReceivedFile(0, "Text/plain", "l", b"x"),)),
        # A file counts all parts before it.
        ((_text(b"a"), _text(None), _file("n")), "a", (_gif("n", 2),)),
        ((_file("n", "l", "<i>"), _file(None, "l", "<i>")), "", (_gif("n"), _gif("l", 1))),
        ((_file(None, None, "<i>"),), "", (_gif("<i>"),)),
        ((_file(),), "", (_gif("attachment_0"),)),
    ],
)
def test_texts_are_joined_and_the_rest_are_files(
    parts: tuple[ReadPart, ...], content: str, files: tuple[ReceivedFile, ...]
) -> None:
    assert forwarded(Retrieved("+1", parts)) == Forwarded("+1", content, files)


def test_a_missing_sender_is_an_empty_one() -> None:
    assert forwarded(Retrieved(None, ())) == Forwarded("", "", ())


@pytest.mark.parametrize("charset", [0, 113, -1])
def test_the_app_dies_of_a_text_in_a_charset_that_the_library_does_not_know(charset: int) -> None:
    assert forwarded(Retrieved("+1", (_text(b"a"), _text(b"b", charset), _file("n")))) is None


@pytest.mark.parametrize(
    ("content_type", "name", "read"),
    [
        ("image/gif", "a.gif", CachedFile(PATH, "image/gif", "a.gif")),
        ("image/gif", "a|b.gif", CachedFile(PATH, "image/gif", "a")),
        ("image/gif", "|", CachedFile(PATH, "image/gif", "")),
        ("image|gif", "a.gif", CachedFile(PATH, "image", "gif")),
    ],
)
def test_a_bar_ends_a_name(content_type: str, name: str, read: CachedFile) -> None:
    line = cache_line(PATH, ReceivedFile(0, content_type, name, b""))
    assert line == f"{PATH}|{content_type}|{name}"
    assert read_cache_line(line) == read


@given(st.text(), st.text())
def test_every_entry_can_be_read(content_type: str, name: str) -> None:
    assert read_cache_line(cache_line(PATH, ReceivedFile(0, content_type, name, b""))).path == PATH


@pytest.mark.parametrize(("data", "content"), [(b"", ""), (b"\xfb\xff", "+/8="), (bytes(60), "A" * 80)])
def test_content_is_plain_base64_on_one_line(data: bytes, content: str) -> None:
    assert base64_content(data) == content
