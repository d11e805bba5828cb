"""Finding the runners that the package brings, and building them where their toolchain is there.

Sources are copied from the package, which may not be writable, into a cache: a folder for each runner and each content
of its sources. A folder is made aside and renamed when it is complete, so that what is there under its name works,
however many build at once and wherever one of them is stopped. What was damaged later is made anew.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Literal

from harness.adapters import children
from harness.errors import UsageError
from harness.frozen import frozen
from harness.interop.words import plain

__all__ = ["CACHE_VARIABLE", "RUNNERS", "Found", "Missing", "cache", "find", "install", "pinned"]

CACHE_VARIABLE = "HTTPSMS_HARNESS_RUNNERS"
_INSTALL_S = 600.0  # a slow line has to fetch 7 MB; what hangs for longer does not come
_LEFT_S = 86400.0  # a folder that was begun so long ago is nobody's work any more
_UNUSED_S = 30 * 86400.0  # a runner of other sources goes when nobody used it for so long; no run takes a month
_VERSION_S = 60.0
_DIGITS = 12  # of the hash of its sources in the name of a runner's folder
_LAST_LINES = 12  # of what a tool says before it fails
_LINE_MAX = 300
_OUTPUT_BYTES = 64 * 1024
_REST_S = 1.0  # what a tool said is read at once; who left its group and holds its output may do so for ever
_ASIDE = ".httpsms-harness-"  # a folder of people's own, which they name as the cache, has no such folders


@frozen
class Found:
    """A runner that can be started by `command`."""

    command: tuple[str, ...]


@frozen
class Missing:
    """A runner that cannot be started: why, and the one command that helps.

    `what` is missing: a "tool" (or it is too old), or the "runner" alone, which `install` can make.
    """

    why: str
    remedy: str
    what: Literal["tool", "runner"] = "tool"


@frozen
class _Tool:
    """A program that has to be of this version at least. `packages` is where package managers have it."""

    name: str
    title: str
    oldest: tuple[int, ...]
    question: str
    packages: Mapping[str, str]


@frozen
class _Recipe:
    """How a runner is made from its sources, and started. `{}` in the command is the folder that they lie in."""

    sources: tuple[str, ...]
    command: tuple[str, ...]
    starts: tuple[_Tool, ...] = ()  # what it needs to run
    builds: tuple[_Tool, ...] = ()  # what it needs to be made
    build: tuple[str, ...] = ()
    makes: str = ""  # beside the sources
    environment: tuple[tuple[str, str], ...] = ()
    fetches: bool = False


_NODE_PACKAGES = {"apt-get": "nodejs npm", "dnf": "nodejs npm", "apk": "nodejs npm", "brew": "node"}
_JDK_PACKAGES = {
    "apt-get": "openjdk-17-jdk-headless",
    "dnf": "java-17-openjdk-devel",
    "apk": "openjdk17-jdk",
    "brew": "openjdk@17",
}
_GO_PACKAGES = {"apt-get": "golang-go", "dnf": "golang", "apk": "go", "brew": "go"}

# What the runners were run with. Older ones may do, but nobody looks after them any more.
_NODE = _Tool("node", "Node.js", (18,), "--version", _NODE_PACKAGES)
# The oldest that reads this form of package-lock.json. It names contents by their hashes and no addresses, so packages
# come from the registry that npm is set to. `npm install --package-lock-only --ignore-scripts
# --omit-lockfile-registry-resolved` makes it anew, and takes npm 8.10.
_NPM = _Tool("npm", "npm", (7,), "--version", _NODE_PACKAGES)
# httpsms-go joins errors, which Go 1.20 brought.
_GO = _Tool("go", "Go", (1, 20), "version", _GO_PACKAGES)
# HexFormat, and the version on which the errors of the phone's code were recorded: docs/interop.md has them as `jvm`.
_JAVA = _Tool("java", "Java", (17,), "-version", _JDK_PACKAGES)
_JAVAC = _Tool("javac", "JDK", (17,), "-version", _JDK_PACKAGES)

_RECIPES: Mapping[str, _Recipe] = {
    "node": _Recipe(
        ("lines.mjs", "node/package.json", "node/package-lock.json", "node/runner.mjs"),
        ("node", "{}/node/runner.mjs"),
        starts=(_NODE,),
        builds=(_NPM,),
        build=(
            "npm", "ci", "--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund", "--no-update-notifier",
            "--loglevel=error", "--fetch-retries=1", "--fetch-timeout=60000",
        ),
        makes="node/node_modules/httpsms",
        fetches=True,
    ),
    "go": _Recipe(
        ("go/go.mod", "go/go.sum", "go/main.go"),
        ("{}/go/runner",),
        builds=(_GO,),
        build=("go", "build", "-mod=readonly", "-trimpath", "-buildvcs=false", "-o", "runner", "."),
        makes="go/runner",
        # The cache may lie inside a workspace, and no compiler of C is needed.
        environment=(("GOWORK", "off"), ("CGO_ENABLED", "0")),
        fetches=True,
    ),
    "jvm": _Recipe(
        ("jvm/Runner.java",),
        ("java", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-XX:+UseSerialGC", "-cp", "{}/jvm", "Runner"),
        starts=(_JAVA,),
        builds=(_JAVAC,),
        build=("javac", "--release", "17", "-d", ".", "Runner.java"),
        makes="jvm/Runner.class",
    ),
    "web": _Recipe((), ("node", "{}/web/runner.mjs"), starts=(_NODE,)),
}  # fmt: skip

RUNNERS = ("python", *_RECIPES)

_SOURCES = Path(__file__).parents[1] / "interop" / "runners"


def find(name: str) -> Found | Missing:
    """Whether the runner `name`, one of RUNNERS, can be started now. Nothing is fetched or built.

    Raises UsageError for another name, and where there is no folder for the cache.
    """
    if name == "python":
        # -P: what is called harness in the current folder is not ours.
        return Found((sys.executable, "-P", "-m", "harness", "vectors", "runner"))
    recipe = _recipe(name)
    folder = _folder(name, recipe)
    built = _is_whole(recipe, folder)
    if missing := _first_missing(recipe.starts if built else recipe.starts + recipe.builds, name):
        return missing
    if not built:
        return Missing("the runner is not installed", _install_command(name), "runner")
    _note_use(folder)
    return Found(_command(recipe, folder))


def install(name: str, say: Callable[[str], None], *, limit_s: float = _INSTALL_S) -> None:
    """Makes the runner `name` ready to start, and says what it does in lines without their ends.

    Does nothing if it is ready, and makes it anew if it does not start. Raises UsageError if a tool is missing, too
    old, takes longer than `limit_s`, or fails: with its last lines.
    """
    found = find(name)
    if isinstance(found, Found) and _was_ready(name, found, say):
        return
    recipe = _recipe(name)
    if missing := _first_missing(recipe.starts + recipe.builds, name):
        raise UsageError(f"{name}: {missing.why}", missing.remedy)
    say(f"{name}: {_make(name, recipe, say, limit_s)}, is ready")


def _was_ready(name: str, found: Found, say: Callable[[str], None]) -> bool:
    try:
        say(f"{name}: {_introduction(name, found.command)}, was ready")
    except UsageError:
        if name not in _RECIPES or not _RECIPES[name].build:  # nothing that could be made anew
            raise
        say(f"{name}: what was installed does not start")
        return False
    return True


def pinned(name: str) -> str | None:
    """The client that the runner `name` is made with, as its version begins: "httpsms 0.0.4". None if it has none."""
    match name:
        case "node":
            wanted = json.loads((_SOURCES / "node" / "package.json").read_text(encoding="utf-8"))
            return f"httpsms {wanted['dependencies']['httpsms']}"
        case "go":
            required = re.search(r"/(httpsms-go) (v\S+)", (_SOURCES / "go" / "go.mod").read_text(encoding="utf-8"))
            return " ".join(required.groups()) if required else None
    return None


def cache() -> Path:
    """The folder that runners are built in. Raises UsageError if there is no home to have it in, or of no use."""
    chosen = os.environ.get(CACHE_VARIABLE)
    folder = Path(chosen).absolute() if chosen else _cache_home() / "httpsms-harness" / "runners"
    if os.pathsep in str(folder):
        raise UsageError(f"no runner can lie in {folder}: Java ends a path at {os.pathsep!r}", _another_folder())
    return folder


def _cache_home() -> Path:
    chosen = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if chosen.is_absolute():  # the specification says to ignore others
        return chosen
    try:
        return Path.home() / ".cache"
    except RuntimeError as error:
        raise UsageError("there is no home folder to keep runners in", _another_folder()) from error


def _another_folder() -> str:
    return f"name a folder for them: {CACHE_VARIABLE}=/path/to/folder"


def _install_command(name: str) -> str:
    return f"httpsms-harness vectors install {name}"


# -- what there is -----------------------------------------------------------------------------------------------------


def _recipe(name: str) -> _Recipe:
    if name not in _RECIPES:
        raise UsageError(f"there is no runner {name!r}", f"these are: {', '.join(RUNNERS)}")
    return _RECIPES[name]


def _folder(name: str, recipe: _Recipe) -> Path:
    """Where the runner is when it is ready: in the package itself, if nothing has to be built."""
    if not recipe.build:
        return _SOURCES
    content = hashlib.sha256(repr(recipe).encode())
    for source in recipe.sources:
        content.update(hashlib.sha256((_SOURCES / source).read_bytes()).digest())
    return cache() / f"{name}-{content.hexdigest()[:_DIGITS]}"


def _is_whole(recipe: _Recipe, folder: Path) -> bool:
    """Is all there that the runner is made of? False also where we may not look."""
    if not recipe.build:
        return True
    program = recipe.command[0].replace("{}", str(folder))
    is_there = all(os.path.exists(folder / part) for part in (*recipe.sources, recipe.makes))
    return is_there and (program == recipe.command[0] or shutil.which(program) is not None)


def _note_use(folder: Path) -> None:
    """The time of a folder in the cache is that of its last use. Somebody else's stays as it is."""
    if folder != _SOURCES:
        with suppress(OSError):
            os.utime(folder)


