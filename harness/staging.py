"""Brings a story into a world: everybody in it, the set-up, and its steps as commands to the cores."""

from __future__ import annotations

from typing import Any

from harness import standin
from harness.acting import LOG_IN, Scene, commands_of
from harness.cast import ContactSpec, PhoneSpec
from harness.core import Place, Tell
from harness.deeds import Deed
from harness.errors import ScenarioError, UsageError
from harness.faults import LostPush
from harness.frozen import frozen
from harness.parties import ApiCall, CallNumber, IssuePhoneKey, SendText, Subscribe, WriteText
from harness.phone import Phone
from harness.scenario import (
    Advance,
    Await,
    CallPhone,
    Do,
    Expect,
    Forbid,
    LosePushes,
    LoseUpdates,
    Match,
    MessageLook,
    Move,
    Never,
    PhoneAct,
    RunStep,
    Scenario,
    ScenarioRun,
    Send,
    SmsLook,
    Start,
    Step,
    Text,
    WebhookLook,
    plan,
)
from harness.scenario.language import EVENTS
from harness.scenario.plan import Look
from harness.testbed import SIGNING_KEY, Testbed

__all__ = ["SOMEBODY", "Stage", "setup_steps", "stage"]


# Who texts and calls without a name, in `do: text +1… Hello`.
SOMEBODY = "contact:somebody else"


@frozen
class Stage:
    """A world with everybody in the story, and the story's run in it."""

    bed: Testbed
    run: ScenarioRun

    def start(self) -> None:
        self.bed.world.inject(self.run.name, Start())


def stage(scenario: Scenario, seed: int, **settings: Any) -> Stage:
    """Builds the world of a story; `settings` are those of a `Testbed`."""
    bed = Testbed(seed, **settings)
    bed.open_account(email="user@example.com")
    for phone in scenario.phones:
        try:
            bed.add_phone(phone)
        except UsageError as error:
            raise _at(scenario.place, error) from None
    for contact in scenario.contacts:
        bed.add_contact(contact)
    if any(isinstance(step.what, PhoneAct) for step in scenario.steps):
        bed.add_contact(ContactSpec(SOMEBODY.partition(":")[2], "*"))
    bed.add_receiver()
    steps = [*setup_steps(bed), *(_bound(bed, number, step) for number, step in enumerate(scenario.steps))]
    run = ScenarioRun("scenario", bed.world.draws("scenario"), scenario.name, steps)
    bed.world.add(run)
    return Stage(bed, run)


def _at(place: plan.Place, error: UsageError) -> UsageError | ScenarioError:
    """The same, told of the story in its file."""
    if not place.path:
        return error
    return ScenarioError(place.path, place.line, place.column, error.problem, place.excerpt, error.remedy)


def setup_steps(bed: Testbed) -> list[RunStep]:
    """Phones log in one after the other, then the receiver subscribes to everything."""
    steps = [step for spec in bed.phones.values() for step in _phone_steps(bed, spec)]
    if bed.phones:
        numbers = tuple(number for spec in bed.phones.values() for number in spec.numbers)
        subscribe = Subscribe("set-up/webhook", bed.places.hook, SIGNING_KEY, numbers, EVENTS)
        steps.append(RunStep("set-up: the webhook receiver subscribes", _client_act(subscribe)))
    return steps


def _phone_steps(bed: Testbed, spec: PhoneSpec) -> list[RunStep]:
    name = f"set-up/{spec.name}"
    issue = IssuePhoneKey(name, f"phone:{spec.name}", f"httpsms-harness {spec.name}")
    associated = Match("gateway", ("phone.updated",), (("owner", spec.numbers[-1]), ("key_associated", True)))
    steps = [
        RunStep(
            f"set-up: {spec.name} logs in",
            Do((Tell("@client", issue),), associated, Match("phone", ("login failed",))),
        )
    ]
    changes = {
        "messages_per_minute": spec.messages_per_minute,
        "message_expiration_seconds": spec.message_expiration_s,
        "max_send_attempts": spec.max_send_attempts,
    }
    wanted = {key: value for key, value in changes.items() if value is not None}
    for slot, number in enumerate(spec.numbers if wanted else (), start=1):
        # A PUT without the token would erase it (gateway-protocol.md §2.12).
        body = {"phone_number": number, "sim": f"SIM{slot}", "fcm_token": _token(bed, spec.name), **wanted}
        put = ApiCall(f"{name}/settings/{slot}", "PUT", "/v1/phones", body)
        steps.append(RunStep(f"set-up: the settings of {spec.name}", _client_act(put)))
    return steps


