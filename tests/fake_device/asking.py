"""The one way in which these tests ask a fake device something."""

from __future__ import annotations

from harness.fake_device import FakeDevice, Ran

AT_MS = 1_784_783_410_123


def asked(command: str, device: FakeDevice | None = None, stdin: bytes = b"", now_ms: int = AT_MS) -> Ran:
    return (device or FakeDevice()).run(command, stdin, now_ms)


def check(command: str, out: str = "", err: str = "", code: int = 0, device: FakeDevice | None = None) -> None:
    ran = asked(command, device)
    assert (ran.out.decode(), ran.err.decode(), ran.code) == (out, err, code)
