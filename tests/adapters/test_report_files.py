"""harness.adapters.report_files: the style and the script come with the package."""

from __future__ import annotations

from harness.adapters.report_files import assets


def test_the_package_brings_style_and_script_along() -> None:
    known = assets()
    assert known.style.startswith("/* The colours of messages")
    assert known.script.startswith('"use strict";')
    assert assets() is known
