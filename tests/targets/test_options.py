"""What a target is made of."""

from __future__ import annotations

from typing import Any

import pytest

from harness.errors import UsageError
from harness.targets.options import TargetOptions, access_of, callback_base, is_near, place_of


def test_no_key_is_shown() -> None:
    assert "secret" not in repr(TargetOptions("server", user_key="secret", control_token="secret"))


@pytest.mark.parametrize(
    "url",
    [None, "", "sms.example.com", "ftp://x", "http://", "http://x/v1", "http://u:p@x", "http://x?a=1", "http://x/#a"],
)
def test_what_is_no_url_of_a_server_is_refused(url: str | None) -> None:
    with pytest.raises(UsageError):
        access_of(TargetOptions("server", server=url))


def test_the_account_is_where_the_url_says() -> None:
    access = access_of(TargetOptions("server", server="HTTPS://sms.example.com:8443/", user_key="uk"))
    assert (access.scheme, access.authority, access.api_key) == ("https", "sms.example.com:8443", "uk")


def test_the_address_is_written_in_one_way_so_that_the_guards_know_it() -> None:
    access = access_of(TargetOptions("server", server="HTTP://LOCALHOST:80/", user_key="uk"))
    assert (access.scheme, access.authority) == ("http", "localhost")


@pytest.mark.parametrize("secret", ["uk secret", "uk_secret\n", "uk_sécret", "\x00"])
def test_what_cannot_stand_in_a_header_is_refused_and_not_shown(secret: str) -> None:
    for given in ({"user_key": secret}, {"control_token": secret}):
        with pytest.raises(UsageError) as caught:
            access_of(TargetOptions("server", server="http://127.0.0.1", **given))
        assert secret not in str(caught.value)


@pytest.mark.parametrize(
    ("authority", "near"),
    [
        ("127.0.0.1:8000", True),
        ("localhost", True),
        ("[::1]:80", True),
        ("sms.example.com", False),
        ("10.0.0.7:80", False),
    ],
)
def test_a_server_on_this_machine_is_near(authority: str, near: bool) -> None:
    assert is_near(authority) is near


@pytest.mark.parametrize(
    ("text", "place"), [("0.0.0.0:9099", ("0.0.0.0", 9099)), ("[::1]:80", ("::1", 80)), (":80", ("", 80))]
)
def test_a_place_is_a_host_and_a_port(text: str, place: tuple[str, int]) -> None:
    assert place_of(text, "--listen") == place


@pytest.mark.parametrize("text", ["9099", "host", "host:", "host:x", "host:65536", "host:-1"])
def test_anything_else_is_no_place(text: str) -> None:
    with pytest.raises(UsageError, match="HOST:PORT"):
        place_of(text, "--listen")


@pytest.mark.parametrize(
    ("options", "host", "base"),
    [
        ({}, "127.0.0.1", "http://127.0.0.1:9"),
        ({"callback_url": "https://hooks.example.com/base/"}, "0.0.0.0", "https://hooks.example.com/base"),
    ],
)
def test_callbacks_go_where_the_server_reaches_us(options: dict[str, Any], host: str, base: str) -> None:
    assert callback_base(TargetOptions("server", **options), host, 9) == base


def test_a_place_that_is_everywhere_is_no_address_to_call() -> None:
    with pytest.raises(UsageError, match="--callback-url"):
        callback_base(TargetOptions("server"), "0.0.0.0", 9099)
