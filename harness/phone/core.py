"""The phone as a core: it says what it wants and does nothing itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum
from typing import Any, ClassVar

from harness.core import At, Command, Record
from harness.errors import ProtocolError
from harness.frozen import frozen
from harness.http.values import Answered
from harness.instants import Instant
from harness.phone.device import Network
from harness.phone.events import (
    AnswerPermissions,
    Boot,
    ChangeCharging,
    ChangeSettings,
    ChangeSims,
    ForceStop,
    InsertCard,
    JobDue,
    KillProcess,
    LogIn,
    LogOut,
    LoseNetwork,
    LoseValidation,
    MainScreenOpens,
    NewRegistrationToken,
    OpenApp,
    PowerOffHandset,
    Reboot,
    RegainNetwork,
    RemoveCard,
    ResultBroadcast,
    ResumeApp,
    SendHeartbeat,
    SmsBroadcast,
    SwitchSim,
    TelephonyThrows,
    TypeEncryptionKey,
    UpdateApp,
)
from harness.phone.inbox import read
from harness.phone.jobs import Ended, Fetch, Forward, Heartbeat, Job, MissedCall, Report
from harness.phone.life import Living, UnusedDue
from harness.phone.pending import Pending, pending
from harness.phone.receiving import CallLogDue
from harness.phone.scheduling import IdleDue, JobTooLong, Unreachable
from harness.phone.threads import Beat, LoginUpload, Thread, TokenUpload
from harness.radio import (
    CallLogged,
    CallStateChanged,
    DataReceived,
    DeliverReceived,
    MmsResult,
    StatusReport,
    SubmitAccepted,
    SubmitRejected,
    SubmitThrew,
    TextReceived,
    WapPushReceived,
)
from harness.wire.app import event_request
from harness.wire.client import PhoneKeyIssued
from harness.wire.fcm import HEARTBEAT_ID, MESSAGE_ID, Listening, PushReceived
from harness.wire.java import Threw

__all__ = ["Phone"]


@frozen
class Late:
    """A push that Android has held back."""

    push: PushReceived


class Gate(Enum):
    """Who hears of an event. OPEN: the handset, always. ON: the handset, while it is on.

    WAKES: the app, whose process starts for it; not one that the user has stopped. USED: the app, which the user opens.
    """

    OPEN = "open"
    ON = "on"
    WAKES = "wakes"
    USED = "used"


_NO_NETWORK = Network.NONE
_OPEN, _ON = Gate.OPEN, Gate.ON  # naming a member is slow, and every event passes here


class Phone(Living):
    """An Android phone with the httpSMS app.

    Ports: `radio` and `radio2`, one for each slot, take `Submit` and `SubmitMms`; `push` takes `StreamOpened` and
    `StreamClosed`. Takes `PushReceived`, the radio's events, the answers to its calls, and the acts in
    `harness.phone.events`, each between any two others.
    """

    def handle(self, event: Any, now: Instant) -> Iterable[Command]:
        known = self._HANDLERS.get(type(event))
        if known is None:
            raise ProtocolError(self.name, event, "any")
        handler, gate = known
        if gate is _OPEN:
            return handler(self, event, now)
        life = self.life
        if not life.powered or (life.stopped and gate is Gate.WAKES):
            return []
        used = self._used(now) if gate is Gate.USED else []
        if gate is not _ON and (life.stopped or not life.process):
            used += self._open(now)
        return [*used, *handler(self, event, now)]

    def pending(self, now: Instant) -> tuple[Pending, ...]:
        """What this phone waits for."""
        return pending(self, now)

    # -- pushes and broadcasts -----------------------------------------------------------------------------------

    def _push_received(self, push: PushReceived, now: Instant) -> list[Command]:
        """A message's push may come late; one for a heartbeat has a high priority (phone-behaviour.md §3)."""
        facts = self.facts
        life, build = facts["life"], facts["build"]
        if not life.powered or facts["device"].network is _NO_NETWORK:
            return self._hold(push)
        if build.holds_pushes and push.get(HEARTBEAT_ID) is None:
            return [At(build.oem.push_at(now, self._unused_since(), self.draws), Late(push))]
        if life.process and not life.stopped:
            return self._pushed(push, now)
        return list(self.handle(Late(push), now))

    def _token_received(self, event: NewRegistrationToken, now: Instant) -> list[Command]:
        life = self.life
        if life.stopped or not life.powered or self.device.network is Network.NONE:
            return self._hold(event)
        return [*([] if life.process else self._start_process(now)), *self._new_token(event.token, now)]

    def _pushed(self, push: PushReceived, now: Instant) -> list[Command]:
        if push.get(HEARTBEAT_ID) is not None:
            if not self.settings.logged_in:
                return []
            return [Record("phone", "heartbeat asked for"), *self._beat(now, by_button=False)]
        message_id = push.get(MESSAGE_ID)
        if message_id is None:
            return []
        return [Record("phone", "pushed", message_id), *self._enqueue(Fetch(message_id), now)]

    def _delivered(self, event: DeliverReceived, now: Instant) -> list[Command]:
        """Segments wait with Android, also while the app is stopped; a whole text is broadcast."""
        pdus = self.inbox.collect(event.pdu, event.sim_slot, now)
        return list(self.handle(SmsBroadcast(pdus, event.sim_slot - 1), now)) if pdus else []

    def _broadcast(self, event: SmsBroadcast, now: Instant) -> list[Command]:
        """Without its slot the app takes the first one (§5.1). Raises `MalformedPdu`."""
        text = read(event.pdus, (event.slot_index or 0) + 1)
        return list(self.handle(TextReceived(text.sender, text.text, text.sim_slot), now))

    # -- jobs ----------------------------------------------------------------------------------------------------

    def _begin(self, job: Job, now: Instant) -> list[Command]:
        return self._BEGIN[type(job.task)](self, job, job.task, now)

    def _begin_report(self, job: Job, task: Report, now: Instant) -> list[Command]:
        try:
            request = event_request(self._access(), task.message_id, task.event, task.reason, task.at)
        except Threw as threw:
            return self._cannot_ask(job, threw, now)
        return self._work(job, request, now)

    _BEGIN: ClassVar[dict[type, Callable[[Phone, Job, Any, Instant], list[Command]]]] = {
        Fetch: Living._begin_fetch,
        Report: _begin_report,
        Forward: Living._begin_forward,
        MissedCall: Living._begin_missed_call,
        Heartbeat: Living._begin_heartbeat,
    }

    def _ended(self, thread: Thread, outcome: Ended, now: Instant) -> list[Command]:
        return self._ENDED[type(thread.purpose)](self, thread, outcome, now)

    _ENDED: ClassVar[dict[type, Callable[[Phone, Thread, Ended, Instant], list[Command]]]] = {
        Fetch: Living._fetched,
        Report: Living._posted,
        Forward: Living._posted,
        MissedCall: Living._posted,
        Heartbeat: Living._period_over,
        TokenUpload: Living._uploaded,
        LoginUpload: Living._login_answered,
        Beat: Living._beaten,
    }

    # -- acts ----------------------------------------------------------------------------------------------------

    def _log_out(self, event: LogOut, now: Instant) -> list[Command]:
        logged_out = Record("phone", "logged out", None, self._whose())
        self.facts["settings"] = self.settings.logged_out()
        return [logged_out]

    def _settings_changed(self, event: ChangeSettings, now: Instant) -> list[Command]:
        self._change_settings(**dict(event.changes))
        names = ", ".join([name for name, _ in event.changes])
        return [Record("phone", "settings changed", None, {"names": names})]

    def _charging_changed(self, event: ChangeCharging, now: Instant) -> list[Command]:
        self._change_device(charging=event.charging)
        return []

    def _telephony_throws(self, event: TelephonyThrows, now: Instant) -> list[Command]:
        self._change_device(throws=None if event.exception is None else (event.exception, event.text))
        return []

    _HANDLERS: ClassVar[dict[type, tuple[Callable[[Phone, Any, Instant], list[Command]], Gate]]] = {
        # its own timers
        JobDue: (Living._job_due, Gate.OPEN),
        Unreachable: (Living._unreachable, Gate.OPEN),
        JobTooLong: (Living._too_long, Gate.OPEN),
        IdleDue: (Living._idle, Gate.OPEN),
        UnusedDue: (Living._unused, Gate.ON),
        CallLogDue: (Living._call_log_due, Gate.OPEN),
        MainScreenOpens: (lambda self, event, now: self._main_screen_opens(now), Gate.USED),
        # the network
        Answered: (Living._answered, Gate.OPEN),
        PushReceived: (_push_received, Gate.OPEN),
        Late: (lambda self, event, now: self._pushed(event.push, now), Gate.WAKES),
        Listening: (Living._listening, Gate.OPEN),
        LoseNetwork: (lambda self, event, now: self._lose_network(now), Gate.OPEN),
        LoseValidation: (lambda self, event, now: self._lose_validation(now), Gate.OPEN),
        RegainNetwork: (lambda self, event, now: self._regain_network(now), Gate.OPEN),
        # the radio
        SubmitAccepted: (Living._radio_result, Gate.OPEN),
        SubmitRejected: (Living._radio_result, Gate.OPEN),
        SubmitThrew: (Living._radio_result, Gate.OPEN),
        StatusReport: (Living._radio_result, Gate.OPEN),
        MmsResult: (Living._radio_result, Gate.OPEN),
        ResultBroadcast: (Living._result_broadcast, Gate.ON),
        DeliverReceived: (_delivered, Gate.ON),
        SmsBroadcast: (_broadcast, Gate.ON),
        TextReceived: (Living._received, Gate.WAKES),
        WapPushReceived: (Living._wap_push, Gate.WAKES),
        DataReceived: (lambda self, event, now: [], Gate.ON),  # another app's
        CallLogged: (lambda self, event, now: self._call_logged(event), Gate.ON),
        CallStateChanged: (Living._call_state, Gate.WAKES),
        # the handset
        PowerOffHandset: (lambda self, event, now: self._power_off(now), Gate.OPEN),
        Boot: (lambda self, event, now: self._boot(now), Gate.OPEN),
        Reboot: (lambda self, event, now: self._boot(now), Gate.OPEN),
        ChangeSims: (lambda self, event, now: self._change_sims(event), Gate.OPEN),
        InsertCard: (lambda self, event, now: self._insert_card(event.slot), Gate.OPEN),
        RemoveCard: (lambda self, event, now: self._remove_card(event.slot), Gate.OPEN),
        ChangeCharging: (_charging_changed, Gate.OPEN),
        TelephonyThrows: (_telephony_throws, Gate.OPEN),
        AnswerPermissions: (lambda self, event, now: self._permissions_answered(event.answers), Gate.OPEN),
        NewRegistrationToken: (_token_received, Gate.OPEN),
        # the app
        UpdateApp: (lambda self, event, now: self._update_app(now), Gate.OPEN),
        KillProcess: (lambda self, event, now: self._kill(now), Gate.OPEN),
        ForceStop: (lambda self, event, now: self._force_stop(now), Gate.OPEN),
        ChangeSettings: (_settings_changed, Gate.OPEN),
        LogIn: (Living._log_in, Gate.USED),
        PhoneKeyIssued: (lambda self, event, now: self._log_in(LogIn(event.api_key), now), Gate.USED),
        LogOut: (_log_out, Gate.USED),
        SwitchSim: (lambda self, event, now: self._switch_sim(event), Gate.USED),
        TypeEncryptionKey: (lambda self, event, now: self._type_key(event.text), Gate.USED),
        OpenApp: (lambda self, event, now: self._open_main_screen(now), Gate.USED),
        ResumeApp: (lambda self, event, now: self._resume(now), Gate.USED),
        SendHeartbeat: (lambda self, event, now: self._beat(now, by_button=True), Gate.USED),
    }
