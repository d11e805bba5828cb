"""What runs in the app's process and waits for an answer: each thread has one request under way."""

from __future__ import annotations

from typing import NamedTuple

from harness.frozen import frozen
from harness.http.values import Request, Response
from harness.instants import Instant
from harness.okhttp import thrown
from harness.phone.jobs import Ended, Task
from harness.wire.app import Outstanding
from harness.wire.java import Threw

__all__ = ["Beat", "Download", "Ended", "LoginUpload", "Thread", "TokenUpload", "trouble"]


@frozen
class Download:
    """The `index`-th attachment of a message, from 0. `parts`: media type and octets of those before it."""

    message: Outstanding
    text: str
    index: int = 0
    parts: tuple[tuple[str, bytes], ...] = ()


@frozen
class LoginUpload:
    """The login screen uploads the token for the SIM in `slot`."""

    slot: int


@frozen
class TokenUpload:
    """The token of one SIM goes up; `then` the same for these, one after the other.

    `checked_at`: when the main screen found the last upload too old; None: the token is new.
    """

    sim: str
    then: tuple[str, ...] = ()
    checked_at: Instant | None = None


@frozen
class Beat:
    """A heartbeat outside WorkManager: asked for by a push, or by the button on the main screen."""

    by_button: bool


class Thread(NamedTuple):
    """`purpose`: what the request is for; `previous`: the answers that okhttp followed up by itself, oldest first.

    A thread of WorkManager's pool runs the `attempt`-th start of a `job`, and its purpose is the job's task; the job of
    any other is 0. `download`: the attachment that it fetches.
    """

    purpose: Task | LoginUpload | TokenUpload | Beat
    client: str
    request: Request
    job: int = 0
    attempt: int = 0
    previous: tuple[Response, ...] = ()
    download: Download | None = None


_PACKAGES = {
    "ConnectException": "java.net",
    "ProtocolException": "java.net",
    "SocketException": "java.net",
    "SocketTimeoutException": "java.net",
    "UnknownHostException": "java.net",
    "SSLHandshakeException": "javax.net.ssl",
    "OutOfMemoryError": "java.lang",
}


def trouble(request: Request, outcome: Ended) -> Threw:
    """The exception that the app catches instead of an answer, or while it reads one that breaks off."""
    known = thrown(request, outcome)
    if known is None:
        raise TypeError("an answer is no trouble")
    return Threw(f"{_PACKAGES.get(known.name, 'java.io')}.{known.name}", known.text)
