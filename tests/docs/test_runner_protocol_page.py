"""docs/runner-protocol.md: its runner is right, its conversation is true, and so is what it says of bad runners."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Literal

import pytest

from harness.interop import protocol
from harness.interop.calls import Call, Decrypt, Encrypt
from harness.interop.outcomes import Refused
from harness.interop.results import Hello
from harness.interop.talk import ANSWER_BYTES, ANSWER_TIMES, Limits
from tests import commands
from tests.house.sources import ROOT
from tests.interop.reports import REPORTS

PAGE = (ROOT / "docs" / "runner-protocol.md").read_text(encoding="utf-8")
# What speaks for itself.
UNTOLD = ("it does not answer bye", "it writes a string as the id", "its hello cannot be used")


def block(beginning: str) -> str:
    [found] = [text for text in re.findall(r"^```\w*\n(.*?)^```$", PAGE, re.M | re.S) if text.startswith(beginning)]
    return str(found)


@pytest.fixture
def runner(tmp_path: Path) -> list[str]:
    """The runner of the page."""
    (tmp_path / "runner.py").write_text(block("# runner.py"), encoding="utf-8")
    return [sys.executable, str(tmp_path / "runner.py")]


def test_a_runner_has_about_thirty_lines() -> None:
    assert len([line for line in block("# runner.py").splitlines() if line.strip()]) <= 30


def test_the_runner_of_the_page_keeps_to_the_page(runner: list[str]) -> None:
    done = commands.run("vectors", "runner-test", *runner)
    assert done.code == 0, done.out
    assert "0 wrong" in done.out + done.err


def test_the_runner_of_the_page_passes_every_vector(runner: list[str]) -> None:
    done = commands.run("vectors", "verify", "--runner", shlex.join(runner), "--json", "-")
    assert done.code == 0, done.err
    assert json.loads(done.out)


def test_the_commands_of_the_page_are_those(runner: list[str]) -> None:
    written = [shlex.split(line, comments=True) for line in block("httpsms-harness").splitlines()]
    assert written == [
        ["httpsms-harness", "vectors", "runner-test", "python", "runner.py"],
        ["httpsms-harness", "vectors", "verify", "--runner", "python runner.py"],
    ]


def test_the_conversation_of_the_page_is_had_as_it_stands_there(runner: list[str]) -> None:
    lines = block("> {").splitlines()
    asked, answered = ([line[2:] for line in lines if line.startswith(mark)] for mark in "><")
    done = subprocess.run(runner, input="\n".join(asked) + "\n", capture_output=True, text=True, timeout=60, check=True)
    # Messages are those of a library, whose next version may say the same in other words.
    assert [without_message(line) for line in done.stdout.splitlines()] == [without_message(line) for line in answered]


def without_message(line: str) -> dict[str, object]:
    return {name: value for name, value in json.loads(line).items() if name != "message"}


def test_the_requests_of_the_page_are_those_that_are_sent() -> None:
    told = Hello(1, "mine", "1.0", frozenset({"encrypt", "decrypt", "iv"}))
    envelope = "AAECAwQFBgcICQoLDA0OD+2Z"
    asked: list[Call | Literal["hello", "bye"]] = [
        "hello", Encrypt("k", "Hi", bytes(range(16))), Decrypt("k", envelope), Decrypt("k", "AAAA"), "bye",
    ]  # fmt: skip
    sent = [protocol.request(number, one, told).decode() for number, one in enumerate(asked, 1)]
    assert [line[2:] + "\n" for line in block("> {").splitlines() if line.startswith(">")] == sent


@pytest.mark.parametrize(
    "limit",
    [
        "Up to {0.window} requests", "none after {0.per_call_s:g} s", "none is run, after {0.start_s:g} s",
        "after {0.silences} calls without an answer, {0.deaths} deaths", "{0.crashes} crashes, or {0.starts} starts",
        "before it has said hello for the first time, after the first",
    ],
)  # fmt: skip
def test_the_limits_of_the_page_are_those_that_hold(limit: str) -> None:
    assert limit.format(Limits()) in " ".join(PAGE.split())


def test_the_longest_line_is_that_of_the_page() -> None:
    assert f"more than {Limits().line_bytes >> 20} MiB" in PAGE


def test_the_sizes_of_the_page_are_those_that_hold() -> None:
    page = " ".join(PAGE.split())
    assert f"more than {ANSWER_BYTES >> 10} KiB and {ANSWER_TIMES} times its request" in page
    assert f"hello with more than {ANSWER_BYTES >> 10} KiB" in page
    told = {"protocol": 1, "name": "n" * 999, "version": "", "can": ["encrypt"] * 16}
    kept, refused = protocol.hello(told), protocol.outcome({"error": "e" * 999, "message": "m" * 999}, Decrypt("", ""))
    assert isinstance(kept, Hello)
    assert isinstance(refused, Refused)
    name, error, message = (text.count(text[0]) for text in (kept.name, refused.error, refused.message))
    assert f"the first {name} characters are kept, of `error` and `panic` {error}" in page
    assert f"of `message` and `skip` {message}." in page
    assert "more than 16 names in `can`" in page
    assert isinstance(protocol.hello({**told, "can": ["encrypt"] * 17}), str)


def test_the_page_quotes_what_reports_really_say() -> None:
    complaints = [text for report in REPORTS.values() for text in report.complaints]
    said = [text.removeprefix("it was given up: ") for text in complaints]
    quoted = re.findall(r"`(it [^`]+)`", PAGE)
    assert len(quoted) >= 12
    assert [words for words in quoted if not any(text.startswith(words) for text in said)] == []
    # Nothing that a report may say of a runner is left out.
    told = ("it was given up", *quoted, *UNTOLD)
    assert [text for text in complaints if not text.startswith(told)] == []


def test_a_runner_that_never_says_hello_is_given_up_at_its_first_start() -> None:
    silent = {name: report for name, report in REPORTS.items() if not report.says_hello}
    assert len(silent) >= 4
    assert {report.restarts for report in silent.values()} == {0}
    assert REPORTS["starts_once"].restarts == Limits().starts


def test_no_request_needs_a_json_reader() -> None:
    told = Hello(1, "mine", "1.0", frozenset({"encrypt", "decrypt", "iv"}))
    text = '\ud83d"\\{}[]\n€'
    for call in (Encrypt(text, text, bytes(16)), Decrypt(text, text)):
        sent = protocol.request(7, call, told).decode()
        assert re.match(r'{"id":7,"op":"\w+",', sent)
        names = ["key", "text" if isinstance(call, Encrypt) else "ciphertext"]
        for name in names:
            assert f'"{name}_hex":"{text.encode("utf-8", "surrogatepass").hex()}"' in sent
        assert not re.search(r"[{}\[\]]", re.sub(r'"(?:[^"\\]|\\.)*"', "", sent)[1:-2])
