from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.fake_device import FakeDevice
from harness.fake_device.commands_files import utc
from tests.fake_device.asking import AT_MS, asked, check
from tests.fake_device.serving import split


def _device() -> FakeDevice:
    device = FakeDevice()
    device.files.write("/sdcard/f", b"one two\nthree\n", AT_MS)
    device.files.write("/sdcard/.h", b"", AT_MS)
    return device


@pytest.mark.parametrize(
    ("command", "out"),
    [
        ("cat /sdcard/f", "one two\nthree\n"),
        ("cat /dev/null", ""),
        ("echo a | cat - /sdcard/f", "a\none two\nthree\n"),
        ("wc /sdcard/f", "2 3 14 /sdcard/f\n"),
        ("cat /sdcard/f | wc -c", "14\n"),
        ("head -n 1 /sdcard/f", "one two\n"),
        ("head -1 /sdcard/f", "one two\n"),
        ("head -c 3 < /sdcard/f", "one"),
        ("head -n 0 /sdcard/f", ""),
        ("head /sdcard/f", "one two\nthree\n"),
        ("head -c 9 /sdcard/f /sdcard/f", "one two\ntone two\nt"),
        ("grep thr /sdcard/f", "three\n"),
        ("grep -v thr /sdcard/f", "one two\n"),
        ("grep -ci ^ONE /sdcard/f", "1\n"),
        ("grep -F e$ /sdcard/f; grep e$ /sdcard/f", "three\n"),
        ("ls /sdcard", "Android\nDCIM\nDownload\nPictures\nf\n"),
        ("ls -a /sdcard | head -n 1", ".h\n"),
        ("ls /sdcard/f", "/sdcard/f\n"),
        ("ls -l /sdcard/f", "-rw-r--r-- 1 shell shell      14 2026-07-23 05:10 /sdcard/f\n"),
        ("ls -d /sdcard", "/sdcard\n"),
        ("mkdir -p /sdcard/a/b; ls -l /sdcard/a", "total 0\ndrwxrwx--x 1 shell shell    4096 2026-07-23 05:10 b\n"),
        ("touch /sdcard/n; stat -c %s /sdcard/n /sdcard/n; stat -c %s /sdcard/f", "14\n"),
        ("rm -r /sdcard/Download; rm -f /no; ls /sdcard | wc -l", "4\n"),
        ("ls /sdcard/DCIM /sdcard/f", "/sdcard/DCIM:\n/sdcard/f\n"),
    ],
)
def test_files_are_read_and_changed(command: str, out: str) -> None:
    assert asked(command, _device()).out.decode() == out


def test_lines_are_looked_for_as_they_come() -> None:
    process = FakeDevice().start("grep b")
    for piece, out in ((b"a\nb1\nb", b"b1\n"), (b"2", b""), (b"\nb3", b"b2\n")):
        process.feed(piece)
        assert process.take().out == out
    process.end_input()
    assert (process.take().out, process.code) == (b"b3\n", 0)


@pytest.mark.parametrize("command", ["grep -q y", "yes | grep -q y", "logcat | grep -q beginning"])
def test_who_only_asks_whether_there_is_a_line_waits_for_no_more(command: str) -> None:
    process = FakeDevice().start(command)
    process.feed(b"y\n")
    assert (process.take().out, process.code) == (b"", 0)


def test_a_line_without_an_end_is_not_kept_without_end() -> None:
    assert asked("cat /dev/zero | grep a").code == 1


@given(st.text(" \nab"), st.lists(st.integers(0, 100)))
def test_the_pieces_that_are_counted_make_no_difference(text: str, at: list[int]) -> None:
    process = FakeDevice().start("wc")
    for piece in split(text.encode(), at):
        process.feed(piece)
    process.end_input()
    counts = text.count("\n"), len(text.split()), len(text)
    assert process.take().out.decode() == "{} {} {}\n".format(*counts)


@pytest.mark.parametrize(
    ("command", "err"),
    [
        ("cat /no", "cat: /no: No such file or directory"),
        ("cat /sdcard", "cat: /sdcard: Is a directory"),
        ("ls /no", "ls: /no: No such file or directory"),
        ("ls /data", "ls: /data: Permission denied"),
        ("rm /no", "rm: /no: No such file or directory"),
        ("rm /sdcard/DCIM", "rm: /sdcard/DCIM: Is a directory"),
        ("rm -rf /system", "rm: /system: Read-only file system"),
        ("mkdir /sdcard", "mkdir: '/sdcard': File exists"),
        ("mkdir -p /system/x", "mkdir: '/system/x': Read-only file system"),
        ("touch /system/x", "touch: /system/x: Read-only file system"),
        ("wc /no", "wc: /no: No such file or directory"),
        ("md5sum /no", "md5sum: /no: No such file or directory"),
        ("head -q", "head: Unknown option 'q' (see \"head --help\")"),
        ("stat /no", "stat: only -c %s is known to this fake device"),
    ],
)
def test_errors_are_toyboxs(command: str, err: str) -> None:
    device = FakeDevice()
    check(command, "", err + "\n", 1, device)


@pytest.mark.parametrize("name", ["md5", "sha1", "sha256"])
def test_a_sum_is_that_of_the_octets(name: str) -> None:
    digest = hashlib.new(name, b"abc").hexdigest()
    assert asked(f"{name}sum", stdin=b"abc").out.decode() == f"{digest}  -\n"


def test_a_full_device_says_so() -> None:
    device = FakeDevice(capacity_bytes=4)
    check("echo abcdef > /sdcard/a", "", "write error: No space left on device\n", 1, device)


def test_an_instant_beyond_the_calendar_is_its_end() -> None:
    assert (utc(-1).year, utc(10**20).year) == (1970, 9999)
