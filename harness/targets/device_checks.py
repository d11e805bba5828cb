"""What only a real device can prove, proven: one function for each assumption of `device_checklist`.

Each asks the device, or has it do something and looks what came of it; what a check switches it switches back.
A `DeviceError` of the link is the walk's to read.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import shlex
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from harness.adapters.accepting import stop_accepting
from harness.adapters.device_door import Console
from harness.device_app import PHONE_CORE
from harness.device_radio import (
    BOXES,
    Box,
    DeviceDoor,
    EndCall,
    PlaceCall,
    Refusal,
    Refused,
    SendText,
    SmsRow,
    transaction_of,
)
from harness.device_radio.rows import body_query, head_query, ids_query, read_body, read_head, read_ids
from harness.emulator.commands import AvdName, Command, GsmVoice, SmsPdu, SmsSend
from harness.errors import DeviceError, DeviceRefused
from harness.frozen import frozen
from harness.instants import SECOND
from harness.sms import deliver_tpdus
from harness.targets.device_probe import Facts

__all__ = [
    "CALLER", "CONTACT", "PACKAGE", "Bench", "Broken", "Check", "Held", "NotTried", "Verdict", "airplane_mode",
    "app_installed", "app_jobs", "app_permissions", "call_log", "call_rings", "clock", "console", "default_sms_app",
    "doze", "escapes", "imitating_body", "letters_for_a_sender", "long_text", "no_report", "nothing_found",
    "provider_errors", "query_form", "quoting", "read_inbox", "read_sent", "registration", "reverse", "shell_codes",
    "sims", "text_in", "text_out",
]  # fmt: skip

CONTACT = "+18005550100"
"""Who texts the device, and whom an emulator texts: a number that nobody has."""
CALLER = "+18005550111"
PACKAGE = "com.httpsms"

_CLOCK_S = 5.0
_NC_S = 5
_MISSED = "3"  # CallLog.Calls.MISSED_TYPE
_ANDROID_WITH_AIRPLANE_COMMAND = 11
# Those that Android asks its user for, and the app cannot do without (phone-behaviour.md §9.4).
_PERMISSIONS = ("SEND_SMS", "RECEIVE_SMS", "READ_SMS", "READ_PHONE_STATE")


# -- what comes of a check ---------------------------------------------------------------------------------------------


@frozen
class Held:
    """It is so; `seen` is what says it."""

    seen: str


@frozen
class Broken:
    """It is not so. `seen`: what the device said or did, "" for nothing."""

    why: str
    seen: str = ""


@frozen
class NotTried:
    """Nobody knows: `why` it was not tried, and the `remedy` that lets it be."""

    why: str
    remedy: str


Verdict: TypeAlias = Held | Broken | NotTried


# -- what a check has --------------------------------------------------------------------------------------------------


class Link(Protocol):
    """A device that was reached, as harness.adapters.adb_device has it."""

    async def shell(self, command: str) -> Any: ...

    async def reverse(self, remote: str, local: str) -> int: ...

    async def remove_reverse(self, remote: str) -> None: ...

    def service(self, service: str) -> contextlib.AbstractAsyncContextManager[AsyncIterator[bytes]]: ...


@dataclass(slots=True)
class Bench:
    """What checks work with. `word` is in each text that they make, and in no other one.

    `may_text` is the number that gets one text, "" for nobody. `may_switch`: the radio may be off for a moment.
    `ours` are the rows that they have left on the device. So long is waited for what ought to come: `…_s`.
    """

    link: Link
    console: Console | None
    door: DeviceDoor
    facts: Facts
    word: str
    features: tuple[str, ...] = ()
    may_text: str = ""
    may_switch: bool = False
    sent_within_s: float = 30.0
    seen_within_s: float = 10.0
    report_s: float = 5.0
    logged_s: float = 5.0
    switched_s: float = 10.0
    every_s: float = 0.25
    wall_s: Callable[[], float] = time.time
    ours: dict[Box, list[int]] = field(default_factory=lambda: {box: [] for box in BOXES})
    calls: list[str] = field(default_factory=list)

    async def said(self, command: str) -> tuple[str, str]:
        """What a command wrote, and what it complained of."""
        done = await self.link.shell(command)
        return done.out.decode(errors="replace"), done.err.decode(errors="replace")

    async def until(self, seen: Callable[[], Awaitable[Any]], within_s: float) -> Any:
        """Asks again and again until something is seen; None if nothing was in time."""
        loop = asyncio.get_running_loop()
        ends_at = loop.time() + within_s
        while True:
            if found := await seen():
                return found
            if loop.time() >= ends_at:
                return None
            await asyncio.sleep(self.every_s)

    async def ours_in(self, box: Box, after_id: int) -> SmsRow | None:
        """The row of ours that has come since that one. Whose word it does not bear is none of our business."""
        row = next((row for row in await self.door.rows(box, after_id) if self.word in row.body), None)
        if row is not None:
            self.ours[box].append(row.id)
        return row


Check: TypeAlias = Callable[[Bench], Awaitable[Verdict]]


def _shown(*texts: str) -> str:
    return "\n".join([text.strip("\n") for text in texts if text.strip()])


# -- the shell ---------------------------------------------------------------------------------------------------------


async def shell_codes(bench: Bench) -> Verdict:
    done = await bench.link.shell("echo out; echo err >&2; exit 7")
    seen = f"code={done.code} out={done.out!r} err={done.err!r}"
    if (done.code, done.out, done.err) == (7, b"out\n", b"err\n"):
        return Held("exit code 7, each of two lines where it belongs")
    return Broken("the exit code or stderr does not come as it was written", seen)


_NASTY = 'it\'s "$HOME" \\n `id` a;b 100% é €'


async def quoting(bench: Bench) -> Verdict:
    out, err = await bench.said(f"printf %s {shlex.quote(_NASTY)}")
    return Held(f"{_NASTY} came back") if out == _NASTY else Broken("a quoted word came back changed", _shown(out, err))


async def clock(bench: Bench) -> Verdict:
    before = bench.wall_s()
    out, err = await bench.said("date +%s")
    if not out.strip().isdigit():
        return Broken("the device does not tell its time", _shown(out, err))
    # It tells whole seconds, and some moment between question and answer.
    offset_s = int(out) + 0.5 - (before + bench.wall_s()) / 2
    words = f"the device's is {abs(offset_s):.1f} s {'ahead of' if offset_s > 0 else 'behind'} ours"
    return Held(words) if abs(offset_s) <= _CLOCK_S else Broken(words)


# -- the provider of texts ---------------------------------------------------------------------------------------------

_NEVER = 2**62


async def nothing_found(bench: Bench) -> Verdict:
    out, err = await bench.said(ids_query("inbox", _NEVER))
    if out.strip() == "No result found." and not err.strip():
        return Held("No result found.")
    return Broken("a query of rows that are not there is answered by other words", _shown(out, err))


async def provider_errors(bench: Bench) -> Verdict:
    # No column of a text is asked for: a provider that takes no notice of the WHERE would show somebody's.
    refused = await bench.link.shell("content query --uri content://sms --projection _id --where 'no_such_column=1'")
    misused = await bench.link.shell("content query --no-such-option")
    seen = "\n".join(f"code={done.code} out={done.out[-200:]!r} err={done.err[:200]!r}" for done in (refused, misused))
    words = b"Error while accessing provider" in refused.err + refused.out and b"[ERROR]" in misused.out + misused.err
    if not words:
        return Broken("an error is told in other words", seen)
    if {refused.code, misused.code} <= {0, None}:
        return Held("the words of both errors, and exit status 0")
    return Broken("the exit status is not 0", seen)


async def read_inbox(bench: Bench) -> Verdict:
    return await _readable(bench, "inbox")


async def read_sent(bench: Bench) -> Verdict:
    return await _readable(bench, "sent")


async def _readable(bench: Bench, box: Box) -> Verdict:
    out, err = await bench.said(ids_query(box, _NEVER))
    ids = read_ids(out, err)
    if isinstance(ids, Refusal):
        return Broken(f"the shell may not read content://sms/{box}", ids.why)
    return Held(f"content://sms/{box} answers")


async def query_form(bench: Bench) -> Verdict:
    """A row of ours alone: nobody's texts belong in a report."""
    box = next((box for box in BOXES if bench.ours[box]), None)
    if box is None:
        return NotTried("no text of this walk is on the device", "let one in (the console) or out (--allow NUMBER)")
    row_id = bench.ours[box][-1]
    out, err = await bench.said(head_query(box, row_id))
    head = read_head(row_id, out, err)
    if head is None or isinstance(head, Refusal):
        return Broken("a row is not printed as it is read here", _shown(out, err))
    # Very old releases printed 32 bits of it (§9.2).
    if abs(head[0] / 1000 - bench.wall_s()) > _DAY_S:
        return Broken("its date is none in ms of these days", _shown(out))
    text, complaint = await bench.said(body_query(box, row_id))
    if isinstance(read_body(row_id, text, complaint), Refusal):
        return Broken("a body is not printed as it is read here", _shown(text, complaint))
    return Held(_shown(out))


