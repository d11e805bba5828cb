"""What is found of ours, in which order, and what stays."""

from __future__ import annotations

import asyncio
from typing import Any

from harness.targets.leftovers import Left, Leftover, find, remove
from harness.targets.marks import STORY, TAKEN, callback_path, key_name
from tests.targets.fakes import account_of

OURS, OTHER, BORROWED = "+18005550100", "+18005550177", "+18005550188"


def account(**more: Any) -> Any:
    def key(known: str, name: str, phone: str) -> dict[str, Any]:
        return {"id": known, "name": name, "phone_numbers": [], "phone_ids": [phone], "api_key": "pk"}

    return account_of(
        **{
            "GET /v1/phone-api-keys": [
                key("k1", key_name(STORY, "aaaa", "alice"), "p1"),
                key("k2", "httpsms-harness", "p2"),
                key("k3", key_name(TAKEN, "bbbb", "alice"), "p3"),
            ],
            "GET /v1/phones": [
                {"id": "p1", "phone_number": OURS},
                {"id": "p2", "phone_number": OTHER},
                {"id": "p3", "phone_number": BORROWED},
            ],
            "GET /v1/webhooks": [
                {"id": "w1", "url": f"http://127.0.0.1:9{callback_path('aaaa')}", "phone_numbers": []},
                {"id": "w2", "url": "https://app.example.com/hooks", "phone_numbers": []},
            ],
            "GET /v1/message-threads": [{"id": "t"}],
            **more,
        }
    )


def found(run: str = "", numbers: tuple[str, ...] = ()) -> list[str]:
    return [one.path or one.what for one in asyncio.run(find(account()[0], run, numbers))]


def test_everything_of_ours_is_found_keys_last_and_nothing_else() -> None:
    threads = ["/v1/message-threads/t"] * 2
    assert found() == [*threads, "/v1/webhooks/w1", "/v1/phones/p1", f"phone {BORROWED}", "/v1/phone-api-keys/k1",
                       "/v1/phone-api-keys/k3"]  # fmt: skip


def test_of_one_run_only_its_own_is_found_and_the_phones_that_it_names() -> None:
    assert found("cccc") == []
    assert found("bbbb") == [f"phone {BORROWED}", "/v1/phone-api-keys/k3"]
    assert found("cccc", (OTHER,)) == [*["/v1/message-threads/t"] * 2, "/v1/phones/p2"]


def test_a_removal_goes_on_where_something_cannot_be_removed() -> None:
    kept, gone, borrowed = (
        Leftover("kept", "/v1/a"),
        Leftover("gone", "/v1/b"),
        Leftover("borrowed", "", "it is theirs"),
    )
    there, answers = account(**{"DELETE /v1/a": 500, "DELETE /v1/b": 204})
    left = asyncio.run(remove(there, [kept, borrowed, gone]))
    assert left == [Left(kept, "it answers 500"), Left(borrowed, "it is theirs")]
    assert answers.asked == ["DELETE /v1/a", "DELETE /v1/b"]
