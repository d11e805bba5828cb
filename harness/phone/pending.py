"""What a phone waits for, in words: a look for whoever pauses it."""

from __future__ import annotations

from collections.abc import Iterator

from harness.frozen import frozen
from harness.instants import Instant
from harness.phone.base import Base, Login
from harness.phone.device import Network
from harness.phone.inbox import KEPT
from harness.phone.jobs import Job, message_of, title_of
from harness.phone.stages import Stage, Submission
from harness.phone.threads import Beat, LoginUpload, Thread, TokenUpload
from harness.phone.work import SCHEDULED_MAX, TRACKED_MAX, State

__all__ = ["Pending", "pending"]


@frozen
class Pending:
    """`what` is under way, for a `message` or none, and waits for something; `until_at`: no longer than that."""

    what: str
    message: str | None
    waits_for: str
    until_at: Instant | None = None


def pending(phone: Base, now: Instant) -> tuple[Pending, ...]:
    """Jobs first, in their order, then requests beside them, then what others have to do."""
    return (*_jobs(phone, now), *_threads(phone), *_login(phone), *_radio(phone), *_segments(phone))


def _jobs(phone: Base, now: Instant) -> Iterator[Pending]:
    answering = {(thread.job, thread.attempt): thread for thread in phone.threads.values() if thread.job}
    for place, job in enumerate(phone.jobs.values()):
        what = f"{title_of(job.task)}, attempt {job.attempts}" if job.attempts else title_of(job.task)
        if job.state is State.RUNNING:
            thread = answering.get((job.number, job.attempts))
            yield Pending(what, message_of(job.task), _answer_to(thread), None)
        else:
            waits_for, until_at = _obstacle(phone, job, place, now)
            yield Pending(what, message_of(job.task), waits_for, until_at)


def _obstacle(phone: Base, job: Job, place: int, now: Instant) -> tuple[str, Instant | None]:
    """What keeps an enqueued job from running; the first of several."""
    life, later = phone.life, job.not_before_at if job.not_before_at > now else None
    if not life.powered:
        return "the handset to be switched on", None
    if life.stopped:
        return "the app to be opened", None
    if phone.device.network is not Network.VALIDATED:
        return "a validated network", later
    if later is not None:
        return ("its next period" if job.period and not job.attempts else "the end of its backoff"), later
    if place >= (TRACKED_MAX if life.process else SCHEDULED_MAX):
        return "a place in the scheduler", None
    return ("a free thread", None) if job.number in phone.ready else ("the scheduler", None)


def _answer_to(thread: Thread | None) -> str:
    if thread is None:
        return "nothing"
    request = thread.request
    return f"the answer to {request.method} {request.scheme}://{request.authority}{request.path}"


def _threads(phone: Base) -> Iterator[Pending]:
    for thread in phone.threads.values():
        purpose = thread.purpose
        match purpose:
            case TokenUpload(sim):
                yield Pending(f"upload of the token for {sim}", None, _answer_to(thread))
            case Beat():
                yield Pending("heartbeat", None, _answer_to(thread))
            case LoginUpload():
                yield Pending("login", None, _answer_to(thread))
            case _:
                job = phone.jobs.get(thread.job)
                if job is None or job.state is not State.RUNNING or job.attempts != thread.attempt:
                    yield Pending(f"{title_of(purpose)}, stopped", message_of(purpose), _answer_to(thread))


def _login(phone: Base) -> Iterator[Pending]:
    login: Login | None = phone.facts.get("login")
    if login is not None and not login.slot:
        yield Pending("login", None, "the push service")


_WAITS = {
    Stage.SUBMITTED: "the radio, or a human whom Android asks",
    Stage.SENT: "a status report",
    Stage.REPORTED: "the radio",
}


def _radio(phone: Base) -> Iterator[Pending]:
    for submission in phone.submissions.values():
        yield Pending("message on the radio", _message(submission), _WAITS[submission.stage])


def _message(submission: Submission) -> str:
    return submission.heard[-1]


def _segments(phone: Base) -> Iterator[Pending]:
    for key, kept in phone.inbox.items():
        what = f"text from {key.split('/')[0]}, {len(kept.pdus)} of {key.split('/')[2]} segments"
        yield Pending(what, None, "the other segments", kept.first_at + KEPT)
