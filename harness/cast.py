"""Who takes part in a world: phones and contacts, as a story or a gateway asks for them."""

from __future__ import annotations

from dataclasses import field

from harness.behaviours import Behaviour
from harness.frozen import frozen

__all__ = ["ContactSpec", "GatewaySpec", "PhoneSpec"]


@frozen
class PhoneSpec:
    """A phone of the story. `number` and `second_number`, that of its second SIM, are E.164.

    `app` and `oem` name profiles: the build of the app, and the habits of the phone's maker. `operator` is the MCC and
    MNC of its cards and `android` its release: they decide how texts are divided.
    """

    name: str
    number: str
    encryption_key: str | None = field(default=None, repr=False)
    messages_per_minute: int | None = None
    message_expiration_s: int | None = None
    max_send_attempts: int | None = None
    second_number: str | None = None
    app: str | None = None
    oem: str | None = None
    operator: str | None = None
    android: int | None = None

    @property
    def numbers(self) -> tuple[str, ...]:
        """Those of its SIMs, by slot."""
        return (self.number,) if self.second_number is None else (self.number, self.second_number)


@frozen
class ContactSpec:
    """Somebody whom the phones text with. `sender` is what phones see instead of the number: a name such as BANK."""

    name: str
    number: str
    behaviours: tuple[Behaviour, ...] = ()
    sender: str | None = None


@frozen
class GatewaySpec:
    """How a story wants the embedded gateway; None leaves the target's own setting.

    `pace` is `faithful` or `instant`; `keep_rate`: the spacing of `messages_per_minute` also when instant. `plan` is
    the account's (harness.wire.accounts).
    """

    pace: str | None = None
    keep_rate: bool | None = None
    plan: str | None = None
