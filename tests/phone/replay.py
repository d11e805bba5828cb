"""Replays what the real app did (tests/data/phone/README.md) with the phone's core, and compares everything.

Compared is the whole list `happened`: requests with their bytes and connections, what was handed to the radio, work and
its results, screens; then the settings, the work and the files that are left. Time stamps are named in their order,
ciphertexts decrypted, MMS transaction ids masked; requests that the recorder's threads sent side by side have no order.

The recorder ran jobs when a step said so, one after the other. The core asks for each of its jobs with `At`, so the
replay keeps these back.
"""

from __future__ import annotations

import base64
import json
import re
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness import cipher
from harness.core import At, Command, Record, Tell
from harness.draws import Draws
from harness.http.values import Answered, Call
from harness.instants import MS, SECOND, Instant, parse_rfc3339
from harness.phone import (
    AnswerPermissions,
    Boot,
    Build,
    Card,
    ChangeSettings,
    Device,
    KillProcess,
    LogIn,
    LogOut,
    NewRegistrationToken,
    OpenApp,
    Phone,
    ResultBroadcast,
    ResumeApp,
    SendHeartbeat,
    Settings,
    Sim,
    SmsBroadcast,
    TelephonyThrows,
    TypeEncryptionKey,
    UpdateApp,
)
from harness.phone.events import JobDue, MainScreenOpens
from harness.phone.jobs import Fetch, Forward, Heartbeat, MissedCall, Report, Task, input_of
from harness.phone.outgoing import CANNOT_BE_DELIVERED
from harness.phone.receiving import CallLogDue
from harness.phone.scheduling import JobTooLong
from harness.phone.work import Happening, State
from harness.profile import AppProfile
from harness.radio import (
    RESULT_OK,
    CallLogged,
    CallStateChanged,
    MmsResult,
    StatusReport,
    Submit,
    SubmitAccepted,
    SubmitMms,
    SubmitRejected,
    WapPushReceived,
)
from harness.wire.fcm import Listening, PushReceived, StreamOpened
from harness.wire.java import Threw, hash_code
from tests.phone.scripted import Case, Entry, Gateway, Wire, seconds_slept

Replayed = tuple[str, bool | None, str]
"""The name of a case; whether we agree (None: it was not replayed); what differs, or why not."""

START = parse_rfc3339("2026-07-23T05:10:10Z")


def replay_folder(folder: Path) -> list[Replayed]:
    """What became of every case in the files of a folder."""
    return [replay(case) for path in sorted(folder.glob("*.jsonl")) for case in _cases(path)]


def _cases(path: Path) -> Iterator[Case]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def replay(case: Case) -> Replayed:
    run = Run(case)
    difference = run.carry_out() or _difference(run, case)
    return case["case"], difference is None, difference or ""


# -- what the case says --------------------------------------------------------------------------------------

_TIMES = {"SETTINGS_FCM_TOKEN_UPDATE_TIMESTAMP", "SETTINGS_HEARTBEAT_TIMESTAMP"}


def _settings(stored: dict[str, Any]) -> Settings:
    def time(name: str) -> Instant:
        value = stored.get(name) or 0
        return START - value["ms_before_start"] * MS if isinstance(value, dict) else value * MS

    sims = tuple(
        Sim(
            stored.get(f"SETTINGS_SIM{slot}_PHONE_NUMBER") or "",
            active=stored.get(f"SETTINGS_SIM{slot}_ACTIVE_STATUS", True),
            incoming=stored.get(f"SETTINGS_SIM{slot}_INCOMING_ACTIVE", True),
            calls=stored.get(f"SETTINGS_SIM{slot}_INCOMING_CALL_ACTIVE", False),
        )
        for slot in (1, 2)
    )
    return Settings(
        sims,
        server_url=stored.get("SETTINGS_SERVER_URL", "https://api.httpsms.com"),
        api_key=stored.get("SETTINGS_API_KEY"),
        encryption_key=stored.get("SETTINGS_ENCRYPTION_KEY", ""),
        encrypt_received=stored.get("SETTINGS_ENCRYPT_RECEIVED_MESSAGES", False),
        registration_token=stored.get("SETTINGS_FCM_TOKEN", ""),
        user_id=stored.get("SETTINGS_USER_ID", ""),
        token_uploaded_at=time("SETTINGS_FCM_TOKEN_UPDATE_TIMESTAMP"),
        heartbeat_at=time("SETTINGS_HEARTBEAT_TIMESTAMP"),
        debug=stored.get("SETTINGS_DEBUG_LOG_ENABLED", False),
    )


