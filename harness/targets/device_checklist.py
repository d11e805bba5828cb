"""The assumptions that only a real device can prove, as a table; the walk through them; and its report.

A report may go into somebody's bug tracker: in it are neither texts of the device's user, nor the number that was
allowed, nor the serial of hardware, nor tokens.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Literal, TypeAlias, assert_never

from harness import __version__
from harness.device_radio.rows import BOXES, Refusal, ids_query, read_ids
from harness.errors import AdbServerError, DeviceError, DeviceGone, DeviceUnauthorized, NoDevice
from harness.frozen import frozen
from harness.redaction import shown_text
from harness.targets import device_checks as checks
from harness.targets.device_checks import Bench, Broken, Check, Held, NotTried, Verdict
from harness.targets.device_link import OpenLink, Warn, linked
from harness.targets.device_probe import Facts
from harness.targets.options import TargetOptions

__all__ = ["ASSUMPTIONS", "Assumption", "Checked", "Report", "as_json", "as_markdown", "bench_of", "walk"]

Result: TypeAlias = Literal["held", "broken", "not tried"]

# After these there is no way to the device, and each further check would wait for it in vain.
_LOST = (NoDevice, DeviceGone, DeviceUnauthorized, AdbServerError)


@frozen
class Assumption:
    """Something that the harness takes for granted. `source`: where that was read (phone-behaviour.md §9 and public
    documents). `proof`: how it is tried. `means`: what is wrong if it fails. `needs`: those that must hold for that.

    `relied_on` False: nothing here goes wrong without it; it is not known of every device.
    """

    id: str
    sentence: str
    source: str
    proof: str
    means: str
    check: Check
    needs: tuple[str, ...] = ()
    relied_on: bool = True


_TEXTS_IN = ("read-inbox", "console")
_NO_STORIES_IN = "what contacts write in stories does not reach the device's phone"

ASSUMPTIONS: tuple[Assumption, ...] = (
    Assumption(
        "shell-codes", "A command's exit code and its errors come apart from what it writes.", "§9.5",
        "`echo out; echo err >&2; exit 7` over shell v2", "errors of the device are taken for its answers",
        checks.shell_codes,
    ),
    Assumption(
        "quoting", "A word in single quotes reaches a command unchanged.", "§9.2",
        "`printf %s` of quotes, a dollar, backslashes and letters beyond ASCII",
        "texts that are sent, and queries, arrive changed", checks.quoting,
    ),
    Assumption(
        "clock", "The device's clock is ours, within 5 s.", "§9.2", "`date +%s`",
        "times in stories and in tokens are off: let the device take its time from the network", checks.clock,
    ),
    Assumption(
        "nothing-found", "A query that finds nothing says `No result found.`", "§9.2",
        "a query for rows after the last possible one", "an empty box is taken for one that cannot be read",
        checks.nothing_found,
    ),
    Assumption(
        "provider-errors", "Errors of a query are told in words, with the exit status 0.", "§9.2",
        "a column and an option that are not there", "errors of the provider are not understood",
        checks.provider_errors,
    ),
    Assumption(
        "read-inbox", "The shell may read the inbox.", "§9.2", "a query of `content://sms/inbox`",
        f"{_NO_STORIES_IN}: some makers take READ_SMS from the shell", checks.read_inbox,
    ),
    Assumption(
        "read-sent", "The shell may read the texts that were sent.", "§9.2", "a query of `content://sms/sent`",
        "no story can send: some makers take READ_SMS from the shell", checks.read_sent,
    ),
    Assumption(
        "console", "The emulator's console is reachable and takes the token.", "§9.1",
        "`avd name`, a command behind the token", f"{_NO_STORIES_IN}, and no call: give --console-token-file",
        checks.console,
    ),
    Assumption(
        "text-in", "A text that is typed into the console comes into the inbox.", "§9.1", "`sms send`",
        f"{_NO_STORIES_IN}: the console said OK all the same", checks.text_in, _TEXTS_IN,
    ),
    Assumption(
        "escapes", "Line breaks, backslashes and letters of every alphabet come in as they were typed.", "§9.1",
        "`sms send` with \\n, \\\\ and \\uNNNN", "texts beyond plain English come in changed", checks.escapes,
        _TEXTS_IN,
    ),
    Assumption(
        "long-text", "A text of several segments comes in as one.", "§9.1", "`sms send` of three segments",
        "long texts come in pieces, or not at all", checks.long_text, _TEXTS_IN,
    ),
    Assumption(
        "imitating-body", "A body with commas, line breaks and what looks like a row is read whole.", "§9.2",
        "`sms send`, and a query of one column of one row", "such a text is read wrongly", checks.imitating_body,
        _TEXTS_IN,
    ),
    Assumption(
        "letters-for-a-sender", "A PDU brings a text from a sender with letters.", "§9.1, §12.6",
        "`sms pdu` with the sender BANK",
        "emulators of late hand `sms pdu` to their old modem alone; stories with such senders are skipped everywhere",
        checks.letters_for_a_sender, _TEXTS_IN, relied_on=False,
    ),
    Assumption(
        "text-out", "A text that the shell sends is seen among those sent.", "§9.3; ISms.aidl",
        "`service call isms` with this Android's transaction, to a number that may be texted",
        "no story can send: the transaction of this release is another one, or its maker forbids it", checks.text_out,
        ("read-sent",),
    ),
    Assumption(
        "no-report", "A text that the shell sends gets no status report.", "§9.1, §9.3",
        "the column `status` of its row", "stories could have delivery reports on this device, and are skipped",
        checks.no_report, ("text-out",),
    ),
    Assumption(
        "query-form", "A row is printed as `Row: 0 _id=…, date=…, sub_id=…, address=…`, dated in ms.", "§9.2",
        "a query of a row that this walk made", "what comes in and goes out cannot be read", checks.query_form,
    ),
    Assumption(
        "call-rings", "A call that is typed into the console rings, until its caller gives up.", "§9.1",
        "`gsm call`, `gsm cancel`, and mCallState in `dumpsys telephony.registry`",
        "stories with calls go by what the console says, or fail", checks.call_rings, ("console",),
    ),
    Assumption(
        "call-log", "A call that nobody took is a missed call in the call log.", "§9.1, §9.2",
        "a query of `content://call_log/calls`", "the app does not hear of missed calls", checks.call_log,
        ("call-rings",),
    ),
    Assumption(
        "registration", "`gsm voice off` takes the service, and `home` gives it back.", "§9.1",
        "the voice state in `dumpsys telephony.registry`", "service cannot be taken from this emulator",
        checks.registration, ("console",),
    ),
    Assumption(
        "airplane-mode", "A command switches airplane mode, and the radio with it.", "§9.4",
        "`cmd connectivity airplane-mode`, and the voice state", "the radio cannot be switched from here",
        checks.airplane_mode,
    ),
    Assumption(
        "sims", "The device tells its SIMs: the slot of each, and its subscription.", "§9.4", "`dumpsys isub`",
        "no story can send: no card to send from is known", checks.sims,
    ),
    Assumption(
        "doze", "The device tells whether it dozes.", "§9.4", "`dumpsys deviceidle`",
        "a device that sleeps cannot be told from one that loses texts", checks.doze,
    ),
    Assumption(
        "sms-app", "The device tells its default SMS app.", "§8.6, §9.2",
        "the setting `sms_default_application`, or the role", "who writes the inbox is not known",
        checks.default_sms_app,
    ),
    Assumption(
        "reverse", "A port of the device leads to this machine (`adb reverse`).", "adb's SERVICES",
        "a port that the device chooses, and a connection to it", "an app on the device reaches no gateway here",
        checks.reverse,
    ),
    Assumption(
        "app", "The httpSMS app is on the device.", "§9.4", f"`pm path {checks.PACKAGE}`",
        "stories cannot go through it", checks.app_installed, relied_on=False,
    ),
    Assumption(
        "app-permissions", "The device tells which permissions the app has.", "§9.4",
        f"`dumpsys package {checks.PACKAGE}`", "why the app sends or hears nothing cannot be told",
        checks.app_permissions, ("app",),
    ),
    Assumption(
        "app-jobs", "The device tells which jobs of the app wait.", "§9.4", f"`dumpsys jobscheduler {checks.PACKAGE}`",
        "why the app is silent cannot be told", checks.app_jobs, ("app",),
    ),
)  # fmt: skip


@frozen
class Checked:
    """An assumption, and what came of it."""

    assumption: Assumption
    verdict: Verdict
    took_s: float

    @property
    def result(self) -> Result:
        match self.verdict:
            case Held():
                return "held"
            case Broken():
                return "broken"
            case NotTried():
                return "not tried"
            case _:
                assert_never(self.verdict)

    @property
    def is_trouble(self) -> bool:
        """It is broken, and somebody relies on it."""
        return self.result == "broken" and self.assumption.relied_on


@frozen
class Report:
    """What a walk came to. `device` is its name for others; `left`: what could not be taken off it again."""

    device: str
    facts: Facts
    about: tuple[tuple[str, str], ...]
    checked: tuple[Checked, ...]
    left: tuple[str, ...]
    began_at: datetime

    @property
    def is_well(self) -> bool:
        return not any(each.is_trouble for each in self.checked)

    @property
    def counts(self) -> str:
        count = Counter(each.result for each in self.checked)
        return f"{count['held']} held, {count['broken']} broken, {count['not tried']} not tried"


# -- the walk ----------------------------------------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def bench_of(
    options: TargetOptions, opens: OpenLink | None = None, *, may_switch: bool = False, warn: Warn = lambda _text: None
) -> AsyncIterator[Bench]:
    """The device that is named in the options, for `walk`; the first of their allowed numbers gets one text.

    Raises a `DeviceError` when there is none, `UsageError`.
    """
    async with linked(options, opens, warn=warn) as there:
        yield Bench(
            there.link,
            there.console,
            there.door(options),
            there.facts,
            features=tuple(sorted(there.features)),
            word=f"check {secrets.token_hex(3)}",
            may_text=next(iter(options.allow), ""),
            may_switch=may_switch,
            sent_within_s=options.sent_within_s,
            seen_within_s=options.seen_within_s,
        )


async def walk(
    bench: Bench,
    tell: Callable[[Checked], object] = lambda _each: None,
    assumptions: Sequence[Assumption] = ASSUMPTIONS,
) -> Report:
    """Tries one after the other, tells of each, and takes off the device what can be taken off.

    What goes wrong on the way is in the report, and raised by nobody.
    """
    began_at = datetime.now(UTC)
    loop = asyncio.get_running_loop()
    checked: dict[str, Checked] = {}
    lost = False
    left: tuple[str, ...] = ()
    try:
        for assumption in assumptions:
            at_s = loop.time()
            verdict, gone = (_LOST_ALREADY, True) if lost else await _tried(assumption, bench, checked)
            lost = lost or gone
            checked[assumption.id] = Checked(assumption, _without_secrets(verdict, bench), loop.time() - at_s)
            tell(checked[assumption.id])
    finally:
        left = tuple(await _cleared(bench))
    about = tuple(await _about(bench))
    return Report(_name(bench.facts), bench.facts, about, tuple(checked.values()), left, began_at)


_LOST_ALREADY = NotTried("the device was lost before", "see why, and walk once more")


async def _tried(assumption: Assumption, bench: Bench, checked: Mapping[str, Checked]) -> tuple[Verdict, bool]:
    """What came of it, and whether the device is gone since."""
    for needed in assumption.needs:
        if needed not in checked or checked[needed].result != "held":
            return NotTried(f"it needs `{needed}`, of which that is not known", f"begin with `{needed}`"), False
    try:
        return await assumption.check(bench), False
    except DeviceError as error:
        return Broken(error.why), isinstance(error, _LOST)


async def _cleared(bench: Bench) -> Iterable[str]:
    """Deletes our rows, and says which are still there: since Android 4.4 only the default SMS app may delete texts."""
    left: list[str] = []
    with contextlib.suppress(DeviceError):
        for box in BOXES:
            for row_id in bench.ours[box]:
                await bench.said(f"content delete --uri content://sms --where '_id={row_id}'")
            still = [row_id for row_id in bench.ours[box] if await _is_there(bench, box, row_id)]
            if still:
                left.append(f"{_counted(len(still), 'text')} with “{bench.word}” in the box {box}")
    if bench.calls:
        left.append(f"{_counted(len(bench.calls), 'missed call')} from {checks.CALLER}")
    return left


async def _is_there(bench: Bench, box: Any, row_id: int) -> bool:
    ids = read_ids(*await bench.said(ids_query(box, row_id - 1)))
    return isinstance(ids, Refusal) or row_id in ids


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


async def _about(bench: Bench) -> Iterable[tuple[str, str]]:
    """What a reader of the report wants to know of the device. Nothing of it names its owner."""
    facts = bench.facts
    kind = "emulator" if facts.is_emulator else "hardware"
    told = [
        ("device", f"{facts.model or 'unknown'}, {kind}"),
        ("Android", f"{facts.release or '?'} (API {facts.sdk or '?'})"),
        ("SIMs", str(len(facts.cards))),
        ("adb features", ", ".join(bench.features) or "unknown"),
        ("harness", __version__),
    ]
    with contextlib.suppress(DeviceError):
        build = (await bench.said("getprop ro.build.fingerprint"))[0].strip()
        told += [("build", build)] if build else []
    return [(name, _clean(words, bench)) for name, words in told]


def _name(facts: Facts) -> str:
    return facts.serial if facts.is_emulator else facts.model or "a device"


def _without_secrets(verdict: Verdict, bench: Bench) -> Verdict:
    match verdict:
        case Held(seen):
            return Held(_clean(seen, bench))
        case Broken(why, seen):
            return Broken(_clean(why, bench), _clean(seen, bench))
        case NotTried(why, _):
            return replace(verdict, why=_clean(why, bench))
        case _:
            assert_never(verdict)


def _clean(text: str, bench: Bench) -> str:
    """In the place of what is the owner's, what it is."""
    number = bench.may_text.removeprefix("+")
    hidden = {f"+{number}": "<allowed number>", number: "<allowed number>"} if number else {}
    if not bench.facts.is_emulator:
        hidden[bench.facts.serial] = "<serial>"
    for secret, word in hidden.items():
        text = text.replace(secret, word)
    return shown_text(text)


