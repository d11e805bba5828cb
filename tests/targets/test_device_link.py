"""The way to a device: its shell, and an emulator's console on a real socket."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.adapters.emulator_console import ConsoleServer
from harness.capability import Capability
from harness.emulator.console import Console
from harness.errors import ConsoleError, UsageError
from harness.fake_device.device import FakeDevice
from harness.fake_device.releases import RELEASES
from harness.report.text import as_text
from harness.targets.device import Device, DeviceTarget, OpenDevice
from harness.targets.device_link import console_port, link_options, linked_device
from harness.targets.device_probe import DeviceFindings
from harness.targets.options import TargetOptions
from tests.device_radio.behind import Behind
from tests.targets.devices import OPTIONS
from tests.targets.test_device import RECEIVED, SENT, story

TOKEN = "9/DO11I8NEPn1Yqv"
OPEN = Console("", "", "Pixel_7")
GUARDED = Console(TOKEN, "/somewhere/.emulator_console_auth_token", "Pixel_7")


def opens(there: Behind, console: Console | None = OPEN) -> OpenDevice:
    """The way to a fake Android; without a `console` nothing listens where it would be."""

    @contextlib.asynccontextmanager
    async def linked(_serial: str, _options: TargetOptions) -> AsyncIterator[Any]:
        yield there

    @contextlib.asynccontextmanager
    async def opened(options: TargetOptions) -> AsyncIterator[Device]:
        async with contextlib.AsyncExitStack() as stack:
            if console is None:
                port = _nobodys_port()
            else:
                port = (await stack.enter_async_context(ConsoleServer(console, there.answered))).port
            yield await stack.enter_async_context(linked_device(replace(options, device=f"emulator-{port}"), linked))

    return opened


def _nobodys_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def behind(android: str = "13", **settings: Any) -> Behind:
    return Behind(FakeDevice(RELEASES[android], **settings))


def found(there: Behind, console: Console | None = OPEN, **options: Any) -> DeviceFindings:
    async def main() -> DeviceFindings:
        async with opens(there, console)(replace(OPTIONS, **options)) as device:
            return device.found

    return asyncio.run(main())


@pytest.mark.parametrize(
    ("serial", "port"),
    [
        ("emulator-5554", 5554),
        ("127.0.0.1:5555", 5554),
        ("localhost:5585", 5584),
        ("127.0.0.1:5556", None),
        ("127.0.0.1:5587", None),
        ("192.168.1.7:5555", None),
        ("R58M", None),
    ],
)
def test_a_serial_tells_where_the_console_listens(serial: str, port: int | None) -> None:
    assert console_port(serial) == port


@pytest.mark.parametrize(
    ("adb_server", "server", "port"), [("auto", "auto", 5037), ("never", "never", 5037), ("5040", "always", 5040)]
)
def test_the_adb_server_is_used_as_asked_for(adb_server: str, server: str, port: int) -> None:
    options = link_options(adb_server)
    assert (options.server, options.server_port) == (server, port)


def test_an_adb_server_that_is_no_port_is_told() -> None:
    with pytest.raises(UsageError, match="no adb server"):
        link_options("sometimes")


def test_an_emulator_is_found_with_everything_that_it_can_do() -> None:
    there = behind(sims=2)
    told = found(there)
    assert told.facts.console_why is None
    assert [(card.slot, card.subscription_id) for card in told.facts.cards] == [(1, 1), (2, 2)]
    assert told.missing.keys() == {Capability.DELIVERY_REPORTS, Capability.CARRIER, Capability.VIRTUAL_TIME}
    assert there.typed == []
    assert there.device.sms.rows == ()


@pytest.mark.parametrize(
    ("there", "console", "why"),
    [
        (behind(is_emulator=False), OPEN, "no emulator"),
        (behind(), None, "there is no console: nothing listens on 127.0.0.1:"),
    ],
    ids=["hardware", "nobody there"],
)
def test_a_console_that_cannot_be_typed_into_takes_texts_in_away_and_says_why(
    there: Behind, console: Console | None, why: str, tmp_path: Path
) -> None:
    token = tmp_path / "token"
    for content in ("wrong", ""):
        token.write_text(content)
        told = found(there, console, console_token_file=token)
        assert why in str(told.facts.console_why)
        assert Capability.RECEIVE in told.missing
        assert "wrong" not in str(told)


@pytest.mark.parametrize("content", ["wrong", ""])
def test_a_token_that_was_named_and_is_refused_is_an_error(content: str, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text(content)
    with pytest.raises(ConsoleError) as caught:
        found(behind(), GUARDED, console_token_file=token)
    assert caught.value.why == f"the emulator's console does not take what is in {token} as its token"
    assert ".emulator_console_auth_token" in caught.value.remedy
    assert "wrong" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("wrong", "the emulator's console does not take the token in ~/.emulator_console_auth_token"),
        ("", "the emulator's console: the console asks for a token, and none is there to show"),
        (None, "the emulator's console: the console asks for a token, and none is there to show"),
    ],
)
def test_a_token_that_nobody_named_takes_texts_in_away_and_is_told(
    content: str | None, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    if content is not None:
        (tmp_path / ".emulator_console_auth_token").write_text(content)
    told = found(behind(), GUARDED)
    assert str(told.facts.console_why).startswith(why)
    assert Capability.RECEIVE in told.missing


def test_the_token_comes_from_the_file_that_was_given(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text(f"{TOKEN}\n")
    assert found(behind(), GUARDED, console_token_file=token).facts.console_why is None


def test_a_token_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="gone"):
        found(behind(), GUARDED, console_token_file=tmp_path / "gone")


def test_a_release_that_nobody_looked_up_runs_what_only_comes_in() -> None:
    told = found(behind("10"))
    assert Capability.SEND in told.missing
    assert told.can_run


CALLED = story(
    "  - phone: {name: alice, do: switch sim1 calls on}\n  - call: {from: bob, to: alice}\n"
    "  - expect: {webhook: message.call.missed}"
)
ANSWERED = story(
    "  - text: {from: bob, to: alice, text: \"Row: 1 _id=9, body='x' `id`\"}\n"
    "  - expect: {webhook: message.phone.received, text: \"Row: 1 _id=9, body='x' `id`\"}\n"
    "  - send: {from: alice, to: bob, text: It's $HOME}\n"
    "  - expect: {sms: {to: bob, text: It's $HOME}}"
)


@pytest.mark.parametrize("plan", [SENT, RECEIVED, CALLED, ANSWERED], ids=["sent", "received", "called", "answered"])
@pytest.mark.parametrize("android", ["8", "14"])
def test_stories_run_over_a_shell_and_a_console(plan: Any, android: str) -> None:
    there = behind(android)
    target = DeviceTarget(replace(OPTIONS, sent_within_s=5.0, seen_within_s=5.0), opens(there), waits=0)
    with contextlib.closing(target):
        outcome = target.run(plan, 7)
    assert outcome.passed, as_text(outcome)
    assert outcome.verdict.skipped is None


Trouble = Callable[[FakeDevice], object]


@pytest.mark.parametrize(
    ("trouble", "part"),
    [
        (lambda device: device.set_voice("off"), "the console said OK and nothing came"),
    ],
)
def test_a_text_that_never_comes_fails_the_story(trouble: Trouble, part: str) -> None:
    there = behind()
    trouble(there.device)
    plan = story("  - text: {from: bob, to: alice, text: Hello}\n  - never: {webhook: message.phone.received}")
    with contextlib.closing(DeviceTarget(OPTIONS, opens(there), waits=0)) as target:
        outcome = target.run(plan, 7)
    assert part in as_text(outcome)
    assert not outcome.passed
