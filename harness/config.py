"""Settings: what the commands' options are by default in a project, and where each value comes from.

`httpsms-harness.toml`, or `[tool.httpsms-harness]` in `pyproject.toml`, whichever is found first from the working
directory upwards < `.env` in the working directory < the environment < the command line. In a file a setting stands
under its name (`user_key`), in `.env` and in the environment behind `HTTPSMS_HARNESS_` (`HTTPSMS_HARNESS_USER_KEY`). A
name with a dot stands in a table (`[serve] phones = 2`, `HTTPSMS_HARNESS_SERVE_PHONES`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import field
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any, Literal

from harness.errors import ConfigError, ConfigErrors, InvalidNumber
from harness.frozen import frozen

__all__ = ["FILE", "PREFIX", "SETTINGS", "Config", "Kind", "Setting", "Value", "load"]

FILE = "httpsms-harness.toml"
PREFIX = "HTTPSMS_HARNESS_"
_SHARED_FILE, _TABLE = "pyproject.toml", ("tool", "httpsms-harness")
# Most files are of others: reading TOML takes longer than most stories.
_MENTION = re.compile(r"tool\s*\.\s*[\"']?httpsms-harness")

Kind = Literal["text", "number", "seconds", "flag", "texts", "path", "paths", "people"]
"""`people` is a table of names and numbers, `[phones] alice = "+18005550199"`; its value has pairs of them. A relative
path in a file is meant from the file's folder."""


@frozen
class Setting:
    """One setting. `commands` have it as one of these `options`; `secret`: its value is shown nowhere.

    `variables` are names of the real server's environment that mean the same; our own name wins over them, and they are
    not read from `.env`, which may be another program's.
    """

    name: str
    kind: Kind
    about: str
    commands: tuple[str, ...]
    options: tuple[str, ...]
    secret: bool = False
    choices: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()

    @property
    def variable(self) -> str:
        """Its name in the environment."""
        return PREFIX + self.name.replace(".", "_").upper()


_STORIES = ("run", "compare")
_TARGET = (*_STORIES, "probe", "cleanup")


def _setting(name: str, kind: Kind, commands: tuple[str, ...], about: str, *options: str, **more: Any) -> Setting:
    option = "--" + name.rpartition(".")[2].replace("_", "-")
    return Setting(name, kind, about, commands, options or (option,), **more)


