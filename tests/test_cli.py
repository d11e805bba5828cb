"""The command as its users meet it: what it prints where, what it exits with, and what it says when it cannot."""

from __future__ import annotations

import json
import os
import pty
import re
import shlex
import socket
import socketserver
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.commands import COMMAND, Done, clean_environment, run
from tests.house.sources import ROOT
from tests.processes import NUMBER, end, gateway, start

PASSES = """\
scenario: A text arrives
phones: [alice]
contacts: [bob]
steps:
  - send: {from: alice, to: bob, text: Hello}
    as: hello
  - expect: {message: hello, status: delivered}
"""
FAILS = """\
scenario: It's a text that never arrives
phones:
  alice: {encryption_key: Password123}
contacts: [bob]
steps:
  - carrier: {phone: alice, service: none}
  - send: {from: alice, to: bob, text: Hello, encrypted: true}
    as: hello
  - expect: {message: hello, status: delivered}
"""


def write(folder: Path, content: str | bytes, name: str = "story.scenario.yaml") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


# -- scenario files that are wrong -------------------------------------------------------------------------------------

WRONG_FILES = [
    ("unknown verb", PASSES.replace("send:", "sned:"), ":5:5: unknown verb sned", "did you mean send?"),
    ("missing phone", PASSES.replace("from: alice", "from: alicia"), ":5:18: there is no phone alicia", "alice?"),
    (
        "number without quotes",
        PASSES.replace("[alice]", "\n  alice: {number: +18005550199}"),
        ":3:19: a number without quotes",
        'write "+18005550199"',
    ),
    ("key twice", PASSES.replace("contacts:", "phones: [carol]\ncontacts:"), ":3:1: phones is here twice", "line 2"),
    ("tab", PASSES.replace("[alice]", "\n\t- alice"), ":3:1: a tab", "indent with spaces"),
    ("empty", "", ":1:1: the file is empty", "begin with"),
    ("not UTF-8", b"scenario: caf\xe9\n", ":1:14: byte 0xe9 is not UTF-8", "save the file as UTF-8"),
]


@pytest.mark.parametrize(("content", "place", "remedy"), [c[1:] for c in WRONG_FILES], ids=[c[0] for c in WRONG_FILES])
def test_a_mistake_in_a_scenario_is_named_with_its_place_and_a_remedy(
    content: str | bytes, place: str, remedy: str, tmp_path: Path
) -> None:
    write(tmp_path, content)
    done = run("run", "story.scenario.yaml", folder=tmp_path)
    done.failed(2, f"error: story.scenario.yaml{place}", remedy)
    assert done.out == ""


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    if os.geteuid() == 0:  # who may read everything fails at a file that is none
        (tmp_path / "story.scenario.yaml").symlink_to("/proc/self/mem")
    else:
        write(tmp_path, PASSES).chmod(0)
    run("run", "story.scenario.yaml", folder=tmp_path).failed(2, "error: story.scenario.yaml: ")


# -- wrong usage -------------------------------------------------------------------------------------------------------

