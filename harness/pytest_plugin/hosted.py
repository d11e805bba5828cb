"""The gateway of a session, and the world of each test in it."""

from __future__ import annotations

import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import field
from types import TracebackType
from typing import Any, Self

import pytest

from harness.errors import HarnessError, NotSeen
from harness.frozen import frozen
from harness.hosting import Gateway, LateCall, WebhookCall
from harness.hosting.session import Session
from harness.pytest_plugin import TELLER, LateCallWarning
from harness.pytest_plugin.settings import number, port, seconds, setting
from harness.scenario.invariants import INVARIANTS
from harness.serving import PHONES_MAX, ServeOptions
from harness.standin import Pace
from harness.virtual_bed import VirtualBed

__all__ = ["OutsideServer", "options_of", "outside_server", "running", "testbed_of", "world_of"]

_SETTLE_S = 1.0  # so long a call that has failed once may take to be made again
_SHOWN_MAX = 3
_STOPPED = "the gateway has stopped: it is of all tests, and none of them may stop it"
_THREADS: pytest.StashKey[dict[threading.Thread, str]] = pytest.StashKey()
# Those that tests have left running, and which test.
_SESSION: pytest.StashKey[Session] = pytest.StashKey()


@frozen
class OutsideServer:
    """A server that the tests did not start. `number` is that of a phone there, "" where nobody named one."""

    url: str
    user_key: str = field(repr=False)
    number: str = ""


def outside_server(config: pytest.Config) -> OutsideServer:
    url, key = setting(config, "server").rstrip("/"), setting(config, "user_key")
    if not url or not key:
        lacks = "--httpsms-server URL" if not url else "--httpsms-user-key KEY"
        pytest.skip(f"no server of your own: give {lacks}, or set its variable or ini key")
    return OutsideServer(url, key, setting(config, "number"))


# -- the session -------------------------------------------------------------------------------------------------------


def options_of(config: pytest.Config) -> ServeOptions:
    """How the fixture's gateway is served."""
    return ServeOptions(host=setting(config, "host"), port=port(config, "port"), seed=number(config, "seed"))


@contextmanager
def running(config: pytest.Config, options: object) -> Iterator[Gateway]:
    """The gateway, until the session ends. Fails the test that asks first where it cannot start."""
    if not isinstance(options, ServeOptions):
        given = type(options).__name__
        raise _failed(f"the fixture httpsms_options is to return harness.serving.ServeOptions(…), not a {given}")
    with ExitStack() as open_things:
        try:
            gateway = open_things.enter_context(Gateway(options, timeout_s=seconds(config, "timeout")))
        except HarnessError as error:
            raise _failed(f"the gateway cannot start: {error}") from None
        session = config.stash[_SESSION] = Session(gateway)
        yield gateway
        late = session.take_late_calls()
    if late:
        _fail_of(_warned_of(late, config.rootpath / late[-1].test.partition("::")[0], 1))


def _session_of(config: pytest.Config, gateway: Gateway) -> Session:
    """A suite may have a fixture httpsms_gateway of its own."""
    known = config.stash.get(_SESSION, None)
    if known is None or known.gateway is not gateway:
        known = config.stash[_SESSION] = Session(gateway)
    return known


def _failed(words: str) -> BaseException:
    """A failure of the user's test, told without a line of our code."""
    return pytest.fail.Exception(words, pytrace=False)


def _fail_of(*words: str) -> None:
    if any(words):
        raise _failed("\n".join([told for told in words if told]))


def _warned_of(late: Sequence[LateCall], path: object, line: int) -> str:
    """Warns at a line of the user's. What the test is to fail of, where such warnings are errors."""
    if late:
        lines = dict.fromkeys(str(call) + (f", during {call.during}" if call.during else "") for call in late)
        try:
            warnings.warn_explicit("\n".join(lines), LateCallWarning, str(path), line)
        except LateCallWarning as error:
            return f"{LateCallWarning.__name__}: {error}"
    return ""


# -- what a test wishes ------------------------------------------------------------------------------------------------


# The words of the marker: what fits, and how that is told.
_WORDS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "phones": (lambda value: type(value) is int and 0 <= value <= PHONES_MAX, f"a number from 0 to {PHONES_MAX}"),
    "keep_rate": (lambda value: isinstance(value, bool), "True or False"),
    "pace": (lambda value: value in [pace.value for pace in Pace], " or ".join(repr(pace.value) for pace in Pace)),
    "breaks": (
        lambda value: isinstance(value, list | tuple | set) and {*value} <= {*INVARIANTS},
        f"a list of some of {', '.join(INVARIANTS)}",
    ),
    "timeout_s": (lambda value: type(value) in (int, float) and 0 < value < float("inf"), "a number of seconds"),
    "webhook_failures": (lambda value: value in ("refused", "allowed"), "'refused' or 'allowed'"),
}


@frozen
class Wish:
    """What `@pytest.mark.httpsms(…)` says of a test's world; None: nothing.

    `breaks` names rules that the test means to break. `webhook_failures`: `refused`, or `allowed` for a test that
    does not care.
    """

    phones: int | None = None
    keep_rate: bool | None = None
    pace: str | None = None
    breaks: Sequence[str] = ()
    timeout_s: float | None = None
    webhook_failures: str = "refused"

    @classmethod
    def of(cls, node: pytest.Item) -> Self:
        """Fails the test for a marker that says something else."""
        told: dict[str, Any] = {}
        for marker in reversed(list(node.iter_markers("httpsms"))):  # the nearest one counts
            for unknown in [*marker.args, *sorted(marker.kwargs.keys() - _WORDS.keys())]:
                raise _failed(f"the marker httpsms knows no {unknown!r}, but {', '.join(_WORDS)}")
            told |= marker.kwargs
        for word, value in told.items():
            fits, wanted = _WORDS[word]
            if not fits(value):
                raise _failed(f"the marker httpsms({word}={value!r}) wants {wanted}")
        return cls(**told)


