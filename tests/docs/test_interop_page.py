"""docs/interop.md is what the vectors and the models give now, and every number on it is true of them."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import pytest

from harness.adapters.vector_files import own
from harness.cipher import DIALECTS, Dialect, decrypt, encrypt
from harness.errors import CipherError
from harness.interop import ivs
from harness.interop.outcomes import Crashed, Decrypted, Encrypted, Outcome, Refused
from harness.interop.suite import Vector
from tests.commands import run
from tests.docs.pages import Page
from tests.house.sources import ROOT
from tools.interop_counts import BULK_LETTERS, GUARD, SEND_LETTERS, Met, Reading, is_wrong, met, numbers, reading
from tools.interop_page import CHECKLIST, DANGERS, PLACE, page
from tools.vector_cases import GROUPS

VECTORS = {int(vector.id): vector for vector in own().vectors}
TEXT = PLACE.read_text(encoding="utf-8")
RECORDED = ROOT / "tests" / "data" / "cipher"


def section(title: str) -> str:
    """What stands under a heading, up to the next one."""
    [found] = re.findall(rf"^#+ {re.escape(title)}\n(.*?)(?=^#|\Z)", TEXT, re.MULTILINE | re.DOTALL)
    return str(found)


def listed(text: str) -> list[int]:
    """The numbers in `615–617, 620`."""
    found: list[int] = []
    for part in text.replace("\n", " ").split(", "):
        first, _, last = part.strip().partition("–")
        found += range(int(first), int(last or first) + 1)
    return found


def cells(text: str) -> Iterator[list[str]]:
    """The rows of the tables in a section, without their heads."""
    for line in re.findall(r"^\| (.*) \|$", text.split("| --- |")[-1], re.MULTILINE):
        yield [cell.strip() for cell in line.split(" | ")]


def test_the_page_of_the_divergences_is_what_make_docs_writes() -> None:
    assert page() == TEXT, "write it anew with make docs"


# -- what a client makes of a vector -----------------------------------------------------------------------------------


def _met(outcome: Outcome, sent: bytes | None, result: Any = "acceptable") -> Met:
    vector = Vector("1", "decrypt", "group", "comment", (), result, "key", outcomes=dict.fromkeys(DIALECTS, outcome))
    return Met(vector, sent, ())


@pytest.mark.parametrize(
    ("outcome", "sent", "read"),
    [
        (Decrypted("Hello"), b"Hello", "reads"),
        (Decrypted("Hell"), b"Hello", "alters"),
        (Decrypted("Hello"), None, "alters"),
        (Decrypted(""), None, "alters"),
        (Decrypted("a\ufffd"), b"a\xff", "replaces"),
        (Decrypted("\ufffd"), b"\xed\xa0\xbd", "replaces"),
        (Decrypted("b\ufffd"), b"a\xff", "alters"),
        (Decrypted("a\udcff"), b"a\xff", "reads"),
        (Decrypted("\ufffd"), "\ufffd".encode(), "reads"),
        (Refused("TypeError"), b"Hello", "refuses"),
        (Crashed("runtime.boundsError"), b"Hello", "crashes"),
        (Encrypted("AAAA"), b"Hello", "alters"),
    ],
)
def test_what_a_client_makes_of_a_vector(outcome: Outcome, sent: bytes | None, read: Reading) -> None:
    assert {reading(_met(outcome, sent), dialect) for dialect in DIALECTS} == {read}


@pytest.mark.parametrize("found", [[1], [1, 2], [1, 2, 3], [1, 3, 4, 5, 6, 9]])
def test_numbers_in_a_row_stand_together(found: list[int]) -> None:
    of = {int(it.vector.id): it for it in met()}
    written = numbers(of[number] for number in reversed(found))
    assert listed(written) == found
    assert written.count("–") == sum(
        number + 1 in found and number + 2 in found and number - 1 not in found for number in found
    )


# -- the dangers -------------------------------------------------------------------------------------------------------


def outcome(vector: Vector, dialect: Dialect) -> str | CipherError | None:
    """What our model of a client makes of an envelope; None for what is no envelope to decrypt."""
    return _outcome(int(vector.id), dialect)


@cache
def _outcome(number: int, dialect: Dialect) -> str | CipherError | None:
    vector = VECTORS[number]
    if vector.ciphertext is None or vector.operation != "decrypt":
        return None
    try:
        return decrypt(vector.key, vector.ciphertext, dialect=dialect)
    except CipherError as error:
        return error


def _panics(vector: Vector) -> bool:
    found = outcome(vector, "go")
    return isinstance(found, CipherError) and found.panics


def _is_misread(vector: Vector) -> bool:
    return vector.result == "invalid" and isinstance(outcome(vector, "node"), str)


def _is_unnoticed(vector: Vector) -> bool:
    is_tampered = vector.group in ("bit-flips", "truncated", "moved-blocks", "wrong-key") or "WrongKey" in vector.flags
    return is_tampered and isinstance(outcome(vector, "phone"), str)


def _is_raw(vector: Vector) -> bool:
    found = outcome(vector, "go")
    return isinstance(found, str) and any("\udc80" <= letter <= "\udcff" for letter in found)


def _has_half(vector: Vector) -> bool:
    return any("\ud800" <= letter <= "\udfff" for letter in f"{vector.key}{vector.text}")


def _is_spelling(vector: Vector) -> bool:
    """Read by one and refused by another, and all who read it read the same, which is text."""
    found = [outcome(vector, dialect) for dialect in DIALECTS]
    texts = {it for it in found if isinstance(it, str)}
    refusals = [it for it in found if isinstance(it, CipherError)]
    return (
        vector.result == "acceptable"
        and bool(texts)
        and bool(refusals)
        and not any(it.panics for it in refusals)
        and vector.group not in ("not-an-envelope", "truncated")
    )


def _asks_for_unforeseen_ivs(vector: Vector) -> bool:
    return vector.unpredictable


WRONG: Mapping[str, Callable[[Vector], bool]] = {
    "phone": _asks_for_unforeseen_ivs,
    "jvm": _asks_for_unforeseen_ivs,
    "node": _is_misread,
    "go": _panics,
}
"""What each client does wrong."""

SHOWN: Sequence[Callable[[Vector], bool]] = (
    _panics,
    _is_misread,
    _is_unnoticed,
    _asks_for_unforeseen_ivs,
    _is_raw,
    _has_half,
    _is_spelling,
)


@pytest.mark.parametrize(("number", "shows"), list(enumerate(SHOWN, start=1)))
def test_a_danger_names_the_vectors_that_show_it_and_no_others(number: int, shows: Callable[[Vector], bool]) -> None:
    title = f"{number}. {DANGERS[number - 1].title}"
    [(count, those)] = re.findall(r"\*\*Shown by:\*\* (\d+) vectors?: ([\d–, \n]+)", section(title))
    named = listed(those)
    assert named == [number for number, vector in VECTORS.items() if shows(vector)]
    assert int(count) == len(named) > 0


def test_there_is_no_danger_without_such_a_check() -> None:
    assert len(SHOWN) == len(DANGERS) == len(re.findall(r"^### \d+\. ", TEXT, re.MULTILINE))


def test_what_node_misreads_the_phone_and_go_refuse() -> None:
    for vector in filter(_is_misread, VECTORS.values()):
        assert isinstance(outcome(vector, "phone"), CipherError)
        assert isinstance(outcome(vector, "go"), CipherError)


def test_the_summary_counts_what_each_client_does_wrong() -> None:
    named = {row[0]: row[1] for row in cells(section("Is my client safe?").split("| name |")[0])}
    wrong = {"Go": "go", "Node": "node", "phone": "phone", "JVM": "jvm"}
    assert list(named) == list(wrong)
    for client, dialect in wrong.items():
        is_it = WRONG[dialect]
        [(count, those)] = re.findall(r"^(\d+) vectors? \((.*)\)$", named[client])
        assert listed(those) == [number for number, vector in VECTORS.items() if is_it(vector)]
        assert int(count) == len(listed(those))


def test_the_examples_are_what_the_models_read() -> None:
    rows = [
        (title, row) for title in ("2. " + DANGERS[1].title, "3. " + DANGERS[2].title) for row in cells(section(title))
    ]
    assert len(rows) == 8
    for title, (number, comment, wrote, read) in rows:
        vector = VECTORS[int(number)]
        text = outcome(vector, "node" if title.startswith("2") else "phone")
        assert vector.comment == comment
        assert isinstance(text, str)
        assert wrote != read
        assert _plain(read) == text[: len(_plain(read))]
        assert bool(re.search(rf"…\" \({len(text)} characters\)`$", read)) == (len(text) > len(_plain(read)))


def _plain(shown: str) -> str:
    """The text that a cell quotes, or its beginning."""
    [quoted] = re.findall(r'^`"(.*?)…?"(?: \(\d+ characters\))?`$', shown)
    return re.sub(r"\\(u....|.)", lambda escape: json.loads(f'"\\{escape[1]}"'), str(quoted))


# -- figures in the texts ----------------------------------------------------------------------------------------------


def _bears(flag: str) -> list[Vector]:
    return [vector for vector in VECTORS.values() if flag in vector.flags]


def _cut() -> int:
    """Less comes out than the sender wrote."""
    cases = (case for group in GROUPS for case in group.cases)
    read = [
        (outcome(vector, "node"), case)
        for vector, case in zip(VECTORS.values(), cases, strict=True)
        if "MisplacedPadding" in vector.flags
    ]
    return sum(isinstance(text, str) and len(text) < len(case.text) for text, case in read)


def _tampered() -> list[Vector]:
    return [v for v in VECTORS.values() if {"BitFlip", "Truncated", "MovedBlock", "WrongKey"} & set(v.flags)]


def _guarded(vectors: Sequence[Vector]) -> str:
    passed = [vector for vector in vectors if re.fullmatch(GUARD, vector.ciphertext or "")]
    return f"{len(passed)} of {len(vectors)}"


def _decryptions(result: str) -> list[Vector]:
    return [v for v in VECTORS.values() if v.operation == "decrypt" and v.result == result]


def _recorded_cases() -> int:
    files = (RECORDED / "decrypt.json", RECORDED / "encrypt.json")
    groups = (group for file in files for group in json.loads(file.read_text(encoding="ascii"))["groups"])
    return sum(len(group["cases"]) for group in groups)


def _structure() -> Any:
    return json.loads((RECORDED / "structure.json").read_text(encoding="ascii"))


CLAIMS: list[tuple[str, Callable[[], object]]] = [
    (r"counted in the ([\d,]+) vectors", lambda: f"{len(VECTORS):,}"),
    (r"They were run on (\d+) recorded cases", _recorded_cases),
    (r"(\d+ texts) and pass phrases", lambda: f"{_structure()['matrix']['texts_times_keys']} texts"),
    (r"came back in (\d+ of \d+) pairs", lambda: "{0} of {0}".format(len(_structure()["matrix"]["pairs"]))),
    (r"`Stop` \((\d+)\)", lambda: next(n for n, v in VECTORS.items() if v.ciphertext == "Stop")),
    (r"`4711` \((\d+)\)", lambda: next(n for n, v in VECTORS.items() if v.ciphertext == "4711")),
    (r"of (\d+) contents with a `=` where none belongs", lambda: len(_bears("MisplacedPadding"))),
    (r"cuts (\d+) in silence", _cut),
    (r"skips what is no letter: (\d+) contents", lambda: sum(map(_is_misread, _bears("InvalidCharacter")))),
    (r"cuts the text: (\d+) contents", lambda: sum(map(_is_misread, _bears("NonAscii")))),
    (r"Of the (\d+) contents that should be refused", lambda: sum(map(_is_misread, VECTORS.values()))),
    (r"Of (\d+) vectors for this", lambda: len(_tampered())),
    (r"phone reads (\d+) without an error", lambda: sum(map(_is_unnoticed, VECTORS.values()))),
    (r"it refuses (\d+) only", lambda: sum(isinstance(outcome(v, "phone"), CipherError) for v in _tampered())),
    (r"on a JVM told it in (\d+ of \d+)", lambda: _recovered("kotlin")),
    (r"Android's parts in (\d+ of \d+)", lambda: _recovered("kotlin_android")),
    (r"those of Node in (\d+ of \d+)", lambda: _recovered("node")),
    (r"those of Go in (\d+ of \d+)", lambda: _recovered("go")),
    (r"No IV came twice in ([\d,]+) encryptions", lambda: f"{_distinct():,}"),
    (
        r"look like surrogates \((\d+) vectors\)",
        lambda: sum(str(outcome(v, "phone")) != str(outcome(v, "jvm")) for v in VECTORS.values()
                    if isinstance(outcome(v, "phone"), str)),
    ),
    (r"lets (\d+ of \d+) envelopes through", lambda: _guarded(_decryptions("valid"))),
    (r"that must be read, (\d+ of \d+) contents", lambda: _guarded(_decryptions("invalid"))),
    (r"and (\d+ of \d+) on which Go panics", lambda: _guarded([v for v in VECTORS.values() if _panics(v)])),
    (r"at most ([\d,]+) trials", lambda: f"{2**16:,}"),
    (r"the gateway takes ([\d,]+) \(", lambda: f"{SEND_LETTERS:,}"),
]  # fmt: skip


def _recovered(client: str) -> str:
    return str(_structure()["structure"][client]["java_util_random_seed_recovered"])


def _distinct() -> int:
    """In the recorded series of each client all IVs differ."""
    [of_each] = {known["encryptions"] for known in _structure()["structure"].values()}
    assert {known["distinct_ivs"] for known in _structure()["structure"].values()} == {of_each}
    return int(of_each)


@pytest.mark.parametrize(("claim", "truth"), CLAIMS, ids=[claim for claim, _ in CLAIMS])
def test_a_figure_is_true(claim: str, truth: Callable[[], object]) -> None:
    assert re.findall(claim, " ".join(TEXT.split())) == [str(truth())]


def test_the_check_before_decrypting_lets_all_through_that_must_be_read_and_nothing_else_that_counts() -> None:
    assert f"```text\n{GUARD}\n```" in TEXT
    [valid, invalid, crashing] = re.findall(r"(\d+) of (\d+)", section("One check before decrypting"))
    assert valid[0] == valid[1]
    assert invalid[0] == crashing[0] == "0"


@pytest.mark.parametrize("letters", [SEND_LETTERS, BULK_LETTERS])
def test_so_much_text_fits(letters: int) -> None:
    [fits] = re.findall(rf"{letters:,} \(([\d,]+) bytes\)", " ".join(section("For authors of clients").split()))
    most = int(fits.replace(",", ""))
    assert len(encrypt("key", "x" * most)) <= letters < len(encrypt("key", "x" * (most + 1)))


def test_the_state_of_the_generator_follows_from_an_iv_as_the_page_says() -> None:
    drawn, state = [], ivs.seeded(1873)
    for _ in range(20):
        iv, state = ivs.next_bytes(state, 16)
        drawn.append(ivs.recovered_state(iv) == state)
    assert drawn == [True] * 20


# -- the tables of inputs ----------------------------------------------------------------------------------------------

INPUTS = [row for row in cells(section("Input by input")) if len(row) == 8]
AGREED = list(cells(section("Where all do the same, and right")))


def test_every_vector_stands_in_one_row_of_one_table() -> None:
    found = [number for row in [*INPUTS, *AGREED] for number in _numbers(row)]
    assert sorted(found) == list(VECTORS)
    assert str(sum(len(_numbers(row)) for row in AGREED)) == section("Where all do the same, and right").split()[0]


def _numbers(row: Sequence[str]) -> list[int]:
    count, those = row[2].split(": ")
    assert len(listed(those)) == int(count)
    return listed(those)


def test_what_all_do_the_same_they_do_the_same() -> None:
    for vector in (VECTORS[number] for row in AGREED for number in _numbers(row)):
        found = set(vector.outcomes.values())
        expected = vector.text if vector.operation == "decrypt" else vector.ciphertext
        assert found == {Decrypted(expected or "")} or found == {Encrypted(expected or "")} or vector.operation == "ivs"


@pytest.mark.parametrize("row", INPUTS, ids=lambda row: row[0][:40])
def test_a_row_says_how_often_each_client_refuses_crashes_and_answers(row: list[str]) -> None:
    vectors = [VECTORS[number] for number in _numbers(row)]
    results = Counter(vector.result for vector in vectors)
    assert row[3] == ", ".join(n if len(results) == 1 else f"{n} {c}" for n, c in sorted(results.items()))
    for dialect, cell in zip(DIALECTS, row[4:], strict=True):
        told: Counter[str] = Counter()
        for name, count in re.findall(r"(\w+) (\d+)", cell):
            told[{"refuses": "Refused", "crashes": "Crashed"}.get(name, "answer")] += int(count)
        kinds = Counter(type(vector.outcomes[dialect]).__name__ for vector in vectors)
        assert told == Counter({name: kinds[name] for name in ("Refused", "Crashed")}) + Counter(
            answer=len(vectors) - kinds["Refused"] - kinds["Crashed"]
        ), cell
        bold = sum(int(count) for count in re.findall(r"\*\*\w+ (\d+)\*\*", cell))
        assert bold == sum(map(WRONG[dialect], vectors))


def test_an_iv_that_is_known_is_wrong_of_the_phone_and_the_jvm_alone() -> None:
    [it] = [it for it in met() if it.vector.unpredictable]
    assert {dialect for dialect in DIALECTS if is_wrong(it, dialect)} == {"phone", "jvm"}
    assert [reading(it, dialect) for dialect in DIALECTS] == ["foretold", "foretold", "reads", "reads"]


# -- flags, rules, links, commands -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", own().flags)
def test_a_flag_is_explained_with_all_its_vectors(name: str) -> None:
    flag, told = own().flags[name], section(name)
    assert [text for text in (flag.what, flag.risk, flag.remedy) if text not in told] == []
    [(count, those)] = re.findall(r"\*\*Vectors:\*\* (\d+) vectors?: (.*)", told)
    assert listed(those) == [number for number, vector in VECTORS.items() if name in vector.flags]
    assert int(count) == len(listed(those))


def test_every_flag_belongs_to_a_rule_for_authors() -> None:
    assert {flag for _, flags in CHECKLIST for flag in flags} == set(own().flags)


def test_a_rule_counts_the_vectors_that_try_it() -> None:
    for _, tried in cells(section("For authors of clients")):
        count, links = tried.split(": ")
        flags = set(re.findall(r"\[(\w+)\]", links))
        assert int(count) == sum(bool(flags & set(vector.flags)) for vector in VECTORS.values())


def test_the_links_lead_somewhere() -> None:
    headings = [line.lstrip("# ") for line in TEXT.splitlines() if line.startswith("#")]
    anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    assert len(anchors) == len(headings)
    for link in re.findall(r"\]\(([^)]+)\)", TEXT):
        assert link[1:] in anchors if link.startswith("#") else (PLACE.parent / link).is_file(), link


def test_no_line_of_a_paragraph_looks_like_an_item_of_a_list() -> None:
    assert re.findall(r"^(?:(?! *\* \*\*[A-Z])(?!\* [A-Z]) *(?:[-+*]|1\.) .*)$", TEXT, re.MULTILINE) == []
    assert re.findall(r"\{[a-z_]*\}", TEXT) == []


def test_the_commands_of_the_page_work(tmp_path: Any) -> None:
    said = Page(PLACE, tmp_path).run("httpsms-harness vectors explain")
    [example] = [row for row in cells(section("2. " + DANGERS[1].title)) if row[1] == "= after 24 letters"]
    assert said.endswith(f"{_plain(example[3])}\n")
    for command in ("install", "verify", "matrix"):
        assert f"httpsms-harness vectors {command}\n" in TEXT
        assert run("vectors", command, "--help").code == 0
