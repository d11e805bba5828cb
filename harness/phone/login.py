"""The rules of the login screen: what may be typed, and what an answer to the token's upload means (§1.3)."""

from __future__ import annotations

import re
from functools import lru_cache

from harness.frozen import frozen
from harness.http.values import Request, Response
from harness.phone.jobs import Ended
from harness.phone.threads import trouble
from harness.wire.app import read_token_answer
from harness.wire.java import Threw

__all__ = [
    "CANNOT_LOGIN", "KEY_REFUSED", "NOT_E164", "NO_TOKEN", "Complaint", "checked_number", "request_complaint",
    "upload_complaint", "url_complaint",
]  # fmt: skip

NO_TOKEN = "Cannot find FCM token. Make sure you have Google Play Services installed"
NOT_E164 = "Enter an international phone number in the E.164 format"
KEY_REFUSED = "Cannot validate the API key. Check if it is correct and try again."
CANNOT_LOGIN = "Cannot login to the server, Make sure the phone number is in international format e.g +18005550100"


@frozen
class Complaint:
    """Where the login screen shows what: `field` is api_key, phone_sim1, phone_sim2, server_url or toast."""

    field: str
    text: str


# Numbers that stories have by themselves; all of them are valid for the library (the tests ask it).
_TOLL_FREE = re.compile(r"\+1800555[0-9]{4}", re.ASCII)


@lru_cache(maxsize=1024)
def checked_number(text: str, country: str) -> str | None:
    """The number in E.164; None for one that the app does not take.

    What is eleven characters long counts as international, with or without its plus.
    """
    if not text:
        return None
    if len(text) >= 11 and not text.startswith("+"):
        text = f"+{text}"
    if _TOLL_FREE.fullmatch(text):
        return text
    # It takes longer to load than most stories run.
    import phonenumbers

    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


# Android's own test of a URL looks at how it begins.
_VALID = re.compile(r"(?i)(?:https?://|file:|about:|javascript:|content:|asset:)")


def url_complaint(url: str, *, https_only: bool) -> Complaint | None:
    if not _VALID.match(url):
        return Complaint("server_url", f"Server URL [{url}] is invalid")
    if https_only and not url.lower().startswith("https://"):
        return Complaint("server_url", f"Server URL [{url}] must be HTTPS")
    return None


def request_complaint(url: str, threw: Threw) -> Complaint:
    """No request can be made of what was typed."""
    if threw.simple_name == "URISyntaxException":
        return Complaint("server_url", f"Server URL [{url}] is invalid")
    return Complaint("server_url", f"An unexpected error occurred: {threw.text}")


def upload_complaint(request: Request, outcome: Ended) -> Complaint | None:
    """What the screen shows about the answer to an upload; None: it was a success.

    An exception without a message counts as one too.
    """
    try:
        if not isinstance(outcome, Response):
            raise trouble(request, outcome)
        if outcome.status == 401:
            return Complaint("api_key", KEY_REFUSED)
        if not 200 <= outcome.status < 300:
            return Complaint("server_url", CANNOT_LOGIN)
        read_token_answer(outcome)
    except Threw as threw:
        return None if threw.text is None else Complaint("server_url", threw.text)
    return None
