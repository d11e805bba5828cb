"""harness.standin.rows: rows are values, changed by putting others in their place, and keep secrets."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest

from harness.standin import rows
from harness.standin.rows import Account, PhoneKey, Webhook, evolve
from tests.wire.test_server import MESSAGE

ACCOUNT = Account("u", "e@example.com", "uk_secret", "free", 1, 2)
KEY = PhoneKey("id", "name", "u", "e@example.com", "pk_secret", 1, 2)
HOOK = Webhook("id", "u", "https://example.com", "signing-secret", (), (), 1, 2)


@pytest.mark.parametrize(
    ("row", "changes"),
    [(ACCOUNT, {"plan": "pro-monthly"}), (MESSAGE, {"content": "x", "sent_at": 5}), (KEY, {}), (HOOK, {"url": "y"})],
)
def test_a_row_evolves_like_any_dataclass(row: Any, changes: dict[str, Any]) -> None:
    before = replace(row)
    assert evolve(row, **changes) == replace(row, **changes)
    assert row == before


def test_a_row_has_no_other_fields() -> None:
    with pytest.raises(AttributeError):
        evolve(MESSAGE, colour="red")


@pytest.mark.parametrize("row", [ACCOUNT, KEY, HOOK])
def test_no_secret_is_shown(row: Any) -> None:
    assert "secret" not in repr(row)


@pytest.mark.parametrize("name", rows.__all__)
def test_rows_are_slotted_values(name: str) -> None:
    kind = getattr(rows, name)
    if isinstance(kind, type):
        assert kind.__hash__ is not None
        assert all(hasattr(kind, field.name) for field in fields(kind))
