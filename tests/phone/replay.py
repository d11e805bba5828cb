"""Replays what the real app did (tests/data/phone/README.md) with the phone's core.

What is compared: every request (bytes, with its time stamps named in their order and ciphertexts decrypted) and every
text handed to the radio, in one order; the settings at the end as far as this phone has them; the jobs that are left.
Not compared: which connection a request takes, screens, toasts, log lines.

The recorder ran jobs when a step said so, one after the other. The core asks for each of its jobs with `At`, so the
replay keeps these back. It plays the HTTP client too, with `harness.okhttp`; what needs sockets is not replayed.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from harness import cipher
from harness.core import At, Command, Record, Tell
from harness.draws import Draws
from harness.http.render import request_bytes
from harness.http.values import (
    Answered,
    BodyBroken,
    Call,
    Closed,
    ConnectFailed,
    Outcome,
    Request,
    Response,
    TimedOut,
)
from harness.instants import MS, SECOND, parse_rfc3339
from harness.okhttp import GaveUp, follow_up
from harness.phone import ChangeSettings, Device, LogIn, LogOut, Phone, SendHeartbeat, Settings, Sim
from harness.phone.events import HeartbeatDue, JobDue
from harness.radio import (
    RESULT_OK,
    DeliverReceived,
    StatusReport,
    Submit,
    SubmitAccepted,
    SubmitRejected,
    SubmitThrew,
)
from harness.wire.fcm import Listening, PushReceived, StreamOpened

Case = dict[str, Any]
Replayed = tuple[str, bool | None, str]
"""The name of a case; whether we agree (None: it was not replayed); what differs, or why not."""

# Steps that this phone has no event for.
NO_SUCH_STEP = {
    "broadcast": "boot and update do nothing that is seen here",
    "call_log_row": "missed calls",
    "encryption_key_typed": "the settings screen",
    "new_registration_token": "new registration tokens",
    "permissions_answered": "Android's permissions",
    "phone_state": "missed calls",
    "process_dies_and_starts_again": "death of the app's process",
    "result_broadcast_from_elsewhere": "broadcasts from elsewhere",
    "wap_push_received": "incoming MMS",
}
# Cases that need what the replay does not have.
NOT_REPLAYED = {
    "http/https": "is about what TLS offers",
    "http/idle-connections": "is about connections",
    "http/two-addresses-close": "needs sockets",
    "http/two-addresses-first-dead": "needs sockets",
    "http/two-addresses-timeout": "needs sockets",
    "receive/data-then-text": "no broadcast of Android's: PDUs that do not belong together",
    "receive/no-pdus": "no broadcast of Android's: it is empty",
    "receive/parts-in-broadcast-order": "no broadcast of Android's: the inbox, part of this phone, sorts the parts",
    "receive/two-senders": "no broadcast of Android's: PDUs that do not belong together",
    "receive/wrong-action": "is about Android's broadcasts",
}
# Hosts of the recordings at which nobody listens: what becomes of a connection.
UNREACHABLE = {"closed.test": "refused", "nowhere.test": "resolve"}


def replay_folder(folder: Path) -> list[Replayed]:
    """What became of every case in the files of a folder."""
    return [replay(case) for path in sorted(folder.glob("*.jsonl")) for case in _cases(path)]


def _cases(path: Path) -> Iterator[Case]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def replay(case: Case) -> Replayed:
    name: str = case["case"]
    reasons = [NO_SUCH_STEP[step["do"]] for step in case["steps"] if step["do"] in NO_SUCH_STEP]
    reason = NOT_REPLAYED.get(name) or next(iter(reasons), None)
    if reason is not None:
        return name, None, reason
    run = _Run(case)
    difference = run.carry_out() or _difference(run, case)
    return name, difference is None, difference or ""


# -- what the case says --------------------------------------------------------------------------------------


def _settings(stored: dict[str, Any]) -> Settings:
    sims = tuple(
        Sim(
            stored[f"SETTINGS_SIM{slot}_PHONE_NUMBER"],
            active=stored.get(f"SETTINGS_SIM{slot}_ACTIVE_STATUS", True),
            incoming=stored.get(f"SETTINGS_SIM{slot}_INCOMING_ACTIVE", True),
        )
        for slot in (1, 2)
        if stored.get("SETTINGS_SIM1_PHONE_NUMBER") and stored.get(f"SETTINGS_SIM{slot}_PHONE_NUMBER")
    )
    return Settings(
        sims,
        server_url=stored.get("SETTINGS_SERVER_URL", "https://api.httpsms.com"),
        api_key=stored.get("SETTINGS_API_KEY"),
        encryption_key=stored.get("SETTINGS_ENCRYPTION_KEY", ""),
        encrypt_received=stored.get("SETTINGS_ENCRYPT_RECEIVED_MESSAGES", False),
        registration_token=stored.get("SETTINGS_FCM_TOKEN", ""),
    )


def _stored_at_the_end(case: Case) -> dict[str, Any]:
    stored = {**case["settings"], **case["settings_changed"]}
    return {name: value for name, value in stored.items() if value is not None}


def _device(recorded: dict[str, Any]) -> Device:
    cards = tuple(card["id"] for card in recorded["active_subscriptions"])
    default = recorded["default_sms_subscription"]
    return Device(cards, None if default < 0 else default, recorded["charging"])


def _body(answer: dict[str, Any], message_id: str) -> bytes:
    """The body of an answer. Two of them are only described; the gzipped one reaches the phone unpacked."""
    told = re.fullmatch(r"an outstanding message with the content (.+), (gzipped|in ISO-8859-1)", answer["body"])
    if told is None:
        return str(answer["body"]).encode()
    texts = dict.fromkeys(("created_at", "order_timestamp", "owner", "request_received_at"), "x")
    texts |= dict.fromkeys(("status", "type", "updated_at"), "x")
    nulls = dict.fromkeys(("failure_reason", "last_attempted_at", "received_at", "send_time", "sent_at"))
    own = {"id": message_id, "contact": "+18005550100", "content": told[1], "sim": "SIM1", "encrypted": False}
    whole = {"data": {**texts, **nulls, **own}, "message": "x", "status": "x"}
    return json.dumps(whole, ensure_ascii=False).encode("utf-8" if told[2] == "gzipped" else "iso-8859-1")


class _Gateway:
    """Answers as the case says: the first rule that fits, its answers in turn."""

    def __init__(self, case: Case) -> None:
        self.rules = case["gateway"]
        self.asked: dict[str, int] = {}
        self.listens = True

    def answer(self, request: Request) -> Outcome:
        for rule in self.rules:
            method, path = rule["on"].split(" ")
            fits = request.path.startswith(path[:-1]) if path.endswith("*") else request.path == path
            if method == request.method and fits:
                asked = self.asked[rule["on"]] = self.asked.get(rule["on"], 0) + 1
                answer = rule["answers"][min(asked, len(rule["answers"])) - 1]
                return self._outcome(answer, request.query.partition("=")[2])
        return Response(404)

    def _outcome(self, answer: dict[str, Any], message_id: str) -> Outcome:
        self.listens = answer.get("then") != "the gateway stops listening"
        match answer.get("instead_of_an_answer"):
            case None:
                headers = tuple((name, value) for name, value in answer["headers"])
                return Response(answer["status"], headers, _body(answer, message_id))
            case "half a reply, then closed":
                return BodyBroken(Response(200), b"{")
            case "no reply, connection stays open":
                return TimedOut("read")
            case _:
                return Closed(sent_all=True)


# -- what the phone does -------------------------------------------------------------------------------------


class _Run:
    """One case under way. `seen` are requests and texts in their order."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.now = parse_rfc3339("2026-07-23T05:10:10Z")
        self.gateway = _Gateway(case)
        self.phone = Phone("phone", Draws(1, "phone"), _settings(case["settings"]), _device(case["device"]))
        self.seen: list[Request | Submit] = []
        self.ready: deque[JobDue | HeartbeatDue] = deque()
        self.later: deque[JobDue] = deque()
        self.throws: tuple[str, str | None] | None = None

    def carry_out(self) -> str | None:
        """What is in the way, if a step cannot be taken."""
        for number, step in enumerate(self.case["steps"], start=1):
            self.now += SECOND
            try:
                self._step(step)
            except LookupError as error:
                return f"step {number}: {error}"
        return None

    @property
    def submits(self) -> list[Submit]:
        return [entry for entry in self.seen if isinstance(entry, Submit)]

    def _step(self, step: dict[str, Any]) -> None:
        match step["do"]:
            case "push":
                self._tell(PushReceived("", tuple(step["data"].items())))
            case "run_work":
                while self.ready:
                    self._tell(self.ready.popleft())
            case "run_work_that_asked_for_retry":
                due = list(self.later)
                self.later.clear()
                for event in due:
                    self._tell(event)
            case "sent_result":
                submit, segment = self._submit(step["sms"]), step["part"] - 1
                if step["result_code"] == RESULT_OK:
                    self._tell(SubmitAccepted(submit.id, segment, tp_mr=segment))
                else:
                    self._tell(SubmitRejected(submit.id, segment, step["result_code"]))
            case "delivery_result":
                submit, segment = self._submit(step["sms"]), step["part"] - 1
                self._tell(StatusReport(submit.id, segment, segment, status=0, code=step["result_code"]))
            case "sms_received":
                for pdu in step["pdus_hex"]:
                    # The service centre's address, empty here, is no part of the PDU.
                    self._tell(DeliverReceived(bytes.fromhex(pdu)[1:], (step["slot_extra"] or 0) + 1))
            case "settings_change":
                wanted = _settings({**self.case["settings"], **step["set"]})
                names = ("sims", "api_key", "encrypt_received")
                self._tell(ChangeSettings(tuple((name, getattr(wanted, name)) for name in names)))
            case "login":
                self._log_in(step)
            case "logout":
                self._tell(LogOut())
            case "heartbeat_button":
                self._tell(SendHeartbeat())
            case "main_screen_created_started_resumed":
                if not any(isinstance(event, HeartbeatDue) for event in self.ready):
                    self.ready.append(HeartbeatDue())
            case "main_screen_resumed":
                pass
            case "note":
                self._note(step["text"])
            case other:
                raise LookupError(f"no step {other}")

    def _log_in(self, step: dict[str, Any]) -> None:
        """Our user types the key alone: number and URL are there before."""
        numbers = [step["phone_sim1"], *([step["phone_sim2"]] if step["phone_sim2"] else [])]
        sims = tuple(Sim(number) for number in numbers)
        self._tell(ChangeSettings((("sims", sims), ("server_url", step["server_url"]))))
        self._tell(LogIn(step["api_key"]))

    def _note(self, text: str) -> None:
        thrown = re.fullmatch(r"the telephony service throws [\w.]*\.(\w+)\((.*)\)", text, re.DOTALL)
        if thrown is not None:
            self.throws = thrown[1], None if thrown[2] == "null" else thrown[2]
        elif text == "the gateway listens again":
            self.gateway.listens = True
        else:
            raise LookupError(text)

    def _submit(self, number: int) -> Submit:
        if number > len(self.submits):
            raise LookupError(f"text {number} was not handed to the radio")
        return self.submits[number - 1]

    def _tell(self, event: Any) -> None:
        self.now += MS
        self._do(self.phone.handle(event, self.now))

    def _do(self, commands: Iterable[Command]) -> None:
        for command in commands:
            match command:
                case Record():
                    pass
                case At(due_at, JobDue() as event):
                    (self.ready if due_at <= self.now else self.later).append(event)
                case At(_, HeartbeatDue()):
                    pass  # the next period
                case Call(exchange=exchange):
                    self._tell(Answered(exchange, self._call(command.request)))
                case Tell("radio", Submit() as submit):
                    self._hand_over(submit)
                case Tell("push", StreamOpened(token)):
                    self._tell(Listening(token))
                case _:
                    raise LookupError(f"the phone asks for {command}")

    def _hand_over(self, submit: Submit) -> None:
        if self.throws is None:
            self.seen.append(submit)
        else:
            self._tell(SubmitThrew(submit.id, *self.throws))

    def _call(self, request: Request) -> Outcome:
        """As okhttp makes a call: it follows redirects and repeats some requests by itself."""
        previous: list[Response] = []
        while True:
            host = request.authority.partition(":")[0]
            if host in UNREACHABLE or not self.gateway.listens:
                return ConnectFailed(UNREACHABLE.get(host, "refused"))
            self.seen.append(request)
            outcome = self.gateway.answer(request)
            if not isinstance(outcome, Response):
                return outcome
            again = follow_up(request, outcome, previous)
            if again is None:
                return outcome
            if isinstance(again, GaveUp):
                return Closed(sent_all=True)
            previous.append(outcome)
            request = again


