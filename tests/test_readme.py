"""Every block of README.md is executed, as it stands there; ports alone are replaced by free ones."""

from __future__ import annotations

import json
import os
import re
import shutil
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
    "from harness import Story": "test_the_first_pytest_tests_pass",
    "import json\nimport urllib": "test_the_first_pytest_tests_pass",
    "httpsms-harness serve\n": "test_a_local_server_shows_how_to_send",
    "httpsms-harness serve --port": "test_gateway_phone_and_receiver_in_four_terminals",
    "httpsms-harness phone": "test_gateway_phone_and_receiver_in_four_terminals",
    "python3 -c '": "test_gateway_phone_and_receiver_in_four_terminals",
    "curl -s http": "test_gateway_phone_and_receiver_in_four_terminals",
    "printf": "test_a_script_types_into_the_phones_terminal",
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
    """The activated virtual environment that the README speaks of."""
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    return clean_environment(PATH=path, VIRTUAL_ENV=str(BIN.parent), no_proxy="127.0.0.1", **more)


def shell(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs a block; each of its lines must succeed."""
    return subprocess.run(
        ["bash", "-e", "-c", script],
        cwd=folder, env=environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=True,
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


def test_the_make_targets_exist_and_the_links_lead_somewhere() -> None:
    targets = {line.partition(":")[0] for line in (ROOT / "Makefile").read_text(encoding="utf-8").splitlines()}
    assert set(re.findall(r"\bmake ([a-z-]+)", README)) - {"a"} <= targets
    files = re.findall(r"`((?:harness|tests|scenarios|tools)/[\w./-]*)`", README)
    assert [name for name in files if not (ROOT / name).exists()] == []


def test_the_first_scenario_runs_as_shown(tmp_path: Path) -> None:
    (tmp_path / "first.scenario.yaml").write_text(block("# first.scenario.yaml"), encoding="utf-8")
    done = shell(block("httpsms-harness run first"), tmp_path)
    assert done.stdout.count("pass  A code reaches the customer") == 3
    assert json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))[0]["seed"] == 7


def test_the_first_pytest_tests_pass(tmp_path: Path) -> None:
    for number, beginning in enumerate(("from harness import Story", "import json\nimport urllib")):
        (tmp_path / f"test_{number}.py").write_text(block(beginning), encoding="utf-8")
    done = shell("pytest -p no:cacheprovider", tmp_path)
    assert "2 passed" in done.stdout


def test_a_local_server_shows_how_to_send(tmp_path: Path) -> None:
    with terminal(block("httpsms-harness serve\n").replace("serve", f"serve --port {free_port()}")) as server:
        assert line_with(server.stdout, "http://").startswith("http://127.0.0.1:")
        shell(line_with(server.stdout, "curl"), tmp_path)
        assert "-> +18005550100: Hello" in line_with(server.stderr, "Hello")


@pytest.mark.skipif(shutil.which("curl") is None, reason="the README's blocks use curl")
def test_gateway_phone_and_receiver_in_four_terminals(tmp_path: Path) -> None:
    ports = {"8000": str(free_port()), "8001": str(free_port())}

    def script(beginning: str) -> str:
        return re.sub(r"\b800[01]\b", lambda port: ports[port[0]], block(beginning))

    with terminal(script("httpsms-harness serve --port")) as gateway:
        key = line_with(gateway.stdout, "phone key").split()[-1]
        with terminal(script("httpsms-harness phone"), PHONE_KEY=key) as phone, terminal(script("python3")) as hook:
            line_with(phone.stderr, "logged in")
            while not is_open(int(ports["8001"])):
                assert hook.poll() is None
            shell(script("curl -s http"), tmp_path)
            assert line_with(phone.stderr, "-> +18005550100: Hello")
            events = {line_with(hook.stdout, "message.").split()[0] for _ in range(2)}
            assert events == {"message.phone.sent", "message.phone.delivered"}
            [typed] = re.findall(r"A line\n`(.*)` typed", README)
            assert phone.stdin is not None
            phone.stdin.write(f"{typed}\n")
            phone.stdin.flush()
            assert line_with(phone.stderr, "text forwarded")


def test_a_script_types_into_the_phones_terminal() -> None:
    with gateway("--phones", "0") as served:
        script = block("printf").replace("http://127.0.0.1:8000", served.url)
        done = subprocess.run(
            ["bash", "-e", "-c", script],
            env=environment(PHONE_KEY=served.phone_key), capture_output=True, text=True, timeout=60, check=True,
        )  # fmt: skip
    assert "waits for a validated network" in done.stderr
    assert "text forwarded from=BANK, status=200" in done.stderr


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_the_published_ciphertext_is_decrypted(tmp_path: Path) -> None:
    [promised] = re.findall(r"prints `(This is .*)`, as the phone reads it", README)
    assert shell(block("httpsms-harness decrypt"), tmp_path).stdout == f"{promised}\n"


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


def test_recordings_are_replayed_both_ways() -> None:
    done = shell(block("httpsms-harness conform"), ROOT)
    assert re.findall(r"^expiry +(\d+) +(\d+) +(\d+)$", done.stdout, re.MULTILINE) == [("1", "0", "0")] * 2


@pytest.mark.parametrize("code", ["0", "1", "2", "3", "5", "130"])
def test_every_exit_code_is_told(code: str) -> None:
    [told] = re.findall(r"exit codes: (.*?)\.\n", README, re.DOTALL)
    assert re.search(rf"(?:^|\s){code} \w", told)
