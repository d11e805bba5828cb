"""Brings a story into a world: everybody in it, and the set-up."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from harness.binding import SOMEBODY, Binding, is_number
from harness.cast import ContactSpec, GatewaySpec, PhoneSpec
from harness.core import Tell
from harness.errors import ScenarioError, UsageError
from harness.frozen import frozen
from harness.matchers import Equals
from harness.parties import ApiCall, IssuePhoneKey, Subscribe
from harness.phone import Phone
from harness.scenario import plan
from harness.scenario.plan import WITHIN_DEFAULT, Scenario
from harness.scenario.run import ScenarioRun, Start
from harness.scenario.steps import Await, Do, Match, RunStep
from harness.standin import Pace
from harness.testbed import SIGNING_KEY, Testbed
from harness.wire.events import WEBHOOK_EVENTS

__all__ = ["SOMEBODY", "Stage", "binding_of", "needs_somebody", "setup_steps", "stage"]


@frozen
class Stage:
    """A world with everybody in the story, and the story's run in it."""

    bed: Testbed
    run: ScenarioRun

    def start(self) -> None:
        self.bed.world.inject(self.run.name, Start())


def stage(scenario: Scenario, seed: int, **settings: Any) -> Stage:
    """Builds the world of a story; `settings` are those of a `Testbed`, unless the story wants another gateway.

    Raises `ScenarioError` (of a story in Python `UsageError`) for a phone that there cannot be.
    """
    bed = Testbed(seed, **{"exchanges": True, **settings, **_settings(scenario.gateway)})
    plan_of = {} if scenario.gateway.plan is None else {"plan": scenario.gateway.plan}
    bed.open_account(email="user@example.com", **plan_of)
    for phone in scenario.phones:
        try:
            bed.add_phone(phone)
        except UsageError as error:
            raise _at(scenario.place, error) from None
    for contact in scenario.contacts:
        bed.add_contact(contact)
    if needs_somebody(scenario):
        bed.add_contact(ContactSpec(SOMEBODY.partition(":")[2], "*"))
    bed.add_receiver()
    run = ScenarioRun(
        "scenario", bed.world.draws("scenario"), scenario.title, setup_steps(bed), scenario.steps, binding_of(bed)
    )
    bed.world.add(run)
    return Stage(bed, run)


def _settings(gateway: GatewaySpec) -> dict[str, Any]:
    pace = {} if gateway.pace is None else {"pace": Pace[gateway.pace.upper()]}
    return pace if gateway.keep_rate is None else {**pace, "keep_rate": gateway.keep_rate}


def binding_of(bed: Testbed) -> Binding:
    """How the steps of a story become commands in this world."""

    def new_token(phone: str, step_id: str) -> str:
        return bed.world.draws(f"phone:{phone}").stream(step_id).token(142)

    # Somebody is no name that a story could say.
    contacts = {name: spec for name, spec in bed.contacts.items() if spec.number != "*"}
    return Binding(bed.phones, contacts, bed.handsets, lambda phone: _token(bed, phone), new_token, bed.account.id)


def needs_somebody(scenario: Scenario) -> bool:
    """Whether somebody without a name texts, calls or is texted."""
    return any(
        isinstance(step.what, plan.PhoneAct) or any(map(is_number, _parties(step.what)))
        for step in plan.every_step(scenario.steps)
    )


def _parties(what: Any) -> Iterable[str]:
    """Who stands where a step may have a contact."""
    match what:
        case plan.Send(to=to):
            return to
        case plan.Text(sender=sender) | plan.CallPhone(sender=sender):
            return (sender,)
        case plan.Expect(look=plan.SmsLook(to=to)) | plan.Never(look=plan.SmsLook(to=to)):
            return (to,)
        case plan.ExpectOrder(looks=looks):
            return [look.to for look in looks if isinstance(look, plan.SmsLook)]
        case _:
            return ()


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
        subscribe = Subscribe("set-up/webhook", bed.places.hook, SIGNING_KEY, numbers, WEBHOOK_EVENTS)
        steps.append(RunStep("set-up: the webhook receiver subscribes", _client_act(subscribe)))
    return steps


def _phone_steps(bed: Testbed, spec: PhoneSpec) -> list[RunStep]:
    name = f"set-up/{spec.name}"
    issue = IssuePhoneKey(name, f"phone:{spec.name}", f"httpsms-harness {spec.name}")
    logs_in = Do((Tell("@client", issue),), _associated(spec.numbers[-1]), Match("phone", ("login failed",)))
    steps = [RunStep(f"set-up: {spec.name} logs in", logs_in)]
    # Each SIM registers with a request of its own, and over a real network they end in any order.
    steps += [
        RunStep(f"set-up: SIM{slot} of {spec.name} logs in", Await(_associated(number), WITHIN_DEFAULT))
        for slot, number in enumerate(spec.numbers[:-1], start=1)
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


def _associated(number: str) -> Match:
    """The key of the phone knows this number: from now on webhooks may have it."""
    facts = (("owner", Equals(number)), ("key_associated", Equals(True)))
    return Match("gateway", ("phone.updated",), facts, state=True)


def _token(bed: Testbed, phone: str) -> str:
    core = bed.world.cores[f"phone:{phone}"]
    assert isinstance(core, Phone)
    return core.settings.registration_token


def _client_act(act: Subscribe | ApiCall) -> Do:
    facts = (("step", Equals(act.step)),)
    return Do(
        (Tell("@client", act),),
        Match("client", ("accepted",), facts),
        Match("client", ("refused", "unanswered"), facts),
    )
