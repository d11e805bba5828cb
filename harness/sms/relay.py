"""What an SMSC makes of a submit: the same user data as an SMS-DELIVER."""

from __future__ import annotations

from harness.instants import Instant
from harness.sms.address import party_address
from harness.sms.pdu import _HAS_HEADER, _SUBMIT, _VALIDITY_FORMAT, _VALIDITY_OCTETS, _Octets, _timestamp

__all__ = ["forwarded_tpdu"]

_DELIVER_LAST = 0x04  # SMS-DELIVER, TP-MMS set: no more messages wait (3GPP TS 23.040 §9.2.3.2)


def forwarded_tpdu(submit: bytes, sender: str, at: Instant) -> bytes:
    """The SMS-DELIVER that carries an SMS-SUBMIT on, stamped `at`. Raises `MalformedPdu`, `UnencodableAddress`."""
    octets = _Octets(submit)
    first = octets.first(_SUBMIT)
    octets.one()
    octets.address()
    protocol_and_coding = octets.take(2)
    octets.take(_VALIDITY_OCTETS[first & _VALIDITY_FORMAT])
    head = bytes((_DELIVER_LAST | (first & _HAS_HEADER),))
    return head + party_address(sender) + protocol_and_coding + _timestamp(at) + octets._tpdu[octets._position :]
