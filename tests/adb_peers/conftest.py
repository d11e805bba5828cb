"""One device and one adb server for a whole module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.fake_android import FakeAndroidOptions
from tests.adb_peers.fakes import Fake, fake
from tests.adb_peers.servers import Adb, found_adb, server

TOKEN = "5f2K3v9xQ1"


@pytest.fixture(scope="module")
def device() -> Iterator[Fake]:
    with fake(FakeAndroidOptions(console_token=TOKEN, console_token_path="token")) as made:
        yield made


@pytest.fixture(scope="module", params=["debian", "newest"])
def adb(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Adb]:
    binary = found_adb(request.param)
    if binary is None:
        pytest.skip(f"no adb here: {request.param}")
    home = tmp_path_factory.mktemp(request.param)
    (home / ".emulator_console_auth_token").write_text(TOKEN, encoding="ascii")
    with server(binary, home) as made:
        yield made
