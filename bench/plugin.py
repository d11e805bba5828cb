"""What the pytest plugin costs: a pytest that does not use it, and each test that does.

All of it in processor time, the gateway's thread included: what else the machine does counts little.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from collection import STORY, contents
from table import median_of, show

TESTS = 500
USES_IT = f"""\
import pytest


@pytest.mark.parametrize("number", range({TESTS}))
def test_world(httpsms, number):
    pass


@pytest.mark.parametrize("number", range({TESTS}))
def test_nothing(number):
    pass


@pytest.mark.parametrize("number", range({TESTS}))
def test_text(httpsms, number):
    body = {{"from": httpsms.number, "to": "+18005550100", "content": "Hello"}}
    httpsms.ask("POST", "/v1/messages/send", body)
    httpsms.contact("+18005550100").wait_for_text()
"""
# Other plugins of this environment cost as they like.
ALONE = (
    "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:asyncio", "-p", "no:hypothesispytest", "-p", "no:schemathesis",
    "-p", "no:xdist", "-p", "no:anyio", "-p", "no:respx",
)  # fmt: skip


def cpu_ms(*arguments: str, folder: Path | None = None) -> float:
    """Milliseconds of processor time that a pytest takes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *ALONE, *arguments], cwd=folder, capture_output=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000


def with_and_without(argument: str) -> str:
    """Medians of runs in turn: what else the machine does falls on both."""
    pairs = [(cpu_ms(argument), cpu_ms("-p", "no:httpsms_harness", argument)) for _ in range(15)]
    one, other = (statistics.median(column) for column in zip(*pairs, strict=True))
    return f"{one:.0f}, {other:.0f} ms"


def each_ms(folder: Path, kind: str) -> float:
    """Milliseconds for each test of a kind, without what the first one costs."""
    many = cpu_ms("-k", kind, folder=folder)
    return (many - cpu_ms("-k", f"{kind} and ([0] or [1])", folder=folder)) / (TESTS - 2)


def first_ms(folder: Path) -> float:
    """Milliseconds that the first test with a gateway takes, beyond an empty one."""
    one, empty = (cpu_ms("-k", f"{kind} and [0]", folder=folder) for kind in ("test_world", "test_nothing"))
    return one - empty


def collection_ms() -> float:
    """Milliseconds of processor time that pytest takes to collect a thousand scenario files, beyond none of them."""
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "stories").mkdir()
        for path, content in contents(STORY):
            (Path(name) / path).write_bytes(content)
        collect = ("--collect-only", "-qq", "--rootdir", name, name)
        return cpu_ms(*collect) - cpu_ms(*collect, "--httpsms-scenarios=off")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "test_app.py").write_text(USES_IT, encoding="utf-8")
        nothing = median_of(3, lambda: each_ms(folder, "test_nothing"))
        world = median_of(3, lambda: each_ms(folder, "test_world"))
        text = median_of(3, lambda: each_ms(folder, "test_text"))
        first = median_of(3, lambda: first_ms(folder))
    collected = median_of(3, collection_ms)
    show(
        "the pytest plugin",
        [
            (
                "pytest --version: with it, without",
                with_and_without("--version"),
                "goal: less than 15 ms apart",
            ),
            (
                "pytest --help, which loads every plugin: with it, without",
                with_and_without("--help"),
                "goal: less than 15 ms apart",
            ),
            ("a thousand scenario files collected", f"{collected[1]:.0f} ms", "goal < 1000 ms"),
            ("the first test with the fixture httpsms", f"{first[1]:.0f} ms", ""),
            (
                "each further one, beyond an empty test",
                f"{world[1] - nothing[1]:.2f} ms (an empty test takes {nothing[1]:.2f})",
                "goal < 5 ms",
            ),
            ("one that sends a text and waits for it, beyond that", f"{text[1] - world[1]:.2f} ms", ""),
        ],
    )
