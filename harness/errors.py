"""Every error that the harness raises on purpose.

The tree says whose fault it is, because each reader acts differently:

    HarnessError
    ├── UsageError                  the caller's: an option, a number, a file that cannot be used
    │   ├── InvalidNumber           not an E.164 number
    │   ├── UnusableContext         no owner or contact that an envelope of version 2 (a proposal) can be bound to
    │   ├── UnusableKey             no pass phrase for an envelope of version 2: a phone cannot hold it, or too short
    │   ├── PortInUse               the address to listen on is taken
    │   ├── ConfigError             a setting in a file or in the environment: unknown, or not of its kind
    │   │   └── ConfigErrors        several of them in one file
    │   └── StateFileError          the state file is of another version, no state file, or not ours to write
    ├── ScenarioError               the scenario file's: unknown verb, missing phone … with file:line:column
    │   └── ScenarioErrors          several of them in one file
    ├── CipherError                 a ciphertext that cannot be decrypted
    │   ├── InvalidBase64           not the base64 that the client accepts
    │   ├── CiphertextTooShort      fewer than the 16 bytes of the IV
    │   ├── UnmarkedEnvelope        not marked as of version 2 (a proposal), where nothing else is taken
    │   ├── UnknownEnvelope         marked as of a version that is not known
    │   ├── MalformedEnvelope       marked as of version 2, and not of its form
    │   └── NotAuthentic            of version 2: changed, of another conversation, or under another key
    ├── SmsError                    a text, address or PDU that cannot be encoded or decoded
    │   ├── UnencodableAddress      no digit in a destination (Android builds no PDU), or no such sender
    │   ├── SegmentOverflow         the user data does not fit into one PDU
    │   └── MalformedPdu            octets that are no TPDU
    ├── ProtocolError               an event that is illegal in the state a core is in (a defect of ours)
    ├── ServerError                 the server's: what it did is not in the protocol
    │   ├── ServerUnreachable       nothing listens, or no answer in time
    │   ├── NoPushService           nothing there hands out pushes to phones
    │   ├── NotHttpSms              something else than httpSMS answers there
    │   ├── NoControlRoutes         there are no control routes to make accounts with
    │   ├── ServerMisbehaved        an answer that the protocol does not have
    │   └── KeyRefused              the server does not accept the API key
    ├── DeviceError                 the Android device's, or that of the way to it
    │   ├── NoDevice                no device of that serial, or nothing listens there
    │   ├── DeviceUnauthorized      the device has not allowed our key
    │   ├── DeviceGone              the connection broke while something was under way
    │   ├── DeviceTimeout           no answer in time
    │   ├── DeviceRefused           the device does not do what was asked for: a file, a service, an installation
    │   ├── AdbServerError          the adb server of this machine: it is not there, or it refuses
    │   ├── MalformedAdb            octets that are no packets of adb, or packets out of place
    │   └── ConsoleError            the emulator's console answered KO, or not as a console does
    ├── StateNotKept                the disk's: a state file can no longer be written
    ├── WorkerLost                  a process that ran stories ended in the midst of one
    ├── NotSeen                     what a test waited for did not happen in time (also a TimeoutError)
    ├── CaseError                   a recorded case that cannot be read
    └── VectorError                 a file of vectors, or a list of expected failures, that cannot be read
        └── VectorErrors            several mistakes in one such file
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = [
    "AdbServerError",
    "CaseError",
    "CipherError",
    "CiphertextTooShort",
    "ConfigError",
    "ConfigErrors",
    "ConsoleError",
    "DeviceError",
    "DeviceGone",
    "DeviceRefused",
    "DeviceTimeout",
    "DeviceUnauthorized",
    "HarnessError",
    "InvalidBase64",
    "InvalidNumber",
    "KeyRefused",
    "MalformedAdb",
    "MalformedEnvelope",
    "MalformedPdu",
    "NoControlRoutes",
    "NoDevice",
    "NoPushService",
    "NotAuthentic",
    "NotHttpSms",
    "NotSeen",
    "PortInUse",
    "ProtocolError",
    "ScenarioError",
    "ScenarioErrors",
    "SegmentOverflow",
    "ServerError",
    "ServerMisbehaved",
    "ServerUnreachable",
    "SmsError",
    "StateFileError",
    "StateNotKept",
    "UnencodableAddress",
    "UnknownEnvelope",
    "UnmarkedEnvelope",
    "UnusableContext",
    "UnusableKey",
    "UsageError",
    "VectorError",
    "VectorErrors",
    "WorkerLost",
]


class HarnessError(Exception):
    """Root of the tree. Catch it to catch everything that the harness raises on purpose."""


class UsageError(HarnessError):
    """The caller gave something that cannot be used. `remedy` says what to do instead."""

    def __init__(self, problem: str, remedy: str = "") -> None:
        self.problem = problem
        self.remedy = remedy
        super().__init__(problem, remedy)

    def __str__(self) -> str:
        return f"{self.problem}\n  {self.remedy}" if self.remedy else self.problem


class InvalidNumber(UsageError):
    """`text` is no E.164 number."""

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__(
            f"{text!r} is not an E.164 number",
            "write it with + and the country code, for example +18005550199",
        )


class UnusableContext(UsageError):
    """`field` (owner or contact) is `text`, which the API would not show so; `why` says what is wrong with it."""

    def __init__(self, field: str, text: str, why: str) -> None:
        self.field = field
        self.text = text
        self.why = why
        super().__init__(f"the {field} {text!r} {why}", "take it from the API, or write it as the API will show it")


class UnusableKey(UsageError):
    """The pass phrase is none for an envelope of version 2; `why` says what is wrong, without telling it."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(f"the pass phrase cannot be used: {why}", "make one with harness.cipher.v2.new_key()")


