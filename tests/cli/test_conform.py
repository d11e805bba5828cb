"""`conform` as its users meet it."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from harness.adapters.case_files import recordings
from tests.cli.usage import Wrong, each, refuses
from tests.commands import Done, run
from tests.foreign import USER_KEY, foreign, owned
from tests.processes import TIMEOUT_S, end, start
from tests.test_serving import free_port

CONVERSATIONS = recordings() / "gateway" / "conversations"
ORDERS = recordings() / "gateway" / "message-orders.jsonl"
LIVE = ("--server", "http://127.0.0.1:1")

WRONG_USAGE: list[Wrong] = [
    (("conform", "--cases", "no"), 2, ("error: no: no recorded cases there", "conversations")),
    (("conform", "--cases", "empty"), 2, ("error: empty: no recorded cases there",)),
    (("conform", "--cases", "other.db"), 2, ("--cases", "is a file")),
    (("conform", "--orders", "no.jsonl"), 2, ("error: no.jsonl: cannot be read", "message-orders.jsonl")),
    (("conform", "--orders", "empty"), 2, ("--orders", "is a directory")),
    (("conform", "--cases", "broken"), 2, ("error: broken/conversations/x.json: ", "there is no case to be read")),
    (("conform", "--spawn", *LIVE), 2, ("exclude each other",)),
    (("conform", "--spawn", "--user-key", "secret"), 2, ("--user-key is for a --server",)),
    (("conform", "--user-key", "secret"), 2, ("--user-key is for a --server",)),
    (("conform", "-j", "0"), 2, ("'-j'",)),
    (("conform", "--json", "no/x.json"), 2, ("error: no/x.json: no such folder",)),
    (("conform", "--json", "-", "--junit", "-"), 2, ("only one output",)),
    (("conform", "-k", "no such case"), 5, ("nothing to run: no case matches 'no such case'",)),
    (("conform", "-k", "users", *LIVE), 3, ("error: http://127.0.0.1:1: no connection",)),
    (("conform", "-k", "users", *LIVE, "--user-key", "secret"), 3, ("error: http://127.0.0.1:1: no connection",)),
]


@each(WRONG_USAGE)
def test_what_cannot_be_done_is_said_in_a_sentence_with_the_right_exit_code(
    arguments: tuple[str, ...], code: int, parts: tuple[str, ...], folder: Path
) -> None:
    refuses(folder, arguments, code, parts)


# -- which cases -------------------------------------------------------------------------------------------------------


def table(out: str) -> dict[str, tuple[int, ...]]:
    """area: agree, differ, skip."""
    rows = re.findall(r"^(\S+) +(\d+) +(\d+) +(\d+)$", out, re.MULTILINE)
    return {area: tuple(map(int, counts)) for area, *counts in rows}


def test_everything_that_comes_along_agrees_on_the_embedded_gateway(tmp_path: Path) -> None:
    done = run("conform", folder=tmp_path)
    counts = table(done.out)
    assert (done.code, done.err) == (0, "")
    assert counts["orders"] == (119, 0, 0)
    assert counts["total"] == (48 + 119, 0, 0)


def a_case(folder: Path, name: str = "outstanding", **changes: Any) -> Path:
    """A folder with a copy of one recorded case; the answer to its step 3 is changed."""
    case = json.loads((CONVERSATIONS / f"{name}.json").read_text(encoding="utf-8"))
    if changes:
        case["steps"][3]["expect"].update(changes)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(case, indent=1), encoding="utf-8")
    return folder


def an_order(folder: Path, order: str = "FS", **changes: Any) -> Path:
    """A file with one recorded order that is changed."""
    lines = [json.loads(line) for line in ORDERS.read_text(encoding="utf-8").splitlines()]
    [line] = [line for line in lines if line["order"] == order]
    path = folder / "orders.jsonl"
    path.write_text(json.dumps({**line, **changes}) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("place", ["gateway/conversations", "conversations", "."])
def test_a_folder_of_cases_replaces_those_that_come_along(place: str, tmp_path: Path) -> None:
    a_case(tmp_path / place)
    done = run("conform", "--cases", str(tmp_path))
    assert (done.code, table(done.out)["total"]) == (0, (1, 0, 0))


def test_folders_and_files_add_up(tmp_path: Path) -> None:
    a_case(tmp_path / "a")
    a_case(tmp_path / "b", "expiry")
    order = an_order(tmp_path)
    given = [str(tmp_path / name) for name in ("a", "b")]
    done = run("conform", "--cases", given[0], "--cases", given[1], "--orders", str(order))
    assert table(done.out) == {"send": (1, 0, 0), "expiry": (1, 0, 0), "orders": (1, 0, 0), "total": (3, 0, 0)}


def test_an_unreadable_case_keeps_no_other_from_being_replayed(tmp_path: Path) -> None:
    a_case(tmp_path)
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    done = run("conform", "--cases", str(tmp_path), "--junit", str(tmp_path / "junit.xml"))
    done.failed(2, f"error: {tmp_path}/broken.json: is no JSON")
    assert table(done.out)["total"] == (1, 0, 0)
    assert [case.get("classname") for case in ElementTree.parse(tmp_path / "junit.xml").iter("testcase")] == [
        "send",
        "unreadable",
    ]


# -- what is shown -----------------------------------------------------------------------------------------------------


def test_a_difference_is_shown_with_its_place_and_the_command_that_repeats_it(tmp_path: Path) -> None:
    folder = a_case(tmp_path / "my cases", status=201)
    done = run("conform", "--cases", "my cases", "--seed", "7", folder=tmp_path)
    assert (done.code, done.err) == (1, "")
    lines = done.out.splitlines()
    assert lines[0].split() == ["area", "agree", "differ", "skip"]
    [at] = [number for number, line in enumerate(lines) if line.startswith("  step 3, call: ")]
    assert lines[at - 1] == "outstanding (send)"
    place, _, row = lines[at + 1].removeprefix("    at ").rpartition(":")
    written = (tmp_path / place).read_text(encoding="utf-8").splitlines()
    assert place == f"my cases/{folder.name}/outstanding.json".replace("my cases/my cases", "my cases")
    assert written[int(row) - 1].strip() == '"do": "call",'
    assert lines[at + 2 : at + 5] == ["    status", "      - expected 201", "      + actual   200"]
    [repeat] = [line.removeprefix("repeat with: ") for line in lines if line.startswith("repeat with: ")]
    name, *arguments = shlex.split(repeat)
    assert (name, run(*arguments, folder=tmp_path)) == ("httpsms-harness", done)


def test_an_order_that_differs_names_its_line(tmp_path: Path) -> None:
    path = an_order(tmp_path, status_after=["sending", "delivered"], sent_at=1, thread_status="sent")
    done = run("conform", "--orders", str(path))
    assert done.code == 1
    assert f"    at {path}:1\n" in done.out
    assert '    body.data.status\n      - expected "delivered"\n      + actual   "sent"\n' in done.out


@pytest.mark.parametrize(("color", "coloured"), [("always", True), ("never", False), ("auto", False)])
def test_a_difference_is_red_and_green_where_colours_are_wanted(color: str, coloured: bool, tmp_path: Path) -> None:
    done = run("conform", "--cases", str(a_case(tmp_path, status=201)), "--color", color)
    assert ("\x1b[31m      - expected 201" in done.out) is coloured
    assert ("\x1b" in done.out) is coloured


def test_json_on_stdout_is_pure_and_the_report_is_talk(tmp_path: Path) -> None:
    done = run("conform", "--cases", str(a_case(tmp_path, status=201)), "--json", "-")
    [case] = json.loads(done.out)["cases"]
    assert (done.code, case["verdict"], case["steps"][3]["differences"]) == (
        1,
        "differ",
        [{"path": "status", "expected": 201, "actual": 200}],
    )
    assert table(done.err)["total"] == (0, 1, 0)


def test_junit_has_a_test_case_for_each_case_and_no_secret(tmp_path: Path) -> None:
    a_case(tmp_path, status=201)
    a_case(tmp_path, "users", status=201)
    done = run("conform", "--cases", str(tmp_path), "--junit", str(tmp_path / "junit.xml"))
    text = (tmp_path / "junit.xml").read_text(encoding="utf-8")
    cases = {case.get("name"): case for case in ElementTree.fromstring(text).iter("testcase")}
    assert (done.code, {name: case.get("classname") for name, case in cases.items()}) == (
        1,
        {"outstanding": "send", "users": "users"},
    )
    [failure] = cases["outstanding"]
    assert failure.text is not None
    assert "      - expected 201\n      + actual   200" in failure.text
    assert not re.search(r"\b[up]k_[A-Za-z0-9_-]{20,}", text + done.out)


def test_a_key_in_the_environment_is_not_in_the_way(tmp_path: Path) -> None:
    done = run("conform", "--cases", str(a_case(tmp_path)), HTTPSMS_HARNESS_USER_KEY="uk_mine")
    assert done.code == 0


def test_that_nothing_was_compared_is_said(tmp_path: Path) -> None:
    step = {"do": "dance"}
    case = {"case": "odd", "area": "a", "steps": [step]}
    (tmp_path / "odd.json").write_text(json.dumps(case), encoding="utf-8")
    done = run("conform", "--cases", str(tmp_path), "--junit", "-")
    assert (done.code, table(done.err)["total"]) == (5, (0, 0, 1))
    assert "  odd  step 0: a step `dance` is not known\n" in done.err
    assert "nothing was compared: every case was skipped (1)\n" in done.err
    [skipped] = ElementTree.fromstring(done.out).iter("skipped")
    assert skipped.get("message") == "step 0: a step `dance` is not known"


# -- live --------------------------------------------------------------------------------------------------------------


def shown(done: Done, *secrets: str) -> str:
    """Everything that was printed, which has no secret in it."""
    everything = done.out + done.err
    assert [secret for secret in secrets if secret in everything] == []
    return everything


@pytest.mark.soak
def test_a_process_of_its_own_is_started_and_progress_is_told(tmp_path: Path) -> None:
    done = run("conform", "--spawn", "-k", "webhook-", folder=tmp_path)
    assert (done.code, table(done.out)["total"]) == (0, (2, 0, 0))
    assert sorted(done.err.splitlines()) == ["agree  webhook-retry  (2 of 2)", "agree  webhook-urls  (1 of 2)"]


@pytest.mark.soak
def test_a_server_is_replayed_with_the_key_of_an_account() -> None:
    port = free_port()
    with foreign(port, "--queue-user-id", "system", "--queue-user-api-key", "uk_system") as served:
        arguments = ("--server", served.url, "--user-key", USER_KEY, "--listen-port", str(port))
        done = run("conform", *arguments, "-k", "users", EVENTS_QUEUE_USER_API_KEY="uk_system")
        assert (done.code, table(done.out)["total"]) == (5, (0, 0, 1))
        assert "would change the account" in shown(done, USER_KEY, "uk_system")
        done = run("conform", *arguments[:2], "-k", "order-EE", *arguments[4:], "--orders", str(ORDERS),
                   HTTPSMS_HARNESS_USER_KEY=USER_KEY, EVENTS_QUEUE_USER_API_KEY="uk_system")  # fmt: skip
        assert (done.code, table(done.out)["orders"][1:]) == (0, (0, 0)), done
        assert owned(served) == {}


def test_what_differs_on_a_server_is_repeated_without_showing_its_key(tmp_path: Path) -> None:
    folder = a_case(tmp_path, "webhook-urls", status=299)
    with foreign(free_port()) as served:
        done = run("conform", "--cases", str(folder), "--server", served.url, "--user-key", USER_KEY)
    assert done.code == 1
    assert f"--server {served.url} --user-key '…'" in shown(done, USER_KEY)


def test_an_interrupted_replay_removes_what_it_made_on_a_given_account() -> None:
    port = free_port()
    with foreign(port) as served:
        process = start(
            "conform", "--server", served.url, "--user-key", USER_KEY, "--listen-port", str(port), "-k", "send-failed"
        )
        while len(owned(served)) < 3:  # a phone, its key, its webhook
            assert process.poll() is None
        out, err = end(process)
        assert (process.wait(TIMEOUT_S), err.splitlines()[-1]) == (130, "interrupted"), out + err
        assert owned(served) == {}
