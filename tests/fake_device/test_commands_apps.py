from __future__ import annotations

import pytest

from harness.fake_device import FakeDevice
from harness.fake_device.happened import (
    ActivityStarted,
    AppCleared,
    AppInstalled,
    AppRemoved,
    AppStopped,
    Broadcast,
    Happened,
    PermissionSet,
)
from harness.fake_device.state import APP, Package
from tests.fake_device.asking import asked, check

APK = b"PK\x03\x04" + bytes(96)
SEND = "android.permission.SEND_SMS"


def _with_app() -> FakeDevice:
    device = FakeDevice()
    device.run("pm install -S 100", APK)
    device.take()
    return device


@pytest.mark.parametrize("command", ["cmd package install -r -t -S 100", "pm install -g --user 0 -S 100 -"])
def test_an_app_is_installed_from_the_input(command: str) -> None:
    device = FakeDevice()
    assert asked(command, device, APK + b"more").out == b"Success\n"
    assert device.take() == [AppInstalled("com.httpsms", 100, "-g" in command)]
    assert device.packages["com.httpsms"].permissions[SEND] is ("-g" in command)


def test_an_app_is_installed_from_a_file() -> None:
    device = FakeDevice()
    device.files.write("/data/local/tmp/a.apk", APK, 0)
    check("pm install -g /data/local/tmp/a.apk", "Success\n", device=device)


def test_an_app_is_installed_by_a_session() -> None:
    device = FakeDevice()
    created = asked("pm install-create -S 100", device).out.decode()
    session = created.partition("[")[2].partition("]")[0]
    assert created == f"Success: created install session [{session}]\n"
    assert asked(f"pm install-write -S 100 {session} base.apk -", device, APK).out == b"Success: streamed 100 bytes\n"
    check(f"pm install-commit {session}", "Success\n", device=device)
    assert device.take() == [AppInstalled("com.httpsms", 100, False)]
    assert asked(f"pm install-commit {session}", device).code == 255
    other = asked("pm install-create", device).out.decode().partition("[")[2].partition("]")[0]
    check(f"pm install-abandon {other}", "Success\n", device=device)
    assert asked(f"pm install-abandon {other}", device).code == asked("pm install-write 1 a -", device).code == 255


@pytest.mark.parametrize(
    ("command", "stdin", "says"),
    [
        ("pm install -S 200", APK, b"Failure [INSTALL_FAILED_INVALID_APK"),
        ("pm install -S 4", b"abcd", b"Failure [INSTALL_PARSE_FAILED_NOT_APK"),
        ("pm install -S 100", APK, b"Failure [INSTALL_FAILED_INSUFFICIENT_STORAGE]"),
        ("pm install", b"", b"Error: must either specify a package size or an APK file"),
        ("pm install /no.apk", b"", b"Error: Unable to open file: /no.apk"),
        ("pm uninstall com.nope", b"", b"Failure [DELETE_FAILED_INTERNAL_ERROR]"),
        ("pm uninstall android", b"", b"Failure [DELETE_FAILED_INTERNAL_ERROR]"),
        ("pm clear com.nope", b"", b"Failed"),
    ],
)
def test_an_installation_that_fails_says_why(command: str, stdin: bytes, says: bytes) -> None:
    ran = asked(command, FakeDevice(capacity_bytes=50), stdin)
    assert (ran.out + ran.err).startswith(says)
    assert ran.code == 1