SETTINGS: tuple[Setting, ...] = (
    # where stories run
    _setting("server", "text", (*_TARGET, "phone"), "The httpSMS server to work on, instead of the embedded one."),
    _setting("user_key", "text", (*_TARGET, "phone", "conform"), "The API key of the account there.", secret=True),
    _setting("phones", "people", (*_STORIES, "probe"), "Numbers for the names of phones in stories.", "--phone"),
    _setting("contacts", "people", _STORIES, "Numbers for the names of contacts in stories.", "--contact"),
    _setting("allow", "texts", _STORIES, "Numbers that a real radio may text and call."),
    _setting(
        "push",
        "text",
        (*_STORIES, "probe"),
        "How phones hear of messages on a server.",
        choices=("auto", "fcm-endpoint", "echo", "poll", "none"),
    ),
    _setting("listen", "text", (*_STORIES, "probe"), "HOST:PORT where the server's webhooks come in."),
    _setting("callback_url", "text", (*_STORIES, "probe"), "The URL under which the server reaches that place."),
    _setting("push_listen", "text", (*_STORIES, "probe"), "HOST:PORT where its pushes come in (FCM_ENDPOINT)."),
    _setting("ca_file", "path", (*_TARGET, "phone"), "Trust the certificates in this PEM file, not the system's."),
    _setting("insecure", "flag", (*_TARGET, "phone"), "Trust any certificate."),
    _setting("http1", "flag", (*_TARGET, "phone"), "Offer no HTTP/2 over TLS."),
    _setting("take_over", "flag", _STORIES, "Stories may have numbers that the account has phones for."),
    _setting("slow", "flag", _STORIES, "Stories may wait for up to a minute at a time by a real clock."),
    _setting("device", "text", _STORIES, "The Android device that is the radio of phones in stories: adb:SERIAL."),
    _setting("console_token_file", "path", _STORIES, "The token that an emulator's console asks for."),
    _setting("adb_server", "text", _STORIES, "Whether devices are reached through an adb server: auto, never, a port."),
    _setting("sent_within", "seconds", _STORIES, "When a text that a device does not show as sent has failed."),
    _setting("seen_within", "seconds", _STORIES, "When a text that does not come into a device's inbox is lost."),
    # how `run` runs
    _setting("run.paths", "paths", ("run",), "The files and folders of stories.", "paths"),
    _setting("live", "flag", ("run",), "Over real sockets on 127.0.0.1; waiting is still skipped."),
    _setting("jobs", "number", ("run",), "How many stories run at the same time."),
    _setting("run.json", "path", ("run",), "Where results go as JSON."),
    _setting("run.junit", "path", ("run",), "Where results go as JUnit XML."),
    _setting("run.html", "path", ("run",), "Where results go as a page."),
    _setting("run.markdown", "path", ("run",), "Where results go as Markdown."),
    _setting("run.trace", "path", ("run",), "Where traces go as JSON lines."),
    _setting("seed", "number", (*_STORIES, "serve", "phone", "conform"), "What every choice follows from."),
    _setting(
        "color",
        "text",
        (*_STORIES, "probe", "conform", "vectors verify", "vectors matrix", "vectors runner-test"),
        "When there are colours.",
        choices=("auto", "always", "never"),
    ),
    # serve
    _setting("host", "text", ("serve",), "The address to listen on.", variables=("APP_HOST",)),
    _setting("port", "number", ("serve",), "The port to listen on; 0: any free one.", variables=("APP_PORT",)),
    _setting(
        "public_url", "text", ("serve",), "Where others reach the server.", variables=("EVENTS_QUEUE_ENDPOINT",)
    ),
    _setting("pace", "text", ("serve",), "The delays of the real server, or none.", choices=("instant", "faithful")),
    _setting("keep_rate", "flag", ("serve",), "Keep the rate spacing even when instant."),
    _setting("accounts", "texts", ("serve",), "Accounts, as --account takes them.", "--account", secret=True),
    _setting("serve.phones", "number", ("serve",), "How many phones are inside."),
    _setting("serve.state", "path", ("serve",), "The file that everything is kept in."),
    _setting("faults", "texts", ("serve",), "Faults of the server.", "--fault"),
    _setting("control", "flag", ("serve",), "Open the control routes under /_control/."),
    _setting(
        "control_token",
        "text",
        (*_STORIES, "probe", "serve", "phone", "conform"),
        "What control calls must show.",
        secret=True,
    ),
    _setting("fcm_endpoint", "text", ("serve",), "Push there, not to the phones inside.", variables=("FCM_ENDPOINT",)),
    _setting(
        "queue_user_id", "text", ("serve",), "Who may post to /v1/events.", variables=("EVENTS_QUEUE_USER_ID",)
    ),
    _setting(
        "queue_user_api_key",
        "text",
        ("serve",),
        "That user's key.",
        secret=True,
        variables=("EVENTS_QUEUE_USER_API_KEY",),
    ),
    # phone
    _setting("phone_key", "text", ("phone",), "The phone's API key (pk_…).", secret=True),
    _setting("numbers", "texts", ("phone",), "The numbers of its SIMs.", "--number"),
    _setting("phone.count", "number", ("phone",), "How many phones."),
    _setting(
        "encryption_key",
        "text",
        ("phone", "encrypt", "decrypt"),
        "The pass phrase of encrypted texts.",
        "--encryption-key",
        "--key",
        secret=True,
    ),
    _setting("app", "text", ("phone",), "The build of the app."),
    _setting("operator", "text", ("phone",), "The SIM's operator, MCC and MNC."),
    _setting("android", "number", ("phone",), "Which Android divides the texts."),
    _setting("oem", "text", ("phone",), "The phone's maker and its habits."),
    _setting("phone.push", "text", ("phone",), "The push service to join."),
    _setting("push_port", "number", ("phone",), "Bring a push service along on this port."),
    _setting("push_host", "text", ("phone",), "Where that push service listens."),
    _setting("phone.poll", "flag", ("phone",), "Ask the API for messages instead of waiting for pushes."),
    _setting("phone.state", "path", ("phone",), "The file that settings and jobs are kept in."),
    _setting("control_port", "number", ("phone",), "Open the phones' control routes on this port."),
    _setting("phone.timeout", "seconds", ("phone",), "How long the server may take for its first answer."),
    _setting("phone.finish", "seconds", ("phone",), "How long jobs under way may take at the end."),
    # conform
    _setting("listen_port", "number", ("conform",), "Where our FCM endpoint and webhook receivers listen."),
    _setting(
        "system_key",
        "text",
        ("conform",),
        "The key of the queue's user.",
        secret=True,
        variables=("EVENTS_QUEUE_USER_API_KEY",),
    ),
)  # fmt: skip
"""All of them. Reference pages and `config show` are made from this table."""

