"""harness.wire.search: the search over all messages (gateway-protocol.md §2.7)."""

from __future__ import annotations

import pytest

from harness.wire.bodies import Query
from harness.wire.json import BadBody
from harness.wire.search import MessageSearch

CONTACT = "must contain only digits and must be less than 14 characters"


@pytest.mark.parametrize(
    ("query", "problems"),
    [
        ("", {}),
        ("owners=%2B18005550199&owners=12&types=call/missed&types=mobile-originated&statuses=pending", {}),
        ("owners=12&owners=ab", {"owners": [f"The owners field in index [1] {CONTACT}"]}),
        ("owners=", {"owners": [f"The owners field in index [0] {CONTACT}"]}),
        (
            "statuses=sent&statuses=scheduled",
            {"statuses": ["the statuses field in contains an invalid value [scheduled] at index [1]"]},
        ),
        ("statuses=sending", {"statuses": ["the statuses field in contains an invalid value [sending] at index [0]"]}),
        (
            "types=mobile-terminated,call/missed",
            {
                "types": [
                    "the types field in contains an invalid value [mobile-terminated,call/missed] at index [0]",
                ]
            },
        ),
        ("sort_by=owner&sort_descending=TRUE", {}),
        (
            "sort_by=content",
            {"sort_by": ["The sort_by field must be one of created_at, owner, contact, type, status"]},
        ),
        ("limit=x&skip=x", {"limit": ["The limit field must be numeric"], "skip": ["The skip field must be numeric"]}),
        ("limit=%205", {"limit": ["The limit field must be numeric"]}),
        ("limit=%20&skip=%205&limit=" + "1" * 200, {}),
        ("limit=" + "1" * 201, {"limit": ["The limit field must be maximum 200 char"]}),
        ("query=" + "q" * 51, {"query": ["The query field must be maximum 50 char"]}),
        ("query=%20" + "q" * 50, {}),
    ],
)
def test_a_search_is_judged(query: str, problems: dict[str, list[str]]) -> None:
    assert MessageSearch.read(Query(query), "token").problems() == problems
    token = {"token": ["The token field is required"]}
    assert MessageSearch.read(Query(query), "").problems() == problems | token


@pytest.mark.parametrize("value", ["yes", "maybe", "2", "tRUE", "%20"])
def test_an_order_that_is_no_truth_value_cannot_be_decoded(value: str) -> None:
    with pytest.raises(BadBody):
        MessageSearch.read(Query(f"sort_descending={value}"), "token")


@pytest.mark.parametrize("value", ["", "1", "0", "t", "False", "on"])
def test_an_order_is_a_truth_value_as_go_writes_it(value: str) -> None:
    assert MessageSearch.read(Query(f"sort_descending={value}"), "token").problems() == {}
