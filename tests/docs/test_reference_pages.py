"""docs/reference/ is what the tables and signatures give now, and nothing of them is forgotten."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from harness.capability import CAPABILITIES
from harness.config import SETTINGS
from harness.fault_words import FAULTS
from harness.hosting import Gateway
from harness.scenario import grammar
from harness.scenario.invariants import INVARIANTS
from harness.story import Story
from tests.commands import clean_environment
from tests.house.sources import ROOT
from tools.reference.markdown import page, prose, sentence, table
from tools.reference.python import HIDDEN
from tools.reference.rules import TARGETS, shipped
from tools.reference_pages import FOLDER, PAGES


def text(name: str) -> str:
    return (FOLDER / f"{name}.md").read_text(encoding="utf-8")


def headings(name: str) -> list[str]:
    return re.findall(r"^#+ (.*)$", text(name), re.MULTILINE)


def cells(name: str) -> list[str]:
    """What stands first in the rows of its tables, in code."""
    return re.findall(r"^\| `([^`]*)`", text(name), re.MULTILINE)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_the_reference_is_what_make_docs_writes(name: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == PAGES[name](), "write it anew with make docs"


def test_there_is_no_page_that_nothing_makes() -> None:
    # What real programs made of the fake device is held by their tests (tests/adb_peers).
    assert {path.name for path in FOLDER.iterdir()} - {"adb-peers.md"} == set(PAGES)


def test_the_commands_look_the_same_on_every_terminal() -> None:
    write = "from tools.reference.doors import command_lines; print(command_lines(), end='')"
    environment = clean_environment(COLUMNS="200", PYTHONPATH=str(ROOT), HTTPSMS_HARNESS_SEED="7", FORCE_COLOR="1")
    printed = subprocess.run(
        [sys.executable, "-c", write], env=environment, capture_output=True, text=True, check=True, cwd=os.sep
    )
    assert printed.stdout == text("commands")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("scenarios", [*grammar.SCENARIO.by_name, *grammar.PHONE.by_name, *grammar.CONTACT.by_name, *FAULTS]),
        ("invariants", list(INVARIANTS)),
        ("configuration", [setting.name for setting in SETTINGS]),
        ("targets", [each.value for each in CAPABILITIES]),
    ],
)
def test_every_word_stands_in_a_table(name: str, words: list[str]) -> None:
    assert set(words) - set(cells(name)) == set()


def test_every_verb_and_every_look_has_a_section() -> None:
    assert {*grammar.VERBS, *(f"{look}:" for look in grammar.LOOKS)} <= set(headings("scenarios"))


@pytest.mark.parametrize(("name", "kind"), [("pytest", Gateway), ("python", Story)])
def test_every_public_method_has_a_section_or_is_hidden_for_a_reason(name: str, kind: type) -> None:
    methods = {name for name, member in vars(kind).items() if callable(member) and not name.startswith("_")}
    assert methods - HIDDEN.get(kind, set()) <= set(headings(name))
    assert HIDDEN.get(kind, set()) <= vars(kind).keys()


def test_every_story_that_comes_along_has_a_row() -> None:
    rows = re.findall(r"<br>`(.*?)` \|", text("targets"))
    assert set(rows) == {path for path, _ in shipped()}


def test_a_target_with_everything_runs_everything_and_others_do_not() -> None:
    columns = [row.split(" | ")[1:-1] for row in text("targets").splitlines() if ".yaml` | " in row]
    runs = [sum(verdict == "yes" for verdict in column) for column in zip(*columns, strict=True)]
    assert len(runs) == len(TARGETS)
    assert runs[0] == len(columns)
    assert 0 < runs[-1] < runs[0]


# -- how pages are written ---------------------------------------------------------------------------------------------


def test_a_bar_in_a_cell_is_no_border() -> None:
    assert table(("a",), [("x | y\nz",)])[-2] == r"| x \| y z |"


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("the text", "The text."),
        ("scenario", "Scenario."),
        ("file:line", "file:line."),
        ("data.0.id is one", "data.0.id is one."),
        ("`code` is", "`code` is."),
        ("messages_per_minute holds", "messages_per_minute holds."),
        ("and so on …", "And so on …"),
    ],
)
def test_a_name_keeps_its_letters_in_a_sentence(given: str, written: str) -> None:
    assert sentence(given) == written


def test_a_paragraph_of_a_docstring_with_an_indented_line_is_code() -> None:
    assert page(prose("Words.\n\nwith a:\n    b")) == "Words.\n\n```python\nwith a:\n    b\n```\n"


def test_a_page_has_one_empty_line_where_several_were_and_code_has_all() -> None:
    assert page(["# A", "", "", "```text", "a", "", "", "b", "```"], ["", "end", ""]) == (
        "# A\n\n```text\na\n\n\nb\n```\n\nend\n"
    )
