from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.adb.cutting import Reader
from harness.errors import MalformedAdb


class Lines(Reader[bytes]):
    """Lines; none may have an X."""

    def _cut(self) -> bytes | None:
        end = self._buffer.find(b"\n")
        if end < 0:
            return None
        line = self._take(end + 1)
        if b"X" in line:
            raise MalformedAdb("a line with X")
        return line

    def _amid(self) -> str:
        return "a line"


@given(st.lists(st.sampled_from([b"a\n", b"bc\n", b"\n", b"d"])), st.integers(1, 5))
def test_any_split_gives_the_same_values(lines: list[bytes], size: int) -> None:
    text = b"".join(lines)
    reader = Lines()
    cut = [line for at in range(0, len(text), size) for line in reader.feed(text[at : at + size])]
    assert cut == Lines().feed(text)


def test_what_came_before_a_fault_is_given_first() -> None:
    reader = Lines()
    assert reader.feed(b"a\nX\nb\n") == [b"a\n"]
    assert reader.fault is not None
    for _ in range(2):
        with pytest.raises(MalformedAdb, match="a line with X"):
            reader.feed(b"fine\n")


def test_after_a_fault_nothing_is_kept() -> None:
    reader = Lines()
    with pytest.raises(MalformedAdb):
        reader.feed(b"X\n" + b"y" * 1000)
    reader.add(b"z" * 1000)
    assert reader.held == 0


def test_an_end_amid_a_value_is_told() -> None:
    reader = Lines()
    reader.feed(b"a\nb")
    assert reader.ended() == "the stream ended amid a line"
    reader.feed(b"\n")
    assert reader.ended() is None
