"""What the app makes of texts, multimedia messages and calls that come in (phone-behaviour.md §5)."""

from __future__ import annotations

from harness import cipher
from harness.core import At, Command, Fact, Record
from harness.frozen import frozen
from harness.instants import MS, Instant
from harness.mms import Forwarded, base64_content, cache_line, forwarded, parse_retrieve, read_cache_line
from harness.phone.jobs import (
    READS,
    Ended,
    Forward,
    Job,
    MissedCall,
    Report,
    facts_of,
    lost,
    message_of,
    status_of,
    taken,
    verdict_on,
)
from harness.phone.multimedia import Multimedia
from harness.phone.threads import Thread, trouble
from harness.phone.work import Happening
from harness.radio import CALL_TYPES, CallLogged, CallStateChanged, TextReceived, WapPushReceived
from harness.wire.app import missed_call_request, receive_request
from harness.wire.java import Threw

__all__ = ["CALLS_MAX", "LOG_DELAY", "CallLogDue", "Receiving"]

CALLS_MAX = 50
"""How many rows of the call log are kept: the app reads the newest one only."""
LOG_DELAY = 200 * MS
"""How long the app gives the call log to be written (§5.3)."""

_CACHE = "/data/user/0/com.httpsms/cache/"


@frozen
class CallLogDue:
    """Time to look into the call log for a call that has ended; `process` is the app's that waits."""

    number: str
    process: int


