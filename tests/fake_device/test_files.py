from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.fake_device.files import Files, Problem, Stat, parent, resolved


@pytest.mark.parametrize(
    ("path", "folder", "whole"),
    [
        ("a", "/sdcard", "/sdcard/a"),
        ("../a/./b//c", "/sdcard/x", "/sdcard/a/b/c"),
        ("../../..", "/sdcard", "/"),
        ("/storage/emulated/0/a", "/", "/sdcard/a"),
        ("/mnt/sdcard", "/", "/sdcard"),
    ],
)
def test_a_path_is_resolved(path: str, folder: str, whole: str) -> None:
    assert resolved(path, folder) == whole


def test_what_is_written_is_read() -> None:
    files = Files()
    assert files.write("/sdcard/a", b"abc", 7) is None
    assert files.append("/sdcard/a", b"def", 8) is None
    assert (files.read("/sdcard/a"), files.read("/sdcard/a", 2, 3)) == (b"abcdef", b"cde")
    assert files.stat("/sdcard/a") == Stat(0o100644, 6, 8)
    assert files.write("/sdcard/a", b"x", 9) is None
    assert (files.read("/sdcard/a"), files.used_bytes) == (b"x", 1)
    assert files.touched("/sdcard/a", 5, 0o600) is None
    assert files.stat("/sdcard/a") == Stat(0o100600, 1, 5)


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("/system/x", Problem.READ_ONLY),
        ("/x", Problem.READ_ONLY),
        ("/data/x", Problem.DENIED),
        ("/data/data/com.httpsms/x", Problem.DENIED),
        ("/sdcard/no/x", Problem.NOT_THERE),
        ("/sdcard/file/x", Problem.NOT_A_DIRECTORY),
        ("/sdcard/Download", Problem.IS_A_DIRECTORY),
    ],
)
def test_a_file_that_cannot_be_written_has_linuxs_error(path: str, problem: Problem) -> None:
    files = Files()
    files.write("/sdcard/file", b"", 0)
    assert files.write(path, b"", 0) is problem


def test_what_does_not_fit_is_cut_off() -> None:
    files = Files(5)
    assert files.write("/sdcard/a", b"abc", 0) is None
    assert files.write("/sdcard/b", b"def", 0) is Problem.NO_SPACE
    assert files.read("/sdcard/b") == b"de"
    assert files.remove("/sdcard/a") is None
    assert files.append("/sdcard/b", b"f", 0) is None


def test_folders_are_made_listed_and_removed() -> None:
    files = Files()
    assert files.mkdir("/sdcard/d", 0) is None
    assert files.mkdir("/sdcard/d", 0) is Problem.EXISTS
    files.write("/sdcard/d/b", b"", 0)
    files.write("/sdcard/d/a", b"", 0)
    assert files.names("/sdcard/d") == ["a", "b"]
    assert files.names("/data") is Problem.DENIED
    assert files.names("/sdcard/d/a") is Problem.NOT_A_DIRECTORY
    assert files.names("/no") is files.read("/no") is files.remove("/no") is files.stat("/no") is Problem.NOT_THERE
    assert files.touched("/no", 0, 0) is Problem.NOT_THERE
    assert files.read("/sdcard/d") is Problem.IS_A_DIRECTORY
    assert files.remove("/sdcard/d") is Problem.NOT_EMPTY
    assert files.remove("/system") is Problem.READ_ONLY
    assert files.below("/sdcard/d") == ["/sdcard/d/a", "/sdcard/d/b"]
    assert parent("/sdcard") == parent("/") == "/"


PATHS = st.sampled_from(["/sdcard/a", "/sdcard/b", "/sdcard/d/a", "/data/local/tmp/x"])


@given(st.lists(st.tuples(st.sampled_from(["write", "append", "remove"]), PATHS, st.binary(max_size=9)), max_size=20))
def test_the_room_that_is_used_is_what_the_files_have(deeds: list[tuple[str, str, bytes]]) -> None:
    files = Files(20)
    for deed, path, data in deeds:
        if deed == "remove":
            files.remove(path)
        else:
            getattr(files, deed)(path, data, 0)
    stats = [files.stat(path) for path in ("/sdcard/a", "/sdcard/b", "/sdcard/d/a", "/data/local/tmp/x")]
    assert files.used_bytes == sum(stat.size for stat in stats if isinstance(stat, Stat)) <= 20
