"""Why a case cannot be replayed with the means that there are. It is skipped then, and never counted as a pass."""

from __future__ import annotations

from collections.abc import Iterator

from harness.conform.cases import Arrange, Bind, Binding, Call, Case, Control, JsonContent, Push, Says, Unknown, Unsaid
from harness.conform.setup import Accounts, ControlAccounts, GivenAccounts

__all__ = ["needs_pushes", "obstacle"]

# What other cases leave behind on an account, and no route takes away.
_LASTING = {
    "/v1/billing/usage": "the account's usage",
    "/v1/billing/usage-history": "the account's usage",
    "/v1/bulk-messages": "the account's bulk messages",
}


def obstacle(case: Case, accounts: Accounts, system_key: str | None, no_pushes: str = "") -> str | None:
    """The first thing that is in the way, or None. `no_pushes`: why the server's pushes do not come to us."""
    return next(_obstacles(case, accounts, system_key, no_pushes), None)


def needs_pushes(case: Case) -> bool:
    """Whether the case waits for a push, or answers one in a way of its own."""
    awaited = any(isinstance(step, Push) and step.expect is not None for step in case.steps)
    return awaited or any(phone.push == "refused" for phone in case.phones)


def _obstacles(case: Case, accounts: Accounts, system_key: str | None, no_pushes: str) -> Iterator[str]:
    control = isinstance(accounts, ControlAccounts)
    yield from (f"{place} is not known" for place in case.unknown)
    if isinstance(accounts, GivenAccounts):
        yield from _account_obstacles(case, accounts)
    for index, step in enumerate(case.steps):
        match step:
            case Unknown(why=why):
                yield f"step {index}: {why}"
            case Arrange(what, of) if of is None or not control:
                yield f"step {index}: {what} (needs the control routes)"
            case Call(role="system_key") if system_key is None:
                yield f"step {index}: needs the key of the system user (--system-key)"
            case Call(content=Unsaid(note)):
                yield f"step {index}: the bytes were not recorded: {note}"
            case Call() if isinstance(accounts, GivenAccounts):
                yield from (f"step {index}: {why}" for why in _call_obstacles(step, accounts))
            case Bind(bindings):
                yield from (f"step {index}: {why}" for why in _bind_obstacles(bindings, control))
    if no_pushes and needs_pushes(case):
        yield no_pushes


def _account_obstacles(case: Case, accounts: GivenAccounts) -> Iterator[str]:
    if len(case.accounts) > len(accounts.accounts):
        yield f"needs {len(case.accounts)} accounts, there are {len(accounts.accounts)} (give another --user-key)"
    for wanted, given in zip(case.accounts, accounts.accounts, strict=False):
        if None not in (wanted.plan, given.plan) and wanted.plan != given.plan:
            yield f"needs an account on the plan {wanted.plan}, the one given is on {given.plan}"


def _call_obstacles(call: Call, accounts: GivenAccounts) -> Iterator[str]:
    """What a case may do to an account of its own only."""
    if call.method == "GET" and call.path in _LASTING:
        yield f"looks at {_LASTING[call.path]}, which other cases change"
    if call.method == "GET" and call.path in accounts.lists:
        yield f"looks at {call.path}, and the account has some of its own"
    if call.method != "GET" and call.path.startswith("/v1/users/"):
        yield f"{call.method} {call.path} would change the account that was given"
    match call.content:
        case JsonContent({"phone_number": str(number)}) if _plain(number) in map(_plain, accounts.numbers):
            yield f"would take over the account's phone {number}"


def _plain(number: str) -> str:
    """The server takes a number without its plus, too (gateway-protocol.md §2.12)."""
    return number.strip().removeprefix("+")


def _bind_obstacles(bindings: tuple[tuple[str, Binding], ...], control: bool) -> Iterator[str]:
    for name, binding in bindings:
        match binding:
            case Says(why):
                yield f"{name}: {why}"
            case Control() if not control:
                yield f"{name} is known to the control routes only"
