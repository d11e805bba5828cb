"""A device that says of files what no adbd says, and files of this machine."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from harness.adapters.adb_device import Device
from harness.adapters.adb_link import open_device
from harness.adapters.adb_sync import content_of
from harness.adb.sync import Data, Done, Okay, Stat, encode
from harness.errors import DeviceError, DeviceGone, MalformedAdb, UsageError
from tests.adapters.adb_peer import PeerDevice, PeerStream, keys_in, listening, over_tcp, remedied, run

Ask = Callable[[Device], Awaitable[object]]


def answers(data: bytes) -> Callable[[PeerStream], Awaitable[None]]:
    async def serve(stream: PeerStream) -> None:
        await stream.read()
        stream.write(data)
        stream.close()

    return serve


ASKS: dict[str, Ask] = {
    "push": lambda link: link.push(b"x", "/x"),
    "pull": lambda link: link.pull("/x"),
    "stat": lambda link: link.stat("/x"),
}
ANSWERS: list[tuple[str, bytes, type[DeviceError], str]] = [
    ("pull", encode(Okay()), MalformedAdb, "Okay is no answer to that"),
    ("push", encode(Done()), MalformedAdb, "Done is no answer to that"),
    ("push", encode(Data(b"x")), MalformedAdb, "Data is no answer to that"),
    ("stat", encode(Okay()), MalformedAdb, "Okay is no answer to that"),
    ("stat", encode(Stat(0, 0, 0)), MalformedAdb, "Stat is no answer to that"),
    ("pull", b"WHAT\0\0\0\0", MalformedAdb, "WHAT"),
    ("pull", b"DATA\xff\xff\xff\xff", MalformedAdb, "above 65536"),
    ("pull", encode(Data(b"half")), DeviceGone, "ended the transfer"),
    ("pull", encode(Data(b"half"))[:10], DeviceGone, "ended the transfer"),
    ("push", b"", DeviceGone, "ended the transfer"),
]


@pytest.mark.parametrize(("ask", "data", "kind", "words"), ANSWERS)
def test_what_no_adbd_says_of_a_file_is_told(
    ask: str, data: bytes, kind: type[DeviceError], words: str, tmp_path: Path
) -> None:
    async def main() -> None:
        device = PeerDevice({"sync:": answers(data)})
        async with listening(device), open_device(device.serial, over_tcp(key_files=keys_in(tmp_path))) as link:
            with pytest.raises(kind, match=words) as caught:
                await ASKS[ask](link)
            remedied(caught.value, device.serial)

    run(main())


@pytest.mark.parametrize("size", [0, 1, 65536, 65537, 200_000])
def test_a_file_is_cut_into_pieces_that_sync_takes(size: int, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * size)
    for source in (path, path.read_bytes()):
        pieces = list(content_of(source))
        assert b"".join(pieces) == b"x" * size
        assert all(0 < len(piece) <= 65536 for piece in pieces)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Is a directory") as caught:
        list(content_of(tmp_path))
    assert caught.value.remedy
