"""The proposed envelope: its vectors, by our code and by another one (v2_reader.mjs), and what holds for all texts."""

from __future__ import annotations

import base64
import hmac
import json
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import assume, example, given
from hypothesis import strategies as st

from harness import cipher
from harness.cipher import DIALECTS, Dialect
from harness.cipher.v2 import (
    MARK,
    Context,
    Opened,
    decrypt,
    decrypt_either,
    derive,
    encrypt,
    letters,
    new_key,
    room,
)
from harness.errors import (
    CipherError,
    CiphertextTooShort,
    HarnessError,
    InvalidBase64,
    MalformedEnvelope,
    NotAuthentic,
    UnknownEnvelope,
    UnmarkedEnvelope,
    UnusableContext,
    UnusableKey,
)
from tests.house.sources import sources
from tools import vectors_v2

READER = Path(__file__).with_name("v2_reader.mjs")
SUITE: dict[str, Any] = json.loads(vectors_v2.PLACE.read_text(encoding="ascii"))
CASES = [(group["type"], test) for group in SUITE["testGroups"] for test in group["tests"]]
ERROR: dict[type[Exception], str] = {
    UnusableKey: "unusable-key",
    UnusableContext: "unusable-context",
    ValueError: "unusable-text",
    UnmarkedEnvelope: "unmarked",
    UnknownEnvelope: "unknown-version",
    MalformedEnvelope: "malformed",
    NotAuthentic: "not-authentic",
    InvalidBase64: "invalid-base64",
    CiphertextTooShort: "too-short",
}
READERS = ("EnvelopeV2Decrypt", "EnvelopeEitherDecrypt")

KEY, TEXT, SALT = vectors_v2.KEY, "Hi", bytes(range(16))
SENT = Context("outgoing", "+18005550199", "+18005550100")
BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

SALTS = st.binary(min_size=16, max_size=16)
KEYS = st.text(min_size=16).map(lambda text: f"<{text}>")
NUMBERS = st.from_regex(r"\+[1-9][0-9]{1,14}", fullmatch=True)
CONTEXTS = st.builds(
    Context, st.just("outgoing"), NUMBERS, NUMBERS | st.from_regex("[0-9]{2,9}", fullmatch=True)
) | st.builds(Context, st.just("incoming"), NUMBERS, NUMBERS | st.text(max_size=40).map(lambda text: f"<{text}>"))


# -- vectors -----------------------------------------------------------------------------------------------------------


def _field(test: dict[str, Any], name: str) -> str:
    if f"{name}Utf16" in test:
        return bytes.fromhex(test[f"{name}Utf16"]).decode("utf-16-be", "surrogatepass")
    return str(test[name])


def _made(kind: str, test: dict[str, Any]) -> dict[str, Any]:
    """What our code makes of a test, read or written as `kind` says."""
    key, context = _field(test, "key"), Context(test["direction"], test["owner"], _field(test, "contact"))
    try:
        if kind == "EnvelopeV2Encrypt":
            salt = bytes.fromhex(test["salt"])
            return {"ciphertext": encrypt(key, _field(test, "text"), context, salt=salt)}
        if kind == "EnvelopeV2Decrypt":
            return {"text": decrypt(key, test["ciphertext"], context)}
        opened = decrypt_either(key, test["ciphertext"], context)
        return {"text": opened.text, "version": opened.version}
    except (HarnessError, ValueError) as error:
        return {"error": ERROR[type(error)]}


def _expected(kind: str, test: dict[str, Any]) -> dict[str, Any]:
    if test["result"] == "invalid":
        return {"error": test["error"]}
    if kind == "EnvelopeV2Encrypt":
        return {"ciphertext": test["ciphertext"]}
    version = {"version": test.get("version", 2)} if kind == "EnvelopeEitherDecrypt" else {}
    return {"text": test["text"], **version}