_BY_NAME = {setting.name: setting for setting in SETTINGS}
_BY_VARIABLE = {setting.variable: setting for setting in SETTINGS}
_OTHERS = (PREFIX + "RUNNERS",)
"""Variables of ours that are no setting: where the runners of `vectors` are kept."""

_Mistake = Callable[[str], ConfigError]
"""An error of a place, from what is wrong there."""


@frozen
class Value:
    """What a setting is, and where that stands: `httpsms-harness.toml:3`, `.env:1`, or the variable's name."""

    setting: Setting
    value: Any = field(repr=False)
    origin: str


@frozen
class Config:
    """What was found: the values of files and of `.env`, and the texts of the environment.

    `file` and `dotenv` are what was read, None where there is none.
    """

    file: Path | None
    dotenv: Path | None
    written: Mapping[str, Value]
    environment: Mapping[str, tuple[str, str]] = field(repr=False)

    def value(self, setting: Setting) -> Value | None:
        """The setting's value; None: nobody set it. Raises `ConfigError` for a text of the environment."""
        if (found := self.environment.get(setting.name)) is not None:
            variable, text = found
            return Value(setting, _from_text(setting, text, variable), variable)
        return self.written.get(setting.name)

    def given(self, command: str) -> list[Setting]:
        """Those that are set for a command, like `run` or `vectors verify`."""
        known = self.environment.keys() | self.written.keys()
        return [setting for setting in SETTINGS if command in setting.commands and setting.name in known]

    def values(self, command: str) -> list[Value]:
        """What they are. Raises `ConfigError`."""
        return [value for setting in self.given(command) if (value := self.value(setting)) is not None]


def load(folder: Path, environment: Mapping[str, str]) -> Config:
    """Reads what is set for somebody who works in `folder`. Raises `ConfigError`."""
    file, table, text = _file(folder)
    dotenv = folder / ".env"
    has_dotenv = dotenv.is_file()
    written = {} if file is None else _from_file(file, table, text)
    if has_dotenv:
        written |= _from_dotenv(dotenv)
    _check_names(environment)
    return Config(file, dotenv if has_dotenv else None, written, _named(environment))


# -- the file ----------------------------------------------------------------------------------------------------------


