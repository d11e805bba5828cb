"""What the app writes and reads. Whole conversations are compared in tests/phone/test_recorded.py."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.http.render import request_bytes
from harness.http.values import Response
from harness.okhttp import prepare
from harness.wire.app import (
    Access,
    access,
    attachment_request,
    body_text,
    event_request,
    fetch_request,
    heartbeat_request,
    is_media_type,
    is_token_answer,
    missed_call_request,
    read_outstanding,
    receive_request,
    token_request,
)
from harness.wire.java import Threw
from tests.phone.kit import ALICE, BOB, ID, NOW, message, outstanding

HERE = access("http://api.internal", "pk_one", "5dab6f8")
TEXTS = st.text(max_size=60)


# -- where requests go ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("server_url", "url"),
    [
        ("https://h", "https://h/v1/messages/outstanding?message_id=x"),
        ("HTTPS://h", "https://h/v1/messages/outstanding?message_id=x"),
        ("https://h:8443/a/b", "https://h:8443/a/b/v1/messages/outstanding?message_id=x"),
        ("https://h/sms", "https://h/sms/v1/messages/outstanding?message_id=x"),
        ("https://h/", "https://v1/messages/outstanding?message_id=x"),
        ("https://h/sms/", "https://h/sms/v1/messages/outstanding?message_id=x"),
        ("https://h/a?q=1", "https://h/a/v1/messages/outstanding?message_id=x"),
        ("https://h/a#f", "https://h/a/v1/messages/outstanding?message_id=x"),
        ("https://u:p@h", "https://h/v1/messages/outstanding?message_id=x"),
        ("http://[::1]:8000", "http://[::1]:8000/v1/messages/outstanding?message_id=x"),
    ],
)
def test_a_path_is_joined_to_the_server_url_as_the_app_joins_it(server_url: str, url: str) -> None:
    assert fetch_request(access(server_url, "", ""), "x").url == url


@pytest.mark.parametrize(
    ("server_url", "api_key"),
    [
        ("https://h/a b", "pk"),
        ("https://h/a%20b", "pk"),
        ("https://h/\u00a0", "pk"),
        ("ftp://h", "pk"),
        ("h", "pk"),
        ("", "pk"),
        ("https://", "pk"),
        ("https://[", "pk"),
        ("https://h", "k\u00e9"),
        ("https://h", "a\x01b"),
        ("https://h", "a\nb"),
    ],
)
def test_from_some_urls_and_keys_no_request_can_be_made(server_url: str, api_key: str) -> None:
    with pytest.raises(ValueError) as raised:
        fetch_request(access(server_url, api_key, ""), "x")
    assert not api_key or api_key not in str(raised.value)


@given(st.text(max_size=30), st.text(max_size=9), st.text(st.characters(), max_size=9))
def test_whatever_is_stored_gives_a_request_or_a_value_error(server_url: str, api_key: str, name: str) -> None:
    for url in (server_url, "https://h" + server_url):
        with contextlib.suppress(ValueError):
            request_bytes(fetch_request(access(url, api_key, ""), name))


@pytest.mark.parametrize(
    ("message_id", "query"),
    [
        (ID, ID),
        ("a&b=c+d%20e#f", "a&b=c+d%20e"),
        ("msg.1", "msg.1"),
        ("", ""),
        ("\u00e9", "%C3%A9"),
        ("a b", None),
        ('a"b', None),
        ("a%2", None),
        ("a|b", None),
        ("\ud800", None),
    ],
)
def test_an_id_goes_into_the_url_as_it_is_or_not_at_all(message_id: str, query: str | None) -> None:
    if query is None:
        with pytest.raises(Threw):
            fetch_request(HERE, message_id)
    else:
        assert fetch_request(HERE, message_id).query == f"message_id={query}"


def test_an_access_does_not_show_its_key() -> None:
    assert "pk_one" not in repr(HERE)


REQUESTS = (
    fetch_request(HERE, ID),
    event_request(HERE, ID, "FAILED", 'a "reason"', NOW),
    heartbeat_request(HERE, [ALICE], True),
    token_request(HERE, "token", ALICE, "SIM1"),
    receive_request(HERE, BOB, ALICE, "hello", "SIM1", encrypted=False, at=NOW),
)


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request: request.path)
def test_a_request_is_whole_as_it_goes_out(request_: Any) -> None:
    assert prepare(request_) == request_


# -- bodies --------------------------------------------------------------------------------------------------


def _event_body(reason: str | None) -> str:
    return event_request(HERE, ID, "FAILED", reason, NOW).body.decode()


def test_a_body_is_a_text_of_lines() -> None:
    lines = ["{", '  "event_name": "FAILED",', '  "reason": null,',
             '  "timestamp": "2026-07-23T05:10:10.123000000Z"', "}"]  # fmt: skip
    assert _event_body(None) == "\n".join(lines)


@pytest.mark.parametrize(
    ("reason", "cut"),
    [("one\ntwo", 0), ("one\n  two", 2), ("one\r\n two", 1), ("one\n" + 20 * " " + "two", 12), ("one\n\n    two", 4)],
)
def test_a_reason_of_several_lines_stands_in_the_indentation_of_the_source(reason: str, cut: int) -> None:
    first, second, *_, last = _event_body(reason).split("\n")
    assert (first, last) == (" " * (12 - cut) + "{", " " * (12 - cut) + "}")
    assert second.startswith(" " * (14 - cut) + '"event_name"')


@given(st.text(st.characters(), max_size=40))
def test_a_reason_goes_in_without_escapes(reason: str) -> None:
    body = _event_body(reason)
    if not {"\n", "\r"} & set(reason):
        assert f'"reason": "{reason.encode("utf-8", "replace").decode()}",\n' in body
    assert "\r" not in body


@given(TEXTS, TEXTS)
def test_the_body_of_a_received_text_is_json_and_loses_nothing(content: str, sender: str) -> None:
    request = receive_request(HERE, sender, ALICE, content, "SIM2", encrypted=True, at=NOW)
    body = json.loads(request.body)
    assert body == {
        "attachments": None, "content": content, "encrypted": True, "from": sender, "sim": "SIM2",
        "timestamp": "2026-07-23T05:10:10.123000000Z", "to": ALICE,
    }  # fmt: skip
    assert list(body) == sorted(body)


@pytest.mark.parametrize(
    ("content", "quoted"),
    [
        ('"\\/', '"\\"\\\\/"'),
        ("\n\r\t\b\f\x00", '"\\n\\r\\t\\b\\f\\u0000"'),
        ("\x7e\x7f\x9f\xa0", '"~\\u007f\\u009f\xa0"'),
        ("\u1fff\u2000\u20ac\u20ff\u2100", '"\u1fff\\u2000\\u20ac\\u20ff\u2100"'),
        ("\U0001f600", '"\U0001f600"'),
    ],
)
def test_the_serializer_escapes_controls_and_general_punctuation(content: str, quoted: str) -> None:
    body = receive_request(HERE, BOB, ALICE, content, "SIM1", encrypted=False, at=NOW).body.decode()
    assert f'"content" : {quoted}, ' in body


# -- answers -------------------------------------------------------------------------------------------------

NEEDED = sorted(message().keys() - {"attachments"})
NULLABLE = ("failure_reason", "last_attempted_at", "received_at", "send_time", "sent_at")


def _answer(data: Any, **top: Any) -> Response:
    return Response(200, (), json.dumps({"data": data, "message": "m", "status": "s", **top}).encode())


def test_a_message_is_read_with_what_the_app_takes_from_it() -> None:
    read = read_outstanding(outstanding(attachments=["http://files.test/1.png"], unknown={}))
    assert (read.id, read.contact, read.content, read.sim) == (ID, BOB, "hello", "SIM1")
    assert (read.encrypted, read.attachments) == (False, ("http://files.test/1.png",))


@pytest.mark.parametrize("key", NEEDED)
def test_every_key_must_be_there_and_most_not_null(key: str) -> None:
    data = message()
    del data[key]
    with pytest.raises(ValueError):
        read_outstanding(_answer(data))
    if key in NULLABLE:
        assert read_outstanding(_answer({**data, key: None})).id == ID
    else:
        with pytest.raises(ValueError):
            read_outstanding(_answer({**data, key: None}))


@pytest.mark.parametrize(
    "changes",
    [{"send_time": 1.5}, {"send_time": "1"}, {"send_time": True}, {"send_time": 1 << 63}, {"encrypted": "false"},
     {"encrypted": 0}, {"content": 7}, {"sent_at": 7}, {"attachments": "x"}, {"attachments": [1]}],
)  # fmt: skip
def test_a_value_of_another_type_is_fatal(changes: Any) -> None:
    with pytest.raises(ValueError):
        read_outstanding(outstanding(**changes))


@pytest.mark.parametrize("changes", [{"send_time": (1 << 63) - 1}, {"send_time": 7}, {"attachments": []}])
def test_other_values_are_as_good(changes: Any) -> None:
    assert read_outstanding(outstanding(**changes)).id == ID


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b"[]", b"null", b'{"data": null}', b"[" * 100_000, b"\xff"])
def test_what_is_no_answer_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError):
        read_outstanding(Response(200, (), body))


@pytest.mark.parametrize("name", ["message", "status"])
def test_the_text_around_the_data_must_be_there(name: str) -> None:
    for answer in (_answer(message(), **{name: None}), _answer({"id": "1", "user_id": "u"}, **{name: 7})):
        with pytest.raises(ValueError):
            read_outstanding(answer)
        assert not is_token_answer(answer)


@pytest.mark.parametrize(
    ("data", "understood"),
    [({"id": "1", "user_id": "u"}, True), ({"id": "1"}, False), ({"id": 1, "user_id": "u"}, False), (None, False),
     ([], False)],
)  # fmt: skip
def test_a_token_answer_needs_an_id_and_a_user(data: Any, understood: bool) -> None:
    assert is_token_answer(_answer(data)) is understood


@pytest.mark.parametrize(
    ("kind", "body", "text"),
    [
        (None, "h\u00e9".encode(), "h\u00e9"),
        ("application/json", "h\u00e9".encode(), "h\u00e9"),
        ("application/json; charset=ISO-8859-1", b"h\xe9", "h\u00e9"),
        ('application/json;charset="iso-8859-1"', b"h\xe9", "h\u00e9"),
        ("application/json; charset=iso-8859-1", b"\xef\xbb\xbfh\xc3\xa9", "h\u00e9"),
        ("application/json", b"\xff\xfeh\x00", "h"),
        ("application/json", b"\xfe\xff\x00h", "h"),
        ("application/json", b"\xff\xfe\x00\x00h\x00\x00\x00", "h"),
        ("application/json; charset=nonsense", "h\u00e9".encode(), "h\u00e9"),
        *(
            (f"application/json; charset={odd}", b"\\x41", "\\x41")
            for odd in ("unicode_escape", "zlib", "utf-7", "x" * 99)
        ),
        ("application/json; charset=utf-16", b"\x00h", "h"),
        ("application/json", b"h\xff", "h\ufffd"),
    ],
)
def test_a_body_is_read_in_its_charset(kind: str | None, body: bytes, text: str) -> None:
    headers = () if kind is None else (("Content-Type", kind),)
    assert body_text(Response(200, headers, body)) == text


@given(st.binary(max_size=30), st.text(max_size=20))
def test_every_body_has_a_text(body: bytes, charset: str) -> None:
    assert isinstance(body_text(Response(200, (("Content-Type", f"x; charset={charset}"),), body)), str)


def test_where_a_request_goes_is_a_value() -> None:
    assert access("http://api.internal", "pk_one", "5dab6f8") == HERE
    assert isinstance(HERE, Access)


def test_the_jdk_keeps_doubled_slashes() -> None:
    for server_url, path in (("http://h/sms/", "/sms//v1/x"), ("http://h//a", "/v1/x")):
        jdk = access(server_url, "", "", collapses=False)
        assert event_request(jdk, "m", "SENT", None, NOW).path.endswith("/v1/messages/m/events")
        assert fetch_request(jdk, "x").path.startswith(path.removesuffix("x"))


@pytest.mark.parametrize(
    ("server_url", "api_key", "text"),
    [
        ("http://h/a b", "", "Illegal character in path at index 10: http://h/a b"),
        ("h", "", "URI is not absolute"),
        ("ftp://h", "", "Expected URL scheme 'http' or 'https' but was 'ftp'"),
        ("http://h", "a\x01b", "Unexpected char 0x01 at 1 in x-api-key value: a\x01b"),
    ],
)
def test_what_the_app_dies_of_has_javas_words(server_url: str, api_key: str, text: str) -> None:
    with pytest.raises(Threw) as raised:
        access(server_url, api_key, "")
    assert raised.value.text == text


def test_blanks_around_a_key_are_not_sent() -> None:
    assert access("http://h", " k ", "").head[0] == ("x-api-key", "k")


# -- calls and attachments -----------------------------------------------------------------------------------


def test_a_missed_call_is_interpolated_too() -> None:
    request = missed_call_request(HERE, "SIM1", '"', ALICE, NOW)
    assert request.path == "/v1/messages/calls/missed"
    assert b'"from": """,\n' in request.body