def _stored(settings: Settings) -> dict[str, Any]:
    """The settings under the app's names; what is not there is None."""
    stored: dict[str, Any] = {
        "SETTINGS_API_KEY": settings.api_key,
        "SETTINGS_SERVER_URL": settings.server_url,
        "SETTINGS_ENCRYPTION_KEY": settings.encryption_key or None,
        "SETTINGS_ENCRYPT_RECEIVED_MESSAGES": settings.encrypt_received,
        "SETTINGS_FCM_TOKEN": settings.registration_token or None,
        "SETTINGS_FCM_TOKEN_UPDATE_TIMESTAMP": settings.token_uploaded_at,
        "SETTINGS_HEARTBEAT_TIMESTAMP": settings.heartbeat_at,
        "SETTINGS_USER_ID": settings.user_id or None,
        "SETTINGS_DEBUG_LOG_ENABLED": settings.debug,
    }
    for slot, sim in enumerate(settings.sims, start=1):
        stored[f"SETTINGS_SIM{slot}_PHONE_NUMBER"] = sim.number or None
        stored[f"SETTINGS_SIM{slot}_ACTIVE_STATUS"] = sim.active
        stored[f"SETTINGS_SIM{slot}_INCOMING_ACTIVE"] = sim.incoming
        stored[f"SETTINGS_SIM{slot}_INCOMING_CALL_ACTIVE"] = sim.calls
    return stored


def _device(case: Case) -> Device:
    recorded = case["device"]
    cards = tuple(Card(card["id"], card["slot"] + 1) for card in recorded["active_subscriptions"])
    default = recorded["default_sms_subscription"]
    logins = [step["country"] for step in case["steps"] if step["do"] == "login"]
    return Device(
        cards,
        None if default < 0 else default,
        recorded["charging"],
        denied=(),
        country=next(iter(logins), "US"),
    )


# -- what the phone does -------------------------------------------------------------------------------------

_WORKERS = {
    Fetch: "MyFirebaseMessagingService$SendSmsWorker",
    Forward: "ReceivedReceiver$ReceivedSmsWorker",
    MissedCall: "receivers.PhoneStateReceiver$MissedCallWorker",
    Heartbeat: "worker.HeartbeatWorker",
}
_SERVICE = ".services.StickyNotificationService"
_ACTIONS = {"SENT": "com.httpsms.SMS_SENT", "DELIVERED": "com.httpsms.SMS_DELIVERED"}
_HEARTBEATS = "TAG_HEARTBEAT_WORKER"


class Watched(Phone):
    """Tells of every end of a worker, in its place among what the phone asks for."""

    def _finish(
        self, number: int, attempt: int, happening: Happening, now: Instant, threw: Threw | None = None
    ) -> list[Command]:
        result = happening.value if threw is None else f"threw {_shown(threw)}"
        facts = {"job": number, "attempt": attempt, "result": result}
        ended = super()._finish(number, attempt, happening, now, threw)
        return [Record("recorder", "work ran", None, facts), *ended]


def _shown(threw: Threw) -> str:
    """As the recorder wrote exceptions down: the first line of the message, cut."""
    if threw.text is None:
        return threw.exception
    line = threw.text.split("\n")[0]
    return f"{threw.exception}: {line if len(line) <= 140 else line[:140] + '...'}"


