"""harness.cli.where: what `run` and `compare` refuse alike, whichever of them is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.cli.where import kind_of
from tests.cli.inside import call
from tests.cli.stories import PASSES, write

SERVER, DEVICE = ("--server", "http://127.0.0.1:1"), ("--device", "adb:emulator-5554")
TOGETHER: list[tuple[tuple[str, ...], str]] = [
    (("--live", *SERVER), "--live and --server exclude each other"),
    (("--live", *DEVICE), "--live and --device exclude each other"),
    (SERVER, "--server without the key of an account there"),
    (("--app",), "--app without --device"),
    ((*DEVICE, "--app-pushes"), "--app-pushes without --app"),
    (("--push-listen", "127.0.0.1:0"), "--push-listen is for a --server that you have"),
    (("--contact", "carol=+18005550199"), "no story has a contact of this name"),
]


@pytest.mark.parametrize("command", ["run", "compare"])
@pytest.mark.parametrize(("arguments", "why"), TOGETHER)
def test_what_does_not_go_together_is_refused(
    command: str, arguments: tuple[str, ...], why: str, tmp_path: Path
) -> None:
    write(tmp_path, PASSES)
    call(command, ".", *arguments, folder=tmp_path).failed(2, why)


@pytest.mark.parametrize("command", ["run", "compare"])
def test_what_is_set_for_a_server_or_for_others_is_no_mistake_without_them(command: str, tmp_path: Path) -> None:
    write(tmp_path, PASSES)
    text = 'listen = "127.0.0.1:0"\ntake_over = true\n[phones]\nnobody = "+18005550199"\n'
    (tmp_path / "httpsms-harness.toml").write_text(text, encoding="utf-8")
    assert call(command, ".", folder=tmp_path).code == 0


def test_a_server_may_have_a_device_for_its_radio() -> None:
    assert kind_of("http://127.0.0.1:1", "emulator-5554") == "server"
    assert kind_of(None, "emulator-5554") == "device"
    assert kind_of(None, None) == "embedded"
