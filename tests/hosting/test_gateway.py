"""A gateway in a thread of its own, as a test of an application uses it."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from typing import Any

import pytest

from harness import Gateway
from harness.errors import NotSeen, PortInUse, StateFileError, UnencodableAddress, UsageError
from harness.parties import WriteText
from harness.serving import AccountSpec, ServeOptions
from tests.commands import clean_environment

CONTACT = "+18005550100"


def ask(gateway: Gateway, path: str, body: Any = None, key: str | None = None) -> Any:
    """One request with the user key (or `key`), as an application makes it."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"x-api-key": key or gateway.user_key, "Content-Type": "application/json"}
    request = urllib.request.Request(gateway.url + path, data, headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)["data"]


def send(gateway: Gateway, text: str, to: str = CONTACT) -> str:
    message: str = ask(gateway, "/v1/messages/send", {"from": gateway.number, "to": to, "content": text})["id"]
    return message


def test_a_text_reaches_its_contact_and_its_status_is_waited_for() -> None:
    with Gateway() as gateway:
        message = send(gateway, "Hello")
        assert gateway.wait_for_sms(to=CONTACT) == "Hello"
        gateway.wait_for_status(message, "delivered")
        assert ask(gateway, f"/v1/messages/{message}")["status"] == "delivered"


def test_each_text_is_returned_once_and_found_by_what_it_is() -> None:
    with Gateway() as gateway:
        for text in ("one", "two", "three"):
            send(gateway, text)
        send(gateway, "elsewhere", to="+18005550101")
        assert gateway.wait_for_sms(text="two") == "two"
        assert {gateway.wait_for_sms(to=CONTACT) for _ in range(2)} == {"one", "three"}
        assert gateway.wait_for_sms() == "elsewhere"
        with pytest.raises(TimeoutError, match="not seen within 0 s"):
            gateway.wait_for_sms(timeout_s=0)


def test_somebody_texts_the_phone() -> None:
    with Gateway() as gateway:
        gateway.text(from_="BANK", text="Your code is 1234")
        gateway.text(from_=CONTACT, text="Hi")
        owner = gateway.number.replace("+", "%2B")
        seen: set[str] = set()
        while seen != {"Your code is 1234", "Hi"}:
            threads = ask(gateway, f"/v1/message-threads?owner={owner}")
            seen = {thread["last_message_content"] for thread in threads}


def test_an_impossible_sender_is_refused_at_once() -> None:
    with Gateway() as gateway, pytest.raises(UnencodableAddress):
        gateway.text(from_="a name that is too long", text="Hi")


@pytest.mark.parametrize("text", [4711, None, b"hi"])
def test_what_is_no_text_is_a_slip_of_its_caller_and_the_gateway_runs_on(text: Any) -> None:
    with Gateway() as gateway:
        with pytest.raises(TypeError, match="a text is a str, not"):
            gateway.text(from_=CONTACT, text=text)
        gateway.wait_for_status(send(gateway, "Hello"), "delivered")


def test_a_timeout_shows_what_came_instead() -> None:
    with Gateway() as gateway:
        message = send(gateway, "Hello")
        gateway.wait_for_status(message, "delivered")
        with pytest.raises(TimeoutError, match=r"message\.phone\.delivered"):
            gateway.wait_for_status(message, "failed", timeout_s=0)


def test_the_trace_holds_everything_since_the_start() -> None:
    with Gateway() as gateway:
        gateway.wait_for_status(send(gateway, "Hello"), "delivered")
        trace = gateway.trace()
        assert [entry.number for entry in trace] == list(range(len(trace)))
        assert ("phone", "submitted") in {(entry.hop, entry.kind) for entry in trace}


def test_options_are_taken_and_a_gateway_may_have_no_phone() -> None:
    options = ServeOptions(phones=0, accounts=(AccountSpec(api_key="uk_mine"),))
    with Gateway(options) as gateway:
        assert gateway.user_key == "uk_mine"
        with pytest.raises(urllib.error.HTTPError, match="422"):
            send(gateway, "Hello")
        with pytest.raises(NotSeen, match=r"422 \(validation errors while sending message: no phone found with"):
            gateway.contact(CONTACT).wait_for_text(timeout_s=0)


def test_several_phones_have_a_number_each() -> None:
    with Gateway(ServeOptions(phones=3)) as gateway:
        assert gateway.numbers == ("+18005550199", "+18005550198", "+18005550197")
        assert gateway.number == gateway.numbers[0]
        for number in gateway.numbers:
            body = {"from": number, "to": CONTACT, "content": f"from {number}"}
            message = ask(gateway, "/v1/messages/send", body)["id"]
            assert gateway.wait_for_sms(text=f"from {number}")
            gateway.wait_for_status(message, "delivered")
        one, two, _ = gateway.numbers
        gateway.text(from_=CONTACT, to=two, text="to the second")
        gateway.text(from_=CONTACT, text="to the first")
        gateway.advance(1)
        received = [entry.facts for entry in gateway.trace() if entry.kind == "message.phone.received"]
        assert {(facts["owner"], facts["content"]) for facts in received} == {
            (one, "to the first"), (two, "to the second"),
        }  # fmt: skip


