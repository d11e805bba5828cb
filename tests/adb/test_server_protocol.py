from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.adb.server_protocol import Fail, ListedDevice, Okay, ReplyReader, Status, devices, request
from harness.errors import MalformedAdb, UsageError


@pytest.mark.parametrize(
    ("text", "octets"), [("host:version", b"000chost:version"), ("", b"0000"), ("ä" * 10, b"0014" + "ä".encode() * 10)]
)
def test_a_request_begins_with_its_length(text: str, octets: bytes) -> None:
    assert request(text) == octets


def test_a_request_that_is_too_long_is_refused() -> None:
    with pytest.raises(UsageError, match="65536 bytes, the adb server takes 65535"):
        request("x" * 65536)


def fed(*pieces: bytes) -> ReplyReader:
    reader = ReplyReader()
    for piece in pieces:
        reader.feed(piece)
    return reader


@pytest.mark.parametrize(
    ("octets", "status"),
    [
        (b"", None),
        (b"OKA", None),
        (b"OKAY", Okay()),
        (b"F", None),
        (b"FAIL", None),
        (b"FAIL00", None),
        (b"FAIL0006device", Fail("device")),
        (b"FAIL0006devic", None),
        (b"FAIL0000", Fail("")),
        (b"FAIL0010device not foun\xff", Fail("device not foun�")),
    ],
)
def test_a_status_is_told_once_it_is_whole(octets: bytes, status: Status | None) -> None:
    assert fed(octets).status() == status


@given(st.text(max_size=60), st.integers(0, 100))
def test_a_text_follows_and_what_is_behind_it_stays(text: str, size: int) -> None:
    octets = b"OKAY" + request(text) + b"the service's own"
    reader = fed(octets[:size], octets[size:])
    assert reader.status() == Okay()
    assert reader.text() == text
    assert reader.rest() == b"the service's own"
    assert reader.rest() == b""


@given(st.text(max_size=20))
def test_no_text_is_told_before_it_is_whole(text: str) -> None:
    octets = request(text)
    reader = ReplyReader()
    for at in range(len(octets) - 1):
        reader.feed(octets[at : at + 1])
        assert reader.text() is None
    reader.feed(octets[-1:])
    assert reader.text() == text


def test_two_answers_follow_one_another() -> None:
    reader = fed(b"OKAYOKAY00045000")
    assert (reader.status(), reader.status(), reader.text()) == (Okay(), Okay(), "5000")


@pytest.mark.parametrize("octets", [b"HTTP/1.1 400", b"X", b"OKE", b"FAILzz", b"FAIL-001"])
def test_what_is_no_status_is_refused(octets: bytes) -> None:
    with pytest.raises(MalformedAdb, match="the adb server says"):
        fed(octets).status()


@pytest.mark.parametrize("octets", [b"x", b"00g", b"OKAY"])
def test_what_is_no_text_is_refused(octets: bytes) -> None:
    with pytest.raises(MalformedAdb, match="where a length of four hexadecimal digits should be"):
        fed(octets).text()


LINES = [
    (
        "emulator-5554          device product:sdk model:A_B device:c transport_id:1",
        ListedDevice("emulator-5554", "device", {"product": "sdk", "model": "A_B", "device": "c", "transport_id": "1"}),
    ),
    ("R58M\tunauthorized", ListedDevice("R58M", "unauthorized", {})),
    (
        "127.0.0.1:5555         offline transport_id:2",
        ListedDevice("127.0.0.1:5555", "offline", {"transport_id": "2"}),
    ),
    (
        "????????????           no permissions (user in plugdev group; are your udev rules wrong?); "
        "see [http://developer.android.com/tools/device.html] usb:1-2 transport_id:3",
        ListedDevice(
            "????????????",
            "no permissions (user in plugdev group; are your udev rules wrong?); "
            "see [http://developer.android.com/tools/device.html]",
            {"usb": "1-2", "transport_id": "3"},
        ),
    ),
    (
        "0123 no permissions usb:1-2 transport_id:3",
        ListedDevice("0123", "no permissions", {"usb": "1-2", "transport_id": "3"}),
    ),
    ("(no serial number)     device usb:1-1", ListedDevice("(no serial number)", "device", {"usb": "1-1"})),
]


@pytest.mark.parametrize(("line", "device"), LINES)
def test_a_line_of_the_list_is_a_device(line: str, device: ListedDevice) -> None:
    assert devices(line + "\n") == [device]


def test_a_list_has_a_line_for_each_device() -> None:
    assert devices("\n".join(line for line, _ in LINES) + "\n\n") == [device for _, device in LINES]
    assert devices("") == []
    assert devices("nonsense\n") == []
