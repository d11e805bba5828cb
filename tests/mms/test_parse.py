"""The app's library finds in each recorded PDU what it found then, and no octets make the reading raise."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from harness.mms import Retrieved, forwarded, parse_notification, parse_retrieve, parse_send
from tests.mms.recorded import calls, pushes

NOW_MS = 1795391730965
TEXT = b"\x01\x04\x02\x03\x83\x81\xeahi"
HEADERS = b"\x8c\x84\x8d\x92\x85\x01\x01"


@pytest.mark.cases
def test_every_recorded_send_is_read_as_the_library_read_it() -> None:
    for call in calls():
        if call.pdu is None:
            continue
        sent = parse_send(call.pdu)
        assert sent, call.case
        said = call.said
        assert (sent.transaction_id, list(sent.to), sent.content_type) == (
            said["transaction_id"],
            said["to"],
            said["content_type"],
        )
        # An empty part is one without data, so no length was recorded for it.
        assert [
            {
                "content_type": part.content_type,
                "charset": part.charset,
                "name": part.name,
                "content_id": part.content_id,
                "content_location": part.content_location,
                "length": None if part.data is None else len(part.data),
            }
            for part in sent.parts
        ] == [{key: value for key, value in part.items() if key != "text"} for part in said["parts"]], call.case


@pytest.mark.cases
def test_only_whole_messages_are_read_of_the_recorded_pushes() -> None:
    ignored = {push.case for push in pushes() if parse_retrieve(push.pdu, NOW_MS) is None}
    assert ignored == {"receive-mms/notification", "receive-mms/nothing", "receive-mms/garbage"}


@pytest.mark.parametrize(
    ("pdu", "sender"),
    [
        (HEADERS + b"\x84\xa3" + TEXT, None),
        (HEADERS + b"\x89\x04\x80+1\0\x84\xa3" + TEXT, "+1"),
        (HEADERS + b"\x84\xb3" + TEXT, None),
        (HEADERS + b"\x84\xa6" + TEXT, None),
        (HEADERS + b"\x84multipart/signed\0" + TEXT, None),
    ],
)
def test_a_message_needs_version_date_and_a_multipart(pdu: bytes, sender: str | None) -> None:
    read = parse_retrieve(pdu, NOW_MS)
    assert read
    assert (read.sender, [part.data for part in read.parts]) == (sender, [b"hi"])
    assert parse_retrieve(pdu.replace(b"\x8d\x92", b""), NOW_MS) is None
    assert parse_retrieve(pdu.replace(b"\x85\x01\x01", b""), NOW_MS) is None
    assert parse_retrieve(pdu.replace(b"\x8c\x84", b""), NOW_MS) is None


@pytest.mark.parametrize("kind", [b"\x83", b"\x8c", b"\x84", b"\0", b"Multipart/signed\0", b"multipart/related\0"])
def test_another_content_type_is_not_read(kind: bytes) -> None:
    assert parse_retrieve(HEADERS + b"\x84" + kind + TEXT, NOW_MS) is None


@pytest.mark.parametrize("kind", [0x80, 0x81, 0x82, 0x83, 0x85, 0x86, 0x87, 0x88, 0x89, 0x97])
def test_another_kind_of_pdu_is_not_a_message(kind: int) -> None:
    whole = HEADERS + b"\x98T\0\x89\x04\x80+1\0\x84\xa3" + TEXT
    assert parse_retrieve(whole, NOW_MS)
    assert parse_retrieve(whole.replace(b"\x8c\x84", bytes([0x8C, kind])), NOW_MS) is None


def test_a_message_that_ends_with_its_headers_has_no_parts() -> None:
    assert parse_retrieve(HEADERS + b"\x84\xa3", NOW_MS) == Retrieved(None, ())


@pytest.mark.parametrize("without", [b"\x98T\0", b"\x89\x01\x81", b"\x84\xa3", b"\x8d\x92"])
def test_a_send_needs_its_headers(without: bytes) -> None:
    pdu = b"\x8c\x80\x98T\0\x8d\x92\x89\x01\x81\x84\xa3\0"
    assert parse_send(pdu)
    assert parse_send(pdu.replace(without, b"")) is None


def test_a_network_leaves_the_parts_of_a_send_in_their_order() -> None:
    kinds = b"\x0b\xb3\x8a<b>\0\x89x/y\0"
    parts = b"\x02" + b"".join(b'\x09\x01\x04\x9d\x85%c\0\xc0"%c\0D' % (name, name) for name in b"ab")
    sent = parse_send(b"\x8c\x80\x98T\0\x8d\x92\x89\x01\x81\x84" + kinds + parts)
    assert sent
    assert [part.name for part in sent.parts] == ["a", "b"]


@pytest.mark.cases
@pytest.mark.parametrize("without", [b"\x98T1\0", b"\x8a\x80", b"\x8e\x02\x10\0", b"\x88\x05\x81\x03\x01Q\x80"])
def test_a_notification_needs_its_headers(without: bytes) -> None:
    pdu = next(push.pdu for push in pushes() if push.case.endswith("/notification"))
    assert parse_notification(pdu)
    assert without in pdu
    assert parse_notification(pdu.replace(without, b"")) is None


@cache
def _recorded() -> list[bytes]:
    return [push.pdu for push in pushes()] + [call.pdu for call in calls() if call.pdu is not None]


@st.composite
def _mutated(draw: st.DrawFn) -> bytes:
    """A recorded PDU in which some octets were changed, put in or taken out, most of them among the headers."""
    octets = bytearray(draw(st.sampled_from(_recorded())))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, min(len(octets), 200)))
        octets[at : at + draw(st.integers(0, 3))] = draw(st.binary(max_size=3))
    return bytes(octets)


ANY_OCTETS = st.one_of(
    st.binary(max_size=200),
    st.builds(lambda rest: HEADERS + b"\x84\xa3" + rest, st.binary(max_size=200)),
    st.builds(lambda rest: b"\x8c\x80\x98T\0\x8d\x92\x89\x01\x81\x84\xb3" + rest, st.binary(max_size=200)),
    _mutated(),
)


@pytest.mark.cases
@given(ANY_OCTETS)
@example(HEADERS + b"\x84\xa3\x01\x01\x87\xff\xff\xff\x7f\x9d")
def test_no_octets_make_the_reading_raise(octets: bytes) -> None:
    read = parse_retrieve(octets, NOW_MS)
    if read is not None:
        forwarded(read)
    parse_send(octets)
    parse_notification(octets)