class Run:
    """One case under way. `seen` are entries as in `happened`."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.now = START
        self.seen: list[Entry] = []
        self.gateway = Gateway(case)
        self.wire = Wire(self.gateway, self.seen.append)
        app = AppProfile(runtime="jvm", sentry_headers=case["case"].startswith("with-sentry/"))
        build = Build(app, https_only=True)
        self.phone = Watched("phone", Draws(1, "phone"), _settings(case["settings"]), _device(case), build)
        self.submits: list[Submit | SubmitMms] = []
        self.heard: list[tuple[str, ...]] = []
        self.ready: deque[JobDue] = deque()
        self.later: deque[At] = deque()
        self.works: dict[int, int] = {}
        self.started_at: Instant = 0

    def carry_out(self) -> str | None:
        """What is in the way, if a step cannot be taken."""
        for number, step in enumerate(self.case["steps"], start=1):
            self.now += SECOND
            self.seen.append({"kind": "step", "step": number})
            try:
                self._step(step)
            except LookupError as error:
                return f"step {number}: {error}"
        return None

    # -- steps ---------------------------------------------------------------------------------------------------

    def _step(self, step: dict[str, Any]) -> None:
        match step["do"]:
            case "run_work":
                while self.ready:
                    self._work(self.ready.popleft())
            case "run_work_that_asked_for_retry":
                due = list(self.later)
                self.later.clear()
                for at in due:
                    self.now = max(self.now, at.due_at)
                    self._work(at.event)
            case "sent_result":
                self._sent(step["sms"] - 1, step["part"] - 1, step["result_code"])
            case "delivery_result":
                self._delivered(step["sms"] - 1, step["part"] - 1, step["result_code"])
            case "process_dies_and_starts_again":
                self._tell(KillProcess())
            case "login":
                self._log_in(step)
            case "note":
                self._note(step["text"])
            case "broadcast":
                self._broadcast(step["action"])
            case "sms_received":
                # Another action is none of the app's.
                if not step.get("action", "SMS_RECEIVED").endswith("SMS_RECEIVED"):
                    return
                # The service centre's address, empty here, is no part of the PDU.
                pdus = tuple(bytes.fromhex(pdu)[1:] for pdu in step["pdus_hex"])
                self._tell(SmsBroadcast(pdus, step["slot_extra"]))
            case _:
                self._tell(self._event(step))

    def _event(self, step: dict[str, Any]) -> Any:
        match step["do"]:
            case "push":
                return PushReceived("", tuple(step["data"].items()))
            case "settings_change":
                return self._change(step["set"])
            case "result_broadcast_from_elsewhere":
                what = "sent" if step["action"].endswith("SENT") else "delivered"
                return ResultBroadcast(what, step["KEY_MESSAGE_ID"], step["result_code"])
            case "wap_push_received":
                return WapPushReceived(base64.b64decode(step["data_base64"] or ""), (step["slot_extra"] or 0) + 1)
            case "call_log_row":
                account = step["phone_account_id"]
                return CallLogged(step["number"], step["type"], step["date_ms"] * MS, phone_account_id=account)
            case "phone_state":
                return CallStateChanged(step["state"], step["incoming_number"])
            case "new_registration_token":
                return NewRegistrationToken(step["token"])
            case "permissions_answered":
                return AnswerPermissions(tuple(step["answers"].items()))
            case "encryption_key_typed":
                return TypeEncryptionKey(step["text"])
            case other:
                return _SIMPLE[other]

    def _change(self, changes: dict[str, Any]) -> ChangeSettings:
        stored = {**{name: value for name, value in _stored(self.phone.settings).items() if value is not None}}
        times = {name: stored.pop(name) // MS for name in _TIMES}
        wanted = _settings({**stored, **times, **changes})
        names = [
            name
            for name in Settings.__dataclass_fields__
            if getattr(wanted, name) != getattr(self.phone.settings, name)
        ]
        return ChangeSettings(tuple((name, getattr(wanted, name)) for name in names))

    def _sent(self, sms: int, segment: int, code: int) -> None:
        submit = self._submit(sms)
        if submit.id not in self.phone.submissions:
            self._tell(ResultBroadcast("sent", self.heard[sms][segment], code))
        elif isinstance(submit, SubmitMms):
            self._tell(MmsResult(submit.id, code))
        elif code == RESULT_OK:
            self._tell(SubmitAccepted(submit.id, segment, tp_mr=segment))
        else:
            self._tell(SubmitRejected(submit.id, segment, code))

    def _delivered(self, sms: int, segment: int, code: int) -> None:
        """A temporary status, so that another one may follow. What no radio would tell comes from elsewhere."""
        submit = self._submit(sms)
        if submit.id in self.phone.submissions:
            self._tell(StatusReport(submit.id, segment, segment, status=48, code=code))
        else:
            self._tell(ResultBroadcast("delivered", self.heard[sms][segment], code))

    def _submit(self, number: int) -> Submit | SubmitMms:
        if number >= len(self.submits):
            raise LookupError(f"message {number + 1} was not handed to the radio")
        return self.submits[number]

    def _log_in(self, step: dict[str, Any]) -> None:
        numbers = tuple(text for text in (step["phone_sim1"], step["phone_sim2"]) if text is not None)
        self._tell(LogIn(step["api_key"], numbers, step["server_url"]))

    def _note(self, text: str) -> None:
        thrown = re.fullmatch(r"the telephony service throws ([\w.]+)\((.*)\)", text, re.DOTALL)
        if thrown is not None:
            self._tell(TelephonyThrows(thrown[1], None if thrown[2] == "null" else thrown[2]))
        elif text == "the gateway listens again":
            self.gateway.listens = True
        else:
            raise LookupError(text)

    def _broadcast(self, action: str) -> None:
        """The app's receiver starts with any of them, and looks at one only."""
        known = {"BOOT_COMPLETED": Boot(), "MY_PACKAGE_REPLACED": UpdateApp()}.get(action.rpartition(".")[2])
        if known is not None:
            self._tell(known)

    # -- what comes of them --------------------------------------------------------------------------------------

    def _work(self, event: JobDue) -> None:
        self.started_at = self.now
        self._tell(event)

    def _tell(self, event: Any) -> None:
        self.now += MS
        listened = self.phone.life.receivers
        commands = list(self.phone.handle(event, self.now))
        if self.phone.life.receivers and not listened:
            self.seen += [
                {"kind": "receiver_registered", "action": action, "exported": True} for action in _ACTIONS.values()
            ]
        for command in commands:
            self._do(command)

    def _do(self, command: Command) -> None:
        match command:
            case Record(kind=kind, message=message, facts=facts):
                self._entry(kind, message, dict(facts))
            case At(due_at, JobDue(number)):
                self._due(command, due_at, number)
            case At(due_at, CallLogDue() as event):
                self.now = max(self.now, due_at)
                self._tell(event)
            case At(_, MainScreenOpens() | JobTooLong()):
                pass
            case Call(exchange, client, request):
                outcome = self.wire.call(client, request, self.now)
                self.now += seconds_slept(self.gateway)
                self._tell(Answered(exchange, outcome))
            case Tell(_, Submit() | SubmitMms() as submit):
                self._hand_over(submit)
            case Tell("push", StreamOpened(token)):
                self._tell(Listening(token))
            case Tell("push"):
                pass
            case _:
                raise LookupError(f"the phone asks for {command}")

    def _due(self, at: At, due_at: Instant, number: int) -> None:
        job = self.phone.jobs[number]
        if number not in self.works:
            self.works[number] = len(self.works) + 1
            self.seen.append(self._enqueued(number, job.task))
        elif job.period:
            return  # the next period
        (self.ready.append(at.event) if due_at <= self.now else self.later.append(at))

    def _enqueued(self, number: int, task: Task) -> Entry:
        worker = _WORKERS.get(type(task))
        if isinstance(task, Report):
            receiver = "DeliveredReceiver" if task.reason == CANNOT_BE_DELIVERED else "SentReceiver"
            name = {"SENT": "Sent", "DELIVERED": "Delivered", "FAILED": "Failed"}[task.event]
            receiver = "DeliveredReceiver" if task.event == "DELIVERED" else receiver
            worker = f"{receiver}${name}MessageWorker"
        periodic = isinstance(task, Heartbeat)
        tags = [_HEARTBEATS] if periodic else [task.message_id] if isinstance(task, Fetch) else []
        return {
            "kind": "work_enqueued",
            "work": self.works[number],
            "worker": worker,
            "input": {key: list(value) if isinstance(value, tuple) else value for key, value in input_of(task)},
            "constraints": {"network": "CONNECTED"},
            "tags": tags,
            **dict.fromkeys(("backoff", "initial_delay_ms", "expedited")),
            "unique_name": _HEARTBEATS if periodic else None,
            "unique_policy": "KEEP" if periodic else None,
            "period_ms": 900_000 if periodic else None,
        }

    def _entry(self, kind: str, message: str | None, facts: dict[str, Any]) -> None:
        entry = self._told(kind, message, facts)
        if entry is not None:
            self.seen.append(entry)

    def _told(self, kind: str, message: str | None, facts: dict[str, Any]) -> Entry | None:
        match kind:
            case "work ran":
                ran = {"work": self.works[facts["job"]], "attempt": facts["attempt"], "result": facts["result"]}
                took_s = (self.now - self.started_at) // SECOND
                return {"kind": "work_ran", **ran, **({"took_s": took_s} if took_s >= 5 else {})}
            case "heartbeats kept":
                return {"kind": "work_kept", "unique_name": _HEARTBEATS, "policy": "KEEP"}
            case "no card":
                code = facts["code"]
                return {"kind": "sent_intent_fired_by_sms_manager", "KEY_MESSAGE_ID": message, "result_code": code}
            case "nobody listened":
                return {"kind": "nobody_listened", "action": _ACTIONS[facts["event"]]}
            case "service started":
                return {"kind": "foreground_service_started", "service": _SERVICE}
            case "screen opened":
                return {"kind": "screen_opened", "activity": ".LoginActivity"}
            case "permissions asked":
                return {"kind": "permissions_asked", "permissions": facts["permissions"].split(", ")}
            case "toast":
                return {"kind": "toast", "text": [facts["text"]]}
            case "login failed" | "logged in":
                return self._login_screen(facts)
            case _:
                return None

    def _login_screen(self, facts: dict[str, Any]) -> Entry:
        dual = self.phone.device.dual_sim
        errors = dict.fromkeys(("api_key_error", "phone_sim1_error", "phone_sim2_error", "server_url_error", "toast"))
        field, text = facts.get("field"), facts.get("error")
        if field == "toast":
            errors["toast"] = "token missing"  # the recorder's word: the screen itself did not run
        elif field is not None:
            errors[f"{field}_error"] = text
        return {"kind": "login_screen", "success": field is None, "dual_sim_fields": dual, **errors}

    def _hand_over(self, submit: Submit | SubmitMms) -> None:
        self.submits.append(submit)
        heard = self.phone.submissions[submit.id].heard
        self.heard.append(heard)
        message_id = submit.id.rpartition("/")[0]
        number = {"sms": len(self.submits), "subscription": submit.subscription_id}
        if isinstance(submit, SubmitMms):
            uri = f"content://com.httpsms.fileprovider/mms_attachments/pdu_{message_id}.dat"
            self.seen.append(
                {
                    "kind": "mms_call",
                    "call": "sendMultimediaMessage",
                    **number,
                    "content_uri": uri,
                    "location_url": None,
                    "sent_intent": self._intent("SENT", heard[0], message_id),
                    "pdu_length": len(submit.pdu),
                    "pdu_base64": base64.b64encode(submit.pdu).decode(),
                }
            )
            return
        own = [*(f"{message_id}.{place}" for place in range(len(heard) - 1)), message_id]
        intents = {
            name: [self._intent(action, told, known) for told, known in zip(heard, own, strict=True)]
            for name, action in (("sent_intents", "SENT"), ("delivery_intents", "DELIVERED"))
        }
        call = "sendTextMessage" if len(heard) == 1 else "sendMultipartTextMessage"
        parts = {"to": submit.to, "service_centre": None, "parts": list(submit.segments)}
        self.seen.append({"kind": "sms_call", "call": call, **number, **parts, **intents})

    def _intent(self, event: str, heard: str, own: str) -> Entry:
        code = hash_code(own)
        there = {"was_already_there": True} if self.phone.intents[code].holders > 1 else {}
        return {"action": _ACTIONS[event], "KEY_MESSAGE_ID": heard, "request_code": code, "immutable": True, **there}


