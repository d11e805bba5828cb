"""docs/envelope-v2.md: its blocks run as they stand there, and its figures are measured."""

from __future__ import annotations

import base64
import doctest
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from harness import cipher
from harness.cipher import DIALECTS, Dialect, v2
from harness.cipher.v2 import Context
from harness.errors import CipherError
from tests.cipher.test_v2 import ERROR, READER, node
from tests.house.sources import ROOT

PAGE = (ROOT / "docs" / "envelope-v2.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
KEY, TEXT = "Q7XK-2MVA-F5GT-YJ4C-WN3E-RB6D-HUPZ-SLOI", "x" * 32
SENT = Context("outgoing", "+18005550199", "+18005550100")
OTHERS = [
    Context("incoming", SENT.owner, SENT.contact),
    Context("outgoing", "+18005550198", SENT.contact),
    Context("outgoing", SENT.owner, "+18005550101"),
    Context("outgoing", SENT.contact, SENT.owner),
]


def _blocks(language: str) -> list[str]:
    found = [block for kind, block in BLOCKS if kind == language]
    assert found, language
    return found


def _row(first: str) -> list[str]:
    """The cells of the one table row that begins so."""
    [row] = [line for line in PAGE.splitlines() if line.startswith(f"| {first} |")]
    return [cell.strip() for cell in row.strip("|").split("|")]


def test_every_block_is_of_a_kind_that_is_run_or_is_a_drawing() -> None:
    assert {language for language, _ in BLOCKS} == {"pycon", "sh", "js", "text"}
    assert PAGE.count("```") == 2 * len(BLOCKS)


def test_the_sessions_print_what_they_print() -> None:
    script = "\n".join(_blocks("pycon"))
    test = doctest.DocTestParser().get_doctest(script, {}, "envelope-v2.md", None, None)
    said: list[str] = []
    assert doctest.DocTestRunner(verbose=False).run(test, out=said.append).failed == 0, "".join(said)
    assert len(test.examples) >= 15


def test_the_commands_make_pass_phrases() -> None:
    [block] = _blocks("sh")
    # The python3 of this test, since another one would not know the package.
    script = f"python3() {{ '{sys.executable}' \"$@\"; }}\n{block}"
    command = ["bash", "-e", "-o", "pipefail", "-c", script]
    made = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert len(made) == 2
    for key in made:
        assert len(key.replace("-", "")) * 5 == 160
        assert v2.decrypt(key, v2.encrypt(key, TEXT, SENT), SENT) == TEXT


def test_the_script_reads_the_envelope_of_the_page(tmp_path: Path) -> None:
    [block] = _blocks("js")
    shutil.copy(READER, tmp_path)
    (tmp_path / "page.mjs").write_text(block, encoding="utf-8")
    assert node(str(tmp_path / "page.mjs")) == "Hello\n"


def test_the_drawing_is_the_envelope_of_the_session() -> None:
    drawn = next(block for block in _blocks("text") if block.startswith("v2="))
    lines = drawn.splitlines()
    assert lines[0] == v2.encrypt(KEY, "Hello", SENT, salt=bytes(range(16)))
    assert len(lines[1]) == len(lines[0])


# -- figures -----------------------------------------------------------------------------------------------------------

Reader = Callable[[bytes], object]


def _version_1(data: bytes, key: str = KEY) -> str:
    return cipher.decrypt(key, base64.b64encode(data).decode())


def _version_2(data: bytes, key: str = KEY, context: Context = SENT) -> str:
    return v2.decrypt(key, v2.MARK + base64.b64encode(data).decode().rstrip("="), context)


ONE = base64.b64decode(cipher.encrypt(KEY, TEXT, iv=bytes(16)))
TWO = base64.b64decode(v2.encrypt(KEY, TEXT, SENT, salt=bytes(16)).removeprefix(v2.MARK) + "==")
WRONG_KEYS = [v2.new_key(bytes([number]) * 20) for number in range(100)]


def _count(attempts: Iterable[Callable[[], object]]) -> str:
    """`3 of 5`: so many are read without an error."""
    tried = [_is_read(attempt) for attempt in attempts]
    return f"{sum(tried)} of {len(tried)}"


def _is_read(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except CipherError:
        return False
    return True


def _each(reader: Reader, changed: Iterable[bytes]) -> str:
    return _count((lambda data=data: reader(data)) for data in changed)


def _flips(data: bytes) -> list[bytes]:
    return [bytes((*data[:at], data[at] ^ 1 << bit, *data[at + 1 :])) for at in range(len(data)) for bit in range(8)]


def _cuts(data: bytes) -> list[bytes]:
    return [data[:end] for end in range(len(data))]


@pytest.mark.parametrize(
    ("first", "one", "two"),
    [
        ("one bit is changed, each in turn", _each(_version_1, _flips(ONE)), _each(_version_2, _flips(TWO))),
        (
            "bytes are cut off the end, from one to all",
            _each(_version_1, _cuts(ONE)),
            _each(_version_2, _cuts(TWO)),
        ),
        ("the first 16 bytes are cut off", _each(_version_1, [ONE[16:]]), _each(_version_2, [TWO[16:]])),
        (
            "it is read with one of 100 wrong pass phrases",
            _count((lambda key=key: _version_1(ONE, key)) for key in WRONG_KEYS),
            _count((lambda key=key: _version_2(TWO, key)) for key in WRONG_KEYS),
        ),
        (
            "it is put into another conversation, or turned round",
            _count((lambda: _version_1(ONE)) for _ in OTHERS),  # version 1 knows of no conversation
            _count((lambda context=context: _version_2(TWO, KEY, context)) for context in OTHERS),
        ),
    ],
)
def test_what_goes_unnoticed_is_what_the_page_says(first: str, one: str, two: str) -> None:
    assert _row(first) == [first, one, two]
    assert _version_2(TWO) == TEXT


def _outcome(envelope: str, dialect: Dialect) -> str:
    try:
        text = cipher.decrypt(KEY, envelope, dialect=dialect)
    except CipherError as error:
        return f"{'panics' if error.panics else 'refuses'}: `{error.raised}`"
    return "reads garbage" if "\ufffd" in text else "reads it"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_todays_clients_do_with_it_is_what_the_page_says(dialect: Dialect) -> None:
    envelope = v2.encrypt(KEY, "Hello", SENT, salt=bytes(range(16)))
    other = _outcome(envelope.replace(v2.MARK, "v2."), dialect).partition(":")[0]
    assert _row(dialect) == [dialect, _outcome(envelope, dialect), other]


@pytest.mark.parametrize(("first", "limit"), [("send, receive", 2048), ("bulk", 1024)])
def test_how_much_fits_is_what_the_page_says(first: str, limit: int) -> None:
    one = max(size for size in range(limit) if len(cipher.encrypt(KEY, "x" * size, iv=bytes(16))) <= limit)
    two = max(size for size in range(limit) if len(v2.encrypt(KEY, "x" * size, SENT, salt=bytes(16))) <= limit)
    texts = [str(two // len(letter.encode())) for letter in "ж€🙂"]
    assert _row(first) == [first, str(limit), f"{one} bytes", f"{two} bytes", *texts]


def test_every_error_stands_on_the_page() -> None:
    own = {name: kind.__name__ for kind, name in ERROR.items() if name not in ("invalid-base64", "too-short")}
    assert {name: _row(f"`{name}`")[-1].strip("`") for name in own} == own
