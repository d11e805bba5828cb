"""Where the clients agree and where they differ, as rules; that the rules are the clients' is in test_envelope.py."""

from __future__ import annotations

import base64
import hashlib
import pickle
import re
from collections.abc import Callable
from typing import Any, get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from harness.cipher import DIALECTS, Dialect, bytes_of, decrypt, encrypt, raw
from harness.cipher.dialects import RULES
from harness.errors import CipherError, CiphertextTooShort, InvalidBase64

KEY = "Password123"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
IVS = st.binary(min_size=16, max_size=16)
# Text as a ciphertext may be written: whole, of letters, with what is nearly a letter, or anything at all.
WRITTEN = (
    st.binary(max_size=40).map(lambda data: base64.b64encode(data).decode())
    | st.text(alphabet="AZaz09+/", max_size=60)
    | st.text(alphabet="AQ/==-_ \n\r\t\ud841\udc3dŁ\u012b\xbd\xff😀\0", max_size=60)
    | st.text(st.characters(codec=None), max_size=40)
)
MUTATIONS = st.lists(
    st.tuples(st.integers(0, 80), st.sampled_from(["", "A", "=", "==", "-", "_", "\n", "\r", " ", "Ł", "😀"])),
    max_size=4,
)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """An envelope with up to four changes."""
    written = encrypt(KEY, draw(st.text(max_size=20)), iv=draw(IVS))
    for position, letter in draw(MUTATIONS):
        written = written[:position] + letter + written[position + 1 :]
    return written


CIPHERTEXTS = WRITTEN | mutated()


def _outcome(ciphertext: str, dialect: Dialect) -> str | CipherError:
    try:
        return decrypt(KEY, ciphertext, dialect=dialect)
    except CipherError as error:
        return error


def _class(outcome: str | CipherError) -> str:
    return "" if isinstance(outcome, str) else outcome.raised


def _envelope(data: bytes, iv: bytes = bytes(16)) -> str:
    """An envelope of bytes that need not be UTF-8."""
    return base64.b64encode(iv + raw.encrypt(hashlib.sha256(KEY.encode()).digest(), iv, data)).decode()


def test_there_is_one_rule_for_each_dialect() -> None:
    assert get_args(Dialect) == DIALECTS == tuple(RULES)


def test_another_dialect_is_the_callers_slip_and_the_message_names_those_there_are() -> None:
    unknown: Any = "kotlin"
    with pytest.raises(ValueError, match="no dialect 'kotlin': there are phone, jvm, node, go"):
        decrypt(KEY, "", dialect=unknown)
    with pytest.raises(ValueError, match="no dialect 'kotlin'"):
        encrypt(KEY, "", dialect=unknown)


# -- what all agree on -------------------------------------------------------------------------------------------------


@given(key=st.text(), text=st.text(), iv=IVS)
def test_all_make_the_same_envelope_and_read_it_alike(key: str, text: str, iv: bytes) -> None:
    written = {encrypt(key, text, iv=iv, dialect=dialect) for dialect in DIALECTS}
    assert len(written) == 1
    assert {decrypt(key, *written, dialect=dialect) for dialect in DIALECTS} == {text}


@given(CIPHERTEXTS)
def test_what_the_phone_reads_node_reads_alike(ciphertext: str) -> None:
    phone = _outcome(ciphertext, "phone")
    if isinstance(phone, str):
        assert _outcome(ciphertext, "node") == phone


@given(CIPHERTEXTS)
def test_the_phone_and_openjdk_refuse_alike(ciphertext: str) -> None:
    assert _class(_outcome(ciphertext, "phone")) == _class(_outcome(ciphertext, "jvm"))


@given(CIPHERTEXTS)
def test_what_go_reads_the_phone_reads_alike_once_line_breaks_are_out(ciphertext: str) -> None:
    go = _outcome(ciphertext, "go")
    if isinstance(go, str):
        phone = _outcome(ciphertext.replace("\r", "").replace("\n", ""), "phone")
        assert bytes_of(go).decode("utf-8", "replace") == phone


@given(CIPHERTEXTS)
def test_node_refuses_nothing_for_its_letters(ciphertext: str) -> None:
    assert _class(_outcome(ciphertext, "node")) in ("", "TypeError[ERR_CRYPTO_INVALID_IV]")


# -- base64 ------------------------------------------------------------------------------------------------------------


