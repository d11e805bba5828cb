"""Why a case is skipped."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.conform.cases import Case
from harness.conform.obstacles import needs_pushes, obstacle
from harness.conform.reading import read_case
from harness.conform.setup import Account, Accounts, ControlAccounts, GivenAccounts
from tests.conform.worlds import case_text

GIVEN = GivenAccounts(
    (Account("u-1", "uk_1", "a@example.com", "free"),), frozenset({"+18005550177"}), frozenset({"/v1/phones"})
)
CONTROL = ControlAccounts()
CALL = {"do": "call", "as": "user", "method": "GET", "path": "/"}
PUSH = {"do": "push", "token": "${token}", "within": 5, "expect": {}}


def _case(*steps: dict[str, Any], **more: Any) -> Case:
    return read_case(case_text(list(steps), **more))


@pytest.mark.parametrize(
    ("step", "accounts", "key", "reason"),
    [
        ({**CALL}, CONTROL, None, None),
        ({"do": "dance"}, CONTROL, None, "step 0: a step `dance` is not known"),
        (
            {"do": "bind", "a": {"text": "x"}, "b": {"says": "look at the log"}},
            CONTROL,
            None,
            "step 0: b: look at the log",
        ),
        ({**CALL, "as": "system_key"}, CONTROL, None, "step 0: needs the key of the system user (--system-key)"),
        ({**CALL, "as": "system_key"}, CONTROL, "k", None),
        (
            {**CALL, "raw": "<9 bytes>", "note": "nine bytes"},
            CONTROL,
            None,
            "step 0: the bytes were not recorded: nine bytes",
        ),
        ({"do": "arrange", "what": "rain"}, CONTROL, None, "step 0: rain (needs the control routes)"),
        ({"do": "arrange", "what": "rain", "of": "/sky", "set": {}}, CONTROL, None, None),
        (
            {"do": "arrange", "what": "rain", "of": "/sky", "set": {}},
            GIVEN,
            None,
            "step 0: rain (needs the control routes)",
        ),
        ({"do": "bind", "m": {"control": "/x", "field": "y"}}, CONTROL, None, None),
        (
            {"do": "bind", "m": {"control": "/x", "field": "y"}},
            GIVEN,
            None,
            "step 0: m is known to the control routes only",
        ),
        ({**CALL}, GivenAccounts(()), None, "needs 1 accounts, there are 0 (give another --user-key)"),
        (
            {**CALL},
            GivenAccounts((Account("u", "k", "", "pro"),)),
            None,
            "needs an account on the plan free, the one given is on pro",
        ),
        ({**CALL}, GivenAccounts((Account("u", "k"),)), None, None),
    ],
    ids=lambda value: "",
)
def test_a_case_that_needs_what_is_not_there_is_skipped_with_the_reason(
    step: dict[str, Any], accounts: Accounts, key: str | None, reason: str | None
) -> None:
    assert obstacle(_case(step), accounts, key) == reason


def test_a_case_whose_set_up_has_more_than_is_known_is_skipped() -> None:
    case = replace(_case(CALL), unknown=("setup.weather",))
    assert obstacle(case, CONTROL, None) == "setup.weather is not known"


OWN = "would change the account that was given"


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        ({**CALL, "path": "/v1/billing/usage"}, "looks at the account's usage, which other cases change"),
        ({**CALL, "path": "/v1/bulk-messages"}, "looks at the account's bulk messages, which other cases change"),
        ({**CALL, "path": "/v1/phones"}, "looks at /v1/phones, and the account has some of its own"),
        ({**CALL, "path": "/v1/webhooks"}, None),
        ({**CALL, "path": "/v1/users/me"}, None),
        ({**CALL, "method": "PUT", "path": "/v1/users/me"}, f"PUT /v1/users/me {OWN}"),
        (
            {**CALL, "method": "DELETE", "path": "/v1/users/${user_id}/api-keys"},
            f"DELETE /v1/users/${{user_id}}/api-keys {OWN}",
        ),
        (
            {**CALL, "method": "PUT", "path": "/v1/phones", "json": {"phone_number": "+18005550177"}},
            "would take over the account's phone +18005550177",
        ),
        (
            {**CALL, "method": "PUT", "path": "/v1/phones", "json": {"phone_number": " 18005550177"}},
            "would take over the account's phone  18005550177",
        ),
        ({**CALL, "method": "PUT", "path": "/v1/phones", "json": {"phone_number": "${phone}"}}, None),
    ],
    ids=lambda value: "",
)
def test_an_account_that_somebody_gave_is_left_as_it_is(step: dict[str, Any], reason: str | None) -> None:
    assert obstacle(_case(step), GIVEN, None) == (reason and f"step 0: {reason}")
    assert obstacle(_case(step), CONTROL, None) is None


@pytest.mark.parametrize(
    ("case", "needed"),
    [
        (_case(CALL), False),
        (_case(PUSH), True),
        (_case({**PUSH, "expect": None}), False),
        (_case(CALL, push="refused"), True),
    ],
    ids=["no push", "a push", "none must come", "refused"],
)
def test_a_case_that_needs_pushes_is_skipped_where_none_come(case: Case, needed: bool) -> None:
    assert needs_pushes(case) is needed
    assert obstacle(case, CONTROL, None) is None
    assert obstacle(case, CONTROL, None, "they go elsewhere") == ("they go elsewhere" if needed else None)
