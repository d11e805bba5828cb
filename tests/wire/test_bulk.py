"""harness.wire.bulk: many messages at once, as JSON and as a file (gateway-protocol.md §2.5, §2.11)."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.conform.requests import xlsx
from harness.instants import MS, SECOND, parse_rfc3339, rfc3339
from harness.wire import bulk
from harness.wire.bodies import Body
from harness.wire.json import BadBody
from harness.wire.multipart import File
from harness.wire.server import Status
from tests.wire.books import DATE, SHORT_DATE, book, sheet

OWNER = "+18005550199"
CONTACT = "+18005550100"
NOW = parse_rfc3339("2026-11-20T10:00:00Z")
HEADER = "FromPhoneNumber,ToPhoneNumber,Content,SendTime(optional),AttachmentURLs(optional)\n"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

# -- as JSON -------------------------------------------------------------------------------------------------

SEND = {"from": OWNER, "to": [CONTACT], "content": "hi"}
E164 = "must be a valid E.164 phone number in the international format e.g +18005550100"


def _read(**fields: Any) -> bulk.BulkSend:
    return bulk.BulkSend.read(Body(json.dumps(SEND | fields).encode(), "application/json"))


def test_a_bulk_send_is_read_and_sanitised() -> None:
    given = {"from": "18005550199", "to": [" 18005550100 ", "12345"], "request_id": " r ", "attachments": [" ", " u "]}
    assert _read(**given, encrypted=True) == bulk.BulkSend(OWNER, (CONTACT, "12345"), "hi", ("u",), True, "r")
    assert _read(attachments=[""], request_id=" ") == bulk.BulkSend(OWNER, (CONTACT,), "hi", None, False, None)


@pytest.mark.parametrize(
    ("fields", "problems"),
    [
        ({}, {}),
        ({"to": [CONTACT] * 1001}, {"to": ["The to field must be maximum 1000 in size"]}),
        ({"to": [CONTACT] * 1000}, {}),
        ({"to": []}, {"to": ["The to field is required", "The to field must be minimum 1 in size"]}),
        (
            {"to": [CONTACT, "abc", ""]},
            {"to": ["The to field in index [1] must contain only digits and must be less than 14 characters"]},
        ),
        ({"from": "x"}, {"from": [f"The from field {E164}"]}),
        ({"content": "\u00e9" * 512}, {}),
        ({"content": "\u00e9" * 512 + "x"}, {"content": ["The content field must be maximum 1024 char"]}),
        ({"request_id": "r" * 1000}, {}),
        (
            {"attachments": ["https://a.b/c"] * 11},
            {"attachments": ["The attachments field must be maximum 10 in size"]},
        ),
    ],
)
def test_a_bulk_send_is_judged(fields: dict[str, Any], problems: dict[str, list[str]]) -> None:
    assert _read(**fields).problems() == problems


# -- as a file -----------------------------------------------------------------------------------------------


def _csv(*lines: str) -> File:
    return File("a.csv", "", (HEADER + "\n".join(lines)).encode())


def _records(file: File, timezone: str = "UTC") -> list[bulk.Record]:
    return bulk.read(file, timezone, NOW)


def _problems(file: File) -> list[str]:
    with pytest.raises(bulk.Refused) as caught:
        _records(file)
    return caught.value.problems


def test_a_line_of_a_file_is_sanitised() -> None:
    line = '18005550199, 18005550177 , hi ,2026-11-20 11:00:00," https://a.b/c, ,http://d"'
    at = NOW + 3600 * SECOND
    assert _records(_csv(line)) == [
        bulk.Record(OWNER, "+18005550177", "hi", "2026-11-20 11:00:00", ("https://a.b/c", "http://d"), at)
    ]


def test_a_sheet_has_its_columns_by_place_and_lines_without_a_sender_are_left_out() -> None:
    rows = [
        ["+1", "this is the header", "whatever it says"],
        [None, CONTACT, "no sender"],
        [" ", CONTACT, "blank sender"],
        [OWNER, CONTACT],
        [f" {OWNER} ", CONTACT, " hi ", " 2026-11-20T11:00:00.5+01:00 ", "http://d", "more"],
        [OWNER, CONTACT, "", None, ","],
    ]
    assert _records(File("a", XLSX, xlsx(rows))) == [
        bulk.Record(OWNER, CONTACT, "hi", "2026-11-20T10:00:00Z", ("http://d",), NOW),
        bulk.Record(OWNER, CONTACT, "", "", (), None),
    ]


def test_a_sheet_may_have_dates_and_numbers() -> None:
    row = f"<c><v>18005550199</v></c><c><v>18005550100</v></c><c><v>1.50</v></c><c s='{DATE}'><v>46346.5</v></c>"
    file = File("a.xlsx", "", book(sheet(f"<row/><row>{row}</row>")))
    at = NOW + 2 * 3600 * SECOND
    assert _records(file) == [bulk.Record(OWNER, CONTACT, "1.5", rfc3339(at), (), at)]


def test_a_date_is_no_time_when_its_format_shows_it_otherwise() -> None:
    row = f"<c><v>18005550199</v></c><c><v>18005550100</v></c><c><v>1</v></c><c s='{SHORT_DATE}'><v>46351.5</v></c>"
    (problem,) = _problems(File("a.xlsx", "", book(sheet(f"<row/><row>{row}</row>"))))
    assert problem.startswith("Row [2]: The SendTime [11/25/26] is not in the correct format")


@pytest.mark.parametrize(
    ("name", "content_type", "problem"),
    [
        ("a.csv", "", None),
        ("a", "text/csv", None),
        ("a.xlsx", "text/csv", None),
        ("a.csv", XLSX, None),
        ("a.xlsx", "", "Cannot parse the uploaded excel file with name [a.xlsx]."),
        ("a", XLSX, "Cannot parse the uploaded excel file with name [a]."),
        ("A.CSV", "", "The file [A.CSV] is not a valid CSV or Excel file."),
        ("a", "text/csv; charset=utf-8", "The file [a] is not a valid CSV or Excel file."),
        ("\udce4", "", "The file [\ufffd] is not a valid CSV or Excel file."),
    ],
)
def test_the_kind_of_a_file_is_told_by_its_type_or_name(name: str, content_type: str, problem: str | None) -> None:
    file = File(name, content_type, f"{HEADER}{OWNER},{CONTACT},hi,,\n".encode())
    if problem is None:
        assert len(_records(file)) == 1
    else:
        assert _problems(file) == [problem]


NO_RECORDS = (
    "The uploaded file doesn't contain any valid records. Make sure you are using the official httpSMS template."
)
GOOD = f"{OWNER},{CONTACT},hi,,"


@pytest.mark.parametrize(
    ("file", "problems"),
    [
        (File("a.csv", "", b""), [NO_RECORDS]),
        (_csv(), [NO_RECORDS]),
        (File("a.xlsx", "", xlsx([])), [NO_RECORDS]),
        (File("a.xlsx", "", xlsx([["a", "b", "c"]])), [NO_RECORDS]),
        (_csv(*[GOOD] * 1001), ["The uploaded file must contain less than 1000 records."]),
        (_csv(*["x,y,z,,"] * 1001), ["The uploaded file must contain less than 1000 records."]),
        (_csv(*[GOOD] * 1001, "x"), ["Cannot read the contents of the uploaded file [a.csv]."]),
        (
            File("a.xlsx", "", xlsx([[], [], [OWNER, CONTACT, "x", " soon "], [OWNER, CONTACT, "x", "later"]])),
            [
                "Row [3]: The SendTime [ soon ] is not in the correct format e.g [2006-01-02T15:04:05] where 2006 is "
                "the year, 01 is January, 02 is the second day of the month and the time is 15:04:05"
            ],
        ),
        (
            File("a.xlsx", "", xlsx([[], [], [OWNER, "x", "c"], ["y", CONTACT, "x"]])),
            [
                "Row [2]: The ToPhoneNumber [x] is not a valid E.164 phone number",
                "Row [3]: The FromPhoneNumber [y] is not a valid E.164 phone number",
            ],
        ),
        (
            _csv(f'{OWNER},{CONTACT},\u00e9{"x" * 1023},,"ftp://h,//h,h,http://\u00e9"', GOOD.replace("hi", "")),
            [
                "Row [2]: The attachment URL [ftp://h] must use http or https.",
                "Row [2]: The attachment URL [//h] has an invalid url format.",
                "Row [2]: The attachment URL [h] has an invalid url format.",
                "Row [2]: The message content must be less than 1024 characters.",
            ],
        ),
        (
            _csv(f'{OWNER},{CONTACT},x, soon ,"{",".join(["http://h"] * 11)}"'),
            [
                "Row [2]: You cannot attach more than 10 files per message.",
                "Row [2]: The SendTime [ soon ] is not a valid date format. Use RFC3339 (e.g. 2023-11-11T02:10:01Z) or "
                "YYYY-MM-DDTHH:MM:SS.",
            ],
        ),
        (
            _csv(f"{OWNER},{CONTACT},x,2026-12-08T00:00:01.5+02:00,"),
            [
                "Row [2]: The SendTime [2026-12-07T22:00:01Z] cannot be more than 20 days (420 hours) in the future.",
            ],
        ),
    ],
)
def test_a_file_that_cannot_be_sent_from_is_refused(file: File, problems: list[str]) -> None:
    assert _problems(file) == problems


def test_bytes_that_are_no_utf_8_are_kept_for_the_database_to_refuse() -> None:
    (record,) = _records(File("a.csv", "", (HEADER + GOOD).encode().replace(b"hi", b"\xe4")))
    assert record.content == "\udce4"


@pytest.mark.parametrize(
    ("text", "zone", "at"),
    [
        ("2026-11-20T10:00:00Z", "America/New_York", "2026-11-20T10:00:00Z"),
        ("2026-11-20T10:00:00.25+05:30", "UTC", "2026-11-20T04:30:00.25Z"),
        ("2026-11-20T10:00:00,5-01:00", "UTC", "2026-11-20T11:00:00.5Z"),
        ("2026-11-20T1:00:00Z", "UTC", "2026-11-20T01:00:00Z"),
        ("2026-11-20T10:00:00+24:60", "UTC", "2026-11-19T09:00:00Z"),
        ("2026-11-20T10:00:00", "UTC", "2026-11-20T10:00:00Z"),
        ("2026-11-20 10:00:00.123456789012", "UTC", "2026-11-20T10:00:00.123456789Z"),
        ("\t2026-11-20 10:00:00 ", "Europe/Berlin", "2026-11-20T09:00:00Z"),
        ("2026-07-20T10:00:00", "Europe/Berlin", "2026-07-20T08:00:00Z"),
        ("2026-03-29T02:30:00", "Europe/Berlin", "2026-03-29T01:30:00Z"),
        ("2026-10-25T02:30:00", "Europe/Berlin", "2026-10-25T01:30:00Z"),
        ("2026-11-20T10:00:00", "Local", "2026-11-20T10:00:00Z"),
        ("2026-11-20T10:00:00", "", "2026-11-20T10:00:00Z"),
        ("2026-11-20T10:00:00", "no/such/zone", "2026-11-20T10:00:00Z"),
        ("0001-01-01T00:00:00Z", "UTC", "0001-01-01T00:00:00Z"),
    ],
)
def test_a_time_without_an_offset_is_one_of_the_profile(text: str, zone: str, at: str) -> None:
    (record,) = _records(_csv(GOOD.replace(",,", f',"{text}",')), zone)
    assert record.send_at is not None
    assert rfc3339(record.send_at) == at


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-20",
        "2026-11-20T10:00",
        "2026-11-20T10:00:00z",
        "2026-11-20t10:00:00Z",
        "2026-11-20 10:00:00Z",
        "2026-11-20T10:00:00.",
        "2026-11-20T10:00:00+0100",
        "2026-11-20T10:00:00+25:00",
        "2026-11-20T10:00:00+00:61",
        "2026-11-20T24:00:00Z",
        "2026-11-20T10:60:00Z",
        "2026-11-20T10:00:60Z",
        "2026-02-29T10:00:00Z",
        "2026-13-01T10:00:00Z",
        "0001-01-01T00:00:00+01:00",
        "0000-01-01T00:00:00Z",
        "\u0662026-11-20T10:00:00Z",
        "46346.5",
    ],
)
def test_anything_else_is_no_time(text: str) -> None:
    (problem,) = _problems(_csv(GOOD.replace(",,", f",{text},")))
    assert problem.startswith(f"Row [2]: The SendTime [{text}] is not a valid date format.")


# Compared with ParseRequestURI of Go 1.25.
@pytest.mark.parametrize(
    ("url", "what"),
    [
        ("https://example.com/a.png", ""),
        ("HTTP://example.com", ""),
        ("http://h", ""),
        ("http://h?q=%zz#x", ""),
        ("http://h:80/", ""),
        ("http://h:", ""),
        ("http://u:p@h", ""),
        ("http://[::1]:80/x", ""),
        ("http://[fe80::1%25en0]", ""),
        ("http://\u00e9.example", ""),
        ("http://h/a b", ""),
        ('http://a<b>"', ""),
        ("http://h%ff", ""),
        ("http://::1", ""),
        ("ftp://h", "scheme"),
        ("x+1.-://h", "scheme"),
        ("h", "format"),
        ("/h", "format"),
        ("//h", "format"),
        ("http:h", "format"),
        ("http:/h", "format"),
        ("http://", "format"),
        ("http:///h", "format"),
        ("http://?q", "format"),
        ("mailto:a@b", "format"),
        ("http://h#x", "format"),
        ("http://h x", "format"),
        ("http://h:x", "format"),
        ("http://h:8x/", "format"),
        ("http://h/%zz", "format"),
        ("http://h%20", "format"),
        ("http://u%@h", "format"),
        ("http://u v@h", "format"),
        ("http://[::1", "format"),
        ("http://[1.2.3.4]", "format"),
        ("http://[::1]x", "format"),
        ("http://a[::1]", "format"),
        ("http://h/\x7f", "format"),
        ("1http://h", "format"),
    ],
)
def test_the_url_of_an_attachment_needs_a_host_and_http(url: str, what: str) -> None:
    texts = {"scheme": f"[{url}] must use http or https.", "format": f"[{url}] has an invalid url format."}
    quoted = url.replace('"', '""')
    file = _csv(f'{OWNER},{CONTACT},hi,,"{quoted}"')
    if what:
        assert _problems(file) == [f"Row [2]: The attachment URL {texts[what]}"]
    else:
        assert _records(file)[0].attachments == (url,)


_LINES = st.lists(st.tuples(*[st.text(max_size=8)] * 5).map(lambda row: ",".join(row).replace("\n", "")), max_size=3)


@given(_LINES)
def test_no_file_is_refused_in_any_other_way(lines: list[str]) -> None:
    file = File("a.csv", "", (HEADER + "\n".join(lines)).encode("utf-8", "surrogatepass"))
    with suppress(bulk.Refused):
        assert _records(file)


def test_missing_senders_are_told_with_their_rows() -> None:
    records = _records(_csv("+18005559999,+18005550100,x,,", GOOD, "18005559999,+18005550100,x,,"))
    assert bulk.not_registered(records, ["+18005559999"]) == [
        "Rows [2, 4]: The FromPhoneNumber [+18005559999] is not registered on your account"
    ]
    assert bulk.not_registered(records, []) == []


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("later.csv", "later.csv"),
        ("a b_c-d:e.csv", "a b_c-d:e.csv"),
        ("äöü (1).csv", " 1.csv"),
        ("", ""),
        ("a.csv ", "a.csv"),
        ("x" * 33, "x" * 32),
        ("abcdefghijklmnopqrstuvwxyz0123456789.csv", "abcdefghijklmnwxyz0123456789.csv"),
        ("abcdefghijklmnopqrstuvwxyz0123456789.xlsx", "abcdefghijklmwxyz0123456789.xlsx"),
        ("a." + "x" * 40, "a." + "x" * 30),
        ("a very long name of a file, with (odd) characters äöü and more.csv", "a very long naters  and more.csv"),
    ],
)
def test_the_messages_of_a_file_bear_its_time_and_name(name: str, shown: str) -> None:
    assert bulk.request_id(name, 61 * MS + 999_999) == f"bulk-z-{shown}"


@pytest.mark.parametrize(
    ("at_ms", "digits"), [(0, "0"), (9, "9"), (10, "A"), (35, "Z"), (36, "a"), (62, "10"), (3843, "zz")]
)
def test_the_time_is_counted_in_milliseconds_to_the_base_62(at_ms: int, digits: str) -> None:
    assert bulk.request_id("x", at_ms * MS) == f"bulk-{digits}-x"


def test_a_file_is_looked_for_by_its_field() -> None:
    part = '--XX\r\nContent-Disposition: form-data; name="{}"; filename="f"\r\n\r\nx\r\n--XX--'
    kind = "multipart/form-data; boundary=XX"
    assert bulk.uploaded(Body(part.format("document").encode(), kind)) == File("f", "", b"x")
    for body in (Body(part.format("file").encode(), kind), Body(b"", kind), Body(b"{}", "application/json")):
        with pytest.raises(BadBody) as caught:
            bulk.uploaded(body)
        assert caught.value.data == {}


def test_messages_are_counted_by_status() -> None:
    tally = bulk.tally("bulk-x", [*Status, Status.SENT], NOW)
    assert bulk.write(tally) == {
        "request_id": "bulk-x",
        "total": 9,
        "scheduled_count": 1,
        "pending_count": 1,
        "failed_count": 1,
        "expired_count": 1,
        "sent_count": 2,
        "delivered_count": 1,
        "created_at": "2026-11-20T10:00:00Z",
    }


def test_the_answers_count_what_was_stored() -> None:
    assert bulk.processed(1, 2) == "1 out of 2 messages processed successfully"
    assert bulk.accepted(0, 1) == "Added 0 out of 1 messages to the queue"
    assert bulk.no_phone(OWNER)[0].endswith("Install the android app on your phone to start sending messages")
