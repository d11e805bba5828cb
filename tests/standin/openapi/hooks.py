"""What schemathesis is told in Python: numbers that are some, and which errors a server may say are its own."""

from __future__ import annotations

import re
from typing import Any

import schemathesis
from hypothesis import strategies as st

NUMBERS = ["+18005550199", "+18005550100", "18005550199", "+1 (800) 555-0199", "+4915112345678", "tel:+18005550199"]

schemathesis.openapi.format("phone-number", st.sampled_from(NUMBERS))


@schemathesis.hook
def map_body(_context: schemathesis.HookContext, body: Any) -> Any:
    """For JSON Schema 5.0 is an integer; for Go, and so for the server, it is none."""
    if isinstance(body, dict):
        return {name: map_body(_context, member) for name, member in body.items()}
    if isinstance(body, list):
        return [map_body(_context, member) for member in body]
    return int(body) if isinstance(body, float) and body.is_integer() else body


@schemathesis.hook
def filter_failure(
    _context: schemathesis.HookContext, failure: Any, case: schemathesis.Case, _response: schemathesis.Response
) -> bool:
    """Not a failure: null breaks no format, as only texts have one. Schemathesis takes it for a value that does."""
    found = re.search(r"violates `format` at /properties/(\w+)$", str(failure.message), re.MULTILINE)
    return not (found and isinstance(case.body, dict) and case.body.get(found[1], "") is None)


# Answered 500 whatever they are sent, or for an id that is not known, or for any query or signature.
FAILING = {
    "getSubscriptionUpdateUrl",
    "cancelSubscription",
    "deleteDiscordIntegration",
    "listDiscordIntegrations",
    "handleDiscordEvent",
    "updateWebhook",
    "deleteWebhook",
}
NUL = (b"\0", b"%00", b"\\u0000")


@schemathesis.check
def internal_errors_have_their_reason(
    _context: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case
) -> None:
    if response.status_code != 500 or case.operation.definition.raw["operationId"] in FAILING:
        return
    sent = response.request.body or b""
    request = (response.request.url or "").encode() + (sent.encode() if isinstance(sent, str) else sent)
    assert any(nul in request for nul in NUL), "500 without a NUL character"