def _file(folder: Path) -> tuple[Path | None, Mapping[str, Any], str]:
    """The nearest file with settings, its table of them, and its text."""
    for here in (folder, *folder.parents):
        if (own := here / FILE).is_file():
            text = _text(own)
            return own, _parsed(own, text), text
        if (shared := here / _SHARED_FILE).is_file() and _MENTION.search(text := _text(shared)):
            found: Any = _parsed(shared, text)
            for key in _TABLE:
                found = found.get(key) if isinstance(found, dict) else None
            if isinstance(found, dict):
                return shared, found, text
    return None, {}, ""


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(str(path), 0, f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(str(path), 0, "is not UTF-8") from None


def _parsed(path: Path, text: str) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r" \(at line (\d+), column \d+\)$", str(error))
        problem = str(error)[: place.start()] if place else str(error)
        raise ConfigError(str(path), int(place[1]) if place else text.count("\n") + 1, f"no TOML: {problem}") from None


def _from_file(path: Path, table: Mapping[str, Any], text: str) -> dict[str, Value]:
    """The values of a file. All its mistakes at once."""
    values: dict[str, Value] = {}
    errors: list[ConfigError] = []
    for name, given in _flat(table).items():
        line = _line_of(text, name, path.name == _SHARED_FILE)
        mistake = partial(ConfigError, str(path), line)
        try:
            setting = _known(name, _BY_NAME, mistake)
            value = _checked(setting, given, mistake)
        except ConfigError as error:
            errors.append(error)
            continue
        if setting.kind in ("path", "paths"):
            value = _from_folder(path.parent, value)
        values[name] = Value(setting, value, f"{path.name}:{line}" if line else path.name)
    if errors:
        raise errors[0] if len(errors) == 1 else ConfigErrors(errors)
    return values


def _flat(table: Mapping[str, Any]) -> dict[str, Any]:
    """`{serve: {phones: 2}}` → `{serve.phones: 2}`; the tables that are values of their own stay."""
    sections = {setting.name.partition(".")[0] for setting in SETTINGS if "." in setting.name}
    flat: dict[str, Any] = {}
    for key, value in table.items():
        if key in sections and isinstance(value, dict):
            flat |= {f"{key}.{inner}": each for inner, each in value.items()}
        else:
            flat[key] = value
    return flat


def _line_of(text: str, name: str, is_shared: bool) -> int:
    """Where a setting stands, counted from 1; 0: it is written in a way of which we do not know."""
    section, _, key = name.rpartition(".")
    prefix = (*_TABLE, *([section] if section else [])) if is_shared else ((section,) if section else ())
    now: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*\[([^\[\]]+)\]", line):
            now = tuple(part.strip().strip("\"'") for part in header[1].split("."))
            if now == (*prefix, key):
                return number
        elif (entry := re.match(r"\s*([\w.\"'-]+)\s*=", line)) and (*now, *_parts(entry[1])) == (*prefix, key):
            return number
    return 0


def _parts(key: str) -> list[str]:
    return [part.strip("\"'") for part in key.split(".")]


