from __future__ import annotations

import pytest

from tests.fake_device.asking import asked, check


@pytest.mark.parametrize(
    ("command", "out"),
    [
        (r"echo 'a\nb\tc\\d'", b"a\nb\tc\\d\n"),
        (r"echo 'a\0101\x42\u00e9'", "aABé\n".encode()),
        (r"echo 'a\cb' c", b"a"),
        (r"echo -E 'a\nb'", b"a\\nb\n"),
        (r"echo -n a", b"a"),
        (r"echo -nE 'a\n'", b"a\\n"),
        ("echo -x a", b"-x a\n"),
        (r"echo 'a\qb'", b"a\\qb\n"),
        ("printf '%s-%d|' a 1 b 2", b"a-1|b-2|"),
        ("printf '%5s|%-3s|%05d|%x|%%|%c' a b 42 255 xyz", b"    a|b  |00042|ff|%|x"),
        (r"printf '%b\n' 'a\tb'", b"a\tb\n"),
        ("printf 'a'", b"a"),
        ("printf '%d' x", b"0"),
        ("pwd", b"/\n"),
        ("export A=1; echo $A; unset A; echo $A", b"1\n\n"),
        ("yes no | head -n 1", b"no\n"),
        ("which cat; command echo a", b"/system/bin/cat\na\n"),
    ],
)
def test_small_commands_print(command: str, out: bytes) -> None:
    assert asked(command).out == out


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("", 1),
        ("a", 0),
        ("-n ''", 1),
        ("-z ''", 0),
        ("a = a", 0),
        ("a != a", 1),
        ("1 -lt 2", 0),
        ("1 -ge 2", 1),
        ("! a", 1),
        ("-e /sdcard", 0),
        ("-f /sdcard", 1),
        ("-d /sdcard", 0),
        ("-x /system/bin/cat", 0),
        ("-s /no", 1),
        ("a -lt 2", 2),
        ("-q x", 2),
        ("a b c d", 2),
    ],
)
def test_test_says_by_its_status(expression: str, code: int) -> None:
    assert asked(f"test {expression}").code == asked(f"[ {expression} ]").code == code


def test_a_bracket_wants_its_end() -> None:
    check("[ a", "", "/system/bin/sh: [: missing ]\n", 2)


@pytest.mark.parametrize("command", ["sleep", "sleep x", "sleep -1", "printf", "sh -c", "sh /no", "which nope"])
def test_what_cannot_be_done_fails(command: str) -> None:
    assert asked(command).code != 0


def test_a_file_is_a_script() -> None:
    check("echo 'echo a; exit 4' > /sdcard/s; sh /sdcard/s", "a\n", code=4)
