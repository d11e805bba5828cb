"""Whatever happens between any two steps, nothing is lost that WorkManager keeps, and nothing is told that was not so.

The model knows which texts the app has taken over, which messages the gateway has handed out, and which results the app
has heard of: it needs no jobs, threads or backoffs for that.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from harness.core import At, Command, Record, Tell
from harness.http.values import Answered, Call, Closed, ConnectFailed, Outcome, Response, TimedOut
from harness.instants import MS, SECOND
from harness.phone import (
    Boot,
    Build,
    ForceStop,
    KillProcess,
    LoseNetwork,
    LoseValidation,
    Network,
    OpenApp,
    PowerOffHandset,
    Reboot,
    RegainNetwork,
    SendHeartbeat,
    Settings,
    Sim,
    SwitchSim,
    UpdateApp,
)
from harness.phone.outgoing import DISABLED
from harness.phone.work import State
from harness.plain import dump, load
from harness.profile import OemProfile
from harness.radio import StatusReport, Submit, SubmitAccepted, SubmitRejected, TextReceived
from harness.wire.fcm import MESSAGE_ID, PushReceived
from tests.phone.kit import ALICE, BOB, NOW, SECOND_SIM, TOKEN_TAKEN, a_phone, outstanding, rows

MOSTLY = st.sampled_from([True, True, True, False])
SIMS = st.builds(Sim, st.just(ALICE), MOSTLY, MOSTLY)
SECOND_SIMS = st.builds(Sim, st.sampled_from(["", SECOND_SIM]), MOSTLY, MOSTLY)
NO_ANSWER: list[Outcome] = [TimedOut("read"), Closed(sent_all=True), ConnectFailed("refused")]
STATUSES = [200, 201, 400, 404, 422, 500, 503]
UPSETS: list[Any] = [
    KillProcess(), ForceStop(), UpdateApp(), PowerOffHandset(), Reboot(), LoseNetwork(), LoseValidation(),
    KillProcess(), LoseNetwork(),
]  # fmt: skip
REMEDIES: list[Any] = [Boot(), OpenApp(), RegainNetwork()]


SLOTS = st.sampled_from([1, 2])
# The more often a deed stands here the more often it is done.
DEEDS = [
    *["push", "text", "go_well", "make_well"] * 4,
    *["answer", "radio_tells", "let_time_come"] * 3,
    *["upset"] * 4,
    *["leave_unanswered"] * 2,
    *["remedy", "switch", "beat", "hurry_or_not", "let_time_pass", "come_back_from_a_file"],
]


def _is_final(outcome: Outcome) -> bool:
    """The gateway has taken a text, or refused it for good."""
    return isinstance(outcome, Response) and (outcome.status < 300 or 400 <= outcome.status < 500)


class PhoneInTheWorld(RuleBasedStateMachine):
    """`calls` wait for an answer, `timers` for their time; `radio` has what was handed over, with what it has told."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.counter = 0
        self.calls: dict[str, Call] = {}
        self.timers: list[At] = []
        self.eager = True
        self.radio: dict[str, Submit] = {}
        self.told: set[tuple[str, str]] = set()
        # the model
        self.texts: dict[str, str] = {}
        self.listens = False
        self.handed_out: set[str] = set()
        self.heard: Counter[tuple[str, str]] = Counter()
        self.posted: dict[tuple[str, str], set[str]] = {}

    @initialize(first=SIMS, second=SECOND_SIMS, cores=st.integers(1, 8))
    def begin(self, first: Sim, second: Sim, cores: int) -> None:
        settings = Settings(
            (first, second), "http://api.internal", "pk_one", registration_token="t", token_uploaded_at=NOW
        )
        self.phone = a_phone(settings, build=Build(oem=OemProfile(cpu_cores=cores)))

    # -- carrying what the phone asks for ------------------------------------------------------------------------

    def tell(self, event: Any) -> None:
        self.now += MS
        for command in self.phone.handle(event, self.now):
            self._do(command)
        while self.eager and (due := [at for at in self.timers if at.due_at <= self.now]):
            self.timers.remove(due[0])
            for command in self.phone.handle(due[0].event, self.now):
                self._do(command)

    def _do(self, command: Command) -> None:
        match command:
            case Call(exchange):
                assert self.phone.device.network is not Network.NONE
                assert self.phone.life.powered
                assert exchange not in self.calls
                self.calls[exchange] = command
                self._note_post(command)
            case At():
                self.timers.append(command)
            case Tell("radio" | "radio2", Submit() as submit):
                assert submit.id.rpartition("/")[0] in self.handed_out
                self.radio[submit.id] = submit
                self.listens = True
            case Record() | Tell("push"):
                pass
            case other:
                raise AssertionError(other)

    def _note_post(self, call: Call) -> None:
        parts = call.request.path.split("/")
        if parts[-1] == "events":
            body = json.loads(call.request.body)
            if body["reason"] != DISABLED:
                self.posted.setdefault((parts[3], body["event_name"]), set()).add(body["timestamp"])

    def _next(self) -> int:
        self.counter += 1
        return self.counter

    @property
    def hears(self) -> bool:
        return self.phone.life.powered and not self.phone.life.stopped

    # -- what happens --------------------------------------------------------------------------------------------

    @rule(deed=st.sampled_from(sorted(DEEDS, key=str.lower)), times=st.integers(1, 3), data=st.data())
    def something_happens(self, deed: str, times: int, data: Any) -> None:
        for _ in range(times):
            getattr(self, f"_{deed}")(data.draw)

    def _push(self, draw: Any) -> None:
        number = self._next() if draw(MOSTLY) or not self.counter else self.counter
        self.tell(PushReceived("t", ((MESSAGE_ID, f"m{number}"),)))

    def _text(self, draw: Any) -> None:
        content, settings, slot = f"text {self._next()}", self.phone.settings, draw(SLOTS)
        sim = settings.sims[1] if slot == 2 and settings.sims[1].number else settings.sims[0]
        if self.hears and sim.incoming and sim.active:
            self.texts[content] = "kept"
        self.tell(TextReceived(BOB, content, slot))

    def _answer(self, draw: Any) -> None:
        """Any request that waits gets any answer, or none."""
        if self.calls:
            call = self.calls.pop(draw(st.sampled_from(sorted(self.calls))))
            status, sim = draw(st.sampled_from(STATUSES)), draw(st.sampled_from(["SIM1", "SIM1", "SIM2"]))
            outcome = self._outcome(call, status, sim, long=draw(st.booleans()))
            self.tell(Answered(call.exchange, outcome))

    def _leave_unanswered(self, draw: Any) -> None:
        if self.calls:
            call = self.calls.pop(draw(st.sampled_from(sorted(self.calls))))
            self.tell(Answered(call.exchange, draw(st.sampled_from(NO_ANSWER))))

    def _go_well(self, draw: Any) -> None:
        """Every request gets the answer that it asks for, and the radio takes what it has."""
        for exchange in sorted(self.calls):
            call = self.calls.pop(exchange)
            self.tell(Answered(exchange, self._outcome(call, 200, long=draw(st.booleans()))))
        for submit_id in sorted(self.radio):
            self._result(submit_id, "sent")

    def _outcome(self, call: Call, status: int, sim: str = "SIM1", *, long: bool = False) -> Outcome:
        path = call.request.path
        outcome: Outcome = Response(status)
        if path == "/v1/messages/outstanding" and status < 300:
            message_id = call.request.query.partition("=")[2]
            self.handed_out.add(message_id)
            outcome = outstanding(id=message_id, sim=sim, content="x" * (161 if long else 5))
        elif path == "/v1/phones/fcm-token" and status < 300:
            outcome = TOKEN_TAKEN
        elif path == "/v1/messages/receive" and _is_final(outcome):
            self.texts[json.loads(call.request.body)["content"]] = "ended"
        return outcome

    def _radio_tells(self, draw: Any) -> None:
        if self.radio:
            what = draw(st.sampled_from(["sent", "failed", "delivered", "delivered"]))
            self._result(draw(st.sampled_from(sorted(self.radio))), what)

    def _result(self, submit_id: str, what: str) -> None:
        """Of the last segment, once: taken or refused, then perhaps delivered."""
        last = len(self.radio[submit_id].segments) - 1
        kind = "delivered" if what == "delivered" else "answer"
        if (submit_id, kind) in self.told or (kind == "delivered" and (submit_id, "answer") not in self.told):
            return
        self.told |= {(submit_id, kind)} | ({(submit_id, "delivered")} if what == "failed" else set())
        if self._reports():
            event = {"sent": "SENT", "failed": "FAILED", "delivered": "DELIVERED"}[what]
            self.heard[submit_id.rpartition("/")[0], event] += 1
        results: dict[str, Any] = {
            "sent": SubmitAccepted(submit_id, last, 1),
            "failed": SubmitRejected(submit_id, last, 4),
            "delivered": StatusReport(submit_id, last, 1, 0),
        }
        self.tell(results[what])

    def _reports(self) -> bool:
        """The app hears a result and posts it."""
        first, second = self.phone.settings.sims
        return self.listens and (first.active or (second.active and bool(second.number)))

    def _let_time_come(self, draw: Any) -> None:
        if self.timers:
            self.timers.sort(key=lambda at: at.due_at)
            at = self.timers.pop(draw(st.integers(0, min(3, len(self.timers) - 1))))
            self.now = max(self.now, at.due_at)
            self.tell(at.event)

    def _let_time_pass(self, draw: Any) -> None:
        self.now += draw(st.sampled_from([SECOND, 30 * SECOND, 600 * SECOND, 86_400 * SECOND]))

    def _upset(self, draw: Any) -> None:
        self._happen(draw(st.sampled_from(UPSETS)))

    def _remedy(self, draw: Any) -> None:
        self._happen(draw(st.sampled_from(REMEDIES)))

    def _happen(self, event: Any) -> None:
        if not isinstance(event, LoseNetwork | LoseValidation | RegainNetwork | OpenApp):
            self.listens = False
        if isinstance(event, Boot | Reboot | PowerOffHandset):
            self.radio.clear()
        self.tell(event)

    def _make_well(self, draw: Any) -> None:
        life = self.phone.life
        if not life.powered:
            self._happen(Boot())
        if life.stopped:
            self._happen(OpenApp())
        if self.phone.device.network is not Network.VALIDATED:
            self._happen(RegainNetwork())

    def _switch(self, draw: Any) -> None:
        self.tell(SwitchSim(draw(SLOTS), draw(st.sampled_from(["active", "incoming"])), draw(MOSTLY)))

    def _beat(self, draw: Any) -> None:
        self.tell(SendHeartbeat())

    def _come_back_from_a_file(self, draw: Any) -> None:
        phone = a_phone()
        for name, table in phone.tables().items():
            for key in list(table):
                del table[key]
            for key, row in load(dump(rows(self.phone)[name])).items():
                table[key] = row
        phone.draws.position = self.phone.draws.position
        assert rows(phone) == rows(self.phone)
        self.phone = phone

    def _hurry_or_not(self, draw: Any) -> None:
        """What is due comes at once, or much else before it."""
        self.eager = not self.eager

    # -- what must be so -----------------------------------------------------------------------------------------

    @invariant()
    def no_text_is_lost(self) -> None:
        if not hasattr(self, "phone"):
            return
        waiting = {getattr(job.task, "content", None) for job in self.phone.jobs.values()}
        assert {content for content, state in self.texts.items() if state == "kept"} <= waiting

    @invariant()
    def nothing_is_reported_that_was_not_heard(self) -> None:
        for key, stamps in self.posted.items():
            assert len(stamps) <= self.heard[key], key

    @invariant()
    def the_pool_is_in_order(self) -> None:
        if not hasattr(self, "phone"):
            return
        phone = self.phone
        running = {(job.number, job.attempts) for job in phone.jobs.values() if job.state is State.RUNNING}
        workers = {(thread.job, thread.attempt) for thread in phone.threads.values() if thread.job}
        assert running <= workers
        assert len(workers) <= phone.build.threads
        if not phone.life.process:
            assert not phone.threads
            assert not phone.ready
        assert len(phone.pending(self.now)) >= len(phone.jobs)

    def teardown(self) -> None:
        """Once all is well again, everything that was kept arrives, and everything that was heard is posted."""
        if not hasattr(self, "phone"):
            return
        self._make_well(None)
        for _ in range(2000):
            if self.calls:
                call = self.calls.pop(next(iter(self.calls)))
                fetched = call.request.path == "/v1/messages/outstanding"
                self.tell(Answered(call.exchange, self._outcome(call, 404 if fetched else 200)))
            elif due := sorted((at for at in self.timers if not self._is_heartbeat(at)), key=lambda at: at.due_at):
                self.timers.remove(due[0])
                self.now = max(self.now, due[0].due_at)
                self.tell(due[0].event)
            else:
                break
        else:
            raise AssertionError("it never ends")
        assert [job for job in self.phone.jobs.values() if not job.period] == []
        assert "kept" not in self.texts.values()
        assert {key: len(stamps) for key, stamps in self.posted.items()} == dict(self.heard)

    def _is_heartbeat(self, at: At) -> bool:
        return getattr(at.event, "job", None) == self.phone.facts.get("heartbeat")


TestPhoneInTheWorld = PhoneInTheWorld.TestCase
TestPhoneInTheWorld.settings = hypothesis_settings(stateful_step_count=80)
