"""From a new process to the first green scenario, and what `import harness` costs."""

from __future__ import annotations

import http.client
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from table import median_of, show

ROOT = Path(__file__).parent.parent


def run(*command: str) -> float:
    """Seconds for a process of its own."""
    began = time.perf_counter()
    subprocess.run([sys.executable, *command], cwd=ROOT, check=True, capture_output=True)
    return time.perf_counter() - began


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def first_answer(*command: str) -> float:
    """Seconds from starting a server to the first answer that it gives."""
    port = free_port()
    began = time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, *command, "--port", str(port)], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
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


if __name__ == "__main__":
    bare = median_of(9, lambda: run("-c", "pass"))
    imported = median_of(9, lambda: run("-c", "import harness"))
    version = median_of(9, lambda: run("-m", "harness", "--version"))
    green = median_of(9, lambda: run("-m", "harness", "run", "scenarios/plain_text.scenario.yaml"))
    serving = median_of(9, lambda: first_answer("-m", "harness", "serve"))
    everything = median_of(5, lambda: run("-m", "harness", "run", "scenarios"))
    show(
        "a new process each",
        [
            ("python that does nothing", f"{bare[1] * 1000:.0f} ms", ""),
            ("import harness, beyond that", f"{(imported[1] - bare[1]) * 1000:.1f} ms", "goal < 30 ms"),
            ("--version", f"{version[1] * 1000:.0f} ms", ""),
            (
                "to the first green scenario",
                f"{green[1] * 1000:.0f} ms (max {green[2] * 1000:.0f})",
                "goal < 1 s, aim 0.4 s",
            ),
            ("serve, to its first answer", f"{serving[1] * 1000:.0f} ms (max {serving[2] * 1000:.0f})", "goal < 0.4 s"),
            ("all of scenarios/", f"{everything[1] * 1000:.0f} ms", ""),
        ],
    )
