"""harness.standin.api.threads: lists and flags (gateway-protocol.md §8.3)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.standin.gateways import OWNER, Gateway

UNKNOWN = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
PATH = f"/v1/message-threads?owner=%2B{OWNER[1:]}"


def _gateway(*contacts: str) -> Gateway:
    gateway = Gateway.with_phone()
    for minute, contact in enumerate(contacts):
        gateway.receive(**{"from": contact, "content": f"note {minute}", "timestamp": f"2026-07-23T05:1{minute}:00Z"})
        gateway.settle(0)
    return gateway


def _contacts(gateway: Gateway, query: str = "") -> list[str]:
    return [thread["contact"] for thread in gateway.call("GET", PATH + query).data]


@pytest.mark.parametrize(
    ("query", "contacts"),
    [
        ("", ["12345", "Bank"]),
        ("&limit=1", ["12345"]),
        ("&skip=1", ["Bank"]),
        ("&is_archived=1", []),
        ("&is_archived=FALSE", ["12345", "Bank"]),
        ("&query=bank", ["Bank"]),
        ("&query=NOTE 0".replace(" ", "%20"), ["Bank"]),
        ("&query=0199", ["12345", "Bank"]),
    ],
)
def test_threads_are_listed_by_what_happened_last(query: str, contacts: list[str]) -> None:
    assert _contacts(_gateway("Bank", "12345"), query) == contacts


def test_a_thread_is_archived_and_read() -> None:
    gateway = _gateway("Bank")
    (thread,) = gateway.call("GET", PATH).data
    assert (thread["is_read"], thread["is_archived"]) == (False, False)
    path = f"/v1/message-threads/{thread['id']}"
    answer = gateway.call("PUT", path, {"is_archived": True, "is_read": True})
    assert (answer.status, answer.body["message"]) == (200, "message thread updated successfully")
    assert answer.data == thread | {"is_read": True, "is_archived": True, "updated_at": answer.data["updated_at"]}
    assert _contacts(gateway) == []
    assert _contacts(gateway, "&is_archived=true") == ["Bank"]
    unread = gateway.call("PUT", path, {"is_read": False}).data
    assert (unread["is_read"], unread["is_archived"]) == (False, True)


@pytest.mark.parametrize(
    ("thread_id", "body", "status", "problems"),
    [
        (UNKNOWN, {"is_read": True}, 404, None),
        (UNKNOWN, {}, 422, ["payload"]),
        ("x", {}, 422, ["messageThreadID", "payload"]),
        (UNKNOWN, {"is_read": "x"}, 400, None),
    ],
)
def test_an_update_that_cannot_be_is_refused(
    thread_id: str, body: dict[str, Any], status: int, problems: list[str] | None
) -> None:
    answer = Gateway().call("PUT", f"/v1/message-threads/{thread_id}", body)
    assert answer.status == status
    if problems:
        assert list(answer.data) == problems


def test_a_list_needs_an_owner() -> None:
    answer = Gateway().call("GET", "/v1/message-threads")
    assert (answer.status, list(answer.data)) == (422, ["owner"])


def test_a_deleted_thread_is_gone_at_once_and_its_messages_by_event() -> None:
    gateway = _gateway("Bank", "12345")
    (_, thread) = gateway.call("GET", PATH).data
    path = f"/v1/message-threads/{thread['id']}"
    assert gateway.call("DELETE", path).status == 204
    answer = gateway.call("DELETE", path)
    assert (answer.status, answer.body["message"]) == (404, f"cannot find thread thread with ID [{thread['id']}]")
    assert len(gateway.standin.messages) == 2
    gateway.settle(0)
    assert [message.contact for message in gateway.standin.messages.values()] == ["12345"]
    assert _contacts(gateway) == ["12345"]


def test_a_later_message_opens_a_new_thread() -> None:
    gateway = _gateway("Bank")
    (thread,) = gateway.call("GET", PATH).data
    gateway.call("DELETE", f"/v1/message-threads/{thread['id']}")
    gateway.settle(0)
    gateway.receive(**{"from": "Bank"})
    gateway.settle(0)
    (later,) = gateway.call("GET", PATH).data
    assert later["id"] != thread["id"]


def test_the_id_of_a_thread_to_delete_is_judged() -> None:
    answer = Gateway().call("DELETE", "/v1/message-threads/x")
    assert (answer.status, answer.body["message"]) == (422, "validation errors while deleting a thread thread")
    assert list(answer.data) == ["messageThreadID"]