_DAY_S = 86_400.0


# -- texts in ----------------------------------------------------------------------------------------------------------


async def console(bench: Bench) -> Verdict:
    if bench.console is not None:
        avd = await bench.console.do(AvdName())
        return Held(f"it took the token, if it wants one, and is that of {' '.join(avd) or 'an emulator'}")
    why = bench.facts.console_why or "there is no console"
    if not bench.facts.is_emulator:
        return NotTried(why, "only an emulator has a console: text and call the device from another phone")
    return Broken(why)


async def text_in(bench: Bench) -> Verdict:
    return await _comes(bench, f"Hello, {bench.word}")


async def escapes(bench: Bench) -> Verdict:
    return await _comes(bench, f"{bench.word}: a\nb, C:\\new, é €, Привет, 😀")


async def long_text(bench: Bench) -> Verdict:
    return await _comes(bench, " ".join([bench.word, *[f"word {number}" for number in range(45)]]))


async def imitating_body(bench: Bench) -> Verdict:
    return await _comes(bench, f"{bench.word}, date=1, body=x\nRow: 1 _id=9, address=+1, body=y\n\nNo result found.")


async def letters_for_a_sender(bench: Bench) -> Verdict:
    [tpdu] = deliver_tpdus("BANK", f"Hello, {bench.word}", int(bench.wall_s()) * SECOND, 1)
    return await _comes(bench, f"Hello, {bench.word}", SmsPdu(b"\0" + tpdu), "BANK")


