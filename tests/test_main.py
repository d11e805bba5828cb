"""Where the command begins; and how it ends when Ctrl-C comes, whatever it is doing."""

from __future__ import annotations

import fcntl
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from harness.adapters.scenario_files import find_files, read_file
from tests.commands import COMMAND, clean_environment, run
from tests.house.sources import ROOT
from tests.processes import LIFE_S, NUMBER, gateway

SCENARIOS = str(ROOT / "scenarios")
STORIES = sum(len(list(read_file(path))) for path in find_files([SCENARIOS]))
COMMANDS = {
    "run": ("run", SCENARIOS),
    "run live": ("run", SCENARIOS, "--live"),
    "serve": ("serve", "--port", "0", "--control"),
}
# Ctrl-C while the interpreter itself starts, before a line of ours, is Python's to answer.
OURS_BEGINS = b"harness.errors"


def start(*arguments: str, options: tuple[str, ...] = ()) -> subprocess.Popen[bytes]:
    """A child that leads a session of its own, so that whatever it leaves behind can be found.

    Its pipes have no buffer: what was not read yet is there for `communicate`.
    """
    process = subprocess.Popen(
        [sys.executable, *options, *COMMAND[1:], *arguments],
        env=clean_environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0,
        start_new_session=True,
    )  # fmt: skip
    watchdog = threading.Timer(LIFE_S, process.kill)
    watchdog.daemon = True
    watchdog.start()
    return process


def start_told(command: str) -> subprocess.Popen[bytes]:
    """One that tells on stderr which module it has just loaded."""
    return start(*COMMANDS[command], options=("-X", "importtime"))


def wait_for_import(process: subprocess.Popen[bytes], number: int) -> None:
    """Until the command has loaded that many modules, or loads no more."""
    assert process.stderr is not None
    for line in process.stderr:
        if line.rpartition(b"|")[2].strip() == OURS_BEGINS:
            break
    for _, line in zip(range(number), process.stderr, strict=False):
        if not line.startswith(b"import time:"):
            return


