"""Finding and reading profiles: TOML files of what differs from a phone that nothing holds back.

A knob has a value, or a table of its `value`, the `source` of that figure, and what is `known` without a figure:

    about = "One line."
    like = "android-doze"                  # another profile, from which this one differs

    push_delay = ["10s", "2m"]             # anything between, equally likely
    [job_delay]
    value = "30s"                          # always; "off": not at all
    source = "Who says so, and where."

    [[noted]]                              # figures with a source that no knob takes
    what = "…"
    figure = "…"
    source = "…"
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, NoReturn

from harness.delays import DELAY_MAX_NS, Delay, Fixed, LogNormal, Mixture, Uniform
from harness.errors import UsageError
from harness.frozen import frozen
from harness.instants import MS, SECOND
from harness.profile import AppProfile, OemProfile, Windows

__all__ = ["Kind", "Knob", "Noted", "ProfileFile", "app_profile", "names", "oem_profile", "read_profile", "shipped"]

Kind = Literal["app", "oem"]

_UNITS = {"ms": MS, "s": SECOND, "m": 60 * SECOND, "h": 3600 * SECOND, "d": 86400 * SECOND}
_DURATION = re.compile(r"(\d{1,12}(?:\.\d{1,9})?)(ms|s|m|h|d)", re.ASCII)
_A_DURATION = "write a number with its unit: 500ms, 5s, 10m, 2h, 1d"
_A_DELAY = (
    'write a time ("30s"), two of them (["10s", "2m"]: anything between), { median = "30s", sigma = 1.0 }, '
    'a list of { weight = 9, delay = "1s" }, or "off"'
)
_SHIPPED = {"app": AppProfile, "oem": OemProfile}
_DEFAULTS: dict[Kind, AppProfile | OemProfile] = {"app": AppProfile(name="", version=""), "oem": OemProfile(name="")}
_PLACE_OF_TOML = re.compile(r"^(.*) \(at (?:line (\d+), column \d+|end of document)\)$", re.DOTALL)


@frozen
class Knob:
    """A knob as it is shown to people: its value, who says so, and what is known beside that."""

    name: str
    value: str
    source: str = ""
    known: str = ""


@frozen
class Noted:
    """A figure with a source that no knob takes."""

    what: str
    figure: str
    source: str


@frozen
class ProfileFile:
    """A profile, and what its file tells of it."""

    profile: AppProfile | OemProfile
    knobs: tuple[Knob, ...]
    noted: tuple[Noted, ...]


def names(kind: Kind) -> tuple[str, ...]:
    """The profiles that come with the package."""
    return tuple(sorted(path.stem for path in _folder(kind).glob("*.toml")))


def shipped(kind: Kind) -> tuple[ProfileFile, ...]:
    """The files that come with the package, by name."""
    return tuple(_shipped(kind, name) for name in names(kind))


def app_profile(asked: str) -> AppProfile:
    """The build of that name, or of the user's own file (a path that ends in `.toml`). Raises `UsageError`."""
    found = read_profile("app", asked).profile
    assert isinstance(found, AppProfile)
    return found


def oem_profile(asked: str) -> OemProfile:
    """The make of that name, or of the user's own file (a path that ends in `.toml`). Raises `UsageError`."""
    found = read_profile("oem", asked).profile
    assert isinstance(found, OemProfile)
    return found


def read_profile(kind: Kind, asked: str) -> ProfileFile:
    """A profile by its name, or from a file. Raises `UsageError`."""
    if asked.endswith(".toml"):
        return _Reading(kind, asked, _text(Path(asked))).file()
    if asked not in names(kind):
        raise UsageError(f"there is no {kind} profile {asked!r}", _suggest(asked, names(kind), "or a file: my.toml"))
    return _shipped(kind, asked)


@cache
def _shipped(kind: Kind, name: str) -> ProfileFile:
    path = _folder(kind) / f"{name}.toml"
    return _Reading(kind, str(path), _text(path)).file()


def _folder(kind: Kind) -> Path:
    return Path(str(files("harness").joinpath("profiles", kind)))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}", "name a profile, or a file that can be read") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path}: this is not UTF-8", "save the file as UTF-8") from None


