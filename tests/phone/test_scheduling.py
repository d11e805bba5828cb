"""Threads, the pool of jobs, the network and the process: when what was asked for happens."""

from __future__ import annotations

from typing import Any

import pytest

from harness.core import At, Tell
from harness.delays import Fixed, Uniform
from harness.http.values import Answered, Call, Closed, Outcome, Response, TimedOut
from harness.instants import SECOND
from harness.phone import (
    Boot,
    Build,
    ForceStop,
    KillProcess,
    LoseNetwork,
    LoseValidation,
    OpenApp,
    PowerOffHandset,
    RegainNetwork,
    SendHeartbeat,
)
from harness.phone.events import JobDue
from harness.phone.scheduling import IdleDue, JobTooLong, Unreachable
from harness.phone.work import RUN_MAX, State
from harness.profile import OemProfile
from harness.radio import SubmitAccepted, TextReceived
from harness.wire.fcm import MESSAGE_ID, PushReceived
from tests.phone.kit import (
    BOB,
    ID,
    NOW,
    OK,
    PUSH,
    SERVER_ERROR,
    a_phone,
    answer,
    call_in,
    due_in,
    kinds_in,
    outstanding,
    requests_in,
    rows,
    submitted,
    tell,
    told_in,
)


def _push(number: int) -> PushReceived:
    return PushReceived("", ((MESSAGE_ID, f"m{number}"),))


def _running(phone: Any) -> list[int]:
    return [job.number for job in phone.jobs.values() if job.state is State.RUNNING]


# -- answers -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "headers", "again"),
    [
        (302, (("Location", "/elsewhere"),), ("GET", "/elsewhere")),
        (307, (("Location", "http://files.test/x"),), ("POST", "/x")),
        (408, (), ("POST", "/v1/messages/receive")),
        (503, (("Retry-After", "0"),), ("POST", "/v1/messages/receive")),
        (503, (), None),
        (302, (), None),
    ],
)
def test_okhttp_follows_up_by_itself_and_on_the_same_client(status: int, headers: Any, again: Any) -> None:
    phone = a_phone()
    asked = tell(phone, TextReceived(BOB, "hi"))
    after = answer(phone, asked, Response(status, headers))
    calls = [command for command in after if isinstance(command, Call)]
    assert [(call.request.method, call.request.path) for call in calls] == ([again] if again else [])
    assert {call.client for call in calls} <= {call_in(asked).client}
    if again:
        assert kinds_in(answer(phone, after, OK)) == ["text forwarded"]


def test_the_twenty_first_follow_up_is_an_error() -> None:
    phone = a_phone()
    commands = tell(phone, TextReceived(BOB, "hi"))
    for _ in range(20):
        commands = answer(phone, commands, Response(307, (("Location", "/again"),)))
    ended = answer(phone, commands, Response(307, (("Location", "/again"),)))
    assert kinds_in(ended) == ["job retried"]


def test_every_request_has_a_client_of_its_own() -> None:
    phone = a_phone()
    clients = [call_in(tell(phone, event)).client for event in (PUSH, SendHeartbeat(), TextReceived(BOB, "hi"))]
    assert len(set(clients)) == 3
    assert all(client.startswith("phone:phone:alice#") for client in clients)


# -- jobs ----------------------------------------------------------------------------------------------------


def test_a_job_goes_out_under_the_key_that_is_stored_when_it_runs() -> None:
    phone = a_phone()
    (_, job) = phone.handle(PUSH, NOW)
    assert isinstance(job, At)
    phone._change_settings(api_key="pk_two")
    assert call_in(tell(phone, job.event)).request.header("x-api-key") == "pk_two"


