"""`adb devices`: which there are."""

from __future__ import annotations

from pathlib import Path

from harness.cli.adb.devices import table
from harness.targets.device_link import Listed
from tests.cli.usage import Wrong, each, refuses

WRONG_USAGE: list[Wrong] = [
    (("adb", "devices", "--adb-server", "sometimes"), 2, ("--adb-server", "auto, never, and a port")),
    (("adb", "devices", "--adb-server", "0"), 2, ("--adb-server",)),
    (("adb", "devices", "--adb-server", "70000"), 2, ("--adb-server",)),
    (("adb", "devices", "extra"), 2, ("extra",)),
    (("adb", "device"), 2, ("No such command 'device'",)),
]


@each(WRONG_USAGE)
def test_what_cannot_be_done_is_said_in_a_sentence(
    arguments: tuple[str, ...], code: int, parts: tuple[str, ...], folder: Path
) -> None:
    refuses(folder, arguments, code, parts)


def test_each_device_has_a_line_with_its_state() -> None:
    listed = [Listed("emulator-5554", "device", "sdk_gphone64 transport_id:1"), Listed("R58M", "unauthorized")]
    assert table(listed) == ("emulator-5554  device        sdk_gphone64 transport_id:1\nR58M           unauthorized")
