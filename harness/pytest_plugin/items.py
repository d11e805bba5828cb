"""Scenario files as tests: a story is one item, and so is each row of a story that has a table."""

from __future__ import annotations

import base64
import os
import pickle
import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.errors import HarnessError
from harness.frozen import frozen
from harness.pytest_plugin import TELLER
from harness.pytest_plugin.settings import is_on, number, setting

if TYPE_CHECKING:
    from harness.outcome import Outcome
    from harness.scenario import Scenario
    from harness.targets import Target, TargetOptions

__all__ = ["ScenarioFile", "ScenarioItem", "outcome_in", "target_options", "write_page"]

_TARGET: pytest.StashKey[Target | HarnessError] = pytest.StashKey()
_TAGS: pytest.StashKey[set[str]] = pytest.StashKey()
# The attribute of a report under which an outcome crosses from a worker of pytest-xdist: reports carry texts alone.
_CARRIED = "httpsms_outcome"
_DOERS = frozenset({"skip", "skipif", "xfail", "parametrize", "usefixtures", "filterwarnings"})
_MARKER = re.compile(r"[^\W_][^:(]*")


class ScenarioFile(pytest.File):
    """A file of stories."""

    def collect(self) -> Iterator[ScenarioItem]:
        """Raises `CollectError` with what is wrong in the file, and where."""
        from harness.adapters.scenario_files import read_file

        try:
            stories = read_file(self._shown())
        except HarnessError as error:
            raise self.CollectError(str(error)) from None
        names: dict[str, int] = {}
        for story in stories:
            title = story.title.replace("::", ":")  # by that pytest divides the id of a test
            times = names[title] = names.get(title, 0) + 1
            name = title if times == 1 else f"{title} ({times})"
            item: ScenarioItem = ScenarioItem.from_parent(self, name=name, story=story)
            yield item

    def _shown(self) -> Path:
        """The path as errors are to show it, so that editors find it from where pytest was started."""
        return Path(str(self.path).removeprefix(os.getcwd() + os.sep))


class ScenarioItem(pytest.Item):
    """A story. Its tags are markers."""

    def __init__(self, *, story: Scenario, **more: Any) -> None:
        super().__init__(**more)
        self.story = story
        self.stash[TELLER] = self
        self._outcome: Outcome | None = None
        for tag in story.tags:
            self._mark(tag)
        if story.skip is not None:
            self.add_marker(pytest.mark.skip(reason=story.skip))

    def _mark(self, tag: str) -> None:
        """A tag is registered as it is met: nobody has to write it down twice for --strict-markers.

        One that would do more than name the story, or that pytest takes for no marker, is for `-k` alone.
        """
        if tag in _DOERS or not _MARKER.fullmatch(tag):
            self.extra_keyword_matches.add(tag)
            return
        known = self.config.stash.setdefault(_TAGS, set())
        if tag not in known:
            known.add(tag)
            self.config.addinivalue_line("markers", f"{tag}: a tag of scenario files")
        self.add_marker(getattr(pytest.mark, tag))

    def runtest(self) -> None:
        """Raises `_Failed`, and pytest's own skip and xfail."""
        self._outcome = outcome = _target(self.config).run(self.story, number(self.config, "seed"))
        verdict = outcome.verdict
        self.user_properties += [("seed", outcome.seed), ("target", outcome.target), ("repeat", outcome.repeat)]
        if verdict.skipped is not None:
            pytest.skip(verdict.skipped)
        if verdict.passed and verdict.expected is not None:
            pytest.xfail(verdict.expected)
        if not verdict.passed:
            raise _Failed(outcome)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        match excinfo.value:
            case _Failed(outcome=outcome):
                return _shown(outcome)
            case HarnessError() as error:
                return str(error)
            case _:
                return super().repr_failure(excinfo, style)

    def before_report(self, call: pytest.CallInfo[Any]) -> None:
        """`repr_failure` says it all."""

    def add_to(self, report: pytest.TestReport) -> None:
        """The outcome goes along, where a page is wanted."""
        if report.when == "call" and self._outcome is not None and setting(self.config, "html"):
            setattr(report, _CARRIED, base64.b85encode(pickle.dumps(self._outcome)).decode())

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self.story.place.line - 1, self.name


class _Failed(Exception):
    """A story did not go as told."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        super().__init__(outcome.title)


@frozen
class _Crash:
    """What and where, in one line."""

    path: str
    lineno: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.lineno}: {self.message}"


@frozen
class _Shown:
    """A failure as pytest shows it: its text, and in one line what and where."""

    text: str
    reprcrash: _Crash

    def __str__(self) -> str:
        return self.text

    def toterminal(self, terminal: Any) -> None:
        for line in self.text.splitlines():
            terminal.line(line)


def _shown(outcome: Outcome) -> _Shown:
    from harness.report import as_text

    failure = outcome.verdict.failure
    line = outcome.line if failure is None or not failure.line else failure.line
    gist = outcome.title if failure is None else "; ".join([failure.title, *failure.why[:1]])
    return _Shown(as_text(outcome), _Crash(str(outcome.path), line, gist))


# -- where they run ----------------------------------------------------------------------------------------------------


def target_options(config: pytest.Config) -> TargetOptions:
    """What the plugin's settings say of the target, and where they say nothing what `httpsms-harness run` would take.

    Raises `ConfigError`.
    """
    from harness.config import load
    from harness.targets import TargetOptions

    names = {field.name for field in fields(TargetOptions)}
    told = {value.setting.name: value.value for value in load(Path.cwd(), os.environ).values("run")}
    chosen: dict[str, Any] = {name: value for name, value in told.items() if name in names}
    own = {name: setting(config, name) for name in ("server", "user_key")}
    chosen |= {name: value for name, value in own.items() if value}
    chosen["live"] = is_on(config, "live") if setting(config, "live") else bool(told.get("live"))
    return TargetOptions(**(chosen | {"kind": "server" if chosen.get("server") else "embedded"}))


def _target(config: pytest.Config) -> Target:
    """The one for the whole session (of a worker). Raises `HarnessError` where it cannot be had, each time the same."""
    if _TARGET not in config.stash:
        from harness.targets import opened

        open_things = ExitStack()
        try:
            config.stash[_TARGET] = open_things.enter_context(opened(target_options(config)))
        except HarnessError as error:
            config.stash[_TARGET] = error
        config.add_cleanup(open_things.close)
    target = config.stash[_TARGET]
    if isinstance(target, HarnessError):
        raise target
    return target


# -- a page ------------------------------------------------------------------------------------------------------------


def write_page(config: pytest.Config, reports: Iterable[pytest.TestReport]) -> None:
    """The page of the stories. Raises `OSError` where it cannot be written."""
    from harness.adapters.report_files import assets
    from harness.report import story_page

    outcomes = [outcome for report in reports if (outcome := outcome_in(report)) is not None]
    page = config.invocation_params.dir / setting(config, "html")
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(story_page(outcomes, assets()), encoding="utf-8")


def outcome_in(report: pytest.TestReport) -> Outcome | None:
    carried = getattr(report, _CARRIED, None)
    if carried is None:
        return None
    outcome: Outcome = pickle.loads(base64.b85decode(carried))  # what a worker of this very session has made
    return outcome
