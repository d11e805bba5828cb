"""What a phone waits for, in words."""

from __future__ import annotations

from typing import Any

import pytest

from harness.http.values import Answered, Response
from harness.instants import SECOND
from harness.phone import (
    Build,
    ForceStop,
    LogIn,
    LoseNetwork,
    LoseValidation,
    NewRegistrationToken,
    PowerOffHandset,
    RegainNetwork,
    SendHeartbeat,
)
from harness.phone.work import PERIOD
from harness.profile import OemProfile
from harness.radio import DeliverReceived, SubmitAccepted, TextReceived
from harness.sms import deliver_tpdus
from harness.wire.fcm import MESSAGE_ID, Listening, PushReceived
from tests.phone.kit import (
    BOB,
    ID,
    LOGGED_OUT,
    NOW,
    PUSH,
    SERVER_ERROR,
    a_phone,
    answer,
    opened,
    submitted,
    tell,
)


def _waits(phone: Any, now: int = NOW) -> list[tuple[str, str]]:
    return [(item.what, item.waits_for) for item in phone.pending(now)]


def test_a_phone_that_does_nothing_waits_for_nothing() -> None:
    assert a_phone().pending(NOW) == ()


def test_a_job_waits_for_its_answer_then_for_its_backoff() -> None:
    phone = a_phone()
    asked = tell(phone, TextReceived(BOB, "hi"))
    what = f"forward a message from {BOB}, attempt 1"
    assert _waits(phone) == [(what, "the answer to POST http://api.internal/v1/messages/receive")]
    answer(phone, asked, SERVER_ERROR)
    (item,) = phone.pending(NOW)
    assert (item.what, item.waits_for, item.until_at) == (what, "the end of its backoff", NOW + 30 * SECOND)
    assert _waits(phone, NOW + 30 * SECOND) == [(what, "the scheduler")]


@pytest.mark.parametrize(
    ("event", "waits_for"),
    [
        (PowerOffHandset(), "the handset to be switched on"),
        (ForceStop(), "the app to be opened"),
        (LoseNetwork(), "a validated network"),
        (LoseValidation(), "a validated network"),
    ],
)
def test_a_job_waits_for_what_keeps_it(event: Any, waits_for: str) -> None:
    phone = opened()
    tell(phone, event)
    assert _waits(phone) == [("heartbeat", waits_for)]


def test_a_periodic_job_waits_for_its_period() -> None:
    (item,) = opened().pending(NOW)
    assert (item.what, item.waits_for, item.until_at) == ("heartbeat", "its next period", NOW + PERIOD)


def test_a_job_waits_for_a_thread() -> None:
    phone = a_phone(build=Build(oem=OemProfile(cpu_cores=1)))
    for number in range(3):
        tell(phone, PushReceived("", ((MESSAGE_ID, f"m{number}"),)))
    items = phone.pending(NOW)
    assert [item.message for item in items] == ["m0", "m1", "m2"]
    assert items[2].waits_for == "a free thread"


def test_a_job_far_behind_waits_for_a_place_in_the_scheduler() -> None:
    phone = a_phone(build=Build(oem=OemProfile(cpu_cores=1)))
    for number in range(201):
        tell(phone, PushReceived("", ((MESSAGE_ID, f"m{number}"),)))
    assert phone.pending(NOW)[-1].waits_for == "a place in the scheduler"


def test_requests_beside_the_jobs_are_there_too() -> None:
    phone = a_phone()
    tell(phone, SendHeartbeat())
    tell(phone, NewRegistrationToken("two"))
    assert [what for what, _ in _waits(phone)] == ["heartbeat", "upload of the token for SIM1"]


def test_a_login_waits_for_the_push_service_then_for_the_server() -> None:
    phone = a_phone(LOGGED_OUT)
    tell(phone, LogIn("pk_two"))
    assert _waits(phone) == [("login", "the push service")]
    tell(phone, Listening("fcm-token-one"))
    assert _waits(phone) == [("login", "the answer to PUT http://api.internal/v1/phones/fcm-token")]


def test_a_stopped_worker_that_goes_on_is_told_beside_its_job() -> None:
    phone = a_phone()
    tell(phone, PUSH)
    tell(phone, LoseValidation())
    assert [what for what, _ in _waits(phone)] == ["fetch and send, attempt 1", "fetch and send, stopped"]
    tell(phone, RegainNetwork())
    tell(phone, Answered(next(iter(phone.threads)), Response(404)))
    assert [what for what, _ in _waits(phone)] == ["fetch and send, attempt 1"]


def test_a_message_on_the_radio_waits_for_it_and_then_for_a_report() -> None:
    phone = a_phone()
    submit = submitted(phone)
    (item,) = phone.pending(NOW)
    assert (item.message, item.waits_for) == (ID, "the radio, or a human whom Android asks")
    answer(phone, tell(phone, SubmitAccepted(submit.id, 0, 1)), Response(200))
    assert [item.waits_for for item in phone.pending(NOW)] == ["a status report"]


def test_a_text_waits_for_its_segments() -> None:
    phone = a_phone()
    tell(phone, DeliverReceived(deliver_tpdus(BOB, "y" * 400, NOW, 7)[0]))
    assert _waits(phone) == [(f"text from {BOB}, 1 of 3 segments", "the other segments")]
