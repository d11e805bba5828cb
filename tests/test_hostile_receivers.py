"""A gateway that is served, and those whom it calls: receivers of webhooks and a push service that answer nonsense."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator

from tests.adapters.raw_server import Peer, RawServer, raw_server
from tests.nonsense import NONSENSE, Sane, head
from tests.processes import NUMBER, gateway
from tests.test_hostile_clients import GROWTH_MIB_MAX, Siege, give_up_on, many_files, neighbourly, siege

KINDS = list(NONSENSE.values())
RECEIVED = Sane(b"application/json", b'{"name": "projects/p/messages/1"}')
# What goes on and on without becoming longer ends with the time for the call, of which there are seconds.
NUMBERS = [number for number, name in enumerate(NONSENSE) if name != "a chunk extension without an end"]


class Receiver:
    """Answers `/3` with the third kind of nonsense, and the push service's calls with one kind after the other."""

    def __init__(self) -> None:
        self.pushes = 0

    async def talk(self, peer: Peer) -> None:
        while request := await peer.request():
            path = request.split(b" ", 2)[1]
            if path.endswith(b"messages:send"):
                self.pushes += 1
                number = NUMBERS[self.pushes % len(NUMBERS)]
            elif path[1:].isdigit():
                number = int(path[1:])
            else:
                peer.send(head(RECEIVED, length=len(RECEIVED.body)) + RECEIVED.body)
                continue
            await KINDS[number].say(peer, RECEIVED._replace(path=path))
            await peer.writer.drain()
            return


@contextlib.contextmanager
def receiving(receiver: Receiver) -> Iterator[RawServer]:
    """The receiver in a thread of its own."""
    began: list[tuple[asyncio.AbstractEventLoop, asyncio.Event, RawServer]] = []
    ready = threading.Event()

    async def main() -> None:
        over = asyncio.Event()
        async with raw_server(receiver.talk) as server:
            began.append((asyncio.get_running_loop(), over, server))
            ready.set()
            await over.wait()

    thread = threading.Thread(target=asyncio.run, args=(main(),))
    thread.start()
    ready.wait()
    ((loop, over, server),) = began
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()


def test_receivers_that_answer_nonsense_hinder_nobody() -> None:
    with many_files(), receiving(Receiver()) as server, siege() as scene:
        before = scene.memory_mib
        scene.forget_peak()
        for number in NUMBERS:
            give_up_on(scene, [f"http://{server.authority}/{number}"])
        neighbourly(scene.served)
        assert scene.peak_mib - before < GROWTH_MIB_MAX


def test_a_push_service_that_answers_nonsense_hinders_nobody() -> None:
    receiver = Receiver()
    with many_files(), receiving(receiver) as server:
        endpoint = f"http://{server.authority}/v1/projects/p/messages:send"
        with gateway("--control", "--phones", "0", "--fcm-endpoint", endpoint) as served:
            phone = {"phone_number": NUMBER, "fcm_token": "t" * 142, "sim": "SIM1"}
            served.ask("/v1/phones/fcm-token", phone, served.phone_key, "PUT")
            scene = Siege(served)
            assert served.process.stderr is not None
            reader = scene.read(served.process.stderr)
            before = scene.memory_mib
            scene.forget_peak()
            while receiver.pushes < len(NUMBERS):
                neighbourly(served)
            assert scene.peak_mib - before < GROWTH_MIB_MAX
            served.process.send_signal(2)
            assert served.process.wait(30) == 0
            reader.join()
        assert "Traceback" not in "".join(scene.said)
