"""What the app reports instead of sending a message (phone-behaviour.md §4.1), and what it makes of result codes."""

from __future__ import annotations

from harness import cipher
from harness.errors import CipherError
from harness.frozen import frozen
from harness.phone.device import Device
from harness.phone.settings import Settings
from harness.wire.app import Outstanding
from harness.wire.java import Threw

__all__ = [
    "CANNOT_BE_DELIVERED",
    "DOWNLOAD_FAILED",
    "MMS_FAILED",
    "NO_BODY",
    "NO_DEFAULT_SMS_APP",
    "NO_DESTINATION",
    "NO_PERMISSION",
    "Refusal",
    "clear_text",
    "reason_for",
    "refused_by_android",
]

DISABLED = "Outgoing messages have been disabled on the mobile app"
NO_KEY = "Outgoing message is encrypted but mobile app has no encryption key"
CANNOT_DECRYPT = "Cannot decrypt the outgoing message. Check your encryption key on the Android app."
DOWNLOAD_FAILED = "Failed to download attachment or file size exceeded 1.5MB."
MMS_FAILED = "Internal error while building or sending MMS."
CANNOT_BE_DELIVERED = "CANNOT BE DELIVERED"
# Texts of Android's SmsManager.
NO_BODY = "Invalid message body"
NO_DESTINATION = "Invalid destinationAddress"
NO_PERMISSION = "Sending SMS message: uid 10234 does not have android.permission.SEND_SMS."

# Android's result for a phone without a card to send by, whatever its name says (§4.1).
NO_DEFAULT_SMS_APP = 32
# The result codes that the app knows (§4.5).
_REASONS = {1: "GENERIC_FAILURE", 2: "RADIO_OFF", 3: "NULL_PDU", 4: "NO_SERVICE", 5: "LIMIT_EXCEEDED"}


def reason_for(code: int) -> str:
    """The reason that the app reports for Android's result `code`."""
    return _REASONS.get(code) or f"UNKNOWN:{code}"


@frozen
class Refusal:
    """The app does not send the message and reports `reason`."""

    reason: str


def clear_text(settings: Settings, message: Outstanding) -> str | Refusal:
    """The text to send, decrypted if it has to be: rows 3 to 5 of the app's decision table."""
    if not settings.is_active(message.sim):
        return Refusal(DISABLED)
    if not message.encrypted:
        return message.content
    if not settings.encryption_key:
        return Refusal(NO_KEY)
    try:
        return cipher.decrypt(settings.encryption_key, message.content)
    except CipherError:
        return Refusal(CANNOT_DECRYPT)


def refused_by_android(device: Device, to: str, segments: tuple[str, ...]) -> str | None:
    """What SmsManager throws; it checks the destination before the text, and both before it asks anybody (§4.1)."""
    if not to:
        return NO_DESTINATION
    if not segments:
        return NO_BODY
    if "SEND_SMS" in device.denied:
        return NO_PERMISSION
    return None if device.throws is None else Threw(*device.throws).message