def _command(recipe: _Recipe, folder: Path) -> tuple[str, ...]:
    program, *arguments = (part.replace("{}", str(folder)) for part in recipe.command)
    return (_program(program) or program, *arguments)


def _program(name: str) -> str | None:
    """Where a program is. JAVA_HOME decides about Java's, as it does for Java's own tools."""
    if name in ("java", "javac") and (home := os.environ.get("JAVA_HOME")):
        found = shutil.which(name, path=str(Path(home) / "bin"))
        if found:
            return os.path.abspath(found)
    found = shutil.which(name)
    return os.path.abspath(found) if found else None  # it is started from other folders, too


def _first_missing(tools: Sequence[_Tool], name: str) -> Missing | None:
    return next((missing for tool in tools if (missing := _missing(tool, name))), None)


def _missing(tool: _Tool, name: str) -> Missing | None:
    """What is wrong with a tool that the runner `name` needs."""
    wanted = f"{tool.title} {'.'.join(map(str, tool.oldest))} or newer"
    program = _program(tool.name)
    if program is None:
        return Missing(f"no {tool.title} here", _tool_command(tool, wanted, name))
    version = _version(program, tool.question)
    if isinstance(version, str):
        return Missing(f"{program} does not work: {version}", f"mend it, or {_by_hand(wanted, name)}")
    if version < tool.oldest:
        old = ".".join(map(str, version))
        return Missing(f"{wanted} is needed, and {program} is {old}", _by_hand(wanted, name))
    return None


