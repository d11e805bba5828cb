"""Where the plugin's settings come from."""

from __future__ import annotations

import os
from typing import Any, cast

import pytest

from harness.pytest_plugin.settings import is_on, number, port, seconds, setting


class Config:
    """What pytest was told: the options that were given, and the keys of its ini file."""

    def __init__(self, options: dict[str, Any] | None = None, ini: dict[str, str] | None = None) -> None:
        self._options, self._ini = options or {}, ini or {}

    def getoption(self, name: str, default: Any) -> Any:
        return self._options.get(name, default)

    def getini(self, name: str) -> Any:
        return self._ini.get(name)


def config(options: dict[str, Any] | None = None, ini: dict[str, str] | None = None) -> pytest.Config:
    return cast(pytest.Config, Config(options, ini))


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("HTTPSMS_")]:
        monkeypatch.delenv(name)


INI = {"httpsms_seed": "2"}


@pytest.mark.parametrize(
    ("options", "ini", "environment", "found"),
    [
        ({}, {}, {}, "1"),
        ({}, INI, {}, "2"),
        ({}, INI, {"HTTPSMS_HARNESS_SEED": "4"}, "4"),
        ({}, INI, {"HTTPSMS_SEED": "3", "HTTPSMS_HARNESS_SEED": "4"}, "3"),
        ({"httpsms_seed": "5"}, INI, {"HTTPSMS_SEED": "3"}, "5"),
        ({}, {"httpsms_seed": ""}, {}, "1"),
        ({}, INI, {"HTTPSMS_SEED": "", "HTTPSMS_HARNESS_SEED": ""}, "2"),  # as CI sets what it has not
        ({"httpsms_seed": ""}, INI, {"HTTPSMS_SEED": "3"}, "1"),
    ],
)
def test_the_command_line_comes_before_the_environment_before_the_file(
    options: dict[str, str],
    ini: dict[str, str],
    environment: dict[str, str],
    found: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert setting(config(options, ini), "seed") == found
    assert number(config(options, ini), "seed") == int(found)


@pytest.mark.parametrize(
    ("told", "found"),
    [(True, True), ("on", True), ("YES", True), ("1", True), ("off", False), ("", False), ("no", False)],
)
def test_a_switch_is_on_or_off(told: Any, found: bool) -> None:
    assert is_on(config({"httpsms_live": told}), "live") is found


def test_what_nobody_says_is_what_the_help_says() -> None:
    bare = config()
    assert (setting(bare, "host"), setting(bare, "user_key"), seconds(bare, "timeout")) == ("127.0.0.1", "", 10.0)
    assert (is_on(bare, "scenarios"), is_on(bare, "live")) == (True, False)


FREE = "they end at 65535, and 0 takes any free one"


@pytest.mark.parametrize(
    ("read", "name", "value", "words"),
    [
        (number, "port", "x", "'x' is no whole number from 0 upwards"),
        (number, "port", "-1", "'-1' is no whole number from 0 upwards"),
        (port, "port", "65536", f"'65536' is no port: {FREE}"),
        (seconds, "timeout", "0", "'0' is no number of seconds: it takes one above 0, such as 2.5"),
        (seconds, "timeout", "nan", "'nan' is no number of seconds"),
        (seconds, "timeout", "soon", "'soon' is no number of seconds"),
        (is_on, "scenarios", "maybe", "'maybe' is neither on nor off: it takes on, true, yes, 1, or off, false, no, 0"),
    ],
)
def test_what_cannot_be_is_refused_by_its_name_wherever_it_stands(
    read: Any, name: str, value: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusal(asked: pytest.Config) -> str:
        with pytest.raises(pytest.UsageError) as raised:
            read(asked, name)
        return str(raised.value)

    assert refusal(config({f"httpsms_{name}": value})).startswith(f"--httpsms-{name}: {words}")
    assert refusal(config(ini={f"httpsms_{name}": value})).startswith(f"httpsms_{name}: {words}")
    monkeypatch.setenv(f"HTTPSMS_{name.upper()}", value)
    assert refusal(config()).startswith(f"HTTPSMS_{name.upper()}: {words}")


class Worker(Config):
    def __init__(self, number: str, count: int, given: str) -> None:
        super().__init__({"httpsms_port": given})
        self.workerinput = {"workerid": number, "workercount": count}


@pytest.mark.parametrize(
    ("given", "workers", "ports"), [("8000", 3, [8000, 8001, 8002]), ("0", 2, [0, 0]), ("65534", 2, [65534, 65535])]
)
def test_workers_take_one_port_each(given: str, workers: int, ports: list[int]) -> None:
    told = [cast(pytest.Config, Worker(f"gw{number}", workers, given)) for number in range(workers)]
    assert [port(one, "port") for one in told] == ports


def test_ports_that_are_not_enough_for_all_workers_are_refused_before_any_of_them_starts() -> None:
    with pytest.raises(pytest.UsageError, match=f"'65535' is no port for 2 workers: {FREE}"):
        port(config({"httpsms_port": "65535", "tx": ["popen"] * 2}), "port")
