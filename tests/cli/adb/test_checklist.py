"""`adb checklist`: a line for each assumption, a report, and an exit code."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.cli.adb.checklist import last_lines, lines_of
from harness.errors import PortInUse
from harness.fake_android import FakeAndroid, FakeAndroidOptions, fake_android
from harness.fake_device.state import Troubles
from harness.targets.device_checklist import ASSUMPTIONS, Checked
from harness.targets.device_checks import Broken, Held, NotTried, Verdict
from tests.cli.inside import call
from tests.cli.usage import Wrong, each, refuses
from tests.commands import Done

WRONG_USAGE: list[Wrong] = [
    (("adb", "checklist"), 2, ("SERIAL",)),
    (("adb", "checklist", "x", "--allow", "12"), 2, ("--allow", "12")),
    (("adb", "checklist", "x", "--markdown", "-", "--json", "-"), 2, ("standard output",)),
    (("adb", "checklist", "x", "--json", "nowhere/x.json"), 2, ("nowhere",)),
    (("adb", "checklist", "x", "--seen-within", "0"), 2, ("--seen-within",)),
    (("adb", "checklist", "127.0.0.1:9", "--adb-server", "never"), 3, ("127.0.0.1:9",)),
    (("adb", "checklist", "R58M", "--adb-server", "never"), 3, ("R58M",)),
]


@each(WRONG_USAGE)
def test_what_cannot_be_done_is_said_in_a_sentence(
    arguments: tuple[str, ...], code: int, parts: tuple[str, ...], folder: Path
) -> None:
    refuses(folder, arguments, code, parts)


TEXT_IN = next(each for each in ASSUMPTIONS if each.id == "text-in")
PDU = next(each for each in ASSUMPTIONS if not each.relied_on)
NAMED = "text-in              A text that is typed into the console comes into the inbox."


@pytest.mark.parametrize(
    ("verdict", "lines"),
    [
        (Held("a\nb"), [f"✓ {NAMED}", "                       a b"]),
        (
            Broken("nothing came", "not shown"),
            [f"✗ {NAMED}", "                       nothing came", f"                       → {TEXT_IN.means}"],
        ),
        (
            NotTried("no console", "get one"),
            [f"· {NAMED}", "                       not tried: no console", "                       → get one"],
        ),
    ],
)
def test_each_assumption_has_a_line_and_under_it_what_came_of_it(verdict: Verdict, lines: list[str]) -> None:
    assert lines_of(Checked(TEXT_IN, verdict, 0.1), coloured=False).splitlines() == lines
    assert ("\x1b[" in lines_of(Checked(TEXT_IN, verdict, 0.1), coloured=True)) is (lines[0][0] != "·")


def test_what_nobody_relies_on_says_so() -> None:
    assert "→ nothing relies on it" in lines_of(Checked(PDU, Broken("nothing came"), 0.1), coloured=False)


# -- against a fake Android --------------------------------------------------------------------------------------------


@contextlib.contextmanager
def emulator(troubles: Troubles) -> Iterator[str]:
    """Serves one from a thread; gives its serial. Its ports follow each other, as those of emulators do."""
    loop = asyncio.new_event_loop()
    serial: list[str] = []
    over, started = asyncio.Event(), threading.Event()

    async def main() -> None:
        for port in range(42_600, 42_700, 2):
            options = FakeAndroidOptions(adb_port=port + 1, console_port=port, troubles=troubles)
            with contextlib.suppress(PortInUse):
                async with fake_android(options) as android:
                    serial.append(_serial(android))
                    started.set()
                    await over.wait()
                    return
        raise AssertionError("no two ports are free")

    thread = threading.Thread(target=loop.run_until_complete, args=(main(),))
    thread.start()
    try:
        assert started.wait(10)
        yield serial[0]
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()
        loop.close()


def _serial(android: FakeAndroid) -> str:
    assert android.console is not None
    return f"emulator-{android.console.port}"


def checked(folder: Path, troubles: Troubles, *options: str) -> Done:
    with emulator(troubles) as serial:
        words = ("adb", "checklist", serial, "--adb-server", "never", *options)
        return call(*words, folder=folder, HOME=str(folder))


def test_a_device_that_holds_passes_and_its_report_is_written(tmp_path: Path) -> None:
    done = checked(tmp_path, Troubles(), "--markdown", "report.md", "--json", "report.json")
    assert done.code == 0, done
    assert f"✓ {NAMED}" in done.out
    assert "held, 0 broken" in done.out.splitlines()[-4]
    told = json.loads((tmp_path / "report.json").read_text())
    assert [each["id"] for each in told["assumptions"]] == [each.id for each in ASSUMPTIONS]
    assert (tmp_path / "report.md").read_text().startswith("# Checklist of emulator-")


def test_a_device_that_loses_texts_fails_and_json_on_stdout_is_alone_there(tmp_path: Path) -> None:
    done = checked(tmp_path, Troubles(loses_texts=True), "--seen-within", "0.1", "--json", "-")
    assert done.code == 1, done
    assert f"✗ {NAMED}" in done.err
    assert json.loads(done.out)["well"] is False


def test_the_last_lines_say_what_is_left() -> None:
    from tests.targets.test_device_checklist import walked
    from tests.targets.test_device_checks import there

    lines = last_lines(walked(there())).splitlines()
    assert lines[0] == "emulator-5554: 23 held, 0 broken, 4 not tried"
    assert lines[1:] == [
        "left on the device: 5 texts with “check 00c0de” in the box inbox",
        "left on the device: 1 text with “check 00c0de” in the box sent",
        "left on the device: 1 missed call from +18005550111",
    ]
