"""`compare` as its users meet it, and the stories that come along: in virtual time and over sockets they are alike."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from harness.adapters.scenario_files import find_files, read_file
from harness.hosting import Gateway
from harness.report.fidelity import as_text, compared
from harness.serving import AccountSpec, ServeOptions
from harness.targets import TargetOptions, opened
from tests.cli.inside import call, refuses
from tests.cli.stories import PASSES, write
from tests.cli.usage import Wrong, each
from tests.house.sources import ROOT
from tests.report.schemas import closed

KEY = "uk_very_secret"
SCHEMA = ROOT / "docs" / "schemas" / "comparison.schema.json"
# It takes no time where no time goes by, and only there.
AT_ONCE = """\
scenario: A text arrives at once
phones: [alice]
contacts: [bob]
steps:
  - send: {from: alice, to: bob, text: Hello}
    as: hello
  - expect: {sms: {to: bob, text: Hello}}
    as: arrival
  - distance: {from: hello, to: arrival, at_most: 0s}
"""
ONLY_HERE = PASSES.replace("A text arrives", "Only here").replace("phones:", "requires: [virtual-time]\nphones:")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with Gateway(ServeOptions(accounts=(AccountSpec(api_key=KEY, plan="200k-monthly"),), phones=0)) as gateway:
        yield gateway.url


def read(text: str) -> dict[str, Any]:
    """What `--json` wrote; it fits its schema, which names all of it."""
    found: dict[str, Any] = json.loads(text)
    Draft202012Validator(closed(json.loads(SCHEMA.read_text(encoding="utf-8")))).validate(found)
    return found


# -- what it says ------------------------------------------------------------------------------------------------------


def test_a_story_that_goes_alike_over_sockets_is_told_in_a_line(tmp_path: Path) -> None:
    write(tmp_path, PASSES)
    done = call("compare", "story.scenario.yaml", folder=tmp_path)
    assert (done.code, done.err.strip()) == (0, "1 alike, 0 different"), done
    assert done.out.startswith("same  A text arrives  (both passed, ")
    assert done.out.count("\n") == 1


def test_a_difference_ends_with_1_and_both_verdicts_come_first(tmp_path: Path) -> None:
    write(tmp_path, AT_ONCE)
    write(tmp_path, PASSES, "good.scenario.yaml")
    done = call("compare", ".", "-q", "--json", "found.json", folder=tmp_path)
    assert done.code == 1, done
    first, one, other, *rest = done.out.splitlines()
    assert first == "DIFF  A text arrives at once  (1 other status)"
    assert one.split()[:3] == ["A", "embedded", "passed"]
    assert other.split()[:4] == ["B", "embedded", "(live)", "failed,"]
    assert rest[-1].endswith("--seed 1 --live")
    assert "same" not in done.out
    found = read((tmp_path / "found.json").read_text())
    assert found["alike"] is False
    assert [story["state"] for story in found["stories"]] == ["alike", "different"]


def test_what_a_server_keeps_to_itself_is_no_difference(url: str, tmp_path: Path) -> None:
    write(tmp_path, PASSES)
    where = ("--server", url, "--user-key", KEY, "--listen", "127.0.0.1:0")
    done = call("compare", ".", *where, "--json", "-", folder=tmp_path)
    assert done.code == 0, done
    assert "seen in one only" in done.err
    story = read(done.out)["stories"][0]
    assert story["b"]["unseen"] == ["api", "gateway", "push"]
    assert KEY not in done.out + done.err


def test_a_story_that_one_target_skips_is_not_compared_and_alone_it_is_nothing(tmp_path: Path) -> None:
    write(tmp_path, ONLY_HERE)
    done = call("compare", ".", folder=tmp_path)
    assert done.code == 5, done
    assert done.err.splitlines() == [
        "0 alike, 0 different, 1 skipped",
        "nothing to compare: no story ran on both targets",
    ]
    assert done.out.startswith("SKIP  Only here: B (embedded (live)): ")
    assert "to compare it: " in done.out


def test_times_are_told_and_change_no_exit_code(tmp_path: Path) -> None:
    write(tmp_path, PASSES)
    done = call("compare", ".", "--slower", "0", folder=tmp_path)
    assert done.code == 0, done
    assert "slower by" in done.out


SET = """\
server = "http://127.0.0.1:1"
user_key = "pa55"
listen = "127.0.0.1:0"
seed = 7