# -- a test ------------------------------------------------------------------------------------------------------------


class Told:
    """A test whose user errors are told at the line that made them."""

    def before_report(self, call: pytest.CallInfo[Any]) -> None:
        if call.excinfo is None:
            return
        # Of a line of a doctest the error is in the error.
        own = (call.excinfo.type, call.excinfo.value, call.excinfo.tb)
        _, error, trace = getattr(call.excinfo.value, "exc_info", own)
        if isinstance(error, HarnessError):
            _leave_out_ours(trace)

    def add_to(self, report: pytest.TestReport) -> None:
        """To a test that never had a world: why, where pytest alone does not say."""
        if report.failed and report.when == "setup" and _OUT_OF_SCOPE in str(report.longrepr):
            report.sections.append(("httpsms", _TAKE_THE_GATEWAY))


_OUT_OF_SCOPE = "function scoped fixture httpsms with"  # pytest's words; with others a hint is missing, and no more
_TAKE_THE_GATEWAY = "httpsms is the world of one test: what is set up for several takes httpsms_gateway instead"


def _leave_out_ours(told: TracebackType | None) -> None:
    """The traceback ends where the user called us, also by way of a module of Python's."""
    user, is_ours = None, False
    for trace in _entries(told):
        package = str(trace.tb_frame.f_globals.get("__name__", "builtins")).partition(".")[0]
        if package == "harness":
            is_ours = True
        elif package not in sys.stdlib_module_names:
            user, is_ours = trace, False
    if user is not None and is_ours:
        user.tb_next = None


def _entries(trace: TracebackType | None) -> Iterator[TracebackType]:
    while trace is not None:
        yield trace
        trace = trace.tb_next


class Hosted(Told):
    """A test in its world: what its report shows of that, and what it has left behind there."""

    def __init__(self, session: Session, wish: Wish, threads: Mapping[threading.Thread, str]) -> None:
        self._session = session
        self._wish = wish
        self._threads = threads
        self._has_passed = False
        self._unread: tuple[WebhookCall, ...] = ()

    def add_to(self, report: pytest.TestReport) -> None:
        """To a failure: what has happened in the world, and who else may have been there."""
        if report.when == "call" and report.passed:
            # Now: an application that is being stopped afterwards answers no webhooks.
            self._has_passed, self._unread = True, self._session.failures_left(_SETTLE_S)
        elif report.failed and report.when != "teardown":
            story = list(self._story(str(report.longrepr)))
            report.sections += [("httpsms", "\n".join(story))] if story else []

    def _story(self, shown: str) -> Iterator[str]:
        yield from (str(call) for call in self._session.late_calls)
        if self._threads:
            threads = [f"{thread.name} of {test}" for thread, test in self._threads.items()]
            yield f"left running by earlier tests, and may have called: {', '.join(threads[:_SHOWN_MAX])}"
        if NotSeen.__name__ not in shown:  # it tells the story itself
            yield from self._session.story()

    def left_behind(self) -> Iterator[str]:
        """What a test that has passed would have seen if it had looked."""
        if not self._has_passed:
            return
        if not self._session.gateway.is_running:
            yield _STOPPED
            return
        if self._unread and self._wish.webhook_failures == "refused":
            calls = "a webhook call" if len(self._unread) == 1 else f"{len(self._unread)} webhook calls"
            yield f"{calls} failed for good, and the test never looked at httpsms.webhooks.failures:"
            yield from (f"  {call}" for call in self._unread)
        violations = self._session.violations(self._wish.breaks)
        if violations:
            yield "what holds in every world does not hold in this one (@pytest.mark.httpsms(breaks=[…]) allows it):"
            yield from (f"  {violation}" for violation in violations)


@contextmanager
def world_of(node: pytest.Item, gateway: Gateway) -> Iterator[None]:
    """A world of its own for this test; what the test has left behind fails it in the end."""
    wish = Wish.of(node)
    if not gateway.is_running:
        raise _failed(_STOPPED)
    session = _session_of(node.config, gateway)
    session.wait_at_most(wish.timeout_s or seconds(node.config, "timeout"))
    pace = None if wish.pace is None else Pace(wish.pace)
    threads = node.config.stash.setdefault(_THREADS, {})
    before = {*threading.enumerate()}
    hosted = node.stash[TELLER] = Hosted(session, wish, threads.copy())
    with session.world_of(node.nodeid, phones=wish.phones, keep_rate=wish.keep_rate, pace=pace):
        yield
        left = "\n".join(hosted.left_behind())
    alive = threading.enumerate()
    threads |= {thread: node.nodeid for thread in alive if thread not in before}
    for gone in threads.keys() - {*alive}:
        del threads[gone]
    _fail_of(_warned_of(session.take_late_calls(), node.path, (node.location[1] or 0) + 1), left)


def testbed_of(node: pytest.Item) -> VirtualBed:
    node.stash.setdefault(TELLER, Told())
    return VirtualBed(seed=number(node.config, "seed"))
