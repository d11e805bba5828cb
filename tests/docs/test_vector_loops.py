"""docs/quick-starts/vectors.md: its loops run as they stand there, find what is known, and pass for a right client."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from harness.adapters.vector_files import own
from harness.cipher import Dialect
from harness.interop.judging import judge
from harness.interop.suite import Vector
from harness.vector_checks import VectorCheck
from tests.clients.children import missing
from tests.docs.pages import OFFLINE, Page
from tests.house.sources import ROOT
from tests.interop.models import modelled
from tests.processes import LIFE_S
from tests.test_readme import environment

pytestmark = pytest.mark.soak

PAGE = ROOT / "docs" / "quick-starts" / "vectors.md"
FILE = ROOT / "harness" / "interop" / "vectors" / "cipher-v1.json"
GET_FILE, VERIFY, PYTEST = "httpsms-harness vectors list", "httpsms-harness vectors verify", "pytest -q"
BY_NUMBER = {int(vector.id): vector for vector in own().vectors}

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Language:
    """A loop of the page: how it is begun, which line has its client, and which section tells of it."""

    name: Dialect
    installs: str
    run: str
    file: str
    client: str
    heading: str


NODE = Language(
    "node", "npm install", "node vectors.mjs", "vectors.mjs", 'const { cipher } = new HttpSms("");',
    "## 3. A loop for Node.js",
)  # fmt: skip
GO = Language(
    "go",
    "go mod init",
    "go test vectors_test.go",
    "vectors_test.go",
    "var cipher = httpsms.New().Cipher",
    "## 4. A loop for Go",
)


@dataclass(slots=True)
class Loop:
    """A loop in a folder where its packages are installed."""

    language: Language
    page: Page
    source: Path = field(init=False)
    vectors: Path = field(init=False)

    def __post_init__(self) -> None:
        self.source = self.page.folder / self.language.file
        self.vectors = self.page.folder / "vectors.json"

    def change(self, before: str, after: str) -> None:
        text = self.source.read_text(encoding="utf-8")
        assert text.count(before) == 1, before
        self.source.write_text(text.replace(before, after), encoding="utf-8")

    def section(self) -> str:
        [section] = [part for part in self.page.text.split("\n## ") if part.startswith(self.language.heading[3:])]
        return section

    def failures(self) -> list[int]:
        """The numbers of the vectors that fail. It ends with an error if and only if there are some."""
        done = ended(self.page, self.language.run)
        found = [
            int(number) for number in re.findall(r"^(?: +\S+: )?vector (\d+) failed: .", done.stdout, re.MULTILINE)
        ]
        assert (done.returncode != 0) == bool(found), done
        return found


def ended(page: Page, beginning: str, **more: str) -> subprocess.CompletedProcess[str]:
    """A block that may fail."""
    return subprocess.run(
        ["bash", "-e", "-c", page.block(beginning)],
        cwd=page.folder, env=environment(**OFFLINE, **more), stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=LIFE_S, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module", params=[NODE, GO], ids=lambda language: language.name)
def installed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Loop:
    language: Language = request.param
    why = missing(language.name)
    if why:
        pytest.skip(why)
    page = Page(PAGE, tmp_path_factory.mktemp(language.name))
    page.run(GET_FILE)
    page.run(language.installs)
    return Loop(language, page)


@pytest.fixture
def loop(installed: Loop) -> Iterator[Loop]:
    """The loop of the page, whatever the test before has made of it."""
    as_they_were = {path: path.read_bytes() for path in (installed.source, installed.vectors)}
    yield installed
    for path, content in as_they_were.items():
        path.write_bytes(content)


# -- the loops ---------------------------------------------------------------------------------------------------------


def test_a_loop_fails_what_is_known_of_its_client_and_nothing_else(loop: Loop) -> None:
    known = [int(vector.id) for vector in own().vectors if vector.operation != "ivs" and _is_known(vector, loop)]
    assert loop.failures() == known
    flags = set(_flags_told(loop))
    of_each = [flags.intersection(BY_NUMBER[number].flags) for number in known]
    assert all(of_each)
    assert flags == set().union(*(found for found in of_each if len(found) == 1))  # none could be left out


def _is_known(vector: Vector, loop: Loop) -> bool:
    """Does the client not do what is right?"""
    outcome = modelled(vector, loop.language.name)
    return judge(vector, outcome, held_to=None, given_iv=vector.iv).verdict == "fail"


def _flags_told(loop: Loop) -> list[str]:
    [told] = re.findall(r"^Each vector that this .*? fails has (.*?)[,:] (?:since|it)", loop.section(), re.M | re.S)
    return re.findall(r"`(\w+)`", told)


def test_the_page_says_how_long_its_loops_are(loop: Loop) -> None:
    lines = loop.source.read_text(encoding="utf-8").splitlines()[1:]
    assert f"\n{sum(bool(line.strip()) for line in lines)} lines, " in loop.section()


RIGHT = {
    NODE: """\
