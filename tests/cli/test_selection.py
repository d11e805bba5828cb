"""Which stories are chosen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness.cli.selection import expanded, near, read_stories, tagged, wanted
from harness.errors import UsageError
from harness.scenario.plan import Place, Scenario
from tests.cli.stories import PASSES, write


def story(name: str, *tags: str, row: str = "") -> Scenario:
    file = name.casefold().replace(" ", "_") + ".yaml"
    return Scenario(name, (), (), (), tags=tags, row=row, place=Place(f"stories/{file}", 1))


STORIES = [
    story("A code", "otp", "smoke"),
    story("A code and a call", "otp", "slow"),
    story("Salt or pepper"),
    story("A table", row="sim 1"),
    story("A table", row="sim 2"),
]
TITLES = [each.title for each in STORIES]


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("A code", [0]),  # the name itself, though another has it in its own
        ("a CODE", [0, 1]),
        ("A table", [3, 4]),
        ("A table [sim 2]", [4]),
        ("code and", [1]),  # in a name, so it is no description
        ("salt or pepper", [2]),
        ("salt_or", [2]),  # of the file
        ("salt or call", [1, 2]),
        ("code and not call", [0]),
        ("not (code or salt)", [3, 4]),
        ("code and (call or salt) or sim 1", [1, 3]),
        ("'salt or' and not call", [2]),
        ("not not call", [1]),
        ("nothing of that", []),
        ("not nothing", [0, 1, 2, 3, 4]),
    ],
)
def test_a_name_a_piece_of_it_or_a_description_chooses(text: str, chosen: list[int]) -> None:
    assert [each.title for each in wanted(STORIES, text)] == [TITLES[number] for number in chosen]


DESCRIBES_NOTHING = "nothing that describes names"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("call and", DESCRIBES_NOTHING),
        ("(call", "a bracket is not closed"),
        ("code and not (fits", "a bracket is not closed"),
        ("(call not salt)", DESCRIBES_NOTHING),
        ("call)", "a bracket is closed that nobody has opened"),
        ("not", DESCRIBES_NOTHING),
        ("and call", DESCRIBES_NOTHING),
        ("()", DESCRIBES_NOTHING),
        ("call not salt", DESCRIBES_NOTHING),
    ],
)
def test_a_description_that_is_none_is_refused(text: str, why: str) -> None:
    with pytest.raises(UsageError, match=f"no name, and {why}.*\n.*with and, or, not and brackets"):
        wanted(STORIES, text)


@pytest.mark.parametrize(
    ("tags", "chosen"),
    [
        ((), [0, 1, 2, 3, 4]),
        (("otp",), [0, 1]),
        (("smoke", "slow"), [0, 1]),
        (("not:slow",), [0, 2, 3, 4]),
        (("otp", "not:slow"), [0]),
        (("none",), []),
    ],
)
def test_any_of_the_tags_and_none_of_the_others_choose(tags: tuple[str, ...], chosen: list[int]) -> None:
    assert [each.title for each in tagged(STORIES, tags)] == [TITLES[number] for number in chosen]


def test_whoever_finds_nothing_is_told_what_there_is() -> None:
    assert near(STORIES, "a coed", ("otpp",), "run").splitlines()[0] == "  there is: A code"
    assert near(STORIES, None, ("smok", "not:otp", "xyz"), "run").splitlines()[:2] == [
        "  did you mean --tag smoke?",
        "  the tags are: otp, slow, smoke",
    ]
    assert "  no story has a tag" in near(STORIES[2:], None, ("otpp",), "run")
    assert near(STORIES, None, (), "httpsms-harness run a b") == "  5 to choose from: httpsms-harness run a b --list"


def test_many_tags_take_several_lines() -> None:
    stories = [replace(STORIES[0], tags=tuple(f"tag-number-{number}" for number in range(20)))]
    lines = near(stories, None, ("other",), "run").splitlines()[:-1]
    assert len(lines) == 4
    assert max(map(len, lines)) <= 100
    assert [tag for tag in stories[0].tags if not any(tag in line for line in lines)] == []


def test_a_pattern_stands_for_files_and_a_file_for_itself(tmp_path: Path) -> None:
    for name in ("b.scenario.yaml", "a.scenario.yaml", "x.part.yaml", "odd[1].yaml"):
        write(tmp_path, PASSES, name)
    found = expanded([f"{tmp_path}/*.yaml", f"{tmp_path}/odd[1].yaml"])
    assert [Path(path).name for path in found] == ["a.scenario.yaml", "b.scenario.yaml", "odd[1].yaml", "odd[1].yaml"]
    with pytest.raises(UsageError, match="no file or folder is called so"):
        expanded([f"{tmp_path}/*.nothing"])


def test_what_is_wrong_in_one_file_does_not_hide_what_is_wrong_in_another(tmp_path: Path) -> None:
    files = [write(tmp_path, PASSES.replace("send", "sned"), "a.yaml"), tmp_path / "b.yaml", write(tmp_path, PASSES)]
    stories, errors = read_stories(files)
    assert [each.name for each in stories] == ["A text arrives"]
    assert ["unknown verb sned" in str(errors[0]), "No such file" in str(errors[1]), len(errors)] == [True, True, 2]