PHONE = ("phone", "--server", "http://127.0.0.1:1", "--phone-key", "pk_secret", "--number", NUMBER)
SERVE = ("serve", "--port", "0")
WRONG_USAGE: list[tuple[tuple[str, ...], int, tuple[str, ...]]] = [
    ((), 2, ("Commands:",)),
    (("rnu",), 2, ("No such command 'rnu'",)),
    (("run", "--nope"), 2, ("No such option", "--nope")),
    (("run", "--seed", "x"), 2, ("--seed", "'x' is not a valid integer")),
    (("run", "--color", "pink"), 2, ("--color", "'pink'")),
    (("run", "nothere"), 2, ("error: nothere: no such file or folder",)),
    (("run", "empty"), 2, ("error: empty: no file ends in .scenario.yaml",)),
    (("run",), 2, ("error: scenarios: no such file or folder",)),
    (("run", "good.scenario.yaml", "--json", "no/x.json"), 2, ("error: no/x.json: no such folder",)),
    (("run", "good.scenario.yaml", "--trace", "no/x"), 2, ("error: no/x: no such folder",)),
    (("run", "good.scenario.yaml", "--json", "empty"), 2, ("error: empty: Is a directory",)),
    (("run", "good.scenario.yaml", "--json", "-", "--trace", "-"), 2, ("only one output",)),
    (("run", "good.scenario.yaml", "-k", "nobody"), 5, ("nothing to run", "'nobody'")),
    (("encrypt", "text"), 2, ("Missing option '--key'",)),
    (("decrypt", "--key", "k", "gar!bage"), 2, ("error: cannot decrypt", "not base64")),
    (("decrypt", "--key", "k", "garbage"), 2, ("error: cannot decrypt", "5 bytes")),
    (("decrypt", "--key", "k"), 2, ("error: cannot decrypt", "0 bytes")),
    (("conform", "--cases", "no"), 2, ("error: no: no recorded cases there",)),
    (("conform", "--cases", "empty"), 2, ("error: empty: no recorded cases there",)),
    (("conform", "--cases", "broken"), 2, ("error: broken/conversations/x.json: ",)),
    (("conform", "--cases", "broken", "--spawn", "--server", "http://127.0.0.1:1"), 2, ("exclude each other",)),
    (("conform", "--cases", str(ROOT / "tests" / "data"), "-k", "no such case"), 5, ("nothing to run",)),
    ((*SERVE, "--account", "user=x"), 2, ("unknown key 'user'", "user_id")),
    ((*SERVE, "--account", "api_key="), 2, ("api_key has no value",)),
    ((*SERVE, "--pace", "slow"), 2, ("--pace", "'slow'")),
    ((*SERVE, "--host", "nobody.invalid"), 2, ("error: cannot listen on nobody.invalid",)),
    ((*SERVE, "--state", "other.db"), 2, ("error: other.db: is no state file",)),
    ((*SERVE, "--state", "no/state.db"), 2, ("error: no/state.db: cannot be opened",)),
    ((*SERVE, "--state", "empty"), 2, ("empty", "is a directory")),
    ((*SERVE, "--control", "--host", "0.0.0.0"), 2, ("--control on 0.0.0.0", "--control-token")),
    ((*SERVE, "--queue-user-id", "system"), 2, ("error: the queue user needs an id and a key",)),
    ((*SERVE, "--queue-user-api-key", "secret"), 2, ("error: the queue user needs an id and a key",)),
    ((*SERVE, "--fcm-endpoint", "foo"), 2, ("'foo' is no http or https URL",)),
    ((*PHONE, "--server", "foo"), 2, ("'foo' is no http or https URL",)),
    ((*PHONE, "--server", "http://me:pa55@127.0.0.1:1"), 2, ("is not taken",)),
    ((*PHONE, "--push", "foo"), 2, ("'foo' is no http or https URL",)),
    (("phone", "--server", "http://127.0.0.1:1", "--phone-key", "pk", "--number", "123"), 2, ("not an E.164 number",)),
    ((*PHONE, "--number", NUMBER, "--number", NUMBER), 2, ("two SIMs at most",)),
    ((*PHONE, "--poll"), 2, ("--poll needs the account's key",)),
    ((*PHONE, "--push-port", "0", "--push", "http://127.0.0.1:1"), 2, ("exclude each other",)),
    (PHONE, 3, ("error: http://127.0.0.1:1: no connection",)),
    (
        ("conform", "--cases", str(ROOT / "tests" / "data"), "-k", "users", "--server", "http://127.0.0.1:1"),
        3,
        ("no connection",),
    ),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A good story, an empty folder, a broken case, a file that is no state file."""
    here = tmp_path_factory.mktemp("usage")
    write(here, PASSES, "good.scenario.yaml")
    write(here, "SQLite is not what this is. " * 50, "other.db")
    (here / "empty").mkdir()
    (here / "broken" / "conversations").mkdir(parents=True)
    write(here / "broken" / "conversations", '{"steps": 7}', "x.json")
    return here


@pytest.mark.parametrize(
    ("arguments", "code", "parts"), WRONG_USAGE, ids=[" ".join(case[0])[-60:] or "nothing" for case in WRONG_USAGE]
)
def test_what_cannot_be_done_is_said_in_a_sentence_with_the_right_exit_code(
    arguments: tuple[str, ...], code: int, parts: tuple[str, ...], folder: Path
) -> None:
    done = run(*arguments, folder=folder)
    done.failed(code, *parts)
    assert "secret" not in done.out + done.err
    assert "pa55" not in done.out + done.err


@pytest.mark.parametrize("command", ["encrypt", "decrypt"])
def test_what_is_piped_in_must_be_utf_8(command: str) -> None:
    run(command, "--key", "k", stdin=b"\xff").failed(2, "error: standard input is not UTF-8")


def test_a_port_in_use_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        run("serve", "--port", port).failed(2, f"error: port {port} on 127.0.0.1 is in use", "--port 0")


# -- run ---------------------------------------------------------------------------------------------------------------


def test_a_failing_story_shows_what_is_missing_its_life_and_the_command_that_repeats_it(tmp_path: Path) -> None:
    (tmp_path / "my stories").mkdir()
    write(tmp_path / "my stories", FAILS)
    write(tmp_path / "my stories", PASSES, "the other.scenario.yaml")
    done = run("run", "my stories", "--seed", "9", folder=tmp_path)
    assert done.code == 1
    lines = done.out.splitlines()
    assert lines[0] == "FAIL  It's a text that never arrives"
    assert lines[1].startswith("      missing: ")
    assert "my stories/story.scenario.yaml:9:" in lines[2]
    assert any(re.fullmatch(r" +\+0\.000 s +client +accepted.*", line) for line in lines)
    assert done.err == "1 passed, 1 failed\n"
    assert "Password123" not in done.out + done.err
    [repeat] = [line.partition("repeat with: ")[2] for line in lines if "repeat with: " in line]
    name, *arguments = shlex.split(repeat)
    assert name == "httpsms-harness"
    again = run(*arguments, folder=tmp_path)
    assert again.code == 1
    assert again.out.splitlines() == lines[: len(again.out.splitlines())]


def test_json_on_stdout_is_pure_and_the_report_is_talk(tmp_path: Path) -> None:
    write(tmp_path, PASSES)
    write(tmp_path, FAILS, "z.scenario.yaml")
    done = run("run", ".", "--json", "-", folder=tmp_path)
    results = json.loads(done.out)
    assert [result["verdict"] for result in results] == ["passed", "failed"]
    assert "pass  A text arrives" in done.err
    assert done.code == 1
    assert "Password123" not in done.out + done.err


def test_results_and_traces_go_into_files(tmp_path: Path) -> None:
    write(tmp_path, PASSES)
    done = run("run", "story.scenario.yaml", "--json", "r.json", "--trace", "t.jsonl", folder=tmp_path)
    assert (done.code, done.err) == (0, "1 passed, 0 failed\n")
    [result] = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    entries = [json.loads(line) for line in (tmp_path / "t.jsonl").read_text(encoding="utf-8").splitlines()]
    assert result["scenario"] == "A text arrives"
    assert [entry["number"] for entry in entries] == list(range(len(entries)))


def test_whoever_reads_only_the_first_line_changes_no_verdict(tmp_path: Path) -> None:
    write(tmp_path, PASSES, "a.scenario.yaml")
    write(tmp_path, FAILS, "b.scenario.yaml")
    command = shlex.join([*COMMAND, "run", "."])
    for rest in ("| head -1", "| true", "2>&1 | true"):
        done = subprocess.run(
            ["bash", "-c", f"{command} {rest}; echo ${{PIPESTATUS[0]}}"],
            cwd=tmp_path, env=clean_environment(), capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.stdout.splitlines()[-1] == "1"
        assert "Traceback" not in done.stderr
        assert "Exception" not in done.stderr


def test_a_full_disk_is_named(tmp_path: Path) -> None:
    write(tmp_path, PASSES)
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run(
            [*COMMAND, "run", "."],
            cwd=tmp_path, env=clean_environment(), stdout=full, stderr=subprocess.PIPE, text=True, timeout=60,
            check=False,
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (2, "error: standard output cannot be written: No space left on device\n")


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_stream_that_is_closed_is_not_missed(closed: str, tmp_path: Path) -> None:
    write(tmp_path, PASSES)
    done = subprocess.run(
        ["bash", "-c", f"{shlex.join([*COMMAND, 'run', '.'])} {closed}"],
        cwd=tmp_path, env=clean_environment(), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, "Traceback" in done.stderr) == (0, False)


def test_texts_of_every_alphabet_can_be_shown_on_a_terminal_of_another(tmp_path: Path) -> None:
    write(tmp_path, PASSES.replace("A text arrives", "Привет 😀"))
    done = run("run", ".", folder=tmp_path, PYTHONIOENCODING="ascii")
    assert done.code == 0
    assert "\\u041f" in done.out


# -- colours -----------------------------------------------------------------------------------------------------------


def on_a_terminal(*arguments: str, folder: Path, **environment: str) -> str:
    """What a terminal gets that is stdout and stderr."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, *arguments], cwd=folder, env=clean_environment(**{"TERM": "xterm"} | environment),
        stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs,
    )  # fmt: skip
    os.close(theirs)
    shown = b""
    while True:
        try:
            piece = os.read(ours, 4096)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        shown += piece
    os.close(ours)
    process.wait(timeout=60)
    return shown.decode()