const real = new HttpSms("").cipher;
const strict = (it) => {
  if (Buffer.from(it, "base64").toString("base64") !== it) throw new Error("this is no base64");
  return it;
};
const cipher = { encrypt: (key, it) => real.encrypt(key, it), decrypt: (key, it) => real.decrypt(key, strict(it)) };
""",
    GO: """\
type right struct{}

var real = httpsms.New().Cipher
var cipher = right{}

func (right) Encrypt(key, it string) (string, error) { return real.Encrypt(key, it) }
func (right) Decrypt(key, it string) (string, error) {
	if raw, err := base64.StdEncoding.DecodeString(it); err == nil && len(raw) < 16 {
		return "", errors.New("this is too short")
	}
	return real.Decrypt(key, it)
}
""",
}


def test_a_loop_passes_when_its_client_is_right(loop: Loop) -> None:
    loop.change(loop.language.client, RIGHT[loop.language])
    if loop.language is GO:
        loop.change('\t"encoding/hex"\n', '\t"encoding/base64"\n\t"encoding/hex"\n')
        loop.change('\t"os"\n', '\t"errors"\n\t"os"\n')
    assert loop.failures() == []


# -- a broken file -----------------------------------------------------------------------------------------------------

Doctor = Callable[[str, Json], bool]
"""Changes a test of that type so that no client does what it says. False: it is none that can be changed so."""


def say_another_text(kind: str, test: Json) -> bool:
    if kind != "EnvelopeDecrypt" or test["result"] != "valid":
        return False
    test["text"] += "!"
    return True


def say_other_outcomes(kind: str, test: Json) -> bool:
    told = [outcome for outcome in test.get("outcomes", {}).values() if outcome.keys() <= {"text", "bytes"}]
    if kind != "EnvelopeDecrypt" or test["result"] != "acceptable" or len(told) < 4:
        return False
    for outcome in told:
        outcome |= {name: f"{value}21" for name, value in outcome.items()}
    return True


def forbid_what_is_read(kind: str, test: Json) -> bool:
    if kind != "EnvelopeDecrypt" or test["result"] != "valid":
        return False
    test["result"] = "invalid"
    return True


def demand_what_is_refused(kind: str, test: Json) -> bool:
    if test["result"] != "invalid" or "ShorterThanIv" not in test["flags"]:
        return False
    test |= {"result": "valid", "text": "", "flags": []}
    del test["outcomes"]
    return True


def say_another_text_was_encrypted(kind: str, test: Json) -> bool:
    if kind != "EnvelopeEncrypt" or test["result"] != "valid":
        return False
    test["outcomes"] = {"phone": {"ciphertext": test["ciphertext"]}}
    test["text"] += "!"
    return True


@pytest.mark.parametrize(
    "doctor",
    [
        say_another_text,
        say_other_outcomes,
        forbid_what_is_read,
        demand_what_is_refused,
        say_another_text_was_encrypted,
    ],
)
def test_a_loop_fails_for_each_vector_that_its_client_does_not_agree_with(loop: Loop, doctor: Doctor) -> None:
    known = set(loop.failures())
    whole = json.loads(loop.vectors.read_text(encoding="ascii"))
    changed = [
        test["tcId"]
        for group in whole["testGroups"]
        for test in group["tests"]
        if doctor(group["type"], test)
    ]  # fmt: skip
    assert len(changed) >= 40
    loop.vectors.write_text(json.dumps(whole), encoding="ascii")
    assert sorted(set(loop.failures()) - known) == sorted(set(changed) - known)


# -- a broken client ---------------------------------------------------------------------------------------------------

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

func unmarked(it string, err error) (string, error) { return strings.TrimPrefix(it, "\\ufeff"), err }
func cut(it string, err error) (string, error)      { return it[:min(160, len(it))], err }
"""
# What becomes of a call, in JavaScript and in Go, and a flag of vectors that notice.
BROKEN = {
    "trims the key": (
        "real.decrypt(key.trim(), it)", "real.Decrypt(strings.TrimSpace(key), it)", "KeyHasOuterWhitespace",
    ),
    "drops a byte order mark": (
        'real.decrypt(key, it).replace(/^\\ufeff/, "")', "unmarked(real.Decrypt(key, it))", "UnicodeText",
    ),
    "cuts after 160 letters": (
        "real.decrypt(key, it).slice(0, 160)", "cut(real.Decrypt(key, it))", "SegmentBorder",
    ),
    "answers nothing": ("undefined", '"", nil', "Published"),
    "fails in a way of its own": (
        "process.nonsense.at(key)", "real.Decrypt(key, it[:len(it)/len(strings.TrimSpace(it))-1])", "Published",
    ),
}  # fmt: skip


