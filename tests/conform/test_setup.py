"""What exists before the first step."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from harness.conform.cases import AccountSetup, Case, Json
from harness.conform.reading import read_case
from harness.conform.requests import Base
from harness.conform.setup import (
    Account,
    Accounts,
    AwaitKey,
    ControlAccounts,
    GivenAccounts,
    MakeKey,
    Register,
    control_request,
    fresh_names,
    fresh_numbers,
    learn,
    task_request,
    task_title,
    tasks,
)
from harness.draws import Draws
from harness.sms import PhoneNumber
from tests.conform.worlds import HOOKS, case_text

BASE = Base("http://api.internal")
GIVEN = GivenAccounts((Account("u-1", "uk_1", "a@example.com", "free"),))
CONTROL = ControlAccounts()
CALL = {"do": "call", "as": "user", "method": "GET", "path": "/"}


def _phone(suffix: str = "", key: str = "", **more: Json) -> dict[str, Json]:
    names: dict[str, Json] = {"number": f"${{phone{suffix}}}", "token": f"${{token{suffix}}}"}
    names |= {"id": f"${{phone_id{suffix}}}", "key": f"${{phone_key{key}}}"}
    return {**names, "sim": "SIM1", "push": "accepted", **more}


def _case(*steps: dict[str, Any], **more: Any) -> Case:
    return read_case(case_text(list(steps), **more))


def test_a_second_account_has_names_of_its_own() -> None:
    accounts = GivenAccounts((Account("u-1", "uk_1"), Account("u-2", "uk_2")))
    case = replace(_case(), accounts=(AccountSetup("user", None), AccountSetup("other", None)))
    names = fresh_names(case, accounts, HOOKS, Draws(1, "a"))
    assert (names["user_id"], names["other_id"], names["other_user_id"]) == ("u-1", "u-2", "u-2")
    assert [task_title(task) for task in tasks(case, CONTROL)][:2] == ["account user", "account other"]


def test_every_phone_has_a_number_and_a_token_of_its_own() -> None:
    case = _case(phones=[_phone(), _phone("2", "2")])
    names = fresh_names(case, CONTROL, HOOKS, Draws(1, "a"))
    assert len({names[name] for name in ("phone", "phone2", "token", "token2")}) == 4
    assert names != fresh_names(case, CONTROL, HOOKS, Draws(1, "b"))
    assert names == fresh_names(case, CONTROL, HOOKS, Draws(1, "a"))


def test_many_numbers_are_american_and_no_number_that_a_case_writes_itself() -> None:
    case = _case(phones=[_phone(str(n), str(n)) for n in range(2, 40)])
    names = fresh_names(case, CONTROL, HOOKS, Draws(1, "a"))
    numbers = [str(value) for name, value in names.items() if name.startswith("phone")]
    assert len(set(numbers)) == 38
    for number in numbers:
        assert str(PhoneNumber.parse(number)) == number
        assert number.startswith("+18")
        assert not number.startswith("+1800")


def test_a_case_takes_the_numbers_that_it_is_given_and_draws_the_others() -> None:
    case = _case(phones=[_phone(), _phone("2", "2")])
    names = fresh_names(case, CONTROL, HOOKS, Draws(1, "a"), ("+18445550123",))
    assert names["phone"] == "+18445550123"
    assert names["phone2"] not in (None, "+18445550123")


def test_no_number_is_given_twice_or_taken_from_somebody() -> None:
    taken = set(fresh_numbers(100, Draws(1, "a")))
    assert len(taken) == 100
    assert not taken & set(fresh_numbers(100, Draws(1, "a"), taken))


def test_receivers_are_below_the_base() -> None:
    names = fresh_names(_case(), CONTROL, f"{HOOKS}/", Draws(1, "a"))
    assert str(names["hook_url"]).startswith("http://127.0.0.1:9999/conform/")
    assert names["hook_url"] != names["hook_url2"]


def test_a_given_account_is_known_from_the_start() -> None:
    names = fresh_names(_case(), GIVEN, HOOKS, Draws(1, "a"))
    assert (names["user_id"], names["user_key"], names["user_email"]) == ("u-1", "uk_1", "a@example.com")


@pytest.mark.parametrize(
    ("accounts", "phones", "titles"),
    [
        (
            CONTROL,
            [_phone()],
            ["account user", "key phone_key", "registration of phone", "key phone_key for phone"],
        ),
        (
            GIVEN,
            [_phone(settings={"messages_per_minute": 60})],
            ["key phone_key", "registration of phone", "key phone_key for phone", "settings of phone"],
        ),
        (
            GIVEN,
            [_phone(), _phone("2")],
            [
                "key phone_key",
                "registration of phone",
                "key phone_key for phone",
                "registration of phone2",
                "key phone_key for phone2",
            ],
        ),
        (CONTROL, [], ["account user"]),
    ],
    ids=lambda value: "",
)
def test_the_set_up_has_its_order(accounts: Accounts, phones: list[Json], titles: list[str]) -> None:
    assert [task_title(task) for task in tasks(_case(phones=phones), accounts)] == titles


NAMES: dict[str, str | int] = {
    "user_key": "uk_1",
    "phone": "+18445550123",
    "token": "t-1",
    "phone_key": "pk_1",
    "phone_key_id": "k-1",
}


def test_the_requests_of_a_set_up() -> None:
    case = _case(settings={"messages_per_minute": 60})
    sent = [task_request(task, BASE, CONTROL, NAMES) for task in tasks(case, CONTROL)]
    assert [
        (
            request.method,
            request.target.decode(),
            request.header("x-api-key"),
            json.loads(request.body or b"0"),
        )
        for request in sent
    ] == [
        ("POST", "/_control/accounts", None, {"plan": "free"}),
        ("POST", "/v1/phone-api-keys", "uk_1", {"name": "key"}),
        (
            "PUT",
            "/v1/phones/fcm-token",
            "pk_1",
            {"phone_number": "+18445550123", "fcm_token": "t-1", "sim": "SIM1"},
        ),
        ("GET", "/v1/phone-api-keys?limit=100", "uk_1", 0),
        (
            "PUT",
            "/v1/phones",
            "uk_1",
            {"phone_number": "+18445550123", "fcm_token": "t-1", "sim": "SIM1", "messages_per_minute": 60},
        ),
    ]


@pytest.mark.parametrize(("token", "header"), [(None, None), ("s3cret", "Bearer s3cret")])
def test_the_control_routes_get_their_token(token: str | None, header: str | None) -> None:
    accounts = ControlAccounts(token)
    request = control_request(BASE, accounts, "PATCH", "/phones/p-1", {"last_heartbeat_age_s": 1})
    assert request.target == b"/_control/phones/p-1"
    assert request.header("authorization") == header
    assert "s3cret" not in repr(accounts)


[PHONE] = _case().phones
[ACCOUNT] = tasks(_case(phones=[]), CONTROL)
NO_KEYS: Json = {"data": []}
OTHERS: Json = {"data": [{"id": "k-2", "phone_numbers": ["+18445550123"]}]}
NOT_YET: Json = {"data": [{"id": "k-2"}, {"id": "k-1", "phone_numbers": []}]}
ASSOCIATED: Json = {"data": [{"id": "k-1", "phone_numbers": ["+18445550123"]}]}


@pytest.mark.parametrize(
    ("task", "answer", "learnt"),
    [
        (
            ACCOUNT,
            {"user_id": "u", "api_key": "k", "email": "e", "plan": "free"},
            {"user_id": "u", "user_key": "k", "user_email": "e"},
        ),
        (
            MakeKey("phone_key2", "phone_key_id2"),
            {"data": {"api_key": "pk", "id": "i"}},
            {"phone_key2": "pk", "phone_key_id2": "i"},
        ),
        (Register(PHONE), {"data": {"id": "p"}}, {"phone_id": "p"}),
        (AwaitKey(PHONE), NO_KEYS, None),
        (AwaitKey(PHONE), OTHERS, None),
        (AwaitKey(PHONE), NOT_YET, None),
        (AwaitKey(PHONE), ASSOCIATED, {}),
    ],
    ids=lambda value: "",
)
def test_an_answer_of_the_set_up_binds_its_names(task: Any, answer: Json, learnt: dict[str, str] | None) -> None:
    assert learn(task, answer, NAMES) == learnt


@pytest.mark.parametrize("answer", [None, "OK", {"data": {}}, {"data": {"id": 5}}])
def test_an_answer_without_what_it_must_have_is_an_error(answer: Json) -> None:
    with pytest.raises(ValueError, match="lacks what the set-up needs"):
        learn(Register(PHONE), answer, NAMES)
