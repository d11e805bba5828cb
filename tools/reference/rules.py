"""What holds in every story, and what targets can do: from the tables of both, and from the plans of the stories."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from harness.adapters.scenario_files import find_files, read_file
from harness.capability import CAPABILITIES, Capability, Missing
from harness.frozen import frozen
from harness.scenario import Scenario
from harness.scenario.invariants import DESCRIPTIONS
from harness.scenario.needs import needs
from harness.targets import TargetOptions
from harness.targets.embedded import EmbeddedLive, EmbeddedVirtual
from harness.targets.lacking import why_not
from harness.targets.probing import missing_of
from harness.targets.trial import Trial
from tools.reference.markdown import bullet, code, page, sentence, table

__all__ = ["TARGETS", "Place", "invariants", "shipped", "targets"]

SCENARIOS = Path(__file__).parents[2] / "scenarios"

_INVARIANTS = """\
# Rules of every story

Nobody writes them down: each story is held against all of them when its steps have passed, and so is each test with
the fixture `httpsms`. A story that means to break one says so (`breaks: [one-sms-per-send]`), and so does a test
(`@pytest.mark.httpsms(breaks=["one-sms-per-send"])`). They read [the trace](../explanation/trace.md); about a hop that
a target does not show they say nothing.
"""


def invariants() -> str:
    rows = [(code(name), sentence(about)) for name, about in DESCRIPTIONS.items()]
    return page([_INVARIANTS], table(("rule", "says"), rows))


# -- targets -----------------------------------------------------------------------------------------------------------


@frozen
class Place:
    """A kind of target: what it is, and what stories cannot have there."""

    name: str
    about: str
    missing: Mapping[Capability, Missing]


def _server(push: str, *, control: bool = False) -> Mapping[Capability, Missing]:
    """What is missing on a server where the probe found everything in order, and pushes so."""
    trial = Trial(ready=True, received=True, webhook=True, push=push)  # type: ignore[arg-type]
    return missing_of(TargetOptions(kind="server"), trial, control, "http://HOST:PORT")


TARGETS = (
    Place("embedded", "`run`, and stories under pytest", EmbeddedVirtual().missing),
    Place("live", "`run --live`", EmbeddedLive().missing),
    Place("`serve`", "`run --server` on a `serve --control --pace faithful`", _server("streamed", control=True)),
    Place("own FCM", "`run --server` on a server whose `FCM_ENDPOINT` is `--push-listen`", _server("pushed to us")),
    Place("other FCM", "the same on one with another stand-in for FCM", _server("accepted elsewhere")),
    Place("real FCM", "the same on one with Google's FCM", _server("refused")),
)

_TARGETS = """\
# What runs where

A story that needs what its target cannot do is skipped, with the reason and what to do about it.
`httpsms-harness probe` finds out what a server can do; [Targets](../explanation/targets.md) tells how. The columns of
both tables:
"""
_CAPABILITIES = """\
## Capabilities

The words of `requires` in a story, and of a probe. What a story needs is found in its steps; `requires` is for what
they do not show. On servers `webhooks` needs an address that they reach (`--listen`).
"""
_STORIES = """\
## The stories that come along

Where each story in `scenarios/` can run, as its plan tells: `yes`, `no`, or `slow`, which is with `--slow` alone.
On a server a story may still be skipped for what only shows there: the plan of the account, a number that it has
already, a request about something that the story has not made.
"""


def targets() -> str:
    return page(
        [_TARGETS],
        [line for place in TARGETS for line in bullet(f"**{place.name}**: {place.about}")],
        [_CAPABILITIES, *_capabilities()],
        [_STORIES, *_stories()],
    )


def _capabilities() -> list[str]:
    rows = (
        (
            f"{code(each.value)}<br>{sentence(about)}",
            *("no" if each in place.missing else "yes" for place in TARGETS),
        )
        for each, about in CAPABILITIES.items()
    )
    return table(("capability", *(place.name for place in TARGETS)), rows)


def shipped() -> Iterator[tuple[str, Scenario]]:
    """The stories in scenarios/, each with its file; of a table all rows."""
    for path in find_files([str(SCENARIOS)]):
        yield from ((path.relative_to(SCENARIOS).as_posix(), story) for story in read_file(path))


def _stories() -> list[str]:
    rows = (
        (
            f"{_title(story)}<br>`{path}`",
            *(_verdict(story, place.missing) for place in TARGETS),
            ", ".join(code(each.value) for each in needs(story)),
        )
        for path, story in shipped()
    )
    return table(("story", *(place.name for place in TARGETS), "needs"), dict.fromkeys(rows))


def _title(story: Scenario) -> str:
    """Without the row of its table."""
    return story.title.partition(" [")[0]


def _verdict(story: Scenario, missing: Mapping[Capability, Missing]) -> str:
    if not missing or why_not(story, missing) is None:
        return "yes"
    return "slow" if why_not(story, missing, slow=True) is None else "no"
