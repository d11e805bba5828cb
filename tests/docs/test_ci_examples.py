"""The examples for CI have the form that GitHub and GitLab read, and their commands exist."""

from __future__ import annotations

import re
import subprocess
from typing import Any

import pytest
import yaml

from harness.cli.run import run
from tests.house.sources import ROOT

ACTION: dict[str, Any] = yaml.safe_load((ROOT / "docs/ci/action.yml").read_text(encoding="utf-8"))
GITLAB: dict[str, Any] = yaml.safe_load((ROOT / "docs/ci/gitlab-ci.yml").read_text(encoding="utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
SCRIPTS = [*[step["run"] for step in STEPS if "run" in step], *GITLAB["httpsms"]["script"]]


def test_the_action_is_a_composite_one() -> None:
    assert {"name", "description", "inputs", "runs"} == set(ACTION)
    assert ACTION["runs"]["using"] == "composite"
    assert all(("run" in step) != ("uses" in step) for step in STEPS)
    assert all(step["shell"] == "bash" for step in STEPS if "run" in step), "a composite action names its shell"
    used = set(re.findall(r"\$\{\{ inputs\.([\w-]+) \}\}", (ROOT / "docs/ci/action.yml").read_text(encoding="utf-8")))
    assert used == set(ACTION["inputs"])


def test_the_job_of_gitlab_has_what_a_job_needs() -> None:
    assert set(GITLAB) == {"httpsms"}
    assert {"image", "script", "artifacts"} == set(GITLAB["httpsms"])


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_is_shell_and_its_options_exist(script: str) -> None:
    subprocess.run(["bash", "-n", "-c", script], check=True)
    known = {option for parameter in run.params for option in parameter.opts}
    options = re.findall(r"--?[a-z][a-z-]*", script) if "httpsms-harness run" in script else []
    assert [option for option in options if option.startswith("--") and option not in known] == []
