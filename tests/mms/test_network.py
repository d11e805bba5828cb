"""What a simulated network pushes is what recorded pushes are, and the app's library reads it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.mms import (
    Notification,
    Part,
    ReadPart,
    Retrieved,
    notification,
    parse_notification,
    parse_retrieve,
    retrieve_conf,
)
from tests.mms.recorded import pushes

SENDER = "+18005550100"
AT_S = 0x6A615D12
NOW_MS = 1795391730965
PICTURE = bytes(3 * value % 256 for value in range(60))
WORDS = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1)
# A slash would be the beginning of an address's type.
SENDERS = st.one_of(st.none(), st.just(SENDER), WORDS.filter(lambda text: "/" not in text[1:]))
PARTS = st.builds(Part, WORDS, WORDS, WORDS, WORDS, st.binary(), st.sampled_from([0, 3, 106, 200, 1000]))


def _recorded(case: str) -> bytes:
    return next(push.pdu for push in pushes() if push.case == f"receive-mms/{case}")


@pytest.mark.cases
def test_a_notification_is_the_recorded_one() -> None:
    assert notification("T1", SENDER, "http://mmsc.test/1", 4096) == _recorded("notification")


@pytest.mark.cases
def test_a_message_is_the_recorded_one() -> None:
    parts = [Part("text/plain", "text", "", "", b"look", 106), Part("image/png", "photo.png", "", "", PICTURE)]
    assert retrieve_conf("T1", SENDER, AT_S, parts) == _recorded("text-and-image")


@pytest.mark.cases
def test_a_message_may_have_no_sender_and_a_part_no_name() -> None:
    assert retrieve_conf("T1", None, AT_S, [Part("text/plain", "t", "", "", b"hi", 106)]) == _recorded("no-from")
    unnamed = retrieve_conf("T1", None, AT_S, [Part("image/gif", "", "", "", PICTURE)])
    assert unnamed.endswith(_recorded("no-name").partition(b"\x84\xa3")[2])


@pytest.mark.parametrize(
    ("sender", "octets"), [("+1", b"\x89\x0e\x80+1/TYPE=PLMN\0"), ("é", b"\x89\x07\x80\x05\xea\x7f\xc3\xa9\0")]
)
def test_a_sender_that_is_not_ascii_names_its_charset(sender: str, octets: bytes) -> None:
    assert octets in notification("T1", sender, "http://mmsc.test/1", 1)


@given(WORDS, SENDERS, WORDS, st.integers(0, 2**31 - 1), st.integers(0, 2**31 - 1))
def test_a_notification_reads_back(
    transaction_id: str, sender: str | None, location: str, size: int, life: int
) -> None:
    pdu = notification(transaction_id, sender, location, size, life)
    assert parse_notification(pdu) == Notification(transaction_id, sender, location, size, life)
    assert parse_retrieve(pdu, NOW_MS) is None


@given(WORDS, SENDERS, st.integers(0, 2**32), st.lists(PARTS, max_size=140))
def test_a_message_reads_back(transaction_id: str, sender: str | None, at_s: int, parts: list[Part]) -> None:
    read = parse_retrieve(retrieve_conf(transaction_id, sender, at_s, parts), NOW_MS)
    assert read == Retrieved(sender, tuple(_as_read(part) for part in parts))


def _as_read(part: Part) -> ReadPart:
    whole = len(part.content_id) > 1 and part.content_id[0] == "<" and part.content_id[-1] == ">"
    content_id = part.content_id if whole else f"<{part.content_id}>"
    return ReadPart(part.content_type, part.name, part.location, content_id, part.charset, part.data or None)


@pytest.mark.parametrize("texts", [("", SENDER), ("T1", "")])
def test_no_text_may_be_empty(texts: tuple[str, str]) -> None:
    with pytest.raises(ValueError, match="octet"):
        retrieve_conf(*texts, AT_S, [])
    with pytest.raises(ValueError, match="octet"):
        notification(*texts, "http://mmsc.test/1", 1)