class PortInUse(UsageError):
    """`host`:`port` is taken by another process."""

    def __init__(self, host: str, port: int) -> None:
        self.host = host
        self.port = port
        super().__init__(
            f"port {port} on {host} is in use",
            "choose another one, or 0 for any free one",
        )


class ConfigError(UsageError):
    """A setting that cannot be used. `place` is a file, or the name of a variable; `line` counts from 1, 0: unknown."""

    def __init__(self, place: str, line: int, problem: str) -> None:
        self.place = place
        self.line = line
        super().__init__(problem)

    def __str__(self) -> str:
        return f"{self.place}:{self.line}: {self.problem}" if self.line else f"{self.place}: {self.problem}"


class ConfigErrors(ConfigError):
    """Several mistakes in one file: `errors`, in the order of the file. Place and problem are the first's."""

    def __init__(self, errors: Sequence[ConfigError]) -> None:
        self.errors = tuple(errors)
        first = self.errors[0]
        super().__init__(first.place, first.line, first.problem)

    def __str__(self) -> str:
        return "\n".join(map(str, self.errors))


class StateFileError(UsageError):
    """The file at `path` cannot be used as a state file."""

    def __init__(
        self, path: str, why: str, remedy: str = "give another file, or remove this one to start with an empty world"
    ) -> None:
        self.path = path
        self.why = why
        super().__init__(f"{path}: {why}", remedy)


class ScenarioError(HarnessError):
    """A mistake in a scenario file.

    `line` and `column` count from 1. `excerpt` is the offending line, `remedy` names what was expected.
    """

    def __init__(
        self,
        path: str,
        line: int,
        column: int,
        problem: str,
        excerpt: str = "",
        remedy: str = "",
    ) -> None:
        self.path = path
        self.line = line
        self.column = column
        self.problem = problem
        self.excerpt = excerpt
        self.remedy = remedy
        super().__init__(path, line, column, problem, excerpt, remedy)

    def __str__(self) -> str:
        lines = [f"{self.path}:{self.line}:{self.column}: {self.problem}"]
        if self.excerpt.strip():
            lines += [f"  {line}" for line in _pointed(self.excerpt, self.column - 1)]
        if self.remedy:
            lines.append(f"  {self.remedy}")
        return "\n".join(lines)