_SIMPLE: dict[str, Any] = {
    "logout": LogOut(),
    "heartbeat_button": SendHeartbeat(),
    "main_screen_created_started_resumed": OpenApp(),
    "main_screen_resumed": ResumeApp(),
}


# -- the comparison ------------------------------------------------------------------------------------------

_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}000000Z")
_FILE = re.compile(r"(?:<cache>|[\w./]*/cache)/received_mms_(?:<ms>|\d+)_(\d+)")
_CLOCK = re.compile(r"(?<![\w-])[0-7]{14}(?![\w-])")
_SENTRY = re.compile(r"[0-9a-f]{32}-[0-9a-f]{16}|(?<=sentry-trace_id=)[0-9a-f]{32}|(?<=sample_rand=)0\.\d+")
# What a request is split into beside its bytes, and what the recorder decoded for its reader.
_DERIVED = {"path", "query", "body_is_json", "body_json", "body_shape", "content_decrypts_to", "alpn_offered", "pdu"}


def _difference(run: Run, case: Case) -> str | None:
    """The first thing that is not as recorded."""
    key = run.phone.settings.encryption_key or case["settings"].get("SETTINGS_ENCRYPTION_KEY", "")
    ours = _lines([_comparable(entry, key) for entry in run.seen], case)
    theirs = _lines([_comparable(entry, key) for entry in case["happened"]], case)
    for number in range(max(len(ours), len(theirs))):
        mine, recorded = (lines[number] if number < len(lines) else "nothing" for lines in (ours, theirs))
        if mine != recorded:
            return f"{mine} instead of {recorded}"
    return _other_settings(run, case) or _other_rest(run, case)


