"""What okhttp 5.4.0 does with a request before it goes out, with its connections, and with an answer before the app.

`prepare` gives a request okhttp's headers; `follow_up` says what okhttp sends after an answer by itself;
`Connections` decides for one okhttp instance which connection a request takes and where it is sent again; `thrown`
says which exception the app gets when there is no answer. The connections are loaded when they are first used: a
phone in a world without sockets needs none.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from harness.okhttp.exceptions import Thrown, thrown
from harness.okhttp.follow_ups import FOLLOW_UPS_MAX, GaveUp, follow_up
from harness.okhttp.headers import JSON_TYPE, USER_AGENT, http2_headers, prepare

if TYPE_CHECKING:
    from harness.okhttp.answers import Http2Answer
    from harness.okhttp.connections import IDLE, IDLE_MAX, Action, Connections

__all__ = [
    "FOLLOW_UPS_MAX",
    "IDLE",
    "IDLE_MAX",
    "JSON_TYPE",
    "USER_AGENT",
    "Action",
    "Connections",
    "GaveUp",
    "Http2Answer",
    "Thrown",
    "follow_up",
    "http2_headers",
    "prepare",
    "thrown",
]

_HOMES = {
    "Action": "harness.okhttp.connections",
    "Connections": "harness.okhttp.connections",
    "Http2Answer": "harness.okhttp.answers",
    "IDLE": "harness.okhttp.connections",
    "IDLE_MAX": "harness.okhttp.connections",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return value