def _suggest(word: str, known: Iterable[str], rest: str = "") -> str:
    known = list(known)
    near = get_close_matches(word, known, 1)
    listed = f"known are: {', '.join(known)}{', ' if rest else ''}{rest}"
    return f"did you mean {near[0]}? {listed}" if near else listed


class _Reading:
    """One file under reading."""

    def __init__(self, kind: Kind, path: str, text: str) -> None:
        self.kind = kind
        self.path = path
        self.lines = text.splitlines()
        self.document = self._parsed(text)

    def file(self) -> ProfileFile:
        known = [knob.name for knob in fields(_SHIPPED[self.kind]) if knob.name not in ("name", "about")]
        known = [name.removesuffix("_ns") for name in known]
        for key in self.document:
            if key not in (*known, "about", "like", "noted"):
                self.fail(key, f"unknown key {key!r}", _suggest(key, [*known, "about", "like", "noted"]))
        changes: dict[str, Any] = {"name": Path(self.path).stem, "about": self._text_of("about")}
        knobs = []
        for name in known:
            if name in self.document:
                knob, value = self._knob(name)
                knobs.append(knob)
                changes |= value
        profile = _changed(self._base(), changes)
        if isinstance(profile, AppProfile) and not profile.version:
            raise UsageError(f"{self.path}: version is missing", 'write `version = "…"`, or `like = "5dab6f8"`')
        return ProfileFile(profile, tuple(knobs), tuple(self._noted()))

    def fail(self, key: str, problem: str, remedy: str = "") -> NoReturn:
        """Says what is wrong behind a key, and on which line that stands if it can be told."""
        begins = re.compile(rf"\s*(?:\[\[?\s*)?[\"']?{re.escape(key)}[\"']?\s*[].=]")
        lines = [number for number, line in enumerate(self.lines, start=1) if begins.match(line)]
        raise UsageError(f"{self.path}:{lines[0]}: {problem}" if lines else f"{self.path}: {problem}", remedy)

    def _parsed(self, text: str) -> dict[str, Any]:
        try:
            return tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            match = _PLACE_OF_TOML.match(str(error))
            problem, line = (match[1], match[2] or len(self.lines)) if match else (str(error), 1)
            raise UsageError(f"{self.path}:{line}: broken TOML: {problem}", "see https://toml.io") from None
        except RecursionError:
            raise UsageError(f"{self.path}: nested too deeply", "a profile needs three levels") from None

    def _base(self) -> AppProfile | OemProfile:
        like = self._text_of("like")
        if not like:
            return _DEFAULTS[self.kind]
        if like not in names(self.kind):
            self.fail("like", f"there is no {self.kind} profile {like!r}", _suggest(like, names(self.kind)))
        return _shipped(self.kind, like).profile

    def _text_of(self, key: str) -> str:
        text = self.document.get(key, "")
        if not isinstance(text, str):
            self.fail(key, f"{key} is no text", f'write `{key} = "…"`')
        return text

    def _noted(self) -> Iterable[Noted]:
        listed = self.document.get("noted", [])
        keys = ["what", "figure", "source"]
        for entry in listed if isinstance(listed, list) else [listed]:
            if not isinstance(entry, dict) or sorted(entry) != sorted(keys) or not _are_texts(entry.values()):
                self.fail("noted", "a note has three texts", f"write [[noted]], and {', '.join(keys)} below it")
            yield Noted(**entry)

    def _knob(self, name: str) -> tuple[Knob, dict[str, Any]]:
        """What is shown of a knob, and what it changes in the profile."""
        written = self.document[name]
        told: Mapping[str, Any] = written if _is_told(written) else {"value": written}
        strange = [key for key in told if key not in ("value", "source", "known")]
        if strange:
            self.fail(strange[0], f"unknown key {strange[0]!r} below {name}", "known are: value, source, known")
        texts = {key: text for key, text in told.items() if key != "value"}
        if not _are_texts(texts.values()):
            self.fail(name, f"source and known of {name} are texts", 'write `source = "…"`')
        if "value" not in told:
            self.fail(name, f"{name} has no value", 'write `value = …`; "off" turns it off')
        try:
            read = _READERS[name](told["value"])
        except _NotRight as error:
            self.fail(name, f"{name}: {error.problem}", error.remedy)
        place = "restricted_after_ns" if name == "restricted_after" else name
        return Knob(name, _shown(told["value"]), **texts), {place: read}


