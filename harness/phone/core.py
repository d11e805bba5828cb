"""The phone as a core: it says what it wants and does nothing itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field, replace
from typing import Any, ClassVar, assert_never

from harness import cipher
from harness.core import At, Command, Core, Fact, Record, Table, Tell
from harness.draws import Draws
from harness.errors import ProtocolError, SmsError
from harness.frozen import frozen
from harness.http.values import Answered, Call, Outcome, Request, Response
from harness.instants import SECOND, Instant
from harness.phone.device import Device
from harness.phone.events import ChangeSettings, HeartbeatDue, JobDue, LogIn, LogOut, SendHeartbeat
from harness.phone.inbox import Collected, Inbox
from harness.phone.jobs import (
    End,
    Fetch,
    Forward,
    Job,
    Report,
    Task,
    backoff,
    ended,
    facts_of,
    message_of,
    verdict_on,
)
from harness.phone.outgoing import (
    CANNOT_BE_DELIVERED,
    MMS_FAILED,
    NO_BODY,
    NO_DESTINATION,
    NO_SUBSCRIPTION,
    Refusal,
    clear_text,
    reason_for,
)
from harness.phone.settings import Settings
from harness.phone.stages import TRANSITIONS, Stage
from harness.radio import (
    RESULT_OK,
    DeliverReceived,
    RadioResult,
    StatusReport,
    Submit,
    SubmitAccepted,
    SubmitRejected,
    SubmitThrew,
    TextReceived,
)
from harness.sms import divide, submit_tpdus
from harness.wire.app import (
    Access,
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

# The app throws before it makes a request: from a URL or a key that no request can carry (phone-behaviour.md §2.3).
NO_REQUEST: dict[str, Fact] = {"outcome": "no request can be made"}


@frozen
class Submission:
    """One hand-over to the radio. `last` is the number of its last segment."""

    message_id: str
    last: int
    stage: Stage = Stage.SUBMITTED


@frozen
class Login:
    """A login under way. `slot` is the SIM whose token is being uploaded, in the call `exchange`.

    None: the push service is being asked.
    """

    api_key: str = field(repr=False)
    slot: int | None = None
    exchange: str = ""


class Phone(Core):
    """An Android phone with the httpSMS app.

    Ports: `radio` takes `Submit`, `push` takes `StreamOpened`. Takes `PushReceived`, the radio's events, the
    answers to its calls, and the acts in `harness.phone.events`.
    """

    TABLES: ClassVar[tuple[str, ...]] = ("facts", "jobs", "running", "submissions", "inbox")

    def __init__(self, name: str, draws: Draws, settings: Settings, device: Device | None = None) -> None:
        super().__init__(name, draws)
        self.facts: Table[str, Any] = Table({"settings": settings, "device": device or Device(), "counter": 0})
        # A real phone starts its concatenation reference at random (segmentation.md, data README).
        self.facts["concat_ref"] = draws.getrandbits(8)
        self.jobs: Table[int, Job] = Table()
        self.running: Table[str, int] = Table()
        self.submissions: Table[str, Submission] = Table()
        self.inbox: Inbox = Inbox()
        # The HTTP client of an app is named `phone:…`; it does as okhttp does.
        self._client = f"phone:{name}"
        self._known: tuple[Settings, Access] | None = None

    @property
    def settings(self) -> Settings:
        settings: Settings = self.facts["settings"]
        return settings

    @property
    def device(self) -> Device:
        device: Device = self.facts["device"]
        return device

    def handle(self, event: Any, now: Instant) -> Iterable[Command]:
        match event:
            case Answered(exchange, outcome):
                return self._answered(exchange, outcome, now)
            case JobDue(number):
                return self._start(self.jobs[number]) if number in self.jobs else []
            case SubmitAccepted() | SubmitRejected() | SubmitThrew() | StatusReport():
                return self._radio_result(event, now)
            case PushReceived():
                return self._pushed(event, now)
            case DeliverReceived(pdu, sim_slot):
                text = self.inbox.collect(pdu, sim_slot)
                return [] if text is None else self._received(text, now)
            case TextReceived(sender, text, sim_slot):
                return self._received(Collected(sender, text, sim_slot), now)
            case HeartbeatDue():
                return [*self._heartbeat(all_of_them=False), At(now + HEARTBEAT_PERIOD, HeartbeatDue())]
            case _:
                return self._act(event)

    def _act(self, event: Any) -> list[Command]:
        """What the user does, and what belongs to a login."""
        match event:
            case SendHeartbeat():
                return self._heartbeat(all_of_them=True)
            case LogIn(api_key) | PhoneKeyIssued(api_key):
                return self._log_in(api_key)
            case Listening():
                return self._listening()
            case LogOut():
                self.facts["settings"] = self.settings.logged_out()
                return [Record("phone", "logged out")]
            case ChangeSettings(changes):
                self.facts["settings"] = replace(self.settings, **dict(changes))
                names = ", ".join([name for name, _ in changes])
                return [Record("phone", "settings changed", None, {"names": names})]
            case _:
                raise ProtocolError(self.name, event, "any")

    # -- login ---------------------------------------------------------------------------------------------------

    def _log_in(self, api_key: str) -> list[Command]:
        """One `PUT` per SIM, one after the other; the key is stored once all of them were accepted (§1.3)."""
        if not self.settings.sims:
            return [Record("phone", "login failed", None, {**NO_REQUEST, "error": "the phone has no number"})]
        self.facts["login"] = Login(api_key)
        # The app needs its registration token before it can log in, so the push service must know it first.
        return [Tell("push", StreamOpened(self.settings.registration_token, self.name))]

    def _listening(self) -> list[Command]:
        login: Login | None = self.facts.get("login")
        return [self._put_token(login, 0)] if login is not None and login.slot is None else []

    def _put_token(self, login: Login, slot: int) -> Command:
        settings = replace(self.settings, api_key=login.api_key)
        token, number = settings.registration_token, settings.sims[slot].number
        try:
            request = token_request(settings.access(), token, number, f"SIM{slot + 1}")
        except ValueError:
            return self._login_failed(number, {**NO_REQUEST, "error": "the server URL or the key is unusable"})
        exchange = f"login-{self._next()}"
        self.facts["login"] = Login(login.api_key, slot, exchange)
        return self._call(exchange, request)

    def _login_failed(self, number: str, facts: dict[str, Fact]) -> Command:
        self.facts.drop("login")
        return Record("phone", "login failed", None, {"number": number, **facts})

    def _token_answered(self, outcome: Outcome, now: Instant) -> list[Command]:
        login: Login = self.facts["login"]
        slot = login.slot or 0
        number = self.settings.sims[slot].number
        problem = _login_problem(outcome)
        if problem is not None:
            return [self._login_failed(number, {**facts_of(outcome), "error": problem})]
        registered = Record("phone", "registered", None, {"number": number})
        if slot + 1 < len(self.settings.sims):
            return [registered, self._put_token(login, slot + 1)]
        self.facts.drop("login")
        self.facts["settings"] = replace(self.settings, api_key=login.api_key)
        return [registered, Record("phone", "logged in"), *self._schedule_heartbeats(now)]

    def _schedule_heartbeats(self, now: Instant) -> list[Command]:
        if self.facts.get("heartbeats"):
            return []
        self.facts["heartbeats"] = True
        # The schedule was made when the app was first opened, so its phase is any (§6).
        return [At(now + self.draws.between(1, HEARTBEAT_PERIOD), HeartbeatDue())]

    # -- requests ------------------------------------------------------------------------------------------------

    def _access(self) -> Access:
        """As the settings say now. Raises `ValueError` where the app can make no request."""
        settings = self.settings
        if self._known is None or self._known[0] is not settings:
            self._known = (settings, settings.access())
        return self._known[1]

    def _call(self, exchange: str, request: Request) -> Call:
        return Call(exchange, self._client, request)

    def _heartbeat(self, *, all_of_them: bool) -> list[Command]:
        """`all_of_them`: a pushed heartbeat and the button name SIM1 even when it is inactive (§6)."""
        sims = self.settings.sims
        numbers = [sim.number for slot, sim in enumerate(sims) if sim.active or (all_of_them and slot == 0)]
        if not self.settings.logged_in or not numbers:
            return []
        try:
            request = heartbeat_request(self._access(), numbers, self.device.charging)
        except ValueError:  # the app swallows it, as every failure of a heartbeat
            return []
        record = Record("phone", "heartbeat", None, {"numbers": ", ".join(numbers)})
        return [record, self._call(f"heartbeat-{self._next()}", request)]

    # -- jobs ----------------------------------------------------------------------------------------------------

    def _next(self) -> int:
        number: int = self.facts["counter"] + 1
        self.facts["counter"] = number
        return number

    def _enqueue(self, task: Task, now: Instant) -> Command:
        number = self._next()
        self.jobs[number] = Job(number, task)
        return At(now, JobDue(number))

    def _start(self, job: Job) -> list[Command]:
        """Runs a job: one request, under the key and URL that are stored now."""
        if isinstance(job.task, Fetch) and not self.settings.logged_in:
            del self.jobs[job.number]
            return []
        try:
            request = self._request(job.task, self._access())
        except ValueError:  # the worker dies of an exception: the job is lost, whatever it was
            del self.jobs[job.number]
            return [ended(job.task, End.LOST, NO_REQUEST)]
        attempts = job.attempts + 1
        self.jobs[job.number] = Job(job.number, job.task, attempts)
        exchange = f"job-{job.number}-{attempts}"
        self.running[exchange] = job.number
        return [self._call(exchange, request)]

    def _request(self, task: Task, access: Access) -> Request:
        match task:
            case Fetch(message_id):
                return fetch_request(access, message_id)
            case Report(message_id, event, reason, at):
                return event_request(access, message_id, event, reason, at)
            case Forward(sender, owner, content, sim, encrypted, at):
                return receive_request(access, sender, owner, content, sim, encrypted=encrypted, at=at)
            case _:
                assert_never(task)

    def _answered(self, exchange: str, outcome: Outcome, now: Instant) -> list[Command]:
        number = self.running.drop(exchange)
        if number is None:
            login: Login | None = self.facts.get("login")
            is_login = login is not None and exchange == login.exchange
            return self._token_answered(outcome, now) if is_login else []  # a heartbeat's changes nothing
        job = self.jobs[number]
        end = verdict_on(job.task, outcome)
        if end is End.RETRY:
            record = Record("phone", "job retried", message_of(job.task), facts_of(outcome))
            return [record, At(now + backoff(job.attempts), JobDue(number))]
        del self.jobs[number]
        if isinstance(job.task, Fetch):
            return self._fetched(job.task.message_id, number, outcome, now)
        return [ended(job.task, end, facts_of(outcome))]

    # -- outgoing ------------------------------------------------------------------------------------------------

    def _pushed(self, push: PushReceived, now: Instant) -> list[Command]:
        if push.get(HEARTBEAT_ID) is not None:
            if not self.settings.logged_in:
                return []
            return [Record("phone", "heartbeat asked for"), *self._heartbeat(all_of_them=True)]
        message_id = push.get(MESSAGE_ID)
        if message_id is None:
            return []
        return [Record("phone", "pushed", message_id), self._enqueue(Fetch(message_id), now)]

    def _fetched(self, pushed_id: str, job: int, outcome: Outcome, now: Instant) -> list[Command]:
        """The decision table of phone-behaviour.md §4.1, from its row 2 on."""
        message = _read(outcome)
        if message is None:
            return [Record("phone", "fetch failed", pushed_id, facts_of(outcome))]
        facts: dict[str, Fact] = {
            "to": message.contact,
            "content": message.content,
            "encrypted": message.encrypted,
            "sim": message.sim,
        }
        fetched = Record("phone", "fetched", message.id, facts)
        text = clear_text(self.settings, message)
        if isinstance(text, Refusal):
            return [fetched, *self._fail(pushed_id, text.reason, now)]
        return [fetched, *self._submit(message, text, job, now)]

    def _submit(self, message: Outstanding, text: str, job: int, now: Instant) -> list[Command]:
        if message.attachments:  # this phone sends no MMS; without it the text would be another message
            return self._fail(message.id, MMS_FAILED, now)
        # SmsManager checks the destination before the text (§4.1).
        segments = divide(text)
        if not message.contact or not segments:
            return self._fail(message.id, NO_BODY if message.contact else NO_DESTINATION, now)
        subscription_id = self.device.subscription(message.sim)
        if subscription_id is None:
            return self._result(message.id, reason_for(NO_SUBSCRIPTION), now)
        submit_id = f"{message.id}/{job}"
        self.submissions[submit_id] = Submission(message.id, len(segments) - 1)
        tpdus = self._tpdus(message.contact, segments)
        facts: dict[str, Fact] = {"to": message.contact, "segments": len(segments)}
        submit = Submit(submit_id, message.contact, text, segments, tpdus, subscription_id)
        return [Record("phone", "submitted", message.id, facts), Tell("radio", submit)]

    def _tpdus(self, to: str, segments: tuple[str, ...]) -> tuple[bytes, ...]:
        concat_ref: int = self.facts["concat_ref"]
        if len(segments) > 1:
            self.facts["concat_ref"] = (concat_ref + 1) & 0xFF
        try:
            return submit_tpdus(to, segments, concat_ref)
        except SmsError:
            return ()

    def _fail(self, message_id: str, reason: str, now: Instant) -> list[Command]:
        failed = Record("phone", "failed", message_id, {"reason": reason})
        return [failed, self._enqueue(Report(message_id, "FAILED", reason, now), now)]

    def _radio_result(self, event: RadioResult, now: Instant) -> list[Command]:
        submission = self.submissions.get(event.id)
        if submission is None:
            raise ProtocolError(self.name, event, "no such submission")
        if not isinstance(event, SubmitThrew) and event.segment != submission.last:
            if not 0 <= event.segment < submission.last:
                raise ProtocolError(self.name, event, f"{submission.last + 1} segments")
            return []  # only the last segment's results count (§4.7)
        stage = TRANSITIONS[submission.stage].get(type(event))
        if stage is None:
            raise ProtocolError(self.name, event, submission.stage.value)
        message_id = submission.message_id
        self.submissions[event.id] = Submission(message_id, submission.last, stage)
        match event:
            case SubmitThrew(exception=exception, text=text):
                return self._fail(message_id, exception if text is None else text, now)
            case SubmitAccepted():
                return self._result(message_id, None, now, "SENT")
            case SubmitRejected(code=code):
                return self._result(message_id, reason_for(code), now)
            case StatusReport(code=code):
                reason = None if code == RESULT_OK else CANNOT_BE_DELIVERED
                return self._result(message_id, reason, now, "DELIVERED")
            case _:
                assert_never(event)

    def _result(self, message_id: str, reason: str | None, now: Instant, event: str = "FAILED") -> list[Command]:
        """Reports a result that Android broadcast: `event`, or a failure if there is a `reason`.

        The app does not hear it without a login or with both SIMs off. An id with a dot is for the app that of a
        segment before the last (§4.5).
        """
        settings = self.settings
        if not settings.logged_in or not any(sim.active for sim in settings.sims) or "." in message_id:
            return []
        if reason is not None:
            return self._fail(message_id, reason, now)
        record = Record("phone", event.lower(), message_id)
        return [record, self._enqueue(Report(message_id, event, None, now), now)]

    # -- incoming ------------------------------------------------------------------------------------------------

    def _received(self, text: Collected, now: Instant) -> list[Command]:
        settings = self.settings
        name = "SIM2" if text.sim_slot > 1 and len(settings.sims) > 1 else "SIM1"
        sim = settings.sim(name)
        # The order of the gates is the app's; the outgoing switch blocks incoming too (§5.1).
        if sim is None or not sim.incoming or not settings.logged_in or not sim.active:
            return [Record("phone", "text ignored", None, {"from": text.sender})]
        content, encrypted = text.text, settings.encrypts_received
        if encrypted:
            content = cipher.encrypt(settings.encryption_key, content, iv=self.draws.randbytes(16))
        facts: dict[str, Fact] = {"from": text.sender, "content": content, "encrypted": encrypted, "sim": name}
        forward = Forward(text.sender, sim.number, content, name, encrypted, now)
        return [Record("phone", "text received", None, facts), self._enqueue(forward, now)]


def _login_problem(outcome: Outcome) -> str | None:
    """What the login screen would complain of; None for a success (§1.3)."""
    if not isinstance(outcome, Response):
        return type(outcome).__name__
    if outcome.status >= 300:
        return f"the server answers {outcome.status}"
    return None if is_token_answer(outcome) else "the server's answer is not httpSMS's"


def _read(outcome: Outcome) -> Outstanding | None:
    if not isinstance(outcome, Response) or outcome.status >= 300:
        return None
    try:
        return read_outstanding(outcome)
    except ValueError:
        return None
