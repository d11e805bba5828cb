"""Comparing what is expected with what came."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.conform.cases import ABSENT, Json, Maybe
from harness.conform.match import Difference, compare, compare_set

UUID = "32343a19-da5e-4b1b-a767-3298a73703cb"
NAMES: dict[str, str | int] = {"message": UUID, "phone": "+18445550123", "day": 3, "odd": "a.b*[c]#uuid"}


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ("#uuid", UUID),
        ("#time", "2026-07-23T05:10:00Z"),
        ("#time", "2026-07-23T05:10:00.123456789+02:00"),
        ("#time", "0001-01-01T00:00:00Z"),
        ("#int", 0),
        ("#int", -7),
        ("#string", ""),
        ("#string", "two\nlines"),
        ("#any", None),
        ("#any", {"a": []}),
        ("#base62", "aB3xY9"),
        ("/v1/messages/#uuid/events", f"/v1/messages/{UUID}/events"),
        ("at #time!", "at 2026-07-23T05:10:00.5Z!"),
        ("#int of #int", "3 of -4"),
        ("bulk-#base62-order.txt", "bulk-aB3xY97-order.txt"),
        ("say #string.", "say a\nb."),
        ("https://example.com/#f", "https://example.com/#f"),
        ("#integer", "#integer"),
        ("${message}", UUID),
        ("${day}", 3),
        ("day ${day}", "day 3"),
        ("[${odd}]", "[a.b*[c]#uuid]"),
        ("http://localhost:8000/v1/x", "https://sms.example.org/v1/x"),
        ("http://localhost:8000/v1/x", "http://127.0.0.1:5000/v1/x"),
        ({"#oneof": ["a", None]}, None),
        ({"#oneof": [{"id": "#uuid"}, []]}, {"id": UUID}),
        ({"#repeat": {"unit": "x", "count": 3}}, "xxx"),
        ({"#base64": {"repeat": "x", "bytes": 3}}, "eHh4"),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({"events": ["b", "a"]}, {"events": ["a", "b"]}),
        ([1, [2.0]], [1, [2]]),
        (None, None),
    ],
    ids=str,
)
def test_what_fits(expected: Json, actual: Json) -> None:
    assert compare(expected, actual, NAMES) == []


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ("#uuid", UUID.upper()),
        ("#uuid", UUID + " "),
        ("#uuid", None),
        ("#time", "2026-07-23 05:10:00Z"),
        ("#time", "2026-02-30T05:10:00Z"),
        ("#time", 5),
        ("#int", True),
        ("#int", 1.5),
        ("#int", "1"),
        ("#string", None),
        ("#base62", "aB3xY"),
        ("#base62", "aB3-Y9x"),
        ("/v1/messages/#uuid/events", "/v1/messages/x/events"),
        ("/v1/messages/#uuid/events", None),
        ("bulk-#base62-a", "bulk-aB3xY97xyz-a"),
        ("${message}", UUID.replace("3", "4")),
        ("${nobody}", "x"),
        ("of ${nobody}", "of ${nobody}"),
        ("${day}", "3"),
        ("http://localhost:8000/v1/x", "ftp://sms.example.org/v1/x"),
        ("http://localhost:80001/x", "http://other/x"),
        ({"#oneof": ["a", None]}, "b"),
        ({"#repeat": {"unit": "x", "count": 3}}, "xx"),
        (True, 1),
        (0, False),
        (None, False),
        ({}, []),
        ("a", "A"),
    ],
    ids=str,
)
def test_what_does_not_fit(expected: Json, actual: Json) -> None:
    assert compare(expected, actual, NAMES, path="here") == [Difference("here", expected, actual)]


@pytest.mark.parametrize(
    ("expected", "actual", "differences"),
    [
        ({"a": {"b": [1, 2]}}, {"a": {"b": [1, 3]}}, [("a.b[1]", 2, 3)]),
        ({"a": 1}, {}, [("a", 1, ABSENT)]),
        ({}, {"a": 1}, [("a", ABSENT, 1)]),
        ({"a": None}, {}, [("a", None, ABSENT)]),
        ([1], [], [("[0]", 1, ABSENT)]),
        ([], [1, 2], [("[0]", ABSENT, 1), ("[1]", ABSENT, 2)]),
        ({"events": ["b", "a"]}, {"events": ["a", "c"]}, [("events[1]", "b", "c")]),
        ({"events": ["a"]}, {}, [("events", ["a"], ABSENT)]),
        # Of several whole values, the differences of the one that is most alike.
        ({"#oneof": [{"a": 1, "b": 2}, {"a": 3, "b": 4}]}, {"a": 3, "b": 5}, [("b", 4, 5)]),
        ({"#oneof": [{"a": 1}, None]}, 7, [("", {"#oneof": [{"a": 1}, None]}, 7)]),
        ({"#oneof": []}, 7, [("", {"#oneof": []}, 7)]),
    ],
    ids=str,
)
def test_a_difference_names_its_place(expected: Json, actual: Json, differences: list[tuple[Any, ...]]) -> None:
    assert compare(expected, actual, NAMES) == [Difference(*difference) for difference in differences]


@pytest.mark.parametrize(
    ("choice", "actual", "fits"),
    [
        (2, 2, True),
        (2, 1, False),
        ("#int", 5, True),
        (None, None, True),
    ],
)
def test_a_choice_stands_for_the_alternatives_at_its_path(choice: Json, actual: Json, fits: bool) -> None:
    expected: Json = {"n": {"#oneof": [1, 2]}, "m": {"#oneof": [1, 2]}}
    found = compare(expected, {"n": actual, "m": 1}, NAMES, {"n": choice})
    assert found == ([] if fits else [Difference("n", choice, actual)])


def test_a_choice_does_not_touch_what_is_no_race() -> None:
    assert compare({"n": 1}, {"n": 1}, NAMES, {"n": 2}) == []


@pytest.mark.parametrize(
    ("expected", "actual", "differences"),
    [
        (["a", "b"], ["b", "a"], []),
        # The placeholder fits both, so it must leave the text to the one that needs it.
        (["#string", "a"], ["a", "b"], []),
        (["#uuid", "${message}"], [UUID, UUID], []),
        (["a", "a"], ["a"], [("w[1]", "a", ABSENT)]),
        (["a"], ["a", "b"], [("w[1]", ABSENT, "b")]),
        ([], ["a"], [("w[0]", ABSENT, "a")]),
        (
            [{"t": "x", "n": 1}, {"t": "y", "n": 1}],
            [{"t": "y", "n": 2}, {"t": "x", "n": 1}],
            [("w[1].n", 1, 2)],
        ),
    ],
    ids=str,
)
def test_webhooks_are_compared_as_a_set(
    expected: list[Json], actual: list[Json], differences: list[tuple[Any, ...]]
) -> None:
    found = compare_set(expected, actual, NAMES, path="w")
    assert found == [Difference(*difference) for difference in differences]


def test_a_choice_in_a_set_belongs_to_the_place_in_what_is_expected() -> None:
    expected: list[Json] = [{"n": {"#oneof": [0, 1]}}, {"n": {"#oneof": [1, 2]}}]
    choices: dict[str, Json] = {"w[0].n": 1, "w[1].n": 2}
    assert compare_set(expected, [{"n": 2}, {"n": 1}], NAMES, choices, path="w") == []
    assert compare_set(expected, [{"n": 1}, {"n": 1}], NAMES, choices, path="w") == [Difference("w[1].n", 2, 1)]


OURS = {"report0": "2026-07-23T05:10:00Z", "report1": "2026-07-23T05:10:01Z"}


@pytest.mark.parametrize(
    ("actual", "fits"),
    [
        ("2026-11-20T10:00:00.5Z", True),
        ("2026-07-23T05:10:00Z", False),
        ("2026-07-23T05:10:01Z", False),
        ("soon", False),
        (None, False),
        (ABSENT, False),
    ],
    ids=str,
)
def test_a_time_that_is_none_of_some_others(actual: Maybe, fits: bool) -> None:
    expected: Json = {"#time_but": ["${report0}", "${report1}"]}
    assert (compare(expected, actual, OURS) == []) is fits
    assert compare({"#oneof": [None, expected]}, actual, OURS) == [] or not (fits or actual is None)


@pytest.mark.parametrize(
    ("actual", "fits"),
    [
        ("/v1/projects/httpsms-test/messages:send", True),
        ("/v1/projects/another/messages:send", True),
        ("/v1/projects//messages:send", False),
        ("/v1/projects/a/b/messages:send", False),
        ("/v2/projects/httpsms-test/messages:send", False),
    ],
)
def test_another_server_has_another_project_at_fcm(actual: str, fits: bool) -> None:
    assert (compare("/v1/projects/httpsms-test/messages:send", actual, {}) == []) is fits
    assert compare("/x/v1/projects/httpsms-test/y", "/x/v1/projects/another/y", {}) != []


# -- any value ---------------------------------------------------------------------------------------

# Texts without the marks of placeholders and names; no member `events`, which is compared in any order.
_texts = st.text(st.characters(exclude_characters="#$", exclude_categories=["Cs"]), max_size=8)
_scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | _texts
_values = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_texts.filter(lambda name: name != "events"), inner),
    max_leaves=12,
)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, item in inner for place in _places(item, (*path, key)))]


def _with(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copy = value.copy()
    copy[path[0]] = _with(value[path[0]], path[1:], new)
    return copy


@given(_values)
def test_every_value_fits_itself(value: Any) -> None:
    assert compare(value, value, {}) == []


@given(_values, st.data())
def test_a_value_that_was_changed_anywhere_does_not_fit(value: Any, data: st.DataObject) -> None:
    place = data.draw(st.sampled_from(_places(value)))
    changed = _with(value, place, {"another": "value that is nowhere else"})
    assert compare(value, changed, {}) != []
    assert compare(changed, value, {}) != []


@given(st.lists(_values, max_size=5), st.randoms())
def test_a_list_fits_itself_in_any_order_as_a_set(values: list[Any], chance: Any) -> None:
    shuffled = values.copy()
    chance.shuffle(shuffled)
    assert compare_set(values, shuffled, {}) == []


@given(st.lists(_values, min_size=1, max_size=5), st.data())
def test_a_set_without_one_of_its_values_does_not_fit(values: list[Any], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(values) - 1))
    assert compare_set(values, values[:at] + values[at + 1 :], {}) != []
    assert compare_set(values[:at] + values[at + 1 :], values, {}) != []