def test_phones_text_each_other() -> None:
    with Gateway(ServeOptions(phones=2)) as gateway:
        one, two = gateway.numbers
        ask(gateway, "/v1/messages/send", {"from": one, "to": two, "content": "Hello, neighbour"})
        gateway.advance(1)
        [row] = ask(gateway, f"/v1/messages?owner={two}&contact={one}".replace("+", "%2B"))
        assert (row["content"], row["type"]) == ("Hello, neighbour", "mobile-originated")


@pytest.mark.parametrize("count", [-1, 51])
def test_there_are_numbers_for_fifty_phones(count: int) -> None:
    with pytest.raises(UsageError, match=f"{count} phones"):
        Gateway(ServeOptions(phones=count)).__enter__()


def test_when_it_ends_port_and_thread_are_gone() -> None:
    before = threading.active_count()
    with Gateway() as gateway:
        port = int(gateway.url.rpartition(":")[2])
    with socket.create_server(("127.0.0.1", port)):
        pass
    assert threading.active_count() == before


def test_many_live_side_by_side() -> None:
    with Gateway() as one, Gateway() as other:
        send(one, "for one")
        send(other, "for the other")
        assert (one.wait_for_sms(), other.wait_for_sms()) == ("for one", "for the other")
        assert one.user_key != other.user_key


def test_what_keeps_it_from_starting_is_raised_where_it_is_used(tmp_path: Any) -> None:
    before = threading.active_count()
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(PortInUse):
        Gateway(ServeOptions(port=taken.getsockname()[1])).__enter__()
    (tmp_path / "state.db").write_text("This is no state file. " * 100, encoding="utf-8")
    with pytest.raises(StateFileError):
        Gateway(ServeOptions(state=tmp_path / "state.db")).__enter__()
    assert threading.active_count() == before


def test_a_failing_test_shows_its_own_error_and_the_gateway_stops() -> None:
    with pytest.raises(ZeroDivisionError), Gateway() as gateway:
        raise ZeroDivisionError
    with pytest.raises(urllib.error.URLError):
        send(gateway, "Hello")


def test_a_program_that_never_leaves_the_context_can_end() -> None:
    script = "from harness import Gateway; Gateway().__enter__(); print('started')"
    done = subprocess.run(
        [sys.executable, "-c", script], env=clean_environment(), capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "started\n", "")


def test_no_key_is_in_its_representation() -> None:
    with Gateway() as gateway:
        assert gateway.user_key not in repr(gateway) + repr(gateway.trace())


# -- what a test does to it ----------------------------------------------------------------------------------------


def texts(gateway: Gateway) -> list[str]:
    """What was sent to the contact, in order."""
    query = f"owner={gateway.number}&contact={CONTACT}".replace("+", "%2B")
    return [row["content"] for row in reversed(ask(gateway, f"/v1/messages?{query}"))]


def delivered(gateway: Gateway, text: str) -> None:
    gateway.wait_for_status(send(gateway, text), "delivered")


def test_time_is_moved_and_what_becomes_due_has_happened() -> None:
    with Gateway(ServeOptions(keep_rate=True)) as gateway:
        messages = [send(gateway, f"{number}") for number in range(11)]  # one every six seconds
        gateway.advance(60)
        states = {ask(gateway, f"/v1/messages/{message}")["status"] for message in messages}
        assert states == {"delivered"}


@pytest.mark.parametrize("seconds", [-1, 1e8, float("nan"), float("inf")])
def test_time_is_moved_forward_and_not_too_far(seconds: float) -> None:
    with Gateway() as gateway:
        with pytest.raises(ValueError, match="from 0 to 1e7"):
            gateway.advance(seconds)
        delivered(gateway, "all is well")


def test_a_reset_leaves_a_gateway_as_it_was_when_it_started() -> None:
    with Gateway() as gateway:
        delivered(gateway, "one")
        gateway.faults = ("lost-update",)
        gateway.reset()
        assert texts(gateway) == list(gateway.faults) == []
        with pytest.raises(TimeoutError):  # what came before is of another world
            gateway.wait_for_sms(timeout_s=0)
        delivered(gateway, "two")
        assert gateway.wait_for_sms() == "two"


def test_a_snapshot_is_restored_as_often_as_one_likes() -> None:
    with Gateway() as gateway:
        delivered(gateway, "one")
        snapshot = gateway.snapshot()
        for text in ("two", "three"):
            delivered(gateway, text)
            assert texts(gateway) == ["one", text]
            gateway.restore(snapshot)
            assert texts(gateway) == ["one"]


