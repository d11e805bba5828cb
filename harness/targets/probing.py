"""What works on somebody's server, what does not, why, and what to set: found by asking and by a trial."""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from harness.adapters.http_client import Caller
from harness.capability import CAPABILITIES, Capability, Missing
from harness.errors import NotHttpSms
from harness.frozen import frozen
from harness.http.urls import host_and_port
from harness.http.values import Call, Limits, Response
from harness.targets.account import Account, trust_of
from harness.targets.holding import holding
from harness.targets.leftovers import Left
from harness.targets.link import Link, new_run
from harness.targets.numbers import free_number
from harness.targets.options import Push, TargetOptions
from harness.targets.remote import control_request
from harness.targets.trial import Heard, Trial, try_out
from harness.wire.client import UserAccess
from harness.wire.owned import User, usage_of

__all__ = ["Finding", "Findings", "as_json", "channel_of", "examine", "missing_of"]

_LIMITS = Limits(total_s=10.0)
_CLOCK_S = 5.0  # a clock that is off by more than that is told: tokens of webhooks hold for ten minutes


@frozen
class Finding:
    """One line of the probe. `ok` None: neither well nor ill, a fact. `remedy`: what to do about it."""

    name: str
    ok: bool | None
    words: str
    remedy: str = ""


@frozen
class Findings:
    """What a probe came to. `push` is the way of messages to an emulated phone, `none` where there is none.

    `can_run`: some stories can be carried out. `left`: what could not be removed again. `control`: the server is a
    stand-in whose clock can be moved. `numbers`: those of the phones that the account has.
    """

    url: str
    findings: tuple[Finding, ...]
    push: Push
    missing: Mapping[Capability, Missing]
    can_run: bool
    control: bool = False
    clock_offset_s: float | None = None
    user: User | None = None
    numbers: tuple[str, ...] = ()
    left: tuple[Left, ...] = ()
    pace: str | None = None
    """Of a stand-in, if it tells."""


async def examine(link: Link) -> Findings:
    """Raises `ServerUnreachable`, `NotHttpSms`, `KeyRefused`; everything else is a finding."""
    account, options = link.account, link.options
    lines = [await _tls(account.access, options)] if account.access.scheme == "https" else []
    if not account.access.api_key:
        await _recognise(account)
        lines += [_RECOGNISED, Finding("user key", False, "none was given", "give --user-key the API key (uk_…)")]
        return Findings(account.url, tuple(lines), "none", {}, can_run=False)
    user = await account.user()
    numbers = tuple([phone.number for phone in await account.phones()])
    pace = await _pace(link.door, account.access, options.control_token)
    control = pace is not None
    run = new_run()
    async with holding(account, run, numbers, partial(_number, options), lambda number: [number]) as number:
        trial = await try_out(account, run, number, link.ears, link.door)
    push, missing = channel_of(options, trial), missing_of(options, trial, control, link.push_place)
    lines += [
        _RECOGNISED,
        Finding("user key", True, f"accepted: {user.email}"),
        await _plan(account, user),
        Finding("phones", None, f"the account has {len(numbers)}" + (f": {', '.join(numbers[:5])}" if numbers else "")),
        *_trial_lines(trial, push, missing),
        _clock(trial),
        _control_line(control, options),
    ]
    if trial.left:
        lines.append(_left_line(trial.left, account.url))
    can_run = trial.ready and (push != "none" or trial.received)
    return Findings(
        account.url, tuple(lines), push, missing, can_run, control, trial.clock_offset_s, user, numbers,
        tuple(trial.left), pace,
    )  # fmt: skip


def _number(options: TargetOptions, taken: frozenset[str], turn: int) -> str:
    """One that somebody has set aside for stories, or else one by rule."""
    given = [number for _, number in options.phones if number not in taken]
    return given[0] if given else free_number(taken, turn)


_RECOGNISED = Finding("server", True, "an httpSMS server answers")


async def _recognise(account: Account) -> None:
    """Without a key: by how it refuses to answer without one (gateway-protocol.md §1.5). Raises `NotHttpSms`."""
    answer = await account.ask("GET", "/v1/users/me")
    if answer.status != 401 or b"x-api-key" not in answer.body.lower():
        raise NotHttpSms(account.url, "GET /v1/users/me", answer.status)


# -- facts -------------------------------------------------------------------------------------------------------------


async def _plan(account: Account, user: User) -> Finding:
    plan = user.plan or "free"
    with contextlib.suppress(ValueError):
        usage = usage_of(await account.ask("GET", "/v1/billing/usage"))
        words = f"{plan}: {usage.sent} sent and {usage.received} received in this cycle, those of the probe too"
        return Finding("plan", None, words)
    return Finding("plan", None, plan)


