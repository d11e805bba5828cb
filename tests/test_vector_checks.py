"""The vectors as an SDK's own tests meet them."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

import pytest

from harness import cipher
from harness.adapters.vector_files import own
from harness.vector_checks import VectorCheck, VectorChecks

ALL = VectorChecks.own()
BY_ID = {check.vector.id: check for check in ALL}


def having(flag: str, operation: str = "decrypt") -> VectorCheck:
    """The first vector with that flag."""
    return next(check for check in ALL if flag in check.vector.flags and check.vector.operation == operation)


PUBLISHED, SHORT, IVS = having("Published"), having("ShorterThanIv"), having("FreshIv", "ivs")


def failure(check: Callable[[], None]) -> str:
    """What a check says that fails."""
    with pytest.raises(pytest.fail.Exception) as failed:
        check()
    return str(failed.value)


def test_there_is_a_check_for_each_vector_with_a_name_of_its_own() -> None:
    names = [check.name for check in ALL]
    assert len(names) == len(ALL) == len(own().vectors)
    assert len(set(names)) == len(names)
    assert [name for name in names if not re.fullmatch(r"\d+(-[a-z0-9]+)*", name) or len(name) > 50] == []
    assert repr(PUBLISHED) == "<httpSMS vector 1-a-message-to-the-phone>"


def test_our_own_client_passes_all_at_once_and_each() -> None:
    ALL.check(encrypt=cipher.encrypt, decrypt=cipher.decrypt)
    for check in (PUBLISHED, SHORT, IVS):
        check.check(encrypt=cipher.encrypt, decrypt=cipher.decrypt)


def test_a_failure_tells_input_expectation_answer_risk_and_where_to_read_on() -> None:
    told = failure(lambda: SHORT.check(decrypt=lambda _key, _ciphertext: ""))
    title, *lines = told.splitlines()
    labels = [line.split()[0] for line in lines]
    assert title.startswith(f"vector {SHORT.vector.id} (")
    assert labels == ["key", "ciphertext", "expected", "got", "why", "risk", "explain"]
    values = dict(zip(labels, (line.split(maxsplit=1)[1] for line in lines), strict=True))
    assert values["expected"] == "an error that a caller can handle"
    assert values["got"] == 'text ""'
    assert values["risk"].startswith("ShorterThanIv: Go's client slices")
    assert values["explain"] == f"httpsms-harness vectors explain {SHORT.vector.id}"


def test_an_exception_where_a_text_belongs_is_shown() -> None:
    def broken(_key: str, _ciphertext: str) -> str:
        raise LookupError("no such cipher")

    assert re.search("got .*LookupError.*no such cipher", failure(lambda: PUBLISHED.check(decrypt=broken)))
    assert "NoneType where a str belongs" in failure(lambda: PUBLISHED.check(decrypt=lambda _key, _text: None))


def test_a_failure_of_many_is_one_that_counts_and_tells_the_first() -> None:
    told = failure(lambda: ALL.check(decrypt=lambda key, text: cipher.decrypt(key.strip(), text)))
    [count] = re.findall(rf"^(\d+) of {len(ALL):,} vectors failed$", told, re.MULTILINE)
    assert 5 < int(count) < 50
    assert told.count("\nvector ") == 5
    assert re.search(rf"^and {int(count) - 5} more vectors?: [\d, ]+$", told, re.MULTILINE)


def test_who_shall_do_as_a_client_does_fails_where_it_does_better() -> None:
    go = partial(cipher.decrypt, dialect="go")
    ALL.check(encrypt=cipher.encrypt, decrypt=cipher.decrypt, dialect="phone")
    SHORT.check(decrypt=go, dialect="go")
    assert "runtime.boundsError" in failure(lambda: SHORT.check(decrypt=go))
    assert "httpsms-go is known for" in failure(lambda: SHORT.check(decrypt=cipher.decrypt, dialect="go"))
    with pytest.raises(ValueError, match="there are phone, jvm, node, go"):
        SHORT.check(decrypt=go, dialect="rust")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("check", "given", "missing"),
    [(PUBLISHED, {"encrypt": cipher.encrypt}, "decrypt"), (IVS, {"decrypt": cipher.decrypt}, "encrypt")],
)
def test_a_vector_for_a_function_that_is_not_given_is_skipped(
    check: VectorCheck, given: dict[str, Callable[..., str]], missing: str
) -> None:
    with pytest.raises(pytest.skip.Exception, match=f"no {missing} was given"):
        check.check(**given)  # type: ignore[arg-type]
    ALL.check(**given)  # type: ignore[arg-type]


def test_without_any_function_nothing_was_checked() -> None:
    for check in (PUBLISHED, ALL):
        with pytest.raises(TypeError, match="encrypt=, decrypt= or both"):
            check.check()