def _padding_is(text: str, allowed: dict[int, set[int]]) -> bool:
    """L letters, then p equals signs, in the words of the rule (cipher.md §3)."""
    letters = text.rstrip("=")
    return set(LETTERS).issuperset(letters) and len(text) - len(letters) in allowed[len(letters) % 4]


def _phone_accepts(text: str) -> bool:
    return _padding_is(text, {0: {0}, 1: set(), 2: {0, 2}, 3: {0, 1}})


def _go_accepts(text: str) -> bool:
    return _padding_is(re.sub("[\r\n]", "", text), {0: {0}, 1: set(), 2: {2}, 3: {1}})


@given(CIPHERTEXTS)
@example("AAAA\n")
@example("\n")
@example("AAAA=")
@example("AA=A")
@example("AA==AAAA")
def test_the_phone_and_go_accept_base64_by_their_rule_alone(ciphertext: str) -> None:
    assert isinstance(_outcome(ciphertext, "phone"), InvalidBase64) != _phone_accepts(ciphertext)
    assert isinstance(_outcome(ciphertext, "go"), InvalidBase64) != _go_accepts(ciphertext)


def _bits_node_reads(text: str) -> str:
    """Node's reading unit by unit, as a string of 0 and 1 cut to whole bytes."""
    bits = ""
    units = text.encode("utf-16-be", "surrogatepass")
    for low in units[1::2]:
        if chr(low) == "=":
            break
        letter = {"-": "+", "_": "/"}.get(chr(low), chr(low))
        bits += f"{LETTERS.index(letter):06b}" if letter in LETTERS else ""
    return bits[: len(bits) // 8 * 8]


@given(CIPHERTEXTS)
@example("\ud841AAA")
@example("AA\udc3dAA")
def test_node_reads_low_bytes_of_both_alphabets_up_to_the_first_equals_sign(ciphertext: str) -> None:
    read = RULES["node"].decode_base64(ciphertext)
    assert read is not None
    assert "".join(f"{byte:08b}" for byte in read) == _bits_node_reads(ciphertext)


@pytest.mark.soak
@given(mutated())
def test_a_changed_envelope_is_read_or_refused_by_the_rule_of_each_client(ciphertext: str) -> None:
    rules: dict[Dialect, Callable[[str], bool]] = {"phone": _phone_accepts, "jvm": _phone_accepts, "go": _go_accepts}
    for dialect, accepts in rules.items():
        assert (RULES[dialect].decode_base64(ciphertext) is not None) == accepts(ciphertext)
    read = RULES["node"].decode_base64(ciphertext) or b""
    assert "".join(f"{byte:08b}" for byte in read) == _bits_node_reads(ciphertext)


PAID = "pay $100!"
WHOLE = encrypt(KEY, PAID, iv=b"\xfb\xff\x00" + bytes(13))
JAVA, GO = "java.lang.IllegalArgumentException", "*errors.joinError"


def test_the_ciphertext_of_the_table_has_what_the_table_needs() -> None:
    assert WHOLE.endswith("==")
    assert {"+", "/", "A"} <= set(WHOLE)


@pytest.mark.parametrize(
    ("ciphertext", "phone", "node", "go"),
    [
        (WHOLE, PAID, PAID, PAID),
        (WHOLE[:-1], JAVA, PAID, GO),
        (WHOLE[:-2], PAID, PAID, GO),
        (f"{WHOLE}=", JAVA, PAID, GO),
        (f"{WHOLE[:24]}={WHOLE[24:]}", JAVA, "pa", GO),
        (f"{WHOLE[:24]}😀{WHOLE[24:]}", JAVA, "pa", GO),
        (f"{WHOLE[:4]}\n{WHOLE[4:]}", JAVA, PAID, PAID),
        (f"{WHOLE[:-1]}\r\n=", JAVA, PAID, PAID),
        (f" {WHOLE}", JAVA, PAID, GO),
        (WHOLE.replace("A", "Ł"), JAVA, PAID, GO),
        (WHOLE.replace("+", "-"), JAVA, PAID, GO),
        (WHOLE.replace("/", "_"), JAVA, PAID, GO),
    ],
)
def test_the_table_of_base64_is_as_recorded(ciphertext: str, phone: str, node: str, go: str) -> None:
    outcomes = [_outcome(ciphertext, dialect) for dialect in ("phone", "jvm", "node", "go")]
    assert [o if isinstance(o, str) else o.raised for o in outcomes] == [phone, phone, node, go]


# -- text --------------------------------------------------------------------------------------------------------------

# Bytes among which the beginnings, middles and ends of UTF-8 sequences are frequent.
BYTES = st.binary(max_size=60) | st.lists(
    st.sampled_from([0x41, 0x7F, 0x80, 0x9F, 0xA0, 0xBF, 0xC2, 0xE0, 0xE1, 0xED, 0xEF, 0xF0, 0xF4, 0xF5, 0xFF])
).map(bytes)


@given(BYTES)
def test_go_hands_on_the_bytes_whatever_they_are(data: bytes) -> None:
    assert bytes_of(decrypt(KEY, _envelope(data), dialect="go")) == data


@given(BYTES)
def test_the_phone_and_node_put_replacement_characters_where_python_does(data: bytes) -> None:
    assert decrypt(KEY, _envelope(data)) == data.decode("utf-8", "replace")
    assert decrypt(KEY, _envelope(data), dialect="node") == data.decode("utf-8", "replace")


@given(BYTES)
@example(b"\xed\xa0\x80")
@example(b"\xed\xbf")
@example(b"\xed\x9f\xbf\xff")
@example(b"\xed\xa0\x80\x80")
@example(b"\xf0\x9f\xed\xa0")
def test_openjdk_has_one_replacement_character_for_a_surrogate_where_the_phone_has_one_a_byte(data: bytes) -> None:
    pieces = re.split(rb"\xed[\xa0-\xbf][\x80-\xbf]?", data)
    expected = "\ufffd".join(piece.decode("utf-8", "replace") for piece in pieces)
    assert decrypt(KEY, _envelope(data), dialect="jvm") == expected


LONE = {"phone": "?", "jvm": "?", "node": "\ufffd", "go": "\ufffd"}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("text", "stands_for"),
    [
        ("\ud800", "{}"),
        ("\udfffa", "{}a"),
        ("\ude00\ud83d", "{}{}"),
        ("x\udc80", "x{}"),
        ("\ud83d\ude00", "😀"),
        ("a\ud83d\ud83d\ude00é", "a{}😀é"),
    ],
)
def test_a_lone_surrogate_of_key_or_text_is_replaced_and_a_pair_is_its_character(
    text: str, stands_for: str, dialect: Dialect
) -> None:
    plain = stands_for.replace("{}", LONE[dialect])
    iv = bytes(16)
    assert encrypt(KEY, text, iv=iv, dialect=dialect) == encrypt(KEY, plain, iv=iv)
    assert encrypt(text, "text", iv=iv, dialect=dialect) == encrypt(plain, "text", iv=iv)
    assert decrypt(text, encrypt(plain, "text"), dialect=dialect) == "text"


