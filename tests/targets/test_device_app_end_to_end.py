"""The whole way with an app on a device: the command, adb over a socket, a console, and a phone core behind both."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.device_app import FILE, PACKAGE
from harness.fake_android import FakeAndroid
from harness.fake_device.files import Problem
from harness.fake_device.happened import AppStopped
from tests.cli.inside import call
from tests.cli.stories import write
from tests.commands import Done
from tests.targets.fake_apps import app_device

THERE_AND_BACK = """
scenario: There and back
phones:
  alice: {encryption_key: Password123}
contacts: [bob]
steps:
  - text: {from: bob, to: alice, text: Hello}
  - expect: {webhook: message.phone.received}
  - send: {from: alice, to: bob, text: "It's $HOME", encrypted: true}
    as: answer
  - expect: {sms: {to: bob, text: "It's $HOME"}}
  - expect: {message: answer, status: delivered}
  - phone: {name: alice, do: switch sim1 calls on}
  - call: {from: bob, to: alice}
  - expect: {webhook: message.call.missed}
"""
DEEDS = """
scenario: What is done to an app
phones:
  alice: {encryption_key: Password123}
contacts: [bob]
steps:
  - phone: {name: alice, do: kill app}
  - text: {from: bob, to: alice, text: One}
  - expect: {webhook: message.phone.received, text: One}
  - phone: {name: alice, do: force stop}
  - phone: {name: alice, do: open app}
  - text: {from: bob, to: alice, text: Two}
  - expect: {webhook: message.phone.received, text: Two}
  - phone: {name: alice, do: encrypt received off}
  - phone: {name: alice, encryption_key: Other}
  - phone: {name: alice, do: switch sim1 calls on}
  - phone: {name: alice, do: text +18005550177 Three}
  - expect: {webhook: message.phone.received, text: Three}
  - phone: {name: alice, do: call +18005550177}
  - expect: {webhook: message.call.missed}
"""
OUT = """
scenario: Out
phones: [alice]
contacts: [bob]
steps:
  - send: {from: alice, to: bob, text: Hello}
  - expect: {sms: {to: bob, text: Hello}}
"""
OTHERS = """
scenario: Two phones
phones: [alice, ann]
steps:
  - text: {from: "+18005550177", to: alice, text: Hello}
---
scenario: A look into the app
phones: [alice]
contacts: [bob]
steps:
  - text: {from: bob, to: alice, text: Hello}
  - expect: {hop: phone, kind: text received}
---
scenario: A reboot
phones: [alice]
steps:
  - phone: {name: alice, do: reboot}
---
scenario: A while
phones: [alice]
steps:
  - advance: 1h
"""
BOB = "+18005550101"
NOT_REAL = "phone core, not the real app"


def run(folder: Path, story: str, android: FakeAndroid, *options: str) -> Done:
    device = ("--device", f"adb:{android.address}", "--adb-server", "never", "--app")
    return call("run", str(write(folder, story)), *device, *options, folder=folder, HOME=str(folder))


def rows(android: FakeAndroid) -> list[tuple[str, str]]:
    return [(row.address, row.body) for row in android.device.sms.rows]


def preferences(android: FakeAndroid) -> bytes | Problem:
    files = android.device.files
    files.user = PACKAGE
    try:
        return files.read(f"{files.home(PACKAGE)}/{FILE}")
    finally:
        files.user = "shell"


def test_texts_and_a_call_go_there_and_back_and_nothing_of_them_stays_in_the_app(tmp_path: Path) -> None:
    with app_device() as android:
        done = run(tmp_path, THERE_AND_BACK, android, "--json", "found.json", "--trace", "trace.jsonl")
        left = preferences(android)
        log = [line.text for line in android.device.log]
    assert done.code == 0, done
    assert rows(android) == [(BOB, "Hello"), (BOB, "It's $HOME")]
    assert left is Problem.NOT_THERE
    assert NOT_REAL in log[0]
    written = [(tmp_path / name).read_text() for name in ("found.json", "trace.jsonl")]
    assert NOT_REAL in written[0]
    told = "\n".join([done.out, done.err, *written, *log])
    assert "pk_" not in told
    assert "Password123" not in told


def test_what_stories_may_do_to_an_app_is_done(tmp_path: Path) -> None:
    with app_device() as android:
        stopped: list[bool] = []
        android.on_happened.append(
            lambda happened: stopped.append(happened.forced) if isinstance(happened, AppStopped) else None
        )
        done = run(tmp_path, DEEDS, android)
    assert done.code == 0, done
    assert stopped.count(False) == 1, "by `am kill`"


def test_settings_that_the_app_had_are_given_back(tmp_path: Path) -> None:
    before = b'<map>\n    <string name="SETTINGS_USER_ID">somebody</string>\n</map>\n'
    with app_device() as android:
        android.device.run(f"run-as {PACKAGE} sh -c 'mkdir shared_prefs; cat > {FILE}'", before)
        done = run(tmp_path, OUT, android)
        left = preferences(android)
    assert done.code == 0, done
    assert left == before


def test_what_cannot_be_had_there_is_skipped_with_its_reason(tmp_path: Path) -> None:
    with app_device() as android:
        done = run(tmp_path, OTHERS, android)
    assert done.code == 0, done
    assert "4 skipped" in done.out + done.err
    for reason in ("has 2 phones", "cannot be looked into", "done to no app", "goes by the real clock"):
        assert reason in done.out


@pytest.mark.parametrize(("options", "texted"), [((), []), (("--allow", BOB), [BOB])])
def test_hardware_texts_only_whom_it_may(options: tuple[str, ...], texted: list[str], tmp_path: Path) -> None:
    with app_device(is_emulator=False) as android:
        done = run(tmp_path, OUT, android, *options)
    assert done.code == 0, done
    assert [row.address for row in android.device.sms.rows] == texted
    assert ("1 passed" if texted else f"--allow {BOB}") in done.out + done.err


def test_a_probe_says_that_it_is_not_the_real_app(tmp_path: Path) -> None:
    with app_device() as android:
        probe = ("adb", "probe", android.address, "--adb-server", "never")
        plain = call(*probe, folder=tmp_path, HOME=str(tmp_path))
        done = call(*probe, "--app", "--json", "found.json", folder=tmp_path, HOME=str(tmp_path))
        granted = android.device.packages[PACKAGE].permissions.values()
    assert plain.code == done.code == 0, done
    assert NOT_REAL in plain.out
    assert NOT_REAL in done.out
    found = json.loads((tmp_path / "found.json").read_text())
    assert [found["capabilities"][name]["there"] for name in ("send", "receive", "time-travel")] == [True, True, False]
    assert not any(granted)  # nothing was changed