def _comparable(entry: Entry, key: str) -> Entry:
    kept = {name: value for name, value in entry.items() if name not in _DERIVED}
    match kept["kind"]:
        case "request":
            kept.setdefault("body", "")
            kept["body"] = _decrypted(kept["body"], key)
        case "work_enqueued" if kept["input"].get("KEY_MESSAGE_ENCRYPTED"):
            clear = cipher.decrypt(key, kept["input"]["KEY_MESSAGE_CONTENT"])
            kept["input"] = {**kept["input"], "KEY_MESSAGE_CONTENT": f"<ciphertext of {clear}>"}
        case "mms_call":
            # A big one was not written down.
            shown = kept["pdu_base64"] if kept["pdu_length"] < 1_000_000 else None
            pdu = base64.b64decode(shown or "")
            kept["pdu_base64"] = re.sub(rb"\x98T[0-9a-f]+\0", b"\x98T<time>\0", pdu).decode("latin-1")
        case "work_ran":
            kept["result"] = re.sub("not '[^']*'", "not it", _sorted_alternatives(kept["result"]))
        case "login_screen" if kept["server_url_error"]:
            kept["server_url_error"] = _sorted_alternatives(kept["server_url_error"])
    return kept


_BODY_CIPHERTEXT = re.compile(r'"content" : "([^"]*)", "encrypted" : true')


