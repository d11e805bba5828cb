"""Requests on threads, jobs on WorkManager, and the process under both."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from harness.core import At, Command, Record, Tell
from harness.delays import sample
from harness.frozen import frozen
from harness.http.values import Answered, Call, Closed, ConnectFailed, Reads, Request, Response
from harness.instants import Instant
from harness.okhttp import follow_up
from harness.phone.base import NO_REQUEST, Base, Sentry, emptied
from harness.phone.device import Network
from harness.phone.events import JobDue
from harness.phone.jobs import READS, Ended, Task, is_too_big, lost, message_of
from harness.phone.threads import Beat, LoginUpload, Thread, TokenUpload
from harness.phone.work import RUN_MAX, SCHEDULED_MAX, TRACKED_MAX, Happening, Job, State
from harness.wire.fcm import StreamClosed, StreamOpened
from harness.wire.java import Threw

__all__ = ["HELD_MAX", "IdleDue", "JobTooLong", "Scheduling", "Unreachable"]


HELD_MAX = 100
"""How many pushes the push service keeps for a handset that is not there."""


# A member of an enumeration costs a function call each time it is named; these are named some ten times a message.
_ENQUEUED, _RUNNING = State.ENQUEUED, State.RUNNING
_NONE, _VALIDATED = Network.NONE, Network.VALIDATED


@frozen
class Unreachable:
    """A request found no network."""

    exchange: str


@frozen
class IdleDue:
    """Time to look whether the process idles, so that Android may kill it."""

    process: int


@frozen
class JobTooLong:
    """A job has run for as long as Android lets it."""

    job: int
    attempt: int


def _reads(thread: Thread) -> Reads:
    """Of which answers the app reads the body."""
    if thread.download is not None:
        return Reads.SUCCESSES
    if isinstance(thread.purpose, TokenUpload | LoginUpload):
        return Reads.ALL
    return Reads.FAILURES if isinstance(thread.purpose, Beat) else READS[type(thread.purpose)]


class Scheduling(Base):
    """Above it: what a job does when it begins (`_begin`), and what an answer means (`_ended`)."""

    def _begin(self, job: Job, now: Instant) -> list[Command]:
        raise NotImplementedError

    def _ended(self, thread: Thread, outcome: Ended, now: Instant) -> list[Command]:
        raise NotImplementedError

    # -- threads -------------------------------------------------------------------------------------------------

    def _client(self) -> str:
        """A new okhttp instance, as the app makes one for each of its service objects (phone-behaviour.md §2.1)."""
        return f"phone:{self.name}#{self._next()}"

    def _call(self, thread: Thread, exchange: str, now: Instant) -> Command:
        """The thread's request goes out; without a network it fails at once."""
        self.threads[exchange] = thread
        if self.facts["device"].network is _NONE:
            return At(now, Unreachable(exchange))
        return Call(exchange, thread.client, thread.request, reads=_reads(thread))

    def _work(self, job: Job, request: Request, now: Instant) -> list[Command]:
        """A job's first request, in a client of its own."""
        thread = Thread(job.task, self._client(), request, job.number, job.attempts)
        return [self._call(thread, f"job-{job.number}-{job.attempts}", now)]

    def _answered(self, event: Answered, now: Instant) -> list[Command]:
        """The thread may be gone with its process: then nobody hears the answer."""
        exchange, outcome = event.exchange, event.outcome
        thread = self.threads.drop(exchange)
        if thread is None:
            return []
        ended: Ended = outcome
        if type(outcome) is Response and outcome.status >= 300:
            again = follow_up(thread.request, outcome, thread.previous)
            if isinstance(again, Request):
                answers = (*thread.previous, replace(outcome, body=b""))  # okhttp closes it unread
                name = f"{exchange.partition('+')[0]}+{len(answers)}"
                return [self._call(thread._replace(request=again, previous=answers), name, now)]
            ended = outcome if again is None else again
        return self._ended(thread, ended, now)

    def _unreachable(self, event: Unreachable, now: Instant) -> list[Command]:
        return self._answered(Answered(event.exchange, ConnectFailed("unreachable")), now)

    # -- jobs ----------------------------------------------------------------------------------------------------

    def _enqueue(self, task: Task, now: Instant) -> list[Command]:
        """WorkManager throws for too much input; whatever it was about is lost then."""
        if is_too_big(task):
            return lost(task, {"outcome": "too much data for a job"})
        return [self._at(self.jobs.enqueue(self._next(), task, now), now)]

    def _at(self, job: Job, now: Instant) -> Command:
        due_at = job.not_before_at
        if due_at < now:
            due_at = now
        build = self.facts["build"]
        if build.holds_jobs:
            due_at = build.oem.job_at(due_at, self._unused_since(), self.draws)
        return At(due_at, JobDue(job.number))

    def _job_due(self, event: JobDue, now: Instant) -> list[Command]:
        """Starts a job if it may run now. If not, whatever is in its way makes it due again when it is gone."""
        job = self.jobs.get(event.job)
        if job is None or job.state is not _ENQUEUED or job.not_before_at > now:
            return []
        facts = self.facts
        life = facts["life"]
        if life.stopped or not life.powered or facts["device"].network is not _VALIDATED:
            return []
        limit = TRACKED_MAX if life.process else SCHEDULED_MAX
        if len(self.jobs) > limit and not self.jobs.is_among(event.job, limit):
            return []
        commands = [] if life.process else self._start_process(now)
        if self.threads and self._busy() >= facts["build"].threads:
            self.ready[event.job] = now
            return commands
        if self.ready:
            self.ready.drop(event.job)
        begun = self._begin(self.jobs.start(job), now)
        return [*commands, *begun] if commands else begun

    def _busy(self) -> int:
        """Threads of the pool that are taken, also by what was stopped and goes on all the same."""
        return sum([thread.job > 0 for thread in self.threads.values()])

    def _finish(
        self, number: int, attempt: int, happening: Happening, now: Instant, threw: Threw | None = None
    ) -> list[Command]:
        """The worker has returned. What it says counts only if the job was not stopped meanwhile."""
        job = self.jobs.get(number)
        commands: list[Command] = []
        if job is not None and job.state is _RUNNING and job.attempts == attempt:
            row = self.jobs.end(job, happening, now)
            if row is not None:
                commands.append(self._at(row, now))
        if self.ready:
            commands.append(self._next_ready(now))
        if len(self.jobs) >= TRACKED_MAX:
            tracked = self.jobs.nth(TRACKED_MAX - 1)
            commands += [] if tracked is None else [self._at(tracked, now)]
        return commands

    def _next_ready(self, now: Instant) -> Command:
        """Any of those that wait for a thread: there is no order among them (§7)."""
        waiting = list(self.ready)
        number = waiting[self.draws.between(0, len(waiting) - 1)]
        del self.ready[number]
        return At(now, JobDue(number))

    def _cannot_ask(self, job: Job, threw: Threw, now: Instant) -> list[Command]:
        """The worker dies of an exception before it makes a request: the job is lost, whatever it was."""
        finished = self._finish(job.number, job.attempts, Happening.THREW, now, threw)
        return [*lost(job.task, NO_REQUEST), *finished]

    def _runs(self, thread: Thread) -> Job | None:
        """The job that the thread works for, unless it was stopped."""
        job = self.jobs.get(thread.job)
        if job is None or job.attempts != thread.attempt:
            return None
        return job if job.state is _RUNNING else None

    def _stop(self, job: Job, now: Instant) -> list[Command]:
        """Its row goes back, its thread goes on: what that still does happens, what it returns is thrown away (§7)."""
        row = self.jobs.end(job, Happening.STOPPED, now)
        stopped = Record("phone", "job stopped", message_of(job.task))
        return [stopped] if row is None else [stopped, self._at(row, now)]

    def _stop_all(self, now: Instant) -> list[Command]:
        running = [job for job in self.jobs.values() if job.state is _RUNNING]
        return [command for job in running for command in self._stop(job, now)]

    def _too_long(self, event: JobTooLong, now: Instant) -> list[Command]:
        job = self.jobs.get(event.job)
        is_it = job is not None and job.state is _RUNNING and job.attempts == event.attempt
        return self._stop(job, now) if job is not None and is_it else []

    def _limit(self, thread: Thread, now: Instant) -> Command:
        """Only a worker with several requests can take ten minutes: a single one gives up after ten seconds."""
        return At(now + RUN_MAX, JobTooLong(thread.job, thread.attempt))

    def _all_due(self, now: Instant) -> list[Command]:
        """Everything that waits has its chance again."""
        return [self._at(job, now) for job in self.jobs.values() if job.state is _ENQUEUED]

    # -- network -------------------------------------------------------------------------------------------------

    def _lose_network(self, now: Instant) -> list[Command]:
        """For each running job a draw decides what comes first: that it is stopped, or that its socket breaks (§7)."""
        self._change_device(network=_NONE)
        commands: list[Command] = [Record("phone", "network", None, {"network": "none"})]
        for exchange in list(self.threads):
            thread = self.threads.drop(exchange)
            if thread is None:
                continue
            job = self._runs(thread)
            if job is not None and self.draws.getrandbits(1):
                commands += self._stop(job, now)
            commands += self._ended(thread, Closed(sent_all=True), now)
        return commands + self._close_stream()

    def _lose_validation(self, now: Instant) -> list[Command]:
        """Requests go on, but no job may run."""
        was_away = self.device.network is _NONE
        self._change_device(network=Network.CONNECTED)
        commands = [Record("phone", "network", None, {"network": "connected"}), *self._stop_all(now)]
        return commands + self._open_stream(now) if was_away else commands

    def _regain_network(self, now: Instant) -> list[Command]:
        was_away = self.device.network is _NONE
        self._change_device(network=_VALIDATED)
        commands: list[Command] = [Record("phone", "network", None, {"network": "validated"})]
        return [*commands, *(self._open_stream(now) if was_away else []), *self._all_due(now)]

    def _hold(self, event: Any) -> list[Command]:
        """What the push service has for a handset that is not there; it keeps a hundred of them."""
        self.facts["held"] = (*self.facts.get("held", ()), event)[-HELD_MAX:]
        return []

    def _release(self, now: Instant) -> list[Command]:
        life = self.life
        if life.stopped or not life.powered or self.device.network is _NONE:
            return []
        return [At(now, event) for event in self.facts.drop("held") or ()]

    def _open_stream(self, now: Instant) -> list[Command]:
        """The push service is told that this handset can be reached again; if it ever was."""
        token = self.settings.registration_token
        released = self._release(now)
        if not self.facts.get("listens") or not self.life.powered or self.device.network is _NONE or not token:
            return released
        return [Tell("push", StreamOpened(token, self.name)), *released]

    def _close_stream(self) -> list[Command]:
        token = self.settings.registration_token
        return [Tell("push", StreamClosed(token, self.name))] if self.facts.get("listens") and token else []

    # -- the process ---------------------------------------------------------------------------------------------

    def _start_process(self, now: Instant) -> list[Command]:
        """What wakes the app makes it a process; WorkManager then looks after more jobs than the system did."""
        number: int = self.facts["processes"] + 1
        self.facts["processes"] = number
        self._change_life(process=number, receivers=False)
        build = self.build
        if build.app.sentry_headers:
            self.facts["sentry"] = Sentry(
                self.draws.randbytes(16).hex(), self.draws.randbytes(8).hex(), f"{self.draws.random():.16f}"
            )
        commands: list[Command] = []
        if len(self.jobs) > SCHEDULED_MAX:
            tracked = list(self.jobs.values())[SCHEDULED_MAX:TRACKED_MAX]
            commands += [self._at(job, now) for job in tracked if job.state is _ENQUEUED]
        return commands + self._idle_later(IdleDue(number), now)

    def _idle_later(self, event: IdleDue, now: Instant) -> list[Command]:
        after = self.build.oem.killed_in_background_after
        return [] if after is None else [At(now + sample(after, self.draws), event)]

    def _idle(self, event: IdleDue, now: Instant) -> list[Command]:
        if event.process != self.life.process:
            return []
        return self._idle_later(event, now) if self.threads else self._kill(now)

    def _kill(self, now: Instant) -> list[Command]:
        if not self.life.process:
            return []
        return [Record("phone", "process died"), *self._die(now)]

    def _die(self, now: Instant) -> list[Command]:
        """Threads and receivers are gone. What was running is a job again, from its start."""
        running = [job for job in self.jobs.values() if job.state is _RUNNING]
        waiting = [self.jobs[number] for number in self.ready if number in self.jobs]
        emptied(self.threads)
        emptied(self.ready)
        self.facts.drop("login")
        self._change_life(process=0, receivers=False)
        reset = [self.jobs.end(job, Happening.DIED, now) for job in running]
        return [self._at(job, now) for job in (*reset, *waiting) if job is not None]
