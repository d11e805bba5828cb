"""Writes docs/profiles.md: every profile of builds and of phones, its figures, and who says so (`make docs`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from harness.adapters.profile_files import Kind, Knob, ProfileFile, shipped

__all__ = ["PLACE", "page"]

PLACE = Path(__file__).parents[1] / "docs" / "profiles.md"

_HEAD = """\
# Profiles

A profile is a small file of differences: from one build of the app to the next (`app`), or from one make of phone to
the next (`oem`). A figure has its source, or it is off and yours to set. The page is made by `make docs` from
`harness/profiles`.

## A profile of your own

A file that ends in `.toml` is named instead of a profile. It may begin from one that is here.

```toml
like = "android-doze"
push_delay = ["10s", "2m"]
killed_in_background_after = "10m"
```

Times are written as in stories: `500ms`, `30s`, `10m`, `2h`, `3d`. A delay is one of these:

| written | means |
| --- | --- |
| `"off"` | none |
| `"30s"` | always 30 seconds |
| `["10s", "2m"]` | anything between, equally likely |
| `{ median = "30s", sigma = 1.0 }` | log-normal: half of them are longer than the median |
| `[{ weight = 9, delay = "1s" }, { weight = 1, delay = "1h" }]` | one of several, by weight |

| knob | what it does |
| --- | --- |
| `restricted_after` | how long nobody has used the phone before the next three hold; on the charger they never do |
| `push_delay` | how long a push of normal priority waits: those of messages, not those that ask for a heartbeat |
| `job_delay` | how long a job waits that could run: fetching, telling the server, handing on a text |
| `windows` | when both are let through: closed for the first time, open for the first time, and so on |
| `killed_in_background_after` | when the process dies once nobody uses the app; its jobs stay |
| `stopped_after` | when the app is stopped as by force: nothing runs or arrives until somebody opens it |
| `cpu_cores` | how many jobs run at once |
| `version`, `runtime`, `sentry_headers` | of a build: what it calls itself, what it runs on, two headers more |
"""
_BUILDS = """\
## Builds of the app
"""
_PHONES = """\
## Phones
"""
_NOTED = """\
Figures that no knob takes:
"""
_NOTHING = "–"


def page() -> str:
    """The whole page."""
    return "\n".join((_HEAD, _BUILDS, *_profiles("app"), _PHONES, *_profiles("oem")))


def _profiles(kind: Kind) -> Iterator[str]:
    for file in shipped(kind):
        yield f"### {file.profile.name}\n\n{file.profile.about}\n"
        yield _table(("knob", "value", "source", "known beside that"), map(_knob, file.knobs))
        if file.noted:
            yield _NOTED
            yield _table(("what", "figure", "source"), _noted(file))


def _knob(knob: Knob) -> tuple[str, str, str, str]:
    return f"`{knob.name}`", knob.value, knob.source or _NOTHING, knob.known or _NOTHING


def _noted(file: ProfileFile) -> Iterator[tuple[str, str, str]]:
    return ((noted.what, noted.figure, noted.source) for noted in file.noted)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


if __name__ == "__main__":
    PLACE.write_text(page(), encoding="utf-8")
