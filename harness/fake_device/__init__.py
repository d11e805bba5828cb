"""A fake Android's inside: what a shell command line does on it. It knows nothing of adb."""

from harness.fake_device.device import FakeDevice
from harness.fake_device.files import Files, Problem, Stat
from harness.fake_device.process import Output, Process, Ran
from harness.fake_device.releases import RELEASES, Release, release
from harness.fake_device.sms_store import Box, Row, SmsStore
from harness.fake_device.state import Troubles

__all__ = [
    "RELEASES",
    "Box",
    "FakeDevice",
    "Files",
    "Output",
    "Problem",
    "Process",
    "Ran",
    "Release",
    "Row",
    "SmsStore",
    "Stat",
    "Troubles",
    "release",
]
