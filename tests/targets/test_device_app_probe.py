"""What stories can do with the app on a device."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.capability import Capability
from harness.device_app import PERMISSIONS
from harness.targets.device_app_door import AppFacts
from harness.targets.device_app_probe import app_findings
from harness.targets.device_probe import DeviceFindings, findings_of
from harness.targets.options import TargetOptions
from tests.targets.devices import EMULATOR

OURS = AppFacts(True, "", True, "run-as", frozenset(PERMISSIONS), "a phone core, not the real app")
REAL = replace(OURS, version="5dab6f8", note="")
HERE = TargetOptions("device", device="emulator-5554", app=True)
THERE = replace(HERE, kind="server", server="https://example.com")


def found(app: AppFacts, options: TargetOptions = HERE) -> DeviceFindings:
    return app_findings(findings_of(EMULATOR), app, options)


@pytest.mark.parametrize(
    ("app", "options", "lacks", "remedy"),
    [
        (OURS, HERE, None, ""),
        (REAL, HERE, Capability.SEND, "Firebase"),
        (REAL, THERE, Capability.SEND, "Firebase"),
        (REAL, replace(THERE, server="http://example.com", app_pushes=True), Capability.SEND, "https"),
        (REAL, replace(THERE, app_pushes=True), None, ""),
        (replace(REAL, way=""), HERE, Capability.RECEIVE, "run-as"),
        (AppFacts(), HERE, Capability.RECEIVE, "--apk FILE"),
    ],
)
def test_what_is_missing_has_its_remedy(
    app: AppFacts, options: TargetOptions, lacks: Capability | None, remedy: str
) -> None:
    missing = found(app, options).missing
    if lacks is None:
        assert not {Capability.SEND, Capability.RECEIVE} & missing.keys()
    else:
        assert remedy in missing[lacks].remedy


def test_the_app_as_it_is_published_has_the_incoming_stories_left() -> None:
    assert Capability.RECEIVE not in found(REAL).missing
    assert found(REAL).can_run


def test_what_is_not_the_real_app_is_named_and_what_it_can_do_is_known() -> None:
    lines = [one.words for one in found(OURS).findings if one.name == "app"]
    assert lines == ["com.httpsms is a phone core, not the real app"]
    assert Capability.DELIVERY_REPORTS not in found(OURS).missing
    assert Capability.DELIVERY_REPORTS in found(REAL).missing


def test_a_server_without_tls_is_warned_of() -> None:
    assert any(one.name == "clear text" for one in found(REAL).findings)
    assert not any(one.name == "clear text" for one in found(REAL, THERE).findings)