class Receiving(Multimedia):
    # -- texts ---------------------------------------------------------------------------------------------------

    def _received(self, text: TextReceived, now: Instant) -> list[Command]:
        if "RECEIVE_SMS" in self.device.denied:
            return []
        name, ignored = self._gates(text.sender, text.sim_slot)
        if ignored is not None:
            return [ignored]
        return self._forward(text.sender, text.text, name, None, now)

    def _gates(self, sender: str, sim_slot: int) -> tuple[str, Command | None]:
        """The SIM that a message is credited to, and an entry if the app ignores it.

        The order of the gates is the app's; the outgoing switch blocks incoming too (§5.1).
        """
        settings = self.settings
        name = "SIM2" if sim_slot > 1 and settings.dual_sim else "SIM1"
        if settings.sim(name).incoming and settings.logged_in and settings.is_active(name):
            return name, None
        return name, Record("phone", "text ignored", None, {"from": sender, "sim": name})

    def _forward(
        self, sender: str, content: str, name: str, attachments: tuple[str, ...] | None, now: Instant
    ) -> list[Command]:
        settings = self.settings
        encrypted = settings.encrypts_received
        if encrypted:
            content = cipher.encrypt(settings.encryption_key, content, iv=self.draws.randbytes(16))
        owner = settings.sim(name).number
        facts: dict[str, Fact] = {
            "from": sender,
            "to": owner,
            "content": content,
            "encrypted": encrypted,
            "sim": name,
        }
        if attachments is not None:
            facts["attachments"] = len(attachments)
        forward = Forward(sender, owner, content, name, encrypted, now, attachments)
        return [Record("phone", "text received", None, facts), *self._enqueue(forward, now)]

    # -- multimedia messages -------------------------------------------------------------------------------------

    def _wap_push(self, event: WapPushReceived, now: Instant) -> list[Command]:
        """Only a whole message in the push would be forwarded; networks push a notification, which is not (§5.2)."""
        if "RECEIVE_MMS" in self.device.denied:
            return []
        retrieved = parse_retrieve(event.pdu, now // MS)
        whole = None if retrieved is None else forwarded(retrieved)
        if whole is None:
            return [Record("phone", "MMS ignored")]
        lines = self._cache(whole, now)  # before the gates: what they stop leaves its files behind
        name, ignored = self._gates(whole.sender, event.sim_slot)
        if ignored is not None:
            return [ignored]
        return self._forward(whole.sender, whole.content, name, lines, now)

    def _cache(self, whole: Forwarded, now: Instant) -> tuple[str, ...]:
        lines: list[str] = []
        for file in whole.files:
            name = f"received_mms_{now // MS}_{file.index}"
            self._keep(name, file.data)
            lines.append(cache_line(_CACHE + name, file))
        return tuple(lines)

    # -- forwarding ----------------------------------------------------------------------------------------------

    def _begin_forward(self, job: Job, task: Forward, now: Instant) -> list[Command]:
        try:
            request = receive_request(
                self._access(), task.sender, task.owner, task.content, task.sim,
                encrypted=task.encrypted, at=task.at, attachments=self._attached(task),
            )  # fmt: skip
        except Threw as threw:
            return self._cannot_ask(job, threw, now)
        return self._work(job, request, now)

    def _attached(self, task: Forward) -> list[tuple[str, str, str]] | None:
        """Files that are gone are left out: after the first attempt that is all of them (§5.2)."""
        if task.attachments is None:
            return None
        cached = [read_cache_line(line) for line in task.attachments]
        names = [file.path.removeprefix(_CACHE) for file in cached]
        return [
            (base64_content(self.files[name]), file.content_type, file.name)
            for name, file in zip(names, cached, strict=True)
            if name in self.files
        ]

    def _posted(self, thread: Thread, outcome: Ended, now: Instant) -> list[Command]:
        """A report, a received message or a missed call has its answer, or none."""
        task = thread.purpose
        assert isinstance(task, Report | Forward | MissedCall)
        if type(task) is Forward:
            self._drop_files(task)
        happening = verdict_on(task, outcome)
        threw = trouble(thread.request, outcome) if happening is Happening.THREW else None
        finished = self._finish(thread.job, thread.attempt, happening, now, threw)
        facts = facts_of(outcome)
        if happening is Happening.RETRY:
            return [Record("phone", "job retried", message_of(task), facts), *finished]
        # 4xx for a message or a call counts as done: it is dropped (§2.5).
        status = status_of(outcome, READS[type(task)]) or 0
        is_taken = happening is Happening.SUCCEEDED and (type(task) is Report or 200 <= status < 300)
        return [*(taken if is_taken else lost)(task, facts), *finished]

    def _drop_files(self, task: Forward) -> None:
        """After the first attempt, even one that failed (§5.2)."""
        for line in task.attachments or ():
            self.files.drop(read_cache_line(line).path.removeprefix(_CACHE))

    # -- calls ---------------------------------------------------------------------------------------------------

    def _call_logged(self, event: CallLogged) -> list[Command]:
        self.calls[self._next()] = event
        if len(self.calls) > CALLS_MAX:
            del self.calls[next(iter(self.calls))]
        return []

    def _call_state(self, event: CallStateChanged, now: Instant) -> list[Command]:
        """The number is in a broadcast of its own, and only with the permission for the call log (§5.3)."""
        if event.state != "IDLE" or event.number is None or "READ_CALL_LOG" in self.device.denied:
            return []
        return [At(now + LOG_DELAY, CallLogDue(event.number, self.life.process))]

    def _call_log_due(self, event: CallLogDue, now: Instant) -> list[Command]:
        """Reports the newest row of the log if it is a missed call from exactly this number, however old it is."""
        if event.process != self.life.process or not self.calls:
            return []
        row = max(reversed(self.calls.values()), key=lambda row: row.at)
        if row.number != event.number or row.type != CALL_TYPES["missed"]:
            return []
        slot = self._slot_of_account(row)
        name = "SIM2" if slot > 1 else "SIM1"
        settings = self.settings
        if not settings.logged_in or not settings.sim(name).calls:
            return [Record("phone", "call ignored", None, {"from": row.number, "sim": name})]
        owner = settings.sim(name).number
        facts: dict[str, Fact] = {"from": row.number, "to": owner, "sim": name}
        task = MissedCall(row.number, name, owner, row.at)
        return [Record("phone", "call missed", None, facts), *self._enqueue(task, now)]

    def _slot_of_account(self, row: CallLogged) -> int:
        """The phone account of a row is a text; read as a number it is compared with the active subscriptions."""
        account = str(row.subscription_id) if row.phone_account_id is None else row.phone_account_id
        digits = account[: len(account) - len(account.lstrip("0123456789"))]
        number = int(digits) & 0xFFFFFFFF if digits else 0
        return self.device.slot_of(number) if number in self.device.subscriptions else 1

    def _begin_missed_call(self, job: Job, task: MissedCall, now: Instant) -> list[Command]:
        try:
            request = missed_call_request(self._access(), task.sim, task.caller, task.owner, task.at)
        except Threw as threw:
            return self._cannot_ask(job, threw, now)
        return self._work(job, request, now)
