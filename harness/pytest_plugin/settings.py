"""What the plugin is told: command line before environment before ini file before default."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from harness.pytest_plugin import _SETTINGS

__all__ = ["check", "is_on", "number", "port", "seconds", "setting"]

_ON = frozenset({"1", "true", "yes", "on"})
_OFF = frozenset({"", "0", "false", "no", "off"})
# The second is the command's own; a value for one of the two doors is one for the other.
_PREFIXES = ("HTTPSMS_", "HTTPSMS_HARNESS_")
_PORT_MAX = 65_535


def setting(config: pytest.Config, name: str) -> str:
    """The value of `--httpsms-NAME`, `HTTPSMS_NAME`, or `httpsms_NAME` in the ini file; `name` with underscores."""
    return _found(config, name)[0]


def _found(config: pytest.Config, name: str) -> tuple[str, str]:
    """The value, and what it is called where it stands. An empty variable is none: so CI writes what it has not."""
    default = next(default for known, _, default, _ in _SETTINGS if known == name)
    option, ini = f"--httpsms-{name.replace('_', '-')}", f"httpsms_{name}"
    told = config.getoption(ini, None)
    if told is not None:
        return "on" if told is True else str(told) or default, option
    for variable in (prefix + name.upper() for prefix in _PREFIXES):
        if os.environ.get(variable):
            return os.environ[variable], variable
    value = config.getini(ini)
    return (default, option) if value in (None, "") else (str(value), ini)


def is_on(config: pytest.Config, name: str) -> bool:
    """Raises `pytest.UsageError` for what is neither on nor off."""
    value = setting(config, name).lower()
    if value not in _ON | _OFF:
        raise _refused(config, name, "neither on nor off: it takes on, true, yes, 1, or off, false, no, 0")
    return value in _ON


def number(config: pytest.Config, name: str) -> int:
    """Raises `pytest.UsageError` for what is no number from 0."""
    value = setting(config, name)
    if not (value.isascii() and value.isdecimal()):
        raise _refused(config, name, "no whole number from 0 upwards")
    return int(value)


def port(config: pytest.Config, name: str) -> int:
    """Raises `pytest.UsageError` for what is no port. Workers of pytest-xdist take one each, from the one given on."""
    given = number(config, name)
    workers, worker = _workers(config)
    if given and given + workers > _PORT_MAX + 1:
        each = f" for {workers} workers" if workers > 1 else ""
        raise _refused(config, name, f"no port{each}: they end at {_PORT_MAX}, and 0 takes any free one")
    return given + worker if given else 0


def _workers(config: pytest.Config) -> tuple[int, int]:
    """How many workers of pytest-xdist there are, and which this one is."""
    told = getattr(config, "workerinput", None)
    if told is None:
        return len(config.getoption("tx", None) or ()) or 1, 0
    worker = told["workerid"].removeprefix("gw")
    return told["workercount"], int(worker) if worker.isdecimal() else 0


def seconds(config: pytest.Config, name: str) -> float:
    """Raises `pytest.UsageError` for what is no positive number."""
    value = setting(config, name)
    try:
        found = float(value)
    except ValueError:
        found = -1.0
    if not 0 < found < float("inf"):
        raise _refused(config, name, "no number of seconds: it takes one above 0, such as 2.5")
    return found


def _refused(config: pytest.Config, name: str, why: str) -> pytest.UsageError:
    value, place = _found(config, name)
    return pytest.UsageError(f"{place}: {value!r} is {why}")


_READERS: dict[str, Callable[[pytest.Config, str], object]] = {
    "seed": number, "timeout": seconds, "port": port, "live": is_on, "scenarios": is_on,
}  # fmt: skip


def check(config: pytest.Config) -> None:
    """Raises `pytest.UsageError` for the first setting that cannot be: at the start, and not in each test."""
    for name, read in _READERS.items():
        read(config, name)
