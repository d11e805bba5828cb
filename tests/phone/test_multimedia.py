"""Outgoing MMS: downloads, what stays in the cache, what is handed over."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness.core import Tell
from harness.http.values import BodyBroken, ConnectFailed, Outcome, Response
from harness.mms import parse_send
from harness.phone import Build, Device, KillProcess, Settings
from harness.phone.multimedia import ATTACHMENT_MAX, FILES_MAX
from harness.phone.outgoing import DOWNLOAD_FAILED, MMS_FAILED, NO_PERMISSION
from harness.profile import AppProfile
from harness.radio import MmsResult, SubmitMms
from tests.phone.kit import (
    BOB,
    ID,
    PUSH,
    TWO_CARDS,
    TWO_SIMS,
    a_phone,
    answer,
    call_in,
    kinds_in,
    outstanding,
    tell,
    told_in,
)

URL = "http://files.test/photo.png"
PNG = (("Content-Type", "image/png"),)
FILE = Response(200, PNG, b"picture")


def _asked(phone: Any, *urls: str, **changes: Any) -> list[Any]:
    """A message with these attachments has been fetched."""
    return answer(phone, tell(phone, PUSH), outstanding(attachments=list(urls), **changes))


def _reason(commands: Any) -> Any:
    return json.loads(call_in(commands).request.body)["reason"]


def test_attachments_are_fetched_one_after_the_other_by_one_client_without_a_key() -> None:
    phone = a_phone()
    first = call_in(_asked(phone, URL, "http://files.test/2.pdf?x=1"))
    second = call_in(answer(phone, [first], FILE))
    assert (first.request.path, second.request.path) == ("/photo.png", "/2.pdf")
    assert first.client == second.client
    assert first.request.header("x-api-key") is None
    assert first.request.header("X-Client-Version") is None
    (submit,) = told_in(answer(phone, [second], FILE))
    assert isinstance(submit, SubmitMms)
    sent = parse_send(submit.pdu)
    assert sent is not None
    assert [(part.name, part.data) for part in sent.parts] == [
        ("text", b"hello"), ("0_photo.png", b"picture"), ("1_2.pdf", b"picture"),
    ]  # fmt: skip
    assert sent.to == (BOB,)
    assert submit.to == BOB
    assert not phone.files
    assert not phone.jobs


def test_an_mms_result_is_reported_and_there_is_no_delivery() -> None:
    phone = a_phone()
    (submit,) = told_in(answer(phone, _asked(phone, URL), FILE))
    assert kinds_in(tell(phone, MmsResult(submit.id, -1))) == ["sent"]
    assert not phone.submissions
    (submit,) = told_in(answer(phone, _asked(phone, URL), FILE))
    assert kinds_in(tell(phone, MmsResult(submit.id, 5))) == ["failed"]


@pytest.mark.parametrize(
    ("outcome", "stays"),
    [
        (Response(404, PNG), False),
        (ConnectFailed("refused"), False),
        (Response(200, (*PNG, ("Content-Length", str(ATTACHMENT_MAX + 1))), b""), False),
        (Response(200, PNG, bytes(ATTACHMENT_MAX + 1)), True),
        (Response(200, (), b"x"), True),
        (Response(200, (("Content-Type", "nonsense"),), b"x"), True),
        (BodyBroken(Response(200, PNG), b"x"), True),
    ],
)
def test_a_download_that_fails_fails_the_message_and_may_leave_its_file(outcome: Outcome, stays: bool) -> None:
    phone = a_phone()
    second = answer(phone, _asked(phone, URL, URL), FILE)
    assert _reason(answer(phone, second, outcome)) == DOWNLOAD_FAILED
    assert list(phone.files) == ([f"mms_{ID}_1"] if stays else [])


def test_a_file_of_exactly_the_limit_is_sent() -> None:
    phone = a_phone()
    (submit,) = told_in(answer(phone, _asked(phone, URL), Response(200, PNG, bytes(ATTACHMENT_MAX))))
    assert len(submit.pdu) > ATTACHMENT_MAX


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://files.test/1.png", "Expected URL scheme 'http' or 'https' but was 'ftp'"),
        ("/rel/path.png", "Expected URL scheme 'http' or 'https' but no scheme was found for /rel/p..."),
        ("", "Expected URL scheme 'http' or 'https' but no scheme was found for "),
    ],
)
def test_a_url_that_is_none_is_reported_in_okhttps_words(url: str, reason: str) -> None:
    assert _reason(_asked(a_phone(), url)) == reason


@pytest.mark.parametrize(
    ("device", "runtime", "changes", "reason"),
    [
        (Device(), "android", {"contact": ""}, "length=0; index=0"),
        (Device(), "jvm", {"contact": ""}, "Index 0 out of bounds for length 0"),
        (Device(denied=("SEND_SMS",)), "android", {}, NO_PERMISSION),
        (Device(throws=("java.lang.Error", "odd")), "android", {}, "odd"),
        (Device(throws=("java.lang.Error", None)), "android", {}, MMS_FAILED),
        (Device((), None), "android", {}, "UNKNOWN:32"),
    ],
)
def test_what_fails_after_the_downloads_is_reported(device: Device, runtime: Any, changes: Any, reason: str) -> None:
    phone = a_phone(device=device, build=Build(AppProfile(runtime=runtime)))
    assert _reason(answer(phone, _asked(phone, URL, **changes), FILE)) == reason
    assert not phone.files


def test_a_message_without_a_text_has_no_part_for_it() -> None:
    (submit,) = told_in(answer(phone := a_phone(), _asked(phone, URL, content=""), FILE))
    sent = parse_send(submit.pdu)
    assert sent is not None
    assert [part.name for part in sent.parts] == ["0_photo.png"]


def test_files_of_a_dead_process_stay_and_the_cache_is_bounded() -> None:
    phone = a_phone()
    answer(phone, _asked(phone, URL, URL), FILE)
    tell(phone, KillProcess())
    assert list(phone.files) == [f"mms_{ID}_0"]
    for number in range(FILES_MAX + 9):
        phone._keep(str(number), b"")
    assert len(phone.files) == FILES_MAX


def test_the_second_card_has_a_radio_of_its_own() -> None:
    phone = a_phone(Settings(TWO_SIMS, api_key="k"), TWO_CARDS)
    commands = answer(phone, _asked(phone, URL, sim="SIM2"), FILE)
    assert [(item.port, item.event.subscription_id) for item in commands if isinstance(item, Tell)] == [("radio2", 2)]