@pytest.mark.parametrize("broken", BROKEN)
def test_a_loop_fails_when_its_client_is_broken(loop: Loop, broken: str) -> None:
    js, go, flag = BROKEN[broken]
    if loop.language is NODE:
        loop.change(NODE.client, NODE_CLIENT.replace("CALL", js))
    else:
        loop.change(GO.client, GO_CLIENT.replace("CALL", go))
        loop.change('\t"os"\n', '\t"os"\n\t"strings"\n')
    known = set(_flags_told(loop))
    failed = [set(BY_NUMBER[number].flags) for number in loop.failures()]
    assert any(flag in flags for flags in failed if not flags & known)


# -- Python, and the rest of the page ----------------------------------------------------------------------------------

MY_CLIENT = "from harness.cipher import decrypt, encrypt\n"
MY_BROKEN_CLIENT = """\
from harness import cipher
def encrypt(key, text): return cipher.encrypt(key, text)
def decrypt(key, ciphertext): return cipher.decrypt(key.strip(), ciphertext)
"""


@pytest.mark.parametrize("client", [MY_CLIENT, MY_BROKEN_CLIENT], ids=["right", "broken"])
def test_the_five_lines_of_pytest_pass_for_a_right_client_alone(client: str, tmp_path: Path) -> None:
    page = Page(PAGE, tmp_path)
    (tmp_path / "my_client.py").write_text(client, encoding="utf-8")
    # All of them are tried in tests/test_pytest_plugin.py.
    done = ended(page, PYTEST, PYTEST_ADDOPTS="-k 'the-phone or at-the-end'")
    is_right = client is MY_CLIENT
    assert (done.returncode, "KeyHasOuterWhitespace" in done.stdout) == ((0, False) if is_right else (1, True)), done
    assert not is_right or re.search(r"\b[1-9]\d passed, \d{4} deselected", done.stdout)


def test_a_command_line_is_verified_as_shown(tmp_path: Path) -> None:
    assert "1 pass" in Page(PAGE, tmp_path).run(VERIFY)


def test_the_test_that_the_page_shows_is_in_the_file_and_the_page_explains_every_field(tmp_path: Path) -> None:
    page = Page(PAGE, tmp_path)
    page.run(GET_FILE)
    whole = json.loads((tmp_path / "vectors.json").read_text(encoding="ascii"))
    assert whole == json.loads(FILE.read_text(encoding="ascii"))
    tests = [test for group in whole["testGroups"] for test in group["tests"]]
    shown = json.loads(page.block('{"tcId"'))
    assert shown in tests
    assert f"[{VectorCheck(BY_NUMBER[shown['tcId']], own()).name}]" in page.text
    told = page.text.split("| field |")[1].split("\n\n")[0]
    assert [name for name in sorted({name for test in tests for name in test}) if f"`{name}`" not in told] == []


def test_every_block_of_the_page_is_executed_by_one_of_these_tests(tmp_path: Path) -> None:
    page = Page(PAGE, tmp_path)
    for beginning in (
        GET_FILE,
        VERIFY,
        PYTEST,
        '{"tcId"',
        *(it for run in (NODE, GO) for it in (run.installs, run.run)),
    ):
        page.block(beginning)
    assert page.unused == []


def test_the_links_of_the_page_lead_somewhere() -> None:
    text = PAGE.read_text(encoding="utf-8")
    headings = {
        re.sub(r"[^\w -]", "", line.strip("# ").lower()).replace(" ", "-")
        for line in text.splitlines()
        if line.startswith("#")
    }
    links = set(re.findall(r"\]\(([^)]+)\)", text))
    assert links
    assert [
        link for link in links if not (link[1:] in headings if link[0] == "#" else (PAGE.parent / link).is_file())
    ] == []
