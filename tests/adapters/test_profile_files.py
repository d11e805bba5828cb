"""The profiles of the package, and those of users."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from harness.adapters.profile_files import (
    Kind,
    ProfileFile,
    app_profile,
    names,
    oem_profile,
    read_profile,
    shipped,
)
from harness.delays import Fixed, LogNormal, Mixture, Uniform
from harness.errors import UsageError
from harness.instants import MS, SECOND
from harness.profile import DEFAULT_APP, STOCK, AppProfile, OemProfile, Windows
from tests.house.sources import ROOT

MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
KINDS: list[Kind] = ["app", "oem"]
SHIPPED = [(kind, file) for kind in KINDS for file in shipped(kind)]


def _each(case: tuple[Kind, ProfileFile]) -> str:
    return f"{case[0]}-{case[1].profile.name}"


def _written(folder: Path, text: str) -> str:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


# -- those of the package ----------------------------------------------------------------------------------------------


def test_these_profiles_come_with_the_package() -> None:
    assert names("app") == ("5dab6f8", "5dab6f8-published", "5dab6f8-recorded")
    assert names("oem") == (
        "android-doze",
        "huawei-launch",
        "samsung-sleep",
        "standby-frequent",
        "standby-rare",
        "standby-restricted",
        "standby-working-set",
        "stock",
        "xiaomi-doze",
    )


@pytest.mark.parametrize("case", SHIPPED, ids=_each)
def test_every_figure_has_its_source(case: tuple[Kind, ProfileFile]) -> None:
    _, file = case
    assert [knob.name for knob in file.knobs if knob.value != "off" and not knob.source] == []
    assert [noted.what for noted in file.noted if len(noted.source) < 20] == []


@pytest.mark.parametrize("case", SHIPPED, ids=_each)
def test_a_file_says_what_it_is_for_in_one_line(case: tuple[Kind, ProfileFile]) -> None:
    kind, file = case
    about = file.profile.about
    assert 20 <= len(about) <= 120
    assert about.endswith(".")
    assert "\n" not in about
    assert read_profile(kind, file.profile.name).profile is file.profile


@pytest.mark.parametrize("case", SHIPPED, ids=_each)
def test_what_a_file_does_not_list_is_as_on_a_stock_phone(case: tuple[Kind, ProfileFile]) -> None:
    _, file = case
    listed = {knob.name for knob in file.knobs if knob.value != "off"}
    base = STOCK if isinstance(file.profile, OemProfile) else DEFAULT_APP
    changed = {
        name.removesuffix("_ns")
        for name in base.__dataclass_fields__
        if name not in ("name", "about") and getattr(file.profile, name) != getattr(base, name)
    }
    assert changed <= listed


def test_nothing_is_on_in_the_profiles_whose_makers_tell_no_figures() -> None:
    for name in ("stock", "xiaomi-doze", "huawei-launch"):
        assert replace(oem_profile(name), name="stock") == STOCK


@pytest.mark.parametrize(
    ("name", "profile"),
    [
        (
            "android-doze",
            OemProfile(
                "android-doze",
                restricted_after_ns=HOUR,
                windows=Windows((HOUR, 2 * HOUR, 4 * HOUR, 6 * HOUR), (5 * MINUTE, 10 * MINUTE)),
            ),
        ),
        (
            "samsung-sleep",
            OemProfile(
                "samsung-sleep",
                restricted_after_ns=3 * DAY,
                job_delay=Uniform(0, DAY),
                stopped_after=Fixed(16 * DAY),
            ),
        ),
        (
            "standby-working-set",
            OemProfile("standby-working-set", restricted_after_ns=12 * HOUR, job_delay=Uniform(0, 2 * HOUR)),
        ),
        ("standby-frequent", OemProfile("standby-frequent", restricted_after_ns=DAY, job_delay=Uniform(0, 8 * HOUR))),
        ("standby-rare", OemProfile("standby-rare", restricted_after_ns=2 * DAY, job_delay=Uniform(0, DAY))),
        (
            "standby-restricted",
            OemProfile("standby-restricted", restricted_after_ns=8 * DAY, job_delay=Uniform(0, DAY)),
        ),
    ],
)
def test_the_documented_phones_are_as_documented(name: str, profile: OemProfile) -> None:
    assert oem_profile(name) == profile


def test_the_builds_differ_in_what_was_recorded() -> None:
    assert app_profile("5dab6f8") == DEFAULT_APP
    assert app_profile("5dab6f8-published") == replace(DEFAULT_APP, name="5dab6f8-published", sentry_headers=True)
    assert app_profile("5dab6f8-recorded") == replace(DEFAULT_APP, name="5dab6f8-recorded", runtime="jvm")


def test_the_files_are_part_of_the_wheel() -> None:
    # hatch takes every file of the package that .gitignore does not name.
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel == {"packages": ["harness"]}
    assert "toml" not in (ROOT / ".gitignore").read_text(encoding="utf-8")


# -- those of users ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "delay"),
    [
        ('"off"', None),
        ('"0s"', Fixed(0)),
        ('"1.5s"', Fixed(1500 * MS)),
        ('["10s", "2m"]', Uniform(10 * SECOND, 2 * MINUTE)),
        ('["1h", "1h"]', Uniform(HOUR, HOUR)),
        ('{ median = "30s", sigma = 1 }', LogNormal(30 * SECOND, 1.0)),
        (
            '[{ weight = 9, delay = "1s" }, { weight = 1, delay = ["1m", "1h"] }]',
            Mixture(((9, Fixed(SECOND)), (1, Uniform(MINUTE, HOUR)))),
        ),
    ],
)
def test_a_delay_may_be_written_in_these_ways(
    tmp_path: Path, value: str, delay: Fixed | Uniform | LogNormal | Mixture | None
) -> None:
    for text in (f"push_delay = {value}", f"[push_delay]\nvalue = {value}\nsource = 'measured'"):
        assert oem_profile(_written(tmp_path, text)) == OemProfile("mine", push_delay=delay)


def test_a_file_may_begin_from_a_profile_and_turn_knobs_off(tmp_path: Path) -> None:
    text = 'about = "My phone."\nlike = "samsung-sleep"\nstopped_after = "off"\nrestricted_after = "off"\ncpu_cores = 8'
    mine = oem_profile(_written(tmp_path, text))
    assert mine == OemProfile("mine", job_delay=Uniform(0, DAY), cpu_cores=8)
    assert mine.about == "My phone."


def test_windows_may_be_written(tmp_path: Path) -> None:
    text = 'windows = { closed = ["1h", "2h"], open = ["5m"] }\nkilled_in_background_after = "10m"'
    windows = Windows((HOUR, 2 * HOUR), (5 * MINUTE,))
    expected = OemProfile("mine", windows=windows, killed_in_background_after=Fixed(10 * MINUTE))
    assert oem_profile(_written(tmp_path, text)) == expected


def test_a_build_of_the_users_own(tmp_path: Path) -> None:
    text = 'version = "1.2.3"\nruntime = "jvm"\nsentry_headers = true'
    assert app_profile(_written(tmp_path, text)) == AppProfile("mine", "1.2.3", "jvm", sentry_headers=True)
    text = 'like = "5dab6f8-published"\nversion = "unknown"'
    assert app_profile(_written(tmp_path, text)) == AppProfile("mine", "unknown", sentry_headers=True)


def test_a_figure_of_the_users_own_needs_no_source(tmp_path: Path) -> None:
    assert oem_profile(_written(tmp_path, "[push_delay]\nvalue = '30s'")).push_delay == Fixed(30 * SECOND)


# -- mistakes ----------------------------------------------------------------------------------------------------------

KNOWN = "push_delay, job_delay, windows, killed_in_background_after, stopped_after, cpu_cores, about, like, noted"


@pytest.mark.parametrize(
    ("kind", "asked", "remedy"),
    [
        ("oem", "android-dose", "did you mean android-doze?"),
        ("oem", "pixel", "known are: android-doze, huawei-launch, samsung-sleep"),
        ("app", "5dab6f9", "did you mean 5dab6f8?"),
        ("app", "", "or a file: my.toml"),
        ("app", "../oem/stock", "known are: 5dab6f8, "),
    ],
)
def test_an_unknown_name_says_what_was_meant(kind: Kind, asked: str, remedy: str) -> None:
    with pytest.raises(UsageError) as error:
        read_profile(kind, asked)
    assert error.value.problem == f"there is no {kind} profile {asked!r}"
    assert remedy in error.value.remedy


BROKEN = [
    ("oem", "# mine\n\npush_dealy = '1s'", ":3: unknown key 'push_dealy'", "did you mean push_delay?"),
    ("oem", "[doze]\nvalue = '1s'", ":1: unknown key 'doze'", KNOWN),
    ("oem", "version = '1'", ":1: unknown key 'version'", KNOWN),
    ("app", "version = '1'\npush_delay = '1s'", ":2: unknown key 'push_delay'", "version, runtime, sentry_headers"),
    ("oem", "push_delay = 30", ":1: push_delay: 30 is no time", 'write a time ("30s")'),
    ("oem", "push_delay = '30'", ":1: push_delay: '30' is no time", 'write a time ("30s")'),
    ("oem", "\njob_delay = ['5s', '5 sec']", ":2: job_delay: '5 sec' is no time", "500ms, 5s, 10m, 2h, 1d"),
    ("oem", "job_delay = ['2m', '10s']", ":1: job_delay: 2m is longer than 10s", "the shorter one first"),
    ("oem", "job_delay = ['1s', '2s', '3s']", ":1: job_delay: ['1s', '2s', '3s'] is no time", "write a time"),
    ("oem", "job_delay = '500d'", ":1: job_delay: 500d is too long", "63 weeks"),
    ("oem", "job_delay = { median = '1s', sigma = -1 }", ":1: job_delay: ", "write a time"),
    ("oem", "job_delay = [{ weight = 0, delay = '1s' }]", ":1: job_delay: ", "the weight above 0"),
    ("oem", "restricted_after = ['1h', '2h']", ":1: restricted_after: ['1h', '2h'] is no time", "500ms, 5s"),
    ("oem", "windows = { closed = ['1h'] }", ":1: windows: {'closed': ['1h']} are no windows", "open = "),
    ("oem", "windows = { closed = ['0s'], open = ['1s'] }", ":1: windows: ", "open = "),
    ("oem", "cpu_cores = 0", ":1: cpu_cores: 0 is no number of cores", "from 1 to 64"),
    ("oem", "cpu_cores = true", ":1: cpu_cores: True is no number of cores", "from 1 to 64"),
    ("oem", "like = 'stoc'", ":1: there is no oem profile 'stoc'", "did you mean stock?"),
    ("oem", "about = 1", ":1: about is no text", 'write `about = "…"`'),
    ("oem", "[push_delay]\nvalue = '1s'\nsrc = 'x'", ":3: unknown key 'src' below push_delay", "value, source, known"),
    ("oem", "[push_delay]\nsource = 'x'", ":1: push_delay has no value", '"off" turns it off'),
    ("oem", "[push_delay]\nvalue = '1s'\nsource = ' '", ":1: source and known of push_delay are texts", "source = "),
    ("oem", "[[noted]]\nwhat = 'x'", ":1: a note has three texts", "what, figure, source"),
    ("oem", "push_delay = '1s'\npush_delay = ", ":2: broken TOML: Invalid value", "toml.io"),
    ("app", "sentry_headers = true", ": version is missing", 'like = "5dab6f8"'),
    ("app", "version = 'ü'", ":1: version: 'ü' is no version", "as the app sends it"),
    ("app", "runtime = 'ios'", ":1: runtime: 'ios' is no runtime", "android, jvm"),
    ("app", "sentry_headers = 'off'", ":1: sentry_headers: 'off' is neither on nor off", "true or false"),
]


@pytest.mark.parametrize(("kind", "text", "problem", "remedy"), BROKEN, ids=[case[1] for case in BROKEN])
def test_a_mistake_is_told_with_its_line_and_what_to_do(
    tmp_path: Path, kind: Kind, text: str, problem: str, remedy: str
) -> None:
    path = _written(tmp_path, text)
    with pytest.raises(UsageError) as error:
        read_profile(kind, path)
    assert error.value.problem.startswith(f"{path}{problem}")
    assert remedy in error.value.remedy


def test_a_file_that_cannot_be_read_is_an_error_of_the_caller(tmp_path: Path) -> None:
    (tmp_path / "latin.toml").write_bytes(b"about = '\xe9'")
    (tmp_path / "folder.toml").mkdir()
    (tmp_path / "deep.toml").write_text("about = " + "[" * 100_000, encoding="utf-8")
    reasons = {"nowhere": "No such file", "latin": "not UTF-8", "folder": "directory", "deep": "nested too deeply"}
    for name, reason in reasons.items():
        with pytest.raises(UsageError, match=reason):
            oem_profile(str(tmp_path / f"{name}.toml"))
