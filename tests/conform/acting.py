"""Recorded conversations in which our own phone does what the script says that a phone did.

Between the replay and the stand-in stands a prompter. A request of a phone that comes from the script goes no
further: the prompter gives a handset with our phone in it its cue, holds the request that the phone makes against the
script, hands the phone's own to the stand-in, and the answer to both. So everything else that the conversation
expects must come about by what our phone did.

    python -m tests.conform.acting      shows what is acted in each conversation, and what is left to the script
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from harness.adapters.case_files import load_cases, load_orders, recordings
from harness.adapters.virtual import run_virtual
from harness.conform import Begin, Case, CaseResult, ConformRun, ControlAccounts, Difference, text
from harness.conform.cases import ABSENT, Json, PhoneSetup
from harness.conform.inbox import body_of
from harness.conform.judge import body_in, is_good
from harness.conform.match import compare
from harness.conform.names import Names, pick
from harness.core import At, Command, Core, Table, Tell
from harness.draws import Draws
from harness.errors import ProtocolError
from harness.frozen import frozen
from harness.http.values import Answered, Arrived, Call, Exchange, Limits, Request, Respond, Response
from harness.instants import SECOND, Instant, parse_rfc3339
from harness.phone import Build, Card, ChangeCharging, Device, NewRegistrationToken, Phone, Settings, UpdateApp
from harness.profile import AppProfile
from harness.radio import Submit
from harness.standin import Pace, StandIn
from harness.trace import Trace
from harness.wire.fcm import MESSAGE_ID, Listening, PushReceived, StreamClosed, StreamOpened
from harness.world import World
from tests.conform.cues import Cue, Handed, Handset, Installed, Left, Moment, cue, key_of, kind_of

__all__ = ["Make", "Part", "Played", "act", "table"]

SCRIPT, PHONES, FCM, GATEWAY, HARNESS = "script", "phones.example.com", "fcm", "api", "replay"
QUEUE_USER = "system-user"
SET_UP = "set-up"
# A phone that has its cue asks at once, or after 200 ms: so long it waits for the call log (phone-behaviour.md §5.3).
PATIENCE = 5 * SECOND
# Uploads of each card's token by the main screen after a log-in (§1.3).
ONCE_MORE = 2
# After the last step: whatever the phone still wants is more than the conversation has.
AFTER = 60 * SECOND

Make = Callable[[str, Draws, Settings, Device, Build], Phone]
"""Makes the phone of a handset."""


# -- the handset -------------------------------------------------------------------------------------------------------


@frozen
class SetClock:
    """Somebody sets the handset's clock."""

    at: Instant


class OwnClock(Core):
    """A phone in a handset whose clock goes as everyone's, and says something else; its app can be another build."""

    def __init__(self, phone: Phone) -> None:
        super().__init__(phone.name, phone.draws)
        self.phone = phone
        self._ahead = 0

    def handle(self, event: Any, now: Instant) -> Iterable[Command]:
        if isinstance(event, SetClock):
            self._ahead = event.at - now
            return []
        if isinstance(event, Installed):
            self.phone.facts["build"] = _build(event.version)
            event = UpdateApp()
        ahead = self._ahead
        commands = self.phone.handle(event, now + ahead)
        return [At(each.due_at - ahead, each.event) if isinstance(each, At) else each for each in commands]


def _build(version: str) -> Build:
    return Build(AppProfile(version=version))


# -- what comes out ----------------------------------------------------------------------------------------------------


@frozen
class Part:
    """A request of a phone in the script: what came of it, and how or why."""

    kind: str
    acted: bool
    why: str


@frozen
class Played:
    """A conversation with our phone in it. `differences` are those of its requests, `more` what it asked besides."""

    result: CaseResult
    parts: tuple[Part, ...]
    differences: tuple[Difference, ...]
    more: Mapping[str, int]

    @property
    def agrees(self) -> bool:
        return self.result.verdict == "agree" and not self.differences

    @property
    def acted(self) -> int:
        """How many of the conversation's own requests our phone made."""
        return sum(part.acted for part in self.parts if part.kind != SET_UP)

    def shown(self) -> str:
        lines = [f"{found.path}: {found.expected!r} in the script, {found.actual!r}" for found in self.differences]
        return "\n".join([text([self.result]), *lines])


# -- the prompter ------------------------------------------------------------------------------------------------------


@frozen
class _Scene:
    """A phone has its cue; it is to make the request of the `script`, which the replay waits for in `exchange`."""

    number: int
    exchange: Exchange
    script: Request
    handset: str


