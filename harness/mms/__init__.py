"""MMS encapsulation (OMA-TS-MMS-ENC over WAP-230 WSP) as the app's library writes and reads it. Pure.

The app sends `compose(to, transaction_id, [text_part(…), media_part(…), …])`. Of a pushed PDU it makes
`forwarded(parse_retrieve(pdu, now_ms))`, whose files a work finds by `cache_line` and `read_cache_line`. A network
reads what was sent with `parse_send`, and pushes a `notification` or, as none does, a `retrieve_conf`, by `wap_push`.
"""

from harness.mms.compose import Part, compose, media_name, media_part, text_part
from harness.mms.forward import (
    CachedFile,
    Forwarded,
    ReceivedFile,
    base64_content,
    cache_line,
    forwarded,
    read_cache_line,
)
from harness.mms.network import notification, retrieve_conf
from harness.mms.parse import Notification, Retrieved, Sent, parse_notification, parse_retrieve, parse_send
from harness.mms.parts import ReadPart
from harness.mms.push import WAP_PUSH_PORT, pushed_pdu, wap_push

__all__ = [
    "WAP_PUSH_PORT",
    "CachedFile",
    "Forwarded",
    "Notification",
    "Part",
    "ReadPart",
    "ReceivedFile",
    "Retrieved",
    "Sent",
    "base64_content",
    "cache_line",
    "compose",
    "forwarded",
    "media_name",
    "media_part",
    "notification",
    "parse_notification",
    "parse_retrieve",
    "parse_send",
    "pushed_pdu",
    "read_cache_line",
    "retrieve_conf",
    "text_part",
    "wap_push",
]
