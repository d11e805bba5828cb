"""What is open towards a server, and that it is closed."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest

from harness.errors import PortInUse
from harness.targets.link import Link, linked, new_run
from harness.targets.options import TargetOptions
from tests.targets.conftest import free_port


def opened(**settings: Any) -> tuple[bool, str, str]:
    """Whether webhooks have a port, what callbacks begin with, and where pushes come in."""

    async def main() -> tuple[bool, str, str]:
        options = TargetOptions(kind="server", **{"server": "http://sms.example.com", "user_key": "uk", **settings})
        async with linked(options) as link:
            assert isinstance(link, Link)
            return link.ears.hooks is not None, link.ears.callback.rpartition(":")[0], link.push_place

    return asyncio.run(main())


def test_a_server_on_this_machine_reaches_us_without_a_word() -> None:
    assert opened(server="http://127.0.0.1:8000") == (True, "http://127.0.0.1", "")


def test_another_one_needs_a_place() -> None:
    assert opened() == (False, "", "")
    port = free_port()
    assert opened(listen=f"127.0.0.1:{port}") == (True, "http://127.0.0.1", "")
    url = "https://hooks.example.com:443"
    assert opened(listen=f"0.0.0.0:{port}", callback_url=url) == (True, "https://hooks.example.com", "")


def test_pushes_come_where_fcm_endpoint_is_to_point() -> None:
    place = f"127.0.0.1:{free_port()}"
    assert opened(push_listen=place) == (False, "", f"http://{place}")


def test_a_port_that_is_taken_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(PortInUse):
            opened(listen=f"127.0.0.1:{taken.getsockname()[1]}")


def test_no_two_runs_have_the_same_name() -> None:
    assert len({new_run() for _ in range(100)}) == 100