class ScenarioErrors(ScenarioError):
    """Several mistakes in one scenario file: `errors`, in the order of the file. Place and problem are the first's."""

    def __init__(self, errors: Sequence[ScenarioError]) -> None:
        self.errors = tuple(errors)
        first = self.errors[0]
        super().__init__(first.path, first.line, first.column, first.problem, first.excerpt, first.remedy)

    def __str__(self) -> str:
        shown = [str(error) for error in self.errors[:_SHOWN_MAX]]
        if len(self.errors) > _SHOWN_MAX:
            shown.append(f"and {len(self.errors) - _SHOWN_MAX} more in {self.path}")
        return "\n".join(shown)


_SHOWN_MAX = 10
_WIDTH_MAX = 120


def _pointed(excerpt: str, column: int) -> tuple[str, str]:
    """A line, or the piece of it around `column` (from 0), and a line with a caret below that column."""
    from unicodedata import combining, east_asian_width

    start = max(0, column - _WIDTH_MAX // 2) if len(excerpt) > _WIDTH_MAX else 0
    piece = excerpt[start : start + _WIDTH_MAX]
    before = excerpt[start:column].ljust(column - start)
    # As wide as what stands above it: a tab, a Chinese character, an accent of its own.
    blanks = [
        letter if letter == "\t" else " " * (0 if combining(letter) else 2 if east_asian_width(letter) in "WF" else 1)
        for letter in before
    ]
    return piece, "".join(blanks) + "^"


class CipherError(HarnessError):
    """A ciphertext that cannot be decrypted.

    `client` names whom the decryption imitates, if it imitates one, and `raised` the class of the error there. `panics`
    means that no caller there gets an error value to handle: its process ends unless somebody recovers (Go).
    """

    client: str = ""
    raised: str = ""
    panics: bool = False


class InvalidBase64(CipherError):
    """The ciphertext is not base64 as the client accepts it."""

    def __init__(self, client: str = "", raised: str = "") -> None:
        self.client = client
        self.raised = raised
        super().__init__(client, raised)

    def __str__(self) -> str:
        whose = f" as {self.client} accepts it" if self.client else ""
        return f"the ciphertext is not base64{whose}"


class CiphertextTooShort(CipherError):
    """The ciphertext holds `length` bytes, fewer than the 16 of the IV."""

    def __init__(self, length: int, client: str = "", raised: str = "", *, panics: bool = False) -> None:
        self.length = length
        self.client = client
        self.raised = raised
        self.panics = panics
        super().__init__(length, client, raised)

    def __str__(self) -> str:
        return f"the ciphertext holds {self.length} bytes, fewer than the 16 bytes of the IV"


class UnmarkedEnvelope(CipherError):
    """The ciphertext is not marked as of version 2: it is of version 1, or somebody wants it read as such."""

    def __str__(self) -> str:
        return "the ciphertext is not marked as an envelope of version 2, and nothing else is taken here"


class UnknownEnvelope(CipherError):
    """The ciphertext is marked as of `version`, which is not known."""

    def __init__(self, version: str) -> None:
        self.version = version
        super().__init__(version)

    def __str__(self) -> str:
        return f"the ciphertext is marked as an envelope of version {self.version}, which is not known here"


class MalformedEnvelope(CipherError):
    """The ciphertext is marked as of version 2 and is not of its form; `why` says where it differs."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)

    def __str__(self) -> str:
        return f"this is no envelope of version 2: {self.why}"


class NotAuthentic(CipherError):
    """The tag of an envelope of version 2 is wrong. What of the three it is, nobody can tell."""

    def __str__(self) -> str:
        return "the envelope was changed, belongs to another conversation, or is under another key"


class SmsError(HarnessError):
    """A text, an address or a PDU that cannot be encoded or decoded."""


class UnencodableAddress(SmsError):
    """`address` fits into no PDU; `why` says what stands against it.

    Android builds no PDU for a destination without any digit (segmentation.md §3).
    """

    def __init__(self, address: str, why: str = "no digit in the destination") -> None:
        self.address = address
        self.why = why
        super().__init__(address, why)

    def __str__(self) -> str:
        return f"{self.why}: {self.address!r}"


class SegmentOverflow(SmsError):
    """`size` of `unit` are above `limit`: 160 septets or 140 octets in a PDU, 255 segments in its header."""

    def __init__(self, size: int, unit: str, limit: int) -> None:
        self.size = size
        self.unit = unit
        self.limit = limit
        super().__init__(size, unit, limit)

    def __str__(self) -> str:
        return f"{self.size} {self.unit}, and a PDU has room for {self.limit}"


class MalformedPdu(SmsError):
    """The octets are no TPDU of the expected kind; `why` says where it breaks."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


class ProtocolError(HarnessError):
    """`event` is illegal for `core` in its present state. Nothing was changed."""

    def __init__(self, core: str, event: object, state: str) -> None:
        self.core = core
        self.event = event
        self.state = state
        super().__init__(core, event, state)

    def __str__(self) -> str:
        return f"{self.core}: {type(self.event).__name__} is illegal in the state {self.state}"


class ServerError(HarnessError):
    """The server's fault. `url` is where it was asked (without credentials)."""

    def __init__(self, url: str, why: str) -> None:
        self.url = url
        self.why = why
        super().__init__(url, why)

    def __str__(self) -> str:
        return f"{self.url}: {self.why}"


class ServerUnreachable(ServerError):
    """Nothing listens there, the name does not resolve, or no answer came in time."""


class ServerMisbehaved(ServerError):
    """An answer that the protocol does not have: `status` and the beginning of `body`."""

    def __init__(self, url: str, status: int, body: bytes) -> None:
        self.status = status
        self.body = body
        super().__init__(
            url,
            f"unexpected answer {status}: {body[:200].decode('utf-8', 'replace')!r}",
        )


class NoPushService(ServerError):
    """Nothing at `url` hands out pushes: it answers `status`."""

    def __init__(self, url: str, status: int) -> None:
        self.status = status
        super().__init__(url, f"no push service is there (it answers {status}); use --push-port or --poll")


class NotHttpSms(ServerError):
    """`asked` is a request that httpSMS answers otherwise than with `status`."""

    def __init__(self, url: str, asked: str, status: int) -> None:
        self.asked = asked
        self.status = status
        super().__init__(url, f"no httpSMS server is there: {asked} answers {status}; is the URL right?")


class NoControlRoutes(ServerError):
    """`GET /_control/health` answers `status` where a stand-in with control routes would tell its version."""

    def __init__(self, url: str, status: int) -> None:
        self.status = status
        super().__init__(
            url,
            f"no control routes are there to make accounts with ({status}); start `serve` with --control, "
            "or give the key of an account with --user-key",
        )


class KeyRefused(ServerError):
    """The server answered 401."""


class DeviceError(HarnessError):
    """An Android device's fault, or that of the way to it. `serial` names the device, `remedy` says what to do ("")."""

    def __init__(self, serial: str, why: str, remedy: str = "") -> None:
        self.serial = serial
        self.why = why
        self.remedy = remedy
        super().__init__(serial, why, remedy)

    def __str__(self) -> str:
        told = f"{self.serial}: {self.why}" if self.serial else self.why
        return f"{told}\n  {self.remedy}" if self.remedy else told


class NoDevice(DeviceError):
    """No device has that serial, or nothing listens at that address."""


class DeviceUnauthorized(DeviceError):
    """The device has not allowed our key, or no longer does."""


class DeviceGone(DeviceError):
    """The connection to the device broke while something was under way."""


class DeviceTimeout(DeviceError):
    """The device did not answer in time."""


class DeviceRefused(DeviceError):
    """The device does not do what it was asked for: a file, a service, an installation."""


class AdbServerError(DeviceError):
    """The adb server of this machine is not there, ended, or refused a request."""


class MalformedAdb(DeviceError):
    """Octets that are no packets of adb, or packets that have no place there. `serial` is "" in a codec."""

    def __init__(self, why: str, serial: str = "") -> None:
        super().__init__(serial, why)


class ConsoleError(DeviceError):
    """An emulator's console refused a command, or did not answer as a console does. `command` is its first words."""

    def __init__(self, serial: str, command: str, why: str, remedy: str = "") -> None:
        self.command = command
        super().__init__(serial, f"{command}: {why}" if command else why, remedy)


class StateNotKept(HarnessError):
    """What happens can no longer be kept in the state file at `path`. Nothing that is not in it was acknowledged."""

    def __init__(self, path: str, why: str) -> None:
        self.path = path
        self.why = why
        super().__init__(path, why)

    def __str__(self) -> str:
        return f"{self.path}: {self.why}\n  everything that was answered is in it: once it can be written, start again"


class WorkerLost(HarnessError):
    """The process that ran the story `title` is gone; `exit_code` as of a process, negative: by that signal."""

    def __init__(self, title: str, exit_code: int | None) -> None:
        self.title = title
        self.exit_code = exit_code
        super().__init__(title, exit_code)

    def __str__(self) -> str:
        by = f"signal {-self.exit_code}" if self.exit_code and self.exit_code < 0 else f"exit code {self.exit_code}"
        return f"the process that ran {self.title!r} is gone ({by}): was it killed, or out of memory?"


class NotSeen(HarnessError, TimeoutError):
    """`wanted` was not seen within `timeout_s` seconds. `story` tells in lines what happened instead."""

    def __init__(self, wanted: str, timeout_s: float, story: Sequence[str] = ()) -> None:
        self.wanted = wanted
        self.timeout_s = timeout_s
        self.story = tuple(story)
        super().__init__(wanted)

    def __reduce__(self) -> tuple[type[NotSeen], tuple[object, ...]]:
        return (type(self), (self.wanted, self.timeout_s, self.story))

    def __str__(self) -> str:
        return "\n".join([f"not seen within {self.timeout_s:g} s: {self.wanted}", *self.story])


class CaseError(HarnessError):
    """The recorded case at `path` cannot be read."""

    def __init__(self, path: str, why: str) -> None:
        self.path = path
        self.why = why
        super().__init__(f"{path}: {why}")


class VectorError(HarnessError):
    """`file`, with vectors or expected failures, cannot be read. `where` is a line and column ("3:7"), or the test
    and field ("test 17, key"), or nothing; `why` says what is wrong there."""

    def __init__(self, file: str, where: str, why: str) -> None:
        self.file = file
        self.where = where
        self.why = why
        super().__init__(file, where, why)

    def __str__(self) -> str:
        place = f"{self.file}:{self.where}" if self.where[:1].isdigit() else f"{self.file}: {self.where}"
        return f"{place if self.where else self.file}: {self.why}"


class VectorErrors(VectorError):
    """Several mistakes in one file: `errors`, in the order of the file. Place and reason are the first's."""

    def __init__(self, errors: Sequence[VectorError]) -> None:
        self.errors = tuple(errors)
        first = self.errors[0]
        super().__init__(first.file, first.where, first.why)

    def __str__(self) -> str:
        shown = [str(error) for error in self.errors[:_SHOWN_MAX]]
        if len(self.errors) > _SHOWN_MAX:
            shown.append(f"and {len(self.errors) - _SHOWN_MAX} more in {self.file}")
        return "\n".join(shown)