def _token(bed: Testbed, phone: str) -> str:
    core = bed.world.cores[f"phone:{phone}"]
    assert isinstance(core, Phone)
    return core.settings.registration_token


def _bound(bed: Testbed, number: int, step: Step) -> RunStep:
    """A step of the plan as commands to the cores of this world."""
    what: Do | Await | Forbid | Move
    match step.what:
        case Send() as send:
            what = _client_act(_send(bed, f"step-{number + 1}", send))
        case Text(sender, to, text, sim):
            what = Do((Tell(f"@contact:{sender}", WriteText(bed.phones[to].numbers[sim - 1], text)),))
        case CallPhone(sender, to, outcome, sim):
            what = Do((Tell(f"@contact:{sender}", CallNumber(bed.phones[to].numbers[sim - 1], outcome)),))
        case PhoneAct(phone, deed):
            what = _act(bed, f"step-{number + 1}", phone, deed)
        case LosePushes(phone, times):
            what = Do((Place("push", LostPush(_token(bed, phone), times)),))
        case LoseUpdates():
            what = Do((Tell("@gateway", standin.LoseUpdates()),))
        case Advance(duration):
            what = Move(duration)
        case Expect(look, within):
            what = Await(_match(bed, look), within)
        case Never(look, duration):
            what = Forbid(_match(bed, look), duration)
    return RunStep(_words(step), what, step.place, step.alias)


def _act(bed: Testbed, name: str, phone: str, deed: Deed) -> Do:
    if deed.words == LOG_IN:
        issue = IssuePhoneKey(name, f"phone:{phone}", f"httpsms-harness {phone} {name}")
        return Do((Tell("@client", issue),), Match("phone", ("logged in",)), Match("phone", ("login failed",)))
    token = bed.world.draws(f"phone:{phone}").stream(name).token(142)
    return Do(tuple(commands_of(deed, Scene(bed.handsets[phone], SOMEBODY, token))))


def _send(bed: Testbed, name: str, send: Send) -> SendText:
    sender, to = bed.phones[send.sender].numbers[send.sim - 1], _number(bed, send.to)
    return SendText(name, sender, to, send.text, send.key, send.ciphertext)


def _number(bed: Testbed, name: str) -> str:
    return (bed.phones.get(name) or bed.contacts[name]).number


def _match(bed: Testbed, look: Look) -> Match:
    match look:
        case SmsLook(to, text, sender, segments, not_text):
            facts: list[tuple[str, Any]] = [("to", _number(bed, to))]
            facts += [("text", text)] if text is not None else []
            facts += [("from", _number(bed, sender))] if sender is not None else []
            facts += [("segments", segments)] if segments is not None else []
            unwanted = (("text", not_text),) if not_text is not None else ()
            if to in bed.phones:
                return Match("radio", ("delivered",), tuple(facts), unwanted)
            return Match("contact", ("received",), tuple(facts), unwanted)
        case MessageLook(message, status, reason):
            state: tuple[tuple[str, Any], ...] = (("status", status),)
            state += (("reason", reason),) if reason is not None else ()
            return Match("gateway", (), state, alias=message, state=True)
        case WebhookLook(event, message, text):
            keys = tuple((spec.number, spec.encryption_key) for spec in bed.phones.values() if spec.encryption_key)
            return Match("webhook", (event,), (("verified", True),), alias=message, text=text, keys=keys)


def _client_act(act: SendText | Subscribe | ApiCall) -> Do:
    facts = (("step", act.step),)
    return Do(
        (Tell("@client", act),),
        Match("client", ("accepted",), facts),
        Match("client", ("refused", "unanswered"), facts),
    )


def _words(step: Step) -> str:
    excerpt = step.place.excerpt.strip()
    return excerpt.removeprefix("- ") if excerpt else str(step.what)
