"""The runners give exactly what the real clients gave, whatever they are asked, and survive what is no request."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import re
import subprocess
import threading
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import cipher
from harness.cipher import Dialect
from harness.errors import CipherError
from harness.interop import ivs, protocol
from harness.interop.asking import calls_of
from harness.interop.calls import Call, Decrypt, Encrypt
from harness.interop.outcomes import Crashed, Decrypted, Encrypted, Outcome, Refused
from harness.interop.recorded import parse_recorded
from harness.interop.suite import Vector
from tests.house.sources import ROOT
from tests.interop.ready import OTHERS, asked, command, outcomes

DATA = ROOT / "tests" / "data" / "cipher"
SOURCES = ROOT / "harness" / "interop" / "runners"
DIALECTS: dict[str, Dialect] = {"node": "node", "go": "go", "jvm": "jvm", "web": "phone"}
# cipher.mjs refuses what the phone refuses, in its own words.
IN_WEB = {
    "java.lang.IllegalArgumentException": "InvalidBase64",
    "java.security.InvalidAlgorithmParameterException": "CiphertextTooShort",
}
IV = bytes(range(16))
ENVELOPE = "AAECAwQFBgcICQoLDA0OD7FpjDiCv1aCxA=="  # of anything, by anybody
LIMIT_S = 60

every = pytest.mark.parametrize("name", OTHERS)


def vectors(operation: str) -> tuple[Vector, ...]:
    file = f"{operation}.json"
    return parse_recorded((DATA / file).read_text(encoding="utf-8"), file, {}).vectors


def shown(outcome: Outcome) -> tuple[str, str]:
    """An outcome as it is compared: errors by their class, long envelopes as they were recorded."""
    match outcome:
        case Decrypted(text):
            return "text", text
        case Encrypted(ciphertext):
            return "envelope", hashlib.sha256(ciphertext.encode()).hexdigest()
        case Refused(error):
            return "error", error
        case Crashed(how):
            return "panic", how
        case _:
            return "nothing", repr(outcome)


def recorded(name: str, vector: Vector) -> tuple[str, str]:
    """What the real client gave."""
    if vector.ciphertext_sha256 is not None:
        return "envelope", vector.ciphertext_sha256
    kind, value = shown(vector.outcomes[DIALECTS[name]])
    return kind, IN_WEB[value] if name == "web" and kind == "error" else value


@every
@pytest.mark.parametrize(("operation", "count"), [("decrypt", 406), ("encrypt", 164)])
def test_every_recorded_case_comes_out_as_it_was_recorded(name: str, operation: str, count: int) -> None:
    cases = vectors(operation)
    got = outcomes(name, [calls_of(vector)[0] for vector in cases])
    wrong = [
        f"{vector.id} {vector.comment}: recorded {recorded(name, vector)}, got {shown(outcome)}"
        for vector, outcome in zip(cases, got, strict=True)
        if recorded(name, vector) != shown(outcome)
    ]
    assert not wrong, "\n".join(wrong)
    assert len(got) == count


@every
def test_an_iv_that_the_runner_draws_leads_to_the_same_envelope_as_ours(name: str) -> None:
    calls = [Encrypt(vector.key, vector.text or "") for vector in vectors("encrypt")]
    drawn = set()
    for call, outcome in zip(calls, outcomes(name, calls), strict=True):
        assert isinstance(outcome, Encrypted)
        iv = base64.b64decode(outcome.ciphertext)[:16]
        assert outcome.ciphertext == cipher.encrypt(call.key, call.text, iv=iv, dialect=DIALECTS[name])
        drawn.add(iv)
    assert len(drawn) == len(calls)


@pytest.mark.parametrize(("name", "predictable"), [("node", 0), ("go", 0), ("jvm", 20), ("web", 0)])
def test_only_the_phones_ivs_can_be_predicted(name: str, predictable: int) -> None:
    drawn = [
        outcome.ciphertext for outcome in outcomes(name, [Encrypt("k", "t")] * 20) if isinstance(outcome, Encrypted)
    ]
    states = [ivs.recovered_state(base64.b64decode(envelope)[:16]) for envelope in drawn]
    assert len(states) == 20
    assert sum(state is not None for state in states) == predictable


# -- who they say they are ---------------------------------------------------------------------------------------------

PINNED = {
    "node": f"httpsms {json.loads((SOURCES / 'node/package.json').read_text())['dependencies']['httpsms']}, Node ",
    "go": "httpsms-go " + re.findall(r"httpsms-go (v\S+)", (SOURCES / "go/go.mod").read_text())[0] + ", Go ",
    "jvm": "Java ",
    "web": "WebCrypto of Node ",
}


@every
def test_a_runner_tells_the_version_that_is_pinned_and_its_runtime(name: str) -> None:
    hello = asked(name, [Decrypt("k", ENVELOPE)]).hello
    assert hello is not None
    assert re.match(re.escape(PINNED[name]) + r"\d+\.\d+", hello.version), hello.version
    claims = None if name == "web" else DIALECTS[name]  # its errors are called otherwise
    assert (hello.name, hello.dialect, sorted(hello.can)) == (name, claims, ["decrypt", "encrypt", "iv"])


# -- lines -------------------------------------------------------------------------------------------------------------


def said(name: str, lines: bytes) -> list[dict[str, Any]]:
    """What a process of its own answers to these bytes. It ends by itself, well, and says nothing else."""
    done = subprocess.run(command(name), input=lines, capture_output=True, timeout=LIMIT_S, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.isascii()
    return [json.loads(line) for line in done.stdout.split(b"\n")[:-1]]


def line(**request: Any) -> bytes:
    return json.dumps(request).encode() + b"\n"


def with_hex(**request: Any) -> dict[str, Any]:
    """A request with the hex of its texts, as every request of ours has it."""
    texts = {name: request[name] for name in ("key", "text", "ciphertext") if isinstance(request.get(name), str)}
    return request | {f"{name}_hex": text.encode("utf-8", "surrogatepass").hex() for name, text in texts.items()}


NO_REQUESTS = [
    b"{", b"nonsense", b"null", b"[1]", b"3", b'"x"', b'{"id":', b'{"id":1}}', b'{"id":1,}', b"{'id':1}",
    b"\xff\xfe\x00",
    b'{"op":"fly"}', b'{"op":5}', b"{}", b"[" * 100_000,
]  # fmt: skip
BAD_REQUESTS: list[dict[str, Any]] = [
    {},
    {"op": None},
    {"op": "fly"},
    {"op": "__proto__"},
    {"op": "constructor"},
    {"op": "encrypt"},
    {"op": "encrypt", "key": "k"},
    {"op": "encrypt", "key": "k", "text": 5},
    {"op": "encrypt", "key": "k", "text": "t", "iv_hex": "00"},
    {"op": "encrypt", "key": "k", "text": "t", "iv_hex": "xx" * 16},
    {"op": "decrypt", "key": None, "ciphertext": ENVELOPE},
    {"op": "decrypt", "key": "k", "ciphertext": 5},
]


@every
def test_what_is_no_request_gets_an_error_without_an_id(name: str) -> None:
    answers = said(name, b"".join(line + b"\n" for line in NO_REQUESTS))
    assert [answer["id"] for answer in answers] == [None] * len(NO_REQUESTS)
    assert {answer["error"] for answer in answers} == {"BadRequest"}


@every
def test_a_request_that_cannot_be_done_gets_an_error_under_its_id(name: str) -> None:
    answers = said(name, b"".join(line(**with_hex(id=number, **bad)) for number, bad in enumerate(BAD_REQUESTS)))
    assert [answer["id"] for answer in answers] == list(range(len(BAD_REQUESTS)))
    assert [answer for answer in answers if not answer["error"]] == []


HELLO = {"op": "encrypt", "key": "Password123", "text": "Hello", "iv_hex": IV.hex()}
FLAT: dict[str, Any] = {"a": -2.5e3, "b": None, "c": True, "id2": 3, "": "", "é": '\\"key_hex":"00"', "op2": '{"id":1}'}


def hello(name: str, **request: Any) -> None:
    [answer] = said(name, line(**request, id=9))
    assert answer == {"id": 9, "ciphertext": cipher.encrypt("Password123", "Hello", iv=IV)}


@every
def test_unknown_fields_do_no_harm(name: str) -> None:
    hello(name, **FLAT, **with_hex(**HELLO))


@pytest.mark.parametrize("name", ["node", "go", "web"])
def test_who_has_a_json_reader_needs_no_hex_and_minds_nothing_nested(name: str) -> None:
    hello(name, nested={"a": [1, -2.5e3, {"b": [None, True]}]}, **HELLO)


def test_who_has_no_json_reader_needs_nothing_but_the_hex() -> None:
    request = with_hex(**HELLO)
    hello("jvm", **{name: value for name, value in request.items() if name not in ("key", "text")})


BAD_HEX = ["", "0", "xx", "c3", "ff", "f7bfbfbf", "e282", "80"]


@pytest.mark.parametrize("field", ["key_hex", "text_hex"])
def test_hex_that_is_no_text_is_refused_by_who_reads_it(field: str) -> None:
    request = with_hex(**HELLO)
    lines = [line(**request | {"id": number, field: value}) for number, value in enumerate(BAD_HEX)]
    empty, *others = said("jvm", b"".join(lines))
    assert "ciphertext" in empty
    assert [answer["error"] for answer in others] == ["BadRequest"] * (len(BAD_HEX) - 1)


ENDS = [
    (b'{"id":1,"op":"bye"}\n{"id":2,"op":"hello"}\n', [1]),
    (b'{"id":1,"op":"bye"}', [1]),
    (b'{"id":1,"op":"hello"}\n\n  \n\r\n{"id":2,"op":"bye"}\r\n', [1, 2]),
    (b'{"id":1,"op":"hello"}', [1]),
    (b"", []),
    (b"\n", []),
]


@every
@pytest.mark.parametrize(("lines", "answered"), ENDS)
def test_a_runner_ends_after_bye_and_with_its_input(name: str, lines: bytes, answered: list[int]) -> None:
    assert [answer["id"] for answer in said(name, lines)] == answered


@every
def test_a_runner_leaves_after_bye_though_more_could_come(name: str) -> None:
    with subprocess.Popen(command(name), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        process.stdin.write(line(id=1, op="bye"))
        process.stdin.flush()
        assert process.wait(LIMIT_S) == 0


@every
def test_an_answer_does_not_wait_for_the_next_request(name: str) -> None:
    with subprocess.Popen(command(name), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for number in range(3):
            # The last line comes in pieces, and one whole line comes with the first of them.
            pieces = [line(id=number, op="hello") + b'{"id":"a",', b'"op":', b'"hello"}\n']
            for piece, expected in zip(pieces, (number, None, "a"), strict=True):
                process.stdin.write(piece)
                process.stdin.flush()
                if expected is not None:
                    assert json.loads(process.stdout.readline())["id"] == expected
        process.stdin.close()
        assert process.wait(LIMIT_S) == 0


@pytest.mark.soak
@pytest.mark.parametrize("name", ["node", "go", "jvm"])  # a call of WebCrypto for 16 bytes takes its time
def test_lines_of_many_megabytes_are_no_trouble(name: str) -> None:
    text = "ä€🙂\0" * 500_000
    [encrypted] = said(name, line(**with_hex(id=1, op="encrypt", key="k", text=text, iv_hex=IV.hex())))
    assert encrypted["ciphertext"] == cipher.encrypt("k", text, iv=IV)
    [decrypted] = said(name, line(**with_hex(id=2, op="decrypt", key="k", ciphertext=encrypted["ciphertext"])))
    assert (decrypted.get("text") or bytes.fromhex(decrypted["text_hex"]).decode()) == text


@every
def test_a_runner_whose_answers_nobody_reads_ends(name: str, tmp_path: Path) -> None:
    errors = tmp_path / "stderr"
    with (
        errors.open("wb") as stderr,
        subprocess.Popen(command(name), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr) as process,
    ):
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.close()
        process.stdin.write(line(id=1, op="hello"))
        process.stdin.flush()
        assert process.wait(LIMIT_S) != 0
        process.stdin.close()
    assert errors.read_bytes() == b""


# -- any text, any writing of it ---------------------------------------------------------------------------------------


class Conversation:
    """A runner that runs."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.process = subprocess.Popen(command(name), stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, lines: bytes) -> list[dict[str, Any]]:
        """All answers to these lines. A request of our own behind them shows where they end, whatever they were."""
        to, answers = self.process.stdin, self.process.stdout
        assert to is not None
        assert answers is not None
        to.write(lines + line(id="end", op="hello"))
        to.flush()
        return list(takewhile(lambda answer: answer["id"] != "end", map(json.loads, answers)))


