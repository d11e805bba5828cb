"""3GPP text: alphabets, segments, SMS-SUBMIT / SMS-DELIVER / SMS-STATUS-REPORT, E.164 numbers. Pure."""

from harness.sms.alphabet import GSM7, Alphabet, Tables, pack, septets, unpack
from harness.sms.coding import Coding, Encoding, Waiting, coding_of
from harness.sms.collecting import Collecting
from harness.sms.config import SmsConfig
from harness.sms.header import Concat, Ports
from harness.sms.number import PhoneNumber
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
    resent,
    status_report_tpdu,
    submit_data_tpdus,
    submit_head,
    submit_pdus,
    submit_tpdus,
    with_reference,
)
from harness.sms.segments import Segment, Segmentation, divide, segment
from harness.sms.status import StatusGroup, tp_status_group, tp_status_text

__all__ = [
    "GSM7",
    "Alphabet",
    "Coding",
    "Collecting",
    "Concat",
    "Encoding",
    "PhoneNumber",
    "Ports",
    "Segment",
    "Segmentation",
    "SmsConfig",
    "SmsDeliver",
    "SmsStatusReport",
    "SmsSubmit",
    "StatusGroup",
    "Tables",
    "Waiting",
    "coding_of",
    "deliver_data_tpdus",
    "deliver_tpdus",
    "divide",
    "forwarded_tpdu",
    "pack",
    "parse_deliver",
    "parse_status_report",
    "parse_submit",
    "reassemble",
    "resent",
    "segment",
    "septets",
    "status_report_tpdu",
    "submit_data_tpdus",
    "submit_head",
    "submit_pdus",
    "submit_tpdus",
    "tp_status_group",
    "tp_status_text",
    "unpack",
    "with_reference",
]
