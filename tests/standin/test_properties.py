"""Whatever applications, phones and time do, in whatever order: what must hold of the stand-in holds."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from harness.http.values import Request, Response
from harness.instants import SECOND, Instant, parse_rfc3339
from harness.plain import from_plain, to_plain
from harness.standin import Pace
from harness.standin.rows import Message, Notification, Thread
from harness.standin.states import Trigger, after
from harness.trace import Entry
from harness.wire.events import WEBHOOK_EVENTS, HeartbeatCheck, HeartbeatMissed
from harness.wire.server import MessageType, Status
from tests.standin.plays import HOUR, Act, Done, Group, Play

CACHED = 15 * SECOND
# What moves a message, by the kind of the entry that tells of it.
TRIGGERS = {
    "message.notification.scheduled": Trigger.PLAN,
    "GET /v1/messages/outstanding": Trigger.FETCH,
    "message.phone.sending": Trigger.ATTEMPT,
    "message.phone.sent": Trigger.SENT,
    "message.phone.delivered": Trigger.DELIVERED,
    "message.send.failed": Trigger.FAIL,
    "message.send.expired": Trigger.EXPIRE,
}
# What a thread is told (gateway-protocol.md §8.2).
NEWS = {*TRIGGERS, "message.api.sent", "message.phone.received", "message.call.missed"} - {
    "GET /v1/messages/outstanding"
}
TAKES_AWAY = {"DELETE /v1/messages/{id}", "message-thread.api.deleted", "user.account.deleted"}
# Of a message these stay what they were.
CONSTANT = (
    "request_id", "owner", "user_id", "contact", "content", "attachments", "encrypted", "type", "sim",
    "request_received_at", "created_at", "send_at", "max_send_attempts", "received_at",
)  # fmt: skip
ONCE = ("sent_at", "delivered_at", "send_duration")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
OWNED = ("messages", "threads", "phones", "phone_keys", "webhooks", "schedules", "notifications", "heartbeats")
# These answer 500 where the server does (§10.1-20), or when the account was deleted and its key is remembered; with
# lost updates a report does so, too, if its message goes before it is read again to be shown.
MAY_BREAK = ("update_webhook", "delete_webhook")
BREAK_WITHOUT_ACCOUNT = ("usage", "rotate", "delete_me")
SORTED_BY = {
    "/v1/messages": "order_timestamp",
    "/v1/message-threads": "order_timestamp",
    "/v1/heartbeats": "timestamp",
    "/v1/billing/usage-history": "start_timestamp",
}

TABLE_OF = {
    "/v1/messages": "messages",
    "/v1/message-threads": "threads",
    "/v1/heartbeats": "heartbeats",
    "/v1/phones": "phones",
    "/v1/phone-api-keys": "phone_keys",
    "/v1/webhooks": "webhooks",
    "/v1/send-schedules": "schedules",
}
# `which` and `how` of an act `look` for every list: of both numbers and all contacts.
LOOKS = [(which, how) for how in range(8) for which in (0, 2, 3, 4) if not (how == 7 and which % 2)]

Conversation = tuple[str, str, str]
"""User, owner, contact."""


def conversation(row: Message | Thread) -> Conversation:
    return row.user_id, row.owner, row.contact


class Watched(Play):
    """Looks at every answer: what holds also with lost updates, and when accounts are deleted."""

    def __init__(self, seed: int, pace: Pace, *, racing: bool = False) -> None:
        self.rows: dict[str, Message] = {}  # every message that there ever was, as it was last
        self.missing: set[str] = set()  # those that were not there after some step
        self.racing = racing
        self.owned: dict[str, str] = {}  # by id: the account
        # By phone key and number ("": the key itself): when it last was so.
        self.linked_at: dict[tuple[str, str], Instant] = {}
        self.had_no_number: set[str] = set()
        self.missed: set[str] = set()  # accounts that were not there when a group was done
        super().__init__(seed, pace, racing=racing)

    def perform(self, group: Group) -> list[Done]:
        self.missed = self.without_row()
        self.note_keys()
        return super().perform(group)

    def without_row(self) -> set[str]:
        """The accounts that are deleted, and not made anew."""
        return {user.id for user in self.users if user.id not in self.standin.accounts}

    def stepped(self, entries: list[Entry]) -> None:
        self.note_keys()
        self.missed |= self.without_row()
        self.missing |= self.rows.keys() - self.standin.messages.keys()
        for message_id, row in self.standin.messages.items():
            was = self.rows.get(message_id)
            if was is not row:
                self.changed(was, row, entries)
                self.rows[message_id] = row

    def changed(self, was: Message | None, row: Message, entries: list[Entry]) -> None:
        """A message has come, or has become another."""
        assert row.status in Status
        assert row.updated_at >= row.created_at
        if was is not None:
            assert [getattr(row, name) for name in CONSTANT] == [getattr(was, name) for name in CONSTANT]

    # -- answers -------------------------------------------------------------------------------------------------

    def answered(self, done: Done) -> None:
        what, status = done.act.what, done.response.status
        is_without_account = self.users[done.act.who].id in self.missed and what in BREAK_WITHOUT_ACCOUNT
        is_without_message = self.racing and what == "report" and done.request.path.split("/")[3] in self.missing
        assert status < 500 or what in MAY_BREAK or is_without_account or is_without_message, done
        self.check_isolation(self.users[done.act.who].id, done.asked, done.response.body.decode())
        if status < 300 and (what == "look" or done.request.path in SORTED_BY):
            check_sorted(done.request.path, done.data)
        if status < 300 and (done.request.header("x-api-key") or "").startswith("pk_") and what != "register":
            self.check_authority(done)

    def check_isolation(self, user_id: str, asked: str, shown: str) -> None:
        """Nothing of the other account is shown, but what the question named."""
        for table in OWNED:
            for key, row in getattr(self.standin, table).items():
                self.owned.setdefault(key, row.user_id)
        for found in UUID.findall(shown):
            assert found in asked or self.owned.get(found, user_id) == user_id, shown
        other = next(user.id for user in self.users if user.id != user_id)
        assert other in asked or other not in shown, shown

    def note_keys(self) -> None:
        for key in self.standin.phone_keys.values():
            for number in ("", *key.phone_numbers):
                self.linked_at[key.api_key, number] = self.world.now
            if not key.phone_numbers:
                self.had_no_number.add(key.api_key)

    def check_authority(self, done: Done) -> None:
        """A phone key acts for its own numbers and for those of the last 15 s; a deleted one not at all (§1.4).

        One without numbers fetches everything (§10.2-27).
        """
        key = done.request.header("x-api-key")
        assert key is not None
        until_at = {number: at + CACHED for (secret, number), at in self.linked_at.items() if secret == key}
        assert until_at[""] - CACHED >= done.began_at or self.was_deleted(), done
        numbers = {number for number, at in until_at.items() if at >= done.began_at}
        shown = {row["owner"] for row in (done.data if isinstance(done.data, list) else [done.data])}
        assert shown <= numbers or (done.act.what == "fetch" and key in self.had_no_number), done

    def was_deleted(self) -> bool:
        """Whether an account was: then its phone keys work on for their 15 s."""
        return any(entry.kind == "DELETE /v1/users/me" for entry in self.world.trace.entries)

    # -- when time has run out -----------------------------------------------------------------------------------

    def end(self) -> None:
        """Lets everything happen that is still to happen. Monitors alone go on for ever."""
        for _ in range(60):
            if not self.unfinished():
                break
            self.run(12 * HOUR)
        assert self.unfinished() == []
        assert (len(self.standin.calls), len(self.standin.waiting)) == (0, 0)
        for _, request in self.gateway.hook.requests:
            if request.method == "POST" and request.path != "/other":
                self.check_isolation(request.path[1:], "", request.body.decode())

    def unfinished(self) -> list[Any]:
        """What is due or under way, but for the heartbeats. The time limit of a call that was answered is nothing."""
        due = [row for owner, table, _, row in self.world.snapshot() if (owner, table) == ("", "due")]
        events = [row.event for row in due if row.to and not isinstance(getattr(row.event, "data", None), _BEATS)]
        return [*events, *self.world.open_calls]


_BEATS = (HeartbeatCheck, HeartbeatMissed)


def check_sorted(path: str, rows: list[Any]) -> None:
    times = [parse_rfc3339(row[SORTED_BY.get(path, "created_at")]) for row in rows]
    assert times == sorted(times, reverse=True), path


class Sequential(Watched):
    """Looks at every delivery too: what holds where no update is lost and every account stays."""

    def __init__(self, seed: int, pace: Pace) -> None:
        self.gone: set[str] = set()  # messages that were deleted
        self.hurried: set[str] = set()  # messages with events from outside
        self.shown: dict[Conversation, str | None] = {}  # the message that the thread must show
        self.before: dict[str, str | None] = {}  # by deleted message: the one that its thread shows then
        self.notified: set[str] = set()  # planned pushes that were seen
        self.to_tell: Counter[tuple[str, str]] = Counter()  # by event and message: to how many webhooks
        super().__init__(seed, pace)

    def perform(self, group: Group) -> list[Done]:
        done = super().perform(group)
        for one in done:
            if one.act.what in ("expire", "inject"):
                data = json.loads(one.request.body)["data"]
                self.hurried.add(data.get("message_id") or data["id"])
        self.check_indexes()
        return done

    def stepped(self, entries: list[Entry]) -> None:
        super().stepped(entries)
        kinds = {entry.kind for entry in entries}
        gone = self.rows.keys() - self.standin.messages.keys() - self.gone
        assert not gone or kinds & TAKES_AWAY, gone
        self.gone |= gone
        for entry in entries:
            row = self.rows.get(entry.message or "")
            if row is not None:
                self.follow(entry, row)
        if kinds & (NEWS | {"message.api.deleted", "DELETE /v1/message-threads/{id}"}):
            self.check_threads(kinds)
        for planned in self.standin.notifications.values():
            if planned.id not in self.notified:
                self.check_plan(planned, kinds)
                self.notified.add(planned.id)

    def changed(self, was: Message | None, row: Message, entries: list[Entry]) -> None:
        super().changed(was, row, entries)
        if was is None:
            assert row.status is (Status.PENDING if row.type is MessageType.OUTGOING else Status.RECEIVED)
            assert (row.send_attempt_count, row.sent_at, row.delivered_at, row.failed_at) == (0, None, None, None)
            return
        assert row.id not in self.gone
        assert row.updated_at >= was.updated_at
        assert row.order_at >= was.order_at
        for name in ONCE:
            assert getattr(was, name) in (None, getattr(row, name)), name
        if row.status is not was.status:
            triggers = [TRIGGERS[entry.kind] for entry in entries if entry.message == row.id and entry.kind in TRIGGERS]
            assert row.status in [after(was.status, trigger) for trigger in triggers], (was.status, row.status)

    # -- threads -------------------------------------------------------------------------------------------------

    def follow(self, entry: Entry, row: Message) -> None:
        """What the thread must show, and who must be told."""
        where = conversation(row)
        if entry.kind in NEWS:
            self.shown[where] = row.id
        elif entry.kind == "DELETE /v1/messages/{id}" and entry.facts["status"] == 204:
            self.before[row.id] = self.latest(where)
        elif entry.kind == "message.api.deleted" and where in self.shown:
            if self.before[row.id] is None:
                del self.shown[where]
            elif self.shown[where] == row.id:
                self.shown[where] = self.before[row.id]
        if entry.kind in WEBHOOK_EVENTS:
            self.to_tell[entry.kind, row.id] += sum(
                webhook.user_id == row.user_id and row.owner in webhook.phone_numbers and entry.kind in webhook.events
                for webhook in self.standin.webhooks.values()
            )

    def latest(self, where: Conversation) -> str | None:
        rows = [row for row in self.standin.messages.values() if conversation(row) == where]
        return min(rows, key=lambda row: (-row.order_at, row.id)).id if rows else None

    def check_threads(self, kinds: set[str]) -> None:
        """One for each conversation, which shows the message that was heard of last."""
        threads = {conversation(row): row for row in self.standin.threads.values()}
        assert len(threads) == len(self.standin.threads), "two threads of a conversation"
        if "DELETE /v1/message-threads/{id}" in kinds:
            self.shown = {where: shown for where, shown in self.shown.items() if where in threads}
        assert {where: row.last_message_id for where, row in threads.items()} == self.shown
        for row in threads.values():
            message = self.rows[row.last_message_id or ""]
            assert row.last_message_content == message.content or message.type is MessageType.MISSED_CALL

    # -- pushes --------------------------------------------------------------------------------------------------

    def check_plan(self, row: Notification, kinds: set[str]) -> None:
        """In a window of the phone's schedule, and not too soon after the latest one that is planned (§4.3)."""
        message, phone, now = self.rows[row.message_id], self.standin.phones[row.phone_id], self.world.now
        if message.send_at is not None and "message.send.retry" not in kinds:
            assert row.scheduled_at // 1000 == max(message.send_at, now) // 1000  # rows have microseconds
            return
        assert row.scheduled_at >= now
        others = [
            other.scheduled_at
            for other in self.standin.notifications.values()
            if other.phone_id == phone.id and other.id in self.notified
        ]
        if others and self.standin.settings.keep_rate:
            assert row.scheduled_at >= max(others) + 60 // phone.messages_per_minute * SECOND
        schedule = self.standin.schedules.get(phone.message_send_schedule_id or "")
        if schedule is not None:
            assert is_open(schedule, row.scheduled_at)
        elif not others or not self.standin.settings.keep_rate:
            assert row.scheduled_at == now

    # -- tables and counters -------------------------------------------------------------------------------------

    def check_indexes(self) -> None:
        """What is found by a second key is what is there."""
        state = self.standin
        assert {row.api_key: row.id for row in state.accounts.values()} == state.account_ids
        assert {row.api_key: row.id for row in state.phone_keys.values()} == state.phone_key_ids
        assert {(row.user_id, row.phone_number): row.id for row in state.phones.values()} == state.phone_ids
        linked = [(key.user_id, number) for key in state.phone_keys.values() for number in key.phone_numbers]
        assert len(linked) == len(set(linked)), "a number belongs to two keys"

    def end(self) -> None:
        super().end()
        self.check_counters()
        self.check_told()
        self.check_lists()
        for row in self.standin.messages.values():
            assert row.status is not Status.SCHEDULED
            assert row.status is not Status.PENDING or row.scheduled_at is None
            assert row.status is not Status.SENDING or row.last_attempted_at is not None

    def check_counters(self) -> None:
        """What was counted is what was handled."""
        counted: Counter[tuple[str, str]] = Counter()
        attempts: Counter[str] = Counter()
        for entry in self.world.trace.entries:
            if entry.kind in ("message.api.sent", "message.phone.received"):
                counted[self.rows[entry.message or ""].user_id, entry.kind] += 1
            if entry.kind == "message.notification.sent":
                attempts[entry.message or ""] += 1
        for user in self.users:
            usages = [row for row in self.standin.usages.values() if row.user_id == user.id]
            assert sum(row.sent_messages for row in usages) == counted[user.id, "message.api.sent"]
            assert sum(row.received_messages for row in usages) == counted[user.id, "message.phone.received"]
        for row in self.standin.messages.values():
            assert row.send_attempt_count == attempts[row.id]
            # Who says that its time is over before it is has the message go round once more than it should.
            assert row.send_attempt_count <= row.max_send_attempts or row.id in self.hurried

    def check_lists(self) -> None:
        """Every list has all that belongs there, and nothing else."""
        for who, user in enumerate(self.users):
            for which, how in LOOKS:
                [done] = self.perform([Act("look", who, which, how)])
                query = parse_qs(done.request.query)
                owner, contact, archived = (query.get(name, [None])[0] for name in ("owner", "contact", "is_archived"))
                rows = [
                    row.id
                    for row in getattr(self.standin, TABLE_OF[done.request.path]).values()
                    if row.user_id == user.id
                    and owner in (None, getattr(row, "owner", None))
                    and contact in (None, getattr(row, "contact", None))
                    and (not isinstance(row, Thread) or row.is_archived is (archived == "true"))
                ]
                assert sorted(row["id"] for row in done.data) == sorted(rows), done.request

    def check_told(self) -> None:
        """Every webhook was called once for each event that it subscribed to, and once more if that failed."""
        called: Counter[tuple[str, str]] = Counter()
        failed: Counter[tuple[str, str]] = Counter()
        again: Counter[tuple[str, str]] = Counter()
        for entry in self.world.trace.entries:
            if entry.message is None or not entry.kind.startswith("webhook."):
                continue
            what = str(entry.facts["event"]), entry.message
            if entry.kind == "webhook.called":
                (called if entry.facts["attempt"] == 1 else again)[what] += 1
            elif entry.facts["attempt"] == 1 and entry.facts.get("status", 500) >= 400:  # type: ignore[operator]
                failed[what] += 1
        assert called == +self.to_tell
        assert again == failed


