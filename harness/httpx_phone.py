"""A phone, and a client, towards a server that httpx reaches: also one that respx or a `MockTransport` makes up."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from harness.acting import Scene, commands_of
from harness.adapters.live import LiveDriver, wall_clock
from harness.cast import ContactSpec, PhoneSpec
from harness.core import Tell
from harness.deeds import parse_deed
from harness.errors import UsageError
from harness.instants import SECOND
from harness.parties import SendText
from harness.phone import LogIn, Phone
from harness.testbed import Places, Testbed
from harness.trace import Entry, Trace
from harness.wire.fcm import MESSAGE_ID, PushReceived

if TYPE_CHECKING:
    import httpx

__all__ = ["HttpxPhone", "phone_over"]

_EVERYBODY = ContactSpec("everybody", "*")
# Nothing is waited for that is further away: a phone's heartbeats, a retry.
_SOON = SECOND


class HttpxPhone:
    """A phone whose requests go through a transport of httpx. Everybody is there whom it texts."""

    def __init__(self, bed: Testbed, driver: LiveDriver, phone: Phone) -> None:
        self._bed = bed
        self._driver = driver
        self._phone = phone
        self._sent = 0

    async def log_in(self, phone_key: str) -> bool:
        """Types the phone key in; whether the phone is logged in then."""
        self._driver.tell(self._phone.name, LogIn(phone_key))
        await self.settle()
        return self._phone.settings.logged_in

    async def push(self, message_id: str) -> None:
        """The push of a message reaches the phone, which fetches the message and sends it."""
        token = self._phone.settings.registration_token
        self._driver.tell(self._phone.name, PushReceived(token, ((MESSAGE_ID, message_id),)))
        await self.settle()

    async def text(self, *, from_: str, text: str) -> None:
        """Somebody texts the phone, which tells the server."""
        await self.do(f"text {from_} {text}")

    async def do(self, words: str) -> None:
        """Something is done to the phone: `await phone.do("lose network")`. Raises `UsageError` for other words."""
        handset = self._bed.handsets["phone"]
        token = self._bed.world.draws(f"{handset.phone}/token/{self._bed.trace.count}").token(142)
        for command in commands_of(parse_deed(words), Scene(handset, f"contact:{_EVERYBODY.name}", token)):
            if not isinstance(command, Tell):
                raise UsageError(f"{words!r} is of no use here", "a phone without others need not be paused")
            self._driver.tell(command.port.removeprefix("@"), command.event)
        await self.settle()

    async def send(self, to: str, text: str) -> Entry:
        """The client sends through the API; the entry that tells what it was answered."""
        self._sent += 1
        step = f"send {self._sent}"
        number = self._bed.phones["phone"].number
        self._driver.tell("client", SendText(step, number, to, text))
        await self.settle()
        ends = ("accepted", "refused", "unanswered")
        return next(entry for entry in self.trace() if entry.kind in ends and entry.facts.get("step") == step)

    async def settle(self) -> None:
        """Until no request is under way and nothing is due soon."""
        await self._driver.until(self._is_settled)

    def _is_settled(self) -> bool:
        due_at = self._bed.world.next_due_at
        return not self._bed.world.open_calls and (due_at is None or due_at > self._driver.now + _SOON)

    def trace(self) -> list[Entry]:
        """Everything that has happened so far."""
        return list(self._bed.trace.entries)


@asynccontextmanager
async def phone_over(
    transport: httpx.AsyncBaseTransport, *, server: str, number: str = "+18005550199", user_key: str = "uk_made_up",
    encryption_key: str | None = None, seed: int = 1,
) -> AsyncIterator[HttpxPhone]:  # fmt: skip
    """A phone for the server at the URL `server`. `user_key` is what the client shows there."""
    from harness.adapters.httpx_transport import HttpxClient

    place = urlsplit(server)
    bed = Testbed(
        seed,
        places=Places(api=f"{place.scheme}://{place.netloc}"),
        trace=Trace(hashed=False),
        linked=False,
        start_at=wall_clock(),
        draws_order=False,
        built_in_push=False,
    )
    bed.open_account(api_key=user_key)
    bed.add_contact(_EVERYBODY)
    bed.add_phone(PhoneSpec("phone", number, encryption_key))
    bed.world.wire("phone:phone", "push", "push")  # its pushes are made here: the server's own reach no process
    phone = bed.world.cores["phone:phone"]
    assert isinstance(phone, Phone)
    client = HttpxClient(transport)
    try:
        async with LiveDriver(bed.world, client=client) as driver:
            yield HttpxPhone(bed, driver, phone)
    finally:
        await client.close()
