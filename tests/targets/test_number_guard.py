"""Every path by which a story could text or call somebody, on hardware: whoever is not allowed hears nothing.

Each part that asks the guard is tested for itself too: the radio of the world in tests/device_radio/test_core.py, the
door in tests/adapters/test_device_door.py, requests in test_device_app_cores.py, checks in test_device_checks.py.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.fake_device.happened import CallEnded, Happened, Rang, TextArrived
from tests.cli.inside import call
from tests.cli.stories import write
from tests.targets.conftest import KEY, Foreign
from tests.targets.fake_apps import app_device

ALICE, BOB, CAROL = "+18005550100", "+18005550101", "+18005550166"


def late(words: str, *steps: str) -> str:
    """Steps with a name that nobody can read off the story: it comes back in a text to somebody who may be texted."""
    return "\n".join([
        f"  - send: {{from: alice, to: bob, text: {words}}}",
        "  - expect: {sms: {to: bob}}\n    capture: {words: '.+'}",
        *[f"  - {step}" for step in steps],
    ])  # fmt: skip


SEND = f'{{from: "{ALICE}", to: "{CAROL}", content: Hello}}'
BULK = f'{{from: "{ALICE}", to: ["{BOB}", "{CAROL}"], content: Hello}}'
CX = f'{{from: "{ALICE}", to: "{CAROL}", text: Hello}}'
ANSWERS = f'{{phone_number: "{ALICE}", missed_call_auto_reply: Later}}'
MISSED = f'{{from: "{CAROL}", to: "{ALICE}", sim: SIM1, timestamp: "2026-07-23T05:10:10.123000000Z"}}'
STOPPED = {
    "send": f'  - send: {{from: alice, to: "{CAROL}", text: Hello}}',
    "bulk": f'  - send: {{from: alice, to: [bob, "{CAROL}"], text: Hello}}',
    "text by a deed": f'  - phone: {{name: alice, do: "text {CAROL} Hello"}}',
    "call by a deed": f'  - phone: {{name: alice, do: "call {CAROL}"}}',
    "text of a contact": "  - text: {from: bob, to: alice, text: Hello}",
    "call of a contact": "  - call: {from: bob, to: alice}",
    "rule of a contact": "  - contact: {name: bob, rules: [{echo: {}}]}\n"
    "  - send: {from: alice, to: bob, text: Hello}\n  - expect: {webhook: message.phone.received}",
}
"""What stands in a story is held against the list before it begins."""
REFUSED = {
    "request": late("send", f"api: {{method: POST, path: '/v1/messages/${{words}}', body: {SEND}}}"),
    "bulk request": late("bulk-send", f"api: {{method: POST, path: '/v1/messages/${{words}}', body: {BULK}}}"),
    "3CX": late("3cx", f"api: {{method: POST, path: '/integration/${{words}}/messages', body: {CX}}}"),
    "answered call": late(
        "phones",
        f"api: {{method: PUT, path: '/v1/${{words}}', body: {ANSWERS}}}",
        f"api: {{method: POST, path: /v1/messages/calls/missed, as: alice, body: {MISSED}}}",
    ),
}
"""What shows only as the story runs is stopped then."""


def stories(paths: dict[str, str]) -> str:
    return "\n---\n".join(
        [f"scenario: {title}\nphones: [alice]\ncontacts: [bob]\nsteps:\n{steps}\n" for title, steps in paths.items()]
    )


def told_by(trace: Path, hop: str, kind: str) -> list[str]:
    entries = [json.loads(line) for line in trace.read_text().splitlines()]
    return [entry["facts"]["why"] for entry in entries if (entry.get("hop"), entry.get("kind")) == (hop, kind)]


# The stand-in has no route for 3CX.
@pytest.mark.parametrize(
    ("mode", "kind", "refused", "passed"),
    [((), ("radio", "rejected"), len(REFUSED) - 1, len(REFUSED)), (("--app",), ("harness", "request refused"), 4, 0)],
    ids=["radio", "app"],
)
def test_on_hardware_no_story_texts_or_calls_anybody_who_is_not_allowed(
    mode: tuple[str, ...], kind: tuple[str, str], refused: int, passed: int, tmp_path: Path
) -> None:
    path = str(write(tmp_path, stories(STOPPED | REFUSED)))
    with app_device(is_emulator=False) as android:
        happened: list[Happened] = []
        android.on_happened.append(happened.append)
        device = ("--device", f"adb:{android.address}", "--adb-server", "never", "--allow", BOB, *mode)
        done = call("run", path, *device, "--trace", "trace.jsonl", folder=tmp_path, HOME=str(tmp_path))
        texted = {row.address for row in android.device.sms.rows}
    assert done.code == 0, done
    assert texted == {BOB}
    assert not [one for one in happened if isinstance(one, Rang | CallEnded | TextArrived)]
    assert f"{passed} passed, " in done.out + done.err
    assert [title for title in STOPPED if f"SKIP  {title}:" not in done.out] == []
    reasons = told_by(tmp_path / "trace.jsonl", *kind)
    assert len(reasons) == refused
    assert all("--allow" in reason for reason in reasons)


@pytest.mark.parametrize("mode", [(), ("--app",)], ids=["radio", "app"])
def test_nor_does_one_on_somebodys_server(mode: tuple[str, ...], ours: Foreign, tmp_path: Path) -> None:
    path = str(write(tmp_path, stories({title: REFUSED[title] for title in ("request", "answered call")})))
    with app_device(is_emulator=False) as android:
        server = ("--server", ours.gateway.url, "--user-key", KEY, "--allow", BOB)
        device = ("--device", f"adb:{android.address}", "--adb-server", "never", *mode)
        done = call("run", path, *server, *device, folder=tmp_path, HOME=str(tmp_path))
        texted = {row.address for row in android.device.sms.rows}
    assert done.code in (0, 1), done
    assert texted == {BOB}
    assert ours.owned() == {}
