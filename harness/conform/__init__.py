"""Replaying recorded server conversations against any server.

What a door does with it: read the cases (`harness.adapters.case_files`), make a run for each (`runs`), put
each run into a world of its own (or give it to the live driver), hand it `Begin`, step until its `result` is
there, and show the results (`text`, `summary`, `to_json`).
"""

from __future__ import annotations

from collections.abc import Iterable

from harness.conform.cases import Case, read_case
from harness.conform.match import Difference
from harness.conform.report import differing_steps, summary, text, to_json
from harness.conform.results import CaseResult, StepResult, Verdict
from harness.conform.run import Begin, ConformRun
from harness.conform.setup import Account, Accounts, ControlAccounts, GivenAccounts
from harness.draws import Draws

__all__ = [
    "Account",
    "Accounts",
    "Begin",
    "Case",
    "CaseResult",
    "ConformRun",
    "ControlAccounts",
    "Difference",
    "GivenAccounts",
    "StepResult",
    "Verdict",
    "differing_steps",
    "read_case",
    "runs",
    "summary",
    "text",
    "to_json",
]


def runs(
    cases: Iterable[Case],
    draws: Draws,
    *,
    api: str,
    fcm_authority: str,
    hook_base: str,
    accounts: Accounts,
    system_key: str | None = None,
    sequential: bool = False,
    matching: str = "",
) -> list[ConformRun]:
    """A run for each case whose name or area contains `matching`, with a stream of draws of its own.

    The runs are independent of each other; their names are `conform-<case>`.
    """
    chosen = [case for case in cases if matching in case.name or matching in case.area]
    return [
        ConformRun(
            f"conform-{case.name}",
            draws.stream(case.name),
            case,
            api=api,
            fcm_authority=fcm_authority,
            hook_base=hook_base,
            accounts=accounts,
            system_key=system_key,
            sequential=sequential,
        )
        for case in chosen
    ]