@frozen
class _Patience:
    """Due when a scene has lasted too long."""

    scene: int


@frozen
class _Relay:
    """A request on its way: who is to have the answer, whose fetch it is, and which push, if it is one."""

    to: tuple[Exchange, ...]
    fetch: str | None = None
    push: PushReceived | None = None


class Prompter(Core):
    """Serves the replay and the phones, and hands on to the gateway what they ask, and to the replay its pushes.

    `names` are those that the replay of the `case` has bound. `enrol` puts a handset into the world.
    """

    def __init__(self, draws: Draws, case: Case, names: Names, enrol: Callable[[Handset], None]) -> None:
        super().__init__("prompter", draws)
        self.parts: list[Part] = []
        self.differences: list[Difference] = []
        self.more: Counter[str] = Counter()
        self._case = case
        self._names = names
        self._enrol = enrol
        self._handsets: dict[str, Handset] = {}  # by key
        self._pushes: list[PushReceived] = []  # those that no phone had yet
        self._pushed: set[str] = set()  # messages whose push a phone had
        self._handed: dict[tuple[str, str], Handed] = {}  # by handset and message
        self._fetched: tuple[str, Json] | None = None  # the handset, and the answer with what it has to submit
        self._uploaded: dict[_Upload, int] = {}  # those that the script has too, and how many more may come of each
        self._set_up = len(case.phones)  # how many of the set-up are still to log in
        self._parked: list[tuple[Exchange, Request]] = []
        self._scene: _Scene | None = None
        self._beat_at: Instant = 0  # when a phone last had its cue for a heartbeat, and sent one
        self._relays: dict[Exchange, _Relay] = {}
        self._serial = 0

    def handle(self, event: Any, now: Instant) -> Iterable[Command]:
        match event:
            case Arrived(exchange, request):
                return self._arrived(exchange, request, now)
            case Answered(exchange, outcome):
                return self._answered(exchange, outcome)
            case StreamOpened(token, listener):
                return [Tell(f"@{listener}", Listening(token))]
            case StreamClosed():
                return []
            case Submit():
                return self._submitted(event)
            case _Patience(scene):
                return self._waited(scene)
        raise ProtocolError(self.name, event, "any")

    def _next(self) -> int:
        self._serial += 1
        return self._serial

    def _differ(self, path: str, expected: Any, actual: Any) -> None:
        self.differences.append(Difference(path, expected, actual))

    def finish(self) -> None:
        """The conversation is over, and nothing more comes."""
        self._miss_submit()
        for _, request in self._parked:
            self._differ("request", ABSENT, _title(request))

    # -- requests ----------------------------------------------------------------------------------------------------

    def _arrived(self, exchange: Exchange, request: Request, now: Instant) -> list[Command]:
        if request.authority == FCM:
            return self._relay(request, (exchange,), to=HARNESS, push=_pushed(request))
        if request.authority == PHONES:
            return self._asked(exchange, request, now)
        return self._prompt(exchange, request, now)

    def _relay(
        self,
        request: Request,
        back: tuple[Exchange, ...],
        *,
        to: str = GATEWAY,
        fetch: str | None = None,
        push: PushReceived | None = None,
    ) -> list[Command]:
        exchange = f"relay-{self._next()}"
        self._relays[exchange] = _Relay(back, fetch, push)
        # Whoever asked has a limit of their own.
        return [Call(exchange, self.name, replace(request, authority=to), Limits(None, None, None, None))]

    def _answered(self, exchange: Exchange, outcome: Any) -> list[Command]:
        relay = self._relays.pop(exchange)
        if not isinstance(outcome, Response):
            return []
        if relay.fetch is not None and is_good(outcome):
            self._fetched = (relay.fetch, body_in(outcome))
        if relay.push is not None and is_good(outcome):
            self._pushes.append(relay.push)
        return [Respond(back, outcome) for back in relay.to]

    # -- from the script -----------------------------------------------------------------------------------------------

    def _prompt(self, exchange: Exchange, script: Request, now: Instant) -> list[Command]:
        """Gives the phone its cue for a request of the script, or lets the request pass."""
        kind = kind_of(script)
        if kind is None:
            return self._relay(script, (exchange,))
        kind = self._in_set_up(kind)
        logged_in = key_of(script) in self._handsets
        handset = self._handsets.get(key_of(script)) or self._newcomer(script)
        found = cue(script, handset, self._moment(script, handset, logged_in, now))
        if isinstance(found, Left):
            self.parts.append(Part(kind, False, found.rule))
            return self._relay(script, (exchange,))
        assert handset is not None
        self.parts.append(Part(kind, True, found.how))
        self._handsets[key_of(script)] = handset
        self._scene = _Scene(self._next(), exchange, script, handset.name)
        early = self._early(script) if found.events == () else None
        return self._asked(*early, now) if early else self._play(found, handset, now)

    def _in_set_up(self, kind: str) -> str:
        if self._set_up and kind == "token":
            self._set_up -= 1
            return SET_UP
        return kind

    def _moment(self, script: Request, handset: Handset | None, logged_in: bool, now: Instant) -> Moment:
        name, token = ("", "") if handset is None else (handset.name, handset.token)
        handed = {message: known for (owner, message), known in self._handed.items() if owner == name}
        pushes = [push for push in self._pushes if push.token == token]
        uploaded = _upload(script) in self._uploaded
        return Moment(now, self._next(), handed, pushes, frozenset(self._pushed), logged_in, uploaded)

    def _newcomer(self, script: Request) -> Handset | None:
        """A handset that is about to log in for the first time with this key."""
        match kind_of(script), body_of(script):
            case "token", {"fcm_token": str(token), "phone_number": str(number), "sim": "SIM1"} if key_of(script):
                pass
            case _:
                return None
        numbers = next((both for both in self._cards() if number in both), (number,))
        handset = Handset(f"phone:{self._next()}", numbers, token)
        self._enrol(handset)
        return handset

    def _cards(self) -> Iterator[tuple[str, ...]]:
        """The numbers of each phone of the set-up, by slot."""
        for phone in self._case.phones:
            yield tuple(str(self._names[card.number]) for card in _cards(self._case, phone.key))

    def _early(self, script: Request) -> tuple[Exchange, Request] | None:
        """The phone may have made the request already: one button logs both cards in."""
        for parked in self._parked:
            if _upload(parked[1]).number == _upload(script).number and key_of(parked[1]) == key_of(script):
                self._parked.remove(parked)
                return parked
        return None

    def _play(self, found: Cue, handset: Handset, now: Instant) -> list[Command]:
        assert self._scene is not None
        self._miss_submit()
        events = found.events if found.clock_at is None else (SetClock(found.clock_at), *found.events)
        self._note(found, handset)
        return [
            *(Tell(f"@{handset.name}", event) for event in events),
            At(now + PATIENCE, _Patience(self._scene.number)),
        ]

    def _note(self, found: Cue, handset: Handset) -> None:
        """What has changed once the events have happened."""
        assert self._scene is not None
        for event in found.events:
            if isinstance(event, PushReceived) and event in self._pushes:
                self._pushes.remove(event)
                self._pushed.add(event.get(MESSAGE_ID) or "")
            handset = _changed(handset, event)
        self._handsets[key_of(self._scene.script)] = handset
        match kind_of(self._scene.script), body_of(self._scene.script):
            case "report", {"event_name": str(event_name)}:
                place = (handset.name, self._scene.script.path.split("/")[3])
                known = self._handed[place]
                self._handed[place] = replace(known, results=(*known.results, event_name))

    def _waited(self, scene: int) -> list[Command]:
        """The phone missed its cue: the script's own request goes, so that the conversation comes to its end."""
        if self._scene is None or self._scene.number != scene:
            return []
        missed, self._scene = self._scene, None
        self._differ("request", _title(missed.script), ABSENT)
        return self._relay(missed.script, (missed.exchange,))

    # -- from a phone ------------------------------------------------------------------------------------------------

    def _asked(self, exchange: Exchange, request: Request, now: Instant) -> list[Command]:
        scene, kind = self._scene, kind_of(request)
        if scene is not None and kind == kind_of(scene.script):
            self._scene = None
            self.differences += _compared(scene.script, request)
            self._beat_at = now if kind == "heartbeat" else self._beat_at
            if kind == "token":
                self._note_upload(_upload(request))
            fetch = scene.handset if kind == "fetch" else None
            return [*self._relay(request, (exchange, scene.exchange), fetch=fetch), *self._unpark()]
        if kind == "token":
            self._parked.append((exchange, request))
            return self._unpark()
        if kind == "heartbeat" and now > self._beat_at:
            # The periodic one comes when it comes. The app makes nothing of its failure (phone-behaviour.md §6).
            self.more["periodic heartbeat, lost on the way"] += 1
            return [Respond(exchange, Response(502))]
        self._differ("request", ABSENT, _title(request))
        return self._relay(request, (exchange,))

    def _unpark(self) -> list[Command]:
        """After a log-in the main screen opens, and uploads every card's token twice more (phone-behaviour.md §1.3)."""
        again = [parked for parked in self._parked if self._is_once_more(_upload(parked[1]))]
        self._parked = [parked for parked in self._parked if parked not in again]
        return [command for parked in again for command in self._once_more(*parked)]

    def _note_upload(self, upload: _Upload) -> None:
        """Only the token of the log-in goes up more than once."""
        refreshed = any(known.key == upload.key and known.token != upload.token for known in self._uploaded)
        self._uploaded.setdefault(upload, 0 if refreshed else ONCE_MORE)

    def _is_once_more(self, upload: _Upload) -> bool:
        left = self._uploaded.get(upload, 0)
        if left:
            self._uploaded[upload] = left - 1
        return left > 0

    def _once_more(self, exchange: Exchange, request: Request) -> list[Command]:
        """A key's numbers stand in the order of their last upload (gateway-protocol.md §1.4).

        Those of two cards go side by side, so any order can come of them, and a recording without them has but one.
        """
        if len(self._handsets[key_of(request)].numbers) > 1:
            self.more["the token once more, lost on the way"] += 1
            return [Respond(exchange, Response(502))]
        self.more["the token once more"] += 1
        return self._relay(request, (exchange,))

    def _submitted(self, submit: Submit) -> list[Command]:
        """Our phone gives the radio what the server gave it, once."""
        match self._fetched:
            case (handset, {"data": {"id": str(message), "contact": contact, "content": content, "sim": sim}}):
                wanted: Json = {"to": contact, "text": content, "card": 2 if sim == "SIM2" else 1}
                given: Json = {"to": submit.to, "text": submit.text, "card": submit.subscription_id}
                self.differences += compare(wanted, given, {}, path="submit")
                self._handed[handset, message] = Handed(submit)
            case _:
                self._differ("submit", ABSENT, submit.id)
        self._fetched = None
        return []

    def _miss_submit(self) -> None:
        if self._fetched is not None:
            self._differ("submit", pick(self._fetched[1], "data.id"), ABSENT)
            self._fetched = None


