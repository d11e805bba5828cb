"""A device whose process is killed amid a run: a clear error, and the next run works."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.inside import call
from tests.cli.stories import write
from tests.processes import end, start
from tests.targets.conftest import free_port

OUT = """
scenario: Out
phones: [alice]
contacts: [bob]
steps:
  - send: {from: alice, to: bob, text: Hello}
  - expect: {sms: {to: bob, text: Hello}}
"""
WAITS = f"{OUT}  - expect: {{sms: {{to: bob, text: What nobody writes}}}}\n"


@contextmanager
def device(port: int) -> Iterator[subprocess.Popen[str]]:
    """An `adb fake --app` that is there."""
    process = start("adb", "fake", "--port", str(port), "--app", life_s=120)
    try:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("adb "), end(process)
        yield process
    finally:
        end(process)


@pytest.mark.soak
@pytest.mark.parametrize(
    ("mode", "sign"), [((), "TextSubmitted"), (("--app",), "ActivityStarted")], ids=["radio", "app"]
)
def test_a_device_that_is_killed_ends_the_run_and_the_next_one_works(
    mode: tuple[str, ...], sign: str, tmp_path: Path
) -> None:
    port = free_port()
    given = ("--device", f"adb:127.0.0.1:{port}", "--adb-server", "never", *mode)
    with device(port) as killed:

        def kill() -> None:
            assert killed.stderr is not None
            if any(line.startswith(sign) for line in killed.stderr):
                killed.kill()

        watching = threading.Thread(target=kill)
        watching.start()
        done = call("run", str(write(tmp_path, WAITS)), *given, folder=tmp_path, HOME=str(tmp_path))
        watching.join()
    done.failed(3, f"127.0.0.1:{port}", "see that the device")
    assert len(done.err.splitlines()) == 2, done
    with device(port):
        after = call("run", str(write(tmp_path, OUT)), *given, folder=tmp_path, HOME=str(tmp_path))
    assert after.code == 0, after
