"""What can be known of a gateway that is not ours: its API is asked for the messages of the story, again and again.

Each change of a message becomes an entry `message.observed` of hop gateway, so a look at its status finds it there.
What a message went through between two questions is told by its times (gateway-protocol.md §3.1).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, ClassVar
from urllib.parse import quote

from harness.core import At, Command, Core, Fact, Record, Table, Tell
from harness.draws import Draws
from harness.errors import ProtocolError
from harness.frozen import frozen
from harness.http.values import Answered, Call, Limits, Outcome, Response
from harness.instants import SECOND, Instant, parse_rfc3339
from harness.trace import Entry
from harness.wire.client import UserAccess, api_request, waiting_of
from harness.wire.fcm import MESSAGE_ID, PushReceived
from harness.wire.owned import MessageState, keys_of, message_state_of

__all__ = ["ASSOCIATED", "OBSERVED", "Observer"]

OBSERVED = "message.observed"
"""The kind of an entry about a message's status, as the API told it."""

ASSOCIATED = "phone.updated"
"""The kind of an entry about a phone key that knows its number now: the event that leads to it has this name."""

# What tells that a phone registers: one of ours says so, an app on a device has been told to.
_REGISTERS = (("phone", "registered"), ("harness", "app told its settings"))
# Of an entry that tells what the API said, not what the gateway did: what holds in every story asks nothing of it.
_ASKED: dict[str, Fact] = {"observed": True}
# In the order in which a message goes through them: the time that tells that it did (gateway-protocol.md §3.1).
_PASSED = (
    ("expired_at", "expired"),
    ("scheduled_at", "scheduled"),
    ("last_attempted_at", "sending"),
    ("sent_at", "sent"),
    ("delivered_at", "delivered"),
    ("failed_at", "failed"),
)
_FINAL = frozenset({"delivered", "failed", "received", "deleted"})
_WAITING = frozenset({"pending", "scheduled", "expired"})
# A count of attempts that a lost update ate (§3.2) must not cost the message: so long after its planned push it counts.
_GRACE = 2 * SECOND
_LIMITS = Limits(total_s=10.0)
_MISSED = "message.call.missed"
_REPLIES = "replies"
_REPLY_LOOKS = 10  # a reply comes with the next event, or there is none


@frozen
class _Look:
    """Time to ask for a message, unless a later look has taken the place of this one."""

    message: str
    turn: int


@frozen
class _LookAtKeys:
    """Time to ask for the phone keys."""


@frozen
class _LookForReply:
    """Time to ask for what the gateway itself may have written to a contact: it does so after a missed call (§5.1)."""

    owner: str
    contact: str
    left: int


@frozen
class _Seen:
    """A message as it was last told. `attempts`: for how many of the server's pushes its phone was given its id.

    `turn` counts the looks; `asked`: it is being asked for; `again`: there is reason to ask once more after that.
    """

    state: MessageState | None = None
    attempts: int = 0
    turn: int = 0
    asked: bool = False
    again: bool = False


