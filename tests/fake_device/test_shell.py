from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.fake_device import FakeDevice, Ran
from tests.fake_device.asking import asked, check

TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


@pytest.mark.parametrize(
    ("command", "out", "code"),
    [
        ("echo a  b", "a b\n", 0),
        ("echo 'a  b'", "a  b\n", 0),
        ('echo "a  $X b"', "a   b\n", 0),
        ("X=1 Y=2; echo $X$Y", "12\n", 0),
        ("X=1 echo $X; echo [$X]", "\n[]\n", 0),
        ("X=' b c '; echo a$X-", "a b c -\n", 0),
        ("X='b c'; printf '<%s>' a${X}d", "<ab><cd>", 0),
        ("printf '<%s>' \"$X\" $X ''", "<><>", 0),
        ("false; echo $?", "1\n", 0),
        ("xyz 2>/dev/null; echo $?", "127\n", 0),
        ("true && echo a || echo b", "a\n", 0),
        ("false && echo a || echo b", "b\n", 0),
        ("false || false && echo a; echo b", "b\n", 0),
        ("! true", "", 1),
        ("! false", "", 0),
        ("exit 3; echo a", "", 3),
        ("exit -1", "", 255),
        ("(exit 4); echo $?", "4\n", 0),
        ("(cd /sdcard; pwd); pwd", "/sdcard\n/\n", 0),
        ("{ echo a; echo b; } | wc -l", "2\n", 0),
        ("cd /sdcard && { cd ..; }; pwd", "/\n", 0),
        ("exit 3 | true; echo $?", "0\n", 0),
        ("echo a # b", "a\n", 0),
        ("echo a#b", "a#b\n", 0),
        ("echo a\necho b", "a\nb\n", 0),
        ("echo a \\\n b", "a b\n", 0),
        ("echo a & echo b", "a\nb\n", 0),
        ("echo $(echo a; echo b)", "a b\n", 0),
        ('echo "$(echo a; echo b)"', "a\nb\n", 0),
        ("echo `echo a`", "a\n", 0),
        ("X=$(false); echo $?", "1\n", 0),
        ("echo ${X:-d} ${PATH:-e} | head -c 2", "d ", 0),
        ("echo a > /sdcard/f; echo b >> /sdcard/f; cat < /sdcard/f", "a\nb\n", 0),
        ("xyz 2>&1 | wc -l", "1\n", 0),
        ("{ echo a; xyz; } > /sdcard/f 2>&1; wc -l /sdcard/f", "2 /sdcard/f\n", 0),
        ("xyz > /dev/null 2>&1", "", 127),
        (
            "echo a >/sdcard/x1; echo b >/sdcard/x2; cd /sdcard; echo x*; echo 'x*' x\\*; echo y*",
            "x1 x2\nx* x*\ny*\n",
            0,
        ),
        ("sh -c 'echo a; exit 5'; echo $?", "a\n5\n", 0),
        ("echo 'echo a' | sh", "a\n", 0),
        ("exec echo a; echo b", "a\n", 0),
        ("setprop debug.a b | true; getprop debug.a", "b\n", 0),
        ("yes | head -n 2", "y\ny\n", 0),
        ("command -v cat", "/system/bin/cat\n", 0),
        ("/system/bin/echo a", "a\n", 0),
        ("", "", 0),
    ],
)
def test_a_command_line_does_what_mksh_does(command: str, out: str, code: int) -> None:
    ran = asked(command) if command else asked("true")
    assert (ran.out.decode(), ran.code) == (out, code)


@pytest.mark.parametrize(
    ("command", "err", "code"),
    [
        ("xyz", "xyz: inaccessible or not found", 127),
        ("/sdcard/x", "/sdcard/x: inaccessible or not found", 127),
        ("/sdcard", "/sdcard: can't execute: Is a directory", 126),
        ("echo > /sdcard/x; /sdcard/x", "/sdcard/x: can't execute: Permission denied", 126),
        ("su -c id", "su: inaccessible or not found", 127),
        ("echo a > /system/x", "can't create /system/x: Read-only file system", 1),
        ("cat < /sdcard/no", "can't open /sdcard/no: No such file or directory", 1),
        ("echo a >&7", "7: bad file descriptor", 1),
        ("echo 'a", "no closing quote", 1),
        ("exit x", "exit: x: bad number", 1),
        ("cd /no", "cd: /no: No such file or directory", 2),
        (" sh -c '" * 1 + "sh -c " + "'\\''true'\\'''", "", 0),
    ],
)
def test_errors_are_the_shells(command: str, err: str, code: int) -> None:
    check(command, "", f"/system/bin/sh: {err}\n" if err else "", code)


@given(TEXTS)
def test_a_quoted_text_is_one_word_as_it_is(text: str) -> None:
    assert asked(f"printf %s {shlex.quote(text)}").out.decode() == text


@given(TEXTS)
def test_echo_prints_a_quoted_text(text: str) -> None:
    escaped = text.replace("\\", "\\\\")
    assert asked(f"echo :{shlex.quote(escaped)}").out.decode() == f":{text}\n"
    assert asked(f"echo -E :{shlex.quote(text)}").out.decode() == f":{text}\n"


_WORDS = (
    "echo cat ls rm sh -c head -n -c 3 wc test [ ] = ! ( ) { } ; && || | > >> < 2>&1 & $? $X $( ` ' \" \\ * /sdcard",
    "pm install -S list packages am start -a -d broadcast dumpsys battery service call isms 5 i32 s16 content query",
    "content://sms --uri --where _id=1 --sort date getprop settings get put global x printf %s %d %5s sleep 0 exit",
    "cmd logcat -d yes grep date +%s mkdir -p touch md5sum cd .. export A=1 uname -a \n # /data",
)
WORDS = st.sampled_from(" ".join(_WORDS).split(" "))


@given(st.one_of(st.lists(WORDS, max_size=14).map(" ".join), st.text(max_size=60)), st.binary(max_size=20))
def test_no_command_line_raises(command: str, stdin: bytes) -> None:
    process = FakeDevice().start(command)
    process.feed(stdin)
    process.end_input()
    for _ in range(50):
        process.take()
    process.cancel()
    assert process.code in range(256)


OUT_OF_MEMORY = b"internal error: can't allocate 8388608 data bytes\n"


@pytest.mark.parametrize(
    "command",
    [
        "echo $(yes); echo b",
        "A=`cat /dev/zero | head -c 4m` B=$(yes); echo b",
        "A=$(yes | head -c 3m); A=$A$A; echo b",
        'A=$(yes aaaaaaa | head -c 3m); echo $A "$A"; echo b',
        "echo $(yes | head -c 1m); echo b",
    ],
)
def test_a_shell_that_would_hold_too_much_ends_as_one_without_memory(command: str) -> None:
    assert asked(command) == Ran(err=OUT_OF_MEMORY, code=1, delay_ms=asked(command).delay_ms)
    assert asked(f"({command}) 2>/dev/null; echo after").out == b"after\n"


def test_a_shell_holds_four_million_octets() -> None:
    assert asked('A="$(yes | head -c 4000000)"; echo "$A" | wc -c').out == b"4000000\n"


def test_a_line_that_is_nested_too_deeply_is_refused() -> None:
    for line in ("| cat " * 3000, " ".join(["sh -c"] * 5), "(" * 30 + "true" + ")" * 30):
        assert asked("true " + line if line.startswith("|") else line).code in range(256)
