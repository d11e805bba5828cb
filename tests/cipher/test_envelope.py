"""The envelope against what the real programs did (tests/data/cipher/README.md), and against its own rules."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from harness.cipher import DIALECTS, Dialect, bytes_of, decrypt, encrypt
from harness.errors import CipherError, CiphertextTooShort
from tests.cipher.replay import Case, Outcome, cases, decryption, encryption, field, recorded
from tests.recorded import folder

DATA = folder("cipher")
LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
RUN = {"decrypt.json": decryption, "encrypt.json": encryption}
IVS = st.binary(min_size=16, max_size=16)
in_every_dialect = pytest.mark.parametrize("dialect", DIALECTS)


def _load(name: str) -> Any:
    return json.loads((DATA / name).read_text(encoding="ascii"))


def _each_with(name: str, file: str) -> pytest.MarkDecorator:
    """Parametrizes a test with the cases that have that field."""
    found = [case for case in cases(_load(file)) if name in case]
    return pytest.mark.parametrize("case", found, ids=[case["id"] for case in found])


REPLAYED = [
    (name, case, dialect)
    for name in RUN
    for case in cases(_load(name))
    for dialect in DIALECTS
    if recorded(case, dialect) is not None
]


@pytest.mark.cases
@pytest.mark.parametrize(
    ("run", "case", "dialect"),
    [pytest.param(RUN[name], case, dialect, id=f"{case['id']}-{dialect}") for name, case, dialect in REPLAYED],
)
def test_a_recorded_case_ends_in_each_dialect_as_in_the_client(
    run: Callable[[Case, Dialect], Outcome], case: Case, dialect: Dialect
) -> None:
    assert run(case, dialect) == recorded(case, dialect)


@pytest.mark.cases
@pytest.mark.parametrize("name", RUN)
def test_no_recorded_case_is_left_out_in_any_dialect(name: str) -> None:
    recording = _load(name)
    replayed = [(case, dialect) for replayed_in, case, dialect in REPLAYED if replayed_in == name]
    assert Counter(dialect for _, dialect in replayed) == dict.fromkeys(DIALECTS, recording["count"])
    assert Counter(case["result"] for case, dialect in replayed if dialect == "phone") == recording["results"]


@pytest.mark.cases
@_each_with("plaintext_hex", "decrypt.json")
def test_the_bytes_before_they_are_read_as_text_are_the_recorded_ones(case: Case) -> None:
    # Where bytes were recorded, Go hands them on.
    assert bytes_of(decrypt(field(case, "key"), case["ciphertext"], dialect="go")).hex() == case["plaintext_hex"]


@pytest.mark.cases
@_each_with("text_bytes", "encrypt.json")
def test_the_length_of_the_envelope_decides_what_the_gateway_admits(case: Case) -> None:
    written = encrypt(field(case, "key"), field(case, "text"))
    assert len(written) == case["ciphertext_length"]
    assert {"send": len(written) <= 2048, "bulk": len(written) <= 1024} == case["fits"]


def _structure(encryptions: list[tuple[int, str]]) -> dict[str, Any]:
    """The facts of structure.json, measured on (bytes of the text, ciphertext) pairs."""
    decoded = [base64.b64decode(written, validate=True) for _, written in encryptions]
    letters = {letter for _, written in encryptions for letter in written.rstrip("=")}
    again = [base64.b64encode(envelope).decode("ascii") for envelope in decoded]
    return {
        "encryptions": len(encryptions),
        "distinct_ivs": len({envelope[:16] for envelope in decoded}),
        "iv_bytes": max(len(envelope) - size for envelope, (size, _) in zip(decoded, encryptions, strict=True)),
        "distinct_characters": len(letters),
        "outputs_with_line_break_space_or_urlsafe": sum(not LETTERS.issuperset(w.rstrip("=")) for _, w in encryptions),
        "non_canonical": sum(w != a for (_, w), a in zip(encryptions, again, strict=True)),
        "length_exceptions": sum(len(w) != 4 * ((16 + n + 2) // 3) for n, w in encryptions),
    }


@pytest.mark.parametrize("program", ["node", "go", "kotlin", "kotlin_android"])
def test_a_thousand_envelopes_have_the_structure_of_the_recorded_ones(program: str) -> None:
    recording = _load("structure.json")["structure"][program]
    ours = _structure([(size, encrypt("Password123", "x" * size)) for size in range(1000)])
    assert ours == {fact: recording[fact] for fact in ours}


def test_a_text_of_64_kib_is_one_line_of_base64() -> None:
    recording = _load("structure.json")["structure"]["kotlin_android"]
    written = encrypt("Password123", "x" * 65536)
    assert len(written) == recording["length_at_65536_bytes"]
    assert len(written.splitlines()) - 1 == recording["line_breaks_at_65536_bytes"]


@in_every_dialect
@given(key=st.text(), text=st.text(), iv=IVS)
@example(key="", text="", iv=bytes(16))
def test_what_was_encrypted_is_read_back(key: str, text: str, iv: bytes, dialect: Dialect) -> None:
    assert decrypt(key, encrypt(key, text, iv=iv, dialect=dialect), dialect=dialect) == text


@given(key=st.text(), text=st.text(), iv=IVS)
def test_the_same_iv_gives_the_same_envelope_and_stands_first_in_it(key: str, text: str, iv: bytes) -> None:
    written = encrypt(key, text, iv=iv)
    assert written == encrypt(key, text, iv=iv)
    assert base64.b64decode(written)[:16] == iv


@in_every_dialect
@given(text=st.text(st.characters()), other=st.text())
def test_a_wrong_key_gives_garbage_and_no_error(text: str, other: str, dialect: Dialect) -> None:
    assert isinstance(decrypt(other, encrypt("Password123", text), dialect=dialect), str)


@pytest.mark.parametrize("length", [0, 15, 17, 32])
def test_an_iv_of_another_length_is_the_callers_slip(length: int) -> None:
    with pytest.raises(ValueError, match=f"16 bytes, not {length}"):
        encrypt("Password123", "Hello", iv=bytes(length))


@in_every_dialect
@pytest.mark.parametrize("length", [0, 1, 15])
def test_a_short_ciphertext_is_refused_with_its_length(length: int, dialect: Dialect) -> None:
    with pytest.raises(CiphertextTooShort) as caught:
        decrypt("Password123", base64.b64encode(bytes(length)).decode(), dialect=dialect)
    assert caught.value.length == length


@in_every_dialect
@pytest.mark.parametrize("ciphertext", ["", "!", "AAAA", "SecretSecret"])
def test_no_error_tells_the_key_or_the_ciphertext(ciphertext: str, dialect: Dialect) -> None:
    # A key that is not well-formed takes another way, past an error that knows it.
    with pytest.raises(CipherError) as caught:
        decrypt("Password123\ud800", ciphertext, dialect=dialect)
    told = f"{caught.value} {caught.value!r} {caught.value.__context__!r}"
    assert "Password123" not in told
    assert "Secret" not in told


def test_the_module_loads_without_the_cipher_library() -> None:
    script = "import sys, harness.cipher; sys.exit('cryptography' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
