"""What clients send about their account: profile, notifications, usage, invoices (gateway-protocol.md §2.17)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from harness.frozen import frozen
from harness.wire import numbers, rules, zones
from harness.wire.bodies import Body, Query
from harness.wire.json import Kind, flag, text
from harness.wire.requests import ListQuery
from harness.wire.rules import Problems, Rule, problems, required

__all__ = ["AccountUpdate", "Invoice", "NotificationUpdate", "usage_history"]

_ACCOUNT: Mapping[str, Kind] = {"timezone": text, "active_phone_id": text}
_PHONE_ID = (rules.uuid,)


@frozen
class AccountUpdate:
    """`PUT /v1/users/me`. A zone that there is not is UTC; the phone id is any, None when it is blank."""

    timezone: str
    active_phone_id: str | None

    @classmethod
    def read(cls, body: Body) -> Self:
        found = body.fields(_ACCOUNT)
        zone = found.get("timezone", "").strip()
        known = zone if zone and zones.is_zone(zone) else "UTC"
        return cls(known, found.get("active_phone_id", "").strip() or None)

    def problems(self) -> Problems:
        return problems(("active_phone_id", self.active_phone_id, _PHONE_ID))


_FLAGS: Mapping[str, Kind] = {
    "message_status_enabled": flag,
    "webhook_enabled": flag,
    "heartbeat_enabled": flag,
    "newsletter_enabled": flag,
}


@frozen
class NotificationUpdate:
    """`PUT /v1/users/{id}/notifications`: a flag that is missing is off (§10.3-63)."""

    message_status_enabled: bool = False
    webhook_enabled: bool = False
    heartbeat_enabled: bool = False
    newsletter_enabled: bool = False

    @classmethod
    def read(cls, body: Body) -> Self:
        return cls(**body.fields(_FLAGS))


def usage_history(query: Query) -> ListQuery:
    """`GET /v1/billing/usage-history`: a list without a filter."""
    asked = ListQuery.read(query, 12, 100)
    return ListQuery(asked.limit_text, asked.skip_text, "", 100)


# -- invoices ------------------------------------------------------------------------------------------------

_INVOICE: Mapping[str, Kind] = dict.fromkeys(("name", "address", "city", "state", "country", "zip_code", "notes"), text)
_PROVINCES = ("AB", "BC", "MB", "NB", "NL", "NS", "NT", "NU", "ON", "PE", "QC", "SK", "YT")
_STATES = (
    "AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "FL", "GA", "HI", "ID", "IL", "IN", "IA", "KS", "KY", "LA", "ME",
    "MD", "MA", "MI", "MN", "MS", "MO", "MT", "NE", "NV", "NH", "NJ", "NM", "NY", "NC", "ND", "OH", "OK", "OR", "PA",
    "RI", "SC", "SD", "TN", "TX", "UT", "VT", "VA", "WA", "WV", "WI", "WY",
)  # fmt: skip


def _text_of(most: int) -> tuple[Rule, ...]:
    return (required, rules.minimum(1), rules.maximum(most))


_NAME, _ADDRESS, _CITY, _ZIP_CODE = _text_of(100), _text_of(200), _text_of(100), _text_of(20)
_COUNTRY = (required, rules.length(2))
_NOTES = (rules.maximum(1000),)
_STATE = (rules.minimum(1), rules.maximum(100))
_STATE_OF: Mapping[str, tuple[Rule, ...]] = {
    "CA": (required, rules.one_of(*_PROVINCES)),
    "US": (required, rules.one_of(*_STATES)),
}


@frozen
class Invoice:
    """`POST /v1/users/subscription/invoices/{id}`; the texts go through sanitiser A, as if they were numbers."""

    name: str = ""
    address: str = ""
    city: str = ""
    state: str = ""
    country: str = ""
    zip_code: str = ""
    notes: str = ""

    @classmethod
    def read(cls, body: Body) -> Self:
        return cls(**{name: numbers.address(value) for name, value in body.fields(_INVOICE).items()})

    def problems(self) -> Problems:
        return problems(
            ("name", self.name, _NAME),
            ("address", self.address, _ADDRESS),
            ("city", self.city, _CITY),
            ("state", self.state, _STATE_OF.get(self.country, _STATE)),
            ("country", self.country, _COUNTRY),
            ("zip_code", self.zip_code, _ZIP_CODE),
            ("notes", self.notes, _NOTES),
        )
