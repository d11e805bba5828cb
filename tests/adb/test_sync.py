from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.adb.sync import (
    DATA_MAX,
    Ask,
    Data,
    Done,
    Entry,
    Entry2,
    Fail,
    Listed,
    Okay,
    Quit,
    Reply,
    ReplyReader,
    Request,
    RequestReader,
    Send,
    Stat,
    Stat2,
    SyncId,
    encode,
)
from harness.errors import MalformedAdb, UsageError

WORD, LONG, TIME = st.integers(0, 0xFFFFFFFF), st.integers(0, 2**64 - 1), st.integers(-(2**63), 2**63 - 1)
PATH = st.binary(max_size=100).map(lambda octets: octets.decode("utf-8", "surrogateescape"))
ASKING = st.sampled_from([SyncId.STAT, SyncId.STA2, SyncId.LST2, SyncId.LIST, SyncId.LIS2, SyncId.RECV])
REQUESTS = st.one_of(
    st.builds(Ask, ASKING, PATH),
    st.builds(Send, PATH, WORD),
    st.builds(Data, st.binary(max_size=100)),
    st.builds(Done, WORD),
    st.just(Quit()),
)
STATS = st.builds(Stat, WORD, WORD, WORD)


def stats2(*ids: SyncId) -> st.SearchStrategy[Stat2]:
    owner = [WORD] * 3
    return st.builds(Stat2, st.sampled_from(ids), WORD, WORD, LONG, TIME, LONG, LONG, *owner, TIME, TIME)


LISTINGS = [
    (SyncId.LIST, st.builds(Entry, PATH, STATS)),
    (SyncId.LIS2, st.builds(Entry2, PATH, stats2(SyncId.DNT2))),
]
OTHER_REPLIES = st.one_of(
    STATS,
    stats2(SyncId.STA2, SyncId.LST2),
    st.builds(Data, st.binary(max_size=100)),
    st.just(Done()),
    st.just(Okay()),
    st.builds(Fail, PATH),
)


def requests(octets: bytes, size: int) -> list[Request]:
    reader = RequestReader()
    return [each for at in range(0, len(octets), size) for each in reader.feed(octets[at : at + size])]


def replies(octets: bytes, size: int = 1 << 20, asked: SyncId = SyncId.RECV) -> list[Reply]:
    reader = ReplyReader()
    reader.asked(Ask(asked, "/x"))
    return [each for at in range(0, len(octets), size) for each in reader.feed(octets[at : at + size])]


@given(st.lists(REQUESTS, max_size=6), st.integers(1, 40))
def test_any_split_gives_the_same_requests(sent: list[Request], size: int) -> None:
    assert requests(b"".join(map(encode, sent)), size) == sent


@given(st.lists(OTHER_REPLIES, max_size=6), st.integers(1, 40))
def test_any_split_gives_the_same_replies(sent: list[Reply], size: int) -> None:
    assert replies(b"".join(map(encode, sent)), size) == sent


@pytest.mark.parametrize(("asked", "entries"), LISTINGS)
@given(data=st.data(), size=st.integers(1, 40))
def test_a_directory_ends_with_a_done_as_long_as_an_entry(
    asked: SyncId, entries: st.SearchStrategy[Entry] | st.SearchStrategy[Entry2], data: st.DataObject, size: int
) -> None:
    sent: list[Reply] = [*data.draw(st.lists(entries, max_size=4)), Listed(asked), Fail("and then")]
    assert replies(b"".join(map(encode, sent)), size, asked) == sent