@frozen
class _Upload:
    """Whose token a request uploads, which, and under which key."""

    key: str
    number: str = ""
    token: str = ""


def _upload(request: Request) -> _Upload:
    match kind_of(request), body_of(request):
        case "token", {"phone_number": str(number), "fcm_token": str(token)}:
            return _Upload(key_of(request), number, token)
    return _Upload(key_of(request))


def _changed(handset: Handset, event: Any) -> Handset:
    """The handset after what has happened to it."""
    match event:
        case ChangeCharging(charging):
            return replace(handset, charging=charging)
        case Installed(version):
            return replace(handset, version=version)
        case NewRegistrationToken(token):
            return replace(handset, token=token)
    return handset


def _title(request: Request) -> str:
    return f"{request.method} {request.target.decode('latin-1')}"


def _pushed(request: Request) -> PushReceived:
    """What a phone gets of a push, if FCM takes it."""
    match body_of(request):
        case {"message": {"token": str(token), "data": dict(data)}}:
            return PushReceived(token, tuple((key, str(value)) for key, value in data.items()))
    return PushReceived("")


# -- the phone's request and the script's ------------------------------------------------------------------------------

# Members that the app always writes; null is as if they were not there.
_NULLABLE = ("reason", "attachments")


def _compared(script: Request, ours: Request) -> list[Difference]:
    """What the phone asks otherwise than the script: spelling aside, and what belongs to its HTTP client."""
    return compare(_meant(script), _meant(ours), {}, path="request")