async def _comes(bench: Bench, text: str, command: Command | None = None, sender: str = CONTACT) -> Verdict:
    """What is typed into the console comes into the inbox, as it was typed."""
    assert bench.console is not None, "the checklist asks first for what a check needs"
    loop = asyncio.get_running_loop()
    after_id = await bench.door.newest("inbox")
    began_at = loop.time()
    await bench.console.do(command or SmsSend(sender, text))
    row: SmsRow | None = await bench.until(lambda: bench.ours_in("inbox", after_id), bench.seen_within_s)
    took_s = loop.time() - began_at
    if row is None:
        return Broken(f"the console said OK, and nothing came within {bench.seen_within_s:g} s")
    if row.body != text:
        return Broken("the text came changed", f"typed {text!r}\ncame  {row.body!r}")
    if row.address.removeprefix("+") != sender.removeprefix("+"):
        return Broken("the sender came changed", f"typed {sender}\ncame  {row.address}")
    return Held(f"{len(text)} characters from {row.address} after {took_s:.1f} s")


# -- texts out ---------------------------------------------------------------------------------------------------------


async def text_out(bench: Bench) -> Verdict:
    """One text. Whether that number may be texted the door asks its guard once more."""
    facts = bench.facts
    transaction = transaction_of(facts.android)
    if transaction is None:
        why = f"nobody has looked up how a shell sends a text on Android {facts.release or '?'}"
        return NotTried(why, "a wrong call does something else: find ISms.aidl of that release, and tell us")
    if not facts.cards:
        return NotTried("the device has no active SIM", "put one in, and switch airplane mode off")
    to = bench.may_text or (CONTACT if facts.is_emulator else "")
    if not to:
        return NotTried("no number may be texted", "--allow NUMBER names one of yours, which gets one text")
    return await _goes(bench, to, transaction.code)


async def _goes(bench: Bench, to: str, code: int) -> Verdict:
    loop = asyncio.get_running_loop()
    text = f"httpsms-harness {bench.word}: it's $5, a & b"
    after_id = await bench.door.newest("sent")
    began_at = loop.time()
    answer = await bench.door.send(SendText("checklist", to, text, bench.facts.cards[0].subscription_id))
    if isinstance(answer, Refused):
        return Broken(f"transaction {code} of isms was refused", answer.why)
    row: SmsRow | None = await bench.until(lambda: bench.ours_in("sent", after_id), bench.sent_within_s)
    if row is None:
        return Broken(f"transaction {code} threw nothing, and no row came within {bench.sent_within_s:g} s")
    if row.body != text:
        return Broken("the text went out changed", f"given {text!r}\nrow   {row.body!r}")
    return Held(f"transaction {code}, to {row.address}, row after {loop.time() - began_at:.1f} s")


