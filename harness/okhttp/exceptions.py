"""The exception that the app gets instead of an answer, with okhttp's text where it is known.

The app shows the text on its login screen, and the name of the class in a toast (phone-behaviour.md §1.3, §6). Texts
come from recordings; what no recording shows stands in angle brackets, as the recordings themselves do it for what was
not real there.
"""

from __future__ import annotations

from harness.frozen import frozen
from harness.http.urls import DEFAULT_PORTS, host_and_port
from harness.http.values import BodyBroken, Closed, ConnectFailed, Outcome, Request, Response, TimedOut
from harness.okhttp.follow_ups import GaveUp
from harness.okhttp.headers import host

__all__ = ["Thrown", "connect_text", "thrown"]


@frozen
class Thrown:
    """`name`: the class without its package. `recorded`: the real app was seen to throw it with this text.

    `text` None: there is none.
    """

    name: str
    text: str | None
    recorded: bool = True

    @property
    def unknown(self) -> bool:
        """The text only says that nobody knows it."""
        return self.text is not None and self.text.startswith("<")


def thrown(request: Request, outcome: Outcome | GaveUp) -> Thrown | None:
    """What the app catches; None if it gets an answer. `request` is the one that this became of."""
    match outcome:
        case Response():
            return None
        case GaveUp(text, name):
            return Thrown(name, text, outcome == GaveUp())
        case BodyBroken(why=why):
            return _BROKEN[why]
        case Closed(complaint=complaint) if complaint:
            return Thrown("ProtocolException", complaint, recorded=False)
        case Closed(reset=True):
            return Thrown("SocketException", "Connection reset")
        case Closed():
            return Thrown("IOException", f"unexpected end of stream on {_redacted(request)}")
        case TimedOut("read"):
            return Thrown("SocketTimeoutException", "timeout")
        case TimedOut(phase):
            return Thrown("SocketTimeoutException", f"<the text of a time-out: {phase}>", recorded=False)
        case ConnectFailed(kind, text):
            return _not_connected(request, kind, text)


# What nobody recorded is okhttp's and okio's own code.
_BROKEN = {
    "ended": Thrown("ProtocolException", "unexpected end of stream"),
    "number": Thrown("EOFException", None, recorded=False),
    "line": Thrown("EOFException", "<the text of a line that has no end>", recorded=False),
    "packed": Thrown("EOFException", "source exhausted prematurely", recorded=False),
    "garbled": Thrown("IOException", "<the text of a body that is garbled>", recorded=False),
    "late": Thrown("SocketTimeoutException", "timeout"),
    "long": Thrown("OutOfMemoryError", "<the text of a heap that is full>", recorded=False),
}


def _not_connected(request: Request, kind: str, text: str) -> Thrown:
    match kind:
        case "refused":
            known = text.startswith("Failed to connect to ")
            return Thrown("ConnectException", text if known else connect_text(request, "<address>"))
        case "resolve":
            return Thrown("UnknownHostException", "<the resolver's text>")  # as the recordings have it
        case "unreachable":  # Java has one class for both, and okhttp one text; nobody recorded it
            known = text.startswith("Failed to connect to ")
            return Thrown("ConnectException", text if known else connect_text(request, "<address>"), recorded=False)
        case "tls":
            return Thrown("SSLHandshakeException", "<the text of a failed handshake>", recorded=False)
        case "timeout":
            return Thrown("SocketTimeoutException", "<the text of a time-out: connect>", recorded=False)
        case _:
            return Thrown("IOException", f"<the text of a failed connection: {kind}>", recorded=False)


def connect_text(request: Request, address: str) -> str:
    """`Failed to connect to gateway.test/192.0.2.1:443`; a host that is an address is not named twice.

    The latter, and brackets around an IPv6 address, are Java's way to write an address; only names were recorded.
    """
    name, port = host_and_port(request.scheme, host(request))
    shown = f"[{address}]" if ":" in address else address
    return f"Failed to connect to {'' if name == address else name}/{shown}:{port}"


def _redacted(request: Request) -> str:
    """A URL as okhttp shows it: without user, path and query, and with the port where it is not the usual one."""
    name, port = host_and_port(request.scheme, host(request))
    name = f"[{name}]" if ":" in name else name
    return f"{request.scheme}://{name}{'' if port == DEFAULT_PORTS[request.scheme] else f':{port}'}/..."