# -- refusals ----------------------------------------------------------------------------------------------------------

JAVA_IV = "java.security.InvalidAlgorithmParameterException"
NODE_IV = "TypeError[ERR_CRYPTO_INVALID_IV]"


@pytest.mark.parametrize(
    ("dialect", "ciphertext", "kind", "raised", "panics"),
    [
        ("phone", "gar!bage", InvalidBase64, JAVA, False),
        ("phone", "", CiphertextTooShort, JAVA_IV, False),
        ("jvm", "\n", InvalidBase64, JAVA, False),
        ("jvm", "AAAA", CiphertextTooShort, JAVA_IV, False),
        ("node", "gar!bage", CiphertextTooShort, NODE_IV, False),
        ("node", "", CiphertextTooShort, NODE_IV, False),
        ("go", "gar!bage", InvalidBase64, GO, False),
        ("go", "AAA", InvalidBase64, GO, False),
        ("go", "", CiphertextTooShort, "runtime.boundsError", True),
        ("go", "\n", CiphertextTooShort, "runtime.boundsError", True),
        ("go", "AAA=", CiphertextTooShort, "runtime.boundsError", True),
    ],
)
def test_a_refusal_says_what_the_client_raises_and_whether_it_panics(
    dialect: Dialect, ciphertext: str, kind: type[CipherError], raised: str, panics: bool
) -> None:
    error = _outcome(ciphertext, dialect)
    assert isinstance(error, kind)
    assert (error.raised, error.panics, error.client) == (raised, panics, RULES[dialect].client)
    copy = pickle.loads(pickle.dumps(error))
    assert (copy.raised, copy.panics, str(copy)) == (raised, panics, str(error))
