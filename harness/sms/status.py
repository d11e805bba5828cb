"""What an SMSC reports on a submit (TP-ST): groups and words of 3GPP TS 23.040 §9.2.3.15."""

from __future__ import annotations

from typing import Literal

__all__ = ["StatusGroup", "tp_status_group", "tp_status_text"]

StatusGroup = Literal["completed", "trying", "failed", "given up", "reserved"]

_GROUPS: tuple[StatusGroup, ...] = ("completed", "trying", "failed", "given up")
_TROUBLES = (
    "congestion",
    "recipient busy",
    "no response from recipient",
    "service rejected",
    "quality of service not available",
    "error in recipient",
)
_TEXTS: dict[int, str] = {
    0x00: "received by recipient",
    0x01: "forwarded, delivery not confirmed",
    0x02: "replaced by the service centre",
    **{0x20 + number: trouble for number, trouble in enumerate(_TROUBLES)},
    0x40: "remote procedure error",
    0x41: "incompatible destination",
    0x42: "connection rejected by recipient",
    0x43: "not obtainable",
    0x44: "quality of service not available",
    0x45: "no interworking available",
    0x46: "validity period expired",
    0x47: "deleted by sender",
    0x48: "deleted by the service centre",
    0x49: "message does not exist",
    **{0x60 + number: trouble for number, trouble in enumerate(_TROUBLES)},
}
_OWN_OF_SERVICE_CENTRE = 0x10


def tp_status_group(status: int) -> StatusGroup:
    """Whether the message arrived, is still tried, cannot arrive, or is no longer tried after a passing trouble."""
    return "reserved" if status >= 0x80 else _GROUPS[status >> 5]


def tp_status_text(status: int) -> str:
    """`failed: validity period expired`. A status without a name gives its number."""
    if status in _TEXTS:
        text = _TEXTS[status]
    else:
        own = status < 0x80 and status & _OWN_OF_SERVICE_CENTRE
        text = f"{'service centre' if own else 'unnamed'} status 0x{status:02x}"
    return f"{tp_status_group(status)}: {text}"
