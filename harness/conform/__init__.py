"""Replaying recorded server conversations against any server.

What a door does with it: read the cases (`harness.adapters.case_files`), make a run for each (`runs`), put
each run into a world (or give it to the live driver), hand it `Begin`, step until its `result` is there, and
show the results (`text`, `summary`, `to_json`, `to_junit`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from harness.conform.cases import Case
from harness.conform.junit import to_junit
from harness.conform.match import Difference
from harness.conform.obstacles import needs_pushes, obstacle
from harness.conform.orders import read_order
from harness.conform.reading import read_case
from harness.conform.report import differing_steps, summary, text, to_json
from harness.conform.results import CaseResult, StepResult, Verdict
from harness.conform.run import Begin, ConformRun
from harness.conform.setup import Account, Accounts, ControlAccounts, GivenAccounts, fresh_numbers
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
    "needs_pushes",
    "obstacle",
    "read_case",
    "read_order",
    "runs",
    "summary",
    "text",
    "to_json",
    "to_junit",
]


def runs(
    cases: Sequence[Case],
    draws: Draws,
    *,
    api: str,
    fcm_authority: str,
    hook_base: str,
    accounts: Accounts,
    system_key: str | None = None,
    sequential: bool = False,
    no_pushes: str = "",
    taken: Collection[str] = (),
) -> list[ConformRun]:
    """A run for each case, with a stream of draws and phone numbers of its own: none of them `taken`.

    The runs are independent of each other and may share a world; their names are `conform-<number>`.
    """
    wanted = [len({phone.number for phone in case.phones}) for case in cases]
    numbers = fresh_numbers(sum(wanted), draws, taken)
    firsts = [sum(wanted[:at]) for at in range(len(cases))]
    return [
        ConformRun(
            f"conform-{at}",
            draws.stream(f"{at} {case.name}"),
            case,
            api=api,
            fcm_authority=fcm_authority,
            hook_base=hook_base,
            accounts=accounts,
            system_key=system_key,
            sequential=sequential,
            no_pushes=no_pushes,
            numbers=numbers[firsts[at] : firsts[at] + wanted[at]],
        )
        for at, case in enumerate(cases)
    ]
