"""tools/bootstrap.sh finds a Python that works, or says in one sentence what is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.sources import ROOT

AWK = f'exec "{shutil.which("awk")}" "$@"'
WORKS = f'exec "{sys.executable}" "$@"'
# As a pyenv shim of a version that is not chosen.
SHIM_WITHOUT_VERSION = 'echo "pyenv: $0: command not found" >&2; exit 127'
# These answer the script's question as another Python would: by the real one, after a change of what it sees.
ASKED = f'[ "$1" = -c ] && exec "{sys.executable}" -c'
TOO_OLD = f'{ASKED} "import sys; sys.version_info = (3, 10, 13); $2"'
WITHOUT_ENSUREPIP = f"{ASKED} \"import sys; sys.modules['ensurepip'] = None; $2\""


def _project(folder: Path, pythons: dict[str, str]) -> Path:
    """A copy of what bootstrapping needs, and a folder `bin` with only the given pythons and a few tools."""
    (folder / "tools").mkdir()
    shutil.copy(ROOT / "tools" / "bootstrap.sh", folder / "tools")
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, folder)
    (folder / "bin").mkdir()
    for tool in ("sh", "make", "cat", "cksum", "dirname"):
        found = shutil.which(tool)
        assert found is not None, f"{tool} is needed"
        (folder / "bin" / tool).symlink_to(found)
    for name, script in pythons.items():
        (folder / "bin" / name).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        (folder / "bin" / name).chmod(0o755)
    return folder


def _run(project: Path, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    # Nothing of a surrounding make, its options or a chosen Python.
    foreign = ("MAKE", "MFLAGS", "PYTHON")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    environment = {**kept, "PATH": str(project / "bin"), **environment}
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)


NOTHING_FITS: list[dict[str, str]] = [
    {},
    {"python3": TOO_OLD},
    {"python3": WITHOUT_ENSUREPIP},
    {"python3.13": SHIM_WITHOUT_VERSION, "python3": TOO_OLD},
]


@pytest.mark.parametrize("pythons", NOTHING_FITS)
@pytest.mark.parametrize("target", ["run", "test"])
def test_without_a_usable_python_make_says_one_sentence(target: str, pythons: dict[str, str], tmp_path: Path) -> None:
    done = _run(_project(tmp_path, pythons), "make", target)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "httpsms-harness needs Python 3.11 or newer" in done.stderr
    assert "PYTHON=" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("how", ["environment", "argument"])
def test_a_python_that_was_named_is_used_or_refused(how: str, tmp_path: Path) -> None:
    project = _project(tmp_path, {"python3": WORKS, "python3.10": TOO_OLD})
    named = "PYTHON=python3.10"
    done = (
        _run(project, "make", "run", PYTHON="python3.10")
        if how == "environment"
        else _run(project, "make", "run", named)
    )
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert f"{named} is not Python 3.11 or newer" in done.stderr


@pytest.mark.parametrize(
    "pythons",
    [
        {"python3": WORKS},
        {"python3.12": WORKS, "python3": TOO_OLD},
        {"python3.13": SHIM_WITHOUT_VERSION, "python3.12": WITHOUT_ENSUREPIP, "python3.11": WORKS},
    ],
)
def test_what_does_not_work_is_passed_over(pythons: dict[str, str], tmp_path: Path) -> None:
    done = _run(_project(tmp_path, pythons), "sh", "tools/bootstrap.sh", "check")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_an_unknown_goal_is_refused(tmp_path: Path) -> None:
    done = _run(_project(tmp_path, {"python3": WORKS}), "sh", "tools/bootstrap.sh", "deploy")
    assert done.returncode == 2
    assert "'deploy' is none of run, test, check" in done.stderr


def test_make_without_a_target_lists_every_target(tmp_path: Path) -> None:
    listed = {line.split()[1] for line in _run(_project(tmp_path, {"awk": AWK}), "make").stdout.splitlines()}
    assert listed == {"run", "test", "clients", "soak", "bench", "test-cases", "docs", "site", "lint", "clean", "help"}
