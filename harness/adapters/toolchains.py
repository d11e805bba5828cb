"""Finding the runners that the package brings, and building them where their toolchain is there.

Sources are copied from the package, which may not be writable, into a cache: a folder for each runner and each content
of its sources. A folder is made aside and renamed when it is complete, so that what is there under its name works,
however many build at once and wherever one of them is stopped.
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
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

from harness.errors import UsageError
from harness.frozen import frozen

__all__ = ["CACHE_VARIABLE", "RUNNERS", "Found", "Missing", "cache", "find", "install"]

CACHE_VARIABLE = "HTTPSMS_HARNESS_RUNNERS"
_INSTALL_S = 600.0  # a slow line has to fetch 7 MB; what hangs for longer does not come
_LEFT_S = 86400.0  # a folder that was begun so long ago is nobody's work any more
_UNUSED_S = 30 * 86400.0  # a runner of other sources goes when nobody used it for so long; no run takes a month
_VERSION_S = 60.0
_DIGITS = 12  # of the hash of its sources in the name of a runner's folder
_LAST_LINES = 12  # of what a tool says before it fails


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
    build: tuple[tuple[str, ...], ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    remedy: str = ""  # when the build fails


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

_NETWORK = "it fetches packages: it needs a network, and the settings of a proxy if there is one"

_RECIPES: Mapping[str, _Recipe] = {
    "node": _Recipe(
        ("lines.mjs", "node/package.json", "node/package-lock.json", "node/runner.mjs"),
        ("node", "{}/node/runner.mjs"),
        starts=(_NODE,),
        builds=(_NPM,),
        build=(
            (
                "npm", "ci", "--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund", "--no-update-notifier",
                "--loglevel=error", "--fetch-retries=1", "--fetch-timeout=60000",
            ),
        ),
        remedy=_NETWORK,
    ),
    "go": _Recipe(
        ("go/go.mod", "go/go.sum", "go/main.go"),
        ("{}/go/runner",),
        builds=(_GO,),
        build=(("go", "build", "-mod=readonly", "-trimpath", "-buildvcs=false", "-o", "runner", "."),),
        # The cache may lie inside a workspace, and no compiler of C is needed.
        environment=(("GOWORK", "off"), ("CGO_ENABLED", "0")),
        remedy=_NETWORK,
    ),
    "jvm": _Recipe(
        ("jvm/Runner.java",),
        ("java", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-XX:+UseSerialGC", "-cp", "{}/jvm", "Runner"),
        starts=(_JAVA,),
        builds=(_JAVAC,),
        build=(("javac", "--release", "17", "-d", ".", "Runner.java"),),
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
        return Found((sys.executable, "-m", "harness", "vectors", "runner"))
    recipe = _recipe(name)
    folder = _folder(name, recipe)
    built = os.path.isdir(folder)  # unlike Path's, False also where we may not look
    needed = recipe.starts if built else recipe.starts + recipe.builds
    for tool in needed:
        if missing := _missing(tool, name):
            return missing
    if not built:
        return Missing("the runner is not installed", _install_command(name), "runner")
    _note_use(folder)
    return Found(_command(recipe, folder))


def install(name: str, say: Callable[[str], None], *, limit_s: float = _INSTALL_S) -> None:
    """Makes the runner `name` ready to start, and says what it does in lines without their ends.

    Does nothing if it is ready. Raises UsageError if a tool is missing, too old, takes longer than `limit_s`, or
    fails: with its last lines.
    """
    found = find(name)
    if isinstance(found, Found):
        say(f"{name}: {_introduction(name, found.command)}, was ready")
        return
    if found.what == "tool":
        raise UsageError(f"{name}: {found.why}", found.remedy)
    say(f"{name}: {_make(name, _recipe(name), say, limit_s)}, is ready")


def cache() -> Path:
    """The folder that runners are built in. Raises UsageError if there is no home to have it in."""
    if chosen := os.environ.get(CACHE_VARIABLE):
        return Path(chosen).absolute()
    return _cache_home() / "httpsms-harness" / "runners"


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
            return found
    return shutil.which(name)


def _missing(tool: _Tool, name: str) -> Missing | None:
    """What is wrong with a tool that the runner `name` needs."""
    wanted = f"{tool.title} {'.'.join(map(str, tool.oldest))} or newer"
    program = _program(tool.name)
    version = _version(program, tool.question) if program else ()
    if not version:
        return Missing(f"no {tool.title} here", _tool_command(tool, wanted, name))
    if version < tool.oldest:
        old = ".".join(map(str, version))
        return Missing(f"{wanted} is needed, and {program} is {old}", _by_hand(wanted, name))
    return None


@functools.cache
def _version(program: str, question: str) -> tuple[int, ...]:
    """The version that a program gives itself; () if it does not work, as macOS's stubs for Java."""
    try:
        done = subprocess.run(
            [program, question], stdin=subprocess.DEVNULL, capture_output=True, timeout=_VERSION_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()
    text = (done.stdout + done.stderr).decode("utf-8", "replace")
    # v20.20.2, go1.26.8, javac 17.0.15, openjdk version "22" 2024-03-19
    said = re.search(r"(?:^|[ v\"]|go)(\d+)(?:\.(\d+))?", text, re.MULTILINE)
    return (int(said[1]), int(said[2] or 0)) if said and done.returncode == 0 else ()


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
        for command in recipe.build:
            say(f"{name}: {' '.join(command)}")
            _build(command, recipe, made / name, limit_s)
        introduction = _introduction(name, _command(recipe, made))
        _put(made, _folder(name, recipe))
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
    folder = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=cache()))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sweep() -> None:
    """Removes what was begun and then killed."""
    for begun in cache().glob(".*-*"):
        with suppress(FileNotFoundError):  # somebody else is as tidy
            if time.time() - begun.stat().st_mtime > _LEFT_S:
                shutil.rmtree(begun, ignore_errors=True)


