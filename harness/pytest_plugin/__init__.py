"""The pytest plugin: a running gateway as a fixture, scenario files as tests, the vectors of the cipher.

Loads nothing before it is used: what is behind a fixture, an option or a file is in the modules beside this one.
"""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress
from importlib.machinery import PathFinder
from typing import TYPE_CHECKING, Any, Protocol

import pytest

if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec
    from pathlib import Path
    from types import ModuleType

    from harness.hosting import Gateway
    from harness.pytest_plugin.hosted import OutsideServer
    from harness.serving import ServeOptions
    from harness.vector_checks import VectorCheck, VectorChecks
    from harness.virtual_bed import VirtualBed

__all__ = [
    "LateCallWarning",
    "httpsms",
    "httpsms_gateway",
    "httpsms_options",
    "httpsms_server",
    "httpsms_testbed",
    "httpsms_vector",
    "httpsms_vectors",
]

SUFFIX = ".scenario.yaml"


class LateCallWarning(UserWarning):
    """An application called the gateway out of a test that had ended."""


# -- options -----------------------------------------------------------------------------------------------------------

# name, what the value is called in the help, default, help. The same name is an option, an ini key and a variable.
_SETTINGS = (
    ("seed", "N", "1", "decides every choice of the gateways, phones and stories"),
    ("timeout", "SECONDS", "10", "how long the waits of the fixtures take at most, unless they are told otherwise"),
    ("host", "ADDRESS", "127.0.0.1", "where the gateway of the fixture listens: 0.0.0.0 for containers"),
    ("port", "N", "0", "its port, 0 for any free one; with -n worker number 2 takes the next one, and so on"),
    ("server", "URL", "", "a server of your own: for the fixture httpsms_server, and where scenario files run"),
    ("user_key", "KEY", "", "the API key of your user there (better in HTTPSMS_USER_KEY than on a command line)"),
    ("number", "NUMBER", "", "the number of a phone there, for the fixture httpsms_server"),
    ("live", "", "", "run scenario files over real sockets; waiting is still skipped"),
    ("scenarios", "on|off", "on", f"whether files that end in {SUFFIX} are tests"),
    ("html", "FILE", "", "write the stories as a page to look through, what happened in each of them"),
)


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    pluginmanager.register(_Finder(), "httpsms-finder")
    group = parser.getgroup("httpsms", "httpsms-harness")
    for name, value, default, words in _SETTINGS:
        told = f"{words} (default: {default})" if default else words
        form: dict[str, Any] = {"metavar": value} if value else {"action": "store_true"}
        group.addoption(f"--httpsms-{name.replace('_', '-')}", default=None, help=told, **form)
        parser.addini(f"httpsms_{name}", told, default=None)


class _Finder:
    """Finds the modules of this package before pytest does.

    pytest rewrites the asserts of a plugin's whole package: of two hundred modules, for a third of their time.
    """

    def __init__(self) -> None:
        sys.meta_path.insert(0, self)

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return PathFinder.find_spec(name, path, target) if name.startswith("harness.") else None

    def pytest_unconfigure(self) -> None:
        with suppress(ValueError):  # somebody else may have put the list back as it was
            sys.meta_path.remove(self)


def pytest_configure(config: pytest.Config) -> None:
    words = "phones=1, keep_rate=False, pace='instant', breaks=[], timeout_s=10, webhook_failures='refused'"
    config.addinivalue_line("markers", f"httpsms({words}): the world of the fixture httpsms")
    config.pluginmanager.register(_Page(), "httpsms-page")


def pytest_sessionstart(session: pytest.Session) -> None:
    from harness.pytest_plugin.settings import check

    check(session.config)


# -- scenario files ----------------------------------------------------------------------------------------------------


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if not file_path.name.endswith(SUFFIX):
        return None
    from harness.pytest_plugin.settings import is_on

    if not is_on(parent.config, "scenarios"):
        return None
    from harness.pytest_plugin.items import ScenarioFile

    collected: pytest.Collector = ScenarioFile.from_parent(parent, path=file_path)
    return collected