[phones]
nobody = "+18005550199"
"""


def test_what_is_set_may_be_meant_for_another_run(tmp_path: Path) -> None:
    write(tmp_path, AT_ONCE)
    (tmp_path / "httpsms-harness.toml").write_text(SET, encoding="utf-8")
    for where in (("--live",), ("--server", "none")):
        done = call("compare", ".", *where, folder=tmp_path)
        assert done.code == 1, done
        assert done.out.splitlines()[-1].endswith("--seed 7 --live")
    call("compare", ".", folder=tmp_path).failed(3, "127.0.0.1:1")


# -- what cannot be done -----------------------------------------------------------------------------------------------

WRONG_USAGE: list[Wrong] = [
    (("compare", "nowhere"), 2, ("nowhere",)),
    (("compare", "empty"), 2, ("empty",)),
    (("compare", "good.scenario.yaml", "-k", "a text arives"), 5, ("nothing to compare", "there is: A text arrives")),
    (("compare", "good.scenario.yaml", "--tag", "slow"), 5, ("nothing to compare: no story is tagged slow",)),
    (("compare", ".", "--live", "--server", "http://127.0.0.1:1"), 2, ("--live and --server exclude each other",)),
    (("compare", ".", "--live", "--device", "adb:emulator-5554"), 2, ("--live and --device exclude each other",)),
    (("compare", ".", "--device", "emulator-5554"), 2, ("write it like adb:emulator-5554",)),
    (("compare", ".", "--server", "http://127.0.0.1:1"), 2, ("without the key", "--user-key")),
    (("compare", ".", "--server", "ftp://x"), 2, ("no http or https URL",)),
    (("compare", ".", "--insecure", "--ca-file", "other.db"), 2, ("exclude each other",)),
    (("compare", ".", "--listen", "127.0.0.1:0"), 2, ("--listen is for a --server that you have",)),
    (("compare", ".", "--app"), 2, ("--app without --device",)),
    (("compare", ".", "--device", "adb:emulator-5554", "--app-pushes"), 2, ("--app-pushes without --app",)),
    (("compare", ".", "--slower", "-1"), 2, ("--slower",)),
    (("compare", ".", "--json", "nowhere/x.json"), 2, ("no such folder",)),
    (("compare", "good.scenario.yaml", "--phone", "carol=+18005550199"), 2, ("no story has a phone of this name",)),
    (("compare", "good.scenario.yaml", "--server", "http://127.0.0.1:1", "--user-key", "pa55"), 3, ("127.0.0.1:1",)),
]


@each(WRONG_USAGE)
def test_what_cannot_be_compared_is_said_in_a_sentence(
    arguments: tuple[str, ...], code: int, parts: tuple[str, ...], folder: Path
) -> None:
    refuses(folder, arguments, code, parts)


# -- the stories that come along ---------------------------------------------------------------------------------------

RACES = {
    "A text arrives although the server forgets": "its server's handlers run side by side, and the last one wins",
    "A report that another handler overwrites": "it goes on until two handlers meet, which is luck over sockets",
}
"""Stories about a race: which way it goes is what they are about. Over sockets the machine decides."""


@pytest.mark.soak
def test_the_stories_that_come_along_go_alike_in_virtual_time_and_over_sockets() -> None:
    stories = [story for path in find_files([str(ROOT / "scenarios")]) for story in read_file(path)]
    different = {}
    with opened(TargetOptions(live=True)) as live, opened(TargetOptions()) as virtual:
        for story in stories:
            found = compared(virtual.run(story), live.run(story))
            assert found.is_compared, as_text(found)
            if not found.is_alike:
                different[story.title] = as_text(found)
    unexplained = [text for title, text in different.items() if title not in RACES]
    assert unexplained == [], "\n".join(unexplained)
    assert {story.title for story in stories} >= RACES.keys()
