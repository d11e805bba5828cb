"""An app's HTTP client on a fake device: over adb where a port is reversed, directly where none is."""

from __future__ import annotations

import asyncio
import gc

import pytest

from harness.adapters.adb_link import LinkOptions, open_device
from harness.adapters.http_server import HttpServer
from harness.adapters.reversed_client import ReversedClient
from harness.fake_android import FakeAndroidOptions, fake_android
from harness.http.values import Call, Limits, Outcome, Request, Response


async def asked(*, reversed_to: bool, client_name: str, given_up: int = 0) -> tuple[Outcome, bool]:
    """A request to a port that only `adb reverse` leads to, or to the server's own.

    Before it as many that are cancelled: the first at once, each further one a turn of the loop later.
    """
    server: HttpServer
    server = HttpServer(
        lambda exchange, _request: server.respond(exchange, Response(200, (), b"hello")), lambda _exchange: None
    )
    port = await server.start("127.0.0.1", 0)
    try:
        async with (
            fake_android(FakeAndroidOptions(is_emulator=False)) as android,
            open_device(android.address, LinkOptions(server="never")) as link,
            asyncio.TaskGroup() as tasks,
        ):
            place = await link.reverse("tcp:0", f"tcp:{port}") if reversed_to else port
            client = ReversedClient(android.adb, tasks.create_task)
            request = Request("GET", "http", f"localhost:{place}", b"/", (("Host", f"localhost:{place}"),), b"")
            for turns in range(given_up):
                calling = asyncio.ensure_future(client.call(Call("0", client_name, request, Limits(total_s=5))))
                for _ in range(turns):
                    await asyncio.sleep(0)
                calling.cancel()
                await asyncio.wait([calling])
            outcome = await client.call(Call("1", client_name, request, Limits(total_s=5)))
            await client.close()
            return outcome, place == port
    finally:
        await server.close()


@pytest.mark.parametrize("client_name", ["event stream", "phone:app"])
@pytest.mark.parametrize("reversed_to", [True, False])
def test_a_port_is_reached_over_adb_or_directly(
    reversed_to: bool, client_name: str, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))  # where keys for adb are
    outcome, is_own = asyncio.run(asked(reversed_to=reversed_to, client_name=client_name))
    assert isinstance(outcome, Response), outcome
    assert (outcome.status, outcome.body) == (200, b"hello")
    assert is_own is not reversed_to


def test_a_request_that_is_cancelled_leaves_no_socket_whenever_that_is(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is left tells of itself when it is collected, and that is a failure."""
    monkeypatch.setenv("HOME", str(tmp_path))
    outcome, _ = asyncio.run(asked(reversed_to=True, client_name="phone:app", given_up=40))
    assert isinstance(outcome, Response), outcome
    gc.collect()
