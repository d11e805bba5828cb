"""Runners are found, or said to be missing with the command that helps; installing leaves whole runners or nothing."""

from __future__ import annotations

import asyncio
import json
import os
import re
import select
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.adapters import toolchains
from harness.adapters.toolchains import Found, Missing
from harness.errors import UsageError
from harness.verifying import builtin
from tests.house.sources import ROOT

HELLO = """'{"id":1,"protocol":1,"name":"x","version":"of a test","can":[]}'"""
# Programs that answer as the real ones do, by what a shell has built in.
NODE = f'case "$1" in --version) echo v20.20.2;; *) echo {HELLO};; esac'
NPM = """case "$1" in
--version) echo 11.19.1;;
*) /bin/mkdir -p node_modules/httpsms; echo "npm $*" >> "$CALLS";;
esac"""
HELLO_WITH_ESCAPES = """echo '{"id":1,"version":"\\u001b[2J of a test"}'"""
GO = 'case "$1" in version) echo go version go1.26.8 linux/amd64;; *) /bin/cp -p "${0%/*}/made-by-go" runner;; esac'
JAVA = f"""case "$1" in -version) echo 'openjdk version "22" 2024-03-19' >&2;; *) echo Picked up; echo {HELLO};; esac"""
JAVAC = "case $1 in -version) echo javac 17.0.15;; *) echo made > Runner.class;; esac"
ALL = {"node": NODE, "npm": NPM, "go": GO, "made-by-go": f"echo {HELLO}", "java": JAVA, "javac": JAVAC}


@dataclass(frozen=True)
class Machine:
    """A PATH with these programs alone, and a cache that nobody has used."""

    folder: Path

    @property
    def cache(self) -> Path:
        return self.folder / "cache" / "runners"

    def put(self, **programs: str) -> None:
        for name, script in programs.items():
            path = self.folder / "bin" / name
            path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
            path.chmod(0o755)

    def calls(self) -> list[str]:
        """What npm was asked to do."""
        path = self.folder / "calls"
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else []

    def left(self) -> list[str]:
        return sorted(path.name for path in self.cache.iterdir()) if self.cache.exists() else []


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine(tmp_path)
    (tmp_path / "bin").mkdir()
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("CALLS", str(tmp_path / "calls"))
    monkeypatch.setenv(toolchains.CACHE_VARIABLE, str(made.cache))
    return made


def installed(name: str, **limit: float) -> list[str]:
    said: list[str] = []
    toolchains.install(name, said.append, **limit)
    return said


def refused(name: str, **limit: float) -> UsageError:
    with pytest.raises(UsageError) as caught:
        installed(name, **limit)
    return caught.value


# -- what is missing ---------------------------------------------------------------------------------------------------

OLD = {
    "node": "echo v16.20.2", "npm": "echo 6.14.18", "go": "echo go version go1.19.8 linux/amd64",
    "java": """echo 'openjdk version "11.0.22" 2024-01-16'""", "javac": "echo javac 1.8.0_392",
}  # fmt: skip
MISSING = [
    ("node", ["npm"], "no Node.js here"),
    ("node", ["node"], "no npm here"),
    ("go", ["node"], "no Go here"),
    ("jvm", [], "no Java here"),
    ("jvm", ["java"], "no JDK here"),
    ("web", [], "no Node.js here"),
]
TOO_OLD = [
    ("node", "node", "Node.js 18 or newer is needed, and {} is 16.20"),
    ("node", "npm", "npm 7 or newer is needed, and {} is 6.14"),
    ("go", "go", "Go 1.20 or newer is needed, and {} is 1.19"),
    ("jvm", "java", "Java 17 or newer is needed, and {} is 11.0"),
    ("jvm", "javac", "JDK 17 or newer is needed, and {} is 1.8"),
    ("web", "node", "Node.js 18 or newer is needed, and {} is 16.20"),
]
COMMANDS = [
    ("apt-get", "node", "apt-get install nodejs npm && httpsms-harness vectors install node"),
    ("apt-get", "jvm", "apt-get install openjdk-17-jdk-headless && httpsms-harness vectors install jvm"),
    ("apt-get", "web", "apt-get install nodejs npm && httpsms-harness vectors install web"),
    ("brew", "go", "brew install go && httpsms-harness vectors install go"),
    ("apk", "go", "apk add go && httpsms-harness vectors install go"),
    ("dnf", "go", "dnf install golang && httpsms-harness vectors install go"),
]


