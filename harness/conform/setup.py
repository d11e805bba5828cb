"""What exists before the first step: accounts, phone keys, registered phones, and fresh names for them.

The requests are written out here, not taken from `harness.wire`: a replay must not share its words with the
server that it checks.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import field

from harness.conform.cases import AccountSetup, Case, Json, PhoneSetup
from harness.conform.names import Names, fill
from harness.conform.requests import Base, json_request
from harness.draws import Draws
from harness.frozen import frozen
from harness.http.values import Request

__all__ = [
    "Account",
    "Accounts",
    "ControlAccounts",
    "GivenAccounts",
    "Task",
    "control_request",
    "fresh_names",
    "fresh_numbers",
    "learn",
    "task_request",
    "task_title",
    "tasks",
]


@frozen
class Account:
    """An account that exists already. `plan` None = not known."""

    user_id: str
    api_key: str = field(repr=False)
    email: str = ""
    plan: str | None = None


@frozen
class ControlAccounts:
    """Every case makes its own by the control routes. `token` is what they ask for, if anything."""

    token: str | None = field(default=None, repr=False)


@frozen
class GivenAccounts:
    """Accounts that somebody made; every case uses the same. The first is `user`, the second `other`.

    `numbers` are the phones that they have already, `lists` the paths of the lists that have something in them,
    `webhooks` how many of those they have.
    """

    accounts: tuple[Account, ...]
    numbers: frozenset[str] = frozenset()
    lists: frozenset[str] = frozenset()
    webhooks: int = 0


Accounts = ControlAccounts | GivenAccounts


@frozen
class MakeAccount:
    account: AccountSetup


@frozen
class MakeKey:
    key: str
    key_id: str


@frozen
class Register:
    phone: PhoneSetup


@frozen
class AwaitKey:
    """Until the key is associated with the number (gateway-protocol.md §1.4)."""

    phone: PhoneSetup


@frozen
class Configure:
    phone: PhoneSetup


Task = MakeAccount | MakeKey | Register | AwaitKey | Configure


def fresh_names(
    case: Case, accounts: Accounts, hook_base: str, draws: Draws, numbers: Sequence[str] = ()
) -> dict[str, str | int]:
    """Numbers, tokens and receiver URLs that no other case has, and what is known of given accounts.

    `numbers` are those to take; if there are too few, the others are drawn.
    """
    names: dict[str, str | int] = {}
    wanted = list(dict.fromkeys(phone.number for phone in case.phones))
    more = fresh_numbers(max(0, len(wanted) - len(numbers)), draws, numbers)
    names.update(zip(wanted, (*numbers, *more), strict=False))
    for phone in case.phones:
        if phone.token not in names:
            names[phone.token] = f"conform-{draws.token(24)}"
    for suffix in ("", "2", "3"):
        names[f"hook_url{suffix}"] = f"{hook_base.rstrip('/')}/conform/{draws.token(16)}"
    if isinstance(accounts, GivenAccounts):
        for role, given in zip((account.role for account in case.accounts), accounts.accounts, strict=False):
            names |= _account_names(role, given.user_id, given.api_key, given.email)
    return names


def fresh_numbers(count: int, draws: Draws, taken: Container[str] = ()) -> list[str]:
    """So many different numbers, none of them `taken`.

    Toll-free US numbers of the exchange kept for stories. Not +1800: the cases write those themselves.
    """
    found: dict[str, None] = {}
    while len(found) < count:
        area = (833, 844, 855, 866, 877, 888)[draws.between(0, 5)]
        number = f"+1{area}555{draws.between(2000, 9999)}"
        if number not in taken:
            found[number] = None
    return list(found)


def _account_names(role: str, user_id: str, api_key: str, email: str) -> dict[str, str | int]:
    facts: dict[str, str | int] = {"id": user_id, "key": api_key, "email": email}
    # A second account's names: other_key …, or other_user_key … after the first one's.
    prefixes = (role,) if role == "user" else (role, f"{role}_user")
    return {f"{prefix}_{name}": value for prefix in prefixes for name, value in facts.items()}


def tasks(case: Case, accounts: Accounts) -> tuple[Task, ...]:
    """The set-up in its order: accounts, then each phone until its key knows it."""
    made: list[Task] = []
    if isinstance(accounts, ControlAccounts):
        made += [MakeAccount(account) for account in case.accounts]
    keys: set[str] = set()
    for phone in case.phones:
        if phone.key not in keys:
            made.append(MakeKey(phone.key, phone.key_id))
            keys.add(phone.key)
        made += [Register(phone), AwaitKey(phone)]
        if phone.settings:
            made.append(Configure(phone))
    return tuple(made)


def control_request(base: Base, accounts: Accounts, method: str, path: str, body: Json = None) -> Request:
    """A request to the control routes (`path` follows `/_control`)."""
    request = json_request(base, method, f"/_control{path}", None, body)
    token = accounts.token if isinstance(accounts, ControlAccounts) else None
    if token is None:
        return request
    return Request(
        request.method,
        request.scheme,
        request.authority,
        request.target,
        (*request.headers, ("Authorization", f"Bearer {token}")),
        request.body,
    )


def task_request(task: Task, base: Base, accounts: Accounts, names: Names) -> Request:
    user_key = str(names.get("user_key", ""))
    match task:
        case MakeAccount(account):
            body: Json = {} if account.plan is None else {"plan": account.plan}
            return control_request(base, accounts, "POST", "/accounts", body)
        case MakeKey():
            return json_request(base, "POST", "/v1/phone-api-keys", user_key, {"name": "key"})
        case Register(phone):
            key = str(names[phone.key])
            return json_request(base, "PUT", "/v1/phones/fcm-token", key, _facts(phone, names))
        case AwaitKey():
            return json_request(base, "GET", "/v1/phone-api-keys?limit=100", user_key)
        case Configure(phone):
            # Without the token in it this call would erase the stored one (gateway-protocol.md §2.12).
            facts = {**_facts(phone, names), **phone.settings}
            return json_request(base, "PUT", "/v1/phones", user_key, fill(facts, names))


def _facts(phone: PhoneSetup, names: Names) -> dict[str, Json]:
    return {"phone_number": names[phone.number], "fcm_token": names[phone.token], "sim": phone.sim}


def learn(task: Task, answer: Json, names: Names) -> dict[str, str | int] | None:
    """What a good answer binds; None = not yet, ask again. Raises `ValueError` if it lacks what is needed."""
    data = answer.get("data", answer) if isinstance(answer, dict) else answer
    match task, data:
        case MakeAccount(account), {"user_id": str(user_id), "api_key": str(key), "email": str(email)}:
            return _account_names(account.role, user_id, key, email)
        case MakeKey(key_name, id_name), {"api_key": str(key), "id": str(key_id)}:
            return {key_name: key, id_name: key_id}
        case Register(phone), {"id": str(phone_id)}:
            return {phone.id: phone_id}
        case AwaitKey(phone), list(keys):
            return {} if _associated(keys, names[phone.key_id], names[phone.number]) else None
        case Configure(), {"id": str()}:
            return {}
    raise ValueError("the answer lacks what the set-up needs")


def _associated(keys: list[Json], key_id: str | int, number: str | int) -> bool:
    for key in keys:
        match key:
            case {"id": known, "phone_numbers": list(numbers)} if known == key_id:
                return number in numbers
    return False


def task_title(task: Task) -> str:
    match task:
        case MakeAccount(account):
            return f"account {account.role}"
        case MakeKey(key):
            return f"key {key}"
        case Register(phone):
            return f"registration of {phone.number}"
        case AwaitKey(phone):
            return f"key {phone.key} for {phone.number}"
        case Configure(phone):
            return f"settings of {phone.number}"
