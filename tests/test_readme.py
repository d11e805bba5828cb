"""Every block of README.md is executed, as it stands there; ports alone are replaced by free ones."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from tests.commands import clean_environment
from tests.house.sources import ROOT
from tests.processes import LIFE_S, gateway
from tests.test_serving import free_port

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS: list[tuple[str, str]] = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
BIN = Path(sys.executable).parent

# What a block begins with: the test that executes it, or why none does.
EXECUTED = {
    "make run": "excluded: this suite runs within make test, and tests/house/test_bootstrap.py has the targets",
    "# first.scenario.yaml": "test_the_first_scenario_runs_as_shown",
    "httpsms-harness run first": "test_the_first_scenario_runs_as_shown",
    "mkdir": "test_the_first_pytest_test_and_the_scenario_beside_it_pass",
    "# test_app.py": "test_the_first_pytest_test_and_the_scenario_beside_it_pass",
    "httpsms-harness serve\n": "test_a_local_server_shows_how_to_send",
    "httpsms-harness phone": "test_a_phone_does_what_is_typed",
    "httpsms-harness decrypt": "test_the_published_ciphertext_is_decrypted",
    "httpsms-harness vectors": "test_vectors_go_through_the_runners_that_are_there",
    "from harness import decrypt": "test_a_client_in_python_is_tested_in_five_lines",
    "httpsms-harness conform": "test_recordings_are_replayed_both_ways",
}


def block(beginning: str) -> str:
    """The one block that begins so."""
    [found] = [text for _, text in BLOCKS if text.startswith(beginning)]
    return found


def environment(**more: str) -> dict[str, str]:
    """The activated virtual environment that the README speaks of, but for a plugin that takes a second to load."""
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    own = {"PATH": path, "VIRTUAL_ENV": str(BIN.parent), "PYTEST_ADDOPTS": "-p no:schemathesis"}
    return clean_environment(**{**own, "no_proxy": "127.0.0.1", **more})


def shell(script: str, folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Runs a block; each of its lines must succeed."""
    return subprocess.run(
        ["bash", "-e", "-c", script],
        cwd=folder, env=environment(**more), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
        check=True,
    )  # fmt: skip


@contextmanager
def terminal(script: str, **more: str) -> Iterator[subprocess.Popen[str]]:
    """A block that runs until Ctrl-C."""
    process = subprocess.Popen(
        ["bash", "-c", f"exec {script}"],
        env=environment(**more), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    watchdog = threading.Timer(LIFE_S, process.kill)
    watchdog.start()
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
        watchdog.cancel()


def line_with(stream: IO[str] | None, text: str) -> str:
    """The first line that has `text` in it."""
    assert stream is not None
    return next(line for line in stream if text in line)


def test_every_block_is_executed_by_a_test_of_this_file() -> None:
    code = [text for language, text in BLOCKS if language]
    claims = {beginning: [text for text in code if text.startswith(beginning)] for beginning in EXECUTED}
    assert {beginning for beginning, found in claims.items() if len(found) != 1} == set()
    assert [text for text in code if not any(text.startswith(beginning) for beginning in EXECUTED)] == []
    assert [name for name in EXECUTED.values() if name.startswith("test_") and name not in globals()] == []


def test_the_make_targets_and_the_files_that_are_named_exist() -> None:
    targets = {line.partition(":")[0] for line in (ROOT / "Makefile").read_text(encoding="utf-8").splitlines()}
    assert set(re.findall(r"\bmake ([a-z-]+)", README)) - {"a"} <= targets
    files = re.findall(r"`((?:harness|tests|scenarios|tools)/[\w./-]*)`", README)
    linked = re.findall(r"\]\((docs/[^)#]*)", README)
    assert len(linked) > 20
    assert [name for name in (*files, *linked) if not (ROOT / name).exists()] == []


def test_the_first_scenario_runs_as_shown(tmp_path: Path) -> None:
    (tmp_path / "first.scenario.yaml").write_text(block("# first.scenario.yaml"), encoding="utf-8")
    done = shell(block("httpsms-harness run first"), tmp_path)
    assert done.stdout.count("pass  A code reaches the customer") == 2
    assert "A code reaches the customer" in (tmp_path / "story.html").read_text(encoding="utf-8")


def test_the_first_pytest_test_and_the_scenario_beside_it_pass(tmp_path: Path) -> None:
    beginning = block("mkdir")
    shell(beginning, tmp_path, HOME=str(tmp_path))
    [folder] = tmp_path.iterdir()
    for name in ("test_app.py", "first.scenario.yaml"):
        (folder / name).write_text(block(f"# {name}"), encoding="utf-8")
    done = shell(f"{beginning}\npytest -p no:cacheprovider", tmp_path, HOME=str(tmp_path))
    assert "2 passed" in done.stdout


def test_a_local_server_shows_how_to_send(tmp_path: Path) -> None:
    with terminal(block("httpsms-harness serve\n").replace("serve", f"serve --port {free_port()}")) as server:
        assert line_with(server.stdout, "http://").startswith("http://127.0.0.1:")
        shell(line_with(server.stdout, "curl"), tmp_path)
        assert "-> +18005550100: Hello" in line_with(server.stderr, "Hello")


def test_a_phone_does_what_is_typed() -> None:
    [told] = re.findall(r"what you type is done to it: (.*?)\. ", README)
    with gateway("--phones", "0") as served:
        script = block("httpsms-harness phone").replace("http://127.0.0.1:8000", served.url)
        with terminal(script, PHONE_KEY=served.phone_key) as phone:
            assert phone.stdin is not None
            phone.stdin.writelines(f"{words}\n" for words in [*re.findall(r"`(.*?)`", told), "regain network"])
            phone.stdin.flush()
            assert line_with(phone.stderr, "network network=none")
            assert line_with(phone.stderr, "text forwarded from=BANK, status=200")


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_the_published_ciphertext_is_decrypted(tmp_path: Path) -> None:
    [promised] = re.findall(r"prints `(This is .*)`, as the phone reads it", README)
    assert shell(block("httpsms-harness decrypt"), tmp_path).stdout == f"{promised}\n"


@pytest.mark.soak
def test_vectors_go_through_the_runners_that_are_there(tmp_path: Path) -> None:
    done = shell(block("httpsms-harness vectors"), tmp_path)
    assert re.search(r"^pass  \d runners?, [\d,]+ vectors", done.stdout, re.MULTILINE)
    assert '"This is a test text message"' in done.stdout


def test_a_client_in_python_is_tested_in_five_lines(tmp_path: Path) -> None:
    test = block("from harness import decrypt")
    assert len(test.splitlines()) == 5
    (tmp_path / "test_client.py").write_text(test, encoding="utf-8")
    # The whole of it is in tests/test_pytest_plugin.py.
    done = shell("pytest -p no:cacheprovider -k 'one-block or published'", tmp_path)
    assert re.search(r"\b\d\d passed", done.stdout)


@pytest.mark.soak
def test_recordings_are_replayed_both_ways() -> None:
    done = shell(block("httpsms-harness conform"), ROOT)
    assert re.findall(r"^expiry +(\d+) +(\d+) +(\d+)$", done.stdout, re.MULTILINE) == [("1", "0", "0")] * 2


@pytest.mark.parametrize("code", ["0", "1", "2", "3", "5", "130"])
def test_every_exit_code_is_told(code: str) -> None:
    [told] = re.findall(r"exit codes: (.*?)\.\n", README, re.DOTALL)
    assert re.search(rf"(?:^|\s){code} \w", told)
