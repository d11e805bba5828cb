"""The app's screens: login, main screen, settings; tokens and heartbeats that go up beside the jobs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from harness.core import At, Command, Fact, Record, Tell
from harness.http.values import Reads, Request, Response
from harness.instants import MS, SECOND, Instant
from harness.phone.base import NO_REQUEST, Login
from harness.phone.events import LogIn, MainScreenOpens, SwitchSim
from harness.phone.jobs import Ended, Heartbeat, Job, facts_of, status_of, verdict_on
from harness.phone.login import (
    NO_TOKEN,
    NOT_E164,
    Complaint,
    checked_number,
    request_complaint,
    upload_complaint,
    url_complaint,
)
from harness.phone.receiving import Receiving
from harness.phone.threads import Beat, LoginUpload, Thread, TokenUpload, trouble
from harness.phone.work import PERIOD, Happening
from harness.wire.app import heartbeat_request, read_token_answer, token_request
from harness.wire.fcm import Listening, StreamOpened
from harness.wire.java import Threw

__all__ = ["UPLOAD_AGE", "Screens"]

UPLOAD_AGE = 86_400 * SECOND
"""How old the last upload of the token is before the main screen makes another (§3)."""

_ASKED_FOR = ("SEND_SMS", "RECEIVE_SMS", "READ_SMS", "POST_NOTIFICATIONS")
_FOR_CALLS = ("READ_CALL_LOG", "READ_PHONE_STATE")


class Screens(Receiving):
    # -- login ---------------------------------------------------------------------------------------------------

    def _log_in(self, event: LogIn, now: Instant) -> list[Command]:
        """What is typed is checked in the app's order; then one `PUT` for each card, one after the other (§1.3)."""
        self._forget_login()
        typed = self._typed(event)
        if isinstance(typed, Complaint):
            return [self._complain(typed, {})]
        self.facts["login"] = typed
        self.facts["listens"] = True
        # The app needs its registration token before it can log in, so the push service must know it first.
        return [Tell("push", StreamOpened(self.settings.registration_token, self.name))]

    def _forget_login(self) -> None:
        """One that is under way is given up: the answer to its upload says nothing about what is typed now."""
        self.facts.drop("login")
        for exchange, thread in list(self.threads.items()):
            if isinstance(thread.purpose, LoginUpload):
                del self.threads[exchange]

    def _typed(self, event: LogIn) -> Login | Complaint:
        settings, device = self.settings, self.device
        if not settings.registration_token:
            return Complaint("toast", NO_TOKEN)
        cards = (1, 2) if device.dual_sim else (1,)
        shown = [device.number_in(slot) or settings.sims[slot - 1].number for slot in cards]
        typed = [text.strip() for text in event.numbers or ()] if event.numbers is not None else shown
        numbers: list[str] = []
        for slot in cards:
            number = checked_number(typed[slot - 1] if slot <= len(typed) else "", device.country)
            if number is None:
                return Complaint(f"phone_sim{slot}", NOT_E164)
            numbers.append(number)
        url = settings.server_url if event.server_url is None else event.server_url.strip()
        complaint = url_complaint(url, https_only=self.build.https_only)
        return complaint or Login(event.api_key.strip(), tuple(numbers), url)

    def _listening(self, event: Listening, now: Instant) -> list[Command]:
        login: Login | None = self.facts.get("login")
        if login is None or login.slot or event.token != self.settings.registration_token:
            return []
        return [self._upload_at_login(login, 1, self._client(), now)]

    def _upload_at_login(self, login: Login, slot: int, client: str, now: Instant) -> Command:
        typed = replace(self.settings, api_key=login.api_key, server_url=login.server_url)
        try:
            access = typed.access(self.build, self._headers())
            token = typed.registration_token
            request = token_request(access, token, login.numbers[slot - 1], f"SIM{slot}")
        except Threw as threw:
            complaint = request_complaint(login.server_url, threw)
            return self._complain(complaint, NO_REQUEST)
        self.facts["login"] = replace(login, slot=slot)
        return self._call(Thread(LoginUpload(slot), client, request), f"login-{self._next()}", now)

    def _complain(self, complaint: Complaint, facts: Mapping[str, Fact]) -> Command:
        """The login has failed. A text may show the key that was typed, so the entry does not."""
        login: Login | None = self.facts.drop("login")
        text, number = complaint.text, self.device.number_in(1)
        if login is not None:
            text = text.replace(login.api_key, "<key>") if login.api_key else text
            number = login.numbers[max(login.slot, 1) - 1]
        told: dict[str, Fact] = {"number": number, **facts, "error": text, "field": complaint.field}
        return Record("phone", "login failed", None, told)

    def _login_answered(self, thread: Thread, outcome: Ended, now: Instant) -> list[Command]:
        login: Login | None = self.facts.get("login")
        if login is None or not isinstance(thread.purpose, LoginUpload):
            return []
        slot = thread.purpose.slot
        complaint = upload_complaint(thread.request, outcome)
        if complaint is not None:
            return [self._complain(complaint, facts_of(outcome))]
        registered = Record("phone", "registered", None, {"number": login.numbers[slot - 1]})
        if slot < len(login.numbers):
            return [registered, self._upload_at_login(login, slot + 1, thread.client, now)]
        self.facts.drop("login")
        sims = tuple(
            [replace(sim, number=number) for sim, number in zip(self.settings.sims, login.numbers, strict=False)]
        )
        stored = (*sims, *self.settings.sims[len(sims) :])
        self._change_settings(api_key=login.api_key, server_url=login.server_url, sims=stored)
        return [registered, self._logged_in(), At(now, MainScreenOpens())]

    def _logged_in(self) -> Command:
        """On some makers' phones jobs wait for no reason that shows."""
        held: dict[str, Fact] = {"holds_jobs": True} if self.build.holds_jobs else {}
        return Record("phone", "logged in", None, self._whose() | held)

    def _main_screen_opens(self, now: Instant) -> list[Command]:
        """The app was first opened some time before the login and made its schedule then: its phase is any (§6)."""
        if "heartbeat" not in self.facts:
            self._schedule_heartbeats(now, now + self.draws.between(1, PERIOD))
            return [self._at(self.jobs[self.facts["heartbeat"]], now), *self._open_main_screen(now)]
        return self._open_main_screen(now)

    # -- main screen ---------------------------------------------------------------------------------------------

    def _open_main_screen(self, now: Instant) -> list[Command]:
        """Created, started, resumed: both the first and the last hook look whether the token has to go up."""
        commands: list[Command] = []
        if not self.settings.logged_in:
            commands.append(_opened("login"))
        commands += self._start_service()
        commands += self._keep_heartbeats(now)
        commands.append(self._ask_for_permissions())
        uploads = self._upload_if_old(now)
        return [*commands, *self._resume(now), *uploads]

    def _resume(self, now: Instant) -> list[Command]:
        if not self.settings.logged_in:
            return [_opened("login")]
        return self._upload_if_old(now)

    def _start_service(self) -> list[Command]:
        """The sticky service in the foreground; also when nobody is logged in."""
        return [Record("phone", "service started")] if self.settings.any_active else []

    def _keep_heartbeats(self, now: Instant) -> list[Command]:
        """One schedule under its name; an existing one is kept."""
        if self.facts.get("heartbeat") in self.jobs:
            return [Record("phone", "heartbeats kept")]
        return [self._schedule_heartbeats(now, now)]

    def _schedule_heartbeats(self, now: Instant, first_at: Instant) -> Command:
        number = self._next()
        self.facts["heartbeat"] = number
        return self._at(self.jobs.enqueue(number, Heartbeat(), now, period=PERIOD, first_at=first_at), now)

    def _ask_for_permissions(self) -> Command:
        """The call log is asked for with a call switch on; refused once and for all, both switches go off (§1.2)."""
        settings = self.settings
        calls = any(sim.calls for sim in settings.sims)
        if calls and "READ_CALL_LOG" in self.device.denied:
            self.facts["settings"] = settings.without_calls()
        asked = _ASKED_FOR + (_FOR_CALLS if calls else ())
        return Record("phone", "permissions asked", None, {"permissions": ", ".join(asked)})

    def _permissions_answered(self, answers: tuple[tuple[str, bool], ...]) -> list[Command]:
        denied = dict.fromkeys(self.device.denied)
        for name, granted in answers:
            if granted:
                denied.pop(name, None)
            else:
                denied[name] = None
        self._change_device(denied=tuple(denied))
        if dict(answers).get("READ_CALL_LOG") is False:
            self.facts["settings"] = self.settings.without_calls()
        return []

    def _switch_sim(self, event: SwitchSim) -> list[Command]:
        self.facts["settings"] = self.settings.with_sim(event.sim, **{event.switch: event.on})
        return [Record("phone", "settings changed", None, {"names": f"SIM{event.sim} {event.switch}"})]

    def _type_key(self, text: str) -> list[Command]:
        self.facts["settings"] = self.settings.with_encryption_key(text)
        return [Record("phone", "settings changed", None, {"names": "encryption_key"})]

    # -- the registration token ----------------------------------------------------------------------------------

    def _upload_if_old(self, now: Instant) -> list[Command]:
        """One request for each SIM, side by side (§3)."""
        settings = self.settings
        if not settings.logged_in or not settings.registration_token or now - settings.token_uploaded_at < UPLOAD_AGE:
            return []
        checked_at = now // MS * MS
        return [
            command
            for name in settings.names
            for command in self._upload(TokenUpload(name, checked_at=checked_at), now)
        ]

    def _new_token(self, token: str, now: Instant) -> list[Command]:
        """Stored, and uploaded for SIM1, then for SIM2; the latter without asking whether anybody is logged in (§3)."""
        closed = self._close_stream()
        self._change_settings(registration_token=token)
        settings = self.settings
        names = (("SIM1",) if settings.logged_in else ()) + (("SIM2",) if settings.dual_sim else ())
        uploads = self._upload(TokenUpload(names[0], names[1:]), now) if names else []
        return [*closed, *self._open_stream(now), *uploads]

    def _upload(self, upload: TokenUpload, now: Instant) -> list[Command]:
        settings = self.settings
        try:
            number = settings.sim(upload.sim).number
            request = token_request(self._access(), settings.registration_token, number, upload.sim)
        except Threw:
            return self._upload_next(upload, now)
        return [self._call(Thread(upload, self._client(), request), f"token-{self._next()}", now)]

    def _upload_next(self, upload: TokenUpload, now: Instant) -> list[Command]:
        return self._upload(TokenUpload(upload.then[0], upload.then[1:]), now) if upload.then else []

    def _uploaded(self, thread: Thread, outcome: Ended, now: Instant) -> list[Command]:
        """Every failure is ignored; one from the main screen is made up for at its next resume (§3)."""
        upload = thread.purpose
        assert isinstance(upload, TokenUpload)
        commands: list[Command] = []
        user_id = _user_in(outcome)
        if user_id is not None:
            if upload.checked_at is not None:
                self._change_settings(user_id=user_id, token_uploaded_at=upload.checked_at)
            elif upload.sim == "SIM1":
                self._change_settings(user_id=user_id)
            number = self.settings.sim(upload.sim).number
            commands.append(Record("phone", "registered", None, {"number": number}))
        return commands + self._upload_next(upload, now)

    # -- heartbeats ----------------------------------------------------------------------------------------------

    def _numbers(self, *, first_always: bool) -> list[str]:
        """A pushed heartbeat and the button name SIM1 even when it is inactive (§6)."""
        settings = self.settings
        first = [settings.sims[0].number] if first_always or settings.sims[0].active else []
        return first + ([settings.sims[1].number] if settings.is_active("SIM2") else [])

    def _heartbeat(self, numbers: list[str]) -> tuple[Command, Request]:
        request = heartbeat_request(self._access(), numbers, self.device.charging)
        return Record("phone", "heartbeat", None, {"numbers": ", ".join(numbers)}), request

    def _begin_heartbeat(self, job: Job, task: Heartbeat, now: Instant) -> list[Command]:
        """The periodic work; it catches what it throws itself."""
        if not self.settings.logged_in:
            return self._finish(job.number, job.attempts, Happening.FAILED, now)
        numbers = self._numbers(first_always=False)
        if not numbers:
            return self._finish(job.number, job.attempts, Happening.SUCCEEDED, now)
        try:
            record, request = self._heartbeat(numbers)
        except Threw:
            return self._finish(job.number, job.attempts, Happening.FAILED, now)
        thread = Thread(task, self._client(), request, job.number, job.attempts)
        # Attempts begin anew in each period.
        return [record, self._call(thread, f"job-{job.number}-{job.attempts}-{self._next()}", now)]

    def _period_over(self, thread: Thread, outcome: Ended, now: Instant) -> list[Command]:
        happening = verdict_on(Heartbeat(), outcome)
        if happening is Happening.SUCCEEDED:
            self._change_settings(heartbeat_at=now)
        return self._finish(thread.job, thread.attempt, happening, now)

    def _beat(self, now: Instant, *, by_button: bool) -> list[Command]:
        """A heartbeat on a plain thread. Nothing is tried again."""
        if not self.settings.logged_in:
            return []
        try:
            record, request = self._heartbeat(self._numbers(first_always=True))
        except Threw as threw:
            return [_toast(threw.simple_name)] if by_button else []
        thread = Thread(Beat(by_button), self._client(), request)
        return [record, self._call(thread, f"heartbeat-{self._next()}", now)]

    def _beaten(self, thread: Thread, outcome: Ended, now: Instant) -> list[Command]:
        """After a push an HTTP error counts as a heartbeat; the button says what it was."""
        beat = thread.purpose
        assert isinstance(beat, Beat)
        status = status_of(outcome, Reads.FAILURES)
        if status is not None and (200 <= status < 300 or not beat.by_button):
            self._change_settings(heartbeat_at=now)
        if not beat.by_button:
            return []
        if status is None:
            return [_toast(trouble(thread.request, outcome).simple_name)]
        sent = "Heartbeat sent successfully"
        unsent = "Could not send heartbeat make sure the phone is connected to the internet"
        return [_toast(sent if 200 <= status < 300 else unsent)]


def _opened(screen: str) -> Command:
    return Record("phone", "screen opened", None, {"screen": screen})


def _toast(text: str) -> Command:
    return Record("phone", "toast", None, {"text": text})


def _user_in(outcome: Ended) -> str | None:
    """The user's id in the answer to an upload, if the app can read it."""
    if not isinstance(outcome, Response) or not 200 <= outcome.status < 300:
        return None
    try:
        return read_token_answer(outcome)
    except Threw:
        return None