# -- the comparison ------------------------------------------------------------------------------------------

_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}000000Z")
_CIPHERTEXT = re.compile(r'"content" : "([^"]*)", "encrypted" : true')


def _difference(run: _Run, case: Case) -> str | None:
    """The first thing that is not as recorded."""
    ours = _named_times([_line(entry, run.phone.settings, case) for entry in run.seen])
    theirs = _named_times([line for entry in case["happened"] if (line := _recorded_line(entry)) is not None])
    for number in range(max(len(ours), len(theirs))):
        mine, recorded = (lines[number] if number < len(lines) else "nothing" for lines in (ours, theirs))
        if mine != recorded:
            return f"{mine} instead of {recorded}"
    left = sorted((job.attempts for job in run.phone.jobs.values()), reverse=True)
    left += [0 for event in run.ready if isinstance(event, HeartbeatDue)]
    recorded_left = sorted((work["attempts"] for work in case["work_left"]), reverse=True)
    if left != recorded_left:
        return f"jobs left after {left} attempts instead of {recorded_left}"
    return _other_settings(run.phone.settings, _settings(_stored_at_the_end(case)))


def _other_settings(ours: Settings, theirs: Settings) -> str | None:
    """Numbers and URL count while somebody is logged in: else ours are there before, and stay (`Settings`)."""
    names = ["api_key", "encryption_key", "encrypt_received", "registration_token"]
    names += ["sims", "server_url"] if theirs.logged_in else []
    for name in names:
        if getattr(ours, name) != getattr(theirs, name):
            return f"{name} is {getattr(ours, name)!r} instead of {getattr(theirs, name)!r}"
    return None


