"""harness.config: what is set, and where it stands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import pytest

from harness.cli import commands
from harness.config import PREFIX, SETTINGS, load
from harness.errors import ConfigError

FILE = """\
seed = 7
server = "http://127.0.0.1:8000"
allow = ["+18005550101", "+18005550102"]
insecure = true

[phones]
alice = "+18005550199"

[serve]
phones = 3
state = "world.db"

[phone]
timeout = 2.5
"""


def found(folder: Path, **environment: str) -> dict[str, tuple[Any, str]]:
    """Setting → its value, and where it stands."""
    config = load(folder, environment)
    values = [config.value(setting) for setting in SETTINGS]
    return {value.setting.name: (value.value, value.origin) for value in values if value is not None}


def write(folder: Path, text: str, name: str = "httpsms-harness.toml") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_where_nothing_is_set_nothing_is_found(tmp_path: Path) -> None:
    assert found(tmp_path, HOME="/home", HTTPSMS_HARNESS_SEED="", HTTPSMS_HARNESS_RUNNERS="/somewhere") == {}


def test_each_value_of_a_file_is_known_with_its_line(tmp_path: Path) -> None:
    origin = "httpsms-harness.toml"
    assert found(write(tmp_path, FILE)) == {
        "seed": (7, f"{origin}:1"),
        "server": ("http://127.0.0.1:8000", f"{origin}:2"),
        "allow": (("+18005550101", "+18005550102"), f"{origin}:3"),
        "insecure": (True, f"{origin}:4"),
        "phones": ((("alice", "+18005550199"),), f"{origin}:6"),
        "serve.phones": (3, f"{origin}:10"),
        "serve.state": (str(tmp_path / "world.db"), f"{origin}:11"),
        "phone.timeout": (2.5, f"{origin}:14"),
    }


def test_the_nearest_file_upwards_counts_and_its_paths_are_meant_from_its_folder(tmp_path: Path) -> None:
    write(tmp_path, 'seed = 1\n[run]\npaths = ["stories"]\njunit = "-"\n')
    deep = write(tmp_path / "a" / "b", '[project]\nname = "httpsms-harness-user"\n', "pyproject.toml")
    assert found(deep) == {
        "seed": (1, "httpsms-harness.toml:1"),
        "run.paths": ((str(tmp_path / "stories"),), "httpsms-harness.toml:3"),
        "run.junit": ("-", "httpsms-harness.toml:4"),
    }
    write(
        tmp_path / "a", "[tool.httpsms-harness]\nseed = 2\n\n[tool.httpsms-harness.serve]\nphones = 0", "pyproject.toml"
    )
    assert found(deep) == {"seed": (2, "pyproject.toml:2"), "serve.phones": (0, "pyproject.toml:5")}
    write(tmp_path / "a", "seed = 3")
    assert found(deep) == {"seed": (3, "httpsms-harness.toml:1")}


DOTENV = """\
# the demo
APP_PORT=1
HTTPSMS_HARNESS_SEED=8
export HTTPSMS_HARNESS_USER_KEY="uk_1 # 2"  # a key
HTTPSMS_HARNESS_LIVE = yes # by the clock
HTTPSMS_HARNESS_SERVER=
HTTPSMS_HARNESS_PHONES=alice=+18005550100 bob=+18005550101
"""


def test_dotenv_wins_over_the_file_and_the_environment_over_both(tmp_path: Path) -> None:
    write(write(tmp_path, FILE), DOTENV, ".env")
    known = found(tmp_path)
    assert known["seed"] == (8, ".env:3")
    assert known["user_key"] == ("uk_1 # 2", ".env:4")
    assert known["live"] == (True, ".env:5")
    assert known["server"] == ("http://127.0.0.1:8000", "httpsms-harness.toml:2")
    assert known["phones"] == ((("alice", "+18005550100"), ("bob", "+18005550101")), ".env:7")
    assert "port" not in known  # it may be of another program
    assert found(tmp_path, HTTPSMS_HARNESS_SEED="9")["seed"] == (9, "HTTPSMS_HARNESS_SEED")


def test_our_own_variable_wins_over_the_real_servers(tmp_path: Path) -> None:
    assert found(tmp_path, APP_PORT="1")["port"] == (1, "APP_PORT")
    assert found(tmp_path, APP_PORT="1", HTTPSMS_HARNESS_PORT="2")["port"] == (2, "HTTPSMS_HARNESS_PORT")


def test_a_secret_is_in_no_repr(tmp_path: Path) -> None:
    config = load(write(tmp_path, 'user_key = "pa55"'), {"HTTPSMS_HARNESS_PHONE_KEY": "pa55"})
    assert "pa55" not in repr(config) + repr([config.value(setting) for setting in SETTINGS])


WRONG_FILES = [
    ("unknown", "seed = 1\nsevrer = 'x'", ":2: there is no setting sevrer; did you mean server?"),
    ("unknown, and nothing near", "xyzzy = 1", ":1: there is no setting xyzzy; `httpsms-harness config show` lists"),
    ("in the wrong table", "[serve]\nseed = 1", ":2: there is no setting serve.seed; did you mean seed?"),
    ("in no table", "state = 'x'", ":1: there is no setting state; did you mean serve.state?"),
    ("a text for a number", "seed = 'one'", ":1: seed is a whole number, not 'one'"),
    ("a flag for a number", "seed = true", ":1: seed is a whole number, not True"),
    ("a number for a text", "server = 1", ":1: server is a text in quotes, not 1"),
    ("a text for a flag", "live = 'yes'", ":1: live is true or false, not 'yes'"),
    ("a text for several", "allow = '+1'", ':1: allow is a list of texts, like ["one", "two"], not'),
    ("a list of numbers", "allow = [1]", ":1: allow is a list of texts"),
    ("numbers without quotes", "[phones]\na = 1", ":1: phones is a table of names and numbers"),
    ("no number", "[phones]\na = '1'", ":1: phones: '1' is not an E.164 number"),
    ("no choice", "pace = 'slow'", ":1: pace is one of instant, faithful, not 'slow'"),
    ("a secret", "user_key = 5500", ":1: user_key is a text in quotes"),
    ("no TOML", "seed = 1\nlive = no", ":2: no TOML: Invalid value"),
    ("no TOML, to its end", "[serve", ":1: no TOML: "),
]


@pytest.mark.parametrize(("text", "why"), [case[1:] for case in WRONG_FILES], ids=[case[0] for case in WRONG_FILES])
def test_a_mistake_in_a_file_is_told_with_its_line(text: str, why: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        load(write(tmp_path, text), {})
    assert str(raised.value).startswith(f"{tmp_path / 'httpsms-harness.toml'}{why}")
    assert "5500" not in str(raised.value)


def test_all_mistakes_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        load(write(tmp_path, "seed = 'one'\nsevrer = 1\nlive = true\njobs = 1.5"), {})
    assert [line.partition("toml:")[2][:1] for line in str(raised.value).splitlines()] == ["1", "2", "4"]


@pytest.mark.parametrize(
    ("dotenv", "environment", "why"),
    [
        ("\nHTTPSMS_HARNESS_SEDE=1", {}, ".env:2: there is no setting HTTPSMS_HARNESS_SEDE; did you mean HTTPSMS_"),
        ("HTTPSMS_HARNESS_SEED=x", {}, ".env:1: seed is a whole number, not 'x'"),
        ("", {"HTTPSMS_HARNESS_LIVE": "maybe"}, "HTTPSMS_HARNESS_LIVE: live is 0 or 1, not 'maybe'"),
        ("", {"HTTPSMS_HARNESS_PUSH": "fax"}, "HTTPSMS_HARNESS_PUSH: push is one of auto"),
        ("", {"HTTPSMS_HARNESS_PHONE_TIMEOUT": "x"}, "HTTPSMS_HARNESS_PHONE_TIMEOUT: phone.timeout is a"),
        ("", {"HTTPSMS_HARNESS_PHONES": "alice"}, "HTTPSMS_HARNESS_PHONES: phones is names with numbers, like"),
        ("", {"HTTPSMS_HARNESS_PHONES": "alice=1"}, "HTTPSMS_HARNESS_PHONES: phones: '1' is not an E.164 number"),
        ("", {"HTTPSMS_HARNESS_SEVER": "x"}, "the environment: there is no setting HTTPSMS_HARNESS_SEVER; did"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_environment_is_told_with_its_name(
    dotenv: str, environment: dict[str, str], why: str, tmp_path: Path
) -> None:
    write(tmp_path, dotenv, ".env")
    with pytest.raises(ConfigError) as raised:
        found(tmp_path, **environment)
    assert why in str(raised.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "httpsms-harness.toml").write_bytes(b"seed = '\xff'")
    with pytest.raises(ConfigError, match="is not UTF-8"):
        load(tmp_path, {})


# -- the table ---------------------------------------------------------------------------------------------------------


def test_each_setting_has_a_name_and_a_variable_of_its_own() -> None:
    assert len({setting.name for setting in SETTINGS}) == len(SETTINGS)
    assert len({setting.variable for setting in SETTINGS}) == len(SETTINGS)
    assert all(setting.variable.startswith(PREFIX) and setting.about.endswith(".") for setting in SETTINGS)


def _commands(command: Any = commands, path: str = "") -> dict[str, Any]:
    if not isinstance(command, click.Group):
        return {path: command}
    return {
        name: one
        for key, each in command.commands.items()
        for name, one in _commands(each, f"{path} {key}".strip()).items()
    }


COMMANDS = _commands()
_OF_THE_APP = {"--app", "--apk", "--app-pushes"}
# command: options that are no settings, since they are said anew each time.
NO_SETTINGS = {
    "run": {
        "-k",
        "--tag",
        "--last-failed",
        "--list",
        "--dry-run",
        "--repeat",
        "-x",
        "--watch",
        "-q",
        "-v",
        *_OF_THE_APP,
    },
    # What is set about these is `run`'s own, and --live is what it does without a server.
    "compare": {"paths", "-k", "--tag", "--live", "--slower", "-q", "--json", *_OF_THE_APP},
    "serve": set(),
    "phone": {"--view"},
}


@pytest.mark.parametrize("name", NO_SETTINGS)
def test_each_option_is_a_setting_or_said_anew_each_time(name: str) -> None:
    settings = {option for setting in SETTINGS if name in setting.commands for option in setting.options}
    missing = [each.opts for each in COMMANDS[name].params if not {*each.opts} & (settings | NO_SETTINGS[name])]
    assert missing == []


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_each_command_of_a_setting_has_it_as_an_option_of_the_same_kind(setting: Any) -> None:
    for name in setting.commands:
        if name not in COMMANDS:
            continue
        options = [each for each in COMMANDS[name].params if {each.name, *each.opts} & set(setting.options)]
        assert len(options) == 1, (name, setting.options)
        option = options[0]
        if setting.kind == "flag":
            assert option.is_flag, name
        if setting.kind in ("texts", "people"):
            assert option.multiple, name
        if setting.choices:
            assert isinstance(option.type, click.Choice)
            assert tuple(option.type.choices) == setting.choices, name
        # An option that reads the environment itself must do it in the same order.
        if option.envvar is not None:
            names = [option.envvar] if isinstance(option.envvar, str) else list(option.envvar)
            assert names == [setting.variable, *setting.variables], name
