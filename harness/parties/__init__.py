"""Who else takes part: the contact with a handset, the user's application, the webhook receiver."""

from __future__ import annotations

from harness.parties.client import ApiCall, Client, IssuePhoneKey, SendText, Subscribe
from harness.parties.contact import Contact, WriteText
from harness.parties.receiver import Receiver

__all__ = ["ApiCall", "Client", "Contact", "IssuePhoneKey", "Receiver", "SendText", "Subscribe", "WriteText"]