@pytest.mark.parametrize(("name", "there", "why"), MISSING)
def test_a_missing_tool_is_named(name: str, there: list[str], why: str, machine: Machine) -> None:
    machine.put(**{tool: ALL[tool] for tool in there})
    found = toolchains.find(name)
    assert isinstance(found, Missing)
    assert found.why == why
    assert found.what == "tool"
    assert found.remedy.endswith(f" or newer, then: httpsms-harness vectors install {name}")
    assert (refused(name).problem, refused(name).remedy) == (f"{name}: {why}", found.remedy)


@pytest.mark.parametrize(("name", "tool", "why"), TOO_OLD)
def test_a_tool_that_is_too_old_is_named_with_what_is_needed(name: str, tool: str, why: str, machine: Machine) -> None:
    machine.put(**ALL | {tool: OLD[tool]})
    found = toolchains.find(name)
    assert isinstance(found, Missing)
    assert (found.why, found.what) == (why.format(machine.folder / "bin" / tool), "tool")
    assert refused(name).remedy == found.remedy
    assert machine.calls() == machine.left() == []


@pytest.mark.parametrize(("manager", "name", "remedy"), COMMANDS)
def test_the_remedy_is_one_command_of_the_package_manager(
    manager: str, name: str, remedy: str, machine: Machine
) -> None:
    machine.put(**{manager: ""})
    found = toolchains.find(name)
    assert isinstance(found, Missing)
    assert found.remedy.removeprefix("sudo ") == remedy


BROKEN = [
    ("#!/bin/sh\nexit 3", "exit 3"),
    ("#!/bin/sh\necho; echo requesting install >&2; echo; exit 2", "exit 2: requesting install"),
    ("#!/no/such/sh\n", "its interpreter is not there"),
    ("", "Exec format error"),
    ("#!/bin/sh\necho go of today", "it tells no version"),
    (f"#!/bin/sh\necho go version go{'9' * 5000}", "it tells no version"),
]


@pytest.mark.parametrize(("script", "why"), BROKEN)
def test_a_tool_that_is_there_and_does_not_work_is_named_with_what_it_says(
    script: str, why: str, machine: Machine
) -> None:
    machine.put(go="")
    go = machine.folder / "bin" / "go"
    go.write_text(script, encoding="utf-8")
    remedy = "mend it, or install Go 1.20 or newer, then: httpsms-harness vectors install go"
    assert toolchains.find("go") == Missing(f"{go} does not work: {why}", remedy)
    assert refused("go").remedy == remedy


@pytest.mark.parametrize("act", [toolchains.find, lambda name: toolchains.install(name, print)])
def test_an_unknown_runner_is_refused(act: Callable[[str], object]) -> None:
    with pytest.raises(UsageError, match="python, node, go, jvm, web"):
        act("ruby")


@pytest.mark.parametrize("name", ["node", "go", "jvm"])
def test_finding_builds_nothing_and_names_the_command_that_does(name: str, machine: Machine) -> None:
    machine.put(**ALL)
    expected = Missing("the runner is not installed", f"httpsms-harness vectors install {name}", "runner")
    assert toolchains.find(name) == expected
    assert machine.calls() == machine.left() == []


def test_python_needs_no_toolchain(machine: Machine) -> None:
    assert toolchains.find("python") == Found((sys.executable, "-P", "-m", "harness", "vectors", "runner"))
    assert toolchains.RUNNERS == ("python", "node", "go", "jvm", "web")


