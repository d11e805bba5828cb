"""The push service: FCM towards gateways, a stream towards phones."""

from __future__ import annotations

from harness.push.service import PushService
from harness.push.streams import PushStreams

__all__ = ["PushService", "PushStreams"]
