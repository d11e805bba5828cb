"""The end of what accepts connections."""

from __future__ import annotations

import asyncio

__all__ = ["stop_accepting"]

_TURNS = 4


async def stop_accepting(server: asyncio.Server) -> None:
    """Accepts nobody any more, and closes when asyncio has brought whom it had accepted: they come as all others.

    It takes some turns of its loop for that. A server that closes meanwhile, or a loop that ends, leaves a connection
    behind that nobody knows, and whose client waits.
    """
    loop = asyncio.get_running_loop()
    for listening in server.sockets:
        loop.remove_reader(listening.fileno())
    for _ in range(_TURNS):
        await asyncio.sleep(0)
    server.close()