async def no_report(bench: Bench) -> Verdict:
    row_id = bench.ours["sent"][-1]
    query = f"content query --uri content://sms/sent --projection _id:status --where '_id={row_id}'"
    last = ""

    async def changed() -> str | None:
        nonlocal last
        last = _shown(*await bench.said(query))
        found = re.fullmatch(rf"Row: 0 _id={row_id}, status=(-?[0-9]+)", last)
        return last if found is None or found[1] != "-1" else None

    told = await bench.until(changed, bench.report_s)
    if told is None:
        return Held(f"status=-1 for {bench.report_s:g} s: none was asked for, none came")
    return Broken("the row has the status of a report, or none can be read", last)


# -- calls -------------------------------------------------------------------------------------------------------------


async def call_rings(bench: Bench) -> Verdict:
    rang = await bench.door.call(PlaceCall("checklist", CALLER))
    bench.calls += [] if isinstance(rang, Refused) else [CALLER]
    ended = await bench.door.call(EndCall("checklist", CALLER))
    for told in (rang, ended):
        if isinstance(told, Refused):
            return Broken(told.why)
        if told.said_by != "device":
            return Broken("the console said OK, and the device does not tell the state of its calls", told.state)
    return Held("mCallState=1 while it rings, 0 once the caller gave up")


async def call_log(bench: Bench) -> Verdict:
    where = f"--projection type:number --where \"number='{CALLER}'\" --sort '_id DESC'"
    query = f"content query --uri content://call_log/calls {where}"
    told = ""

    async def logged() -> str | None:
        nonlocal told
        told = _shown(*await bench.said(query))
        return told if told != "No result found." else None

    await bench.until(logged, bench.logged_s)
    if "SecurityException" in told:
        why = next(line.strip() for line in told.splitlines() if "SecurityException" in line)
        return NotTried(f"the shell may not read the call log: {why}", "look into the phone app's list of calls")
    found = re.match(r"Row: 0 type=([0-9]+), ", told)
    if found is None:
        return Broken("a call that nobody took is not in the call log", told)
    return Held(told.splitlines()[0]) if found[1] == _MISSED else Broken("it is in the log, and not as missed", told)


# -- the network -------------------------------------------------------------------------------------------------------


async def sims(bench: Bench) -> Verdict:
    cards = ", ".join([f"slot {card.slot}: subscription {card.subscription_id}" for card in bench.facts.cards])
    if cards:
        return Held(cards)
    out, err = await bench.said("getprop gsm.sim.state")
    return Broken("`dumpsys isub` names no card in a slot", f"gsm.sim.state: {_shown(out, err) or 'nothing'}")


async def registration(bench: Bench) -> Verdict:
    """Some images forget the commands of the old modem; then stories that lose service would go well for no reason."""
    assert bench.console is not None, "the checklist asks first for what a check needs"
    before = await _service(bench)
    if before != "0":
        return NotTried(f"the device has no service to lose (voice state {before or 'unknown'})", "wait until it has")
    try:
        await bench.console.do(GsmVoice("off"))
        lost = await bench.until(lambda: _is(bench, lambda state: state not in ("", "0")), bench.switched_s)
    finally:
        await bench.console.do(GsmVoice("home"))
    back = await bench.until(lambda: _is(bench, lambda state: state == "0"), bench.switched_s)
    if not lost:
        return Broken("the console said OK, and the device kept its service")
    return Held("service was lost, and came back") if back else Broken("service was lost, and did not come back")


async def _is(bench: Bench, wanted: Callable[[str], bool]) -> bool:
    return wanted(await _service(bench))


async def _service(bench: Bench) -> str:
    """The first card's voice registration, a number of ServiceState: 0 in service; "" where it is not told."""
    out, _ = await bench.said("dumpsys telephony.registry")
    # Before Android 9 without names: mServiceState=0 0 voice home …
    found = re.search(r"\bmServiceState=(?:\{mVoiceRegState=)?(\d)", out)
    return found[1] if found else ""


_ON, _OFF = "cmd connectivity airplane-mode enable", "cmd connectivity airplane-mode disable"


async def airplane_mode(bench: Bench) -> Verdict:
    if bench.facts.android < _ANDROID_WITH_AIRPLANE_COMMAND:
        return NotTried("Android 11 and later alone have a command for it", "switch it by hand")
    if not (bench.facts.is_emulator or bench.may_switch):
        return NotTried("it would end calls, and the link to a device that is reached by Wi-Fi", "--airplane tries it")
    if (await bench.said("settings get global airplane_mode_on"))[0].strip() != "0":
        return NotTried("the device is in airplane mode already", "switch it off")
    try:
        return await _switched(bench)
    except DeviceError as error:
        return Broken(f"airplane mode may be on still, switch it off by hand: {error.why}")


