"""The plugin in a pytest of somebody else: a folder with a test in it, and nothing of this repository."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from harness.adapters.vector_files import own
from tests.commands import TIMEOUT_S, clean_environment

USES_IT = """\
import json
import urllib.request

import pytest


def send(gateway, text):
    body = json.dumps({"from": gateway.number, "to": "+18005550100", "content": text}).encode()
    headers = {"x-api-key": gateway.user_key, "Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(gateway.url + "/v1/messages/send", body, headers)) as answer:
        return json.load(answer)["data"]["id"]


@pytest.mark.parametrize("number", range(4))
def test_app(httpsms, number):
    message = send(httpsms, f"Hello {number}")
    assert httpsms.wait_for_sms() == f"Hello {number}"
    httpsms.wait_for_status(message, "delivered")
"""


def pytest_in(folder: Path, *arguments: str, tests: str = USES_IT) -> subprocess.CompletedProcess[str]:
    (folder / "test_app.py").write_text(tests, encoding="utf-8")
    command = [sys.executable, "-W", "error", "-m", "pytest", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(
        command, cwd=folder, env=clean_environment(), capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )


@pytest.mark.parametrize(
    "arguments", [(), ("-n", "2"), ("-p", "no:threadexception", "-s"), ("--import-mode=importlib", "--strict-markers")]
)
def test_each_test_gets_a_gateway_of_its_own(arguments: tuple[str, ...], tmp_path: Path) -> None:
    done = pytest_in(tmp_path, *arguments)
    assert "4 passed" in done.stdout, done.stdout + done.stderr
    assert "warning" not in done.stdout


def test_a_failing_test_tells_what_came_instead_and_no_key(tmp_path: Path) -> None:
    tests = USES_IT.replace('"delivered")', '"failed", timeout_s=0.5)')
    done = pytest_in(tmp_path, tests=tests)
    assert done.returncode == 1
    assert "TimeoutError: not seen within 0.5 s" in done.stdout
    assert "gateway message.phone.sent" in done.stdout
    assert "uk_" not in done.stdout


def test_the_fixture_is_in_the_list_with_what_it_is_for(tmp_path: Path) -> None:
    done = pytest_in(tmp_path, "--fixtures")
    for name, purpose in (
        ("httpsms", "A gateway on 127.0.0.1 with one emulated phone"),
        ("httpsms_vectors [session scope]", "All vectors of the cipher: `httpsms_vectors.check("),
        ("httpsms_vector", "One vector of the cipher; the test runs for each"),
    ):
        assert f"{name} -- " in done.stdout
        assert purpose in done.stdout


VECTORS = """\
from harness import decrypt, encrypt


def test_my_client(httpsms_vector):
    httpsms_vector.check(encrypt=encrypt, decrypt=decrypt)


def test_my_decryption(httpsms_vectors):
    assert len(httpsms_vectors) == len(list(httpsms_vectors))
    httpsms_vectors.check(decrypt=decrypt)
"""


def test_each_vector_is_a_test_and_all_of_them_one(tmp_path: Path) -> None:
    done = pytest_in(tmp_path, "-q", tests=VECTORS)
    assert f"{len(own().vectors) + 1} passed" in done.stdout, done.stdout + done.stderr


def test_a_vector_that_fails_is_named_and_explained_without_a_word_of_our_code(tmp_path: Path) -> None:
    tests = VECTORS.replace("=decrypt)", "=lambda key, text: decrypt(key, text).rstrip('\\0'))")
    done = pytest_in(tmp_path, "-k", "published or zeros or nul", tests=tests)
    assert done.returncode == 1
    failed = set(re.findall(r"^FAILED test_app.py::test_my_client\[(\d+)-([a-z0-9-]+)\]", done.stdout, re.MULTILINE))
    assert failed
    for number, _ in failed:
        assert f"  explain     httpsms-harness vectors explain {number}" in done.stdout
    assert re.search(r"^  expected    text ", done.stdout, re.MULTILINE)
    assert "vector_checks.py" not in done.stdout


def test_an_interrupt_ends_the_gateway_too(tmp_path: Path) -> None:
    tests = USES_IT.replace(
        "    message =", "    import os, signal; os.kill(os.getpid(), signal.SIGINT)\n    message ="
    )
    done = pytest_in(tmp_path, tests=tests)
    assert done.returncode == 2
    assert "KeyboardInterrupt" in done.stdout
    assert done.stderr == ""


def test_a_pytest_that_does_not_use_it_loads_next_to_nothing(tmp_path: Path) -> None:
    tests = "import sys\ndef test(): print(*(name for name in sys.modules if name.startswith('harness')))\n"
    done = pytest_in(tmp_path, "-s", tests=tests)
    [line] = [line for line in done.stdout.splitlines() if "harness.pytest_plugin" in line]
    assert set(line.removeprefix("test_app.py ").split()) - {"."} == {"harness", "harness.pytest_plugin"}