def _clock(trial: Trial) -> Finding:
    offset_s = trial.clock_offset_s
    if offset_s is None:
        return Finding("clock", None, "the server did not tell its time")
    words = f"the server's is {abs(offset_s):.3f} s {'before' if offset_s >= 0 else 'behind'} ours"
    if abs(offset_s) <= _CLOCK_S:
        return Finding("clock", True, words)
    return Finding("clock", False, words, "set both by the same source: times in stories and tokens will be off")


async def _pace(client: Caller, access: UserAccess, token: str | None) -> str | None:
    """The pace of a stand-in that has control routes, and lets us in; None where there are none."""
    request = control_request(access, token, "GET", "/health")
    outcome = await client.call(Call("control", "harness", request, _LIMITS))
    if not isinstance(outcome, Response) or outcome.status != 200:
        return None
    with contextlib.suppress(ValueError, RecursionError):
        told = json.loads(outcome.body)
        if isinstance(told, dict) and isinstance(told.get("version"), str):
            return str(told.get("pace"))
    return None


def _control_line(control: bool, options: TargetOptions) -> Finding:
    if control:
        return Finding("control routes", True, "time can be moved on")
    words = "none: time passes as it does"
    if options.control_token is not None:
        return Finding("control routes", False, words, "start `serve` with --control, and give its --control-token")
    return Finding("control routes", None, words)


def _left_line(left: list[Left], url: str) -> Finding:
    words = "; ".join([f"{one.leftover.what}: {one.why}" for one in left])
    return Finding("removal", False, f"not everything could be removed: {words}", f"cleanup --server {url}")


async def _tls(access: UserAccess, options: TargetOptions) -> Finding:
    """What was agreed on, and until when the certificate holds."""
    host, port = host_and_port("https", access.authority)
    context = trust_of(options.ca_file, insecure=options.insecure)()
    try:
        async with asyncio.timeout(10.0):
            _, writer = await asyncio.open_connection(host, port, ssl=context, server_hostname=host)
    except (OSError, TimeoutError) as error:
        why = getattr(error, "verify_message", "") or str(error)
        return Finding("TLS", False, f"no agreement: {why}", "--ca-file FILE trusts its certificate, --insecure any")
    connection: ssl.SSLObject = writer.get_extra_info("ssl_object")
    words = f"{connection.version()}, {(connection.cipher() or ('?',))[0]}" + _until(connection.getpeercert() or {})
    writer.close()
    return Finding("TLS", None if options.insecure else True, words + (", not verified" if options.insecure else ""))


def _until(certificate: Mapping[str, Any]) -> str:
    text = certificate.get("notAfter")
    if not isinstance(text, str):
        return ""
    return f", certificate until {datetime.fromtimestamp(ssl.cert_time_to_seconds(text), UTC):%Y-%m-%d}"


# -- what the trial means ----------------------------------------------------------------------------------------------


_TRUE_PUSHES: Mapping[Heard, Push] = {"streamed": "stream", "pushed to us": "fcm-endpoint"}


def channel_of(options: TargetOptions, trial: Trial) -> Push:
    """How a phone hears of its messages, as asked for, or as the trial shows; `none` where no way works."""
    if trial.push in ("not sent", "refused"):
        return "none"
    shown = _TRUE_PUSHES.get(trial.push, "echo")
    if options.push in _TRUE_PUSHES.values() and options.push != shown:
        return "none"
    return shown if options.push == "auto" else options.push


def missing_of(options: TargetOptions, trial: Trial, control: bool, push_place: str) -> Mapping[Capability, Missing]:
    """What stories cannot have there, each with the reason and what to do about it."""
    found = {
        Capability.GATEWAY_TRACE: (
            "what happens within a server that is not ours is not seen, but for what its API tells",
            "run it on the embedded gateway",
        ),
        Capability.VIRTUAL_TIME: ("the server goes by the real clock", "run it on the embedded gateway"),
    }
    if not control:
        found |= _WITHOUT_CONTROL
    push = channel_of(options, trial)
    if push == "none":
        found[Capability.SEND] = _no_send(options, trial, push_place)
    if push != "fcm-endpoint":
        found[Capability.PUSH] = found.get(
            Capability.SEND, ("the server's pushes do not go through a push service of ours", _fcm_remedy(push_place))
        )
    if not trial.received:
        why = trial.received_why or trial.ready_why or "the server takes no text from a phone"
        found[Capability.RECEIVE] = found[Capability.CALLS] = (why, "")
    if not trial.webhook:
        found[Capability.WEBHOOKS] = _no_webhooks(trial)
    return {what: Missing(what, why, remedy) for what, (why, remedy) in found.items()}


