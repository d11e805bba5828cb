"""Who else takes part: the contact with a handset, the user's application, the webhook receiver."""

from __future__ import annotations

from harness.parties.behaviours import Answer, Behaviour, CallsBack, Echo, OptsOut, ReadsCodes, Typos
from harness.parties.client import ApiCall, Client, IssuePhoneKey, SendText, Subscribe
from harness.parties.contact import Behave, CallNumber, Contact, PushMms, WriteData, WriteText
from harness.parties.receiver import Receiver

__all__ = [
    "Answer",
    "ApiCall",
    "Behave",
    "Behaviour",
    "CallNumber",
    "CallsBack",
    "Client",
    "Contact",
    "Echo",
    "IssuePhoneKey",
    "OptsOut",
    "PushMms",
    "ReadsCodes",
    "Receiver",
    "SendText",
    "Subscribe",
    "Typos",
    "WriteData",
    "WriteText",
]