def test_attachments_stand_in_front_of_the_content() -> None:
    request = receive_request(
        HERE, BOB, ALICE, "hi", "SIM1", encrypted=False, at=NOW, attachments=[("QQ==", "image/png", 'a"b')]
    )
    assert request.body.startswith(
        b'{"attachments" : [{"content" : "QQ==", "content_type" : "image/png", "name" : "a\\"b"}], "content" : "hi"'
    )
    none = receive_request(HERE, BOB, ALICE, "hi", "SIM1", encrypted=False, at=NOW, attachments=[])
    assert none.body.startswith(b'{"attachments" : [], ')


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("http://files.test/1.png?x=/y", "http://files.test/1.png?x=/y"),
        (" https://files.test:8443 ", "https://files.test:8443/"),
        ("WS://files.test/1.png", "http://files.test/1.png"),
        ("wss://files.test/1.png", "https://files.test/1.png"),
        ("http://u:p@files.test/1.png", "http://files.test/1.png"),
        ("http:/files.test/1.png", "http://files.test/1.png"),
        ("http://[::1]/1.png", "http://[::1]/1.png"),
    ],
)
def test_an_attachment_is_asked_for_without_key_and_version(url: str, wanted: str) -> None:
    request = attachment_request(url, (("sentry-trace", "t"),))
    assert request.url == wanted
    names = [name for name, _ in request.headers]
    assert names == ["sentry-trace", "Host", "Connection", "Accept-Encoding", "User-Agent"]


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("ftp://files.test/1.png", "Expected URL scheme 'http' or 'https' but was 'ftp'"),
        ("/rel/path.png", "Expected URL scheme 'http' or 'https' but no scheme was found for /rel/p..."),
        ("a.png", "Expected URL scheme 'http' or 'https' but no scheme was found for a.png"),
        ("http://a b/1.png", 'Invalid URL host: "a b"'),
        ("http://", 'Invalid URL host: ""'),
        ("http://h:99999/1.png", 'Invalid URL port: "99999"'),
        ("http://h:x/1.png", 'Invalid URL port: "x"'),
    ],
)
def test_a_malformed_attachment_url_is_told_in_okhttps_words(url: str, text: str) -> None:
    with pytest.raises(Threw) as raised:
        attachment_request(url)
    assert raised.value.text == text


@given(st.text(max_size=40), st.sampled_from(["", "http:", "http://", "https://h", "ws://h:"]))
def test_every_attachment_url_gives_a_request_or_okhttps_words(text: str, start: str) -> None:
    with contextlib.suppress(Threw):
        attachment_request(start + text)


@pytest.mark.parametrize(
    ("text", "known"),
    [("image/png", True), ("text/plain; charset=utf-8", True), ('a/b;c="d e"', True), ("a/b;", True), ("image", False),
     ("", False), (None, False), ("a b/c", False), ("a/b; c", False)],
)  # fmt: skip
def test_a_media_type_is_one_for_okhttp(text: str | None, known: bool) -> None:
    assert is_media_type(text) is known
