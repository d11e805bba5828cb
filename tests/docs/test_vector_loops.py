"""docs/quick-starts/vectors.md: its loops run as they stand there, and each fails when its client is broken."""

from __future__ import annotations

import json
import re
import subprocess
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from harness.adapters.vector_files import own
from harness.cipher import Dialect
from harness.interop.judging import judge
from harness.interop.predicting import predict
from harness.interop.suite import Vector
from tests.clients.children import missing
from tests.docs.pages import OFFLINE, Page
from tests.house.sources import ROOT
from tests.processes import LIFE_S
from tests.test_readme import environment

PAGE = ROOT / "docs" / "quick-starts" / "vectors.md"
FILE = ROOT / "harness" / "interop" / "vectors" / "cipher-v1.json"
GET_FILE = "httpsms-harness vectors list"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Loop:
    """A loop of the page: how it is begun, and what says which client it asks and which flags are known."""

    language: Dialect
    installs: str
    run: str
    file: str
    client: str
    known: str


NODE = Loop(
    "node",
    "npm install",
    "node vectors.mjs",
    "vectors.mjs",
    'const { cipher } = new HttpSms("");',
    "const known = [{}];",
)
GO = Loop(
    "go", "go mod init", "go run vectors.go", "vectors.go", "var cipher = httpsms.New().Cipher",
    "var known = []string{{{}}}",
)  # fmt: skip
LOOPS = pytest.mark.parametrize("loop", [NODE, GO], ids=lambda loop: loop.language)


def opened(loop: Loop, folder: Path) -> Page:
    """The page with its loop ready to run."""
    why = missing(loop.language)
    if why:
        pytest.skip(why)
    page = Page(PAGE, folder)
    page.run(GET_FILE)
    page.run(loop.installs)
    return page


def ended(page: Page, beginning: str) -> subprocess.CompletedProcess[str]:
    """A block that may fail."""
    return subprocess.run(
        ["bash", "-e", "-c", page.block(beginning)],
        cwd=page.folder, env=environment(**OFFLINE), stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=LIFE_S, check=False,
    )  # fmt: skip


def failures(page: Page, loop: Loop) -> list[int]:
    """The numbers of the vectors that fail; it ends with an error if and only if there are some."""
    done = ended(page, loop.run)
    found = [int(number) for number in re.findall(r"^vector (\d+) failed: .", done.stdout, re.MULTILINE)]
    assert (done.returncode != 0) == bool(found), done
    return found


