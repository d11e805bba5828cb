"""The gateway of a recorded case, and the way there: connections as okhttp makes them, told what comes of each."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from typing import Any

from harness.http.values import BodyBroken, Closed, ConnectFailed, Outcome, Request, Response, TimedOut
from harness.instants import Instant, ns
from harness.okhttp import Connections
from harness.okhttp.events import (
    Asked,
    Connect,
    ConnectBroke,
    Exchanged,
    Finish,
    NotResolved,
    Reached,
    Resolve,
    Resolved,
    Secure,
    Secured,
    Send,
)

Case = dict[str, Any]
Entry = dict[str, Any]

# What the recorder's resolver knew beside one address for every host.
ADDRESSES = {"twin.test": ("second", "first"), "halfdead.test": ("dead", "first"), "closed.test": ("dead",)}
UNKNOWN = "nowhere.test"
READ_TIMEOUT_S = 10


def _outstanding(content: str, message_id: str) -> bytes:
    texts = dict.fromkeys(("created_at", "order_timestamp", "owner", "request_received_at"), "x")
    texts |= dict.fromkeys(("status", "type", "updated_at"), "x")
    nulls = dict.fromkeys(("failure_reason", "last_attempted_at", "received_at", "send_time", "sent_at"))
    own = {"id": message_id, "contact": "+18005550100", "content": content, "sim": "SIM1", "encrypted": False}
    whole = {"data": {**texts, **nulls, **own}, "message": "x", "status": "x"}
    return json.dumps(whole, ensure_ascii=False).encode()


class Gateway:
    """Answers as the case says: the first rule that fits, its answers in turn. `slept_s`: how long it took."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.asked: dict[str, int] = {}
        self.listens = True
        self.slept_s = 0.0

    def answer(self, request: Request) -> tuple[Outcome, Any]:
        """What becomes of the request, and how the recorder calls that."""
        for rule in self.case["gateway"]:
            method, path = rule["on"].split(" ")
            fits = request.path.startswith(path[:-1]) if path.endswith("*") else request.path == path
            if method == request.method and fits:
                asked = self.asked[rule["on"]] = self.asked.get(rule["on"], 0) + 1
                answer = rule["answers"][min(asked, len(rule["answers"])) - 1]
                self.listens = answer.get("then") != "the gateway stops listening"
                self.slept_s += answer.get("after_seconds", 0)
                return self._outcome(answer, request), answer.get("instead_of_an_answer", answer.get("status"))
        return Response(404), 404

    def _outcome(self, answer: dict[str, Any], request: Request) -> Outcome:
        match answer.get("instead_of_an_answer"):
            case None:
                headers = tuple((name, value) for name, value in answer["headers"])
                body = self._body(answer, request)
                if "body_length" in answer and not answer.get("chunked"):
                    headers = (*headers, ("Content-Length", str(len(body))))
                return Response(answer["status"], headers, body)
            case "half a reply, then closed":
                return BodyBroken(Response(200, (("Content-Type", "image/png"),)), b"{")
            case "no reply, connection stays open":
                self.slept_s += READ_TIMEOUT_S
                return TimedOut("read")
            case told:
                return Closed(sent_all=True, reset=told == "connection reset without a reply")

    def _body(self, answer: dict[str, Any], request: Request) -> bytes:
        """The body of an answer. Some are only described; the gzipped one reaches the phone unpacked."""
        text: str = answer["body"]
        told = re.fullmatch(r"an outstanding message with the content (.+), (gzipped|in ISO-8859-1)", text)
        if told is not None:
            body = _outstanding(told[1], request.query.partition("=")[2])
            return body if told[2] == "gzipped" else body.decode().encode("iso-8859-1")
        if "body_length" in answer:
            return self._file(answer)
        return text.encode()

    def _file(self, answer: dict[str, Any]) -> bytes:
        """Files were made by a rule, or of zeros, or of a text: whichever the recorded PDU shows."""
        length: int = answer["body_length"]
        ruled = bytes([place * 31 & 0xFF for place in range(length)])
        calls = [entry for entry in self.case["happened"] if entry["kind"] == "mms_call"]
        texts = [part["text"] for call in calls for part in call["pdu"]["parts"] if part["length"] == length]
        pdus = b"".join([base64.b64decode(call["pdu_base64"] or "") for call in calls])
        return next(
            (data for data in (ruled, bytes(length)) if data in pdus), next((t.encode() for t in texts if t), ruled)
        )


class Wire:
    """Makes calls: an okhttp instance for each client name, connections numbered over all of them."""

    def __init__(self, gateway: Gateway, seen: Callable[[Entry], None]) -> None:
        self.gateway = gateway
        self.seen = seen
        self.clients: dict[str, Connections] = {}
        self.numbers: dict[tuple[str, int], int] = {}
        self.addresses: dict[tuple[str, int], str] = {}
        self.calls = 0

    def call(self, client: str, request: Request, now: Instant) -> Outcome:
        connections = self.clients.setdefault(client, Connections())
        self.calls += 1
        event: Any = Asked(self.calls, request)
        while True:
            *_, step = connections.feed(event, now)
            match step:
                case Finish(outcome=outcome):
                    return outcome
                case Resolve(call, host):
                    event = self._resolve(call, host)
                case Connect(call, number, address, port):
                    self.addresses[client, number] = address
                    if address == "dead" or not self.gateway.listens:
                        text = f"Failed to connect to {request.authority.partition(':')[0]}/<address>:{port}"
                        event = ConnectBroke(call, number, ConnectFailed("refused", text))
                    else:
                        event = Reached(call, number)
                case Secure(call, number):
                    event = Secured(call, number)
                case Send(call, number, nth):
                    event = Exchanged(call, self._exchange(client, number, nth, request), reusable=True)
                case _:
                    raise AssertionError(step)

    def _resolve(self, call: int, host: str) -> Any:
        if host == UNKNOWN:
            return NotResolved(call, ConnectFailed("resolve", "<the resolver's text>"))
        return Resolved(call, ADDRESSES.get(host, ("first",)))

    def _exchange(self, client: str, number: int, nth: int, request: Request) -> Outcome:
        known = self.numbers.setdefault((client, number), len(self.numbers) + 1)
        outcome, called = self.gateway.answer(request)
        entry: Entry = {
            "kind": "request",
            "connection": known,
            "nth_on_connection": nth,
            "tls": request.scheme == "https",
            "method": request.method,
            "target": request.target.decode("latin-1"),
            "http": "HTTP/1.1",
            "headers": [list(pair) for pair in request.headers],
            "body": request.body.decode(),
            "answered": called,
        }
        if self.addresses[client, number] == "second":
            entry["server_address"] = "second"
        self.seen(entry)
        return outcome


def seconds_slept(gateway: Gateway) -> int:
    """In ns, once."""
    slept, gateway.slept_s = gateway.slept_s, 0.0
    return ns(slept)