def _runs() -> Iterator[tuple[str, dict[str, Any]]]:
    """Each test; and what is written is read back, by both readers."""
    for kind, test in CASES:
        yield kind, test
        if kind == "EnvelopeV2Encrypt" and test["result"] == "valid":
            yield from ((reader, test) for reader in READERS)


@pytest.mark.parametrize(("kind", "test"), [pytest.param(k, t, id=f"{t['tcId']}-{k}") for k, t in _runs()])
def test_every_vector_has_its_outcome(kind: str, test: dict[str, Any]) -> None:
    assert _made(kind, test) == _expected(kind, test), test["comment"]


def node(*arguments: str) -> str:
    """What Node prints. 20 is the first that knows isWellFormed."""
    if shutil.which("node") is None or int(_said("--version").lstrip("v").split(".")[0]) < 20:
        pytest.skip("no Node.js 20 or newer here: install it")
    return _said(*arguments)


def _said(*arguments: str) -> str:
    return subprocess.run(["node", *arguments], capture_output=True, text=True, check=True, timeout=60).stdout


def test_another_implementation_with_webcrypto_gives_every_vector_its_outcome() -> None:
    lines = node(str(READER), str(vectors_v2.PLACE)).splitlines()
    said = {(line.pop("tcId"), line.pop("type")): line for line in map(json.loads, lines)}
    assert said == {(test["tcId"], kind): _expected(kind, test) for kind, test in _runs()}


def test_what_the_trim_of_node_takes_away_is_at_no_edge_of_a_pass_phrase() -> None:
    script = "for (let i = 0; i < 65536; i++) if (!String.fromCharCode(i).trim()) console.log(i)"
    trimmed = [int(line) for line in node("-e", script).split()]
    assert len(trimmed) > 20
    assert [code for code in trimmed if _accepted(chr(code) + KEY) or _accepted(KEY + chr(code))] == []


def test_the_file_is_what_the_tool_writes(tmp_path: Path) -> None:
    said: list[str] = []
    assert vectors_v2.main(["--check"], say=said.append) == 0, said
    copy = tmp_path / "vectors.json"
    assert vectors_v2.main(["--check"], copy, said.append) == 1
    assert vectors_v2.main([], copy, said.append) == 0
    assert copy.read_bytes() == vectors_v2.PLACE.read_bytes()
    copy.write_text(copy.read_text().replace('"tcId": 1,', '"tcId": 0,'))
    assert vectors_v2.main(["--check"], copy, said.append) == 1
    assert "write it anew" in said[-1]


