"""The pure rooms read no clock, draw no chance and open nothing; tests hand in fakes instead of patching."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.house.sources import Source, sources

# Adapters, what assembles worlds around sockets, processes and threads, and the doors.
IMPURE_ROOMS = {
    *(
        "adapters",
        "testing",
        "serving",
        "phone_process",
        "live_story",
        "hosting",
        "conforming",
        "verifying",
        "fake_app",
    ),
    *("targets", "cli", "console", "pytest_plugin", "__main__", "config"),
}
FORBIDDEN_MODULES = frozenset(
    (
        *("asyncio", "select", "selectors", "signal", "socket", "ssl"),
        *("multiprocessing", "sqlite3", "subprocess", "threading"),
        *("random", "secrets", "time"),
    )
)
FORBIDDEN_NAMES = frozenset(
    (
        *("datetime.now", "datetime.today", "datetime.utcnow", "date.today"),
        *("os.urandom", "uuid.uuid1", "uuid.uuid4"),
    )
)
FORBIDDEN_CALLS = {"open", "print", "input"}
EXCEPTIONS = {
    ("harness.cipher.envelope", "os.urandom"): "an IV for callers outside the package; a core passes its own",
    ("harness.cipher.v2", "os.urandom"): "a salt or a key, as above",
}
PURE = [module for module in sources("harness") if module.room not in IMPURE_ROOMS]


def _forbidden_name(name: str) -> str | None:
    return next((bad for bad in FORBIDDEN_NAMES if f".{name}".endswith(f".{bad}")), None)


def _impurities(module: Source) -> Iterator[tuple[int, str]]:
    for line, name in module.imports():
        if name.split(".")[0] in FORBIDDEN_MODULES:
            yield line, name
        elif bad := _forbidden_name(name):
            yield line, bad
    for node in ast.walk(module.tree):
        match node:
            case ast.Attribute() if bad := _forbidden_name(ast.unparse(node)):
                yield node.lineno, bad
            case ast.Call(func=ast.Name(id=name)) if name in FORBIDDEN_CALLS:
                yield node.lineno, f"{name}()"


@pytest.mark.parametrize("module", PURE, ids=lambda module: module.name)
def test_a_pure_room_reads_no_clock_and_opens_nothing(module: Source) -> None:
    found = [
        f"{module.path}:{line}: {what}" for line, what in _impurities(module) if (module.name, what) not in EXCEPTIONS
    ]
    assert not found, "\n" + "\n".join(found)


def test_no_exception_is_kept_that_nobody_needs() -> None:
    used = {(module.name, what) for module in PURE for _, what in _impurities(module)}
    assert EXCEPTIONS.keys() <= used


@pytest.mark.parametrize(
    ("text", "impurities"),
    [
        ("import time", {"time"}),
        ("from asyncio import sleep", {"asyncio.sleep"}),
        ("def f():\n    import socket", {"socket"}),
        ("import datetime\ndatetime.datetime.now()", {"datetime.now"}),
        ("from datetime import datetime, time\ndatetime.now()", {"datetime.now"}),
        ("from uuid import uuid4", {"uuid.uuid4"}),
        ("import os\nos.urandom(1)", {"os.urandom"}),
        ("open('x')", {"open()"}),
        ("from datetime import time, datetime\nself.now\nqueue.now()\nself.open('x')", set()),
    ],
)
def test_an_impurity_is_found_wherever_it_stands(text: str, impurities: set[str]) -> None:
    module = Source("harness.phone.queue", "harness/phone/queue.py", text)
    assert {what for _, what in _impurities(module)} == impurities


def _patches(module: Source) -> Iterator[str]:
    for line, name in module.imports():
        if name.startswith("unittest.mock"):
            yield f"{module.path}:{line}: {name}"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "monkeypatch.setattr":
            yield f"{module.path}:{node.lineno}: monkeypatch.setattr"


def test_tests_hand_in_fakes_instead_of_patching() -> None:
    # To parse all of them takes seconds; few say either.
    suspects = [module for module in sources("tests") if "setattr" in module.text or "mock" in module.text]
    found = [line for module in suspects for line in _patches(module)]
    assert not found, "\n" + "\n".join(found)
