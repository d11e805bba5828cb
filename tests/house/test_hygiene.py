"""No file of the repository names the machine it was written on, or where packages come from."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.house.sources import ROOT, tracked_files

# Written in two halves, so that this file does not find itself.
REGISTRY_HOSTS = [
    "py" + "pi.org",
    "python" + "hosted.org",
    "npm" + "js.org",
    "npm" + "js.com",
    "crates" + ".io",
    "proxy.golang" + ".org",
    "sum.golang" + ".org",
    "repo1.maven" + ".org",
    "maven" + ".apache.org",
    "deb.debian" + ".org",
]
MACHINE_PATHS = ["/ro" + "ot/", "/wo" + "rk/", "/ho" + r"me/\w", "/Us" + r"ers/\w", r"\b[A-Z]:\\Us" + "ers"]
DOWNLOADS = [r"https?://[^\s\"']+\.(?:whl|tgz|tar\.gz|jar|deb|zip)\b"]
FORBIDDEN = re.compile("|".join([*map(re.escape, REGISTRY_HOSTS), *MACHINE_PATHS, *DOWNLOADS]))


def _found(text: str) -> list[tuple[int, str]]:
    lines = enumerate(text.splitlines(), start=1)
    return [(number, match[0]) for number, line in lines for match in FORBIDDEN.finditer(line)]


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "replace")


def test_no_file_names_a_machine_or_a_registry() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {what}" for path in tracked_files() for line, what in _found(_text(path))
    ]
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("see ~/.config and /usr/bin/python3", 0),
        ("cd /ho" + "me/someone/project", 1),
        ("cd /ro" + "ot/project; ls C:\\Us" + "ers", 2),
        ("a\nhttps://files.python" + "hosted.org/x", 1),
        ("https://example.org/harness-1.0.tar" + ".gz", 1),
        ("GET /work HTTP/1.1", 0),
    ],
)
def test_what_counts_as_a_machine_or_a_registry(text: str, count: int) -> None:
    assert len(_found(text)) == count
