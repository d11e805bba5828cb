"""What dumpsys tells of the app."""

from __future__ import annotations

from harness.device_app import is_debuggable, permissions_in, version_in

PACKAGE = """Packages:
  Package [com.httpsms] (fa4e):
    versionName=5dab6f8
    flags=[ DEBUGGABLE HAS_CODE ALLOW_CLEAR_USER_DATA ]
      runtime permissions:
        android.permission.SEND_SMS: granted=true, flags=[ USER_SET ]
        android.permission.READ_SMS: granted=false
"""


def test_a_package_tells_its_permissions_its_version_and_its_build() -> None:
    assert permissions_in(PACKAGE) == {"SEND_SMS": True, "READ_SMS": False}
    assert (version_in(PACKAGE), is_debuggable(PACKAGE)) == ("5dab6f8", True)
    assert (version_in(""), is_debuggable("")) == ("", False)