@pytest.fixture(scope="module", params=OTHERS)
def runner(request: pytest.FixtureRequest) -> Iterator[Conversation]:
    talking = Conversation(request.param)
    watchdog = threading.Timer(20 * LIMIT_S, talking.process.kill)
    watchdog.start()
    with talking.process:
        yield talking
        assert talking.process.poll() is None
    watchdog.cancel()


LETTERS = '\ud800\udfff\0"\\/\b\f\n\r\t\x7f\u0080é€🙂\u2028'
TEXTS = st.text(st.characters() | st.sampled_from(LETTERS), max_size=40)
CIPHERTEXTS = st.one_of(
    TEXTS,
    st.text("AQgwZaz059+/-_= \n\u0141", max_size=60),
    st.binary(min_size=14, max_size=70).map(lambda data: base64.b64encode(data).decode()),
)
CALLS = st.builds(Encrypt, TEXTS, TEXTS, st.binary(min_size=16, max_size=16)) | st.builds(Decrypt, TEXTS, CIPHERTEXTS)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
EXTRAS = st.dictionaries(
    st.text(max_size=3).filter(lambda name: name.lower() not in ("id", "op", "key")),
    st.recursive(
        SCALARS,
        lambda value: st.lists(value, max_size=3) | st.dictionaries(st.text(max_size=3), value, max_size=3),
    ),
    max_size=3,
)