_WITHOUT_CONTROL = {
    Capability.TIME_TRAVEL: (
        "the clock of a server that is not ours cannot be moved",
        "--slow waits for a minute; only the embedded gateway and a `serve --control` go further",
    ),
    Capability.EXPIRY: (
        "a message expires after 60 s at the earliest there",
        "run it on the embedded gateway, or on a `serve --control`",
    ),
    Capability.CONTROL: (
        "the server has no routes for facts that have no API",
        "run it on the embedded gateway, or on a `serve --control`",
    ),
    Capability.GATEWAY_FAULTS: (
        "a server that is not ours cannot be made to err",
        "run it on the embedded gateway, or on a `serve --control`",
    ),
}


def _fcm_remedy(push_place: str) -> str:
    if push_place:
        return f"start the server with FCM_ENDPOINT={push_place}"
    return "give --push-listen HOST:PORT, and start the server with FCM_ENDPOINT=http://HOST:PORT"


def _no_send(options: TargetOptions, trial: Trial, push_place: str) -> tuple[str, str]:
    if trial.push == "not sent":
        return trial.push_why or trial.ready_why or "no message could be sent", ""
    if options.push == "none":
        return "--push none: no message is handed to a phone", "leave --push out"
    if trial.push == "refused":
        return (
            "the server's push service does not know the token of an emulated phone, as real FCM does not, or cannot "
            f"be reached, and the message failed at once ({trial.push_why}): texts that come in, calls, heartbeats and "
            "webhooks work, sending does not",
            f"{_fcm_remedy(push_place)}; with real FCM only a real device can send",
        )
    if options.push == "stream":
        return "the server has no push service that streams to phones", "leave --push out"
    return "the server's pushes do not come to us", _fcm_remedy(push_place)


def _no_webhooks(trial: Trial) -> tuple[str, str]:
    if trial.webhook is None:
        return (
            "there is no address at which the server could call us",
            "give --listen HOST:PORT, and --callback-url if the server reaches it under another",
        )
    if trial.webhook_why:
        return trial.webhook_why, trial.webhook_remedy
    return trial.ready_why or trial.received_why or "no webhook could be tried", ""


_PUSH_WORDS: Mapping[Heard, str] = {
    "streamed": "its own push service takes emulated phones",
    "pushed to us": "pushes come to us",
    "accepted elsewhere": "another push service takes them, for whatever token",
    "refused": "refused",
    "silent": "nothing was heard of a push, and the message did not fail",
    "not sent": "no message could be sent",
}


def _trial_lines(trial: Trial, push: Push, missing: Mapping[Capability, Missing]) -> list[Finding]:
    lines = [Finding("phone", trial.ready, "an emulated phone logs in" if trial.ready else trial.ready_why)]
    lines.append(_line("texts in", "a text comes in", missing.get(Capability.RECEIVE)))
    lines.append(_line("webhooks", "the server's webhooks reach us", missing.get(Capability.WEBHOOKS)))
    # What streams is found by itself, and no option asks for it.
    how = f"{_PUSH_WORDS[trial.push]} ({'nothing to set' if push == 'stream' else f'--push {push}'})"
    lines.append(_line("messages out", how, missing.get(Capability.SEND)))
    if push in ("echo", "poll"):
        lines.append(_line("pushes", "", missing.get(Capability.PUSH)))
    return lines


def _line(name: str, well: str, missing: Missing | None) -> Finding:
    return Finding(name, True, well) if missing is None else Finding(name, False, missing.reason, missing.remedy)


def as_json(found: Findings) -> dict[str, Any]:
    """For machines. No key is in it."""
    return {
        "server": found.url,
        "can_run": found.can_run,
        "push": found.push,
        "control": found.control,
        "clock_offset_s": found.clock_offset_s,
        "plan": None if found.user is None else found.user.plan,
        "findings": [
            {"name": one.name, "ok": one.ok, "words": one.words, "remedy": one.remedy} for one in found.findings
        ],
        "capabilities": {
            what.value: {"there": False, "reason": found.missing[what].reason, "remedy": found.missing[what].remedy}
            if what in found.missing
            else {"there": found.can_run}
            for what in CAPABILITIES
        },
        "left": [{"what": one.leftover.what, "why": one.why} for one in found.left],
    }