def _forget(name: str, current: Path) -> None:
    """Removes the same runner made of other sources, unless somebody, of another version perhaps, still uses it."""
    for folder in cache().glob(f"{name}-" + "[0-9a-f]" * _DIGITS):
        with suppress(OSError):  # somebody else's, or somebody else is as tidy
            if folder != current and time.time() - folder.stat().st_mtime > _UNUSED_S:
                aside = folder.rename(folder.with_name(f".{folder.name}"))  # there is never half a runner
                shutil.rmtree(aside, ignore_errors=True)


def _put(made: Path, folder: Path) -> None:
    made.chmod(0o755)  # mkdtemp's are for one user alone
    try:
        made.rename(folder)
    except OSError:
        if not folder.is_dir():  # else somebody else was as fast, with the same sources
            raise


def _build(command: tuple[str, ...], recipe: _Recipe, folder: Path, limit_s: float) -> None:
    program, *arguments = command
    code, said = _run([_program(program) or program, *arguments], folder, limit_s, dict(recipe.environment))
    if code != 0:
        how = "took too long" if code is None else f"failed (exit {code})"
        raise UsageError(f"{' '.join(command[:2])} {how}\n{said}", recipe.remedy)


def _introduction(name: str, command: tuple[str, ...]) -> str:
    """What the runner says of itself, which shows that it starts."""
    requests = b'{"id":1,"op":"hello","protocol":1}\n{"id":2,"op":"bye"}\n'
    code, said = _run(command, None, _VERSION_S, {}, requests)
    for line in said.splitlines():  # the JVM may say something else before
        with suppress(ValueError, LookupError, TypeError):
            return str(json.loads(line)["version"])
    raise UsageError(f"{name}: the runner does not start (exit {code})\n{said}", f"remove {cache()} and try again")


def _run(
    command: Sequence[str], folder: Path | None, limit_s: float, environment: Mapping[str, str], given: bytes = b""
) -> tuple[int | None, str]:
    """The exit status of a command, None if it had to be ended, and the last lines of what it said."""
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        said, _ = process.communicate(given, timeout=limit_s)
        return process.returncode, _last_lines(said)
    except subprocess.TimeoutExpired as expired:
        return None, _last_lines(expired.output or b"")
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends a process with its children, which have a session of their own and so hear nothing of a Ctrl-C."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def _last_lines(said: bytes) -> str:
    lines = [line.rstrip() for line in said.decode("utf-8", "replace").splitlines() if line.strip()]
    # Tools may show the address of a proxy with the password in it.
    return re.sub(r"://[^/@\s]+@", "://…@", "\n".join(f"  {line}" for line in lines[-_LAST_LINES:]))