def test_what_is_called_harness_in_the_current_folder_is_not_started(machine: Machine) -> None:
    (machine.folder / "harness.py").write_text("print('mine')", encoding="utf-8")
    found = toolchains.find("python")
    assert isinstance(found, Found)
    hello = b'{"id":1,"op":"hello","protocol":1}\n'
    said = subprocess.run(found.command, cwd=machine.folder, input=hello, stdout=subprocess.PIPE, check=True).stdout
    assert b'"protocol":1' in said


# -- installing --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["node", "go", "jvm", "web"])
def test_an_installed_runner_is_found_and_says_what_it_is(name: str, machine: Machine) -> None:
    machine.put(**ALL)
    said = installed(name)
    found = toolchains.find(name)
    assert isinstance(found, Found)
    assert Path(found.command[0]).is_absolute()
    assert said[-1].removesuffix(", was ready").removesuffix(", is ready") == f"{name}: of a test"
    assert installed(name) == [f"{name}: of a test, was ready"]
    assert [folder.partition("-")[0] for folder in machine.left()] == ([name] if name != "web" else [])


def test_what_is_installed_is_not_made_again(machine: Machine) -> None:
    machine.put(**ALL)
    first, second = installed("node"), installed("node")
    [call] = machine.calls()
    assert call.startswith("npm ci --ignore-scripts ")
    assert (len(first), len(second)) == (2, 1)
    assert first[0] == f"node: {call}"


def remove(folder: Path) -> None:
    (folder / "go" / "runner").unlink()


def lock(folder: Path) -> None:
    (folder / "go" / "runner").chmod(0o644)


def spoil(folder: Path) -> None:
    (folder / "go" / "runner").write_bytes(b"\0garbage")


def fail(folder: Path) -> None:
    (folder / "go" / "runner").write_text("#!/bin/sh\nexit 3\n", encoding="utf-8")


