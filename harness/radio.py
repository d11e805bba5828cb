"""The radio as values: what a handset and its radio say to each other.

A simulated modem and a real device stand behind the same seam. Result codes are Android's (phone-behaviour.md §8.2).
"""

from __future__ import annotations

from harness.frozen import frozen

__all__ = [
    "RESULT_OK",
    "AirDeliver",
    "AirDelivered",
    "AirReport",
    "AirSubmit",
    "AirSubmitted",
    "DeliverReceived",
    "Joined",
    "RadioResult",
    "StatusReport",
    "Submit",
    "SubmitAccepted",
    "SubmitRejected",
    "SubmitThrew",
    "TextReceived",
]

RESULT_OK = -1


@frozen
class Submit:
    """Out: send this text as these segments. `id` is the handset's name for it.

    `tpdus` are SMS-SUBMIT, one a segment, or none where Android can build none: the radio then rejects every segment.
    """

    id: str
    to: str
    text: str
    segments: tuple[str, ...]
    tpdus: tuple[bytes, ...]
    subscription_id: int | None = None


@frozen
class SubmitAccepted:
    """In: the network took one segment (`segment` counts from 0)."""

    id: str
    segment: int
    tp_mr: int


@frozen
class SubmitRejected:
    """In: one segment was refused with Android's result `code`."""

    id: str
    segment: int
    code: int


@frozen
class SubmitThrew:
    """In: Android did not take the hand-over at all: it threw `exception` (its simple name) with `text`."""

    id: str
    exception: str
    text: str | None = None


@frozen
class StatusReport:
    """In: a status report on one segment; `status` is TP-ST.

    `code` is what the app gets to see: Android says OK whatever the status, a vendor's telephony may say otherwise.
    """

    id: str
    segment: int
    tp_mr: int
    status: int
    code: int = RESULT_OK


@frozen
class DeliverReceived:
    """In: one SMS-DELIVER arrived on the SIM in `sim_slot` (1 or 2)."""

    pdu: bytes
    sim_slot: int = 1


@frozen
class TextReceived:
    """In: a whole text, from a radio that does not show PDUs."""

    sender: str
    text: str
    sim_slot: int = 1


RadioResult = SubmitAccepted | SubmitRejected | SubmitThrew | StatusReport


# Between a radio or a contact's handset and the SMSC: TPDUs, as they cross the air.


@frozen
class AirSubmit:
    """Handset → SMSC: an SMS-SUBMIT from `number`. `origin` is the core that sent it and gets the reports.

    `token` names the submit for the answer.
    """

    origin: str
    number: str
    tpdu: bytes
    token: str = ""


@frozen
class AirSubmitted:
    """SMSC → handset: the submit with this token and reference was taken (the SMS-SUBMIT-REPORT)."""

    tp_mr: int
    token: str = ""


@frozen
class AirDeliver:
    """SMSC → handset: an SMS-DELIVER for `number`; `token` is for the acknowledgement."""

    number: str
    tpdu: bytes
    token: str


@frozen
class AirDelivered:
    """Handset → SMSC: the SMS-DELIVER with this token is stored (the SMS-DELIVER-REPORT)."""

    token: str


@frozen
class AirReport:
    """SMSC → handset: an SMS-STATUS-REPORT."""

    tpdu: bytes


@frozen
class Joined:
    """Handset → SMSC: the core `origin` now answers for `number`."""

    origin: str
    number: str
