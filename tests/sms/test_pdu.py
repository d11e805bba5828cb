"""SMS-SUBMIT as Android 16 builds it, SMS-DELIVER as recorded, and whatever is built can be read."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from harness.errors import MalformedPdu, SegmentOverflow, SmsError, UnencodableAddress
from harness.instants import SECOND, parse_rfc3339
from harness.sms.pdu import (
    SmsDeliver,
    SmsStatusReport,
    SmsSubmit,
    deliver_tpdus,
    parse_deliver,
    parse_status_report,
    parse_submit,
    reassemble,
    status_report_tpdu,
    submit_tpdus,
)
from harness.sms.segments import Concat, divide
from tests.recorded import folder
from tests.sms.recorded import Case, cases, differing
from tests.sms.test_segments import ODD_TEXTS, TEXTS

ALICE = "+18005550199"
BOB = "+18005550100"
AT = parse_rfc3339("2026-07-23T05:10:10Z")
INSTANTS = st.integers(631152000, 3786911999).map(lambda second: second * SECOND)  # 1990 to 2089


# ---- submit --------------------------------------------------------------------------------------


def _submitted(case: Case) -> list[str | None]:
    parts = divide(case["text"])
    try:
        built = submit_tpdus(case["destination"], parts, case.get("reference", 0))
    except SmsError:
        return [None] * len(parts)
    return [tpdu.hex() for tpdu in built]


@pytest.mark.cases
def test_every_recorded_submit_is_built_as_on_android() -> None:
    assert differing(cases("submit-pdus.jsonl"), _submitted, lambda case: case["tpdu"]) == []


@given(TEXTS, st.integers(0, 255))
def test_a_submit_reads_back(text: str, concat_ref: int) -> None:
    parts = divide(text)
    read = [parse_submit(tpdu) for tpdu in submit_tpdus(BOB, parts, concat_ref)]
    assert [part.text for part in read] == list(parts)
    assert {(part.tp_mr, part.to, part.report_requested) for part in read} <= {(0, BOB, True)}
    if len(parts) > 1:
        count = len(parts)
        assert [part.concat for part in read] == [Concat(concat_ref, count, n + 1) for n in range(count)]
    assert reassemble(read) == text


def test_no_part_gives_no_submit() -> None:
    assert submit_tpdus(BOB, divide(""), 7) == ()


def test_a_status_report_need_not_be_asked_for() -> None:
    (tpdu,) = submit_tpdus(BOB, ("Hi",), 7, status_report=False)
    assert tpdu[0] == 0x01
    assert not parse_submit(tpdu).report_requested


@pytest.mark.parametrize(
    ("destination", "parts", "error"),
    [("MyBank", ("Hi",), UnencodableAddress), (BOB, ("a" * 161,), SegmentOverflow)],
)
def test_where_android_builds_no_submit_neither_do_we(
    destination: str, parts: tuple[str, ...], error: type[SmsError]
) -> None:
    with pytest.raises(error):
        submit_tpdus(destination, parts, 7)


@pytest.mark.parametrize("validity", [("01", ""), ("11", "a7"), ("09", "01020304050607"), ("19", "62703250010100")])
def test_every_validity_format_is_skipped(validity: tuple[str, str]) -> None:
    first, period = validity
    tpdu = bytes.fromhex(f"{first}2a0b918100550501f00000{period}05c8329bfd06")
    assert parse_submit(tpdu) == SmsSubmit(0x2A, BOB, "Hello", None, 0, False)


# ---- deliver -------------------------------------------------------------------------------------


def _recorded_deliveries() -> list[Case]:
    """The broadcasts that say what is in their PDUs; `id` is the name of the case."""
    steps = [
        {**step, "id": case["case"]}
        for case in cases("receive.jsonl", folder("phone"))
        for step in case["steps"]
        if step["do"] == "sms_received"
    ]
    return [step for step in steps if step["pdus_hex"] and isinstance(step["from"], str)]


def _without_service_centre(pdu: str) -> bytes:
    octets = bytes.fromhex(pdu)
    return octets[1 + octets[0] :]


# The PDUs' maker wrote U+FFFD for halves of a surrogate pair, some of which the record spells out.
_LONE_HALF = re.compile(r"\\ud[89a-f]..|[\ud800-\udfff]")


def _read_texts(step: Case) -> list[tuple[str, str | None, int]]:
    read = [parse_deliver(_without_service_centre(pdu)) for pdu in step["pdus_hex"]]
    return [(part.sender, part.text, part.timestamp_at) for part in read]


def _recorded_texts(step: Case) -> list[tuple[str, str | None, int]]:
    texts = ["" if text is None else _LONE_HALF.sub("\ufffd", text) for text in step["texts"]]
    codings = step.get("coding", "7bit").split(", ") * len(texts)
    return [
        (step["from"], None if coding == "8bit" else text, AT) for text, coding in zip(texts, codings, strict=False)
    ]


@pytest.mark.cases
def test_every_recorded_deliver_is_read() -> None:
    assert differing(_recorded_deliveries(), _read_texts, _recorded_texts) == []


@pytest.mark.cases
def test_every_recorded_deliver_of_one_part_is_built_alike() -> None:
    single = [step for step in _recorded_deliveries() if len(step["pdus_hex"]) == 1 and step.get("coding") != "8bit"]
    assert (
        differing(
            [step for step in single if "\ud83d" not in step["texts"][0]],
            lambda step: [tpdu.hex() for tpdu in deliver_tpdus(step["from"], step["texts"][0], AT, 7)],
            lambda step: [_without_service_centre(pdu).hex() for pdu in step["pdus_hex"]],
        )
        == []
    )


@given(TEXTS | ODD_TEXTS, INSTANTS, st.integers(0, 255))
@example("a" * 160 + "\x1b", AT, 0)
def test_a_delivered_text_comes_back_whole(text: str, timestamp_at: int, concat_ref: int) -> None:
    read = [parse_deliver(tpdu) for tpdu in deliver_tpdus(ALICE, text, timestamp_at, concat_ref)]
    whole = text.encode("utf-16-be", "surrogatepass").decode("utf-16-be", "surrogatepass")
    assert reassemble(reversed(read)) == reassemble(read + read) == whole
    assert {(part.sender, part.timestamp_at) for part in read} == {(ALICE, timestamp_at)}


@given(TEXTS.filter(lambda text: "\x1b" not in text and "\uffff" not in text))
def test_the_network_divides_as_a_handset_does(text: str) -> None:
    assert len(deliver_tpdus(ALICE, text, AT, 7)) == max(1, len(divide(text)))


@given(TEXTS)
def test_no_user_data_is_longer_than_a_pdu(text: str) -> None:
    header = len(bytes.fromhex("040b918100550591f9" + "0000" + "62703250010100" + "00"))
    assert all(len(tpdu) <= header + 140 for tpdu in deliver_tpdus(ALICE, text, AT, 7))


def test_more_segments_than_a_header_can_count_are_refused() -> None:
    assert len(deliver_tpdus(ALICE, "a" * 255 * 153, AT, 7)) == 255
    with pytest.raises(SegmentOverflow):
        deliver_tpdus(ALICE, "a" * (255 * 153 + 1), AT, 7)


@pytest.mark.parametrize(
    ("stamp", "instant"),
    [
        ("62703250010100", "2026-07-23T05:10:10Z"),
        ("62703250010180", "2026-07-23T03:10:10Z"),
        ("6270325001010a", "2026-07-23T10:10:10Z"),
        ("99211332959500", "1999-12-31T23:59:59Z"),
    ],
)
def test_the_zone_of_a_timestamp_counts(stamp: str, instant: str) -> None:
    tpdu = bytes.fromhex(f"040b918100550501f00000{stamp}05c8329bfd06")
    assert parse_deliver(tpdu) == SmsDeliver(BOB, "Hello", None, 0, parse_rfc3339(instant))


def test_fractions_of_a_second_are_dropped() -> None:
    (tpdu,) = deliver_tpdus(ALICE, "Hi", AT + SECOND - 1, 7)
    assert parse_deliver(tpdu).timestamp_at == AT


def test_an_emoji_cut_between_two_segments_is_whole_again() -> None:
    halves = ["0006" + "0437" + "d83d", "0006" + "de00" + "0437"]
    read = [
        parse_deliver(bytes.fromhex(f"440b918100550501f0000862703250010100{10:02x}0500030702{n:02x}{half[4:]}"))
        for n, half in enumerate(halves, 1)
    ]
    assert [part.text for part in read] == ["з\ud83d", "\ude00з"]
    assert reassemble(read) == "з😀з"


def test_data_counts_as_no_text() -> None:
    data = parse_deliver(bytes.fromhex("040b918100550501f00004627032500101000401020304"))
    assert (data.text, reassemble([data])) == (None, "")


# ---- status report -------------------------------------------------------------------------------


def test_a_status_report_is_written_as_the_standard_says() -> None:
    tpdu = status_report_tpdu(0x2A, BOB, AT, AT + 5 * SECOND, 0)
    assert tpdu.hex() == "062a0b918100550501f0" + "62703250010100" + "62703250015100" + "00"


@given(st.integers(0, 255), st.sampled_from([BOB, "12345", "*100#"]), INSTANTS, INSTANTS, st.integers(0, 255))
def test_a_status_report_reads_back(
    tp_mr: int, recipient: str, submitted_at: int, discharged_at: int, status: int
) -> None:
    tpdu = status_report_tpdu(tp_mr, recipient, submitted_at, discharged_at, status)
    report = SmsStatusReport(tp_mr, recipient, submitted_at, discharged_at, status)
    assert parse_status_report(tpdu) == report


# ---- all of them ---------------------------------------------------------------------------------

WHOLE = [
    (parse_submit, submit_tpdus(BOB, ("Hello", "there"), 7)[0]),
    (parse_deliver, deliver_tpdus(BOB, "ж" * 71, AT, 7)[0]),
    (parse_status_report, status_report_tpdu(7, BOB, AT, AT, 0)),
]


@pytest.mark.parametrize(("parse", "tpdu"), WHOLE)
def test_a_pdu_that_ends_too_soon_is_refused_wherever_it_ends(parse: type, tpdu: bytes) -> None:
    assert parse(tpdu)
    for length in range(len(tpdu)):
        with pytest.raises(MalformedPdu):
            parse(tpdu[:length])


@pytest.mark.parametrize(("parse", "tpdu"), WHOLE)
def test_a_pdu_of_another_kind_is_refused(parse: type, tpdu: bytes) -> None:
    with pytest.raises(MalformedPdu, match="TP-MTI"):
        parse(bytes((tpdu[0] | 3, *tpdu[1:])))


@pytest.mark.parametrize("stamp", ["62703250010a00", "6270f250010100", "62903350010100", "000000000000a0"])
def test_a_timestamp_that_is_no_time_is_refused(stamp: str) -> None:
    with pytest.raises(MalformedPdu, match="is no time"):
        parse_deliver(bytes.fromhex(f"040b918100550501f00000{stamp}05c8329bfd06"))


@given(st.binary(max_size=200))
def test_octets_are_read_or_refused(octets: bytes) -> None:
    for parse in (parse_submit, parse_deliver, parse_status_report):
        try:
            parse(octets)
        except MalformedPdu:
            continue


def test_a_short_text_needs_neither_tables_of_clusters_nor_of_numbers() -> None:
    program = (
        "import sys; from harness.sms import divide, submit_tpdus;"
        "submit_tpdus('+18005550100', divide('Привет'), 1);"
        "print(sorted({'pyuegc', 'phonenumbers'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