def is_open(schedule: Any, at: Instant) -> bool:
    """Whether a window of the schedule is open; its zone has no change of clocks."""
    wall = datetime.fromtimestamp(at // SECOND, ZoneInfo(schedule.timezone))
    minute = (wall - wall.replace(hour=0, minute=0, second=0)) / timedelta(minutes=1)
    return any(
        window.day_of_week == wall.isoweekday() % 7 and window.start_minute <= minute < window.end_minute
        for window in schedule.windows
    )


# -- the claims --------------------------------------------------------------------------------------------------------

WEIGHTS = {
    "send": 8, "bulk_send": 1, "upload": 1, "three_cx": 1, "receive": 3, "miss_call": 2, "fetch": 6, "report": 12,
    "expire": 3, "inject": 1, "check_heartbeat": 1, "heartbeat": 2, "read_message": 1, "delete_message": 2,
    "update_thread": 2, "delete_thread": 1, "put_phone": 3, "register": 2, "delete_phone": 1, "create_key": 1,
    "delete_key": 1, "unlink_phone": 1, "create_webhook": 1, "update_webhook": 1, "delete_webhook": 1,
    "create_schedule": 2, "update_schedule": 1, "delete_schedule": 1, "rotate": 1, "me": 1, "usage": 1, "look": 4,
    "wait": 8, "fail_pushes": 1, "fail_hooks": 1,
}  # fmt: skip
WHATS = [what for what, weight in WEIGHTS.items() for _ in range(weight)]


def groups(*more: str, most: int = 30) -> st.SearchStrategy[list[list[Act]]]:
    act = st.builds(Act, st.sampled_from([*WHATS, *more]), st.integers(0, 1), st.integers(0, 7), st.integers(0, 7))
    group = st.lists(act, min_size=1, max_size=3)
    # Drawn this way they are long: 15 on average, where a plain list has five.
    return st.integers(0, most).flatmap(lambda count: st.lists(group, min_size=count, max_size=count))


SEEDS, PACES = st.integers(0, 1000), st.sampled_from(Pace)
MANY = 80


def play_through(play: Watched, played: list[list[Act]]) -> None:
    note(f"{played}")
    for group in played:
        play.perform(group)
    play.end()


@settings(max_examples=100)
@given(seed=SEEDS, pace=PACES, played=groups())
def test_what_must_hold_holds_in_any_order_of_acts(seed: int, pace: Pace, played: list[list[Act]]) -> None:
    play_through(Sequential(seed, pace), played)


@pytest.mark.soak
@settings(max_examples=500)
@given(seed=SEEDS, pace=PACES, played=groups(most=MANY))
def test_what_must_hold_holds_in_many_orders_of_many_acts(seed: int, pace: Pace, played: list[list[Act]]) -> None:
    play_through(Sequential(seed, pace), played)


@settings(max_examples=80)
@given(seed=SEEDS, pace=PACES, racing=st.booleans(), played=groups("delete_me", "race"))
def test_lost_updates_and_deleted_accounts_break_nothing(
    seed: int, pace: Pace, racing: bool, played: list[list[Act]]
) -> None:
    play_through(Watched(seed, pace, racing=racing), played)


@pytest.mark.soak
@settings(max_examples=500)
@given(seed=SEEDS, pace=PACES, racing=st.booleans(), played=groups("delete_me", "race", most=MANY))
def test_many_lost_updates_and_deleted_accounts_break_nothing(
    seed: int, pace: Pace, racing: bool, played: list[list[Act]]
) -> None:
    play_through(Watched(seed, pace, racing=racing), played)


class Recorded(Play):
    """Can be done again on another stand-in, request by request."""

    def __init__(self, seed: int, pace: Pace, *, racing: bool = False) -> None:
        self.record: list[tuple[str, Any]] = []
        self.responses: list[list[Response]] = []
        super().__init__(seed, pace, racing=racing)

    def ask_all(self, requests: Sequence[Request]) -> list[Response]:
        self.record.append(("ask_all", requests))
        self.responses.append(super().ask_all(requests))
        return self.responses[-1]

    def run(self, duration: int) -> None:
        self.record.append(("run", duration))
        super().run(duration)

    def race(self, act: Act) -> None:
        self.record.append(("race", act))
        super().race(act)

    def fail_pushes(self, act: Act) -> None:
        self.record.append(("fail_pushes", act))
        super().fail_pushes(act)

    def fail_hooks(self, act: Act) -> None:
        self.record.append(("fail_hooks", act))
        super().fail_hooks(act)

    def rows(self) -> Any:
        """The whole world, as it is written down."""
        return json.loads(json.dumps(to_plain(tuple(self.world.snapshot()))))


ANY = groups("delete_me", "race", most=15)


@settings(max_examples=40)
@given(seed=SEEDS, pace=PACES, racing=st.booleans(), before=ANY, later=ANY)
def test_a_world_that_was_restored_goes_on_like_the_one_that_was_taken(
    seed: int, pace: Pace, racing: bool, before: list[list[Act]], later: list[list[Act]]
) -> None:
    check_restored(seed, pace, racing, before, later)


@pytest.mark.soak
@settings(max_examples=500)
@given(seed=SEEDS, pace=PACES, racing=st.booleans(), before=groups("delete_me", "race", most=MANY), later=ANY)
def test_a_world_that_was_restored_goes_on_after_whatever_was_before(
    seed: int, pace: Pace, racing: bool, before: list[list[Act]], later: list[list[Act]]
) -> None:
    check_restored(seed, pace, racing, before, later)


def check_restored(seed: int, pace: Pace, racing: bool, before: list[list[Act]], later: list[list[Act]]) -> None:
    note(f"{before}, {later}")
    play, twin = Recorded(seed, pace, racing=racing), Recorded(seed, pace)
    for group in before:
        play.perform(group)
    twin.world.restore(from_plain(play.rows()))
    for others, own in ((twin.gateway.fcm, play.gateway.fcm), (twin.gateway.hook, play.gateway.hook)):
        others.plan = own.plan.copy()
    twin.calls = play.calls
    play.record, play.responses, twin.responses = [], [], []
    for group in later:
        play.perform(group)
    play.run(HOUR)
    for what, argument in play.record:
        getattr(twin, what)(argument)
    assert twin.responses == play.responses
    assert twin.rows() == play.rows()
