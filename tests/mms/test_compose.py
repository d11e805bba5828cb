"""The M-Send.req is the real one to the octet, and so are the names of its parts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import UnencodableAddress
from harness.mms import Part, compose, media_name, media_part, parse_send, text_part
from tests.mms.recorded import Call, calls

TO = "+18005550100"
TEXTS = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1)
PARTS = st.builds(Part, TEXTS, TEXTS, TEXTS, TEXTS, st.binary(), st.sampled_from([0, 3, 106]))


def _parts(call: Call) -> list[Part]:
    """What the app had: the text after decryption, and downloads, whose octets only the PDU still has."""
    sent = parse_send(call.pdu or b"")
    assert sent
    texts = [text_part(call.said["parts"][0]["text"])] if call.message["content"] else []
    data = [part.data or b"" for part in sent.parts[len(texts) :]]
    media = zip(call.message["attachments"], call.content_types, data, strict=True)
    return [*texts, *(media_part(url, kind, index, octets) for index, (url, kind, octets) in enumerate(media))]


@pytest.mark.cases
def test_every_recorded_send_is_built_as_the_app_built_it() -> None:
    kept = [call for call in calls() if call.pdu is not None]
    differing = [
        call.case
        for call in kept
        if compose(call.message["contact"], call.said["transaction_id"], _parts(call)) != call.pdu
    ]
    assert len(kept) >= 19
    assert differing == []


@pytest.mark.cases
def test_the_pdu_too_long_to_be_kept_has_its_recorded_length() -> None:
    (call,) = [call for call in calls() if call.pdu is None]
    parts = [text_part("hello"), media_part("http://files.test/big.bin", "application/octet-stream", 0, bytes(1572864))]
    assert len(compose(TO, call.said["transaction_id"], parts)) == call.length


@pytest.mark.cases
def test_attachments_have_the_recorded_names() -> None:
    differing = [
        (call.case, ours, part["name"])
        for call in calls()
        for index, (url, kind, part) in enumerate(
            zip(
                call.message["attachments"],
                call.content_types,
                call.said["parts"][-len(call.message["attachments"]) :],
                strict=True,
            )
        )
        if (ours := media_name(url, kind, index)) != part["name"]
    ]
    assert differing == []


@pytest.mark.parametrize(
    ("url", "content_type", "name"),
    [
        ("http://files.test/a/photo.png", "image/jpeg", "0_photo.png"),
        ("http://files.test/a/b.png?token=1&x=2", "image/png", "0_b.png"),
        ("http://files.test/p.png?next=/x/y.gif", "image/png", "0_y.gif"),
        ("http://files.test/p.png?next=/x/y", "image/png", "0_attachment.png"),
        ("http://files.test/download", "image/png", "0_attachment.png"),
        ("http://files.test", "image/png", "0_files.test"),
        ("http://files.test/", "image/png", "0_attachment.png"),
        ("http://files.test/a.", "image/png", "0_a."),
        ("http://files.test/%C3%A9.png#x", "image/png", "0_%C3%A9.png#x"),
        ("http://files.test/notes", "text/plain; charset=utf-8", "0_attachment.plain; charset=utf-8"),
        ("http://files.test/notes", 'text/plain; a="b/c d"', '0_attachment.c d"'),
        ("http://files.test/notes", "text/ ", "0_attachment.bin"),
        ("no slash", "a/b", "0_attachment.b"),
    ],
)
def test_a_name_is_what_follows_the_last_slash(url: str, content_type: str, name: str) -> None:
    assert media_name(url, content_type, 0) == name


def test_a_message_to_nobody_cannot_be_composed() -> None:
    with pytest.raises(UnencodableAddress):
        compose("", "T1", [text_part("x")])


@pytest.mark.parametrize("without", ["content_type", "name", "location", "content_id"])
def test_no_text_of_a_part_may_be_empty(without: str) -> None:
    texts = {"content_type": "a/b", "name": "n", "location": "l", "content_id": "i"} | {without: ""}
    with pytest.raises(ValueError, match=r"octet|content id"):
        compose(TO, "T1", [Part(**texts, data=b"")])


def _composed(part: Part) -> bytes:
    """The PDU's octets behind the headers of the message and the number of its parts."""
    pdu = compose(TO, "T1", [part])
    body = pdu.index(b"\x84", pdu.index(b"PLMN"))
    return pdu[body + 1 + 1 + pdu[body + 1] + 1 :]


@pytest.mark.parametrize(
    ("part", "octets"),
    [
        # A known type is a code, an unknown one or one in capitals is a text.
        (Part("image/gif", "n", "l", "i", b"D"), b'\x0e\x01\x04\x9d\x85n\0\xc0"<i>\0\x8el\0D'),
        (Part("Image/gif", "n", "l", "i", b"D"), b'\x17\x01\x0dImage/gif\0\x85n\0\xc0"<i>\0\x8el\0D'),
        (Part("a/b", "n", "l", "<i>", b""), b'\x11\x00\x07a/b\0\x85n\0\xc0"<i>\0\x8el\0'),
        # The charset is a number, and the name may need a quote, which the content id has anyway.
        (
            Part("a/b", "é", "é", "é", b"", 106),
            b'\x18\0\x0ba/b\0\x85\x7f\xc3\xa9\0\x81\xea\xc0"<\xc3\xa9>\0\x8e\x7f\xc3\xa9\0',
        ),
        (Part("a/b", "\ud800", "l", ">", b""), b'\x11\0\x07a/b\0\x85?\0\xc0"<>>\0\x8el\0'),
        # 127 octets of data take two octets to say so.
        (Part("a/b", "n", "l", "i", bytes(126)), b'\x11\x7e\x07a/b\0\x85n\0\xc0"<i>\0\x8el\0' + bytes(126)),
        (Part("a/b", "n", "l", "i", bytes(127)), b'\x11\x80\x7f\x07a/b\0\x85n\0\xc0"<i>\0\x8el\0' + bytes(127)),
    ],
)
def test_a_part_is_written_as_the_library_does(part: Part, octets: bytes) -> None:
    assert _composed(part) == octets


def test_a_message_without_parts_has_a_bare_type() -> None:
    assert compose(TO, "T1", []).endswith(b"PLMN\0\x84\xb3\0")


@given(st.lists(PARTS, min_size=1, max_size=300))
def test_what_is_composed_reads_back(parts: list[Part]) -> None:
    sent = parse_send(compose(TO, "T1a2b", parts))
    assert sent
    assert (sent.transaction_id, sent.to) == ("T1a2b", (TO,))
    assert [(part.content_type, part.name, part.content_location) for part in sent.parts] == [
        (part.content_type, part.name, part.location) for part in parts
    ]
    assert [(part.charset, part.data or b"") for part in sent.parts] == [(part.charset, part.data) for part in parts]
    ids = zip([part.content_id for part in sent.parts], [part.content_id for part in parts], strict=True)
    assert all(read in (written, f"<{written}>") for read, written in ids)