def test_the_file_is_of_its_schema() -> None:
    schema = json.loads(vectors_v2.SCHEMA.read_text(encoding="ascii"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(SUITE)
    broken = json.loads(json.dumps(SUITE))
    del broken["testGroups"][0]["tests"][0]["salt"]
    assert not jsonschema.Draft202012Validator(schema).is_valid(broken)


def test_vectors_are_numbered_and_their_flags_explained_and_used() -> None:
    tests = [test for _, test in CASES]
    assert [test["tcId"] for test in tests] == list(range(1, SUITE["numberOfTests"] + 1))
    assert {flag for test in tests for flag in test["flags"]} == set(SUITE["notes"])
    results = Counter(test["result"] for test in tests)
    assert results["invalid"] >= 150
    assert results["valid"] >= 60
    assert {test["error"] for test in tests if "error" in test} == set(ERROR.values())


def test_no_two_vectors_share_a_salt() -> None:
    salts = [test["salt"] for _, test in CASES if "salt" in test]
    assert [salt for salt, count in Counter(salts).items() if count > 1] == []


def test_the_known_answers_follow_from_hmac_and_aes_gcm_alone() -> None:
    steps = [test for _, test in CASES if "messageKey" in test]
    assert len(steps) >= 4
    for test in steps:
        salt, bound = bytes.fromhex(test["salt"]), bytes.fromhex(test["associatedData"])
        contact = test["contact"].encode()
        way = {"outgoing": 1, "incoming": 2}[test["direction"]]
        owner = test["owner"].encode()
        assert bound == bytes([2, way, len(owner)]) + owner + bytes([len(contact)]) + contact
        secret = hmac.digest(salt, test["key"].encode(), "sha256")
        first = hmac.digest(secret, b"httpsms envelope v2\x01", "sha256")
        nonce = hmac.digest(secret, first + b"httpsms envelope v2\x02", "sha256")[:12]
        assert (first.hex(), nonce.hex()) == (test["messageKey"], test["nonce"])
        sealed = salt + AESGCM(first).encrypt(nonce, test["text"].encode(), bound)
        assert "v2=" + base64.b64encode(sealed).decode().rstrip("=") == test["ciphertext"]


# -- what holds for all ------------------------------------------------------------------------------------------------


@given(key=KEYS, text=st.text(), context=CONTEXTS, salt=SALTS)
@example(key=KEY, text="\ufeff\0", context=SENT, salt=bytes(16))
def test_what_was_encrypted_is_read_back_by_both_readers(key: str, text: str, context: Context, salt: bytes) -> None:
    written = encrypt(key, text, context, salt=salt)
    assert decrypt(key, written, context) == text
    assert decrypt_either(key, written, context) == Opened(text, 2)


def _refuses(ciphertext: str, context: Context = SENT, key: str = KEY) -> type[CipherError] | None:
    """How `decrypt` refuses it; None if it does not. The reader of both must not read it as version 2 either."""
    with suppress(CipherError):
        assert decrypt_either(key, ciphertext, context).version == 1
    try:
        decrypt(key, ciphertext, context)
    except CipherError as error:
        return type(error)
    return None


def _spelt(data: bytes) -> str:
    return MARK + base64.b64encode(data).decode().rstrip("=")


def _bytes(written: str) -> bytes:
    body = written.removeprefix(MARK)
    return base64.b64decode(body + "=" * (-len(body) % 4))


def _flipped(data: bytes) -> Iterator[bytes]:
    whole = int.from_bytes(data)
    return ((whole ^ 1 << bit).to_bytes(len(data)) for bit in range(8 * len(data)))


def test_an_envelope_with_any_one_bit_changed_is_refused() -> None:
    data = _bytes(encrypt(KEY, TEXT, SENT, salt=SALT))
    outcomes = Counter(_refuses(_spelt(changed)) for changed in _flipped(data))
    assert outcomes == {NotAuthentic: 8 * 34}


def test_an_envelope_with_any_one_letter_changed_taken_away_or_put_in_is_refused() -> None:
    written = encrypt(KEY, TEXT, SENT, salt=SALT)
    changes = {written[:at] + new + written[at + cut :] for at in range(len(written)) for cut in (0, 1)
               for new in ("", *BASE64, "=", "-", "\n", " ", "\u0141")} - {written}  # fmt: skip
    appended = {written + new for new in (*BASE64, "=", "\n", " ")}
    assert len(changes) > 6000
    assert [changed for changed in changes | appended if _refuses(changed) is None] == []


def test_no_piece_of_an_envelope_is_one() -> None:
    data = _bytes(encrypt(KEY, "x" * 40, SENT, salt=SALT))
    pieces = {data[start:end] for start in range(len(data)) for end in range(start, len(data) + 1)} - {data}
    assert {_refuses(_spelt(piece)) for piece in pieces} == {MalformedEnvelope, NotAuthentic}


@given(text=st.text(max_size=40), bit=st.integers(0), context=CONTEXTS)
def test_a_changed_bit_is_refused_whatever_the_text(text: str, bit: int, context: Context) -> None:
    data = bytearray(_bytes(encrypt(KEY, text, context, salt=SALT)))
    data[bit // 8 % len(data)] ^= 1 << bit % 8
    assert _refuses(_spelt(bytes(data)), context) is NotAuthentic


@given(written=CONTEXTS, read=CONTEXTS)
@example(written=SENT, read=Context("incoming", SENT.owner, SENT.contact))
@example(written=SENT, read=Context("outgoing", SENT.contact, SENT.owner))
@example(written=Context("incoming", "+1234", "56"), read=Context("incoming", "+12345", "6"))
def test_an_envelope_opens_in_no_other_context(written: Context, read: Context) -> None:
    assume(written != read)
    assert written.associated_data() != read.associated_data()
    assert _refuses(encrypt(KEY, TEXT, written, salt=SALT), read) is NotAuthentic


@given(one=KEYS, other=KEYS)
def test_an_envelope_opens_under_no_other_pass_phrase(one: str, other: str) -> None:
    assume(one != other)
    assert _refuses(encrypt(one, TEXT, SENT, salt=SALT), key=other) is NotAuthentic


@given(st.text(st.characters(codec=None), max_size=80) | st.text(BASE64 + "=v2", max_size=80).map(MARK.__add__))
def test_nothing_but_an_envelope_is_read(ciphertext: str) -> None:
    assert _refuses(ciphertext) is not None


@given(salt=SALTS, other=SALTS)
def test_another_salt_gives_another_key_nonce_and_envelope(salt: bytes, other: bytes) -> None:
    assume(salt != other)
    assert not set(derive(KEY, salt)) & set(derive(KEY, other))
    assert encrypt(KEY, TEXT, SENT, salt=salt) != encrypt(KEY, TEXT, SENT, salt=other)


def test_without_a_salt_each_envelope_has_its_own() -> None:
    written = [encrypt(KEY, TEXT, SENT) for _ in range(1000)]
    assert len({_bytes(envelope)[:16] for envelope in written}) == 1000
    assert {decrypt(KEY, envelope, SENT) for envelope in written} == {TEXT}


@pytest.mark.parametrize("length", [0, 15, 17])
def test_a_salt_of_another_length_is_the_callers_slip(length: int) -> None:
    with pytest.raises(ValueError, match=f"16 bytes, not {length}"):
        encrypt(KEY, TEXT, SENT, salt=bytes(length))


@given(size=st.integers(0, 3000), limit=st.integers(0, 4000))
@example(size=1501, limit=2048)
@example(size=1502, limit=2048)
def test_how_long_an_envelope_gets_can_be_said_before(size: int, limit: int) -> None:
    assert len(encrypt(KEY, "x" * size, SENT, salt=SALT)) == letters(size)
    assert (letters(size) <= limit) == (size <= room(limit))


# -- pass phrases ------------------------------------------------------------------------------------------------------

# What the trims of Kotlin, of Java, of Go and of JavaScript take away beside Python's own (cipher.md §3).
ALSO_TRIMMED = [*range(0x21), 0x85, 0xA0, 0x1680, 0x180E, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000, 0xFEFF]


def _accepted(key: str) -> bool:
    try:
        encrypt(key, TEXT, SENT, salt=SALT)
    except UnusableKey:
        return False
    return True


def test_a_pass_phrase_that_some_client_would_trim_is_refused_at_both_ends() -> None:
    trimmed = [chr(code) for code in range(sys.maxunicode) if chr(code).isspace()] + [chr(c) for c in ALSO_TRIMMED]
    assert [letter for letter in trimmed if _accepted(letter + KEY) or _accepted(KEY + letter)] == []
    assert all(_accepted(KEY + letter + KEY) for letter in trimmed)
    assert _accepted("\u200b" + KEY + "\u200b")  # no trim takes this away


@given(st.text(max_size=30))
def test_a_pass_phrase_is_refused_below_16_bytes_and_taken_from_there_on(text: str) -> None:
    key = f"<{text}>"
    assert _accepted(key) == (len(key.encode()) >= 16)


def test_a_reader_refuses_the_pass_phrases_that_a_writer_refuses() -> None:
    written = encrypt(KEY, TEXT, SENT)
    for key in ("", "Password123", KEY + "\n", KEY + "\ud800"):
        for reader in (decrypt, decrypt_either):
            with pytest.raises(UnusableKey):
                reader(key, written, SENT)


def test_a_new_key_has_160_random_bits_and_can_be_typed() -> None:
    made = {new_key() for _ in range(1000)}
    assert len(made) == 1000
    assert all(_accepted(key) and set(key) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567-") for key in made)
    assert new_key(bytes(range(20))) == new_key(bytes(range(20))) == "AAAQ-EAYE-AUDA-OCAJ-BIFQ-YDIO-B4IB-CEQT"
    assert {len(key.replace("-", "")) * 5 for key in made} == {160}
    with pytest.raises(ValueError, match="20 bytes, not 19"):
        new_key(bytes(19))


def test_no_error_tells_the_pass_phrase_or_the_text() -> None:
    secret = "a secret of more than 16 bytes"
    written = encrypt(KEY, TEXT, SENT)
    calls = [
        *((lambda key=key: encrypt(key, TEXT, SENT)) for key in ("secret", secret + " ", secret + "\ud800")),
        lambda: encrypt(KEY, secret + "\ud800", SENT),
        *((lambda bad=bad: decrypt(secret, bad, SENT)) for bad in (written, "v2=", "v3=", "", "v2=AA\u0141A")),
    ]
    for call in calls:
        with pytest.raises((HarnessError, ValueError)) as caught:
            call()
        error: BaseException | None = caught.value
        while error is not None:
            assert "secret" not in f"{error} {error!r} {vars(error)} {getattr(error, 'object', '')!r}"
            error = error.__cause__ or error.__context__


# -- the versions beside each other ------------------------------------------------------------------------------------

REFUSED: dict[Dialect, str] = {
    "phone": "java.lang.IllegalArgumentException",
    "jvm": "java.lang.IllegalArgumentException",
    "node": "TypeError[ERR_CRYPTO_INVALID_IV]",
    "go": "*errors.joinError",
}


@pytest.mark.parametrize("dialect", DIALECTS)
@given(text=st.text(), salt=SALTS)
def test_every_client_of_today_refuses_it_and_none_panics(dialect: Dialect, text: str, salt: bytes) -> None:
    with pytest.raises(CipherError) as caught:
        cipher.decrypt(KEY, encrypt(KEY, text, SENT, salt=salt), dialect=dialect)
    assert (caught.value.raised, caught.value.panics) == (REFUSED[dialect], False)


def test_with_another_sign_in_the_mark_node_would_read_garbage() -> None:
    written = encrypt(KEY, "Hello", SENT, salt=SALT).replace(MARK, "v2.")
    assert "\ufffd" in cipher.decrypt(KEY, written, dialect="node")


@given(key=st.text(), text=st.text(), iv=SALTS, context=CONTEXTS)
def test_an_envelope_of_version_1_is_read_as_such_or_refused(key: str, text: str, iv: bytes, context: Context) -> None:
    written = cipher.encrypt(key, text, iv=iv)
    assert decrypt_either(key, written, context) == Opened(text, 1)
    with pytest.raises(UnmarkedEnvelope):
        decrypt(KEY, written, context)


def test_what_is_marked_as_version_2_is_never_read_as_version_1() -> None:
    for body in ("", "AAAA", cipher.encrypt(KEY, TEXT), cipher.encrypt(KEY, TEXT).rstrip("=")):
        with pytest.raises((MalformedEnvelope, NotAuthentic)):
            decrypt_either(KEY, MARK + body, SENT)


def test_nothing_in_the_package_uses_it() -> None:
    users = [
        module.path
        for module in sources("harness")
        if module.name != "harness.cipher.v2" and "v2" in module.text
        if any(name.startswith("harness.cipher.v2") for _, name in module.imports())
    ]
    assert users == []
    assert not cipher.encrypt(KEY, TEXT).startswith("v")


def test_neither_it_nor_the_cipher_library_is_loaded_before_it_is_needed() -> None:
    script = (
        "import sys, harness.cipher; assert 'harness.cipher.v2' not in sys.modules\n"
        "import harness.cipher.v2; assert 'cryptography' not in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
