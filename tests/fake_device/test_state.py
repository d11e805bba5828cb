from __future__ import annotations

from harness.fake_device.state import APP_PERMISSIONS, RUNTIME_PERMISSIONS, Package


def test_an_app_lies_where_its_kind_lies() -> None:
    assert Package("a").path == "/data/app/~~fake==/a/base.apk"
    assert Package("a", is_system=True).path == "/system/priv-app/a/base.apk"


def test_what_is_granted_at_run_time_is_asked_for() -> None:
    assert set(RUNTIME_PERMISSIONS) <= set(APP_PERMISSIONS)
