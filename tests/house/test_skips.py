"""Where CI=true, a test that is skipped without a reason on the list is a failure (conftest.py)."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.sources import ROOT

SKIPS = "import pytest\n@pytest.mark.skip(reason='no Java here')\ndef test_java(): pass\n"
SKIPS_AT_RUN_TIME = "import pytest\ndef test_java(): pytest.skip('no Java here')\n"
SKIPS_THE_FILE = "import pytest\npytest.skip('no Java here', allow_module_level=True)\n"
FAILS_AS_EXPECTED = "import pytest\n@pytest.mark.xfail\ndef test_java(): assert False\n"


def _suite(folder: Path, *, ci: str, tests: str, allowed: str = "") -> subprocess.CompletedProcess[str]:
    """Runs a suite of one file under the conftest.py of the repository."""
    (folder / "tests").mkdir()
    shutil.copy(ROOT / "conftest.py", folder)
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    (folder / "tests" / "test_java.py").write_text(tests, encoding="utf-8")
    (folder / "tests" / "allowed_skips.txt").write_text(allowed, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    # What is installed beside pytest takes a second to load, and has no say here.
    environment = {**os.environ, "CI": ci, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("tests", [SKIPS, SKIPS_AT_RUN_TIME, SKIPS_THE_FILE])
def test_a_skip_in_ci_is_a_failure_that_says_why(tests: str, tmp_path: Path) -> None:
    done = _suite(tmp_path, ci="true", tests=tests)
    assert done.returncode != 0
    assert "no Java here" in done.stdout
    assert "allowed_skips.txt" in done.stdout


@pytest.mark.parametrize(
    ("ci", "tests", "allowed"),
    [
        ("", SKIPS, ""),
        ("true", SKIPS, "tests/test_java.py # Java is not everywhere\n"),
        ("true", SKIPS, "# a comment\n\ntests/test_java.py::test_java # Java is not everywhere\n"),
        ("true", SKIPS, "tests/test_java.py | no Java # Java is not everywhere\n"),
        ("true", SKIPS_AT_RUN_TIME, "tests/test_java.py | no Java # Java is not everywhere\n"),
        ("true", FAILS_AS_EXPECTED, ""),
    ],
)
def test_a_skip_passes_outside_ci_or_with_its_reason_on_the_list(
    ci: str, tests: str, allowed: str, tmp_path: Path
) -> None:
    done = _suite(tmp_path, ci=ci, tests=tests, allowed=allowed)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "allowed", ["tests/test_java.py | not prepared # a forgotten step", "tests/test_go.py | no Java # another test"]
)
def test_a_skip_that_says_something_else_or_is_elsewhere_is_a_failure(allowed: str, tmp_path: Path) -> None:
    done = _suite(tmp_path, ci="true", tests=SKIPS, allowed=f"{allowed}\n")
    assert done.returncode != 0
    assert "no Java here" in done.stdout


def test_a_line_without_a_reason_allows_nothing(tmp_path: Path) -> None:
    done = _suite(tmp_path, ci="true", tests=SKIPS, allowed="tests/test_java.py\n")
    assert done.returncode != 0
    assert "has no reason" in done.stdout + done.stderr


def test_every_allowed_skip_names_tests_that_exist() -> None:
    lines = (ROOT / "tests" / "allowed_skips.txt").read_text(encoding="utf-8").splitlines()
    entries = [line for line in lines if line.strip() and not line.startswith("#")]
    files = {re.split(r" # | \| |::", entry)[0].strip() for entry in entries}
    assert [file for file in sorted(files) if not (ROOT / file).exists()] == []
