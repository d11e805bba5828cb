"""The phone as a core: it says what it wants and does nothing itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from harness import cipher
from harness.core import At, Command, Core, Fact, Record, Table, Tell
from harness.draws import Draws
from harness.errors import CipherError, ProtocolError, SmsError
from harness.http.values import Answered, Call, Outcome, Response
from harness.instants import SECOND, Instant
from harness.okhttp import prepare
from harness.phone.events import ChangeSettings, HeartbeatDue, JobDue, LogIn, LogOut, SendHeartbeat
from harness.phone.inbox import Collected, Inbox
from harness.phone.jobs import End, Fetch, Forward, Job, Report, Task, backoff, verdict_on
from harness.phone.settings import Settings
from harness.phone.stages import TRANSITIONS, Stage
from harness.radio import (
    DeliverReceived,
    StatusReport,
    Submit,
    SubmitAccepted,
    SubmitRejected,
    TextReceived,
)
from harness.sms import divide, submit_tpdus
from harness.wire.app import (
    Outstanding,
    event_request,
    fetch_request,
    heartbeat_request,
    is_token_answer,
    read_outstanding,
    receive_request,
    token_request,
)
from harness.wire.client import PhoneKeyIssued
from harness.wire.fcm import HEARTBEAT_ID, MESSAGE_ID, Listening, PushReceived, StreamOpened

__all__ = ["Phone"]

HEARTBEAT_PERIOD = 900 * SECOND

# Android's result codes that the app knows; any other n is `UNKNOWN:n` (phone-behaviour.md §4.5).
REASONS = {1: "GENERIC_FAILURE", 2: "RADIO_OFF", 3: "NULL_PDU", 4: "NO_SERVICE", 5: "LIMIT_EXCEEDED"}

# What the app itself reports as the reason (phone-behaviour.md §4.1).
DISABLED = "Outgoing messages have been disabled on the mobile app"
NO_KEY = "Outgoing message is encrypted but mobile app has no encryption key"
CANNOT_DECRYPT = "Cannot decrypt the outgoing message. Check your encryption key on the Android app."
NO_BODY = "Invalid message body"
NO_DESTINATION = "Invalid destinationAddress"


@dataclass(frozen=True, slots=True)
class Submission:
    """One hand-over to the radio. `last` is the number of its last segment."""

    message_id: str
    last: int
    stage: Stage = Stage.SUBMITTED


class Phone(Core):
    """An Android phone with the httpSMS app.

    Ports: `radio` takes `Submit`, `push` takes `StreamOpened`. Takes `PushReceived`, the radio's events, the
    answers to its calls, and the acts in `harness.phone.events`.
    """

    TABLES: ClassVar[tuple[str, ...]] = ("facts", "jobs", "running", "submissions", "inbox")

    def __init__(self, name: str, draws: Draws, settings: Settings) -> None:
        super().__init__(name, draws)
        self.facts: Table[str, Any] = Table({"settings": settings, "counter": 0, "charging": False})
        # A real phone starts its concatenation reference at random (segmentation.md, data README).
        dict.__setitem__(self.facts, "concat_ref", draws.getrandbits(8))
        self.jobs: Table[int, Job] = Table()
        self.running: Table[str, int] = Table()
        self.submissions: Table[str, Submission] = Table()
        self.inbox: Inbox = Inbox()

    @property
    def settings(self) -> Settings:
        settings: Settings = self.facts["settings"]
        return settings

    def handle(self, event: Any, now: Instant) -> Iterable[Command]:
        match event:
            case Answered(exchange, outcome):
                return list(self._answered(exchange, outcome, now))
            case SubmitAccepted() | SubmitRejected() | StatusReport():
                return list(self._radio_result(event, now))
            case PushReceived():
                return list(self._pushed(event, now))
            case DeliverReceived(pdu, sim_slot):
                collected = self.inbox.collect(pdu, sim_slot)
                return [] if collected is None else list(self._received(collected, now))
            case TextReceived(sender, text, sim_slot):
                return list(self._received(Collected(sender, text, sim_slot), now))
            case JobDue(number):
                return list(self._start(self.jobs[number])) if number in self.jobs else []
            case HeartbeatDue():
                return list(self._heartbeat_due(now))
            case SendHeartbeat():
                return list(self._heartbeat(all_of_them=True))
            case LogIn(api_key) | PhoneKeyIssued(api_key):
                return list(self._log_in(api_key))
            case Listening():
                return list(self._listening())
            case LogOut():
                self.facts["settings"] = replace(self.settings, api_key=None)
                return [Record("phone", "logged out")]
            case ChangeSettings(changes):
                self.facts["settings"] = replace(self.settings, **dict(changes))
                return [Record("phone", "settings changed", None, {"names": ", ".join(name for name, _ in changes)})]
            case _:
                raise ProtocolError(self.name, event, "any")

    # -- login ---------------------------------------------------------------------------------------------------

    def _log_in(self, api_key: str) -> Iterator[Command]:
        """One `PUT` per SIM, one after the other; the key is stored once all of them were accepted (§1.3)."""
        self.facts["login key"] = api_key
        # The app needs its registration token before it can log in, so the push service must know it first.
        yield Tell("push", StreamOpened(self.settings.registration_token, self.name))

    def _listening(self) -> Iterator[Command]:
        if "login key" in self.facts and not self.facts.get("login begun"):
            self.facts["login begun"] = True
            yield self._put_token(0)

    def _put_token(self, slot: int) -> Command:
        settings = replace(self.settings, api_key=self.facts["login key"])
        request = token_request(
            settings.access(), settings.registration_token, settings.sims[slot].number, f"SIM{slot + 1}"
        )
        return Call(f"login-{slot}", self.name, prepare(request))

    def _logged_in(self, slot: int, outcome: Outcome, now: Instant) -> Iterator[Command]:
        self.facts["login begun"] = False
        number = self.settings.sims[slot].number
        problem = _login_problem(outcome)
        if problem is not None:
            yield Record("phone", "login failed", None, {"number": number, **_facts_of(outcome), "error": problem})
            return
        yield Record("phone", "registered", None, {"number": number})
        if slot + 1 < len(self.settings.sims):
            yield self._put_token(slot + 1)
            return
        self.facts["settings"] = replace(self.settings, api_key=self.facts["login key"])
        yield Record("phone", "logged in")
        if not self.facts.get("heartbeats"):
            self.facts["heartbeats"] = True
            # The schedule was made when the app was first opened, so its phase is any (§6).
            yield At(now + self.draws.between(1, HEARTBEAT_PERIOD), HeartbeatDue())

    # -- heartbeats ----------------------------------------------------------------------------------------------

    def _heartbeat_due(self, now: Instant) -> Iterator[Command]:
        yield from self._heartbeat(all_of_them=False)
        yield At(now + HEARTBEAT_PERIOD, HeartbeatDue())

    def _heartbeat(self, *, all_of_them: bool) -> Iterator[Command]:
        """`all_of_them`: a pushed heartbeat and the button name SIM1 even when it is inactive (§6)."""
        settings = self.settings
        numbers = [sim.number for slot, sim in enumerate(settings.sims) if sim.active or (all_of_them and slot == 0)]
        if settings.logged_in and numbers:
            yield Record("phone", "heartbeat", None, {"numbers": ", ".join(numbers)})
            request = heartbeat_request(settings.access(), numbers, self.facts["charging"])
            yield Call(f"heartbeat-{self._next()}", self.name, prepare(request))

    # -- jobs ----------------------------------------------------------------------------------------------------

    def _next(self) -> int:
        number: int = self.facts["counter"] + 1
        self.facts["counter"] = number
        return number

    def _enqueue(self, task: Task) -> Iterator[Command]:
        job = Job(self._next(), task)
        self.jobs[job.number] = job
        return self._start(job)

    def _start(self, job: Job) -> Iterator[Command]:
        """Runs a job: one request, under the key and URL that are stored now."""
        if isinstance(job.task, Fetch) and not self.settings.logged_in:
            del self.jobs[job.number]
            return
        job = replace(job, attempts=job.attempts + 1)
        self.jobs[job.number] = job
        exchange = f"job-{job.number}-{job.attempts}"
        self.running[exchange] = job.number
        yield Call(exchange, self.name, prepare(self._request(job.task)))

    def _request(self, task: Task) -> Any:
        access = self.settings.access()
        match task:
            case Fetch(message_id):
                return fetch_request(access, message_id)
            case Report(message_id, event, reason, at):
                return event_request(access, message_id, event, reason, at)
            case Forward(sender, owner, content, sim, encrypted, at):
                return receive_request(access, sender, owner, content, sim, encrypted=encrypted, at=at)

    def _answered(self, exchange: str, outcome: Outcome, now: Instant) -> Iterator[Command]:
        if exchange.startswith("login-"):
            yield from self._logged_in(int(exchange[6:]), outcome, now)
            return
        number = self.running.drop(exchange)
        if number is None:  # a heartbeat: its outcome changes nothing
            return
        job = self.jobs[number]
        end = verdict_on(job.task, outcome)
        if end is End.RETRY:
            yield Record("phone", "job retried", _message(job.task), _facts_of(outcome))
            yield At(now + backoff(job.attempts), JobDue(number))
            return
        del self.jobs[number]
        match job.task:
            case Fetch(message_id):
                yield from self._fetched(message_id, number, outcome, now)
            case Report(message_id, event):
                kind = "reported" if end is End.DONE else "report lost"
                yield Record("phone", kind, message_id, {"event": event, **_facts_of(outcome)})
            case Forward(sender):
                dropped = isinstance(outcome, Response) and outcome.status >= 400
                kind = "text dropped" if dropped else "text forwarded"
                yield Record("phone", kind, None, {"from": sender, **_facts_of(outcome)})

    # -- outgoing ------------------------------------------------------------------------------------------------

    def _pushed(self, push: PushReceived, now: Instant) -> Iterator[Command]:
        if push.get(HEARTBEAT_ID) is not None:
            if self.settings.logged_in:
                yield Record("phone", "heartbeat asked for")
                yield from self._heartbeat(all_of_them=True)
            return
        message_id = push.get(MESSAGE_ID)
        if message_id is not None:
            yield Record("phone", "pushed", message_id)
            yield from self._enqueue(Fetch(message_id))

    def _fetched(self, pushed_id: str, job: int, outcome: Outcome, now: Instant) -> Iterator[Command]:
        """The decision table of phone-behaviour.md §4.1, from its row 2 on."""
        message = _read(outcome)
        if message is None:
            yield Record("phone", "fetch failed", pushed_id, _facts_of(outcome))
            return
        facts: dict[str, Fact] = {
            "to": message.contact,
            "content": message.content,
            "encrypted": message.encrypted,
        }
        yield Record("phone", "fetched", message.id, {**facts, "sim": message.sim})
        settings = self.settings
        if not settings.is_active(message.sim):
            yield from self._fail(pushed_id, DISABLED, now)
            return
        text = message.content
        if message.encrypted:
            if not settings.encryption_key:
                yield from self._fail(pushed_id, NO_KEY, now)
                return
            try:
                text = cipher.decrypt(settings.encryption_key, text)
            except CipherError:
                yield from self._fail(pushed_id, CANNOT_DECRYPT, now)
                return
        yield from self._submit(message, text, job, now)

    def _submit(self, message: Outstanding, text: str, job: int, now: Instant) -> Iterator[Command]:
        # SmsManager checks the destination before the text (phone-behaviour.md §4.1).
        if not message.contact:
            yield from self._fail(message.id, NO_DESTINATION, now)
            return
        segments = divide(text)
        if not segments:
            yield from self._fail(message.id, NO_BODY, now)
            return
        concat_ref: int = self.facts["concat_ref"]
        if len(segments) > 1:
            self.facts["concat_ref"] = (concat_ref + 1) & 0xFF
        try:
            tpdus = submit_tpdus(message.contact, segments, concat_ref)
        except SmsError:
            yield from self._fail(message.id, REASONS[1], now)  # no PDU: GENERIC_FAILURE (§8.2)
            return
        id = f"{message.id}/{job}"
        self.submissions[id] = Submission(message.id, len(segments) - 1)
        yield Record("phone", "submitted", message.id, {"to": message.contact, "segments": len(segments)})
        yield Tell("radio", Submit(id, message.contact, text, segments, tpdus))

    def _fail(self, message_id: str, reason: str, now: Instant) -> Iterator[Command]:
        yield Record("phone", "failed", message_id, {"reason": reason})
        yield from self._enqueue(Report(message_id, "FAILED", reason, now))

    def _radio_result(self, event: SubmitAccepted | SubmitRejected | StatusReport, now: Instant) -> Iterator[Command]:
        submission = self.submissions.get(event.id)
        if submission is None:
            raise ProtocolError(self.name, event, "no such submission")
        if event.segment != submission.last:  # the app drops the results of all other segments (§4.7)
            return
        stage = TRANSITIONS[submission.stage].get(type(event))
        if stage is None:
            raise ProtocolError(self.name, event, submission.stage.value)
        dropped = submission.stage is Stage.SUBMITTED and stage is Stage.SUBMITTED
        self.submissions[event.id] = replace(submission, stage=stage)
        # Both SIMs off, or a logout, suppresses every event (§4.5).
        if dropped or not self.settings.logged_in or not any(sim.active for sim in self.settings.sims):
            return
        message_id = submission.message_id
        match event:
            case SubmitAccepted():
                yield Record("phone", "sent", message_id)
                yield from self._enqueue(Report(message_id, "SENT", None, now))
            case SubmitRejected(code=code):
                yield from self._fail(message_id, REASONS.get(code, f"UNKNOWN:{code}"), now)
            case StatusReport():
                # Whatever its status says: AOSP always hands RESULT_OK to the app (§8.5).
                yield Record("phone", "delivered", message_id)
                yield from self._enqueue(Report(message_id, "DELIVERED", None, now))

    # -- incoming ------------------------------------------------------------------------------------------------

    def _received(self, text: Collected, now: Instant) -> Iterator[Command]:
        settings = self.settings
        name = "SIM2" if text.sim_slot > 1 and len(settings.sims) > 1 else "SIM1"
        sim = settings.sim(name)
        # The order of the gates is the app's; the outgoing switch blocks incoming too (§5.1).
        if sim is None or not sim.incoming or not settings.logged_in or not sim.active:
            yield Record("phone", "text ignored", None, {"from": text.sender})
            return
        content = text.text
        if settings.encrypts_received:
            content = cipher.encrypt(settings.encryption_key, content, iv=self.draws.randbytes(16))
        facts: dict[str, Fact] = {
            "from": text.sender,
            "content": content,
            "encrypted": settings.encrypts_received,
        }
        yield Record("phone", "text received", None, {**facts, "sim": name})
        yield from self._enqueue(Forward(text.sender, sim.number, content, name, settings.encrypts_received, now))


def _login_problem(outcome: Outcome) -> str | None:
    """What the login screen would complain of; None for a success (§1.3)."""
    if not isinstance(outcome, Response):
        return type(outcome).__name__
    if outcome.status >= 300:
        return f"the server answers {outcome.status}"
    return None if is_token_answer(outcome.body) else "the server's answer is not httpSMS's"


def _read(outcome: Outcome) -> Outstanding | None:
    if not isinstance(outcome, Response) or outcome.status >= 300:
        return None
    try:
        return read_outstanding(outcome.body)
    except ValueError:
        return None


def _message(task: Task) -> str | None:
    return None if isinstance(task, Forward) else task.message_id


def _facts_of(outcome: Outcome) -> dict[str, Fact]:
    if isinstance(outcome, Response):
        return {"status": outcome.status}
    return {"outcome": type(outcome).__name__}
