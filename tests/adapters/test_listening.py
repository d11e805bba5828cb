"""Who connects to what listens, and what is left when that ends."""

from __future__ import annotations

import asyncio
import socket

import pytest

from harness.adapters.listening import Listening
from harness.errors import PortInUse, UsageError
from tests.adapters import moved_loop


class Echo(Listening):
    """Says a line again; `end` raises."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        super().__init__(host, port)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            if line == b"end\n":
                raise ValueError("the end")
            writer.write(line)


async def asked(server: Echo, line: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(line)
    try:
        return await reader.readline()
    finally:
        writer.transport.abort()


def test_each_that_comes_has_a_task_of_its_own_until_it_leaves() -> None:
    async def main() -> None:
        async with Echo() as server:
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            assert await asked(server, b"other\n") == b"other\n"
            assert len(server.talks) == 2
            writer.write(b"first\n")
            assert await reader.readline() == b"first\n"
            writer.write_eof()
            assert await reader.read() == b""
            writer.close()
        assert not server.talks
        assert asyncio.all_tasks() == {asyncio.current_task()}

    moved_loop.run(main())


def test_its_end_ends_all_talks_and_frees_its_port() -> None:
    async def main() -> None:
        async with Echo() as server:
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            assert await asked(server, b"hi\n") == b"hi\n"
        assert await reader.read() == b""
        writer.close()
        async with Echo(port=server.port):
            assert asyncio.all_tasks() == {asyncio.current_task()}

    moved_loop.run(main())


def test_what_a_talk_raises_ends_it_and_what_its_owner_raises_is_not_wrapped() -> None:
    async def ended_by_talk() -> None:
        async with Echo() as server:
            await asked(server, b"end\n")
            await asyncio.Event().wait()

    async def ended_by_owner() -> None:
        async with Echo() as server:
            await asked(server, b"hi\n")
            raise KeyError("mine")

    async def main() -> None:
        with pytest.raises(ExceptionGroup) as group:
            await ended_by_talk()
        assert group.value.subgroup(ValueError) is not None
        with pytest.raises(KeyError):
            await ended_by_owner()

    moved_loop.run(main())


def test_an_address_that_cannot_be_listened_on_is_told() -> None:
    async def main() -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(PortInUse):
            async with Echo(port=taken.getsockname()[1]):
                pass
        with pytest.raises(UsageError, match=r"cannot listen on nobody\.invalid"):
            async with Echo(host="nobody.invalid"):
                pass

    moved_loop.run(main())
