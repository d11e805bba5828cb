"""`serve --state FILE` and files that it cannot use, or no longer write: one sentence, and nothing is overwritten."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import sqlite3
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from http.client import HTTPException
from pathlib import Path
from typing import Any

import pytest

from harness.adapters.state_file import VERSION
from harness.errors import HarnessError, UsageError
from harness.hosting import Gateway as HostedGateway
from harness.serving import AccountSpec, Served, ServeOptions, serving
from tests.limited import CANNOT, limited
from tests.processes import NUMBER, Gateway, end, gateway, opened, start

USAGE, BROKEN = 2, 3


def refused(path: Path, *arguments: str, wrapper: Sequence[str] = ()) -> tuple[int, str]:
    """Starts a gateway that must not start; its exit code and what it says."""
    process = start("serve", "--port", "0", "--state", str(path), *arguments, wrapper=wrapper)
    shown, said = process.communicate(timeout=60)
    if process.returncode == CANNOT:
        pytest.skip("root cannot give up its rights here")
    assert shown == ""
    return process.returncode, said


def refusal(path: Path, **options: Any) -> UsageError:
    """The same in this process, which is faster."""

    async def main() -> None:
        async with serving(ServeOptions(state=path, **options)):
            pass

    with pytest.raises(HarnessError) as raised:
        asyncio.run(main())
    assert isinstance(raised.value, UsageError)
    assert is_one_sentence(f"error: {raised.value}"), raised.value
    return raised.value


def serve(path: Path, look: Callable[[Served], object] = lambda _: None, **options: Any) -> str:
    """Starts a gateway, looks at it, and ends it; its user key."""

    async def main() -> str:
        async with serving(ServeOptions(state=path, **options)) as served:
            look(served)
            return served.user_key

    return asyncio.run(main())


def is_one_sentence(said: str) -> bool:
    """What is wrong, and what to do about it."""
    lines = said.splitlines()
    return len(lines) == 2 and lines[0].startswith("error: ") and lines[1].startswith("  ")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The file of a gateway that has ended, with messages in it."""
    path = tmp_path_factory.mktemp("world") / "state.db"
    accounts = (AccountSpec(user_id="ann", api_key="uk_ann"),)
    with HostedGateway(ServeOptions(state=path, accounts=accounts)) as served:
        request = urllib.request.Request(f"{served.url}/v1/messages/send", method="POST")
        request.add_header("x-api-key", served.user_key)
        request.add_header("Content-Type", "application/json")
        for number in range(40):
            message = {"from": served.number, "to": "+18005550100", "content": f"text {number} " + "x" * 1000}
            urllib.request.urlopen(request, json.dumps(message).encode()).close()
    assert [name.name for name in path.parent.iterdir()] == ["state.db"]
    return path.read_bytes()


# -- files that cannot be used -------------------------------------------------------------------------------


def sql(*statements: str) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        with contextlib.closing(sqlite3.connect(path)) as database:
            for statement in statements:
                database.execute(statement)
            database.commit()

    return change


def bytes_at(position: float, data: bytes) -> Callable[[Path], None]:
    """Overwrites what is there, at a part of the file."""

    def change(path: Path) -> None:
        content = bytearray(path.read_bytes())
        at = int(len(content) * position)
        content[at : at + len(data)] = data
        path.write_bytes(content)

    return change


def cut(part: float) -> Callable[[Path], None]:
    return lambda path: os.truncate(path, int(path.stat().st_size * part))


MAPPING = '{"=":"dict","items":[]}'
JUNK = random.Random(1).randbytes(9000)
UNUSABLE: dict[str, tuple[Callable[[Path], Any], str]] = {
    "of a newer version": (sql(f"pragma user_version = {VERSION + 1}"), f"is of version {VERSION + 1}"),
    "of no version": (sql("pragma user_version = 0"), "is of version 0"),
    "cut in the middle": (cut(0.5), "is damaged"),
    "cut after a page": (lambda path: os.truncate(path, 4096), "is damaged"),
    "cut within the first page": (lambda path: os.truncate(path, 700), "is damaged"),
    "cut within the first line": (lambda path: os.truncate(path, 50), "is "),
    "junk from the beginning": (bytes_at(0, JUNK), "is no state file"),
    "junk in the middle": (bytes_at(0.5, JUNK), "is damaged"),
    "nothing but junk": (lambda path: path.write_bytes(JUNK), "is no state file"),
    "a text": (lambda path: path.write_text("scenario: a story\n" * 100), "is no state file"),
    "a line": (lambda path: path.write_text("{}"), "is "),
    "another program's": (
        lambda path: (path.unlink(), sql("create table notes (text)")(path)),
        "is a database of another program",
    ),
    "another table": (sql("alter table rows rename to others"), "cannot be read: no such table"),
    "a row that is no JSON": (sql("update rows set row = '{' where name = 'phones'"), "cannot be read"),
    "a row of an unknown class": (sql("""update rows set row = '{"=":"a:B"}' where name = 'phones'"""), "no class"),
    "a row that is no text": (sql("update rows set row = cast(x'fffe' as text) where name = 'phones'"), "is damaged"),
    "a key that is a mapping": (sql(f"update rows set key = '{MAPPING}' where key = '\"boot\"'"), "a key is a mapping"),
    "a boot that is no number": (sql("""update rows set row = '"x"' where key = '"boot"'"""), "cannot be read: boot"),
    "without its counters": (sql("delete from rows where name = 'facts' and owner = ''"), "no whole world"),
    "without its draws": (sql("delete from rows where name = 'draws'"), "no whole world"),
    "without an account": (sql("delete from rows where name = 'accounts'"), "no whole world"),
    "of a time beyond all calendars": (sql(f"update rows set row = '{10**30}' where key = '\"now\"'"), "no row of"),
}


