"""Two functions as a runner."""

from __future__ import annotations

from harness.adapters.runner_in_process import in_process
from harness.interop.calls import Call, Decrypt, Encrypt
from harness.interop.outcomes import Decrypted, Encrypted, Refused, Skipped
from harness.interop.results import Hello

CALLS: list[Call] = [Encrypt("k", "ab"), Decrypt("k", "cd"), Encrypt("k", "ab", b"v" * 16)]


def turned(key: str, text: str) -> str:
    return text[::-1]


def test_each_call_has_its_outcome_in_order() -> None:
    talked = in_process(turned, turned, CALLS)
    assert talked.outcomes == (Encrypted("ba"), Decrypted("dc"), Encrypted("ba"))
    assert (talked.hello, talked.complaints, talked.restarts) == (None, (), 0)
    assert talked.seconds > 0


def test_a_function_that_is_missing_skips_and_one_that_raises_refuses() -> None:
    def raises(key: str, text: str) -> str:
        raise ValueError(text)

    outcomes = in_process(None, raises, CALLS).outcomes
    assert outcomes == (Skipped("it cannot encrypt"), Refused("ValueError", "cd"), Skipped("it cannot encrypt"))


def test_an_iv_goes_to_who_takes_one_and_the_hello_is_handed_on() -> None:
    hello = Hello(1, "sdk", "1", frozenset({"encrypt", "decrypt", "iv"}))
    talked = in_process(turned, turned, CALLS, encrypt_under=lambda key, text, iv: text + iv.decode()[:1], hello=hello)
    assert talked.outcomes[2] == Encrypted("abv")
    assert talked.hello is hello


def test_progress_is_told_now_and_then_and_at_the_end() -> None:
    told: list[int] = []
    in_process(turned, turned, CALLS * 50, progress=told.append)
    assert told == [64, 128, 150]
