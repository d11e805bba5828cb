"""Opens the connections of HTTP clients: names, addresses, TLS; and knows every one that is open."""

from __future__ import annotations

import asyncio
import ipaddress
import os
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol, TypeVar, cast

from harness.http.values import Closed, ConnectFailed, TimedOut

__all__ = ["Address", "Carrier", "Dialer", "Resolver", "resolve_name"]

Address = tuple[str, int]
"""Host and port of one end of a connection."""

Resolver = Callable[[str], Awaitable[Sequence[str]]]
"""The addresses of a host name. Raises OSError if there are none."""

_TLS_GOODBYE_S = 1.0  # a peer that does not answer our farewell is not waited for any longer


class Carrier(Protocol):
    """One end of a connection, as an asyncio protocol."""

    transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None: ...
    def close(self) -> None: ...


C = TypeVar("C", bound=Carrier)


async def resolve_name(host: str) -> Sequence[str]:
    """The system's answer, in its order."""
    try:
        return [str(ipaddress.ip_address(host))]
    except ValueError:
        pass
    found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Dialer:
    """Opens connections, and closes what is open.

    `trust` makes the TLS context when one is first needed; `offers` are the protocols to offer in TLS (ALPN), none
    by default.
    """

    def __init__(self, *, resolve: Resolver, trust: Callable[[], ssl.SSLContext], offers: Sequence[str] = ()) -> None:
        self._resolve = resolve
        self._make_trust = trust
        self._offers = list(offers)
        self._trust: ssl.SSLContext | None = None
        self._open: set[Carrier] = set()
        self._emptied: asyncio.Event | None = None  # there once it is being closed

    def is_closed(self) -> bool:
        return self._emptied is not None

    @property
    def open(self) -> int:
        """How many connections are open."""
        return len(self._open)

    async def addresses(self, host: str, limit_s: float | None) -> Sequence[str] | ConnectFailed | TimedOut:
        try:
            async with asyncio.timeout(limit_s) as limit:
                return await self._resolve(host)
        except TimeoutError:
            return TimedOut("connect") if limit.expired() else ConnectFailed("timeout")
        except (OSError, UnicodeError) as error:  # UnicodeError: a name that no DNS can hold
            return ConnectFailed("resolve", _text(error))

    async def reach(self, address: str, port: int, limit_s: float | None) -> socket.socket | ConnectFailed | TimedOut:
        """A connected socket."""
        reached = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
        reached.setblocking(False)
        try:
            async with asyncio.timeout(limit_s) as limit:
                await asyncio.get_running_loop().sock_connect(reached, (address, port))
            return reached
        except TimeoutError:  # the system gives up connecting too, after minutes
            reached.close()
            return TimedOut("connect") if limit.expired() else ConnectFailed("timeout")
        except (OSError, OverflowError) as error:
            reached.close()
            return ConnectFailed(
                "refused" if isinstance(error, ConnectionRefusedError) else "unreachable", _cause(error)
            )
        except BaseException:
            reached.close()
            raise

    async def attach(
        self, reached: socket.socket, make: Callable[[str | None], C], *, host: str | None, limit_s: float | None
    ) -> C | ConnectFailed | TimedOut | Closed:
        """A connection over the socket, which is taken over; with TLS if there is a host to agree on it with.

        `make` gets the protocol that the server chose in TLS. What it makes tells `lost` of its end.
        """
        if self.is_closed():
            reached.close()
            return Closed(sent_all=False)
        chooser = _Chooser(lambda protocol: self._made(make(protocol)))
        more = {} if host is None else self._tls(host)
        try:
            async with asyncio.timeout(limit_s) as limit:
                await asyncio.get_running_loop().create_connection(lambda: chooser, sock=reached, **more)
        except TimeoutError:
            return TimedOut("connect") if limit.expired() else ConnectFailed("timeout")
        except OSError as error:  # it was connected, and broke off in the handshake
            return ConnectFailed("tls", _text(error))
        if self.is_closed():  # while we were connecting
            cast(C, chooser.chosen).transport.abort()
        return cast(C, chooser.chosen)

    def _made(self, carrier: C) -> C:
        self._open.add(carrier)
        return carrier

    def lost(self, carrier: Carrier) -> None:
        """A connection is no more."""
        self._open.discard(carrier)
        if self._emptied is not None and not self._open:
            self._emptied.set()

    async def close(self) -> None:
        """Closes every connection, those under way at once. Nothing is opened any more."""
        self._emptied = self._emptied or asyncio.Event()
        for carrier in list(self._open):
            carrier.close()
        if self._open:
            await self._emptied.wait()

    def _tls(self, host: str) -> dict[str, Any]:
        if self._trust is None:
            self._trust = self._make_trust()
            if self._offers:
                self._trust.set_alpn_protocols(self._offers)
        return {"ssl": self._trust, "server_hostname": host, "ssl_shutdown_timeout": _TLS_GOODBYE_S}


class _Chooser(asyncio.Protocol):
    """Hands the connection on to what is made for the protocol that the server chose, before anything is read."""

    def __init__(self, make: Callable[[str | None], Carrier]) -> None:
        self._make = make
        self.chosen: Carrier | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        tls = transport.get_extra_info("ssl_object")
        self.chosen = self._make(None if tls is None else tls.selected_alpn_protocol())
        cast(asyncio.Transport, transport).set_protocol(cast(asyncio.Protocol, self.chosen))
        self.chosen.connection_made(transport)


def _cause(error: OSError | OverflowError) -> str:
    """The system's words: asyncio has the address in its own, as Python writes it."""
    number = getattr(error, "errno", None)
    return _text(error) if number is None else os.strerror(number)


def _text(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