@pytest.mark.parametrize(("change", "why"), UNUSABLE.values(), ids=UNUSABLE)
def test_a_file_that_cannot_be_used_is_refused_and_stays_as_it_is(
    tmp_path: Path, world: bytes, change: Callable[[Path], Any], why: str
) -> None:
    path = tmp_path / "state.db"
    path.write_bytes(world)
    change(path)
    before = path.read_bytes()
    assert why in str(refusal(path))
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["of a newer version", "cut in the middle"])
def test_the_command_ends_with_that_sentence(tmp_path: Path, world: bytes, name: str) -> None:
    change, why = UNUSABLE[name]
    path = tmp_path / "state.db"
    path.write_bytes(world)
    change(path)
    before = path.read_bytes()
    code, said = refused(path)
    assert (code, is_one_sentence(said)) == (USAGE, True), said
    assert why in said
    assert path.read_bytes() == before


def test_an_empty_file_is_an_empty_world(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    path.touch()
    key = serve(path)
    assert serve(path) == key


PLACES: dict[str, tuple[Callable[[Path], Path], str]] = {
    "a folder that is not there": (lambda folder: folder / "nowhere" / "state.db", "its folder does not exist"),
    "a folder": (lambda folder: folder, "is a folder"),
    "below a file": (lambda folder: _touched(folder / "file") / "state.db", "its folder does not exist"),
}


def _touched(path: Path) -> Path:
    path.touch()
    return path


@pytest.mark.parametrize(("place", "why"), PLACES.values(), ids=PLACES)
def test_a_place_where_no_file_can_be_is_refused(tmp_path: Path, place: Callable[[Path], Path], why: str) -> None:
    assert why in str(refusal(place(tmp_path)))


@contextlib.contextmanager
def permissions(path: Path, mode: int) -> Iterator[None]:
    before = path.stat().st_mode
    path.chmod(mode)
    yield
    path.chmod(before)


def test_a_folder_that_is_read_only_is_refused(tmp_path: Path, world: bytes) -> None:
    path = tmp_path / "folder" / "state.db"
    path.parent.mkdir()
    path.write_bytes(world)
    with permissions(path.parent, 0o555):
        for tried in (path, path.with_name("new.db")):
            code, said = refused(tried, wrapper=limited("rights"))
            assert (code, is_one_sentence(said)) == (USAGE, True), said
            assert "its folder is read-only" in said
    assert list(path.parent.iterdir()) == [path]
    assert path.read_bytes() == world


def test_a_file_that_is_read_only_is_refused(tmp_path: Path, world: bytes) -> None:
    path = tmp_path / "state.db"
    path.write_bytes(world)
    with permissions(path, 0o444):
        code, said = refused(path, wrapper=limited("rights"))
    assert (code, is_one_sentence(said)) == (USAGE, True), said
    assert "is read-only" in said
    assert path.read_bytes() == world


def test_two_gateways_do_not_run_on_one_file(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with gateway("--state", str(path)) as served:
        before = served.send("before")
        code, said = refused(path)
        assert (code, is_one_sentence(said)) == (USAGE, True), said
        assert "is in use by another process" in said
        after = served.send("after")

    def look(served: Served) -> None:
        assert {before, after} <= served.bed.standin.messages.keys()

    serve(path, look)


def test_of_two_gateways_that_start_at_once_one_runs(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    both = [start("serve", "--port", "0", "--state", str(path)) for _ in range(2)]
    ends = [process for process in both if not _line(process)]
    running = [process for process in both if process not in ends]
    assert len(running) == 1
    end(running[0])
    (_, said) = ends[0].communicate(timeout=60)
    assert (ends[0].returncode, is_one_sentence(said)) == (USAGE, True), said
    assert "is in use by another process" in said


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


# -- no room -------------------------------------------------------------------------------------------------


def test_a_new_file_that_finds_no_room_is_told_of_and_the_next_start_goes_well(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    code, said = refused(path, wrapper=limited("file_bytes=2000"))
    assert (code, is_one_sentence(said)) == (BROKEN, True), said
    assert "cannot be read or written" in said
    serve(path)


def test_a_file_without_room_for_a_start_stays_as_it_is(tmp_path: Path, world: bytes) -> None:
    path = tmp_path / "state.db"
    path.write_bytes(world)
    code, said = refused(path, wrapper=limited("file_bytes=2000"))
    assert (code, is_one_sentence(said)) == (BROKEN, True), said
    assert path.read_bytes() == world


def test_when_the_disk_is_full_the_gateway_ends_and_everything_acknowledged_is_there(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    served = opened(start("serve", "--port", "0", "--state", str(path), wrapper=limited("file_bytes=600000")))
    acknowledged = send_until_it_ends(served)
    _, said = served.process.communicate(timeout=60)
    assert served.process.returncode == BROKEN
    last = said[said.index("error: ") :]
    assert is_one_sentence(last), said
    assert str(path) in last
    assert len(acknowledged) > 5

    def look(served: Served) -> None:
        assert set(acknowledged) <= served.bed.standin.messages.keys()

    serve(path, look)


def send_until_it_ends(served: Gateway) -> list[str]:
    """The ids of what was acknowledged; whoever asks then is left without an answer."""
    acknowledged: list[str] = []
    # What makes them large is not shown by the gateway: nobody reads that until it ends.
    body = {"from": NUMBER, "to": "+18005550100", "content": "x", "attachments": ["https://a.b/" + "x" * 200] * 10}
    while True:
        try:
            acknowledged.append(served.ask("/v1/messages/send", body)["data"]["id"])
        except (urllib.error.URLError, HTTPException, ConnectionError):
            return acknowledged


# -- control routes ------------------------------------------------------------------------------------------


def test_what_a_control_route_has_answered_is_in_the_file(tmp_path: Path) -> None:
    """The process is killed as soon as the answer is there."""
    path = tmp_path / "state.db"
    counts: list[int] = []

    def look(served: Served) -> None:
        counts.append(len(served.bed.standin.messages))

    def answered(route: str, body: Any = None) -> Any:
        process = start("serve", "--port", "0", "--control", "--state", str(path))
        served = opened(process)
        try:
            answers = [served.send("one"), served.ask(f"/_control/{route}", body or {}, method="POST")]
        finally:
            process.kill()
            process.communicate()
        serve(path, look)
        return answers[-1]

    snapshot = answered("snapshot")
    answered("reset")
    answered("restore", snapshot)
    assert counts == [1, 1, 1]  # a reset goes back to what the file held at the start


# -- accounts ------------------------------------------------------------------------------------------------

ANN = AccountSpec(user_id="ann", api_key="uk_ann")
SAME = [ANN, AccountSpec(user_id="ann"), AccountSpec(api_key="uk_ann"), AccountSpec(email="ann@example.com")]


@pytest.fixture
def path(tmp_path: Path, world: bytes) -> Path:
    path = tmp_path / "state.db"
    path.write_bytes(world)
    return path


@pytest.mark.parametrize("account", SAME, ids=str)
def test_an_account_that_is_in_the_file_may_be_asked_for_again(path: Path, account: AccountSpec) -> None:
    def look(served: Served) -> None:
        assert list(served.bed.standin.accounts) == ["ann"]

    assert serve(path, look, accounts=(account,)) == "uk_ann"


def test_an_account_that_is_not_in_the_file_is_made_and_kept(path: Path) -> None:
    def look(served: Served) -> None:
        keys = {account.api_key for account in served.bed.standin.accounts.values()}
        assert keys == {"uk_ann", "uk_bob", "uk_eve"}

    more = (AccountSpec(user_id="bob", api_key="uk_bob"), AccountSpec(api_key="uk_eve"))
    for accounts in (more, more, ()):
        assert serve(path, look, accounts=accounts) == "uk_ann"


OTHERS = {
    "another key": (AccountSpec(user_id="ann", api_key="uk_other"), "in it with another api_key"),
    "another address": (AccountSpec(user_id="ann", email="other@example.com"), "in it with another email"),
    "another plan": (AccountSpec(api_key="uk_ann", plan="free"), "in it with another plan"),
    "somebody else's key": (AccountSpec(user_id="bob", api_key="uk_ann"), "there already"),
}


@pytest.mark.parametrize(("account", "why"), OTHERS.values(), ids=OTHERS)
def test_an_account_that_is_in_the_file_otherwise_is_refused(
    path: Path, world: bytes, account: AccountSpec, why: str
) -> None:
    said = str(refusal(path, accounts=(account,)))
    assert why in said
    assert "uk_" not in said
    assert path.read_bytes() == world


def test_the_command_says_so_too(path: Path, world: bytes) -> None:
    code, said = refused(path, "--account", "user_id=ann,api_key=uk_other")
    assert (code, is_one_sentence(said)) == (USAGE, True), said
    assert path.read_bytes() == world


def test_the_user_of_the_queue_is_not_taken_for_the_account(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    key = serve(path, queue_user=("system", "uk_system"))
    assert serve(path, queue_user=("system", "uk_system")) == key
    assert serve(path) == key
    assert "another api_key" in str(refusal(path, queue_user=("system", "uk_other")))


def test_the_user_of_the_queue_is_made_where_the_file_has_none(path: Path) -> None:
    def look(served: Served) -> None:
        assert list(served.bed.standin.accounts) == ["ann", "system"]

    assert serve(path, look, queue_user=("system", "uk_system")) == "uk_ann"
