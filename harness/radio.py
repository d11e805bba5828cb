"""The radio as values: what a handset and its radio say to each other.

A simulated modem and a real device stand behind the same seam. Result codes are Android's (phone-behaviour.md §8.2).
"""

from __future__ import annotations

from harness.frozen import frozen
from harness.instants import Instant

__all__ = [
    "CALL_OUTCOMES",
    "CALL_STATES",
    "CALL_TYPES",
    "RESULT_OK",
    "AirCall",
    "AirDeliver",
    "AirDelivered",
    "AirMms",
    "AirRefused",
    "AirReport",
    "AirSubmit",
    "AirSubmitted",
    "CallLogged",
    "CallStateChanged",
    "DataReceived",
    "DeliverReceived",
    "Joined",
    "MmsResult",
    "RadioResult",
    "StatusReport",
    "Submit",
    "SubmitAccepted",
    "SubmitMms",
    "SubmitRejected",
    "SubmitThrew",
    "TextReceived",
    "WapPushReceived",
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


@frozen
class SubmitMms:
    """Out: hand this M-Send.req (`pdu`) over to `to`. `id` is the handset's name for it."""

    id: str
    to: str
    pdu: bytes
    subscription_id: int | None = None


@frozen
class MmsResult:
    """In: what became of an M-Send.req: `code` is `RESULT_OK` or one of Android's MMS_ERROR_* (1…12)."""

    id: str
    code: int


@frozen
class WapPushReceived:
    """In: a WAP push with the MMS PDU `pdu` arrived on the SIM in `sim_slot` (1 or 2)."""

    pdu: bytes
    sim_slot: int = 1


@frozen
class DataReceived:
    """In: a binary text for a port arrived: other apps' business, the httpSMS app never hears of it."""

    sender: str
    data: bytes
    port: int
    sim_slot: int = 1


CALL_STATES = ("RINGING", "OFFHOOK", "IDLE")
"""Android's call states, as `CallStateChanged.state` spells them."""

CALL_TYPES = {"incoming": 1, "outgoing": 2, "missed": 3, "voicemail": 4, "rejected": 5, "blocked": 6}
"""The types of a row in Android's call log."""

CALL_OUTCOMES = {
    "missed": "missed",
    "answered": "incoming",
    "rejected": "rejected",
    "blocked": "blocked",
    "voicemail": "voicemail",
}
"""How a call that comes in may end, and which of `CALL_TYPES` its row then has."""


@frozen
class CallStateChanged:
    """In: Android broadcasts that a call is now in `state`, one of `CALL_STATES`.

    `number` is None in the broadcast that bears none, and `""` for a caller who withholds it.
    """

    state: str
    number: str | None
    sim_slot: int = 1


@frozen
class CallLogged:
    """In: a row in the call log: `type` is one of `CALL_TYPES`' values, `at` when the call came in."""

    number: str
    type: int
    at: Instant
    subscription_id: int | None = None
    phone_account_id: str | None = None


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
class AirRefused:
    """SMSC → handset: the submit with this token was not taken; the radio says so with Android's result `code`."""

    code: int
    token: str


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
class AirMms:
    """A multimedia message on its way from `sender` to `number`, as the sender's M-Send.req.

    `pushed`: as the M-Retrieve.conf that the recipient's MMSC pushes whole.
    """

    number: str
    sender: str
    pdu: bytes
    pushed: bool = False


@frozen
class AirCall:
    """A call from `caller` ("" where the caller withholds the number) rings at `number` for `rings_ns`.

    `outcome` is a key of `CALL_OUTCOMES`. One that is answered takes `talks_ns` more. The row in the call log comes
    `log_after_ns` after the end.
    """

    number: str
    caller: str
    outcome: str
    rings_ns: int
    talks_ns: int = 0
    log_after_ns: int = 0
    phone_account_id: str | None = None


@frozen
class Joined:
    """Handset → SMSC: the core `origin` now answers for `number`."""

    origin: str
    number: str