def _changed(base: AppProfile | OemProfile, changes: Mapping[str, Any]) -> AppProfile | OemProfile:
    values = {known.name: getattr(base, known.name) for known in fields(base)} | dict(changes)
    return type(base)(**values)


def _is_told(written: Any) -> bool:
    return isinstance(written, dict) and (not written or bool({"value", "source", "known"} & set(written)))


def _are_texts(values: Iterable[Any]) -> bool:
    return all(isinstance(value, str) and value.strip() for value in values)


def _shown(value: Any) -> str:
    """A value as it stands on the page."""
    match value:
        case bool():
            return "on" if value else "off"
        case list() if len(value) == 2 and _are_texts(value):
            return f"{value[0]} to {value[1]}"
        case list():
            return ", ".join(_shown(entry) for entry in value)
        case dict():
            return "; ".join(f"{key} {_listed(entry)}" for key, entry in value.items())
        case _:
            return str(value)


def _listed(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else _shown(value)


# -- values ------------------------------------------------------------------------------------------------------------


class _NotRight(Exception):
    """A value that a knob does not take."""

    def __init__(self, problem: str, remedy: str) -> None:
        self.problem = problem
        self.remedy = remedy
        super().__init__(problem)


def _duration(value: Any, remedy: str = _A_DURATION) -> int:
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise _NotRight(f"{value!r} is no time", remedy)
    duration = round(float(match[1]) * _UNITS[match[2]])
    if duration > DELAY_MAX_NS:
        raise _NotRight(f"{value} is too long", "63 weeks (441d) at most")
    return duration


def _delay(value: Any) -> Delay:
    match value:
        case [str() as low, str() as high]:
            low_ns, high_ns = _duration(low), _duration(high)
            if low_ns > high_ns:
                raise _NotRight(f"{low} is longer than {high}", "write the shorter one first")
            return Uniform(low_ns, high_ns)
        case [dict(), *_]:
            return Mixture(tuple(_weighted(entry) for entry in value))
        case {"median": median, "sigma": int() | float() as sigma, **rest} if not rest and 0 <= sigma <= 10:
            return LogNormal(_duration(median), float(sigma))
        case _:
            return Fixed(_duration(value, _A_DELAY))


def _weighted(entry: Any) -> tuple[int, Delay]:
    match entry:
        case {"weight": int() as weight, "delay": delay, **rest} if weight > 0 and not rest:
            return weight, _delay(delay)
    raise _NotRight(f"{entry!r} is no part of a mixture", 'write { weight = 9, delay = "1s" }, the weight above 0')


def _windows(value: Any) -> Windows:
    match value:
        case {"closed": [_, *_] as closed, "open": [_, *_] as opened, **rest} if not rest:
            times = tuple(map(_duration, closed)), tuple(map(_duration, opened))
            if min(*times[0], *times[1]) > 0:
                return Windows(*times)
    raise _NotRight(f"{value!r} are no windows", 'write { closed = ["1h", "2h"], open = ["5m"] }, or "off"')


def _cores(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 64:
        raise _NotRight(f"{value!r} is no number of cores", 'write a whole number from 1 to 64, or "off"')
    return value


def _version(value: Any) -> str:
    # It is sent in a header: letters, digits and signs, as git and people name versions.
    if not isinstance(value, str) or not re.fullmatch(r"[!-~]{1,64}", value):
        raise _NotRight(f"{value!r} is no version", 'write it as the app sends it, like "5dab6f8"')
    return value


def _runtime(value: Any) -> str:
    if value not in ("android", "jvm"):
        raise _NotRight(f"{value!r} is no runtime", "known are: android, jvm")
    return str(value)


def _switch(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _NotRight(f"{value!r} is neither on nor off", "write true or false")
    return value


def _or_off(read: Callable[[Any], Any], off: Any = None) -> Callable[[Any], Any]:
    return lambda value: off if value == "off" else read(value)


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "version": _version,
    "runtime": _runtime,
    "sentry_headers": _switch,
    "restricted_after": _or_off(_duration, 0),
    "push_delay": _or_off(_delay),
    "job_delay": _or_off(_delay),
    "windows": _or_off(_windows),
    "killed_in_background_after": _or_off(_delay),
    "stopped_after": _or_off(_delay),
    "cpu_cores": _or_off(_cores),
}
