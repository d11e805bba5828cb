"""The plugin as a whole: it is there, it says what it has, and it is in nobody's way.

What its fixtures and files do is in tests/pytest_plugin.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from harness.adapters.vector_files import own
from tests.pytest_plugin.runs import SEND, child_pytest_in, pytest_in
from tests.pytest_plugin.test_hosted import WORLDS
from tests.pytest_plugin.test_items import FAILS, GOOD


def test_the_fixtures_the_options_and_the_marker_are_listed_with_what_they_are_for(tmp_path: Path) -> None:
    fixtures = pytest_in(tmp_path, "--fixtures").out
    for name, purpose in (
        ("httpsms", "A gateway with an emulated phone in it, in a thread of its own."),
        ("httpsms_gateway [session scope]", "The gateway of the whole session"),
        ("httpsms_options [session scope]", "How the gateway of the fixture httpsms is served"),
        ("httpsms_server [session scope]", "A server of your own (--httpsms-server"),
        ("httpsms_testbed", "A world in virtual time"),
        ("httpsms_vectors [session scope]", "All vectors of the cipher: `httpsms_vectors.check("),
        ("httpsms_vector", "One vector of the cipher; the test runs for each"),
    ):
        assert f"{name} -- " in fixtures
        assert purpose in fixtures
    told = pytest_in(tmp_path, "--help").out
    for name in ("seed", "timeout", "host", "port", "server", "user-key", "number", "live", "scenarios", "html"):
        assert f"--httpsms-{name}" in told
        assert f"httpsms_{name.replace('-', '_')}" in told
    assert "@pytest.mark.httpsms(phones=1, " in pytest_in(tmp_path, "--markers").out


VECTORS = """\
from harness import decrypt, encrypt


def test_my_client(httpsms_vector):
    httpsms_vector.check(encrypt=encrypt, decrypt=decrypt)


def test_my_decryption(httpsms_vectors):
    assert len(httpsms_vectors) == len(list(httpsms_vectors))
    httpsms_vectors.check(decrypt=decrypt)
"""


def test_each_vector_is_a_test_and_all_of_them_one(tmp_path: Path) -> None:
    done = pytest_in(tmp_path, "-q", files={"test_app.py": VECTORS})
    assert f"{len(own().vectors) + 1} passed" in done.out, done


def test_a_vector_that_fails_is_named_and_explained_without_a_word_of_our_code(tmp_path: Path) -> None:
    tests = VECTORS.replace("=decrypt)", "=lambda key, text: decrypt(key, text).rstrip('\\0'))")
    done = pytest_in(tmp_path, "-k", "published or zeros or nul", files={"test_app.py": tests})
    assert done.code == 1
    failed = set(re.findall(r"^FAILED test_app.py::test_my_client\[(\d+)-([a-z0-9-]+)\]", done.out, re.MULTILINE))
    assert failed
    for number, _ in failed:
        assert f"  explain     httpsms-harness vectors explain {number}" in done.out
    assert re.search(r"^  expected    text ", done.out, re.MULTILINE)
    assert "vector_checks.py" not in done.out


# -- in a process of its own -------------------------------------------------------------------------------------------

# What the plugin would be noticed by: itself, and what it needs as soon as it is used.
WATCHED = {"harness", "asyncio", "yaml", "cryptography", "phonenumbers", "httptools", "h2", "httpx", "click", "jwt"}
ALONE = f"""
import os
import signal
import sys


def test_nothing():
    print("loaded:", *sorted(name for name in sys.modules if name.split(".")[0] in {WATCHED}))


def test_asserts(httpsms):
    print("rewritten:", type(sys.modules["harness.hosting.gateway"].__loader__).__name__)


def test_interrupted(httpsms):
    os.kill(os.getpid(), signal.SIGINT)
"""


def test_it_loads_next_to_nothing_leaves_asserts_alone_and_ends_when_interrupted(tmp_path: Path) -> None:
    run = child_pytest_in(tmp_path, "-s", "-p", "no:anyio", files={"test_app.py": ALONE, "notes.yaml": "a: b\n"})
    told = dict(re.findall(r"(\w+): (.*)", run.out))
    assert told["loaded"].split() == ["harness", "harness.pytest_plugin", "harness.pytest_plugin.settings"]
    assert told["rewritten"] == "SourceFileLoader"
    assert (run.code, run.err) == (2, "")
    assert "KeyboardInterrupt" in run.out


def test_a_run_leaves_nothing_behind_in_the_process(tmp_path: Path) -> None:
    before = list(sys.meta_path)
    assert pytest_in(tmp_path, files={"test_app.py": "def test_app(httpsms): pass\n"}).code == 0
    assert sys.meta_path == before


def test_workers_have_a_gateway_each_and_their_stories_come_to_one_page(tmp_path: Path) -> None:
    files = {"test_app.py": SEND + WORLDS, "good.scenario.yaml": GOOD, "fails.scenario.yaml": FAILS}
    page = tmp_path / "pages" / "stories.html"
    options = ("-n", "2", "--strict-markers", "--httpsms-live", f"--httpsms-html={page}")
    run = child_pytest_in(tmp_path, *options, files=files)
    assert run.counts == {"passed": 7, "failed": 1}, run
    assert "--live" in run.out
    for title in ("A code is lost", "A code reaches the customer"):
        assert title in page.read_text(encoding="utf-8")