def replace_by_a_file(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.write_text("a file", encoding="utf-8")


@pytest.mark.parametrize("damage", [remove, lock, spoil, fail, replace_by_a_file])
def test_a_runner_that_was_damaged_is_made_anew(damage: Callable[[Path], None], machine: Machine) -> None:
    machine.put(**ALL)
    installed("go")
    [folder] = machine.cache.iterdir()
    damage(folder)
    if damage not in (spoil, fail):  # which only its start shows
        expected = Missing("the runner is not installed", "httpsms-harness vectors install go", "runner")
        assert toolchains.find("go") == expected
    assert installed("go")[-1] == "go: of a test, is ready"
    assert installed("go") == ["go: of a test, was ready"]
    assert list(machine.cache.iterdir()) == [folder]


@pytest.mark.parametrize(("name", "part"), [("node", "node/node_modules"), ("jvm", "jvm/Runner.class")])
def test_a_runner_without_what_was_made_for_it_is_not_installed(name: str, part: str, machine: Machine) -> None:
    machine.put(**ALL)
    installed(name)
    [folder] = machine.cache.iterdir()
    (folder / part).rename(machine.folder / "elsewhere")
    found = toolchains.find(name)
    assert isinstance(found, Missing)
    assert found.what == "runner"


def test_a_damaged_runner_without_the_tool_that_makes_it_asks_for_the_tool(machine: Machine) -> None:
    machine.put(**ALL)
    installed("go")
    [folder] = machine.cache.iterdir()
    spoil(folder)
    (machine.folder / "bin" / "go").unlink()
    assert refused("go").problem == "go: no Go here"


def test_a_program_of_go_needs_go_no_more(machine: Machine) -> None:
    machine.put(**ALL)
    installed("go")
    (machine.folder / "bin" / "go").unlink()
    assert isinstance(toolchains.find("go"), Found)


def test_java_home_decides_which_java_it_is(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.put(**ALL)
    installed("jvm")
    home = machine.folder / "jdk"
    (home / "bin").mkdir(parents=True)
    (machine.folder / "bin" / "java").rename(home / "bin" / "java")
    monkeypatch.setenv("JAVA_HOME", str(home))
    found = toolchains.find("jvm")
    assert isinstance(found, Found)
    assert found.command[0] == str(home / "bin" / "java")


@pytest.mark.parametrize(("name", "tool"), [("node", "npm"), ("go", "go"), ("jvm", "javac")])
def test_a_tool_that_fails_is_quoted_without_passwords_and_leaves_nothing(
    name: str, tool: str, machine: Machine
) -> None:
    versions = {"npm": "echo 11.0", "go": "echo go version go1.26", "javac": "echo javac 17.0"}
    fails = (
        'n=0; while [ $n -lt 40 ]; do n=$((n+1)); echo "line $n"; done; echo no way to http://me:secret@proxy:1/x >&2'
    )
    machine.put(**ALL | {tool: f'case "$1" in *version) {versions[tool]};; *) {fails}; exit 7;; esac'})
    error = refused(name)
    assert error.problem.splitlines()[0].endswith(" failed (exit 7)")
    assert "line 40\n  no way to http://…@proxy:1/x" in error.problem
    assert "secret" not in str(error)
    assert "line 20" not in error.problem
    assert error.remedy.startswith("its last lines may say why")
    assert ("is there a network" in error.remedy) == (name != "jvm")
    assert machine.left() == []


def test_a_tool_that_takes_too_long_is_ended_with_what_it_has_started(machine: Machine) -> None:
    hangs = 'echo $$ > "$CALLS"; echo begun; /bin/sleep 600 & echo $! >> "$CALLS"; wait'
    machine.put(**ALL | {"npm": f'case "$1" in --version) echo 11.0;; *) {hangs};; esac'})
    error = refused("node", limit_s=1)
    assert error.problem == "npm ci failed (took too long)\n  begun"
    assert machine.left() == []
    assert left_running(machine.calls()) == []


def left_running(processes: list[str], wait_s: float = 30) -> list[str]:
    """Which of them have not ended, each given as long to die of a signal that was sent before. A zombie has ended."""
    return [process for process in processes if not has_ended(int(process), wait_s)]


def has_ended(process: int, wait_s: float) -> bool:
    try:
        descriptor = os.pidfd_open(process)
    except ProcessLookupError:
        return True
    try:
        return select.select([descriptor], [], [], wait_s)[0] != []
    finally:
        os.close(descriptor)


def test_a_runner_that_does_not_start_is_not_installed(machine: Machine) -> None:
    machine.put(**ALL | {"node": 'case "$1" in --version) echo v20.20.2;; *) echo what is import; exit 1;; esac'})
    error = refused("node")
    assert error.problem == "node: the runner does not start (exit 1)\n  what is import"
    programs = [machine.folder / "bin" / name for name in ("npm", "node")]
    after = "or install others, then: httpsms-harness vectors install node"
    assert error.remedy == f"mend {programs[0]} and {programs[1]}, {after}"
    assert machine.left() == []


USELESS = [
    ("", "go build made no go/runner"),
    ("echo made > runner", "go build made no go/runner"),
    ("echo > runner; /bin/chmod 755 runner", "go: the runner does not start (Exec format error)"),
    (
        "echo '#!/bin/sh' > runner; /bin/chmod 755 runner",
        "go: the runner does not start (it does not introduce itself)",
    ),
]


@pytest.mark.parametrize(("makes", "why"), USELESS)
def test_a_tool_that_makes_nothing_of_use_is_blamed_itself(makes: str, why: str, machine: Machine) -> None:
    machine.put(go=f"case $1 in version) echo go1.26;; *) {makes};; esac")
    error = refused("go")
    assert error.problem.startswith(why)
    assert error.remedy.startswith(f"mend {machine.folder / 'bin' / 'go'}, or install others, then: ")
    assert machine.left() == []


def test_a_tool_that_fails_without_a_word_is_named(machine: Machine) -> None:
    machine.put(**ALL | {"javac": "case $1 in -version) echo javac 17.0;; *) exit 4;; esac"})
    error = refused("jvm")
    assert error.problem == "javac --release failed (exit 4)"
    assert error.remedy == f"it said nothing: see whether {machine.folder / 'bin' / 'javac'} works"


def test_what_a_tool_and_a_runner_say_does_nothing_to_a_terminal(machine: Machine) -> None:
    fails = r"printf '\033]0;mine\007\n\033[2J\ttext\n'; exit 1"
    machine.put(**ALL | {"npm": f'case "$1" in --version) echo 11.0;; *) {fails};; esac'})
    assert refused("node").problem.isprintable() is False  # it has several lines
    assert refused("node").problem.splitlines()[1:] == [r"  \u001b]0;mine\u0007", r"  \u001b[2J    text"]
    machine.put(go=GO, **{"made-by-go": HELLO_WITH_ESCAPES})
    assert installed("go")[-1] == r"go: \u001b[2J of a test, is ready"


def test_no_tool_and_no_runner_gets_keys_and_tokens(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("API_KEY", "ENCRYPTION_KEY", "CONTROL_TOKEN"):
        monkeypatch.setenv(f"HTTPSMS_HARNESS_{name}", "a secret of ours")
    tells = '/usr/bin/env >> "$CALLS"'
    machine.put(go=f"{tells}; {GO}", **{"made-by-go": f"{tells}; {ALL['made-by-go']}"})
    installed("go")
    told = "\n".join(machine.calls())
    assert told.count("CALLS=") == 3
    assert "secret" not in told


LEAVERS = {
    "its version": 'version) /bin/sleep 600 & echo $! >> "$CALLS"; echo go1.26; exit 0;;',
    "the build": 'build) /bin/sleep 600 & echo $! >> "$CALLS"; echo begun; exit 3;;',
    "hello": 'build) /bin/cp -p "${0%/*}/leaver" runner;;',
}


@pytest.mark.parametrize("case", LEAVERS.values(), ids=LEAVERS)
def test_what_a_tool_leaves_running_is_ended_and_not_waited_for(case: str, machine: Machine) -> None:
    leaver = '/bin/sleep 600 & echo $! >> "$CALLS"; exit 3'
    machine.put(go=f'case "$1" in {case} version) echo go1.26;; esac', leaver=leaver)
    assert "took too long" not in str(refused("go", limit_s=60))
    assert machine.calls() != []
    assert left_running(machine.calls()) == []


def test_who_left_the_group_of_a_tool_and_holds_its_output_is_not_waited_for(machine: Machine) -> None:
    leaves = "import os, time; os.setsid(); print(os.getpid(), file=open(os.environ['CALLS'], 'w')); time.sleep(600)"
    waits = 'while ! [ -s "$CALLS" ]; do /bin/sleep 0.1; done'
    machine.put(go=f'case "$1" in version) echo go1.26;; *) {sys.executable} -c "{leaves}" & {waits}; exit 3;; esac')
    try:
        assert refused("go", limit_s=60).problem == "go build failed (exit 3)"
        assert left_running(machine.calls(), wait_s=0) == machine.calls()
    finally:
        os.kill(int(machine.calls()[0]), signal.SIGKILL)


def test_a_cache_that_cannot_be_written_is_named(machine: Machine) -> None:
    machine.put(**ALL)
    (machine.folder / "cache").write_text("a file", encoding="utf-8")
    assert isinstance(toolchains.find("node"), Missing)
    error = refused("node")
    assert error.problem.startswith(f"{machine.cache}: ")
    assert error.remedy == f"name a folder for them: {toolchains.CACHE_VARIABLE}=/path/to/folder"


def test_installs_at_the_same_time_do_each_other_no_harm(machine: Machine) -> None:
    started = threading.Barrier(6)
    machine.put(**ALL)

    def install() -> str:
        started.wait()
        return installed("node")[-1]

    with ThreadPoolExecutor(6) as pool:
        said = [future.result() for future in [pool.submit(install) for _ in range(6)]]
    assert {line.partition(",")[0] for line in said} == {"node: of a test"}
    assert [name.partition("-")[0] for name in machine.left()] == ["node"]
    assert isinstance(toolchains.find("node"), Found)


def test_ctrl_c_ends_the_tool_and_leaves_nothing(machine: Machine) -> None:
    # It takes a moment, since Python itself loses a child if it is interrupted while it makes one.
    hangs = 'echo $$ > "$CALLS"; /bin/sleep 0.3; echo > "$CALLS.begun"; /bin/sleep 600'
    machine.put(**ALL | {"npm": f'case "$1" in --version) echo 11.0;; *) {hangs};; esac'})
    os.mkfifo(machine.folder / "calls.begun")
    code = "from harness.adapters import toolchains; toolchains.install('node', print)"
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stderr=subprocess.PIPE) as installing:
        (machine.folder / "calls.begun").read_bytes()  # waits until npm hangs
        installing.send_signal(signal.SIGINT)
        assert b"KeyboardInterrupt" in installing.communicate(timeout=60)[1]
    assert machine.left() == []
    assert left_running(machine.calls()) == []


def test_what_was_killed_long_ago_is_swept_away_and_what_is_under_way_is_not(machine: Machine) -> None:
    machine.put(**ALL)
    old, new, mine = ".httpsms-harness-node-old", ".httpsms-harness-node-new", ".node-gyp"
    for name, age_s in [(old, 2 * 86400), (new, 60), ("node-other", 2 * 86400), (mine, 2 * 86400)]:
        (machine.cache / name / "node").mkdir(parents=True)
        then = (machine.cache / name).stat().st_mtime - age_s
        os.utime(machine.cache / name, (then, then))
    installed("node")
    assert {name for name in machine.left() if name in (old, new, "node-other", mine)} == {new, "node-other", mine}


def aged(folder: Path, days: float) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    then = time.time() - days * 86400
    os.utime(folder, (then, then))
    return folder


def test_a_runner_of_other_sources_goes_when_nobody_has_used_it_for_a_month(machine: Machine) -> None:
    machine.put(**ALL)
    old, used = "node-0123456789ab", "node-ba9876543210"
    kept = {used: 29.0, "go-0123456789ab": 90.0, "node-mine": 90.0, "node-0123456789ab-copy": 90.0}
    for name, days in {old: 31.0, **kept}.items():
        aged(machine.cache / name / "node", days)
        aged(machine.cache / name, days)
    installed("node")
    [made] = set(machine.left()) - set(kept)
    assert re.fullmatch(r"node-[0-9a-f]{12}", made)
    assert made != old
    assert set(kept) < set(machine.left())


def test_finding_a_runner_is_using_it(machine: Machine) -> None:
    machine.put(**ALL)
    installed("node")
    [folder] = machine.cache.iterdir()
    aged(folder, 90)
    assert isinstance(toolchains.find("node"), Found)
    assert time.time() - folder.stat().st_mtime < 86400


def test_looking_for_what_comes_with_the_package_changes_nothing_in_it(machine: Machine) -> None:
    machine.put(**ALL)
    before = (ROOT / "harness" / "interop" / "runners").stat().st_mtime_ns
    assert isinstance(toolchains.find("web"), Found)
    assert (ROOT / "harness" / "interop" / "runners").stat().st_mtime_ns == before


def test_every_package_for_node_is_pinned_by_the_hash_of_its_content_and_none_by_an_address() -> None:
    node = ROOT / "harness" / "interop" / "runners" / "node"
    wanted, lock = (json.loads((node / name).read_text("utf-8")) for name in ("package.json", "package-lock.json"))
    root, *packages = lock["packages"].values()
    assert root["dependencies"] == wanted["dependencies"]
    assert lock["packages"]["node_modules/httpsms"]["version"] == wanted["dependencies"]["httpsms"]
    assert len(packages) > 10
    assert [package for package in packages if not package["integrity"].startswith("sha512-")] == []
    assert [package for package in packages if "resolved" in package] == []


def test_another_user_may_start_what_was_installed(machine: Machine) -> None:
    machine.put(**ALL)
    installed("go")
    [folder] = machine.cache.iterdir()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o755


def test_other_sources_are_another_runner(machine: Machine, tmp_path: Path) -> None:
    machine.put(**ALL)
    installed("node")
    # A copy of the package, so that its sources can be others.
    for source in ROOT.glob("harness/**/*.py"):
        copy(source, tmp_path)
    for source in ROOT.glob("harness/interop/runners/**/*.*"):
        copy(source, tmp_path)
    asked = "from harness.adapters import toolchains; print(type(toolchains.find('node')).__name__)"
    command = [sys.executable, "-c", asked]

    def found() -> str:
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout.strip()

    assert found() == "Found"
    (tmp_path / "harness" / "interop" / "runners" / "lines.mjs").write_text("// other", encoding="utf-8")
    assert found() == "Missing"


def copy(source: Path, folder: Path) -> None:
    target = folder / source.relative_to(ROOT)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(source.read_bytes())


CACHES = [
    ({toolchains.CACHE_VARIABLE: "/a/b", "XDG_CACHE_HOME": "/c", "HOME": "/h"}, "/a/b"),
    ({toolchains.CACHE_VARIABLE: "", "XDG_CACHE_HOME": "/c", "HOME": "/h"}, "/c/httpsms-harness/runners"),
    ({toolchains.CACHE_VARIABLE: "", "XDG_CACHE_HOME": "c", "HOME": "/h"}, "/h/.cache/httpsms-harness/runners"),
    ({toolchains.CACHE_VARIABLE: "", "XDG_CACHE_HOME": "", "HOME": "/h"}, "/h/.cache/httpsms-harness/runners"),
]


@pytest.mark.parametrize(("environment", "folder"), CACHES)
def test_where_the_cache_is(environment: dict[str, str], folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert str(toolchains.cache()) == folder


def test_a_cache_that_java_could_not_find_is_refused(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.put(**ALL)
    monkeypatch.setenv(toolchains.CACHE_VARIABLE, str(machine.folder / "a:b"))
    error = refused("jvm")
    assert error.problem == f"no runner can lie in {machine.folder / 'a:b'}: Java ends a path at ':'"
    assert error.remedy == f"name a folder for them: {toolchains.CACHE_VARIABLE}=/path/to/folder"


# -- the clients in them -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["node", "go"])
def test_a_runner_with_another_version_of_the_client_than_was_asked_for_is_complained_of(
    name: str, machine: Machine
) -> None:
    pinned = toolchains.pinned(name)
    assert pinned is not None
    assert re.fullmatch(r"httpsms 0\.\d+\.\d+|httpsms-go v0\.\d+\.\d+", pinned)
    machine.put(**ALL)
    installed(name)
    assert complaints_of(name, pinned, machine) == ()
    expected = f"it says it is {pinned}0, and {pinned} was installed"
    assert complaints_of(name, f"{pinned}0", machine) == (expected,)


def complaints_of(name: str, client: str, machine: Machine) -> tuple[str, ...]:
    """What is said of a runner that calls itself so."""
    hello = json.dumps({"id": 1, "protocol": 1, "name": name, "version": f"{client}, X 1.0", "can": []})
    says = f"read a; echo '{hello}'; read a; echo '{{\"id\":2}}'"
    machine.put(node=f'case "$1" in --version) echo v20.20.2;; *) {says};; esac')
    for runner in machine.cache.glob("go-*/go/runner"):
        runner.write_text(f"#!/bin/sh\n{says}\n", encoding="utf-8")
    runner_of_it = builtin(name)
    assert runner_of_it.ask is not None
    return asyncio.run(runner_of_it.ask((), lambda _: None)).complaints  # type: ignore[arg-type]


def test_who_is_made_with_no_client_of_others_is_pinned_to_none() -> None:
    assert [toolchains.pinned(name) for name in ("python", "jvm", "web")] == [None] * 3
