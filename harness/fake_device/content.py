"""The command `content`: what it prints of the SMS provider.

Its exit status is 0 in all cases; a wrong argument is said on stdout, what the provider refuses on stderr
(phone-behaviour.md 9.2; AOSP cmds/content: Content.java).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from harness.fake_device.process import Ran, encoded
from harness.fake_device.releases import Release
from harness.fake_device.sms_store import COLUMNS, Box, Row, SmsStore, Value, column
from harness.fake_device.where import Order, SqlError, order_by, where
from harness.frozen import frozen

__all__ = ["content"]

_USAGE = (
    "usage: adb shell content [subcommand] [options]\n\n"
    "usage: adb shell content query --uri <URI> [--user <USER_ID>] [--projection <COLUMN>[:<COLUMN>...]]"
    " [--where <WHERE>] [--sort <SORT_ORDER>]\n"
)
_TAKES = {
    "query": {"--uri", "--user", "--projection", "--where", "--sort", "--extra"},
    "insert": {"--uri", "--user", "--bind", "--extra"},
    "update": {"--uri", "--user", "--bind", "--where", "--extra"},
    "delete": {"--uri", "--user", "--where", "--extra"},
    "call": {"--uri", "--user", "--method", "--arg", "--extra"},
    "read": {"--uri", "--user"},
    "write": {"--uri", "--user"},
    "gettype": {"--uri", "--user"},
}
_BOXES = {"inbox": Box.INBOX, "sent": Box.SENT, "draft": Box.DRAFT, "outbox": Box.OUTBOX, "failed": Box.FAILED}
# Providers that are there without anything in them that the shell may read.
_EMPTY = frozenset(("mms", "mms-sms", "settings", "telephony"))
_NOT_FOR_SHELL = {"call_log": ("com.android.providers.contacts.CallLogProvider", "android.permission.READ_CALL_LOG")}
_BINDING = re.compile(r"(?:[^:\\]|\\.)*:[bsilfdn]:(?:[^:\\]|\\.)*", re.IGNORECASE | re.DOTALL)
_TABLE = "sms_restricted"


class _WrongArgument(Exception):
    pass


class _Refused(Exception):
    """What the provider throws: a Java class and its message."""


@frozen
class _Asked:
    verb: str
    uri: str
    projection: tuple[str, ...] | None
    where: str
    sort: str

    @property
    def authority(self) -> str:
        return self.uri.partition("://")[2].partition("/")[0]

    @property
    def path(self) -> list[str]:
        return [part for part in self.uri.partition("://")[2].partition("?")[0].split("/")[1:] if part]


def content(arguments: Sequence[str], store: SmsStore, release: Release, now_ms: int) -> Ran:
    """`content` with its arguments."""
    try:
        asked = _asked(arguments)
    except _WrongArgument as wrong:
        return Ran(encoded(f"{_USAGE}\n[ERROR] {wrong}\n"))
    try:
        return Ran(encoded(_done(asked, store, release, now_ms)))
    except _Refused as refused:
        return Ran(err=encoded(f"Error while accessing provider:{asked.authority}\n{refused}\n\tat {_TRACE}\n"))


_TRACE = "com.android.commands.content.Content$Command.execute(Content.java)"


def _asked(arguments: Sequence[str]) -> _Asked:
    verb = arguments[0] if arguments else "null"
    takes = _TAKES.get(verb)
    if takes is None:
        raise _WrongArgument(f"Unsupported operation: {verb}")
    given = _given(arguments[1:], takes)
    if not given.get("--uri"):
        raise _WrongArgument("Content provider URI not specified. Did you specify --uri argument?")
    if "--bind" in takes and not given.get("--bind"):
        raise _WrongArgument("Bindings not specified. Did you specify --bind argument(s)?")
    if verb == "call" and not given.get("--method"):
        raise _WrongArgument("Content provider method not specified.")
    projection = re.split(r"\s*:\s*", given["--projection"][-1]) if given.get("--projection") else None
    return _Asked(
        verb=verb,
        uri=given["--uri"][-1],
        projection=tuple(projection) if projection else None,
        where=_last(given, "--where"),
        sort=_last(given, "--sort"),
    )


def _last(given: dict[str, list[str]], name: str) -> str:
    return given.get(name, [""])[-1]


def _given(arguments: Sequence[str], takes: set[str]) -> dict[str, list[str]]:
    given: dict[str, list[str]] = {}
    left = iter(arguments)
    for name in left:
        if name not in takes:
            raise _WrongArgument(f"Unsupported argument: {name}")
        given.setdefault(name, []).append(_value(name, next(left, "")))
    return given


def _value(name: str, value: str) -> str:
    if name in ("--bind", "--extra"):
        if not _BINDING.fullmatch(value):
            raise _WrongArgument(f"Binding not well formed: {value}")
    elif not value or value.startswith("--"):
        raise _WrongArgument(f"No value for argument: {name}")
    elif name == "--user" and not re.fullmatch(r"[+-]?\d{1,9}", value, re.ASCII):
        raise _WrongArgument(f'For input string: "{value}"')
    return value


def _done(asked: _Asked, store: SmsStore, release: Release, now_ms: int) -> str:
    if asked.authority in _NOT_FOR_SHELL:
        provider, permission = _NOT_FOR_SHELL[asked.authority]
        raise _Refused(
            f"java.lang.SecurityException: Permission Denial: opening provider {provider} from (null) "
            f"(pid=4242, uid=2000) requires {permission} or android.permission.WRITE_CALL_LOG"
        )
    if asked.authority != "sms" and asked.authority not in _EMPTY:
        raise _Refused(f"java.lang.IllegalStateException: Could not find provider: {asked.authority or 'null'}")
    if asked.verb == "query":
        return _rows(asked, store, release, now_ms) if asked.authority == "sms" else _NOTHING
    return _CHANGES.get(asked.verb, _unknown)(asked)


_NOTHING = "No result found.\n"


def _unknown(asked: _Asked) -> str:
    raise _Refused(f"java.io.FileNotFoundException: No files supported by provider at {asked.uri}")


# Not being the default SMS app, the shell writes no message: the provider is not even asked, and nothing is said
# (Android Developers, "ContentProvider": rejectInsert).
_CHANGES: dict[str, Callable[[_Asked], str]] = {
    "insert": lambda _asked: "",
    "update": lambda _asked: "",
    "delete": lambda _asked: "",
    "call": lambda _asked: "Result: null\n",
    "gettype": lambda asked: (
        f"Result: vnd.android.cursor.{'item' if asked.path[-1:] and asked.path[-1].isdigit() else 'dir'}/sms\n"
    ),
}


def _rows(asked: _Asked, store: SmsStore, release: Release, now_ms: int) -> str:
    scope = _scope(asked.path)
    if scope is None:
        return _NOTHING
    names = asked.projection or tuple(COLUMNS)
    try:
        shown = _selected(
            asked, names, [row for row in store.seen_by_shell(now_ms, release.hides_codes_ms) if scope(row)]
        )
    except SqlError as error:
        raise _Refused(
            f"android.database.sqlite.SQLiteException: {error} ({release.sqlite_code}): , while compiling: "
            f"{_statement(asked, names)}"
        ) from None
    return "".join(_line(number, row, names) for number, row in enumerate(shown)) or _NOTHING


def _scope(path: Sequence[str]) -> Callable[[Row], bool] | None:
    """Which rows a URI means. None: a URI that the provider does not know; it has no answer then."""
    match path:
        case []:
            return lambda _row: True
        case [box] if box in _BOXES:
            return lambda row: row.box is _BOXES[box]
        case [number] | ["inbox" | "sent" | "draft" | "outbox" | "failed", number] if number.isdigit():
            return lambda row: row.id == int(number[:18])
    return None


def _statement(asked: _Asked, names: Sequence[str]) -> str:
    clause = f" WHERE ({asked.where})" if asked.where else ""
    return f"SELECT {', '.join(names)} FROM {_TABLE}{clause}{_order_text(asked)}"


def _order_text(asked: _Asked) -> str:
    return f" ORDER BY {asked.sort or 'date DESC'}"


def _selected(asked: _Asked, names: Sequence[str], rows: Iterable[Row]) -> list[Row]:
    """Raises `SqlError`."""
    known = {name.lower() for name in COLUMNS}
    if unknown := next((name for name in names if name.lower() not in known), None):
        raise SqlError(f"no such column: {unknown}")
    order = order_by(asked.sort, COLUMNS) if asked.sort else Order((("date", True),))
    found = list(rows)
    if asked.where:
        wanted = where(asked.where, COLUMNS, f"){_order_text(asked)}")
        found = [row for row in found if wanted(lambda name, row=row: column(row, name))]  # type: ignore[misc]
    for name, descends in reversed(order.columns):
        found.sort(key=lambda row: _key(column(row, name)), reverse=descends)
    return found[order.offset : None if order.limit is None else order.offset + order.limit]


def _key(value: Value) -> tuple[int, int, str]:
    """NULL, then numbers, then texts."""
    if value is None:
        return 0, 0, ""
    return (1, value, "") if isinstance(value, int) else (2, 0, value)


def _line(number: int, row: Row, names: Sequence[str]) -> str:
    """Nothing is quoted: a body may hold commas, newlines and what looks like the next row."""
    return f"Row: {number} " + ", ".join(f"{name}={_shown(column(row, name.lower()))}" for name in names) + "\n"


def _shown(value: Value) -> str:
    return "NULL" if value is None else str(value)