@pytest.mark.parametrize(
    ("command", "happened"),
    [
        (f"pm grant com.httpsms {SEND}", [PermissionSet("com.httpsms", SEND, True)]),
        (f"cmd package revoke com.httpsms {SEND}", [PermissionSet("com.httpsms", SEND, False)]),
        ("am force-stop com.httpsms", [AppStopped("com.httpsms", True)]),
        ("am kill --user 0 com.httpsms", [AppStopped("com.httpsms", False)]),
        ("am force-stop com.nope", []),
        ("pm clear com.httpsms", [AppStopped("com.httpsms", True), AppCleared("com.httpsms")]),
        ("pm uninstall com.httpsms", [AppRemoved("com.httpsms")]),
        (
            "am broadcast -a com.httpsms.SMS_SENT --es KEY_MESSAGE_ID 7 -p com.httpsms",
            [Broadcast("com.httpsms.SMS_SENT", "com.httpsms", "", {"KEY_MESSAGE_ID": "7"})],
        ),
        (
            "cmd activity start-activity -W -n com.httpsms/.MainActivity",
            [ActivityStarted("", "", "com.httpsms/.MainActivity", {})],
        ),
    ],
)
def test_what_is_done_to_an_app_has_happened(command: str, happened: list[Happened]) -> None:
    device = _with_app()
    assert asked(command, device).code == 0
    assert device.take() == happened


@pytest.mark.parametrize(
    ("command", "out"),
    [
        ("pm list packages -3", "package:com.httpsms\n"),
        ("pm list packages http", "package:com.httpsms\n"),
        ("pm path com.httpsms", "package:/data/app/~~fake==/com.httpsms/base.apk\n"),
        ("pm list users", "Users:\n\tUserInfo{0:Owner:c13} running\n"),
        (
            "am start -a android.intent.action.SENDTO -d sms:+18005550100 --es sms_body hi",
            "Starting: Intent { act=android.intent.action.SENDTO dat=sms:xxxxxxxxxxxx (has extras) }\n",
        ),
        ("am broadcast -a A -f 32", "Broadcasting: Intent { act=A flg=0x400020 }\nBroadcast completed: result=0\n"),
        ("am get-current-user", "0\n"),
    ],
)
def test_apps_are_told_of(command: str, out: str) -> None:
    check(command, out, device=_with_app())


@pytest.mark.parametrize(
    ("command", "says", "code"),
    [
        (f"pm grant com.nope {SEND}", "Unknown package: com.nope", 255),
        ("pm grant com.httpsms android.permission.CAMERA", "has not requested permission", 255),
        ("pm grant com.httpsms nope", "Unknown permission: nope", 255),
        ("pm grant", "Argument expected", 255),
        ("pm nope", "Unknown command: nope", 255),
        ("pm list nope", "unknown list type", 255),
        ("pm path com.nope", "", 1),
        ("am nope", "Unknown command: nope", 255),
        ("am start -n com.nope/.A", "Error: Activity class {com.nope/com.nope.A} does not exist.", 1),
        ("am start", "No intent supplied", 255),
        ("am start --nope", "Unknown option: --nope", 255),
        ("am broadcast", "No intent supplied", 255),
        ("am broadcast --nope", "Unknown option: --nope", 255),
        ("am kill", "Argument expected", 255),
        ("run-as com.httpsms id", "run-as: package not debuggable: com.httpsms", 1),
        ("run-as com.nope id", "run-as: unknown package: com.nope", 1),
        ("run-as", "usage: run-as", 1),
    ],
)
def test_what_cannot_be_done_to_an_app(command: str, says: str, code: int) -> None:
    ran = asked(command, _with_app())
    assert says in ran.err.decode()
    assert ran.code == code


def test_whoever_runs_as_an_app_is_in_its_folder_and_nobody_else_gets_in() -> None:
    device = FakeDevice()
    device.packages[APP] = Package(APP, 1, is_debuggable=True)
    asked(f"run-as {APP} sh -c 'mkdir shared_prefs && cat > shared_prefs/a.xml'", device, b"<map/>")
    check(f"run-as {APP} cat shared_prefs/a.xml", "<map/>", device=device)
    check(f"run-as {APP} pwd", f"/data/data/{APP}\n", device=device)
    path = f"/data/data/{APP}/shared_prefs/a.xml"
    check(f"cat {path}", err=f"cat: {path}: Permission denied\n", code=1, device=device)
    asked(f"pm clear {APP}", device)
    assert asked(f"run-as {APP} ls", device).out == b""