@pytest.mark.parametrize(
    ("arguments", "environment", "coloured"),
    [
        ((), {}, True),
        ((), {"NO_COLOR": "1"}, False),
        ((), {"TERM": "dumb"}, False),
        (("--color", "never"), {}, False),
        (("--color", "always"), {"NO_COLOR": "1"}, True),
    ],
)
def test_a_terminal_gets_colours_unless_it_must_not(
    arguments: tuple[str, ...], environment: dict[str, str], coloured: bool, tmp_path: Path
) -> None:
    write(tmp_path, PASSES)
    shown = on_a_terminal("run", ".", *arguments, folder=tmp_path, **environment)
    assert ("\x1b[32mpass" in shown) is coloured
    assert "A text arrives" in shown


@pytest.mark.parametrize(
    ("arguments", "environment", "coloured"),
    [((), {}, False), ((), {"FORCE_COLOR": "1"}, True), (("--color", "always"), {}, True)],
)
def test_without_a_terminal_there_are_no_colours_unless_asked_for(
    arguments: tuple[str, ...], environment: dict[str, str], coloured: bool, tmp_path: Path
) -> None:
    write(tmp_path, PASSES)
    assert ("\x1b" in run("run", ".", *arguments, folder=tmp_path, stdin=b"", **environment).out) is coloured