def _decrypted(body: str, key: str) -> str:
    found = _BODY_CIPHERTEXT.search(body)
    return body if found is None else body.replace(found[1], f"<ciphertext of {cipher.decrypt(key, found[1])}>")


def _sorted_alternatives(text: str) -> str:
    """Klaxon names what it expected in no order (README)."""
    found = re.search("Expected (.+ or .+), not", text)
    if found is None:
        return text
    return text.replace(found[1], " ".join(sorted(found[1].replace(" or ", ", ").split(", "))))


def _lines(entries: list[Entry], case: Case) -> list[str]:
    """One text for each entry; what is drawn anew by its name in the order of its appearance, so that what was frozen
    must be the same in both."""
    if case["case"].startswith("registration/") and any(entry["kind"] == "permissions_asked" for entry in entries):
        entries = _side_by_side(entries)
    key = case["settings"].get("SETTINGS_API_KEY") or next(
        (step["api_key"].strip() for step in case["steps"] if step["do"] == "login"), ""
    )
    names: dict[str, str] = {}

    def name(stamp: re.Match[str]) -> str:
        return names.setdefault(stamp[0], f"<drawn {len(names) + 1}>")

    lines = []
    for entry in entries:
        line = json.dumps(entry, sort_keys=True, ensure_ascii=False)
        line = _FILE.sub(r"<cache>/received_mms_<ms>_\1", line)
        if entry["kind"] == "login_screen" and key:
            line = line.replace(key, "<key>")
        for pattern in (_STAMP, _SENTRY, _CLOCK):
            line = pattern.sub(name, line)
        lines.append(line)
    return lines


def _side_by_side(entries: list[Entry]) -> list[Entry]:
    """Requests of threads that ran side by side: in any order, on connections of their own."""
    sorted_entries: list[Entry] = []
    requests: list[Entry] = []
    for entry in [*entries, {"kind": "end"}]:
        if entry["kind"] == "request":
            requests.append({**entry, "connection": None})
            continue
        sorted_entries += sorted(requests, key=lambda request: str(request["body"]))
        requests = []
        sorted_entries.append(entry)
    return sorted_entries[:-1]


def _other_settings(run: Run, case: Case) -> str | None:
    before, ours = _stored(_settings(case["settings"])), _stored(run.phone.settings)
    for name, mine in ours.items():
        wanted = case["settings_changed"].get(name, before[name])
        if wanted == "<time in ms>":
            same = mine != before[name] and START < mine <= run.now
        else:
            same = (mine or None) == (wanted or None)
        if not same:
            return f"{name} is {mine!r} instead of {wanted!r}"
    return None


def _other_rest(run: Run, case: Case) -> str | None:
    left = [
        {
            "work": run.works[job.number],
            "state": "waits for its next attempt" if job.attempts else "enqueued",
            "attempts": job.attempts,
        }
        for job in run.phone.jobs.values()
        if job.state is State.ENQUEUED and not (job.period and job.not_before_at > run.now)
    ]
    if sorted(left, key=str) != sorted(case["work_left"], key=str):
        return f"work left: {left} instead of {case['work_left']}"
    files = sorted(re.sub(r"^received_mms_\d+_", "received_mms_<ms>_", name) for name in run.phone.files)
    if files != sorted(case["files_left_in_cache"]):
        return f"files left: {files} instead of {case['files_left_in_cache']}"
    return None
