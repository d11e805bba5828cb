"""Asking an account, and what an answer that is none comes to."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from harness.errors import HarnessError, KeyRefused, NotHttpSms, ServerMisbehaved, ServerUnreachable, UsageError
from harness.http.values import ConnectFailed, Response, TimedOut
from harness.targets.account import trust_of
from tests.targets.fakes import account_of

ME = "GET /v1/users/me"


def test_a_list_is_read_to_its_end() -> None:
    rows = [{"id": f"{number}", "phone_number": f"+{number}"} for number in range(230)]
    account, answers = account_of(**{"GET /v1/phones": rows})
    assert len(asyncio.run(account.phones())) == 230
    assert answers.asked == [f"GET /v1/phones?limit=100&skip={skip}" for skip in (0, 100, 200)]


@pytest.mark.parametrize(
    ("answer", "error", "part"),
    [
        (401, KeyRefused, "--user-key"),
        (404, NotHttpSms, "is the URL right?"),
        ({"id": 7}, NotHttpSms, "GET /v1/users/me answers 200"),
        (Response(200, (), b"<html>"), NotHttpSms, "is the URL right?"),
        (ConnectFailed("refused", "no"), ServerUnreachable, "no connection: nothing listens there; is the server run"),
        (ConnectFailed("unreachable", "No route to host"), ServerUnreachable, "no connection (unreachable: No route"),
        (503, ServerMisbehaved, "503"),
        (ConnectFailed("tls", "self-signed"), ServerUnreachable, "--ca-file"),
        (ConnectFailed("tls", "[SSL: WRONG_VERSION_NUMBER]"), ServerUnreachable, "write http://"),
        (TimedOut("total"), ServerUnreachable, "in time"),
    ],
)
def test_who_answers_otherwise_is_told_as_what_it_is(answer: Any, error: type[HarnessError], part: str) -> None:
    account, _ = account_of(**{ME: answer})
    with pytest.raises(error) as caught:
        asyncio.run(account.user())
    assert part in str(caught.value)
    assert "uk_one" not in str(caught.value)


@pytest.mark.parametrize(("status", "error"), [(401, KeyRefused), (500, ServerMisbehaved)])
def test_what_must_succeed_and_does_not_is_an_error(status: int, error: type[HarnessError]) -> None:
    account, _ = account_of(**{"GET /v1/phones": status})
    with pytest.raises(error):
        asyncio.run(account.phones())


@pytest.mark.parametrize(
    ("answer", "why"),
    [(204, None), (404, None), (500, "it answers 500"), (TimedOut("total"), "no answer in time (total)")],
)
def test_what_is_gone_needs_no_removal(answer: Any, why: str | None) -> None:
    account, _ = account_of(**{"DELETE /v1/phones/p": answer})
    assert asyncio.run(account.remove("/v1/phones/p")) == why


def test_threads_of_the_archive_count_too() -> None:
    account, answers = account_of(**{"GET /v1/message-threads": [{"id": "t"}]})
    assert asyncio.run(account.threads("+18005550100")) == ["t", "t"]
    assert ["is_archived=true" in asked for asked in answers.asked] == [False, True]


def test_a_file_without_certificates_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_text("nothing")
    with pytest.raises(UsageError, match="PEM"):
        trust_of(file, insecure=False)
    assert trust_of(None, insecure=True)().check_hostname is False