def request_of(call: Call) -> dict[str, str]:
    if isinstance(call, Encrypt):
        assert call.iv is not None
        return with_hex(op="encrypt", key=call.key, text=call.text, iv_hex=call.iv.hex())
    return with_hex(op="decrypt", key=call.key, ciphertext=call.ciphertext)


def written(members: dict[str, Any], choices: random.Random) -> str:
    """A request with white space anywhere, and escapes wherever the protocol allows them.

    That is in names that nobody knows and in texts: `op` and hex are plain, so that they can be read without JSON.
    """

    def member(name: str, value: Any) -> str:
        known = name in ("id", "op", "key", "text", "ciphertext") or name.endswith("_hex")
        is_text = isinstance(value, str) and name != "op" and not name.endswith("_hex")
        shown = _string(value, choices) if is_text else json.dumps(value)
        return f"{_spaced(json.dumps(name) if known else _string(name, choices), choices)}:{_spaced(shown, choices)}"

    return _spaced("{" + ",".join(member(*item) for item in members.items()) + "}", choices)


def _spaced(text: str, choices: random.Random) -> str:
    before, after = choices.choices(["", "", " ", "\t \r"], k=2)
    return before + text + after


def _string(text: str, choices: random.Random) -> str:
    return '"' + "".join(_letter(letter, choices) for letter in text) + '"'


