"""Surprises as a server sees them: the phone, its radio and the stand-in in one world."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from harness.adapters.virtual import run_virtual
from harness.core import Command
from harness.draws import Draws
from harness.faults import LostPush
from harness.http.values import Respond
from harness.instants import ns
from harness.parties import SendText, WriteText
from harness.phone import LogOut, LoseValidation, Phone, RegainNetwork, TelephonyThrows
from harness.staging import stage
from harness.story import Story
from harness.wire.fcm import MESSAGE_ID, PushReceived
from tests.phone.surprises.bench import DAY_S

PHONE = "phone:alice"
LOST = "+18885551005"  # lost; the status report says so (harness.modem.magic)
SLOW = "+18885552000"  # taken after 30 s


class Served:
    """Alice's phone is logged in at the stand-in; Bob is there."""

    def __init__(self) -> None:
        story = Story("served")
        story.phone("alice")
        story.contact("bob")
        staged = stage(story.plan(), 1)
        self.bed = staged.bed
        self.world = staged.bed.world
        staged.start()
        run_virtual(self.world, lambda: staged.run.verdict is not None)
        self.alice, self.bob = self.bed.phones["alice"].number, self.bed.contacts["bob"].number
        phone = self.world.cores[PHONE]
        assert isinstance(phone, Phone)
        self.token = phone.settings.registration_token

    def do(self, core: str, *events: Any) -> None:
        for event in events:
            self.world.inject(core, event)
            self.wait(0)

    def wait(self, s: float) -> None:
        until_at = self.world.now + ns(s)
        run_virtual(self.world, lambda: False, until_at)
        self.world.run_until(until_at)

    def send(self, text: str, to: str | None = None) -> str:
        """Through the API; the id of the message."""
        self.do("client", SendText(text, self.alice, to or self.bob, text))
        (message,) = [entry.message for entry in self._entries("client", "accepted") if entry.facts["step"] == text]
        assert isinstance(message, str)
        return message

    def push(self, message: str) -> None:
        self.do(PHONE, PushReceived(self.token, ((MESSAGE_ID, message),)))

    def status(self, message: str) -> str:
        """What the server shows."""
        told = [entry for entry in self.world.trace.entries if entry.message == message and entry.hop == "gateway"]
        return [str(entry.facts["status"]) for entry in told if entry.kind.startswith("message.")][-1]

    def facts(self, hop: str, kind: str) -> list[dict[str, Any]]:
        return [dict(entry.facts) for entry in self._entries(hop, kind)]

    def statuses(self, route: str) -> list[Any]:
        """How the stand-in answered requests of this route."""
        return [facts["status"] for facts in self.facts("api", route)]

    def _entries(self, hop: str, kind: str) -> list[Any]:
        return [entry for entry in self.world.trace.entries if (entry.hop, entry.kind) == (hop, kind)]


EVENTS, FETCH, RECEIVE = "POST /v1/messages/{id}/events", "GET /v1/messages/outstanding", "POST /v1/messages/receive"


def test_a_second_push_ends_in_silence_where_the_server_hands_a_message_out_once() -> None:
    served = Served()
    message = served.send("hello")
    served.wait(60)
    served.push(message)
    served.wait(DAY_S)
    assert served.statuses(FETCH) == [200, 404]
    assert len(served.facts("contact", "received")) == 1
    assert served.status(message) == "delivered"


def test_the_server_refuses_a_broken_reason_for_ever_and_never_learns_that_the_text_failed() -> None:
    served = Served()
    served.do(PHONE, TelephonyThrows("java.lang.IllegalStateException", 'no "service" here'))
    message = served.send("hello")
    served.wait(600)
    assert served.status(message) == "sending"
    served.wait(3 * DAY_S)
    assert len(served.statuses(EVENTS)) > 20
    assert set(served.statuses(EVENTS)) == {400}


def test_the_server_shows_a_text_that_nobody_got_as_delivered() -> None:
    served = Served()
    message = served.send("hello", LOST)
    served.wait(60)
    assert served.status(message) == "delivered"
    assert served.facts("contact", "received") == []


def test_a_message_that_has_expired_is_sent_if_the_phone_asks_for_it() -> None:
    served = Served()
    served.world.fault("push", LostPush(served.token, 10))
    message = served.send("hello")
    served.wait(DAY_S)
    assert served.status(message) == "expired"
    served.push(message)
    served.wait(60)
    assert [facts["text"] for facts in served.facts("contact", "received")] == ["hello"]
    assert served.status(message) == "delivered"


@dataclass
class LostAnswer:
    """The next answer to the phone is lost on its way."""

    name: str = "lost-answer"
    is_over: bool = False

    def apply(self, command: Command, draws: Draws) -> Sequence[tuple[int, Command]] | None:
        if self.is_over or not isinstance(command, Respond) or PHONE not in command.exchange:
            return None
        self.is_over = True
        return []

    def fork(self) -> LostAnswer:
        return LostAnswer(self.name, self.is_over)


def test_the_server_gets_a_received_text_twice_if_its_answer_is_lost() -> None:
    served = Served()
    served.world.fault("gateway", LostAnswer())
    served.do("contact:bob", WriteText(served.alice, "hello"))
    served.wait(DAY_S)
    assert len(served.facts("contact", "wrote")) == 1
    hooked = [facts["content"] for facts in served.facts("webhook", "message.phone.received")]
    assert hooked == ["hello", "hello"]


def test_a_server_never_hears_of_what_a_logged_out_phone_had_queued() -> None:
    served = Served()
    message = served.send("hello", SLOW)
    served.do(PHONE, LoseValidation())
    served.do("contact:bob", WriteText(served.alice, "hello"))
    served.wait(60)
    served.do(PHONE, LogOut(), RegainNetwork())
    served.wait(300)
    assert served.statuses(RECEIVE) == [401]
    assert set(served.statuses(EVENTS)) == {401}
    assert served.facts("webhook", "message.phone.received") == []
    assert served.status(message) == "sending"