# -- help --------------------------------------------------------------------------------------------------------------

COMMANDS = ("conform", "decrypt", "encrypt", "phone", "run", "serve")
HEAVY = {"asyncio", "cryptography", "httptools", "jwt", "phonenumbers", "pyuegc", "ssl", "yaml"}


@pytest.mark.parametrize("arguments", [("--version",), ("--help",), *((name, "--help") for name in COMMANDS)])
def test_version_and_help_answer_at_once(arguments: tuple[str, ...]) -> None:
    command = [COMMAND[0], "-X", "importtime", *COMMAND[1:], *arguments]
    done = subprocess.run(command, env=clean_environment(), capture_output=True, text=True, timeout=60, check=False)
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}
    assert done.returncode == 0
    assert "harness.cli" in loaded
    assert not {name.partition(".")[0] for name in loaded} & HEAVY
    assert {name for name in loaded if name.startswith("harness")} <= {
        "harness",
        "harness.cli",
        "harness.console",
        "harness.errors",
    }


def test_the_version_is_the_packages() -> None:
    assert re.fullmatch(r"httpsms-harness, version \d+\.\d+\.\d+\n", run("--version").out)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_each_command_teaches_by_an_example(command: str) -> None:
    done = run(command, "--help")
    assert f"\n  httpsms-harness {command} " in done.out
    assert done.err == ""


