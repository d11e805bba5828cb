"""Why nothing could be connected to is told without Python's words."""

from __future__ import annotations

import asyncio
import errno
import os
import socket

import pytest

from harness.adapters.unreached import unreached
from tests.adapters.adb_servers import free_port

BOTH_REFUSED = (
    "Multiple exceptions: [Errno 111] Connect call failed ('::1', 7, 0, 0), "
    "[Errno 111] Connect call failed ('127.0.0.1', 7)"
)
OTHERS = "Multiple exceptions: [Errno 101] Network is unreachable, [Errno 111] Connect call failed ('127.0.0.1', 7)"


@pytest.mark.parametrize(
    ("host", "port", "error", "sentence"),
    [
        ("127.0.0.1", 7, OSError(errno.ECONNREFUSED, "Connect call failed ('127.0.0.1', 7)"),
         "nothing listens on 127.0.0.1:7"),
        ("::1", 7, OSError(errno.ECONNREFUSED, "Connect call failed ('::1', 7, 0, 0)"), "nothing listens on [::1]:7"),
        ("localhost", 7, OSError(BOTH_REFUSED), "nothing listens on localhost:7"),
        ("localhost", 7, OSError(OTHERS),
         "localhost:7 cannot be reached (Network is unreachable, Connection refused)"),
        ("phone", 7, OSError(errno.EHOSTUNREACH, "Connect call failed"),
         f"phone:7 cannot be reached ({os.strerror(errno.EHOSTUNREACH)})"),
        ("phone", 7, OSError("who knows"), "phone:7 cannot be reached"),
        ("phone", 7, socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "there is no host phone"),
        ("a" * 70, 7, UnicodeError("label too long"), f"there is no host {'a' * 70}"),
        ("127.0.0.1", 70_000, OverflowError("port must be 0-65535."), "there is no port 70000"),
        ("127.0.0.1", 0, OSError(errno.EADDRNOTAVAIL, "Connect call failed"), "there is no port 0"),
    ],
)  # fmt: skip
def test_the_sentence_has_the_place_and_the_reason(host: str, port: int, error: OSError, sentence: str) -> None:
    assert unreached(host, port, error) == sentence


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_what_asyncio_raises_where_nothing_listens_is_understood(host: str) -> None:
    port = free_port()

    async def dial() -> None:
        await asyncio.open_connection(host, port)

    with pytest.raises(OSError, match=str(port)) as caught:
        asyncio.run(dial())
    assert unreached(host, port, caught.value) == f"nothing listens on {host}:{port}"
