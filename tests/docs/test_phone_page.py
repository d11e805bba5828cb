"""docs/phone.md is what the table of surprises, the deeds and the phone's settings give now."""

from __future__ import annotations

import ast
import inspect
from collections import Counter
from dataclasses import fields
from importlib import import_module

import pytest

from harness.phone import Settings, Sim
from tests.phone.surprises.table import SURPRISES, Surprise
from tools.phone_page import PLACE, SETTINGS, SIM_SETTINGS, WAITS, files_of_tests, page


def test_the_page_of_the_phone_is_what_make_docs_writes() -> None:
    assert PLACE.read_text(encoding="utf-8") == page(), "write it anew with make docs"


def test_all_surprises_are_there_once_and_in_order() -> None:
    assert [known.number for known in SURPRISES] == list(range(1, 49))


@pytest.mark.parametrize("known", SURPRISES, ids=lambda known: str(known.number))
def test_a_surprise_has_tests_that_exist(known: Surprise) -> None:
    assert known.tests
    assert [test for test in known.tests if test not in files_of_tests()] == []


def test_every_test_of_a_surprise_stands_at_one() -> None:
    counts = Counter(test for known in SURPRISES for test in known.tests)
    assert set(files_of_tests()) == set(counts)
    assert [test for test, count in counts.items() if count > 1] == []


@pytest.mark.parametrize(("kind", "told"), [(Settings, SETTINGS), (Sim, SIM_SETTINGS)])
def test_every_setting_is_told_of(kind: type[Settings] | type[Sim], told: dict[str, str]) -> None:
    assert [known.name for known in fields(kind)] == list(told)


def test_whatever_a_phone_waits_for_is_on_the_page() -> None:
    """`pending` gives what is waited for as plain texts: each that it has is on the page, and no other."""
    tree = ast.parse(inspect.getsource(import_module("harness.phone.pending")))
    bodies = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.Assign)]
    texts = {
        node.value
        for body in bodies
        for node in ast.walk(body)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    waits = {waits for _, waits in WAITS if "…" not in waits}
    assert waits <= texts
    assert {text for text in texts if text.startswith(("the ", "a ", "its "))} - waits == {"the answer to "}