# -- encrypt, decrypt --------------------------------------------------------------------------------------------------


def test_what_encrypt_writes_decrypt_reads_from_an_argument_or_a_pipe() -> None:
    text = "Grüße 😀\nand more"
    written = run("encrypt", "--key", "Password123", stdin=text.encode()).out
    assert run("decrypt", "--key", "Password123", stdin=written.encode()) == Done(0, text + "\n", "")
    assert run("decrypt", written.strip(), HTTPSMS_HARNESS_ENCRYPTION_KEY="Password123").out == text + "\n"


# -- phone: whose fault it is ------------------------------------------------------------------------------------------


@contextmanager
def web_server(status: int) -> Iterator[str]:
    """A server that shows the same page at every address."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"] or 0))
            self.send_response(status)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", "15")
            self.end_headers()
            self.wfile.write(b"<h1>Welcome</h1>"[:15])

        do_PUT = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server, running(server):
        yield f"http://127.0.0.1:{server.server_port}"


@contextmanager
def running(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()


def phone(url: str, *arguments: str) -> Done:
    done = run("phone", "--server", url, "--phone-key", "pk_wrong", "--number", NUMBER, *arguments)
    assert "pk_wrong" not in done.out + done.err
    return done


PUSH = ("--push-port", "0")


@pytest.mark.parametrize(
    ("status", "arguments", "part"),
    [
        (200, (), "no push service is there"),
        (200, PUSH, "200"),
        (302, (), "no push service is there"),
        (404, (), "no push service is there"),
        (404, PUSH, "404"),
        (401, PUSH, "refuses the phone key (401)"),
        (500, (), "unexpected answer 500"),
        (500, PUSH, "unexpected answer 500"),
    ],
)
def test_a_phone_tells_that_the_server_is_no_httpsms(status: int, arguments: tuple[str, ...], part: str) -> None:
    with web_server(status) as url:
        phone(url, *arguments).failed(3, f"error: {url}", part)


def test_a_phone_tells_that_the_server_does_not_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        phone(url, "--timeout", "0.3").failed(3, f"error: {url}: no answer in time")


def test_a_phone_tells_that_its_key_is_refused() -> None:
    with gateway("--phones", "0") as served:
        phone(served.url).failed(3, f"error: {served.url}: the server refuses the phone key (401)")


def test_what_is_typed_into_the_phones_terminal_texts_it() -> None:
    typed = "BANK Your code is 1234\n\nnotext\nmuchtoolonganame Hi\n+18005550101 Grüße\nunfinished"
    with gateway("--phones", "0") as served:
        arguments = ("--phone-key", served.phone_key, "--number", NUMBER)
        process = subprocess.Popen(
            [*COMMAND, "phone", "--server", served.url, *arguments],
            env=clean_environment(), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip
        assert process.stdin is not None
        assert process.stderr is not None
        said = ""
        while "logged in" not in said:
            said += process.stderr.readline().decode()
        process.stdin.write(typed.encode())
        process.stdin.close()
        while said.count("text forwarded") < 2:
            said += process.stderr.readline().decode()
        process.send_signal(2)
        assert process.wait(timeout=30) == 0
        process.stderr.close()
    assert said.count("write NUMBER TEXT") == 2
    assert "'muchtoolonganame'" in said
    assert "+18005550101 -> +18005550199: Grüße" in said
    assert "Traceback" not in said


# -- secrets -----------------------------------------------------------------------------------------------------------


def test_no_key_is_shown_but_by_serve_on_stdout() -> None:
    with gateway("--phones", "0") as served:
        arguments = ("--phone-key", served.phone_key, "--number", NUMBER, "--encryption-key", "Password123")
        other = start("phone", "--server", served.url, *arguments)
        assert other.stderr is not None
        said = ""
        while "logged in" not in said:
            said += other.stderr.readline()
        served.send("Hello")
        while "-> +18005550100" not in said:
            said += other.stderr.readline()
        shown = said + "".join(end(other))
        shown += end(served.process)[1]
        for secret in (served.phone_key, served.user_key, "Password123"):
            assert secret not in shown
