"""The send worker, and what Android tells of what was handed to the radio (phone-behaviour.md §4)."""

from __future__ import annotations

from harness.core import Command, Fact, Record, Tell
from harness.errors import ProtocolError, SmsError
from harness.http.values import Response
from harness.instants import Instant
from harness.phone.base import Intent
from harness.phone.device import Device
from harness.phone.events import ResultBroadcast
from harness.phone.jobs import Ended, Fetch, Job, Report, facts_of, lost, verdict_on
from harness.phone.outgoing import (
    CANNOT_BE_DELIVERED,
    NO_DEFAULT_SMS_APP,
    Refusal,
    clear_text,
    reason_for,
    refused_by_android,
)
from harness.phone.scheduling import Scheduling
from harness.phone.stages import TRANSITIONS, News, Stage, Submission, news_of
from harness.phone.threads import Download, Thread, trouble
from harness.phone.work import Happening
from harness.radio import (
    RESULT_OK,
    MmsResult,
    RadioResult,
    StatusReport,
    Submit,
    SubmitAccepted,
    SubmitRejected,
    SubmitThrew,
)
from harness.sms import divide, submit_tpdus
from harness.wire.app import Outstanding, fetch_request, read_outstanding
from harness.wire.java import Threw, hash_code

__all__ = ["SUBMISSIONS_MAX", "Sending"]

SUBMISSIONS_MAX = 512
"""How many hand-overs are remembered for a report that may never come.

A radio tells reports apart by a reference of one octet, so for two of them there is no report on an older one
(§8.5).
"""


# A member of an enumeration costs a function call each time it is named; these are named some ten times a message.
_OVER, _SUCCEEDED, _FAILED = Stage.OVER, Happening.SUCCEEDED, Happening.FAILED


