"""Everything that is open towards somebody's server: the client, the ports for its webhooks and pushes, the account."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import AsyncIterator

from harness.errors import UsageError
from harness.frozen import frozen
from harness.http.values import Response
from harness.targets.account import Account, trust_of
from harness.targets.door import Door
from harness.targets.ears import Ear
from harness.targets.options import TargetOptions, access_of, callback_base, is_near, place_of
from harness.targets.trial import Ears
from harness.wire.fcm import refused

__all__ = ["Link", "linked", "new_run"]

_HOOKS, _PUSHES = "hook", "push"


@frozen
class Link:
    """Open for as long as the target is."""

    options: TargetOptions
    door: Door
    account: Account
    ears: Ears
    push_place: str = ""
    """Where pushes come in, as the server's FCM_ENDPOINT."""


def new_run() -> str:
    """Tells one story, or probe, from all others on a server."""
    return secrets.token_hex(4)


@contextlib.asynccontextmanager
async def linked(options: TargetOptions) -> AsyncIterator[Link]:
    """Raises `UsageError`, `PortInUse`."""
    access = access_of(options)
    if options.push == "fcm-endpoint" and options.push_listen is None:
        raise UsageError(
            "--push fcm-endpoint needs a place for the server's pushes",
            "give --push-listen HOST:PORT, and start the server with FCM_ENDPOINT=http://HOST:PORT",
        )
    async with contextlib.AsyncExitStack() as open_things:
        door = Door(
            f"{access.scheme}://{access.authority}",
            trust=trust_of(options.ca_file, insecure=options.insecure),
            follows_up=False,
            http1=options.http1,
        )
        open_things.push_async_callback(door.close)
        ears, push_place = await _listen(options, access.authority, open_things)
        yield Link(options, door, Account(door, access), ears, push_place)


async def _listen(options: TargetOptions, authority: str, open_things: contextlib.AsyncExitStack) -> tuple[Ears, str]:
    hooks, callback, pushes, push_place = None, "", None, ""
    listen = options.listen or ("127.0.0.1:0" if is_near(authority) else None)
    if listen is not None:
        host, port = place_of(listen, "--listen")
        hooks = Ear(_HOOKS, Response(200))  # a webhook of a story that is over must not be tried again
        open_things.push_async_callback(hooks.server.close)
        if options.callback_url is None:
            callback_base(options, host, port)  # what cannot be is told before anything is opened
        callback = callback_base(options, host, await hooks.server.start(host, port))
    if options.push_listen is not None:
        host, port = place_of(options.push_listen, "--push-listen")
        pushes = Ear(_PUSHES, refused(404, "UNREGISTERED", "Requested entity was not found."))
        open_things.push_async_callback(pushes.server.close)
        push_place = f"http://{host}:{await pushes.server.start(host, port)}"
    return Ears(hooks, callback, pushes), push_place
