"""Each check holds on a device that is as it should be, and says what is wrong with one that is not."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from harness.adapters.device_door import AdbDoor, said_by
from harness.device_radio import NumberGuard
from harness.emulator.answers import Ko, Ok
from harness.emulator.commands import Command, GsmCancel, GsmVoice, SmsPdu, SmsSend
from harness.errors import ConsoleError, DeviceGone, DeviceRefused
from harness.fake_device.device import FakeDevice
from harness.fake_device.process import Ran
from harness.fake_device.releases import RELEASES
from harness.fake_device.service_console import ConsoleService
from harness.fake_device.state import Package, Troubles
from harness.targets import device_checks as checks
from harness.targets.device_checks import CONTACT, Bench, Broken, Check, Held, NotTried, Verdict
from harness.targets.device_probe import DeviceCard, Facts

AT_S = 1_784_783_410
WORD = "check 00c0de"
SWITCH_ON, SWITCH_OFF = "cmd connectivity airplane-mode enable", "cmd connectivity airplane-mode disable"


@dataclass
class There:
    """A fake Android without a wire: its shell, its console and a port of it.

    `says`: what it answers to commands that begin so; `deaf`: the console says OK to these, and does nothing.
    """

    device: FakeDevice
    says: Mapping[str, Any] = field(default_factory=dict)
    deaf: tuple[type, ...] = ()
    refuses_tcp: bool = False
    ran: list[str] = field(default_factory=list)
    typed: list[Command] = field(default_factory=list)
    local: int = 0

    def __post_init__(self) -> None:
        self._console = ConsoleService(self.device)

    async def shell(self, command: str) -> Any:
        self.ran.append(command)
        for beginning, answer in self.says.items():
            if command.startswith(beginning):
                if isinstance(answer, Exception):
                    raise answer
                return answer if isinstance(answer, Ran) else Ran(answer.encode())
        return self.device.run(command, now_ms=AT_S * 1000)

    async def do(self, command: Command) -> list[str]:
        self.typed.append(command)
        answer = Ok() if isinstance(command, self.deaf) else self._console.do(command, AT_S * 1000)
        if isinstance(answer, Ko):
            raise ConsoleError("emulator-5554", command.words, answer.why)
        return list(answer.lines)

    async def reverse(self, _remote: str, local: str) -> int:
        self.local = int(local.removeprefix("tcp:"))
        return 41_000

    async def remove_reverse(self, remote: str) -> None:
        assert remote == "tcp:41000"
        self.local = 0

    @contextlib.asynccontextmanager
    async def service(self, service: str) -> AsyncIterator[AsyncIterator[bytes]]:
        assert service == "tcp:41000"
        if self.refuses_tcp:
            raise DeviceRefused("emulator-5554", "closed", "")
        reader, writer = await asyncio.open_connection("127.0.0.1", self.local)

        async def pieces() -> AsyncIterator[bytes]:
            while piece := await reader.read(100):
                yield piece

        try:
            yield pieces()
        finally:
            writer.close()


def there(android: str = "14", *, says: Mapping[str, Any] = {}, deaf: tuple[type, ...] = (), **of_device: Any) -> There:
    return There(FakeDevice(RELEASES[android], **of_device), says, deaf)


def bench(at: There, *, allowed: str = "", guarded: bool = True, **more: Any) -> Bench:
    """`guarded` False: the door has not heard of the allowed number."""
    device = at.device
    cards = tuple(DeviceCard(slot, slot) for slot in range(1, device.sims + 1))
    facts = Facts(device.serial, device.release.android, str(device.release.sdk), "Pixel 7", device.is_emulator, cards)
    given = Facts(**{**{name: getattr(facts, name) for name in facts.__slots__}, "doze": "ACTIVE", "sms_app": "m.sms"})
    guard = NumberGuard(device.is_emulator, frozenset({allowed} if guarded else ()))
    console = at if device.is_emulator else None
    door = AdbDoor(device.serial, said_by(at), console, guard, given.android, call_s=0.05, every_s=0.005)
    quick: dict[str, Any] = {
        "sent_within_s": 0.05,
        "seen_within_s": 0.05,
        "report_s": 0.02,
        "logged_s": 0.05,
        "switched_s": 0.05,
        "every_s": 0.005,
    }
    settings = {"facts": given, **quick, "wall_s": lambda: float(AT_S), "may_text": allowed, **more}
    return Bench(at, console, door, word=WORD, **settings)


def tried(check: Check, at: There, *before: Check, **more: Any) -> Verdict:
    async def main() -> Verdict:
        with_it = bench(at, **more)
        for each in before:
            assert isinstance(await each(with_it), Held)
        return await check(with_it)

    return asyncio.run(main())


# -- what holds --------------------------------------------------------------------------------------------------------

ALONE = [
    checks.shell_codes, checks.quoting, checks.clock, checks.nothing_found, checks.provider_errors, checks.read_inbox,
    checks.read_sent, checks.console, checks.text_in, checks.escapes, checks.long_text, checks.imitating_body,
    checks.letters_for_a_sender, checks.text_out, checks.call_rings, checks.registration, checks.airplane_mode,
    checks.sims, checks.doze, checks.default_sms_app, checks.reverse,
]  # fmt: skip


@pytest.mark.parametrize("check", ALONE, ids=lambda check: check.__name__)
def test_it_holds_on_a_device_that_is_as_documents_say(check: Check) -> None:
    assert isinstance(tried(check, there()), Held)


@pytest.mark.parametrize(
    ("check", "before"), [(checks.no_report, checks.text_out), (checks.query_form, checks.text_in)]
)
def test_what_looks_at_a_text_holds_once_there_is_one(check: Check, before: Check) -> None:
    assert isinstance(tried(check, there(), before), Held)


def test_the_app_is_looked_at_where_it_is() -> None:
    at = there(says={"dumpsys jobscheduler": "JOB SCHEDULER:\n  JOB #u0a1/7: 3f com.httpsms/androidx.work.impl\n"})
    permissions = {
        f"android.permission.{name}": name != "SEND_SMS"
        for name in ("SEND_SMS", "RECEIVE_SMS", "READ_SMS", "READ_PHONE_STATE")
    }
    at.device.packages["com.httpsms"] = Package("com.httpsms", permissions=permissions)
    assert tried(checks.app_installed, at) == Held("com.httpsms")
    assert tried(checks.app_jobs, at) == Held("jobs that wait: 1")
    assert tried(checks.app_permissions, at) == Held("not granted: SEND_SMS; `pm grant` does, and a run with --app")
    at.device.packages["com.httpsms"] = Package("com.httpsms", permissions=dict.fromkeys(permissions, True))
    assert tried(checks.app_permissions, at) == Held("granted: SEND_SMS, RECEIVE_SMS, READ_SMS, READ_PHONE_STATE")


def test_what_stands_in_for_the_app_is_named() -> None:
    at = there(says={"pm path": "package:/data/app/base.apk\n", "getprop": "a model of it\n"})
    assert tried(checks.app_installed, at) == Held("com.httpsms is a model of it")


# -- what is broken ----------------------------------------------------------------------------------------------------

DENIED = Ran(b"", b"Error while accessing provider:sms\njava.lang.SecurityException: Permission Denial\n")
LOSES = {"troubles": Troubles(loses_texts=True)}
TORN = "Row: 0 _id=1, body=cut"
RINGS_NOT = "  mCallState=0\n  mServiceState={mVoiceRegState=0(IN_SERVICE)}\n"

Case = tuple[Check, dict[str, Any], str]
BROKEN: list[Case] = [
    (checks.shell_codes, {"says": {"echo out": Ran(b"out\nerr\n", b"", 0)}}, "stderr"),
    (checks.quoting, {"says": {"printf": "its $HOME"}}, "changed"),
    (checks.clock, {"says": {"date": f"{AT_S + 60}\n"}}, "60.5 s ahead"),
    (checks.clock, {"says": {"date": f"{AT_S - 7}\n"}}, "6.5 s behind"),
    (checks.clock, {"says": {"date": "date: bad format\n"}}, "does not tell"),
    (checks.nothing_found, {"says": {"content": "\n"}}, "other words"),
    (checks.provider_errors, {"says": {"content": Ran(b"", b"boom", 0)}}, "other words"),
    (checks.provider_errors, {"says": {"content query --uri": Ran(b"", DENIED.err, 1)}}, "not 0"),
    (checks.read_inbox, {"says": {"content": DENIED}}, "inbox"),
    (checks.read_sent, {"says": {"content": DENIED}}, "sent"),
    (checks.text_in, LOSES, "nothing came within 0.05 s"),
    (checks.escapes, LOSES, "nothing came"),
    (checks.long_text, LOSES, "nothing came"),
    (checks.imitating_body, LOSES, "nothing came"),
    (checks.letters_for_a_sender, {"deaf": (SmsPdu,)}, "nothing came"),
    (checks.text_out, {"troubles": Troubles(refuses_isms=True)}, "transaction 5 of isms was refused"),
    (checks.text_out, {"says": {"service call": "Result: Parcel(00000000    '....')\n"}}, "no row came"),
    (checks.call_rings, {"says": {"dumpsys telephony.registry": RINGS_NOT}}, "did not ring"),
    (checks.call_rings, {"says": {"dumpsys telephony.registry": "\n"}}, "does not tell the state"),
    (checks.call_rings, {"deaf": (GsmCancel,)}, "does not tell the state"),
    (checks.call_log, {"says": {"content": "No result found.\n"}}, "not in the call log"),
    (checks.call_log, {"says": {"content": "Row: 0 type=1, number=+18005550111\n"}}, "not as missed"),
    (checks.registration, {"deaf": (GsmVoice,)}, "kept its service"),
    (checks.airplane_mode, {"says": {"cmd connectivity": "Unknown command\n"}}, "stayed on"),
    (checks.airplane_mode, {"says": {SWITCH_ON: DeviceGone("x", "it left")}}, "switch it off by hand: it left"),
    (checks.airplane_mode, {"says": {SWITCH_OFF: DeviceGone("x", "it left")}}, "switch it off by hand: it left"),
    (checks.sims, {"sims": 0}, "names no card"),
    (checks.app_permissions, {"says": {"dumpsys": "Unable to find package: com.httpsms\n"}}, "does not tell"),
    (checks.app_jobs, {"says": {"dumpsys": "Permission Denial: can't dump JobScheduler\n"}}, "does not tell"),
]


@pytest.mark.parametrize(("check", "device", "words"), BROKEN, ids=[f"{c.__name__}-{w}" for c, _, w in BROKEN])
def test_what_is_not_so_is_said(check: Check, device: dict[str, Any], words: str) -> None:
    verdict = tried(check, there(**device))
    assert isinstance(verdict, Broken)
    assert words in verdict.why


@pytest.mark.parametrize(
    ("check", "before", "says", "words"),
    [
        (checks.no_report, checks.text_out, "Row: 0 _id=1, status=0\n", "has the status of a report"),
        (checks.no_report, checks.text_out, "Row: 0 status=-1\n", "none can be read"),
        (checks.query_form, checks.text_in, TORN, "not printed as it is read"),
        (checks.query_form, checks.text_in, "Row: 0 _id=1, date=123, sub_id=1, address=+1\n", "none in ms"),
    ],
)
def test_a_row_of_another_form_is_said(check: Check, before: Check, says: str, words: str) -> None:
    at = there()

    async def main() -> Verdict:
        with_it = bench(at)
        assert isinstance(await before(with_it), Held)
        at.says = {"content": says}
        return await check(with_it)

    verdict = asyncio.run(main())
    assert isinstance(verdict, Broken)
    assert words in verdict.why
    assert verdict.seen


@pytest.mark.parametrize(
    ("command", "came", "words"),
    [
        (SmsSend(CONTACT, f"Bye, {WORD}"), "Bye", "changed"),
        (SmsSend("+18005550177", f"Hello, {WORD}"), "177", "sender"),
    ],
)
def test_a_text_that_comes_changed_is_shown_both_ways(command: SmsSend, came: str, words: str) -> None:
    class Changing(There):
        async def do(self, _command: Command) -> list[str]:
            return await super().do(command)

    verdict = tried(checks.text_in, Changing(FakeDevice()))
    assert isinstance(verdict, Broken)
    assert words in verdict.why
    assert came in verdict.seen


# -- what is not tried -------------------------------------------------------------------------------------------------

HARDWARE: dict[str, Any] = {"is_emulator": False}


@pytest.mark.parametrize(
    ("check", "at", "remedy"),
    [
        (checks.console, lambda: there(**HARDWARE), "from another phone"),
        (checks.text_out, lambda: there("16"), "ISms.aidl"),
        (checks.text_out, lambda: there(sims=0), "switch airplane mode off"),
        (checks.text_out, lambda: there(**HARDWARE), "--allow NUMBER"),
        (checks.call_log, there, "list of calls"),
        (checks.query_form, there, "let one in"),
        (checks.registration, lambda: there(says={"dumpsys": "\n"}), "wait until it has"),
        (checks.airplane_mode, lambda: there("10"), "by hand"),
        (checks.airplane_mode, lambda: there(**HARDWARE), "--airplane"),
        (checks.airplane_mode, lambda: there(says={"settings": "1\n"}), "switch it off"),
        (checks.app_installed, there, "adb install -g"),
    ],
)
def test_what_cannot_be_tried_says_what_would_let_it(check: Check, at: Callable[[], There], remedy: str) -> None:
    verdict = tried(check, at())
    assert isinstance(verdict, NotTried)
    assert remedy in verdict.remedy
    assert verdict.why


@pytest.mark.parametrize(("says", "kind"), [("not found", NotTried), ("connect: Connection refused", Broken)])
def test_a_port_that_nothing_can_connect_to_is_no_broken_one(says: str, kind: type) -> None:
    at = there(says={"nc": Ran(b"", f"sh: nc: {says}\n".encode(), 1)})
    at.refuses_tcp = True
    assert isinstance(tried(checks.reverse, at), kind)
    assert at.local == 0, "it is led nowhere any more"


def test_nc_on_the_device_is_as_good_as_adbd() -> None:
    at = there(says={"nc -w 5 127.0.0.1 41000": WORD})
    at.refuses_tcp = True
    assert isinstance(tried(checks.reverse, at), Held)


# -- what must not happen ----------------------------------------------------------------------------------------------


def test_hardware_texts_the_allowed_number_once_and_no_other() -> None:
    at = there(is_emulator=False)
    assert isinstance(tried(checks.text_out, at, allowed="+18005550123"), Held)
    assert [row.address for row in at.device.sms.rows] == ["+18005550123"]


def test_the_guard_of_the_door_has_the_last_word() -> None:
    at = there(is_emulator=False)
    verdict = tried(checks.text_out, at, allowed="+18005550123", guarded=False)
    assert isinstance(verdict, Broken)
    assert at.device.sms.rows == ()


def test_hardware_keeps_its_radio_unless_its_user_says_so() -> None:
    at = there(is_emulator=False)
    tried(checks.airplane_mode, at)
    assert at.ran == []
    assert isinstance(tried(checks.airplane_mode, at, may_switch=True), Held)
    assert not at.device.is_airplane


def test_a_radio_that_is_switched_is_switched_back_whatever_happens() -> None:
    at = there(says={"dumpsys telephony.registry": DeviceGone("x", "it left")})
    tried(checks.airplane_mode, at)
    assert not at.device.is_airplane
    assert at.ran[-1] == SWITCH_OFF


def test_texts_of_others_are_passed_over() -> None:
    at = there()
    at.device.incoming_text("+18005550188", "a secret between us", AT_S * 1000)
    verdict = tried(checks.text_in, at)
    assert isinstance(verdict, Held)
    assert "secret" not in verdict.seen
    none = tried(checks.text_in, there(**LOSES))
    assert none == Broken("the console said OK, and nothing came within 0.05 s")


def test_who_names_the_sms_app_is_the_setting_or_the_role() -> None:
    facts = Facts("emulator-5554", "14", is_emulator=True)
    role = there(says={"cmd role": "com.android.messaging\n"})
    assert tried(checks.default_sms_app, role, facts=facts) == Held("com.android.messaging (by its role)")
    assert isinstance(tried(checks.default_sms_app, there(), facts=facts), Broken)
    assert isinstance(tried(checks.doze, there(), facts=facts), Broken)