def changed(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1, before
    path.write_text(text.replace(before, after), encoding="utf-8")


# -- the loops ---------------------------------------------------------------------------------------------------------


@LOOPS
def test_a_loop_finds_what_is_known_of_its_client_and_nothing_else(loop: Loop, tmp_path: Path) -> None:
    page = opened(loop, tmp_path)
    said = page.run(loop.run).rstrip("\n")
    assert f"`{re.sub('[1-9][0-9]*', '…', said)}`" in page.text
    verdicts = Counter(_verdict(vector, loop.language) for vector in own().vectors if vector.operation != "ivs")
    counted = {name: int(number) for name, number in re.findall(r"(\w+): ?(\d+)", said)}
    assert counted == {"right": verdicts["pass"], "known": verdicts["known"], "failed": 0}


def _verdict(vector: Vector, dialect: Dialect) -> str:
    return judge(vector, predict(vector, dialect), dialect=dialect, iv_given=True).verdict


@LOOPS
def test_every_flag_in_the_list_of_a_loop_is_needed(loop: Loop, tmp_path: Path) -> None:
    page = opened(loop, tmp_path)
    path = page.folder / loop.file
    source = path.read_text(encoding="utf-8")
    [listed] = re.findall(
        re.escape(loop.known).replace(r"\{\}", r"([^\]}]*)").replace(r"\{\{", r"\{").replace(r"\}\}", r"\}"), source
    )
    flags = re.findall(r'"(\w+)"', listed)
    assert flags == sorted(flags)
    assert flags
    for left_out in flags:
        rest = ", ".join(f'"{flag}"' for flag in flags if flag != left_out)
        path.write_text(source.replace(listed, rest), encoding="utf-8")
        by_flag = {int(vector.id) for vector in own().vectors if left_out in vector.flags}
        found = failures(page, loop)
        assert found
        assert set(found) <= by_flag


# -- a broken file -----------------------------------------------------------------------------------------------------

Doctored = Callable[[Json], bool]
"""Changes one test so that no correct client does what it says; False if that cannot be done to this one."""


def _other_text(test: Json) -> bool:
    if test["type"] != "EnvelopeDecrypt" or test["result"] != "valid":
        return False
    test["text"] += "!"
    return True


def _other_outcomes(test: Json) -> bool:
    told = [outcome for outcome in test.get("outcomes", {}).values() if outcome.keys() & {"text", "bytes"}]
    if test["type"] != "EnvelopeDecrypt" or test["result"] != "acceptable" or len(told) < 4:
        return False
    for outcome in told:
        outcome |= {name: outcome[name] + "21" for name in outcome}
    return True


def _forbidden(test: Json) -> bool:
    if test["type"] != "EnvelopeDecrypt" or test["result"] != "valid":
        return False
    test["result"] = "invalid"
    return True


def _demanded(test: Json) -> bool:
    if test["result"] != "invalid" or "ShorterThanIv" in test["flags"] or "error" not in test["outcomes"]["node"]:
        return False
    test |= {"result": "valid", "text": "", "flags": []}
    del test["outcomes"]
    return True


def _other_envelope(test: Json) -> bool:
    if test["type"] != "EnvelopeEncrypt" or test["result"] != "valid" or not test["text"]:
        return False
    test["text"] += "!"
    # Without an outcome of its own a loop may compare with the text: say by both that it is another one.
    test["outcomes"] = {"phone": {"ciphertext": test["ciphertext"]}}
    return True


@LOOPS
@pytest.mark.parametrize("doctored", [_other_text, _other_outcomes, _forbidden, _demanded, _other_envelope])
def test_a_loop_fails_when_the_file_says_otherwise(loop: Loop, doctored: Doctored, tmp_path: Path) -> None:
    page = opened(loop, tmp_path)
    path = page.folder / "vectors.json"
    whole = json.loads(path.read_text(encoding="ascii"))
    numbers = [
        test["tcId"]
        for group in whole["testGroups"]
        for test in group["tests"]
        if doctored(_typed(test, group["type"]))
    ]
    assert len(numbers) > 5
    path.write_text(json.dumps(whole), encoding="ascii")
    assert failures(page, loop) == numbers


def _typed(test: Json, kind: str) -> Json:
    test["type"] = kind
    return test


# -- a broken client ---------------------------------------------------------------------------------------------------

# What becomes of a call in JavaScript, in Go, and which vectors notice it: by a flag of theirs.
BROKEN = [
    pytest.param("real.decrypt(key.trim(), it)", "real.Decrypt(strings.TrimSpace(key), it)", "KeyHasOuterWhitespace",
                 id="trims the key"),
    pytest.param('real.decrypt(key, it).replace(/^\\ufeff/, "")',
                 'trimmed(real.Decrypt(key, it))', "UnicodeText", id="drops a byte order mark"),
    pytest.param("real.decrypt(key, it).slice(0, 160)", "cut(real.Decrypt(key, it))", "SegmentBorder",
                 id="cuts at a segment"),
]  # fmt: skip
NODE_CLIENT = """\
const real = new HttpSms("").cipher;
const cipher = { encrypt: (key, it) => real.encrypt(key, it), decrypt: (key, it) => CALL };
"""
GO_CLIENT = """\
type broken struct{}

var real = httpsms.New().Cipher
var cipher = broken{}

func (broken) Encrypt(key, it string) (string, error) { return real.Encrypt(key, it) }
func (broken) Decrypt(key, it string) (string, error) { return CALL }

func trimmed(it string, err error) (string, error) { return strings.TrimPrefix(it, "\\ufeff"), err }
func cut(it string, err error) (string, error)     { return it[:min(160, len(it))], err }
"""


@LOOPS
@pytest.mark.parametrize(("js", "go", "flag"), BROKEN)
def test_a_loop_fails_when_its_client_is_broken(loop: Loop, js: str, go: str, flag: str, tmp_path: Path) -> None:
    page = opened(loop, tmp_path)
    path = page.folder / loop.file
    client = NODE_CLIENT.replace("CALL", js) if loop is NODE else GO_CLIENT.replace("CALL", go)
    changed(path, loop.client, client)
    if loop is GO:
        changed(path, '\t"slices"\n', '\t"slices"\n\t"strings"\n')
    by_id = {int(vector.id): vector for vector in own().vectors}
    assert any(flag in by_id[number].flags for number in failures(page, loop))


def test_a_panic_where_a_text_belongs_is_a_failure_in_go(tmp_path: Path) -> None:
    page = opened(GO, tmp_path)
    changed(page.folder / GO.file, GO.client, GO_CLIENT.replace("CALL", "real.Decrypt(key, it[:len(it)/len(key)])"))
    changed(page.folder / GO.file, '\t"slices"\n', '\t"slices"\n\t"strings"\n')
    assert len(failures(page, GO)) > 100


# -- Python, and the rest of the page ----------------------------------------------------------------------------------

MY_CLIENT = "from harness.cipher import decrypt, encrypt\n"
BROKEN_CLIENT = "from harness import cipher\nencrypt = cipher.encrypt\ndef decrypt(key, it): return cipher.decrypt(key.strip(), it)\n"


@pytest.mark.parametrize(("client", "code"), [(MY_CLIENT, 0), (BROKEN_CLIENT, 1)])
def test_the_pytest_test_passes_for_a_right_client_alone(client: str, code: int, tmp_path: Path) -> None:
    page = Page(PAGE, tmp_path)
    (tmp_path / "my_client.py").write_text(client, encoding="utf-8")
    done = ended(page, "pytest -q")
    assert done.returncode == code, done
    assert f"{len(own().vectors)} passed" in done.stdout or code
    assert ("KeyHasOuterWhitespace" in done.stdout) == bool(code)


def test_the_fields_and_the_test_that_the_page_shows_are_those_of_the_file(tmp_path: Path) -> None:
    page = Page(PAGE, tmp_path)
    shown = json.loads(page.block('{"tcId"'))
    groups = json.loads(FILE.read_text(encoding="ascii"))["testGroups"]
    tests = [test for group in groups for test in group["tests"]]
    assert [test for test in tests if test["tcId"] == shown["tcId"]] == [shown]
    told = page.text.split("| field |")[1].split("\n\n")[0]
    fields = {name for test in tests for name in test} - {"encryptions"}
    assert [name for name in sorted(fields) if f"`{name}`" not in told] == []