class Sending(Scheduling):
    def _begin_fetch(self, job: Job, task: Fetch, now: Instant) -> list[Command]:
        if not self.facts["settings"].logged_in:
            return self._finish(job.number, job.attempts, _FAILED, now)
        try:
            request = fetch_request(self._access(), task.message_id)
        except Threw as threw:
            return self._cannot_ask(job, threw, now)
        return self._work(job, request, now)

    def _fetched(self, thread: Thread, outcome: Ended, now: Instant) -> list[Command]:
        """The decision table of phone-behaviour.md §4.1, from its row 2 on; or another attachment has come."""
        if thread.download is not None:
            return self._downloaded(thread, thread.download, outcome, now)
        task = thread.purpose
        assert isinstance(task, Fetch)
        message = self._message(thread, task, outcome)
        if not isinstance(message, Outstanding):
            happening, threw = message
            finished = self._finish(thread.job, thread.attempt, happening, now, threw)
            return [*lost(task, facts_of(outcome)), *finished]
        facts: dict[str, Fact] = {
            "to": message.contact,
            "content": message.content,
            "encrypted": message.encrypted,
            "sim": message.sim,
        }
        fetched = Record("phone", "fetched", message.id, facts)
        text = clear_text(self.settings, message)
        if isinstance(text, Refusal):
            refused = self._fail(task.message_id, text.reason, now)
            return [fetched, *refused, *self._finish(thread.job, thread.attempt, _FAILED, now)]
        if not self.facts["life"].receivers:
            self._change_life(receivers=True)
        if message.attachments:
            return [fetched, *self._send_mms(thread, message, text, now)]
        commands, returned = self._submit(message, text, now)
        return [fetched, *commands, *self._finish(thread.job, thread.attempt, returned, now)]

    def _message(self, thread: Thread, task: Fetch, outcome: Ended) -> Outstanding | tuple[Happening, Threw | None]:
        if not isinstance(outcome, Response):
            return Happening.THREW, trouble(thread.request, outcome)
        verdict = verdict_on(task, outcome)
        if verdict is not _SUCCEEDED:
            return verdict, None
        try:
            return read_outstanding(outcome)
        except Threw as threw:
            return Happening.THREW, threw

    def _send_mms(self, thread: Thread, message: Outstanding, text: str, now: Instant) -> list[Command]:
        raise NotImplementedError

    def _downloaded(self, thread: Thread, download: Download, outcome: Ended, now: Instant) -> list[Command]:
        raise NotImplementedError

    def _fail(self, message_id: str, reason: str, now: Instant) -> list[Command]:
        failed = Record("phone", "failed", message_id, {"reason": reason})
        return [failed, *self._enqueue(Report(message_id, "FAILED", reason, now), now)]

    # -- hand-over -----------------------------------------------------------------------------------------------

    def _submit(self, message: Outstanding, text: str, now: Instant) -> tuple[list[Command], Happening]:
        """An exception of SmsManager is reported; only that of a text in several parts fails the work (rows 9, 10)."""
        device: Device = self.facts["device"]
        segments = divide(text, device.sms)
        reason = refused_by_android(device, message.contact, segments)
        if reason is not None:
            happening = _SUCCEEDED if len(segments) == 1 else _FAILED
            return self._fail(message.id, reason, now), happening
        subscription_id = device.subscription(message.sim)
        if subscription_id is None:
            ids = _segment_ids(message.id, len(segments))
            return self._without_card(ids, now), _SUCCEEDED
        return self._hand_over(message, text, segments, subscription_id), _SUCCEEDED

    def _without_card(self, ids: tuple[str, ...], now: Instant) -> list[Command]:
        """SmsManager itself broadcasts a result for every part (§4.1)."""
        commands: list[Command] = []
        for message_id in ids:
            commands.append(Record("phone", "no card", message_id, {"code": NO_DEFAULT_SMS_APP}))
            commands += self._sent_broadcast(message_id, NO_DEFAULT_SMS_APP, now)
        return commands

    def _hand_over(
        self, message: Outstanding, text: str, segments: tuple[str, ...], subscription_id: int
    ) -> list[Command]:
        submit_id = f"{message.id}/{self._next()}"
        self._remember(submit_id, self._promise(_segment_ids(message.id, len(segments))))
        tpdus = self._tpdus(message.contact, segments)
        facts: dict[str, Fact] = {
            "to": message.contact,
            "segments": len(segments),
            **self._card(message.sim, subscription_id),
        }
        submit = Submit(submit_id, message.contact, text, segments, tpdus, subscription_id)
        return [Record("phone", "submitted", message.id, facts), Tell(self._port(subscription_id), submit)]

    def _card(self, sim: str, subscription_id: int) -> dict[str, Fact]:
        """The card that a message leaves by, where that is not the one that it is for (§4.2)."""
        card = f"SIM{self.device.slot_of(subscription_id)}"
        return {} if card == sim else {"card": card}

    def _port(self, subscription_id: int) -> str:
        """The radio of the card's slot."""
        return "radio" if self.device.slot_of(subscription_id) == 1 else "radio2"

    def _tpdus(self, to: str, segments: tuple[str, ...]) -> tuple[bytes, ...]:
        concat_ref: int = self.facts["concat_ref"]
        if len(segments) > 1:
            self.facts["concat_ref"] = (concat_ref + 1) & 0xFF
        try:
            return submit_tpdus(to, segments, concat_ref, config=self.device.sms)
        except SmsError:
            return ()

    def _promise(self, ids: tuple[str, ...]) -> Submission:
        """The id in the broadcast about each: where two have the same hash, Android keeps the first one's (§4.8)."""
        codes, heard, intents = tuple(map(hash_code, ids)), ids, self.intents
        for place, code in enumerate(codes):
            known = intents.get(code)
            if known is None:
                intents[code] = Intent(ids[place], 1)
                continue
            intents[code] = Intent(known.message_id, known.holders + 1)
            heard = (*heard[:place], known.message_id, *heard[place + 1 :])
        return Submission(heard, codes)

    def _remember(self, submit_id: str, submission: Submission) -> None:
        self.submissions[submit_id] = submission
        if len(self.submissions) > SUBMISSIONS_MAX:
            rows = self.submissions.items()
            # One that the radio has not answered, as a human may have to, is kept for as long as others can go.
            self._forget(next((key for key, row in rows if row.stage is Stage.SENT), next(iter(self.submissions))))

    def _forget(self, submit_id: str) -> None:
        submission = self.submissions.drop(submit_id)
        intents = self.intents
        for code in submission.codes if submission else ():
            intent = intents[code]
            if intent.holders > 1:
                intents[code] = Intent(intent.message_id, intent.holders - 1)
            else:
                del intents[code]

    # -- results -------------------------------------------------------------------------------------------------

    def _radio_result(self, event: RadioResult | MmsResult, now: Instant) -> list[Command]:
        """Raises `ProtocolError` for a result of something that this phone never handed over."""
        submission = self.submissions.get(event.id)
        if submission is None:
            if self._was_ours(event.id):
                return []
            raise ProtocolError(self.name, event, "no such submission")
        last = len(submission.heard) - 1
        segment = getattr(event, "segment", last)
        if not 0 <= segment <= last:
            raise ProtocolError(self.name, event, f"{last + 1} segments")
        heard = submission.heard[segment]
        if segment == last:
            self._move(event, submission)
        match event:
            case SubmitAccepted():
                return self._sent_broadcast(heard, RESULT_OK, now)
            case SubmitThrew(exception=exception, text=text):
                # This radio says so after the worker has returned: on a phone it is SmsManager that throws.
                return self._fail(heard, exception if text is None else text, now)
            case SubmitRejected(code=code) | MmsResult(code=code):
                return self._sent_broadcast(heard, code, now)
            case StatusReport(code=code):
                return self._delivered_broadcast(heard, code, now)

    def _was_ours(self, submit_id: str) -> bool:
        """It is over, or was forgotten: every hand-over has a number."""
        number = submit_id.rpartition("/")[2]
        return number.isascii() and number.isdigit() and int(number) <= self.facts["counter"]

    def _move(self, event: RadioResult | MmsResult, submission: Submission) -> None:
        news: News = news_of(event)
        stage = TRANSITIONS[submission.stage].get(news)
        if stage is None:
            raise ProtocolError(self.name, event, submission.stage.value)
        if stage is _OVER:
            self._forget(event.id)
        elif stage is not submission.stage:
            self.submissions[event.id] = Submission(submission.heard, submission.codes, stage)

    def _result_broadcast(self, event: ResultBroadcast, now: Instant) -> list[Command]:
        """The receivers are open to every app on the handset."""
        hear = self._sent_broadcast if event.what == "sent" else self._delivered_broadcast
        return hear(event.message_id, event.code, now)

    def _sent_broadcast(self, message_id: str | None, code: int, now: Instant) -> list[Command]:
        return self._heard(message_id, "SENT", None if code == RESULT_OK else reason_for(code), now)

    def _delivered_broadcast(self, message_id: str | None, code: int, now: Instant) -> list[Command]:
        return self._heard(message_id, "DELIVERED", None if code == RESULT_OK else CANNOT_BE_DELIVERED, now)

    def _heard(self, message_id: str | None, event: str, reason: str | None, now: Instant) -> list[Command]:
        """Reports a result: `event`, or a failure if there is a `reason`.

        Nobody listens before the first message of a process. The app ignores a result without a login or with both
        SIMs off, and an id with a dot: that is for it a segment before the last (§4.5).
        """
        if not self.facts["life"].receivers:
            return [Record("phone", "nobody listened", message_id, {"event": event})]
        settings = self.settings
        if message_id is None or "." in message_id or not settings.logged_in or not settings.any_active:
            return []
        if reason is not None:
            return self._fail(message_id, reason, now)
        record = Record("phone", event.lower(), message_id)
        return [record, *self._enqueue(Report(message_id, event, None, now), now)]


def _segment_ids(message_id: str, count: int) -> tuple[str, ...]:
    """The last segment bears the plain id (§4.1-10)."""
    if count == 1:
        return (message_id,)
    return (*(f"{message_id}.{place}" for place in range(count - 1)), message_id)
