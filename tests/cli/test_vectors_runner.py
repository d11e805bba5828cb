"""`vectors install`, `runner-test` and `runner`."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from harness.cipher import encrypt
from tests.cli.usage import Wrong, each, refuses
from tests.commands import COMMAND, clean_environment, run

OURS = (*COMMAND, "vectors", "runner")
IV = bytes(16)

WRONG_USAGE: list[Wrong] = [
    (("vectors", "install", "nod"), 2, ("there is no runner 'nod'; did you mean node?", "these are: python, node")),
    (("vectors", "runner-test"), 2, ("Missing argument 'COMMAND",)),
    (("vectors", "runner-test", "nope", "--fast"), 2, ("no program is called 'nope'",)),
]


@each(WRONG_USAGE)
def test_what_cannot_be_done_is_said_in_a_sentence_with_the_right_exit_code(
    arguments: tuple[str, ...], code: int, parts: tuple[str, ...], folder: Path
) -> None:
    refuses(folder, arguments, code, parts)


# -- install -----------------------------------------------------------------------------------------------------------


def test_what_is_ready_is_not_installed_again() -> None:
    done = run("vectors", "install", "python", "python")
    assert (done.code, done.out) == (0, "")
    assert done.err.startswith("python: httpsms-harness ")
    assert len(done.err.splitlines()) == 1


def test_a_tool_that_is_missing_is_told_with_the_command_that_helps_and_the_others_go_on(tmp_path: Path) -> None:
    done = run("vectors", "install", "go", "python", HTTPSMS_HARNESS_RUNNERS=str(tmp_path), PATH=str(tmp_path))
    done.failed(2, "error: go: no Go here", "vectors install go", "python: httpsms-harness ")


# -- runner-test -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [("python",), (*OURS, "--dialect", "jvm")])
def test_a_runner_that_is_right_gets_a_list_of_marks(arguments: tuple[str, ...]) -> None:
    done = run("vectors", "runner-test", *arguments)
    assert (done.code, done.err) == (0, "18 right, 0 wrong\n")
    lines = done.out.splitlines()
    assert {line[0] for line in lines} == {"✓", "·"}
    assert len(lines) == 19
    assert "\x1b" not in done.out


BROKEN = """\
import json, sys
print("Welcome!")
for line in sys.stdin:
    request = json.loads(line)
    if request["op"] == "bye":
        sys.exit("no manners")
    answer = {"id": request["id"], "protocol": 1, "name": "\\x1b[31mred", "version": "1", "can": ["decrypt"]}
    if request["op"] == "decrypt":
        answer = {"id": request["id"], "text": "?"}
    print(json.dumps(answer), flush=True)
"""


def test_a_runner_that_is_wrong_is_told_what_to_change(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text(BROKEN, encoding="utf-8")
    command = shlex.join([sys.executable, "broken.py"])  # in one word
    done = run("vectors", "runner-test", "--color", "always", command, folder=tmp_path)
    assert done.code == 1
    lines = done.out.splitlines()
    wrong = [line for line in lines if line.startswith("\x1b[31m✗\x1b[0m ")]
    assert len(wrong) >= 5
    assert [
        number for number, line in enumerate(lines) if line in wrong and not lines[number + 1].startswith("    ")
    ] == []
    assert any("Welcome!" in line for line in wrong)
    assert "\x1b[31mred" not in done.out
    assert done.err.endswith(f"{len(wrong)} wrong\n")


HANGS = """\
import json, sys
hello = {"protocol": 1, "name": "slow", "version": "1", "can": ["decrypt"]}
print(json.dumps(hello | {"id": json.loads(input())["id"]}), flush=True)
sys.stdin.read()
"""


def test_it_has_as_much_time_as_it_is_given() -> None:
    done = run("vectors", "runner-test", "--timeout", "0.1", sys.executable, "-c", HANGS)
    assert done.code == 1
    assert "within 0.1 s" in done.out


# -- runner ------------------------------------------------------------------------------------------------------------


def test_our_own_runner_answers_as_the_client_that_it_is_asked_for() -> None:
    requests = [
        {"id": 1, "op": "hello", "protocol": 1},
        {"id": 2, "op": "encrypt", "key": "k", "text": "t", "iv_hex": IV.hex()},
        {"id": 3, "op": "decrypt", "key": "k", "ciphertext": "AAAA"},
        {"id": 4, "op": "bye"},
        {"id": 5, "op": "hello", "protocol": 1},
    ]
    lines = "".join(f"{json.dumps(request)}\n" for request in requests)
    done = run("vectors", "runner", "--dialect", "go", stdin=lines.encode())
    hello, encrypted, panicked, bye = map(json.loads, done.out.splitlines())
    assert (done.code, done.err, bye) == (0, "", {"id": 4})
    assert (hello["name"], hello["dialect"]) == ("python", "go")
    assert encrypted == {"id": 2, "ciphertext": encrypt("k", "t", iv=IV)}
    assert panicked["panic"] == "runtime.boundsError"


def test_it_ends_with_its_input() -> None:
    assert run("vectors", "runner").code == 0


@pytest.mark.parametrize(("stdout", "why"), [("&-", "is closed"), ("/dev/full", "cannot be written")])
def test_our_runner_says_that_nobody_can_hear_it(stdout: str, why: str) -> None:
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" >{stdout}', "sh", *COMMAND, "vectors", "runner"],
        env=clean_environment(), input='{"id":1,"op":"hello","protocol":1}\n', stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert done.returncode == 2
    assert why in done.stderr
    assert "Traceback" not in done.stderr
