"""The whole way on somebody's server: the command, adb over a socket, and a `serve` that is not the run's own."""

from __future__ import annotations

import subprocess
import threading
from pathlib import Path

import pytest

from harness.device_app import FILE, PACKAGE
from harness.fake_device.happened import TextArrived
from tests.cli.inside import call
from tests.cli.stories import write
from tests.commands import COMMAND, clean_environment
from tests.targets.conftest import KEY, Foreign
from tests.targets.fake_apps import app_device

STORY = """
scenario: There and back
phones: [alice]
contacts: [bob]
steps:
  - text: {from: bob, to: alice, text: Hello}
  - expect: {webhook: message.phone.received, text: Hello}
  - send: {from: alice, to: bob, text: "It's $HOME"}
    as: answer
  - expect: {sms: {to: bob, text: "It's $HOME"}}
  - expect: {message: answer, status: sent}
"""
ROWS = [("+18005550101", "Hello"), ("+18005550101", "It's $HOME")]
PATIENCE_S = 30
MODES = pytest.mark.parametrize("mode", [(), ("--app",)], ids=["radio", "app"])


def options(foreign: Foreign, address: str, mode: tuple[str, ...]) -> tuple[str, ...]:
    server = ("--server", foreign.gateway.url, "--user-key", KEY)
    return *server, "--device", f"adb:{address}", "--adb-server", "never", *mode


@MODES
def test_a_story_runs_with_a_device_on_somebodys_server_and_leaves_nothing_there(
    mode: tuple[str, ...], ours: Foreign, tmp_path: Path
) -> None:
    path = str(write(tmp_path, STORY))
    with app_device() as android:
        done = call("run", path, *options(ours, android.address, mode), folder=tmp_path, HOME=str(tmp_path))
        rows = [(row.address, row.body) for row in android.device.sms.rows]
    assert done.code == 0, done
    assert "1 passed" in done.out + done.err
    assert rows == ROWS
    assert ours.owned() == {}
    assert KEY not in done.out + done.err


WAITS = """
scenario: A while
phones: [alice]
contacts: [bob]
steps:
  - text: {from: bob, to: alice, text: Hello}
  - expect: {webhook: message.phone.received, text: What nobody writes}
"""


@MODES
def test_what_a_killed_run_left_is_removed_and_the_next_one_runs(
    mode: tuple[str, ...], ours: Foreign, tmp_path: Path
) -> None:
    waits, path = str(write(tmp_path, WAITS, "waits")), str(write(tmp_path, STORY))
    with app_device() as android:
        given = options(ours, android.address, mode)
        came = threading.Event()
        android.on_happened.append(lambda happened: came.set() if isinstance(happened, TextArrived) else None)
        killed = subprocess.Popen(
            [*COMMAND, "run", waits, *given], env=clean_environment(HOME=str(tmp_path)), stdout=subprocess.DEVNULL
        )
        try:
            assert came.wait(PATIENCE_S)
        finally:
            killed.kill()
            killed.wait()
        left = ours.owned()
        cleaned = call("cleanup", *given[:4], folder=tmp_path, HOME=str(tmp_path))
        owned = ours.owned()
        done = call("run", path, *given, folder=tmp_path, HOME=str(tmp_path))
        settings = android.device.run(f"run-as {PACKAGE} cat {FILE}")
    assert {"phones", "phone-api-keys", "webhooks"} <= left.keys()
    assert cleaned.code == 0, cleaned
    assert owned == {}
    assert done.code == 0, done
    assert settings.code == 1, "the app has settings of a story still"