@functools.cache
def _version(program: str, question: str) -> tuple[int, ...] | str:
    """The version that a program gives itself, or why it gives none: macOS has stubs for Java that fail."""
    done = _run([program, question])
    if done.trouble:
        return ": ".join([done.trouble, *_last_lines(done.output)[-1:]])
    # v20.20.2, go1.26.8, javac 17.0.15, openjdk version "22" 2024-03-19
    version = r"(?:^|[ v\"]|go)(\d{1,9})(?:\.(\d{1,9}))?(?!\d)"
    said = re.search(version, done.output.decode("utf-8", "replace"), re.MULTILINE)
    return (int(said[1]), int(said[2] or 0)) if said else "it tells no version"


def _tool_command(tool: _Tool, wanted: str, name: str) -> str:
    for manager, packages in tool.packages.items():
        if shutil.which(manager):
            rights = "" if os.geteuid() == 0 or manager == "brew" else "sudo "
            verb = "add" if manager == "apk" else "install"
            return f"{rights}{manager} {verb} {packages} && {_install_command(name)}"
    return _by_hand(wanted, name)


def _by_hand(wanted: str, name: str) -> str:
    return f"install {wanted}, then: {_install_command(name)}"


# -- making ------------------------------------------------------------------------------------------------------------


def _make(name: str, recipe: _Recipe, say: Callable[[str], None], limit_s: float) -> str:
    """Builds a runner, and gives its introduction."""
    with _map_disk_errors(), _scratch(name) as made:
        for source in recipe.sources:
            (made / source).parent.mkdir(exist_ok=True)
            shutil.copyfile(_SOURCES / source, made / source)
        say(f"{name}: {' '.join(recipe.build)}")
        _build(name, recipe, made, limit_s)
        introduction = _introduction(name, _command(recipe, made))
        _put(name, recipe, made)
        _forget(name, _folder(name, recipe))
    return introduction