class _Page:
    """Gathers the stories that were run, also in the workers of pytest-xdist, for the page that was asked for."""

    def __init__(self) -> None:
        self._reports: list[pytest.TestReport] = []
        self._problem = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if hasattr(report, "httpsms_outcome"):
            self._reports.append(report)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self._reports and not hasattr(session.config, "workerinput"):
            from harness.pytest_plugin.items import write_page

            try:
                write_page(session.config, self._reports)
            except OSError as error:
                self._problem = f"--httpsms-html {error.filename}: {error.strerror}"
                session.exitstatus = pytest.ExitCode.USAGE_ERROR

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self._problem:
            terminalreporter.write_line(f"ERROR: {self._problem}", red=True)


# -- the gateway -------------------------------------------------------------------------------------------------------


class _Teller(Protocol):
    """What knows more of a test than pytest does."""

    def before_report(self, call: pytest.CallInfo[Any]) -> None: ...

    def add_to(self, report: pytest.TestReport) -> None: ...


TELLER: pytest.StashKey[_Teller] = pytest.StashKey()
"""Whoever has something to tell of a test stands here, in its stash."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[Any]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    teller = item.stash.get(TELLER, None) or _first_teller(item)
    if teller is None:
        return (yield)
    teller.before_report(call)
    report = yield
    teller.add_to(report)
    return report


def _first_teller(item: pytest.Item) -> _Teller | None:
    """For a test that does not get as far as its fixtures."""
    if not any(name.startswith("httpsms") for name in getattr(item, "fixturenames", ())):
        return None
    from harness.pytest_plugin.hosted import Told

    return item.stash.setdefault(TELLER, Told())


@pytest.fixture(scope="session")
def httpsms_options(request: pytest.FixtureRequest) -> ServeOptions:
    """How the gateway of the fixture httpsms is served; write a fixture of this name to change it."""
    from harness.pytest_plugin.hosted import options_of

    return options_of(request.config)


@pytest.fixture(scope="session")
def httpsms_gateway(request: pytest.FixtureRequest, httpsms_options: ServeOptions) -> Iterator[Gateway]:
    """The gateway of the whole session, for applications that are set up once: its URL, key and numbers stay."""
    from harness.pytest_plugin.hosted import running

    with running(request.config, httpsms_options) as gateway:
        yield gateway


@pytest.fixture
def httpsms(request: pytest.FixtureRequest, httpsms_gateway: Gateway) -> Iterator[Gateway]:
    """A gateway with an emulated phone in it, in a thread of its own. Each test has a world of its own there.

    Its URL, key and numbers stay the same for the whole session.
    """
    from harness.pytest_plugin.hosted import world_of

    with world_of(request.node, httpsms_gateway):
        yield httpsms_gateway


@pytest.fixture
def httpsms_testbed(request: pytest.FixtureRequest) -> VirtualBed:
    """A world in virtual time: a gateway, a phone, contacts; `fork()` gives a twin with the same past."""
    from harness.pytest_plugin.hosted import testbed_of

    return testbed_of(request.node)


@pytest.fixture(scope="session")
def httpsms_server(request: pytest.FixtureRequest) -> OutsideServer:
    """A server of your own (--httpsms-server, --httpsms-user-key): where it is, and the key. Skips without one."""
    from harness.pytest_plugin.hosted import outside_server

    return outside_server(request.config)


# -- the cipher --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def httpsms_vectors() -> VectorChecks:
    """All vectors of the cipher: `httpsms_vectors.check(encrypt=…, decrypt=…)` tries your client with each of them."""
    from harness.vector_checks import VectorChecks

    return VectorChecks.own()


@pytest.fixture
def httpsms_vector(request: pytest.FixtureRequest) -> VectorCheck:
    """One vector of the cipher; the test runs for each: `httpsms_vector.check(encrypt=…, decrypt=…)`."""
    vector: VectorCheck = request.param
    return vector


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for `httpsms_vector` is one test for each vector."""
    if "httpsms_vector" in metafunc.fixturenames:
        from harness.vector_checks import VectorChecks

        checks = list(VectorChecks.own())
        metafunc.parametrize("httpsms_vector", checks, indirect=True, ids=[check.name for check in checks])