def interrupt(process: subprocess.Popen[bytes]) -> tuple[str, str]:
    """Ctrl-C; what the process has said, without Python's list of imports. Nothing of it is left."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=60)
    out, err = (stream.decode() for stream in said)
    err = "\n".join(line for line in err.splitlines() if not line.startswith("import time:"))
    assert "Traceback" not in err, err
    assert "Exception" not in err, err
    with pytest.raises(ProcessLookupError):  # its process group is empty
        os.killpg(process.pid, 0)
    return out, err


def check_interrupted(command: str, process: subprocess.Popen[bytes], out: str, err: str) -> None:
    """What the command owes its user, whenever the interrupt came."""
    said = f"{process.returncode}: {out}{err}"
    if command == "serve":
        assert (process.returncode, err.splitlines()[-1]) in [(0, "stopped"), (130, "interrupted")], said
    elif process.returncode == 0:  # it had ended before
        assert _told(out) == STORIES, said
    else:
        assert (process.returncode, err.splitlines()[-1]) == (130, "interrupted"), said
        if _told(out):
            # Without stories that were not run where it came after the last of them.
            counts = re.search(r"^(\d.*?)(?:, (\d+) not run)? in [\d.]+ s$", err, re.MULTILINE)
            assert counts is not None, said
            ran = sum(int(number) for number in re.findall(r"\d+", counts[1]))
            assert ran in (_told(out), _told(out) + 1), said
            assert ran + int(counts[2] or 0) == STORIES, said


def _told(out: str) -> int:
    """How many stories have been told of."""
    return sum(not line.startswith(" ") for line in out.splitlines())


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("command", COMMANDS)
def test_ctrl_c_while_the_command_loads_ends_it_quietly(command: str, seed: int) -> None:
    process = start_told(command)
    wait_for_import(process, random.Random(f"{command} {seed}").randrange(450))
    check_interrupted(command, process, *interrupt(process))


@pytest.mark.soak
@pytest.mark.parametrize("command", COMMANDS)
def test_ctrl_c_at_any_moment_ends_the_command_quietly(command: str, soak_s: float) -> None:
    draws, until = random.Random(command), time.monotonic() + soak_s
    while time.monotonic() < until:
        process = start_told(command)
        wait_for_import(process, draws.randrange(500))
        # The moment is what is tried: any time after the imports, not a wait for something.
        time.sleep(draws.random() * draws.choice([0, 0.01, 0.3, 3]))
        check_interrupted(command, process, *interrupt(process))


@pytest.mark.parametrize("stories", [1, 3])
@pytest.mark.parametrize("command", ["run", "run live"])
def test_ctrl_c_between_stories_tells_what_ran(command: str, stories: int) -> None:
    process = start(*COMMANDS[command])
    assert process.stdout is not None
    shown = [process.stdout.readline().decode() for _ in range(stories)]
    out, err = interrupt(process)
    check_interrupted(command, process, "".join(shown) + out, err)


@pytest.mark.parametrize("options", [(), ("-u",)], ids=["buffered", "unbuffered"])
@pytest.mark.parametrize("command", ["run", "compare"])
def test_ctrl_c_after_the_last_story_leaves_its_report_whole(command: str, options: tuple[str, ...]) -> None:
    """The report is larger than what the pipe holds, and nobody reads it yet: it is being written."""
    process = start(command, str(ROOT / "scenarios" / "codes"), "--json", "-", options=options)
    assert process.stdout is not None
    fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, 4096)
    begun = process.stdout.read(1).decode()
    out, err = interrupt(process)
    assert json.loads(begun + out)
    assert process.returncode == 130, err
    assert re.search(r"^\d+ (passed|alike)", err, re.MULTILINE), err


def is_free(url: str) -> bool:
    parts = urlsplit(url)
    with socket.socket() as probe:
        return probe.connect_ex((str(parts.hostname), int(parts.port or 0))) != 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("times", [1, 2])
def test_a_gateway_stops_cleanly_and_frees_its_port(number: signal.Signals, times: int) -> None:
    """Twice: some programs pass Ctrl-C on to a child that has got it already."""
    process = start(*COMMANDS["serve"])
    assert process.stdout is not None
    url = process.stdout.readline().decode().strip()
    assert not is_free(url)
    for _ in range(times):
        process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err.splitlines()[-1]) == (0, b"stopped")
    assert is_free(url)


def phone_that(wait: Callable[[subprocess.Popen[bytes]], None], url: str, key: str) -> None:
    arguments = ("--server", url, "--phone-key", key, "--number", NUMBER, "--push-port", "0")
    process = start("phone", *arguments)
    wait(process)
    _, err = interrupt(process)
    assert (process.returncode, err.splitlines()[-1]) == (0, "stopped")


def test_a_phone_stops_cleanly_before_and_after_it_has_logged_in() -> None:
    def is_logged_in(process: subprocess.Popen[bytes]) -> None:
        assert process.stderr is not None
        assert any(b"logged in" in line for line in process.stderr)

    with gateway("--phones", "0", "--control") as served:
        phone_that(is_logged_in, served.url, served.phone_key)
        assert served.ask("/_control/health")  # the gateway does not mind


def test_a_phone_stops_at_once_while_the_server_does_not_answer() -> None:
    connections: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as silent:

        def is_asking(_process: subprocess.Popen[bytes]) -> None:
            connections.append(silent.accept()[0])
            connections[0].recv(1)

        began = time.monotonic()
        phone_that(is_asking, f"http://127.0.0.1:{silent.getsockname()[1]}", "pk_secret")
        assert time.monotonic() - began < 8  # the server has 10 s
    connections[0].close()


def test_an_interrupted_replay_stops_the_server_that_it_started() -> None:
    process = start("conform", "--spawn")
    assert process.stderr is not None
    assert any(line.startswith(b"agree") for line in process.stderr)
    _, err = interrupt(process)
    assert (process.returncode, err.splitlines()[-1]) == (130, "interrupted")


@pytest.mark.parametrize("command", [[*COMMAND], [str(Path(sys.executable).with_name("httpsms-harness"))]])
def test_the_command_has_two_names(command: list[str]) -> None:
    done = subprocess.run([*command, "--version"], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == run("--version").out
