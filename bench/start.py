"""From a new process to its end: what the command costs before it does anything, and for one small story.

Measured with compiled modules, as an installation has them: in a folder of their own, so that nothing of the machine's
settings matters. Each row beside `python -c pass` and `import click` in the same minute: the machine is not always as
fast.
"""

from __future__ import annotations

import http.client
import os
import resource
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from table import show

ROOT = Path(__file__).parent.parent
STORY = """\
scenario: A plain text, there and back
phones: [alice]
contacts: [bob]
steps:
  - send: {from: alice, to: bob, text: Hello}
    as: hello
  - expect: {message: hello, status: delivered}
  - text: {from: bob, to: alice, text: Hi}
  - expect: {webhook: message.phone.received, text: Hi}
"""


def environment(compiled: str | None) -> Mapping[str, str]:
    """With compiled modules in that folder; None: every module is compiled anew each time."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {
        **kept,
        "PYTHONPYCACHEPREFIX": compiled or "/nowhere",
        **({} if compiled else {"PYTHONDONTWRITEBYTECODE": "1"}),
    }


def run(around: Mapping[str, str], *command: str) -> tuple[float, float]:
    """Seconds for a process of its own: by the clock, and of a processor."""
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *command], cwd=ROOT, check=True, capture_output=True, env=around)
    took, now = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return took, now.ru_utime + now.ru_stime - before.ru_utime - before.ru_stime


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def first_answer(around: Mapping[str, str], *command: str) -> float:
    """Seconds from starting a server to the first answer that it gives."""
    port = free_port()
    began = time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, *command, "--port", str(port)],
        cwd=ROOT, env=around, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    while not answers(port):
        time.sleep(0.002)
    took = time.perf_counter() - began
    child.send_signal(signal.SIGINT)
    child.wait()
    return took


def answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/v1/phones")
        return connection.getresponse().status == 401
    except OSError:
        return False
    finally:
        connection.close()


def row(what: str, times: Sequence[tuple[float, float]], goal: str = "") -> tuple[str, str, str]:
    """By the clock the least, the median and the most; of a processor the least: a busy machine changes that least."""
    clock = sorted(time for time, _ in times)
    least, median, most = (f"{value * 1000:.0f}" for value in (clock[0], statistics.median(clock), clock[-1]))
    busy = min(busy for _, busy in times)
    return what, f"{least} … {median} … {most} ms" + (f", {busy * 1000:.0f} ms of a processor" if busy else ""), goal


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        compiled, uncompiled = environment(folder), environment(None)
        story = Path(folder) / "small.scenario.yaml"
        story.write_text(STORY, encoding="utf-8")
        small = ("-m", "harness", "run", str(story))
        run(compiled, *small)  # compiles

        def times(*command: str, around: Mapping[str, str] = compiled, count: int = 15) -> list[tuple[float, float]]:
            return [run(around, *command) for _ in range(count)]

        show(
            "a new process each: least … median … most",
            [
                row("python -c pass", times("-c", "pass")),
                row('python -c "import click"', times("-c", "import click")),
                row('python -c "import harness"', times("-c", "import harness")),
                row("--version", times("-m", "harness", "--version")),
                row("--help", times("-m", "harness", "--help")),
                row("run, one small file", times(*small), "goal < 300 ms"),
                row("the same, nothing compiled", times(*small, around=uncompiled, count=5)),
                row("the same twice, in two processes", times(*small, "-j", "2", "--repeat", "2", count=5)),
                row("run, all of scenarios/", times("-m", "harness", "run", "scenarios", count=3)),
                row(
                    "serve, to its first answer",
                    [(first_answer(compiled, "-m", "harness", "serve"), 0.0) for _ in range(9)],
                    "goal < 400 ms",
                ),
            ],
        )


if __name__ == "__main__":
    main()