class Observer(Core):
    """Asks for every message that the client's sends make, until it is in a state that it stays in.

    `phones`: number and core of those to whom a message's id is handed as a push, once for each push that the server
    counts; empty where pushes come another way. For them it looks for what the gateway writes by itself, too.

    After the registration of a number it asks for the phone keys until one whose name begins with `key_prefix` is
    associated with it.
    """

    TABLES: ClassVar[tuple[str, ...]] = ("messages", "calls", "facts", "unassociated")

    def __init__(
        self,
        name: str,
        draws: Draws,
        access: UserAccess,
        every: int,
        phones: Iterable[tuple[str, str]] = (),
        key_prefix: str = "",
    ) -> None:
        super().__init__(name, draws)
        self.access = access
        self.every = every
        self.key_prefix = key_prefix
        self.phones = dict(phones)
        self.messages: Table[str, _Seen] = Table()
        self.calls: Table[str, str] = Table()
        # Numbers that have been registered, and whose key does not know them yet.
        self.unassociated: Table[str, bool] = Table()
        self.facts: Table[str, int] = Table({"calls": 0})

    def watch(self, entry: Entry, now: Instant) -> Sequence[Command]:
        """What makes a question worth its while: a send, a webhook, a phone that logs in."""
        if (entry.hop, entry.kind) in _REGISTERS:
            return self._registered(str(entry.facts.get("number")), now)
        if (entry.hop, entry.kind) == ("webhook", _MISSED) and str(entry.facts.get("owner")) in self.phones:
            owner, contact = str(entry.facts.get("owner")), str(entry.facts.get("contact"))
            return [At(now, _LookForReply(owner, contact, _REPLY_LOOKS))]
        if entry.message is None:
            return ()
        if (entry.hop, entry.kind) == ("client", "accepted") and entry.message not in self.messages:
            return [self._look(entry.message, _Seen(), now)]
        if entry.hop == "webhook" and entry.message in self.messages:
            return [self._look(entry.message, self.messages[entry.message], now)]
        return ()

    def handle(self, event: Any, now: Instant) -> Iterable[Command]:
        match event:
            case _Look(message, turn):
                return self._ask(message) if self.messages[message].turn == turn else []
            case _LookAtKeys():
                return [self._call("keys", "/v1/phone-api-keys?limit=100")]
            case _LookForReply(owner, contact, left):
                again = [At(now + self.every, _LookForReply(owner, contact, left - 1))] if left > 1 else []
                query = f"owner={quote(owner)}&contact={quote(contact, errors='replace')}&limit=20"
                return [self._call(_REPLIES, f"/v1/messages?{query}"), *again]
            case Answered(exchange, outcome):
                return self._told_of(self.calls.drop(exchange), event, outcome, now)
            case _:
                raise ProtocolError(self.name, event, "any")

    def _told_of(self, about: str | None, event: Answered, outcome: Outcome, now: Instant) -> list[Command]:
        match about:
            case None:
                raise ProtocolError(self.name, event, "no such question")
            case "keys":
                return self._keys(outcome, now)
            case "replies":
                new = [message for message in _waiting(outcome) if message not in self.messages]
                return [self._look(message, _Seen(), now) for message in new]
            case message:
                return self._answered(message, outcome, now)

    @property
    def open(self) -> tuple[tuple[str, str], ...]:
        """The messages that may still change, each with the status that was told last ("": none yet)."""
        return tuple(
            (message, "" if seen.state is None else seen.state.status)
            for message, seen in self.messages.items()
            if not _is_final(seen)
        )

    def _call(self, about: str, path: str) -> Call:
        number = self.facts["calls"] + 1
        self.facts["calls"] = number
        self.calls[f"look-{number}"] = about
        return Call(f"look-{number}", self.name, api_request(self.access, "GET", path), _LIMITS)

    # -- keys ----------------------------------------------------------------------------------------------------

    def _registered(self, number: str, now: Instant) -> Sequence[Command]:
        is_asked = bool(self.unassociated)
        self.unassociated[number] = True
        return () if is_asked else [At(now, _LookAtKeys())]

    def _keys(self, outcome: Outcome, now: Instant) -> list[Command]:
        """The answer to a login comes before the key knows its number (gateway-protocol.md §1.4)."""
        commands: list[Command] = []
        known = _associated(outcome, self.key_prefix)
        for number in [number for number in self.unassociated if number in known]:
            del self.unassociated[number]
            commands.append(Record("gateway", ASSOCIATED, None, {"owner": number, "key_associated": True, **_ASKED}))
        if self.unassociated:
            commands.append(At(now + self.every, _LookAtKeys()))
        return commands

    # -- messages ------------------------------------------------------------------------------------------------

    def _look(self, message: str, seen: _Seen, at: Instant) -> At:
        self.messages[message] = replace(seen, turn=seen.turn + 1)
        return At(at, _Look(message, seen.turn + 1))

    def _ask(self, message: str) -> list[Command]:
        """One question at a time about a message: the answers come in the order of what they tell."""
        seen = self.messages[message]
        self.messages[message] = replace(seen, asked=True, again=seen.asked)
        return [] if seen.asked else [self._call(message, f"/v1/messages/{message}")]

    def _answered(self, message: str, outcome: Outcome, now: Instant) -> list[Command]:
        seen = self.messages[message]
        state = _state(outcome) or seen.state
        commands = self._told(message, seen.state, state)
        attempts = seen.attempts
        phone = None if state is None else self.phones.get(state.owner)
        if phone is not None and state is not None and _waits(state, attempts, now):
            attempts = max(state.attempts, attempts + 1)
            commands.append(Tell(f"@{phone}", PushReceived("", ((MESSAGE_ID, message),))))
        new = _Seen(state, attempts, seen.turn)
        self.messages[message] = new
        if seen.again or not _is_final(new):
            commands.append(self._look(message, new, now if seen.again else now + self.every))
        return commands

    def _told(self, message: str, before: MessageState | None, after: MessageState | None) -> list[Command]:
        if after is None:
            return []
        passed = _passed(before, after)
        if not passed and before is not None and before.status == after.status and before.reason == after.reason:
            return []
        statuses = [*passed, after.status]
        return [Record("gateway", OBSERVED, message, _facts(status, after)) for status in dict.fromkeys(statuses)]


