"""SMS-SUBMIT as Android 16 builds it, SMS-DELIVER as recorded, and whatever is built can be read."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from harness.errors import MalformedPdu, SegmentOverflow, SmsError, UnencodableAddress
from harness.instants import SECOND, parse_rfc3339
from harness.sms.alphabet import Tables
from harness.sms.config import SmsConfig
from harness.sms.header import Concat, Ports
from harness.sms.national import alphabet
from harness.sms.pdu import (
    SmsDeliver,
    SmsStatusReport,
    SmsSubmit,
    deliver_data_tpdus,
    deliver_tpdus,
    forwarded_tpdu,
    parse_deliver,
    parse_status_report,
    parse_submit,
    reassemble,
    status_report_tpdu,
    submit_data_tpdus,
    submit_pdus,
    submit_tpdus,
)
from harness.sms.segments import divide
from harness.sms.validity import EnhancedValidity, RelativeValidity, UntilValidity, Validity
from tests.recorded import folder
from tests.sms.recorded import Case, cases, differing
from tests.sms.replay import Pair, submitted
from tests.sms.test_header import CONCATS, OTHERS, PORTS
from tests.sms.test_segments import CONFIGS, ODD_TEXTS, TEXTS
from tests.sms.test_times import INSTANTS, ZONES
from tests.sms.test_validity import VALIDITIES

ALICE = "+18005550199"
BOB = "+18005550100"
AT = parse_rfc3339("2026-07-23T05:10:10Z")


# ---- submit --------------------------------------------------------------------------------------


@pytest.mark.cases
def test_every_recorded_submit_is_built_as_on_android() -> None:
    assert differing(cases("submit-pdus.jsonl"), submitted) == []


@given(TEXTS, st.integers(0, 255), CONFIGS)
def test_a_text_is_submitted_as_its_parts_are(text: str, concat_ref: int, config: SmsConfig) -> None:
    parts = divide(text, config)
    try:
        tpdus = submit_tpdus(BOB, parts, concat_ref, config=config)
    except SegmentOverflow:
        with pytest.raises(SegmentOverflow):
            submit_pdus(BOB, text, concat_ref, config=config)
    else:
        assert submit_pdus(BOB, text, concat_ref, config=config) == tpdus
        if config.ems is True:
            assert reassemble(map(parse_submit, tpdus)) == "".join(parts)


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


@pytest.mark.parametrize(
    ("first", "period", "validity"),
    [
        ("01", "", None),
        ("11", "a7", RelativeValidity(86400)),
        ("09", "01020304050607", EnhancedValidity(bytes.fromhex("01020304050607"))),
        ("19", "62703250010100", UntilValidity(AT)),
    ],
)
def test_every_validity_format_is_read(first: str, period: str, validity: Validity | None) -> None:
    tpdu = bytes.fromhex(f"{first}2a0b918100550501f00000{period}05c8329bfd06")
    submit = SmsSubmit(0x2A, BOB, "Hello", None, 0, False, validity=validity)
    assert parse_submit(tpdu) == submit
    assert submit.tpdu() == tpdu


def test_the_flags_of_a_submit_are_read() -> None:
    submit = parse_submit(bytes.fromhex("a52a0b918100550501f0410005c8329bfd06"))
    assert (submit.reject_duplicates, submit.reply_path, submit.pid) == (True, True, 0x41)


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


def _texts(step: Case) -> Pair:
    """The sender, the text and the instant of each PDU."""
    read = [parse_deliver(_without_service_centre(pdu)) for pdu in step["pdus_hex"]]
    texts = ["" if text is None else _LONE_HALF.sub("\ufffd", text) for text in step["texts"]]
    codings = step.get("coding", "7bit").split(", ") * len(texts)
    return [(part.sender, part.text, part.timestamp_at) for part in read], [
        (step["from"], None if coding == "8bit" else text, AT) for text, coding in zip(texts, codings, strict=False)
    ]


@pytest.mark.cases
def test_every_recorded_deliver_is_read() -> None:
    assert differing(_recorded_deliveries(), _texts) == []


def _built(step: Case) -> Pair:
    tpdus = deliver_tpdus(step["from"], step["texts"][0], AT, 7)
    return [tpdu.hex() for tpdu in tpdus], [_without_service_centre(pdu).hex() for pdu in step["pdus_hex"]]


@pytest.mark.cases
def test_every_recorded_deliver_of_one_part_is_built_alike() -> None:
    single = [step for step in _recorded_deliveries() if len(step["pdus_hex"]) == 1 and step.get("coding") != "8bit"]
    assert differing([step for step in single if "\ud83d" not in step["texts"][0]], _built) == []


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


def test_the_zone_of_the_service_centre_is_written_and_read() -> None:
    (tpdu,) = deliver_tpdus(BOB, "Hello", AT, 7, zone_quarters=-20)
    assert tpdu.hex() == "040b918100550501f00000627032000101" + "0a" + "05c8329bfd06"
    assert parse_deliver(tpdu) == SmsDeliver(BOB, "Hello", None, 0, AT, zone_quarters=-20)


def test_fractions_of_a_second_are_dropped() -> None:
    (tpdu,) = deliver_tpdus(ALICE, "Hi", AT + SECOND - 1, 7)
    assert parse_deliver(tpdu).timestamp_at == AT


@pytest.mark.parametrize(("text", "dcs"), [("Hi", 0x10), ("ж", 0x18)])
def test_a_flash_message_is_of_class_0(text: str, dcs: int) -> None:
    (tpdu,) = deliver_tpdus(BOB, text, AT, 7, message_class=0)
    read = parse_deliver(tpdu)
    assert (read.text, read.dcs, read.message_class) == (text, dcs, 0)


@pytest.mark.parametrize(("dcs", "message_class"), [(0x00, None), (0x12, 2), (0xF1, 1), (0xC8, None)])
def test_the_class_of_a_message_is_read(dcs: int, message_class: int | None) -> None:
    deliver = parse_deliver(bytes.fromhex(f"040b918100550501f000{dcs:02x}6270325001010005c8329bfd06"))
    assert (deliver.text, deliver.message_class) == ("Hello", message_class)


def test_a_text_in_a_national_alphabet_is_read() -> None:
    (tpdu,) = submit_pdus(BOB, "ağaç", config=SmsConfig(single_shift=(1,)))
    deliver = parse_deliver(forwarded_tpdu(tpdu, ALICE, AT))
    assert (deliver.text, deliver.tables) == ("ağaç", Tables(0, 1))


WAP_PUSH = Ports(2948, 9200)


@pytest.mark.parametrize(("text", "dcs"), [("Hi", 0x12), ("ж", 0x1A)])
def test_a_submit_may_be_for_the_card(text: str, dcs: int) -> None:
    (tpdu,) = submit_pdus(BOB, text, message_class=2)
    read = parse_submit(tpdu)
    assert (read.text, read.dcs, read.message_class) == (text, dcs, 2)


@given(st.binary(max_size=400), st.none() | PORTS)
def test_submitted_data_is_carried_on_whole(data: bytes, ports: Ports | None) -> None:
    tpdus = submit_data_tpdus(BOB, data, 7, ports=ports, status_report=False, message_class=1)
    read = [parse_deliver(forwarded_tpdu(tpdu, ALICE, AT)) for tpdu in tpdus]
    assert b"".join(part.data or b"" for part in read) == data
    assert {(part.ports, part.message_class) for part in read} == {(ports, 1)}


def test_a_wap_push_is_written_and_read() -> None:
    (tpdu,) = deliver_data_tpdus(BOB, b"\1\2", AT, 7, ports=WAP_PUSH)
    assert tpdu.hex() == "440b918100550501f00004" + "62703250010100" + "09" + "0605040b8423f0" + "0102"
    assert parse_deliver(tpdu) == SmsDeliver(BOB, None, None, 4, AT, b"\1\2", WAP_PUSH)


@pytest.mark.parametrize(("size", "count"), [(0, 1), (133, 1), (134, 2), (256, 2), (257, 3)])
def test_data_is_divided_beside_its_ports(size: int, count: int) -> None:
    tpdus = deliver_data_tpdus(BOB, b"x" * size, AT, 7, ports=WAP_PUSH, message_class=1)
    assert [parse_deliver(tpdu).message_class for tpdu in tpdus] == [1] * count


@given(st.binary(max_size=600), st.none() | PORTS, st.integers(0, 255))
def test_divided_data_comes_back_whole(data: bytes, ports: Ports | None, concat_ref: int) -> None:
    tpdus = deliver_data_tpdus(ALICE, data, AT, concat_ref, ports=ports)
    read = [parse_deliver(tpdu) for tpdu in tpdus]
    assert b"".join(part.data or b"" for part in read) == data
    assert {(part.ports, part.text) for part in read} == {(ports, None)}
    if len(read) > 1:
        assert [part.concat for part in read] == [Concat(concat_ref, len(read), n + 1) for n in range(len(read))]
    header = len(bytes.fromhex("040b918100550591f9" + "0004" + "62703250010100" + "00"))
    assert all(len(tpdu) <= header + 140 for tpdu in tpdus)


def test_more_data_than_a_header_can_count_is_refused() -> None:
    assert len(deliver_data_tpdus(ALICE, bytes(255 * 134), AT, 7)) == 255
    for refused in (lambda data: deliver_data_tpdus(ALICE, data, AT, 7), lambda data: submit_data_tpdus(BOB, data, 7)):
        with pytest.raises(SegmentOverflow):
            refused(bytes(255 * 134 + 1))


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
    assert (data.text, data.data, reassemble([data])) == (None, b"\1\2\3\4", "")


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


@pytest.mark.parametrize(
    ("parameters", "report"),
    [
        ("", {}),
        ("00", {}),
        ("0141", {"pid": 0x41}),
        ("0208", {"dcs": 8}),
        ("0740" + "08" + "02" + "0436", {"pid": 0x40, "dcs": 8, "text": "ж"}),
        ("04" + "05" + "c8329bfd06", {"text": "Hello"}),
        ("8300" + "40" + "08", {"pid": 0x40, "dcs": 8}),
    ],
)
def test_the_optional_parameters_of_a_status_report_are_read(parameters: str, report: dict[str, Any]) -> None:
    head = "062a0b918100550501f0" + "62703250010100" + "62703250015100" + "00"
    read = parse_status_report(bytes.fromhex(head + parameters))
    assert read == SmsStatusReport(0x2A, BOB, AT, AT + 5 * SECOND, 0, **report)


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


OCTET = st.integers(0, 255)
PARTIES = st.sampled_from([ALICE, BOB, "12345", "*100#", "BANK", "My Shop 24"])
GSM7_DCS = st.sampled_from([0x00, 0x02, 0x10, 0x42, 0xC9, 0xD8, 0xF0, 0xF2])
UCS2_DCS = st.sampled_from([0x08, 0x0A, 0x18, 0x1A, 0x48, 0xE8])
OTHER_DCS = st.sampled_from([0x04, 0x0C, 0x14, 0x20, 0x84, 0xB0, 0xF4, 0xF6])


@st.composite
def contents(draw: st.DrawFn) -> dict[str, Any]:
    """What any of the three may carry, small enough for one."""
    header = {"concat": draw(st.none() | CONCATS), "ports": draw(st.none() | PORTS)}
    header["others"] = tuple(draw(OTHERS))
    match draw(st.sampled_from(["gsm7", "ucs2", "data"])):
        case "gsm7":
            tables = draw(st.builds(Tables, st.integers(0, 14), st.integers(0, 14)))
            codes = bytes(code for code in range(128) if code != 0x1B)
            characters = alphabet(tables).decode(codes)
            text = draw(st.text(st.sampled_from(characters), max_size=60))
            return header | {"dcs": draw(GSM7_DCS), "tables": tables, "text": text, "data": None}
        case "ucs2":
            text = draw(st.text(max_size=20))
            return header | {"dcs": draw(UCS2_DCS), "text": text, "data": None}
        case _:
            return header | {"dcs": draw(OTHER_DCS), "text": None, "data": draw(st.binary(max_size=60))}


@given(contents(), PARTIES, OCTET, OCTET, st.none() | VALIDITIES, st.booleans(), st.booleans(), st.booleans())
def test_every_submit_reads_back(
    content: dict[str, Any],
    to: str,
    tp_mr: int,
    pid: int,
    validity: Validity | None,
    report_requested: bool,
    reject_duplicates: bool,
    reply_path: bool,
) -> None:
    submit = SmsSubmit(
        tp_mr=tp_mr,
        to=to,
        report_requested=report_requested,
        pid=pid,
        validity=validity,
        reject_duplicates=reject_duplicates,
        reply_path=reply_path,
        **content,
    )
    assert parse_submit(submit.tpdu()) == submit


FLAGS = st.tuples(st.booleans(), st.booleans(), st.booleans(), st.booleans())


@given(contents(), PARTIES, OCTET, INSTANTS, ZONES, FLAGS)
def test_every_deliver_reads_back(
    content: dict[str, Any], sender: str, pid: int, at: int, zone_quarters: int, flags: tuple[bool, ...]
) -> None:
    names = ("more_messages", "loop_prevention", "report_indication", "reply_path")
    values = content | dict(zip(names, flags, strict=True))
    deliver = SmsDeliver(sender=sender, pid=pid, timestamp_at=at, zone_quarters=zone_quarters, **values)
    assert parse_deliver(deliver.tpdu()) == deliver


@given(st.none() | contents(), PARTIES, OCTET, OCTET, st.none() | OCTET, INSTANTS, INSTANTS, ZONES, ZONES, FLAGS)
def test_every_status_report_reads_back(
    content: dict[str, Any] | None,
    recipient: str,
    tp_mr: int,
    status: int,
    pid: int | None,
    submitted_at: int,
    discharged_at: int,
    submitted_zone_quarters: int,
    discharged_zone_quarters: int,
    flags: tuple[bool, ...],
) -> None:
    names = ("more_messages", "loop_prevention", "on_command")
    values = (content or {}) | dict(zip(names, flags, strict=False))
    report = SmsStatusReport(
        tp_mr=tp_mr,
        recipient=recipient,
        submitted_at=submitted_at,
        discharged_at=discharged_at,
        status=status,
        pid=pid,
        submitted_zone_quarters=submitted_zone_quarters,
        discharged_zone_quarters=discharged_zone_quarters,
        **values,
    )
    assert parse_status_report(report.tpdu()) == report


def test_a_timestamp_that_is_no_time_is_refused() -> None:
    with pytest.raises(MalformedPdu, match="is no time"):
        parse_deliver(bytes.fromhex("040b918100550501f0000062903350010100" + "05c8329bfd06"))


@given(st.integers(0, 2), st.binary(max_size=200))
def test_octets_that_look_like_a_pdu_are_read_or_refused(message_type: int, octets: bytes) -> None:
    parse = (parse_deliver, parse_submit, parse_status_report)[message_type]
    tpdu = bytes((octets[0] & 0xFC | message_type, *octets[1:])) if octets else b""
    try:
        parse(tpdu)
    except MalformedPdu:
        return


@given(st.sampled_from([tpdu for _, tpdu in WHOLE]), st.integers(0, 500), st.integers(0, 255))
def test_a_pdu_with_any_octet_changed_is_read_or_refused(tpdu: bytes, place: int, octet: int) -> None:
    at = place % len(tpdu)
    changed = tpdu[:at] + bytes((octet,)) + tpdu[at + 1 :]
    for parse in (parse_submit, parse_deliver, parse_status_report):
        try:
            parse(changed)
        except MalformedPdu:
            continue


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