@contextmanager
def _map_disk_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        place = error.filename or cache()
        raise UsageError(f"{place}: {error.strerror or error}", _another_folder()) from error


@contextmanager
def _scratch(name: str) -> Iterator[Path]:
    """A folder beside the finished ones, so that a rename is all that is left to do."""
    cache().mkdir(parents=True, exist_ok=True)
    _sweep()
    folder = Path(tempfile.mkdtemp(prefix=f"{_ASIDE}{name}-", dir=cache()))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sweep() -> None:
    """Removes what was begun and then killed."""
    for begun in cache().glob(f"{_ASIDE}*"):
        with suppress(FileNotFoundError):  # somebody else is as tidy
            if time.time() - begun.stat().st_mtime > _LEFT_S:
                shutil.rmtree(begun, ignore_errors=True)


def _forget(name: str, current: Path) -> None:
    """Removes the same runner made of other sources, unless somebody, of another version perhaps, still uses it."""
    for folder in cache().glob(f"{name}-" + "[0-9a-f]" * _DIGITS):
        with suppress(OSError):  # somebody else's, or somebody else is as tidy
            if folder != current and time.time() - folder.stat().st_mtime > _UNUSED_S:
                _remove(folder)


def _remove(folder: Path) -> None:
    """Moves it aside first: there is never half a runner."""
    aside = Path(tempfile.mkdtemp(prefix=_ASIDE, dir=cache()))
    try:
        folder.rename(aside / folder.name)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _put(name: str, recipe: _Recipe, made: Path) -> None:
    made.chmod(0o755)  # mkdtemp's are for one user alone
    folder = _folder(name, recipe)
    if os.path.lexists(folder) and not _starts(name, recipe, folder):
        with suppress(FileNotFoundError):  # somebody else mends it, too
            _remove(folder)
    try:
        made.rename(folder)
    except OSError:
        if not folder.is_dir():  # else somebody else was as fast, with the same sources
            raise


