"""`config`, and how settings come to the commands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.config import SETTINGS
from tests.cli.inside import call, refuses
from tests.cli.usage import Wrong, each

FILE = """\
seed = 7
user_key = "uk_pa55"
[phones]
alice = "+18005550199"
[serve]
phones = 3
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "httpsms-harness.toml").write_text(FILE, encoding="utf-8")
    (tmp_path / ".env").write_text("HTTPSMS_HARNESS_LIVE=1\n", encoding="utf-8")
    return tmp_path


def shown(out: str) -> dict[str, list[str]]:
    return {line.split()[0]: line.split()[1:] for line in out.splitlines() if line and not line.startswith("read:")}


def test_each_setting_is_shown_with_its_value_and_where_it_comes_from(project: Path) -> None:
    done = call("config", "show", folder=project, APP_PORT="99")
    lines = shown(done.out)
    assert done.out.startswith(f"read: {project}/httpsms-harness.toml, {project}/.env\n")
    assert list(lines) == [setting.name for setting in SETTINGS]
    assert lines["seed"] == ["7", "httpsms-harness.toml:1"]
    assert lines["user_key"] == ["***", "httpsms-harness.toml:2"]
    assert lines["phones"] == ["alice=+18005550199", "httpsms-harness.toml:3"]
    assert lines["serve.phones"] == ["3", "httpsms-harness.toml:6"]
    assert lines["live"] == ["true", ".env:1"]
    assert lines["port"] == ["99", "APP_PORT"]
    assert lines["pace"] == ["instant", "default"]
    assert lines["server"] == ["-", "default"]
    assert "pa55" not in done.out + done.err


def test_the_same_is_there_for_programs(project: Path) -> None:
    done = call("config", "show", "--json", folder=project)
    read = json.loads(done.out)
    settings = read["settings"]
    assert (read["file"], read["dotenv"]) == (str(project / "httpsms-harness.toml"), str(project / ".env"))
    assert settings["phones"]["value"] == {"alice": "+18005550199"}
    assert settings["user_key"]["value"] == "***"
    assert settings["seed"] | {"commands": []} == {
        "value": 7, "origin": "httpsms-harness.toml:1", "variable": "HTTPSMS_HARNESS_SEED", "commands": [],
    }  # fmt: skip
    assert settings["host"]["value"] == "127.0.0.1"
    assert "pa55" not in done.out


def test_where_there_is_no_file_it_says_so(tmp_path: Path) -> None:
    assert call("config", "show", folder=tmp_path).out.startswith("read: no file; there is none here or above\n")


WRONG_USAGE: list[Wrong] = [
    (("config", "show"), 2, ("httpsms-harness.toml:1: there is no setting sede; did you mean seed?",)),
    (("serve",), 2, ("httpsms-harness.toml:1: there is no setting sede",)),
    (("config", "shwo"), 2, ("No such command 'shwo'",)),
]


@each(WRONG_USAGE)
def test_what_cannot_be_done_is_said_in_a_sentence_with_the_right_exit_code(
    arguments: tuple[str, ...], code: int, parts: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "httpsms-harness.toml").write_text('sede = 7\nuser_key = "secret"\n', encoding="utf-8")
    refuses(tmp_path, arguments, code, parts)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("phone",), "exclude each other"),  # what is required may be set, and is checked like what was typed
        (("vectors", "verify", "-k", "no such vector"), "nothing to run"),
        (("conform", "-k", "no such case"), "nothing to run"),
    ],
)
def test_settings_reach_each_command(arguments: tuple[str, ...], said: str, tmp_path: Path) -> None:
    (tmp_path / "httpsms-harness.toml").write_text(
        'color = "never"\nserver = "http://127.0.0.1:1"\nphone_key = "pk_x"\nnumbers = ["+18005550199"]\n'
        'user_key = "uk"\n[phone]\npush = "http://127.0.0.1:2"\npoll = true\n',
        encoding="utf-8",
    )
    assert said in call(*arguments, folder=tmp_path).err