def _line(entry: Request | Submit, settings: Settings, case: Case) -> str:
    if isinstance(entry, Submit):
        return _submit_line(entry.subscription_id, entry.to, entry.segments)
    text = f"{entry.scheme} {request_bytes(entry).decode('utf-8')}"
    found = _CIPHERTEXT.search(text)
    if found is None:
        return text
    key = settings.encryption_key or case["settings"]["SETTINGS_ENCRYPTION_KEY"]
    return text.replace(found[1], f"<ciphertext of {cipher.decrypt(key, found[1])}>")


def _recorded_line(entry: dict[str, Any]) -> str | None:
    match entry["kind"]:
        case "sms_call":
            return _submit_line(entry["subscription"], entry["to"], tuple(entry["parts"]))
        case "mms_call":
            return "an MMS"
        case "request":
            head = "".join([f"{name}: {value}\r\n" for name, value in entry["headers"]])
            body: str = entry.get("body", "")
            if "content_decrypts_to" in entry:
                told = f"<ciphertext of {entry['content_decrypts_to']}>"
                body = body.replace(entry["body_json"]["content"], told)
            scheme = "https" if entry["tls"] else "http"
            return f"{scheme} {entry['method']} {entry['target']} HTTP/1.1\r\n{head}\r\n{body}"
        case _:
            return None


def _submit_line(subscription: int | None, to: str, segments: tuple[str, ...]) -> str:
    return f"a text by {subscription} to {to}: {segments}"


def _named_times(lines: list[str]) -> list[str]:
    """Each time stamp by its number, so that what was frozen must be the same in both."""
    names: dict[str, str] = {}

    def name(stamp: re.Match[str]) -> str:
        return names.setdefault(stamp[0], f"<time {len(names) + 1}>")

    return [_STAMP.sub(name, line) for line in lines]