def _from_folder(folder: Path, value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(_from_folder(folder, each) for each in value)
    if value == "-" or folder == Path.cwd():
        return value
    return str(folder / value)


def _checked(setting: Setting, value: Any, mistake: _Mistake) -> Any:
    """A value of TOML, if it is of the setting's kind."""
    fits = {
        "text": isinstance(value, str),
        "path": isinstance(value, str),
        "number": isinstance(value, int) and not isinstance(value, bool),
        "seconds": isinstance(value, int | float) and not isinstance(value, bool),
        "flag": isinstance(value, bool),
        "texts": isinstance(value, list) and all(isinstance(each, str) for each in value),
        "paths": isinstance(value, list) and all(isinstance(each, str) for each in value),
        "people": isinstance(value, dict) and all(isinstance(each, str) for each in value.values()),
    }
    if not fits[setting.kind]:
        shown = "" if setting.secret else f", not {value!r}"
        raise mistake(f"{setting.name} is {_KINDS[setting.kind]}{shown}")
    _check_choice(setting, value, mistake)
    if isinstance(value, dict):
        return tuple(_person(setting, name, number, mistake) for name, number in value.items())
    return tuple(value) if isinstance(value, list) else value


def _person(setting: Setting, name: str, number: str, mistake: _Mistake) -> tuple[str, str]:
    from harness.sms.number import PhoneNumber

    try:
        return name, PhoneNumber.parse(number).e164
    except InvalidNumber as error:
        raise mistake(f"{setting.name}: {error.problem}") from None


_KINDS: Mapping[Kind, str] = {
    "text": "a text in quotes",
    "path": "a path in quotes",
    "number": "a whole number",
    "seconds": "a number of seconds",
    "flag": "true or false",
    "texts": 'a list of texts, like ["one", "two"]',
    "paths": 'a list of paths, like ["scenarios"]',
    "people": 'a table of names and numbers, like {alice = "+18005550199"}',
}


def _check_choice(setting: Setting, value: Any, mistake: _Mistake) -> None:
    if setting.choices and value not in setting.choices:
        raise mistake(f"{setting.name} is one of {', '.join(setting.choices)}, not {value!r}")


def _known(name: str, known: Mapping[str, Setting], mistake: _Mistake) -> Setting:
    if name in known:
        return known[name]
    key = name.rpartition(".")[2]
    # What stands in the wrong table is as near as what is misspelt.
    near = [each for each in known if each.rpartition(".")[2] == key] or get_close_matches(name, known, 1)
    hint = f"did you mean {near[0]}?" if near else "`httpsms-harness config show` lists them all"
    raise mistake(f"there is no setting {name}; {hint}")


# -- the environment ---------------------------------------------------------------------------------------------------


def _from_dotenv(path: Path) -> dict[str, Value]:
    """The lines NAME=VALUE that are ours."""
    values: dict[str, Value] = {}
    for number, line in enumerate(_text(path).splitlines(), start=1):
        entry = re.match(rf"\s*(?:export\s+)?({PREFIX}\w*)\s*=\s*(.*?)\s*$", line)
        if entry is None or entry[1] in _OTHERS:
            continue
        setting = _known(entry[1], _BY_VARIABLE, partial(ConfigError, str(path), number))
        if text := _unquoted(entry[2]):
            origin = f"{path.name}:{number}"
            values[setting.name] = Value(setting, _from_text(setting, text, origin), origin)
    return values


def _unquoted(text: str) -> str:
    """Without quotation marks, or else without a comment."""
    if quoted := re.match(r"(['\"])(.*)\1(?:\s+#.*)?$", text):
        return quoted[2]
    return re.sub(r"(?:^|\s+)#.*$", "", text)


def _check_names(environment: Mapping[str, str]) -> None:
    for name in environment:
        if name.startswith(PREFIX) and name not in _OTHERS:
            _known(name, _BY_VARIABLE, partial(ConfigError, "the environment", 0))


def _named(environment: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """The name of each setting that is there, with its variable and its text."""
    found = {}
    for setting in SETTINGS:
        for variable in (setting.variable, *setting.variables):
            if environment.get(variable):
                found[setting.name] = (variable, environment[variable])
                break
    return found


_FLAGS = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


def _from_text(setting: Setting, text: str, origin: str) -> Any:
    """A text of the environment as a value of the setting's kind; several are set apart by blanks."""
    value: Any = text
    mistake = partial(ConfigError, origin, 0)
    try:
        match setting.kind:
            case "number":
                value = int(text)
            case "seconds":
                value = float(text)
            case "flag":
                value = _FLAGS[text.lower()]
            case "texts" | "paths":
                value = tuple(text.split())
            case "people":
                pairs = [entry.split("=") for entry in text.split()]
                value = tuple([_person(setting, name, number, mistake) for name, number in pairs])
    except (ValueError, KeyError):
        what = _KINDS_OF_TEXT.get(setting.kind, _KINDS[setting.kind])
        raise mistake(f"{setting.name} is {what}, not {text!r}") from None
    _check_choice(setting, value, mistake)
    return value


_KINDS_OF_TEXT: Mapping[Kind, str] = {
    "flag": "0 or 1",
    "people": "names with numbers, like alice=+18005550199 bob=+18005550101",
}