def _meant(request: Request) -> Json:
    return {
        "place": _title(request),
        "key": key_of(request),
        "version": request.header("X-Client-Version") or "" if kind_of(request) == "heartbeat" else None,
        "body": _members(body_of(request)),
    }


def _members(body: Json) -> Json:
    if not isinstance(body, dict):
        return body
    said = {name: value for name, value in body.items() if value is not None or name not in _NULLABLE}
    if isinstance(said.get("timestamp"), str):
        said["timestamp"] = parse_rfc3339(str(said["timestamp"]))
    return said


# -- a conversation ----------------------------------------------------------------------------------------------------


def act(case: Case, seed: int = 1, make: Make = Phone) -> Played:
    """One conversation on a fresh stand-in, with phones that `make` makes."""
    world = World(seed, Trace(0, hashed=False))
    key = world.draws("system key").token(64)
    hook_base = "http://127.0.0.1:9999"
    world.add(StandIn("gateway", world.draws("gateway"), pace=Pace.FAITHFUL, queue_user=(QUEUE_USER, key), control=True,
                      fcm_endpoint=f"http://{FCM}"))  # fmt: skip
    run = ConformRun(
        "conform", world.draws("conform"), case, api=f"http://{SCRIPT}", fcm_authority=HARNESS,
        hook_base=hook_base, accounts=ControlAccounts(), system_key=key, sequential=True,
    )  # fmt: skip
    world.add(run)
    prompter = Prompter(world.draws("prompter"), case, run.names, _enrol(world, make))
    world.add(prompter)
    for authority, core in ((SCRIPT, prompter), (PHONES, prompter), (FCM, prompter), (HARNESS, run)):
        world.site(authority, core.name)
    world.site("127.0.0.1:9999", run.name)
    world.site(GATEWAY, "gateway")
    world.inject(run.name, Begin())
    run_virtual(world, lambda: bool(run.names) or run.result is not None)
    _share_tokens(case, run.names)
    run_virtual(world, lambda: run.result is not None)
    assert run.result is not None, "nothing is due any more, and the case is not over"
    run_virtual(world, lambda: False, world.now + AFTER)
    prompter.finish()
    return Played(run.result, tuple(prompter.parts), tuple(prompter.differences), prompter.more)


