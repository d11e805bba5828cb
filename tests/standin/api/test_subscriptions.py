"""harness.standin.api.subscriptions: without a payment provider (gateway-protocol.md §2.17)."""

from __future__ import annotations

from typing import Any

import pytest

from harness.standin.rows import evolve
from tests.standin.gateways import Gateway

INVOICE = {
    "name": "Somebody",
    "address": "Street 1",
    "city": "Town",
    "country": "DE",
    "zip_code": "12345",
}


def _gateway(subscription_id: str | None) -> Gateway:
    gateway = Gateway()
    gateway.standin.accounts[gateway.account.id] = evolve(gateway.account, subscription_id=subscription_id)
    return gateway


@pytest.mark.parametrize("subscription_id", [None, "1"])
@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/v1/users/subscription-update-url"), ("DELETE", "/v1/users/subscription")]
)
def test_what_needs_the_provider_is_an_internal_error_and_leaves_the_server_up(
    method: str, path: str, subscription_id: str | None
) -> None:
    gateway = _gateway(subscription_id)
    assert gateway.call(method, path).status == 500
    assert gateway.call("GET", "/v1/users/me").data["subscription_id"] == subscription_id


@pytest.mark.parametrize(("subscription_id", "status"), [(None, 200), ("1", 500)])
def test_whoever_has_no_subscription_has_no_payments(subscription_id: str | None, status: int) -> None:
    answer = _gateway(subscription_id).call("GET", "/v1/users/subscription/payments")
    assert answer.status == status
    if status == 200:
        message = "fetched subscription invoices billing usage"
        assert answer.body == {"data": None, "message": message, "status": "success"}


@pytest.mark.parametrize(
    ("subscription_id", "why"),
    [
        (None, "failed to validate the subscription payment invoice ID"),
        ("1", "failed to validate subscription payment invoice ID"),
    ],
)
def test_an_invoice_that_is_well_written_is_of_no_payment(subscription_id: str | None, why: str) -> None:
    answer = _gateway(subscription_id).call("POST", "/v1/users/subscription/invoices/7", INVOICE)
    assert (answer.status, answer.body["message"]) == (422, "validation errors while generating payment invoice")
    assert answer.data == {"subscriptionInvoiceID": [why]}


@pytest.mark.parametrize(
    ("body", "status", "problems"),
    [
        ({}, 422, ["address", "city", "country", "name", "zip_code"]),
        (INVOICE | {"country": "US"}, 422, ["state"]),
        ({"name": 5}, 400, []),
    ],
)
def test_an_invoice_is_judged_by_itself_first(body: dict[str, Any], status: int, problems: list[str]) -> None:
    answer = Gateway().call("POST", "/v1/users/subscription/invoices/7", body)
    assert answer.status == status
    if problems:
        assert list(answer.data) == problems
