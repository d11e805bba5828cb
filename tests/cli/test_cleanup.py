"""`cleanup`: what is left of runs that were interrupted, and that nothing is left of most."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.hosting import Gateway
from harness.serving import AccountSpec, ServeOptions
from tests.cli.inside import call
from tests.cli.stories import write
from tests.processes import start

KEY = "uk_very_secret"
WAITS = """
scenario: It waits
phones: [alice]
contacts: [bob]
steps:
  - send: {from: alice, to: bob, text: Hello}
  - never: {sms: {to: bob, text: Something else}}
    for: 15s
"""


@pytest.fixture(scope="module")
def gateway() -> Iterator[Gateway]:
    with Gateway(ServeOptions(accounts=(AccountSpec(api_key=KEY, plan="200k-monthly"),))) as gateway:
        yield gateway


def owned(gateway: Gateway) -> list[Any]:
    """What the account has beside the phone that is inside, and the number of its threads."""
    ask = gateway.ask
    names = [row["phone_number"] for row in ask("GET", "/v1/phones?limit=100").data]
    names += [row["name"] for row in ask("GET", "/v1/phone-api-keys?limit=100").data]
    names += [row["url"] for row in ask("GET", "/v1/webhooks?limit=100").data]
    names += ask("GET", "/v1/message-threads?owner=%2B18005550100").data
    return [name for name in names if name not in (gateway.number, "httpsms-harness")]


def waiting(gateway: Gateway, folder: Path) -> subprocess.Popen[str]:
    """A run that is in the midst of its story."""
    file = write(folder, WAITS, "waits.scenario.yaml")
    process = start("run", str(file), "--server", gateway.url, "--user-key", KEY)
    status = ""
    while status != "delivered":
        rows = gateway.ask("GET", "/v1/messages?owner=%2B18005550100&contact=%2B18005550101").data
        status = next((row["status"] for row in rows if row["content"] == "Hello"), "")
        if process.poll() is not None:
            pytest.fail(str(process.communicate()))
    return process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_interrupted_leaves_nothing(gateway: Gateway, tmp_path: Path, number: signal.Signals) -> None:
    process = waiting(gateway, tmp_path)
    assert owned(gateway) != []
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130, (out, err)
    assert "interrupted" in err
    assert "Traceback" not in err
    assert owned(gateway) == []


def test_what_a_killed_run_has_left_is_found_shown_and_removed(gateway: Gateway, tmp_path: Path) -> None:
    gateway.ask("POST", "/v1/phone-api-keys", {"name": "somebody's"})
    process = waiting(gateway, tmp_path)
    process.kill()
    process.communicate()
    left = owned(gateway)
    options = ("--server", gateway.url, "--user-key", KEY)
    shown = call("cleanup", *options, "--dry-run", folder=tmp_path)
    assert shown.code == 0, shown
    assert [line.split()[:2] for line in shown.out.splitlines()] == [
        ["found", "thread"], ["found", "webhook"], ["found", "phone"], ["found", "phone"], ["found", "phone"],
    ]  # fmt: skip
    assert owned(gateway) == left
    removed = call("cleanup", *options, folder=tmp_path)
    assert removed.code == 0, removed
    assert removed.out == shown.out.replace("found   ", "removed ")
    assert owned(gateway) == ["somebody's"]
    assert call("cleanup", *options, folder=tmp_path).err.strip() == "nothing of ours is there"


@pytest.mark.parametrize(
    ("url", "key", "code", "part"),
    [
        (None, (), 2, "--user-key"),
        (None, ("--user-key", "uk_wrong"), 3, "refuses the user key"),
        ("http://127.0.0.1:9", ("--user-key", KEY), 3, "no connection"),
    ],
)
def test_without_a_key_or_with_a_wrong_one_nothing_is_asked_for(
    gateway: Gateway, tmp_path: Path, url: str | None, key: tuple[str, ...], code: int, part: str
) -> None:
    call("cleanup", "--server", url or gateway.url, *key, folder=tmp_path).failed(code, part)