async def _switched(bench: Bench) -> Verdict:
    try:
        told = _shown(*await bench.said(_ON))
        off = await bench.until(lambda: _is(bench, lambda state: state == "3"), bench.switched_s)
    finally:
        await bench.said(_OFF)
    back = await bench.until(lambda: _is(bench, lambda state: state not in ("", "3")), bench.switched_s)
    if not off:
        return Broken("the radio stayed on", told)
    return Held("the radio went off, and on again") if back else Broken("the radio went off, and did not come back")


# -- the rest of the device --------------------------------------------------------------------------------------------


async def doze(bench: Bench) -> Verdict:
    if bench.facts.doze:
        return Held(f"mState={bench.facts.doze}")
    return Broken("`dumpsys deviceidle` does not tell", _shown(*await bench.said("dumpsys deviceidle"))[:200])


async def default_sms_app(bench: Bench) -> Verdict:
    if bench.facts.sms_app:
        return Held(bench.facts.sms_app)
    # Since Android 10 it is a role; the setting is kept beside it, but not by everybody.
    out, err = await bench.said("cmd role get-role-holders android.app.role.SMS")
    if re.fullmatch(r"[\w.]+", out.strip()):
        return Held(f"{out.strip()} (by its role)")
    return Broken("neither a setting nor a role names it", _shown(out, err))


async def reverse(bench: Bench) -> Verdict:
    """The device's adbd connects to its own port, as an app there would; where it does not, `nc` may."""
    async with _greeter(bench.word) as local:
        port = await bench.link.reverse("tcp:0", f"tcp:{local}")
        try:
            heard = await _heard_by_adbd(bench, port)
            out, err = ("", "") if heard else await bench.said(f"nc -w {_NC_S} 127.0.0.1 {port} </dev/null")
        finally:
            await bench.link.remove_reverse(f"tcp:{port}")
    if bench.word in heard + out:
        return Held("what connects to a port of the device is answered by this machine")
    if "not found" in out + err:
        return NotTried("the device opened a port, and has nothing that connects to it", "try it with the app")
    return Broken("the device opened a port, and who connects to it hears nothing", _shown(heard, out, err))


@contextlib.asynccontextmanager
async def _greeter(word: str) -> AsyncIterator[int]:
    """A port of this machine that says a word to everybody."""

    async def greet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(word.encode())
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        await stop_accepting(server)


async def _heard_by_adbd(bench: Bench, port: int) -> str:
    try:
        async with asyncio.timeout(bench.seen_within_s), bench.link.service(f"tcp:{port}") as stream:
            async for piece in stream:
                return piece.decode(errors="replace")
    except (DeviceRefused, TimeoutError):
        pass
    return ""


# -- the app -----------------------------------------------------------------------------------------------------------


async def app_installed(bench: Bench) -> Verdict:
    out, _ = await bench.said(f"pm path {PACKAGE}")
    if out.startswith("package:"):
        # A fake device says of what stands in for the app what it is.
        note = (await bench.said(f"getprop {PHONE_CORE}"))[0].strip()
        return Held(f"{PACKAGE} is {note}" if note else PACKAGE)
    return NotTried(f"{PACKAGE} is not installed", "`adb install -g httpsms.apk`, if stories are to go through the app")


async def app_permissions(bench: Bench) -> Verdict:
    """Those that are missing are no fault of the device: whoever puts the app there grants them."""
    out, err = await bench.said(f"dumpsys package {PACKAGE}")
    told = dict(re.findall(r"android\.permission\.(\w+): granted=(true|false)", out))
    if not told.keys() & {*_PERMISSIONS}:
        return Broken("`dumpsys package` does not tell", _shown(out, err)[:200])
    lacking = [name for name in _PERMISSIONS if told.get(name) != "true"]
    if lacking:
        return Held(f"not granted: {', '.join(lacking)}; `pm grant` does, and a run with --app")
    return Held(f"granted: {', '.join(_PERMISSIONS)}")


async def app_jobs(bench: Bench) -> Verdict:
    out, err = await bench.said(f"dumpsys jobscheduler {PACKAGE}")
    if "JOB" not in out.upper() or "Permission Denial" in out:
        return Broken("`dumpsys jobscheduler` does not tell", _shown(out, err)[:200])
    count = len(re.findall(rf"^\s*JOB #.*{re.escape(PACKAGE)}", out, re.MULTILINE))
    return Held(f"jobs that wait: {count}")
