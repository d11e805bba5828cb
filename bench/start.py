"""From a new process to the first green scenario, and what `import harness` costs."""

from __future__ import annotations

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


if __name__ == "__main__":
    bare = median_of(9, lambda: run("-c", "pass"))
    imported = median_of(9, lambda: run("-c", "import harness"))
    version = median_of(9, lambda: run("-m", "harness", "--version"))
    green = median_of(9, lambda: run("-m", "harness", "run", "scenarios/plain_text.scenario.yaml"))
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
            ("all of scenarios/", f"{everything[1] * 1000:.0f} ms", ""),
        ],
    )