def _build(name: str, recipe: _Recipe, made: Path, limit_s: float) -> None:
    program = _program(recipe.build[0]) or recipe.build[0]
    command = (program, *recipe.build[1:])
    done = _run(command, folder=made / name, limit_s=limit_s, environment=dict(recipe.environment))
    called = " ".join(recipe.build[:2])
    if done.trouble:
        look = "its last lines may say why" if done.output.strip() else f"it said nothing: see whether {program} works"
        network = "; it fetches packages: is there a network, or a proxy to be set?" if recipe.fetches else ""
        raise UsageError(f"{called} failed ({done.trouble}){_quoted(done)}", look + network)
    if not _is_whole(recipe, made):
        raise UsageError(f"{called} made no {recipe.makes}, which can be used{_quoted(done)}", _other_tools(name))


def _starts(name: str, recipe: _Recipe, folder: Path) -> bool:
    with suppress(UsageError):
        return _is_whole(recipe, folder) and bool(_introduction(name, _command(recipe, folder)))
    return False


def _introduction(name: str, command: tuple[str, ...]) -> str:
    """What the runner says of itself, which shows that it starts. Raises UsageError, which blames the tools."""
    done = _run(command, given=b'{"id":1,"op":"hello","protocol":1}\n{"id":2,"op":"bye"}\n')
    for line in done.output.decode("utf-8", "replace").splitlines():  # the JVM may say something else before
        with suppress(ValueError, LookupError, TypeError, RecursionError):
            return plain(str(json.loads(line)["version"]))[:_LINE_MAX]
    why = done.trouble or "it does not introduce itself"
    raise UsageError(f"{name}: the runner does not start ({why}){_quoted(done)}", _other_tools(name))


def _other_tools(name: str) -> str:
    """The remedy if what was made of good sources is no good."""
    if name == "python":
        return f"install httpsms-harness for {sys.executable}"
    tools = [_program(tool.name) or tool.name for tool in _RECIPES[name].builds + _RECIPES[name].starts]
    return f"mend {' and '.join(tools)}, or install others, then: {_install_command(name)}"


# -- tools -------------------------------------------------------------------------------------------------------------


@frozen
class _Done:
    """How a command ended: `trouble` is empty if all went well. `output` is the last of what it said."""

    trouble: str
    output: bytes = b""


def _run(
    command: Sequence[str],
    *,
    folder: Path | None = None,
    limit_s: float = _VERSION_S,
    environment: Mapping[str, str] | None = None,
    given: bytes = b"",
) -> _Done:
    """Runs a command, and ends what it leaves: its group, which hears nothing of a Ctrl-C, ends with it."""
    try:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**children.environment(), **(environment or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            bufsize=0,
            start_new_session=True,
        )
    except OSError as error:
        return _Done(_why_not_started(error, command[0]))
    assert process.stdin is not None
    output = bytearray()
    listening = threading.Thread(target=_listen, args=(process.stdout, output), daemon=True)
    try:
        listening.start()
        with process.stdin, suppress(BrokenPipeError):
            process.stdin.write(given)
        status = process.wait(limit_s)
        trouble = f"exit {status}" if status else ""
    except subprocess.TimeoutExpired:
        trouble = "took too long"
    finally:
        with suppress(ProcessLookupError, PermissionError):  # macOS forbids to kill who has ended
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    listening.join(_REST_S)
    return _Done(trouble, bytes(output))


def _listen(pipe: IO[bytes], output: bytearray) -> None:
    with pipe:
        while piece := pipe.read(_OUTPUT_BYTES):
            output += piece
            del output[:-_OUTPUT_BYTES]


def _why_not_started(error: OSError, program: str) -> str:
    if isinstance(error, FileNotFoundError) and os.path.exists(program):
        return "its interpreter is not there"
    return error.strerror or str(error)


def _quoted(done: _Done) -> str:
    return "".join(f"\n  {line}" for line in _last_lines(done.output))


def _last_lines(said: bytes) -> list[str]:
    """They do nothing to a terminal, and the address of a proxy shows no password."""
    lines = [line.expandtabs().rstrip() for line in said.decode("utf-8", "replace").splitlines() if line.strip()]
    return [re.sub(r"://[^/@\s]+@", "://…@", plain(line))[:_LINE_MAX] for line in lines[-_LAST_LINES:]]
