"""The cipher against what the real programs did (tests/data/cipher/README.md), and against its own rules."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import sys
from collections import Counter
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from harness.cipher import decrypt, encrypt
from harness.errors import CipherError, CiphertextTooShort, HarnessError, InvalidBase64
from tests.recorded import folder

DATA = folder("cipher")
JAVA_ERROR: dict[type[HarnessError], str] = {
    InvalidBase64: "java.lang.IllegalArgumentException",
    CiphertextTooShort: "java.security.InvalidAlgorithmParameterException",
}
IVS = st.binary(min_size=16, max_size=16)
LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")


def _load(name: str) -> Any:
    return json.loads((DATA / name).read_text(encoding="ascii"))


def _cases(name: str) -> list[Any]:
    groups = _load(name)["groups"]
    return [pytest.param(case, id=case["id"]) for group in groups for case in group["cases"]]


def _field(case: dict[str, Any], name: str) -> str:
    """A text of the case, however it is written down."""
    if f"{name}_repeat" in case:
        repeat = case[f"{name}_repeat"]
        whole: str = repeat["unit"] * (repeat["bytes"] // len(repeat["unit"].encode()) + 1)
        return whole.encode()[: repeat["bytes"]].decode()
    if f"{name}_utf16" in case:
        return bytes.fromhex(case[f"{name}_utf16"]).decode("utf-16-be", "surrogatepass")
    return str(case[name])


def _decrypted(key: str, ciphertext: str) -> dict[str, str]:
    """What `decrypt` did, in the words of the recordings."""
    try:
        return {"text": decrypt(key, ciphertext)}
    except CipherError as error:
        return {"error": JAVA_ERROR[type(error)]}


def _recorded_decryption(case: dict[str, Any]) -> dict[str, str]:
    if case["result"] == "valid":
        return {"text": _field(case, "text")}
    outcome = case["outcomes"]["kotlin_android"]
    return {name: outcome[name] for name in ("text", "error") if name in outcome}


@pytest.mark.cases
@pytest.mark.parametrize("case", _cases("decrypt.json"))
def test_a_recorded_ciphertext_is_read_as_the_phone_reads_it(case: dict[str, Any]) -> None:
    assert _decrypted(_field(case, "key"), case["ciphertext"]) == _recorded_decryption(case)


@pytest.mark.cases
@pytest.mark.parametrize("case", _cases("encrypt.json"))
def test_a_recorded_text_is_encrypted_as_the_phone_encrypts_it(case: dict[str, Any]) -> None:
    written = encrypt(_field(case, "key"), _field(case, "text"), iv=bytes.fromhex(case["iv"]))
    if "ciphertext_sha256" in case:
        assert hashlib.sha256(written.encode("ascii")).hexdigest() == case["ciphertext_sha256"]
    elif case["result"] == "valid":
        assert written == case["ciphertext"]
    else:
        assert {"ciphertext": written} == case["outcomes"]["kotlin"]


@pytest.mark.cases
@pytest.mark.parametrize("case", [c for c in _cases("encrypt.json") if "text_bytes" in c.values[0]])
def test_the_length_of_the_envelope_decides_what_the_gateway_admits(case: dict[str, Any]) -> None:
    written = encrypt(_field(case, "key"), _field(case, "text"))
    assert len(written) == case["ciphertext_length"]
    assert {"send": len(written) <= 2048, "bulk": len(written) <= 1024} == case["fits"]


@pytest.mark.cases
@pytest.mark.parametrize("name", ["decrypt.json", "encrypt.json"])
def test_no_recorded_case_is_left_out(name: str) -> None:
    recorded = _load(name)
    replayed = [case.values[0] for case in _cases(name)]
    assert len(replayed) == recorded["count"]
    assert Counter(case["result"] for case in replayed) == recorded["results"]


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
    recorded = _load("structure.json")["structure"][program]
    ours = _structure([(size, encrypt("Password123", "x" * size)) for size in range(1000)])
    assert ours == {fact: recorded[fact] for fact in ours}


def test_a_text_of_64_kib_is_one_line_of_base64() -> None:
    recorded = _load("structure.json")["structure"]["kotlin_android"]
    written = encrypt("Password123", "x" * 65536)
    assert len(written) == recorded["length_at_65536_bytes"]
    assert len(written.splitlines()) - 1 == recorded["line_breaks_at_65536_bytes"]


@given(key=st.text(), text=st.text(), iv=IVS)
@example(key="", text="", iv=bytes(16))
def test_what_was_encrypted_is_read_back(key: str, text: str, iv: bytes) -> None:
    written = encrypt(key, text, iv=iv)
    assert decrypt(key, written) == text
    assert decrypt(key, written.rstrip("=")) == text


@given(key=st.text(), text=st.text(), iv=IVS)
def test_the_same_iv_gives_the_same_envelope_and_stands_first_in_it(key: str, text: str, iv: bytes) -> None:
    written = encrypt(key, text, iv=iv)
    assert written == encrypt(key, text, iv=iv)
    assert base64.b64decode(written)[:16] == iv


def _phone_accepts(text: str) -> bool:
    """The rule of cipher.md §3 in its own words: L letters, then p equals signs."""
    letters = text.rstrip("=")
    padding = len(text) - len(letters)
    allowed: dict[int, set[int]] = {0: {0}, 1: set(), 2: {0, 2}, 3: {0, 1}}
    return LETTERS.issuperset(letters) and padding in allowed[len(letters) % 4]


@given(st.text(alphabet="AZaz09+/") | st.text(alphabet="AQ/==-_ \n\r\tŁ") | st.text(st.characters()))
@example("AAAA\n")
@example("\n")
def test_base64_is_accepted_by_the_rule_of_the_phone_alone(text: str) -> None:
    outcome = _decrypted("key", text)
    assert (outcome.get("error") != JAVA_ERROR[InvalidBase64]) == _phone_accepts(text)


MUTATIONS = st.lists(st.tuples(st.integers(0, 200), st.sampled_from(["", "A", "=", "-", "\n", " ", "Ł"])), max_size=4)


@pytest.mark.soak
@given(text=st.text(), iv=IVS, mutations=MUTATIONS)
def test_a_changed_envelope_is_read_or_refused_by_the_rule_of_the_phone(
    text: str, iv: bytes, mutations: list[tuple[int, str]]
) -> None:
    written = encrypt("Password123", text, iv=iv)
    for position, letter in mutations:
        written = written[:position] + letter + written[position + 1 :]
    outcome = _decrypted("Password123", written)
    assert (outcome.get("error") != JAVA_ERROR[InvalidBase64]) == _phone_accepts(written)


@given(text=st.text(st.characters()), other=st.text())
def test_a_wrong_key_gives_garbage_and_no_error(text: str, other: str) -> None:
    assert isinstance(decrypt(other, encrypt("Password123", text)), str)


@pytest.mark.parametrize("length", [0, 15, 17, 32])
def test_an_iv_of_another_length_is_the_callers_slip(length: int) -> None:
    with pytest.raises(ValueError, match=f"16 bytes, not {length}"):
        encrypt("Password123", "Hello", iv=bytes(length))


@pytest.mark.parametrize("length", [0, 1, 15])
def test_a_short_ciphertext_is_refused_with_its_length(length: int) -> None:
    with pytest.raises(CiphertextTooShort) as caught:
        decrypt("Password123", base64.b64encode(bytes(length)).decode())
    assert caught.value.length == length


def test_no_error_tells_the_key() -> None:
    for ciphertext in ("", "!", "AAAA"):
        with pytest.raises(CipherError) as caught:
            decrypt("Password123", ciphertext)
        assert "Password123" not in f"{caught.value} {caught.value!r}"


def test_the_module_loads_without_the_cipher_library() -> None:
    script = "import sys, harness.cipher; sys.exit('cryptography' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
