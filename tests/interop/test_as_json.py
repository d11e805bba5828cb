"""A run as plain data."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness.interop.as_json import to_json
from harness.interop.outcomes import (
    Crashed,
    Decrypted,
    DrawnIvs,
    Encrypted,
    Garbled,
    NotRun,
    Outcome,
    Refused,
    Silent,
    Skipped,
)
from harness.interop.results import Interop
from harness.interop.suite import Vector
from tests.interop.runs import GO, GOOD, HELLO, LOST, RUN, hostile, report, result


def _data(interop: Interop) -> Any:
    """What a program reads that gets the file."""
    return json.loads(json.dumps(to_json(interop)))


def test_the_whole_run_is_told() -> None:
    data = _data(RUN)
    assert list(data) == ["schema", "verdict", "passed", "repeat", "runners", "vectors", "flags", "matrix"]
    assert data["schema"] == "httpsms-interop-report/1"
    assert (data["verdict"], data["passed"]) == ("fail", False)
    assert data["repeat"] == RUN.repeat
    assert list(data["vectors"]) == ["1", "2", "3", "4"]
    assert list(data["flags"]) == ["Padding", "Short", "Unused"]
    assert data["flags"]["Short"] == {
        "kind": "MALFORMED",
        "what": "No room for an IV.",
        "risk": "The process of a receiver ends.",
        "remedy": "Look at the length first.",
    }
    assert (_data(GOOD)["verdict"], _data(GOOD)["passed"]) == ("pass", True)
    assert (_data(Interop())["verdict"], _data(Interop())["passed"]) == ("skip", False)


def test_a_runner_is_told_with_all_its_results() -> None:
    go, mine, web = _data(RUN)["runners"]
    assert {name: value for name, value in go.items() if name != "results"} == {
        "runner": "go",
        "hello": {
            "protocol": 1,
            "name": "go",
            "version": "httpsms-go v0.0.6",
            "can": ["decrypt", "encrypt", "iv"],
            "dialect": "go",
        },
        "version": "httpsms-go v0.0.6",
        "missing": "",
        "complaints": [],
        "restarts": 0,
        "seconds": 0.002,
        "crashes": 1,
        "totals": {"pass": 3, "known": 1, "fail": 0, "gone": 0, "skip": 0},
    }
    assert [found["vector"] for found in go["results"]] == ["1", "2", "3", "4"]
    assert (mine["complaints"], mine["restarts"]) == (["a line of noise (2 times)"], 2)
    assert (web["hello"], web["missing"], web["results"]) == (None, RUN.runners[2].missing, [])


def test_a_result_names_its_vector_and_tells_the_outcome() -> None:
    assert _data(RUN)["runners"][1]["results"][0] == {
        "vector": "1",
        "verdict": "fail",
        "expected": 'text "Hello"',
        "why": 'text "Hell" (cut)',
        "outcome": {"kind": "text", "text": "Hell", "words": 'text "Hell"'},
    }


def test_a_vector_is_told_whole() -> None:
    vectors = _data(RUN)["vectors"]
    assert vectors["4"] == {
        "operation": "encrypt",
        "group": "text",
        "comment": "emoji",
        "flags": [],
        "result": "valid",
        "key": "k\n",
        "ciphertext": "AAECAwQFBgcICQoLDA0ODxAR",
        "text": "🎉",
        "iv": "000102030405060708090a0b0c0d0e0f",
        "ciphertext_sha256": None,
        "encryptions": 1,
        "outcomes": {},
    }
    assert vectors["3"]["outcomes"] == {
        "go": {"kind": "crashed", "how": "runtime.boundsError", "message": "", "words": "CRASH: runtime.boundsError"}
    }


@pytest.mark.parametrize(
    ("outcome", "members"),
    [
        (Decrypted("x" * 9000), {"kind": "text", "text": "x" * 9000}),
        (Decrypted("a\udcff"), {"kind": "text", "text": "a\udcff", "text_hex": "61ff"}),
        (Decrypted("a\ud800"), {"kind": "text", "text": "a\ud800", "text_hex": "61eda080"}),
        (Encrypted("QUJD"), {"kind": "envelope", "ciphertext": "QUJD"}),
        (
            DrawnIvs(5, 4, 3, 2, 1),
            {
                "kind": "ivs",
                "encryptions": 5,
                "distinct": 4,
                "of_16_bytes": 3,
                "examined": 2,
                "predictable": 1,
                "fixed_bits": 0,
            },
        ),
        (Refused("a.B", "m\n"), {"kind": "refused", "error": "a.B", "message": "m\n"}),
        (Crashed("C", "m"), {"kind": "crashed", "how": "C", "message": "m"}),
        (Silent(10), {"kind": "silent", "seconds": 10}),
        (Garbled("x"), {"kind": "garbled", "what": "x"}),
        (Skipped("x"), {"kind": "skipped", "why": "x"}),
        (NotRun("x"), {"kind": "not_run", "why": "x"}),
    ],
)
def test_an_outcome_has_its_kind_and_its_members(outcome: Outcome, members: dict[str, object]) -> None:
    data = _data(Interop((report("x", [result(HELLO, outcome)]),)))
    told = data["runners"][0]["results"][0]["outcome"]
    assert told.pop("words")
    assert told == members


def test_halves_of_surrogate_pairs_come_in_hex_too() -> None:
    vector = Vector("1", "decrypt", "g", "c", (), "valid", "k\ud800", "QUJD", "t")
    told = _data(Interop((report("x", [result(vector, Decrypted("t"))]),)))["vectors"]["1"]
    assert (told["key"], told["key_hex"]) == ("k\ud800", "6beda080")
    assert "text_hex" not in told


def test_the_matrix_tells_each_pair_and_each_lost_text() -> None:
    cells = _data(RUN)["matrix"]
    assert [(cell["encryptor"], cell["decryptor"], cell["right"]) for cell in cells] == [
        ("go", "go", 76),
        ("go", "./mine --slow", 76),
        ("./mine --slow", "go", 75),
        ("./mine --slow", "./mine --slow", 76),
    ]
    assert cells[0]["failures"] == []
    [failure] = cells[2]["failures"]
    assert (failure["key"], failure["text"], failure["ciphertext"]) == ("k", 'a "b"\n', LOST.ciphertext)
    assert failure["outcome"]["error"] == "java.lang.IllegalArgumentException"


def test_every_result_names_a_vector_that_is_told_and_the_totals_are_right() -> None:
    data = _data(RUN)
    for runner in data["runners"]:
        verdicts = [found["verdict"] for found in runner["results"]]
        assert runner["totals"] == {name: verdicts.count(name) for name in runner["totals"]}
        assert all(found["vector"] in data["vectors"] for found in runner["results"])
    assert sum(data["runners"][0]["totals"].values()) == len(GO.results)


def test_whatever_a_run_holds_is_json_in_ascii() -> None:
    text = json.dumps(to_json(hostile()), allow_nan=False)
    assert text.isascii()
    assert json.loads(text)["repeat"] == hostile().repeat