@pytest.mark.parametrize(
    ("message", "octets"),
    [
        (Ask(SyncId.STAT, "/a"), b"STAT\x02\0\0\0/a"),
        (Send("/a,b", 0o100644), b"SEND\x0a\0\0\0/a,b,33188"),
        (Data(b"xyz"), b"DATA\x03\0\0\0xyz"),
        (Done(0x01020304), b"DONE\x04\x03\x02\x01"),
        (Quit(), b"QUIT\0\0\0\0"),
        (Okay(), b"OKAY\0\0\0\0"),
        (Fail("no"), b"FAIL\x02\0\0\0no"),
        (Stat(0o100644, 5, 6), b"STAT" + struct.pack("<3I", 0o100644, 5, 6)),
        (Entry("n", Stat(1, 2, 3)), b"DENT" + struct.pack("<4I", 1, 2, 3, 1) + b"n"),
        (Listed(SyncId.LIST), b"DONE" + bytes(16)),
        (Listed(SyncId.LIS2), b"DONE" + bytes(72)),
        (Stat2(SyncId.LST2, 2), b"LST2\x02" + bytes(67)),
        (
            Stat2(SyncId.STA2, 0, 4, 8, 10, dev=2, ino=3, nlink=5, uid=6, gid=7, atime_s=9, ctime_s=11),
            b"STA2" + struct.pack("<IQQ4IQqqq", 0, *range(2, 12)),
        ),
    ],
)
def test_a_message_has_the_octets_of_the_protocol(message: Request | Reply, octets: bytes) -> None:
    assert encode(message) == octets


@pytest.mark.parametrize(
    ("octets", "says"),
    [
        (b"STAT\x01\x04\0\0", "STAT with 1025 bytes, above 1024"),
        (b"DATA\x01\0\x01\0", "DATA with 65537 bytes"),
        (b"DATA\xff\xff\xff\xff", "DATA with 4294967295 bytes"),
        (b"SEND\x02\0\0\0/a", "SEND needs a path"),
        (b"SEND\x04\0\0\0/a,x", "SEND needs a path"),
        (b"SEND\x10\0\0\0/a," + b"1" * 13, "SEND needs a path"),
        (b"OKAY\0\0\0\0", "b'OKAY' has no place here"),
        (b"SND2\x02\0\0\0/a", "b'SND2' has no place here"),
    ],
)
def test_what_is_no_request_is_refused(octets: bytes, says: str) -> None:
    with pytest.raises(MalformedAdb, match=says):
        requests(octets, 1 << 20)


@pytest.mark.parametrize(
    ("octets", "says"),
    [
        (b"RECV", "b'RECV' has no place here"),
        (b"DATA\x01\0\x01\0", "DATA with 65537 bytes"),
        (b"FAIL\x01\0\x01\0", "FAIL with 65537 bytes"),
        (b"DENT" + struct.pack("<4I", 1, 2, 3, 257), "a name of 257 bytes, above 256"),
        (b"DNT2" + bytes(68) + struct.pack("<I", 1 << 31), "a name of 2147483648 bytes"),
    ],
)
def test_what_is_no_reply_is_refused(octets: bytes, says: str) -> None:
    with pytest.raises(MalformedAdb, match=says):
        replies(octets)


@pytest.mark.parametrize(
    "message",
    [Ask(SyncId.STAT, "x" * 1025), Send("x" * 1020, 33188), Data(bytes(DATA_MAX + 1)), Entry("x" * 257, Stat(1, 1, 1))],
)
def test_what_is_too_long_is_not_written(message: Request | Reply) -> None:
    with pytest.raises(UsageError, match="bytes in a message of sync"):
        encode(message)


def test_a_size_beyond_32_bits_is_cut_in_the_old_answers() -> None:
    assert replies(encode(Stat(1, 2**32 + 5, -1))) == [Stat(1, 5, 0xFFFFFFFF)]


def test_a_directory_that_cannot_be_read_leaves_no_trace() -> None:
    reader = ReplyReader()
    reader.asked(Ask(SyncId.LIST, "/x"))
    assert reader.feed(encode(Fail("no"))) == [Fail("no")]
    reader.asked(Ask(SyncId.RECV, "/x"))
    assert reader.feed(encode(Done())) == [Done()]


def test_an_end_amid_a_message_is_told() -> None:
    reader = RequestReader()
    reader.feed(b"STAT\x02\0\0\0/")
    assert reader.ended() == "the stream ended amid a message of sync"
