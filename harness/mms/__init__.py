"""MMS encapsulation (OMA-TS-MMS-ENC over WAP-230 WSP) as the app's library writes and reads it. Pure.

The app sends `compose(to, transaction_id, [text_part(…), media_part(…), …])`. Of a pushed PDU it makes
`forwarded(parse_retrieve(pdu, now_ms))`, whose files a work finds by `entry` and `read_entry`. A network reads what was
sent with `parse_send`, and pushes a `notification` or, as none does, a `retrieve_conf`.
"""

from harness.mms.compose import Part, compose, media_name, media_part, text_part
from harness.mms.forward import Entry, Forwarded, ReceivedFile, base64_content, entry, forwarded, read_entry
from harness.mms.network import notification, retrieve_conf
from harness.mms.parse import Notification, Retrieved, Sent, parse_notification, parse_retrieve, parse_send
from harness.mms.parts import ReadPart

__all__ = [
    "Entry",
    "Forwarded",
    "Notification",
    "Part",
    "ReadPart",
    "ReceivedFile",
    "Retrieved",
    "Sent",
    "base64_content",
    "compose",
    "entry",
    "forwarded",
    "media_name",
    "media_part",
    "notification",
    "parse_notification",
    "parse_retrieve",
    "parse_send",
    "read_entry",
    "retrieve_conf",
    "text_part",
]
