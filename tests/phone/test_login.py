"""The rules of the login screen."""

from __future__ import annotations

import phonenumbers
import pytest

from harness.http.values import ConnectFailed, Request, Response, TimedOut
from harness.phone.jobs import Ended
from harness.phone.login import (
    CANNOT_LOGIN,
    KEY_REFUSED,
    Complaint,
    checked_number,
    request_complaint,
    upload_complaint,
    url_complaint,
)
from harness.wire.java import Threw
from tests.phone.kit import ALICE, TOKEN_TAKEN

REQUEST = Request("PUT", "https", "gateway.test", b"/v1/phones/fcm-token")


@pytest.mark.parametrize(
    ("typed", "country", "number"),
    [
        (ALICE, "US", ALICE),
        ("18005550199", "US", ALICE),
        ("8005550199", "US", ALICE),
        ("(800) 555-0199", "US", None),
        ("+1 (800) 555-0199", "US", ALICE),
        ("12345", "US", None),
        ("+12", "US", None),
        ("", "US", None),
        ("none", "US", None),
        ("030 123456", "DE", "+4930123456"),
    ],
)
def test_a_number_is_international_or_of_the_networks_country(typed: str, country: str, number: str | None) -> None:
    assert checked_number(typed, country) == number


def test_every_number_that_a_story_has_by_itself_is_valid_for_the_library() -> None:
    texts = [f"+1800555{number:04}" for number in range(10_000)]
    assert all(phonenumbers.is_valid_number(phonenumbers.parse(text)) for text in texts)
    assert checked_number(texts[0], "DE") == texts[0]


@pytest.mark.parametrize(
    ("url", "https_only", "text"),
    [
        ("https://h", True, None),
        ("HTTPS://h", True, None),
        ("http://h", False, None),
        ("http://h", True, "Server URL [http://h] must be HTTPS"),
        ("h", False, "Server URL [h] is invalid"),
        ("", False, "Server URL [] is invalid"),
    ],
)
def test_a_server_url_begins_as_one(url: str, https_only: bool, text: str | None) -> None:
    complaint = url_complaint(url, https_only=https_only)
    assert complaint == (None if text is None else Complaint("server_url", text))


@pytest.mark.parametrize(
    ("threw", "text"),
    [
        (Threw("java.net.URISyntaxException", "odd"), "Server URL [u] is invalid"),
        (Threw("java.lang.IllegalArgumentException", "odd"), "An unexpected error occurred: odd"),
    ],
)
def test_a_request_that_cannot_be_made_is_shown_at_the_url(threw: Threw, text: str) -> None:
    assert request_complaint("u", threw) == Complaint("server_url", text)


@pytest.mark.parametrize(
    ("outcome", "complaint"),
    [
        (TOKEN_TAKEN, None),
        (Response(401), Complaint("api_key", KEY_REFUSED)),
        (Response(422), Complaint("server_url", CANNOT_LOGIN)),
        (Response(302), Complaint("server_url", CANNOT_LOGIN)),
        (TimedOut("read"), Complaint("server_url", "timeout")),
        (ConnectFailed("refused"), Complaint("server_url", "Failed to connect to gateway.test/<address>:443")),
        (
            Response(200, (), b"<html>"),
            Complaint("server_url", "Unexpected character at position 0: '<' (ASCII: 60)'"),
        ),
    ],
)
def test_what_the_screen_shows_of_an_answer(outcome: Ended, complaint: Complaint | None) -> None:
    assert upload_complaint(REQUEST, outcome) == complaint


def test_an_exception_without_a_message_is_a_success() -> None:
    """Of a null at the top of the answer the app dies without a word."""
    assert upload_complaint(REQUEST, Response(200, (), b"null ")) is None
