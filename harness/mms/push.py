"""MMS PDUs in WAP pushes (WAP-230): how a network hands them to a handset, as binary texts for a port."""

from __future__ import annotations

__all__ = ["WAP_PUSH_PORT", "pushed_pdu", "wap_push"]

WAP_PUSH_PORT = 2948
"""The port of connectionless WAP pushes (WAP-259)."""

_TRANSACTION = 1
_PUSH = 0x06
_MMS_TYPE = b"application/vnd.wap.mms-message"
_MMS_TYPE_CODE = 0xBE


def wap_push(pdu: bytes) -> bytes:
    """The push of an MMS PDU: transaction, type, one octet of headers, the content type (§8.2.4.1)."""
    return bytes((_TRANSACTION, _PUSH, 1, _MMS_TYPE_CODE)) + pdu


def pushed_pdu(push: bytes) -> bytes | None:
    """The MMS PDU in a push, None if it has none. Of its headers the first one is the content type."""
    if len(push) < 4 or push[1] != _PUSH:
        return None
    length, start = _uintvar(push, 2)
    headers = push[start : start + length]
    is_mms = headers[:1] == bytes((_MMS_TYPE_CODE,)) or headers.startswith(_MMS_TYPE + b"\0")
    return push[start + length :] if is_mms and start + length <= len(push) else None


def _uintvar(octets: bytes, start: int) -> tuple[int, int]:
    """A WSP integer of seven bits an octet, and where it ends."""
    value = 0
    for place in range(start, min(start + 5, len(octets))):
        value = value << 7 | octets[place] & 0x7F
        if octets[place] < 0x80:
            return value, place + 1
    return 0, len(octets)
