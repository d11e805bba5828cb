"""Who takes part in a world: phones and contacts, as a story or a gateway asks for them."""

from __future__ import annotations

from dataclasses import field

from harness.frozen import frozen

__all__ = ["ContactSpec", "PhoneSpec"]


@frozen
class PhoneSpec:
    """A phone of the story. `number` is E.164."""

    name: str
    number: str
    encryption_key: str | None = field(default=None, repr=False)
    messages_per_minute: int | None = None
    message_expiration_s: int | None = None
    max_send_attempts: int | None = None


@frozen
class ContactSpec:
    """Somebody whom the phones text with."""

    name: str
    number: str
