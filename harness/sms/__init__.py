"""3GPP text: alphabets, segments, SMS-SUBMIT / SMS-DELIVER / SMS-STATUS-REPORT, E.164 numbers. Pure."""

from harness.sms.alphabet import GSM7, Alphabet, pack, septets, unpack
from harness.sms.number import PhoneNumber
from harness.sms.pdu import (
    SmsDeliver,
    SmsStatusReport,
    SmsSubmit,
    deliver_tpdus,
    forwarded_tpdu,
    parse_deliver,
    parse_status_report,
    parse_submit,
    reassemble,
    status_report_tpdu,
    submit_tpdus,
)
from harness.sms.segments import Concat, Encoding, Measure, Segment, divide, measure, segments

__all__ = [
    "GSM7",
    "Alphabet",
    "Concat",
    "Encoding",
    "Measure",
    "PhoneNumber",
    "Segment",
    "SmsDeliver",
    "SmsStatusReport",
    "SmsSubmit",
    "deliver_tpdus",
    "divide",
    "forwarded_tpdu",
    "measure",
    "pack",
    "parse_deliver",
    "parse_status_report",
    "parse_submit",
    "reassemble",
    "segments",
    "septets",
    "status_report_tpdu",
    "submit_tpdus",
    "unpack",
]