# -- the report --------------------------------------------------------------------------------------------------------


def as_json(report: Report) -> dict[str, Any]:
    """For machines."""
    return {
        "device": report.device,
        "emulator": report.facts.is_emulator,
        "android": report.facts.release,
        "about": dict(report.about),
        "began_at": report.began_at.isoformat(timespec="seconds"),
        "well": report.is_well,
        "assumptions": [_json_of(each) for each in report.checked],
        "left": list(report.left),
    }


def _json_of(checked: Checked) -> dict[str, Any]:
    assumption, verdict = checked.assumption, checked.verdict
    return {
        "id": assumption.id,
        "sentence": assumption.sentence,
        "source": assumption.source,
        "proof": assumption.proof,
        "means": assumption.means,
        "relied_on": assumption.relied_on,
        "result": checked.result,
        "why": "" if isinstance(verdict, Held) else verdict.why,
        "seen": "" if isinstance(verdict, NotTried) else verdict.seen,
        "remedy": verdict.remedy if isinstance(verdict, NotTried) else "",
        "took_s": round(checked.took_s, 3),
    }


_SIGNS: Mapping[Result, str] = {"held": "✅", "broken": "❌", "not tried": "⚪"}


def as_markdown(report: Report) -> str:
    """For a bug: the table first, then what is broken, in full."""
    parts = [_head(report), _table(report), _broken(report), _untried(report), _left(report)]
    return "\n\n".join(["\n".join(lines) for part in parts if (lines := list(part))]) + "\n"


