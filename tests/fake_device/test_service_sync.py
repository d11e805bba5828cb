"""Files over adb: pushed, pulled, looked at, and what goes wrong with them."""

from __future__ import annotations

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
    Send,
    Stat,
    Stat2,
    SyncId,
    encode,
)
from harness.errors import MalformedAdb
from harness.fake_device import FakeDevice
from tests.fake_device.asking import AT_MS
from tests.fake_device.serving import drawn, opened, said, split

FILE = 0o100644
AT_S = 1_700_000_000


def ask(device: FakeDevice, *requests: Request) -> list[Reply]:
    """What a host hears that asks all of this."""
    reader = ReplyReader()
    service = opened("sync:", device)
    replies: list[Reply] = []
    for request in requests:
        reader.asked(request)
        replies += reader.feed(said(service, encode(request)))
    return replies


def push(device: FakeDevice, path: str, data: bytes, mode: int = FILE) -> list[Reply]:
    pieces = [Data(data[at : at + DATA_MAX]) for at in range(0, len(data), DATA_MAX)]
    return ask(device, Send(path, mode), *pieces, Done(AT_S))


@given(st.binary(max_size=300), st.lists(st.integers(0, 10**6)))
def test_a_file_comes_back_as_it_went_however_it_is_cut(data: bytes, cuts: list[int]) -> None:
    device = FakeDevice()
    written: list[Request] = [Send("/sdcard/x", FILE), *(Data(bytes((octet,))) for octet in data), Done(AT_S)]
    asked = b"".join(map(encode, written)) + encode(Ask(SyncId.RECV, "/sdcard/x")) + encode(Quit())
    service = opened("sync:", device)
    replies = ReplyReader().feed(said(service, *split(asked, cuts)))
    assert replies == [Okay(), *([Data(data)] if data else []), Done()]
    assert service.done


def test_a_long_file_is_read_in_pieces_and_no_faster_than_its_host_reads() -> None:
    device = FakeDevice()
    device.files.write("/sdcard/x", bytes(10 * DATA_MAX + 1), AT_MS)
    service = opened("sync:", device)
    service.feed(encode(Ask(SyncId.RECV, "/sdcard/x")), AT_MS)
    assert len(service.take(1)) == DATA_MAX + 8
    assert len(drawn(service)) == 9 * (DATA_MAX + 8) + 9 + 8


def test_a_pushed_file_has_the_time_and_the_rights_that_came_with_it() -> None:
    device = FakeDevice()
    assert push(device, "/sdcard/a/b/c", b"hello", 0o100600) == [Okay()]
    assert ask(device, Ask(SyncId.STAT, "/sdcard/a/b/c")) == [Stat(0o100600, 5, AT_S)]


LOOKS: list[tuple[SyncId, str, list[Reply]]] = [
    (SyncId.STAT, "/sdcard/none", [Stat(0, 0, 0)]),
    (SyncId.STA2, "/sdcard/none", [Stat2(SyncId.STA2, 2)]),
    (SyncId.LST2, "/data/data/x", [Stat2(SyncId.LST2, 13)]),
    (SyncId.STAT, "/sdcard", [Stat(0o040771, 4096, 0)]),
    (SyncId.STAT, "/storage/emulated/0", [Stat(0o040771, 4096, 0)]),
    (SyncId.STA2, "/sdcard", [Stat2(SyncId.STA2, 0, 0o040771, 4096, nlink=1, uid=2000, gid=2000)]),
    (SyncId.LIST, "/sdcard/none", [Listed(SyncId.LIST)]),
    (SyncId.LIS2, "/data/data", [Listed(SyncId.LIS2)]),
    (SyncId.RECV, "/sdcard/none", [Fail("open failed: No such file or directory")]),
    (SyncId.RECV, "/sdcard", [Fail("read failed: Is a directory")]),
]


@pytest.mark.parametrize(("kind", "path", "replies"), LOOKS)
def test_what_there_is_and_what_is_not_there(kind: SyncId, path: str, replies: list[Reply]) -> None:
    assert ask(FakeDevice(), Ask(kind, path)) == replies


def test_a_folder_is_listed_with_itself_and_the_one_above() -> None:
    device = FakeDevice()
    push(device, "/data/local/tmp/x", b"hello")
    folder = "/data/local/tmp"
    *short, end = ask(device, Ask(SyncId.LIST, folder))
    assert [entry.name for entry in short if isinstance(entry, Entry)] == [".", "..", "x"]
    assert (short[2], end) == (Entry("x", Stat(FILE, 5, AT_S)), Listed(SyncId.LIST))
    *long, end = ask(device, Ask(SyncId.LIS2, folder))
    assert [(entry.name, entry.stat.size) for entry in long if isinstance(entry, Entry2)][2] == ("x", 5)
    assert end == Listed(SyncId.LIS2)


WRONG: list[tuple[str, int, str]] = [
    ("/system/x", FILE, "couldn't create file: Read-only file system"),
    ("/data/x", FILE, "couldn't create file: Permission denied"),
    ("/sdcard/Download", FILE, "couldn't create file: Is a directory"),
    ("/system/new/x", FILE, "secure_mkdirs failed: Read-only file system"),
    ("/sdcard/link", 0o120777, "symlink failed: Operation not permitted"),
]


@pytest.mark.parametrize(("path", "mode", "why"), WRONG)
def test_a_file_that_cannot_be_written_is_told_once_and_its_rest_is_dropped(path: str, mode: int, why: str) -> None:
    device = FakeDevice()
    service = opened("sync:", device)
    data = encode(Data(b"hello"))
    heard = said(service, encode(Send(path, mode)), data, data, encode(Done(AT_S)))
    assert ReplyReader().feed(heard) == [Fail(why)]
    assert service.done
    assert device.files.used_bytes == 0


def test_a_full_device_says_so_and_keeps_nothing_of_the_file() -> None:
    device = FakeDevice(capacity_bytes=100)
    assert push(device, "/sdcard/x", bytes(101)) == [Fail("write failed: No space left on device")]
    assert device.files.used_bytes == 0
    assert push(device, "/sdcard/x", bytes(100)) == [Okay()]


def test_a_file_that_has_not_come_whole_is_taken_away() -> None:
    device = FakeDevice()
    service = opened("sync:", device)
    said(service, encode(Send("/sdcard/x", FILE)), encode(Data(b"hello")))
    service.gone()
    assert device.run("test -e /sdcard/x").code == 1


def test_whoever_asks_faster_than_it_reads_has_to_wait() -> None:
    service = opened("sync:")
    service.feed(encode(Ask(SyncId.STAT, "/sdcard")) * 100, AT_MS)
    assert service.is_full
    drawn(service)
    assert not service.is_full


def test_data_without_a_file_ends_the_stream() -> None:
    with pytest.raises(MalformedAdb):
        opened("sync:").feed(encode(Data(b"x")), AT_MS)
