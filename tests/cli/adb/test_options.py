"""How a device is named, and the adb server."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from harness.cli.adb.options import serial
from tests.cli.inside import call
from tests.cli.stories import PASSES, write
from tests.cli.usage import Wrong, each, refuses

CONTEXT = click.Context(click.Command("x"))
OPTION = click.Option(["--device"])

WRONG_USAGE: list[Wrong] = [
    (("run", "--device", "emulator-5554"), 2, ("adb:emulator-5554",)),
    (("run", "--device", "adb:"), 2, ("adb:emulator-5554",)),
    (("run", "good.scenario.yaml", "--device", "adb:127.0.0.1:abc"), 2, ("'127.0.0.1:abc' is no serial of a device",)),
    (("run", "good.scenario.yaml", "--device", "adb:a b"), 2, ("'a b' is no serial of a device", "emulator-5554")),
    (("run", "good.scenario.yaml", "--device", "adb:emulator-99999"), 2, ("there is no port 100000",)),
    (("run", "--device", "adb:x", "--live"), 2, ("--live and --device",)),
    (("run", "--device", "adb:x", "--console-token-file", "nowhere"), 2, ("nowhere",)),
    (("run", "--device", "adb:x", "--sent-within", "0"), 2, ("--sent-within",)),
    (("run", "--device", "adb:x", "--allow", "12"), 2, ("12",)),
]


@each(WRONG_USAGE)
def test_what_cannot_be_meant_is_said_in_a_sentence(
    arguments: tuple[str, ...], code: int, parts: tuple[str, ...], folder: Path
) -> None:
    refuses(folder, arguments, code, parts)


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (None, None),
        ("none", None),
        ("adb:emulator-5554", "emulator-5554"),
        ("adb:127.0.0.1:5555", "127.0.0.1:5555"),
        ("adb:adb-R58M._adb-tls-connect._tcp", "adb-R58M._adb-tls-connect._tcp"),
    ],
)
def test_a_device_is_named_by_how_it_is_reached_and_its_serial(value: str | None, name: str | None) -> None:
    assert serial(CONTEXT, OPTION, value) == name


def test_a_setting_names_the_device_and_none_undoes_it(tmp_path: Path) -> None:
    path = str(write(tmp_path, PASSES))
    settings = tmp_path / "httpsms-harness.toml"
    settings.write_text('device = "emulator-5554"\n')
    assert call("run", path, folder=tmp_path).code == 2
    settings.write_text('device = "adb:emulator-5554"\n')
    assert call("run", path, "--device", "none", folder=tmp_path).code == 0
    assert call("run", path, "--live", folder=tmp_path).code == 0