def test_a_refused_report_is_tried_again_for_ever_with_the_same_bytes() -> None:
    phone = a_phone()
    submit = submitted(phone)
    asked = tell(phone, SubmitAccepted(submit.id, 0, 1))
    first = call_in(asked).request
    at, waits = NOW, []
    for _ in range(12):
        _, again = answer(phone, asked, SERVER_ERROR, at)
        assert isinstance(again, At)
        waits.append((again.due_at - at) // SECOND)
        at = again.due_at
        asked = tell(phone, again.event, at)
        assert call_in(asked).request == first
    assert waits == [30, 60, 120, 240, 480, 960, 1920, 3840, 7680, 15360, 18000, 18000]


def test_a_job_does_not_run_before_its_time_or_after_its_end() -> None:
    phone = a_phone()
    asked = tell(phone, TextReceived(BOB, "hi"))
    _, again = answer(phone, asked, SERVER_ERROR)
    assert isinstance(again, At)
    assert tell(phone, again.event, again.due_at - 1) == []
    answer(phone, tell(phone, again.event, again.due_at), OK, again.due_at)
    assert tell(phone, again.event, again.due_at) == []


@pytest.mark.parametrize(("cores", "threads"), [(1, 2), (4, 3), (8, 4)])
def test_no_more_jobs_run_at_once_than_there_are_threads(cores: int, threads: int) -> None:
    phone = a_phone(build=Build(oem=OemProfile(cpu_cores=cores)))
    calls = [command for number in range(9) for command in tell(phone, _push(number)) if isinstance(command, Call)]
    assert len(calls) == threads
    seen = {call.request.query for call in calls}
    while calls:
        more = tell(phone, Answered(calls.pop(0).exchange, Response(404)))
        fresh = [command for command in more if isinstance(command, Call)]
        assert len(fresh) <= 1
        calls += fresh
        seen |= {call.request.query for call in fresh}
        assert len(_running(phone)) == len(calls) <= threads
    assert len(seen) == 9
    assert not phone.jobs
    assert not phone.ready


def test_a_heartbeat_by_push_needs_no_thread_of_the_pool() -> None:
    phone = a_phone(build=Build(oem=OemProfile(cpu_cores=1)))
    for number in range(5):
        tell(phone, _push(number))
    assert requests_in(tell(phone, SendHeartbeat()))


def test_a_dead_process_is_started_for_twenty_jobs_only_and_then_looks_after_two_hundred() -> None:
    phone = a_phone(build=Build(oem=OemProfile(cpu_cores=1)))
    phone.handle(LoseNetwork(), NOW)
    numbers = []
    for number in range(230):
        numbers += [due.event.job for due in due_in(phone.handle(_push(number), NOW), JobDue)]
    assert numbers == []  # the push service has them: there is no network
    dues = [
        due for at in phone.handle(RegainNetwork(), NOW) if isinstance(at, At) for due in phone.handle(at.event, NOW)
    ]
    jobs = [due.event.job for due in dues if isinstance(due, At)]
    assert len(jobs) == 100  # no more than that is kept
    for number in range(130):
        tell(phone, _push(1000 + number), NOW)
    phone.handle(KillProcess(), NOW)
    order = list(phone.jobs)
    assert phone.handle(JobDue(order[20]), NOW) == []
    woken = phone.handle(JobDue(order[19]), NOW + 60 * SECOND)
    assert {due.event.job for due in due_in(woken, JobDue)} >= set(order[20:200])
    assert phone.handle(JobDue(order[200]), NOW + 60 * SECOND) == []


def test_a_job_may_be_let_run_late() -> None:
    phone = a_phone(build=Build(oem=OemProfile(job_delay=Uniform(SECOND, 2 * SECOND))))
    (_, due) = phone.handle(PUSH, NOW)
    assert isinstance(due, At)
    assert NOW + SECOND <= due.due_at <= NOW + 2 * SECOND


def test_a_push_for_a_message_may_come_late_and_one_for_a_heartbeat_does_not() -> None:
    phone = a_phone(build=Build(oem=OemProfile(push_delay=Uniform(SECOND, 2 * SECOND))))
    (late,) = phone.handle(PUSH, NOW)
    assert isinstance(late, At)
    assert kinds_in(tell(phone, late.event, late.due_at)) == ["pushed"]
    assert kinds_in(tell(phone, PushReceived("", (("KEY_HEARTBEAT_ID", ""),)))) == ["heartbeat asked for", "heartbeat"]


# -- the network ---------------------------------------------------------------------------------------------


def test_without_a_validated_network_no_job_runs_and_requests_beside_them_do() -> None:
    phone = a_phone()
    tell(phone, LoseValidation())
    assert requests_in(tell(phone, TextReceived(BOB, "hi"))) == []
    assert requests_in(tell(phone, SendHeartbeat()))
    assert [request.path for request in requests_in(tell(phone, RegainNetwork()))] == ["/v1/messages/receive"]


def test_without_a_network_a_request_fails_at_once() -> None:
    phone = a_phone()
    tell(phone, OpenApp())
    tell(phone, LoseNetwork())
    (_, failed) = phone.handle(SendHeartbeat(), NOW)
    assert isinstance(failed, At)
    assert isinstance(failed.event, Unreachable)
    (toast,) = tell(phone, failed.event)
    assert toast.facts["text"] == "ConnectException"  # type: ignore[union-attr]


def _in_flight(event: Any, seed: int) -> tuple[Any, list[Any]]:
    phone = a_phone()
    phone.draws = phone.draws.stream(str(seed))
    return phone, tell(phone, event)


def test_a_job_whose_network_is_lost_is_stopped_or_dies_of_it() -> None:
    """Whichever comes first (§7): a report is lost in the one case only."""
    ends = set()
    for seed in range(20):
        phone = a_phone()
        phone.draws = phone.draws.stream(str(seed))
        submit = submitted(phone)
        tell(phone, SubmitAccepted(submit.id, 0, 1))
        kinds = kinds_in(tell(phone, LoseNetwork()))
        ends.add((tuple(kinds), len(phone.jobs)))
        assert not phone.threads
    assert ends == {(("network", "report lost"), 0), (("network", "job stopped", "report lost"), 1)}


def test_a_received_text_is_kept_through_every_loss_of_network() -> None:
    for seed in range(10):
        phone, _ = _in_flight(TextReceived(BOB, "hi"), seed)
        tell(phone, LoseNetwork())
        assert len(phone.jobs) == 1
        again = tell(phone, RegainNetwork(), NOW + 60 * SECOND)
        assert [request.path for request in requests_in(again)] == ["/v1/messages/receive"]


def test_a_stopped_job_waits_from_when_it_was_enqueued() -> None:
    phone = a_phone()
    tell(phone, TextReceived(BOB, "hi"))
    tell(phone, LoseValidation(), NOW + 10 * SECOND)
    (due,) = due_in(tell(phone, RegainNetwork(), NOW + 20 * SECOND), JobDue)
    assert due.due_at == NOW + 30 * SECOND


def test_what_a_stopped_worker_still_does_happens_and_what_it_returns_is_thrown_away() -> None:
    phone = a_phone()
    asked = tell(phone, PUSH)
    assert "job stopped" in kinds_in(tell(phone, LoseValidation()))
    submit = told_in(answer(phone, asked, outstanding()))
    assert len(submit) == 1  # the text goes out
    (job,) = phone.jobs.values()  # and the job is there all the same
    assert (job.state, job.attempts) == (State.ENQUEUED, 1)
    again = tell(phone, RegainNetwork(), NOW + 60 * SECOND)
    assert [request.path for request in requests_in(again)] == ["/v1/messages/outstanding"]


def test_a_stopped_worker_holds_its_thread() -> None:
    phone = a_phone(build=Build(oem=OemProfile(cpu_cores=1)))
    calls = [command for number in range(2) for command in tell(phone, _push(number)) if isinstance(command, Call)]
    tell(phone, LoseValidation())
    assert requests_in(tell(phone, RegainNetwork(), NOW + 60 * SECOND)) == []
    assert requests_in(tell(phone, Answered(calls[0].exchange, Response(404)), NOW + 60 * SECOND))


def test_after_ten_minutes_a_job_is_stopped() -> None:
    phone = a_phone()
    downloads = answer(phone, tell(phone, PUSH), outstanding(attachments=["http://files.test/1.png"]))
    (limit,) = due_in(downloads, JobTooLong)
    assert limit.due_at == NOW + RUN_MAX
    assert kinds_in(tell(phone, limit.event, limit.due_at))[0] == "job stopped"
    assert tell(phone, limit.event, limit.due_at) == []


def test_the_push_service_keeps_what_comes_while_the_handset_is_not_there() -> None:
    phone = a_phone()
    for away, back in ((LoseNetwork(), RegainNetwork()), (PowerOffHandset(), Boot())):
        tell(phone, away)
        assert tell(phone, PUSH) == []
        assert "pushed" in kinds_in(tell(phone, back))


def test_the_push_service_is_told_when_a_handset_that_listens_goes_and_comes() -> None:
    phone = a_phone()
    phone.facts["listens"] = True
    for event, kinds in (
        (LoseNetwork(), ["StreamClosed"]),
        (LoseValidation(), ["StreamOpened"]),
        (RegainNetwork(), []),
    ):
        told = [command.event for command in tell(phone, event) if isinstance(command, Tell)]
        assert [type(item).__name__ for item in told] == kinds


# -- the process ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", [OK, SERVER_ERROR, TimedOut("read"), Closed(sent_all=True)])
def test_nobody_hears_the_answer_to_a_dead_process(outcome: Outcome) -> None:
    phone = a_phone()
    asked = tell(phone, TextReceived(BOB, "hi"))
    tell(phone, KillProcess())
    before = rows(phone)
    assert answer(phone, asked, outcome) == []
    assert rows(phone) == before


def test_what_ran_when_the_process_died_runs_again_from_its_start() -> None:
    phone = a_phone()
    asked = tell(phone, PUSH)
    (due,) = due_in(tell(phone, KillProcess()), JobDue)
    assert not phone.life.process
    again = tell(phone, due.event, due.due_at)
    assert [request.path for request in requests_in(again)] == ["/v1/messages/outstanding"]
    assert call_in(again).exchange != call_in(asked).exchange
    assert phone.life.process == 2


def test_what_waited_for_a_thread_when_the_process_died_has_its_turn() -> None:
    phone = a_phone(build=Build(oem=OemProfile(cpu_cores=1)))
    for number in range(3):
        tell(phone, _push(number))
    (waiting,) = phone.ready
    dues = due_in(phone.handle(KillProcess(), NOW), JobDue)
    assert {due.event.job for due in dues} == set(phone.jobs)
    (its,) = [due for due in dues if due.event.job == waiting]
    assert its.due_at == NOW
    assert requests_in(tell(phone, its.event))


def test_what_a_stopped_worker_returns_does_not_end_the_run_after_it() -> None:
    phone = a_phone()
    first = tell(phone, TextReceived(BOB, "hi"))
    tell(phone, LoseValidation())
    second = tell(phone, RegainNetwork(), NOW + 60 * SECOND)
    answer(phone, first, Response(400), NOW + 60 * SECOND)
    assert _running(phone) == list(phone.jobs)
    assert kinds_in(answer(phone, second, OK, NOW + 60 * SECOND)) == ["text forwarded"]
    assert not phone.jobs


def test_an_idle_process_in_the_background_is_killed() -> None:
    phone = a_phone(build=Build(oem=OemProfile(killed_in_background_after=Fixed(5 * SECOND))))
    (idle,) = due_in(phone.handle(PUSH, NOW), IdleDue)
    tell(phone, JobDue(phone.jobs.nth(0).number))  # type: ignore[union-attr]
    (later,) = tell(phone, idle.event, idle.due_at)
    assert isinstance(later, At)  # it is busy
    answer_to = next(iter(phone.threads))
    tell(phone, Answered(answer_to, Response(404)), idle.due_at)
    assert kinds_in(tell(phone, later.event, later.due_at)) == ["process died"]
    assert tell(phone, later.event, later.due_at) == []


def test_a_killed_or_stopped_phone_that_did_nothing_does_nothing() -> None:
    phone = a_phone()
    assert tell(phone, KillProcess()) == []
    assert kinds_in(tell(phone, ForceStop())) == ["force-stopped"]
    assert kinds_in(tell(phone, OpenApp()))[0] == "service started"


def test_too_much_data_is_lost_where_it_came_in() -> None:
    phone = a_phone()
    lost = tell(phone, TextReceived(BOB, "x" * 11_000))
    assert kinds_in(lost) == ["text received", "text dropped"]
    assert kinds_in(tell(phone, PushReceived("", ((MESSAGE_ID, "x" * 11_000),)))) == ["pushed", "fetch failed"]
    assert not phone.jobs
    assert ID
