from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.adb.banner import Banner, parse
from harness.errors import UsageError

SAID = [
    (b"host::features=shell_v2,cmd", Banner("host", {}, frozenset({"shell_v2", "cmd"}))),
    (b"host::\0", Banner("host")),
    (
        b"device::ro.product.name=a;ro.product.model=b c;",
        Banner("device", {"ro.product.name": "a", "ro.product.model": "b c"}),
    ),
    (b"device:serial:x=1;features=cmd;y=a:b", Banner("device", {"x": "1", "y": "a:b"}, frozenset({"cmd"}))),
    (b"device::x=1\0y=2", Banner("device", {"x": "1"})),
    (b"bootloader", Banner("bootloader")),
    (b"device::a words;=1;features=", Banner("device")),
    (b"\xff", Banner("�")),
    (b"", Banner("")),
]
WORDS = st.text(st.characters(exclude_characters=":=;,\0", codec="utf-8"), min_size=1, max_size=9)


@pytest.mark.parametrize(("octets", "banner"), SAID)
def test_a_banner_is_read_as_adb_reads_it(octets: bytes, banner: Banner) -> None:
    assert parse(octets) == banner


@given(WORDS, st.dictionaries(WORDS.filter(lambda word: word != "features"), WORDS), st.frozensets(WORDS))
def test_a_banner_comes_back_as_it_was_said(kind: str, properties: dict[str, str], features: frozenset[str]) -> None:
    banner = Banner(kind, properties, features)
    assert parse(str(banner).encode()) == banner


@given(st.binary())
def test_no_banner_is_too_odd(octets: bytes) -> None:
    parse(octets)


@pytest.mark.parametrize(
    ("kind", "properties", "features"),
    [
        ("dev:ice", {}, ()),
        ("device", {"a=b": "c"}, ()),
        ("device", {"a": "b;c"}, ()),
        ("device", {"a": "b\0"}, ()),
        ("device", {}, ("a,b",)),
    ],
)
def test_what_would_be_read_as_something_else_is_refused(
    kind: str, properties: dict[str, str], features: tuple[str, ...]
) -> None:
    with pytest.raises(UsageError, match="cannot stand in a banner"):
        Banner(kind, properties, frozenset(features))
