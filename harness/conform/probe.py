"""Whether a server's pushes come to us: one message to a phone of ours, as a case."""

from __future__ import annotations

from typing import Final

from harness.conform.cases import AccountSetup, Answer, Call, Case, JsonContent, PhoneSetup, Push
from harness.conform.results import CaseResult

__all__ = ["PROBE", "why_no_pushes"]

PROBE: Final = Case(
    "probe",
    "probe",
    "A push reaches the FCM endpoint that is ours",
    (AccountSetup("user", None),),
    (PhoneSetup("phone", "token", "phone_id", "phone_key", "SIM1", "accepted", {}),),
    (
        Call(
            "user",
            "POST",
            "/v1/messages/send",
            {},
            {},
            JsonContent({"from": "${phone}", "to": "+18005550100", "content": "hello"}),
            {},
            {},
            Answer(200),
        ),
        Push("${token}", 5.0, {}, {"path": "#string", "body": "#any"}),
    ),
    shares=True,
)


def why_no_pushes(result: CaseResult, endpoint: str) -> str:
    """What keeps pushes from us, with the remedy; empty if nothing does. `endpoint` is where they should come to."""
    if result.verdict == "agree":
        return ""
    sent = bool(result.steps) and not result.steps[0].differences
    if result.reason or not sent:
        why = result.reason or result.steps[0].answer
        return f"no message could be sent to see whether pushes come: {why}"
    port = endpoint.rpartition(":")[2]
    return (
        f"the server's pushes do not come to us: start it with FCM_ENDPOINT={endpoint}, and give --listen-port {port}"
    )
