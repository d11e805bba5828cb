"""The table of assumptions, the walk through it, and its report."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.adapters.adb_link import LinkOptions, open_device
from harness.errors import DeviceGone, DeviceTimeout, NoDevice
from harness.fake_android import FakeAndroid, FakeAndroidOptions, fake_android
from harness.fake_device.state import Troubles
from harness.targets import device_checks as checks
from harness.targets.device_checklist import ASSUMPTIONS, Assumption, Report, as_json, as_markdown, bench_of, walk
from harness.targets.device_checks import Bench, Broken, Held, NotTried, Verdict
from harness.targets.options import TargetOptions
from tests.targets.test_device_checks import There, bench, there

ALLOWED = "+18005550123"
TOKEN = "9/DO11I8NEPn1Yqv"
SERIAL = "R58M12ABCDE"


def walked(at: There, assumptions: Sequence[Assumption] = ASSUMPTIONS, **more: Any) -> Report:
    return asyncio.run(walk(bench(at, **more), assumptions=assumptions))


def results(report: Report) -> dict[str, str]:
    return {each.assumption.id: each.result for each in report.checked}


# -- the table ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("assumption", ASSUMPTIONS, ids=lambda each: each.id)
def test_each_assumption_says_what_it_is_where_it_was_read_and_what_it_means(assumption: Assumption) -> None:
    assert re.fullmatch(r"[a-z-]{3,20}", assumption.id)
    assert assumption.sentence.endswith((".", "`"))
    assert "§" in assumption.source or "SERVICES" in assumption.source
    assert assumption.proof
    assert assumption.means


def test_what_an_assumption_needs_stands_before_it() -> None:
    before: set[str] = set()
    for assumption in ASSUMPTIONS:
        assert before >= set(assumption.needs), assumption.id
        before.add(assumption.id)
    assert len(before) == len(ASSUMPTIONS)


def test_every_check_is_in_the_table() -> None:
    here = {name: value for name, value in vars(checks).items() if asyncio.iscoroutinefunction(value)}
    known = {name for name, value in here.items() if value.__module__ == checks.__name__ and name[0] != "_"}
    assert {each.check.__name__ for each in ASSUMPTIONS} == known


# -- the walk ----------------------------------------------------------------------------------------------------------


async def fine(_bench: Bench) -> Verdict:
    return Held("fine")


async def gone(_bench: Bench) -> Verdict:
    raise DeviceGone("emulator-5554", "the cable")


async def late(_bench: Bench) -> Verdict:
    raise DeviceTimeout("emulator-5554", "not done in 30 s")


def assumed(name: str, check: Any, *needs: str, relied_on: bool = True) -> Assumption:
    return Assumption(name, f"{name}.", "§9.9", "looking", "it is not so", check, needs, relied_on)


def test_what_needs_something_that_does_not_hold_is_not_tried() -> None:
    report = walked(there(), [assumed("a", late), assumed("b", fine, "a"), assumed("c", fine, "b"), assumed("d", fine)])
    assert results(report) == {"a": "broken", "b": "not tried", "c": "not tried", "d": "held"}
    assert "`a`" in report.checked[1].verdict.why  # type: ignore[union-attr]
    assert not report.is_well


def test_a_device_that_is_lost_is_not_asked_again() -> None:
    report = walked(there(), [assumed("a", fine), assumed("b", gone), assumed("c", fine)])
    assert results(report) == {"a": "held", "b": "broken", "c": "not tried"}
    assert report.checked[1].verdict == Broken("the cable")


def test_what_nobody_relies_on_makes_no_walk_a_failure() -> None:
    report = walked(there(), [assumed("a", late, relied_on=False), assumed("b", fine)])
    assert results(report)["a"] == "broken"
    assert report.is_well


def test_each_step_is_told_when_it_is_done() -> None:
    told: list[str] = []
    asyncio.run(walk(bench(there()), lambda each: told.append(each.assumption.id)))
    assert told == [each.id for each in ASSUMPTIONS]


def test_nothing_of_a_fake_emulator_is_broken() -> None:
    report = walked(there())
    untried = {name for name, result in results(report).items() if result != "held"}
    assert untried == {"call-log", "app", "app-permissions", "app-jobs"}
    assert report.is_well


def test_hardware_without_an_allowed_number_sends_nothing() -> None:
    at = there(is_emulator=False)
    report = walked(at)
    assert report.is_well
    assert at.device.sms.rows == ()
    assert not any("isms" in command or "airplane-mode" in command for command in at.ran)


def test_texts_that_a_shell_cannot_delete_are_said_to_be_left() -> None:
    report = walked(there())
    assert report.left == (
        "5 texts with “check 00c0de” in the box inbox",
        "1 text with “check 00c0de” in the box sent",
        "1 missed call from +18005550111",
    )


def test_what_can_be_deleted_is_not_left() -> None:
    class Deleting(There):
        async def shell(self, command: str) -> Any:
            if found := re.fullmatch(r"content delete --uri content://sms --where '_id=(\d+)'", command):
                del self.device.sms._rows[int(found[1])]
            return await super().shell(command)

    report = walked(Deleting(there().device))
    assert report.left == ("1 missed call from +18005550111",)


# -- the report --------------------------------------------------------------------------------------------------------


def test_a_report_names_neither_the_allowed_number_nor_the_serial_of_hardware() -> None:
    at = there(is_emulator=False, serial=SERIAL, troubles=Troubles(refuses_isms=True))
    at.says = {"getprop": f"{SERIAL} {ALLOWED}\n", "dumpsys deviceidle": f"{SERIAL} {ALLOWED}"}
    report = walked(at, allowed=ALLOWED, may_switch=True)
    texts = as_markdown(report) + json.dumps(as_json(report)) + str(report.checked)
    assert results(report)["text-out"] == "broken"
    assert ALLOWED not in texts.replace("<allowed number>", "")
    assert ALLOWED[1:] not in texts
    assert SERIAL not in texts


def test_machines_read_what_people_read() -> None:
    report = walked(there(troubles=Troubles(loses_texts=True)))
    told = json.loads(json.dumps(as_json(report)))
    assert (told["device"], told["emulator"], told["android"], told["well"]) == ("emulator-5554", True, "14", False)
    by_id = {each["id"]: each for each in told["assumptions"]}
    assert list(by_id) == [each.id for each in ASSUMPTIONS]
    assert by_id["text-in"]["result"] == "broken"
    assert "nothing came" in by_id["text-in"]["why"]
    assert by_id["call-log"]["remedy"]
    assert by_id["sims"]["seen"] == "slot 1: subscription 1"


def test_a_page_for_a_bug_has_a_table_and_what_is_broken_in_full() -> None:
    report = walked(there(says={"printf": "a|b\n<script>`x`"}, troubles=Troubles(loses_texts=True)))
    page = as_markdown(report)
    lines = page.splitlines()
    assert lines[0].startswith("# Checklist of emulator-5554: ")
    assert "| ✅ | The shell may read the inbox.<br>`read-inbox` | §9.2 | content://sms/inbox answers |" in lines
    assert "### quoting: a quoted word came back changed" in lines
    assert "    a|b" in lines
    assert "    <script>`x`" in lines
    assert all(line.count("|") - line.count("\\|") == 5 for line in lines if line.startswith("|"))
    assert "* 1 missed call from +18005550111" in lines


def test_words_of_a_device_mean_nothing_in_a_table() -> None:
    async def nasty(_bench: Bench) -> Verdict:
        return NotTried("a | b\n# c `d` <e>", "do")

    page = as_markdown(walked(there(), [assumed("a", nasty)]))
    assert r"| ⚪ | a.<br>`a` | §9.9 | a \| b \# c \`d\` \<e\> |" in page


# -- a real wire -------------------------------------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def on_a_wire(options: FakeAndroidOptions, **settings: Any) -> AsyncIterator[tuple[Bench, FakeAndroid]]:
    async with fake_android(options) as android:
        port = android.console.port if android.console is not None else 1
        target = TargetOptions("device", device=f"emulator-{port}", **settings)
        link = LinkOptions(server="never")
        async with bench_of(target, lambda _serial, _options: open_device(android.address, link)) as at:
            at.report_s = at.every_s = 0.02
            yield at, android


def test_a_walk_over_adb_and_a_console_with_a_token_shows_no_token(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(TOKEN)

    async def main() -> Report:
        options = FakeAndroidOptions(console_token=TOKEN, console_token_path="~/token")
        async with on_a_wire(options, console_token_file=file) as (at, _):
            return await walk(at)

    report = asyncio.run(main())
    assert results(report)["text-in"] == "held", report.checked
    assert report.is_well, report.checked
    assert "shell_v2" in dict(report.about)["adb features"]
    assert TOKEN not in as_markdown(report) + json.dumps(as_json(report)) + str(report)


def test_a_wrong_token_is_broken_and_shown_nowhere(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("wrong0secret")

    async def main() -> Report:
        async with on_a_wire(FakeAndroidOptions(console_token=TOKEN), console_token_file=file) as (at, _):
            return await walk(at)

    report = asyncio.run(main())
    assert results(report)["console"] == "broken"
    assert results(report)["text-in"] == "not tried"
    assert "secret" not in as_markdown(report) + str(report)


def test_a_device_that_vanishes_ends_the_walk_with_a_report() -> None:
    async def main() -> Report:
        async with on_a_wire(FakeAndroidOptions()) as (at, android):
            android.set_troubles(Troubles(vanish_after_bytes=1))
            return await walk(replace(at, seen_within_s=0.2))

    report = asyncio.run(main())
    assert results(report)["shell-codes"] == "broken"
    assert results(report)["app"] == "not tried"


def test_no_device_is_no_report() -> None:
    async def main() -> None:
        async with bench_of(TargetOptions("device", device="127.0.0.1:9", adb_server="never")):
            raise AssertionError("there is none")

    with pytest.raises(NoDevice):
        asyncio.run(main())