def _head(report: Report) -> Iterator[str]:
    yield f"# Checklist of {_cell(report.device)}: {report.counts}"
    yield ""
    for name, words in (*report.about, ("walked", f"{report.began_at:%Y-%m-%d %H:%M} UTC")):
        yield f"* {name}: {_cell(words)}"
    yield "* sources: § is a section of phone-behaviour.md, the facts that the harness is built on"


def _table(report: Report) -> Iterator[str]:
    yield "| | assumption | source | seen |"
    yield "| --- | --- | --- | --- |"
    for each in report.checked:
        verdict = each.verdict
        words = verdict.seen if isinstance(verdict, Held) else verdict.why
        what = f"{each.assumption.sentence}<br>`{each.assumption.id}`"
        yield f"| {_SIGNS[each.result]} | {what} | {each.assumption.source} | {_cell(words)} |"


def _broken(report: Report) -> Iterator[str]:
    broken = [each for each in report.checked if isinstance(each.verdict, Broken)]
    if broken:
        yield "## Broken"
    for each in broken:
        assumption, verdict = each.assumption, each.verdict
        assert isinstance(verdict, Broken)
        yield f"\n### {assumption.id}: {_cell(verdict.why)}\n"
        yield f"{assumption.sentence} ({assumption.source}) Tried with {assumption.proof}, {each.took_s:.1f} s."
        yield f"So {assumption.means}." + ("" if assumption.relied_on else " Nothing relies on it.")
        if verdict.seen:
            yield from ("", *[f"    {line}" for line in verdict.seen.splitlines()])


def _untried(report: Report) -> Iterator[str]:
    untried = [each for each in report.checked if isinstance(each.verdict, NotTried)]
    if untried:
        yield "## Not tried\n"
    for each in untried:
        assert isinstance(each.verdict, NotTried)
        yield f"* `{each.assumption.id}`: {_cell(each.verdict.why)} → {each.verdict.remedy}"


def _left(report: Report) -> Iterator[str]:
    if report.left:
        yield "## Left on the device\n"
        yield from [f"* {each}" for each in report.left]


_MARKS = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_[]<>|#"})


def _cell(text: str) -> str:
    """Words of a device in one line of Markdown, where they mean nothing but themselves."""
    return " ".join(text.translate(_MARKS).split())
