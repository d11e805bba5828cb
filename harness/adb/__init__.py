"""The protocols of adb, as pure codecs and state machines: packets and streams (either role), shell, sync, server.

`connection.AdbConnection` is the centre; harness/adapters give it its octets.
"""

from __future__ import annotations

from harness.adb.banner import Banner
from harness.adb.packets import Command, Packet, PacketReader, encode

__all__ = ["Banner", "Command", "Packet", "PacketReader", "encode"]
