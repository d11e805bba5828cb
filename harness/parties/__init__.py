"""Who else takes part: the contact with a handset, the user's application, the webhook receiver."""

from __future__ import annotations

from harness.behaviours import Answer, Behaviour, CallsBack, Echo, OptsOut, ReadsCodes, Typos
from harness.parties.client import NOBODY, USER, ApiCall, Client, IssuePhoneKey, SendText, Subscribe
from harness.parties.contact import Behave, CallNumber, Contact, File, PushMms, WriteData, WriteMms, WriteText
from harness.parties.receiver import AnswerHooks, Receiver

__all__ = [
    "NOBODY",
    "USER",
    "Answer",
    "AnswerHooks",
    "ApiCall",
    "Behave",
    "Behaviour",
    "CallNumber",
    "CallsBack",
    "Client",
    "Contact",
    "Echo",
    "File",
    "IssuePhoneKey",
    "OptsOut",
    "PushMms",
    "ReadsCodes",
    "Receiver",
    "SendText",
    "Subscribe",
    "Typos",
    "WriteData",
    "WriteMms",
    "WriteText",
]