def _share_tokens(case: Case, names: Table[str, str | int]) -> None:
    """A phone has one registration token, and uploads it for each of its cards; the script has one for each."""
    for phone in case.phones:
        names[phone.token] = names[_cards(case, phone.key)[0].token]


def _cards(case: Case, key: str) -> list[PhoneSetup]:
    """The numbers of one phone, by slot: those that have one key."""
    return [phone for phone in case.phones if phone.key == key]


def _enrol(world: World, make: Make) -> Callable[[Handset], None]:
    def enrol(handset: Handset) -> None:
        # The app logs in by https alone (§1.3).
        settings = Settings(server_url=f"https://{PHONES}", registration_token=handset.token)
        cards = tuple(Card(slot, slot, number) for slot, number in enumerate(handset.numbers, start=1))
        # Whoever wants picture messages forwarded has to grant what the app never asks for (§5.2).
        device = Device(cards, 1, handset.charging, denied=())
        phone = make(handset.name, world.draws(handset.name), settings, device, _build(handset.version))
        world.add(OwnClock(phone))
        for port in ("radio", "radio2", "push"):
            world.wire(handset.name, port, "prompter")

    return enrol


# -- the table ---------------------------------------------------------------------------------------------------------


def table(plays: Iterable[Played]) -> str:
    """How many of the phones' requests are acted in each conversation, and by which rules the others are not.

    Log-ins of the set-up are counted only in the second part. Conversations in which no phone asks are left out.
    """
    plays = [played for played in plays if played.parts]
    asking = [played for played in plays if any(part.kind != SET_UP for part in played.parts)]
    parts = [part for played in plays for part in played.parts]
    lines = [f"{'conversation':24}{'acted':>7}{'script':>8}  left to the script"]
    lines += [_line(played) for played in asking]
    acted = sum(played.acted for played in asking)
    left = sum(not part.acted for part in parts)
    lines += [f"{f'{len(asking)} conversations':24}{acted:7}{left:8}", ""]
    for title, said in (("acted", True), ("left", False)):
        lines += [f"{title:7}{count:5} × {kind}: {why}" for (kind, why), count in _counted(parts, said)]
    more = sum((Counter(played.more) for played in plays), Counter[str]())
    return "\n".join([*lines, *(f"{'more':7}{count:5} × {what}" for what, count in more.items())])


def _line(played: Played) -> str:
    left = Counter(f"{part.kind}: {part.why}" for part in played.parts if not part.acted)
    why = "; ".join(f"{count} × {rule}" for rule, count in left.items())
    mark = "" if played.agrees else "  DIFFERS"
    return f"{played.result.case:24}{played.acted:7}{left.total():8}  {why}{mark}".rstrip()


def _counted(parts: Iterable[Part], acted: bool) -> list[tuple[tuple[str, str], int]]:
    return sorted(Counter((part.kind, part.why) for part in parts if part.acted is acted).items())


if __name__ == "__main__":
    folder = recordings() / "gateway"
    found = load_orders(folder / "message-orders.jsonl") if "orders" in sys.argv else load_cases(folder)
    plays = [act(case) for case in found if isinstance(case, Case)]
    print(table(plays))
    for played in plays:
        if not played.agrees:
            print(f"\n{played.shown()}")