def _letter(letter: str, choices: random.Random) -> str:
    escaped = json.dumps(letter)[1:-1]
    ways = [escaped, re.sub(r"(?<=\\u)....", lambda digits: digits[0].upper(), escaped)]
    if letter.isprintable() and letter not in '"\\':
        ways += [letter, "\\/" if letter == "/" else letter]
    if ord(letter) < 0x80:
        ways.append(f"\\u{ord(letter):04x}")
    return choices.choice(ways)


def ours(name: str, call: Call) -> tuple[str, str]:
    """What our model of the client makes of the call."""
    dialect = DIALECTS[name]
    if isinstance(call, Encrypt):
        return shown(Encrypted(cipher.encrypt(call.key, call.text, iv=call.iv, dialect=dialect)))
    try:
        return shown(Decrypted(cipher.decrypt(call.key, call.ciphertext, dialect=dialect)))
    except CipherError as error:
        return "panic" if error.panics else "error", IN_WEB[error.raised] if name == "web" else error.raised


def theirs(answer: dict[str, Any], call: Call) -> tuple[str, str]:
    return shown(protocol.outcome(answer, call))


@given(call=CALLS, more=EXTRAS, choices=st.randoms(use_true_random=False))
def test_a_runner_does_what_our_model_of_it_does_however_the_request_is_written(
    runner: Conversation, call: Call, more: dict[str, Any], choices: random.Random
) -> None:
    if runner.name == "jvm":  # no JSON reader, and ours never writes what is nested
        more = {name: value for name, value in more.items() if not isinstance(value, list | dict)}
    members = list((more | request_of(call) | {"id": 7}).items())
    choices.shuffle(members)
    [answer] = runner.ask(written(dict(members), choices).encode() + b"\n")
    assert (answer["id"], theirs(answer, call)) == (7, ours(runner.name, call))


@given(call=CALLS, data=st.data())
def test_a_broken_line_gets_one_answer_and_the_next_one_its_own(
    runner: Conversation, call: Call, data: st.DataObject
) -> None:
    whole = line(**request_of(call), id=7)[:-1]
    cut, end = sorted(data.draw(st.tuples(*[st.integers(0, len(whole))] * 2)))
    put = data.draw(st.binary(max_size=3)).replace(b"\n", b"")
    broken = whole[:cut] + put + whole[end:] + b" \n"
    assert [answer["id"] for answer in runner.ask(b"!" + broken)] == [None]
    assert len(runner.ask(broken)) == (1 if broken.strip() else 0)