def _facts(status: str, state: MessageState) -> dict[str, Fact]:
    """The reason belongs to the failure, not to what came before it."""
    facts: dict[str, Fact] = {"status": status}
    if state.owner:  # of what is gone nobody tells whose it was
        facts |= {"owner": state.owner, "contact": state.contact}
    if status == state.status and state.reason is not None:
        facts["reason"] = state.reason
    return {**facts, **_ASKED}


def _passed(before: MessageState | None, after: MessageState) -> list[str]:
    """What the message went through since it was last told, but for what it is now."""
    known = dict(before.times) if before is not None else {}
    times = dict(after.times)
    new = [status for name, status in _PASSED if times.get(name) is not None and times.get(name) != known.get(name)]
    # A time is planned, or told anew, without the status: where nothing led there, it went nowhere.
    return [status for status in new if status not in (after.status, before.status if before is not None else None)]


def _waits(state: MessageState, attempts: int, now: Instant) -> bool:
    """The server has pushed it once more than its phone was told, and still hands it out (§2.6)."""
    if state.status not in _WAITING:
        return False
    if state.attempts > attempts:
        return True
    planned_at = dict(state.times).get("scheduled_at")
    return attempts == 0 and planned_at is not None and parse_rfc3339(planned_at) + _GRACE <= now


def _is_final(seen: _Seen) -> bool:
    return seen.state is not None and seen.state.status in _FINAL


def _state(outcome: Outcome) -> MessageState | None:
    """What the answer tells; None where it tells nothing. A message that is not there was deleted."""
    if not isinstance(outcome, Response):
        return None
    if outcome.status == 404:
        return MessageState("deleted", "", "", None, 0, ())
    if outcome.status != 200:
        return None
    try:
        return message_state_of(outcome)
    except ValueError:
        return None


def _waiting(outcome: Outcome) -> list[str]:
    """The messages of a list that the gateway still hands out."""
    if not isinstance(outcome, Response) or outcome.status != 200:
        return []
    try:
        return [message for message, _ in waiting_of(outcome)]
    except ValueError:
        return []


def _associated(outcome: Outcome, prefix: str) -> frozenset[str]:
    """The numbers of the keys whose names begin so."""
    if not isinstance(outcome, Response) or outcome.status != 200:
        return frozenset()
    try:
        keys = keys_of(outcome)
    except ValueError:
        return frozenset()
    return frozenset(number for key in keys if key.name.startswith(prefix) for number in key.numbers)