def test_a_snapshot_goes_to_another_gateway_with_its_key() -> None:
    with Gateway() as one:
        delivered(one, "one")
        snapshot = one.snapshot()
        assert one.user_key not in repr(snapshot)
    with Gateway() as other:
        own = other.user_key
        other.restore(snapshot)
        assert texts(other) == ["one"]
        delivered(other, "two")
        other.reset()
        assert (other.user_key, texts(other)) == (own, [])


def test_an_account_is_added_and_sees_nothing_of_the_other() -> None:
    with Gateway() as gateway:
        gateway.wait_for_status(send(gateway, "Hello"), "delivered")
        made = gateway.add_account(user_id="other", plan="free")
        assert made.api_key is not None
        assert ask(gateway, "/v1/users/me", key=made.api_key)["subscription_name"] == "free"
        assert ask(gateway, "/v1/phones", key=made.api_key) == []
        with pytest.raises(ValueError, match="there already"):
            gateway.add_account(user_id="other")
        assert made.api_key not in repr(made)


def test_what_is_added_is_in_the_state_file(tmp_path: Any) -> None:
    options = ServeOptions(state=tmp_path / "state.db")
    with Gateway(options) as gateway:
        gateway.add_account(user_id="other", api_key="uk_other")
    with Gateway(options) as gateway:
        assert ask(gateway, "/v1/users/me", key="uk_other")["id"] == "other"


def test_faults_are_switched_while_it_runs() -> None:
    with Gateway(ServeOptions(faults=("lost-update",))) as gateway:
        assert gateway.faults == ("lost-update",)
        message = send(gateway, "one")
        gateway.faults = ()
        assert gateway.faults == ()
        gateway.wait_for_sms(text="one")
        gateway.advance(1)
        assert ask(gateway, f"/v1/messages/{message}")["content"] == "one"
        delivered(gateway, "two")
        with pytest.raises(UsageError, match="no fault 'lost-updates'"):
            gateway.faults = ("lost-updates",)


def test_there_is_no_gateway_with_a_fault_that_there_is_not() -> None:
    with pytest.raises(UsageError, match="the only one is lost-update"):
        Gateway(ServeOptions(faults=("lost-updates",))).__enter__()


def test_many_threads_change_it_at_once() -> None:
    with Gateway() as gateway:
        threads = [threading.Thread(target=gateway.advance, args=(60,)) for _ in range(8)]
        threads += [threading.Thread(target=gateway.add_account, kwargs={"user_id": f"user-{n}"}) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with pytest.raises(ValueError, match="there already"):
            gateway.add_account(user_id="user-7")


def test_a_gateway_that_has_stopped_says_so() -> None:
    with Gateway() as gateway:
        assert gateway.is_running
    assert not gateway.is_running
    with pytest.raises(RuntimeError, match="has stopped"):
        gateway.reset()


def test_something_is_done_to_the_phone_and_it_tells_what_it_waits_for() -> None:
    with Gateway() as gateway:
        gateway.do("lose network")
        gateway.do("text BANK Your code is 1234")
        [phone] = gateway.handsets()
        assert (phone["numbers"], phone["network"]) == ([gateway.number], "none")
        assert "a validated network" in [row["waits_for"] for row in phone["pending"]]
        gateway.do("regain network")
        message = send(gateway, "Hello")
        gateway.wait_for_status(message, "delivered")


def test_a_phone_is_paused_and_goes_on_step_by_step() -> None:
    with Gateway(ServeOptions(phones=2)) as gateway:
        first, _ = gateway.numbers
        gateway.do("pause", number=first)
        gateway.do("text BANK Your code is 1234")
        paused, other = gateway.handsets()
        assert [row["what"] for row in paused["held_back"]] == ["deliver received"]
        assert other["held_back"] == []
        gateway.do("step", number=first)
        assert [entry.kind for entry in gateway.trace() if entry.kind == "text received"] == ["text received"] * 2
        gateway.do("resume", number=first)
        assert not gateway.handsets()[0]["paused"]


def test_what_cannot_be_done_to_a_phone_is_refused_at_once() -> None:
    with Gateway() as gateway:
        for words, number in (("dance", None), ("reboot", "+18005550111"), ("step", None)):
            with pytest.raises(UsageError):
                gateway.do(words, number=number)


def test_what_is_due_when_a_snapshot_is_taken_has_happened_in_it() -> None:
    """Otherwise it would happen in every world that is made from it."""
    with Gateway() as gateway:
        driver, loop = gateway._served.driver, gateway._loop
        for number in range(20):
            write = WriteText(gateway.number, f"Hi {number}", CONTACT)
            loop.call_soon_threadsafe(driver.tell, "contact:everybody", write)
            snapshot = gateway.snapshot()
            before = len(gateway.trace())
            gateway.restore(snapshot)
            gateway.advance(0)
            assert [entry.kind for entry in gateway.trace()[before:]] == []
