"""Steps of a plan as commands to the cores of a world, and as what to look for in its trace."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, assert_never

from harness import parties, standin
from harness.acting import LOG_IN, Scene, commands_of
from harness.answers import Answer
from harness.carrier_rules import AddRules, RemoveRules, Rule
from harness.cast import ContactSpec, PhoneSpec
from harness.core import Command, Fault, Lift, Place, Tell
from harness.errors import UsageError
from harness.fault_words import FAULTS, FCM_ERRORS, WHO
from harness.faults import (
    DuplicatePush,
    FailingApi,
    LatePush,
    LostAnswer,
    LostPush,
    RefusedPush,
    SlowNetwork,
    Unreachable,
)
from harness.frozen import frozen
from harness.handset import Handset
from harness.late import fill
from harness.matchers import Equals, Matcher, OneOf, filled, filled_matcher
from harness.parties import NOBODY, USER, AnswerHooks, ApiCall, CallNumber, IssuePhoneKey, SendText, WriteMms, WriteText
from harness.phone import AnswerPermissions
from harness.scenario import plan
from harness.scenario.plan import Act, Look, Step
from harness.scenario.steps import Await, AwaitOrder, Do, Forbid, Match, Move, Span, What

__all__ = ["SOMEBODY", "Binding", "is_number"]

# No name of a cast has a `*`.
SOMEBODY = "contact:*"
"""Who texts and calls without a name, in `do: text +1… Hello`, and has every number that a story gives literally."""

Values = Mapping[str, str]

# Of these facts a story may name whom it means.
_ADDRESSES = frozenset({"contact", "owner", "from", "to"})


def is_number(name: str) -> bool:
    """A number that stands where a name may: names of a cast have no plus."""
    return name.startswith("+")


@frozen
class Binding:
    """A plan's steps as a run carries them out: `binding(step, id, values)`.

    `token_of` gives the registration token that a phone has now, `new_token` one that it would get in a step.
    `account_id` is whose facts a story may set. Raises `UsageError` for what cannot be meant, `KeyError` with a name
    that has no value.
    """

    phones: Mapping[str, PhoneSpec]
    contacts: Mapping[str, ContactSpec]
    handsets: Mapping[str, Handset]
    token_of: Callable[[str], str]
    new_token: Callable[[str, str], str]
    account_id: str = ""

    def __call__(self, step: Step, step_id: str, values: Values) -> What:
        match step.what:
            case plan.Advance(duration):
                return Move(duration)
            case plan.Expect(look, within, at_least, at_most, captures):
                return Await(self._match(look, values), within, at_least, at_most, captures)
            case plan.ExpectOrder(looks, within):
                return AwaitOrder(tuple([self._match(look, values) for look in looks]), within)
            case plan.Never(look, duration):
                return Forbid(self._match(look, values), duration)
            case plan.Distance(first, then, at_least, at_most):
                return Span(first, then, at_least, at_most)
            case plan.Together():
                raise AssertionError("a run walks its branches itself")
            case act:
                return self._act(act, step_id, values)

    # -- acts ----------------------------------------------------------------------------------------------------

    def _act(self, act: Act, step_id: str, values: Values) -> Do:
        match act:
            case plan.Send():
                return _asked(self._send(act, step_id, values))
            case plan.Api():
                return _asked(self._api(act, step_id, values))
            case plan.Text(sender, to, _, sim, attachments):
                written = self._by(sender, "wrote mms" if attachments else "wrote", to, sim)
                unable = self._by(sender, "could not write", to, sim)
                return Do(tuple(self._text(act, values)), written, unable)
            case plan.CallPhone(sender, to, _, sim):
                called = self._by(None if act.withheld else sender, "calls", to, sim)
                return Do((self._call(act),), called)
            case plan.PhoneAct(phone, deed):
                return self._deed(act, step_id) if deed.words != LOG_IN else self._log_in(phone, step_id)
            case plan.Behave(contact, behaviours):
                return Do((Tell(self._contact(contact), parties.Behave(behaviours)),))
            case plan.Carrier(rules):
                return Do((Tell("@smsc", AddRules(tuple([known for rule in rules for known in self._rules(rule)]))),))
            case plan.ClearCarrier(kind):
                return Do((Tell("@smsc", RemoveRules(kind)),))
            case plan.Fault():
                return Do(tuple(self._fault(act)))
            case plan.EndFault(name):
                return Do(tuple(_ended(name)))
            case plan.Webhooks(answer, times):
                return Do((Tell("@receiver", AnswerHooks(answer, times)),))
            case plan.Gateway():
                return self._facts(act, step_id)
            case plan.Advance():
                raise AssertionError("no command moves the time")
            case _:
                assert_never(act)

    def _send(self, send: plan.Send, step_id: str, values: Values) -> SendText:
        numbers = tuple([self._number(name) for name in send.to])
        if len(numbers) != 1 and send.later is not None:
            raise UsageError("several recipients, and a later time", "the bulk route knows no time: send one by one")
        return SendText(
            step_id,
            self._sim(send.sender, send.sim),
            numbers[0] if len(numbers) == 1 else numbers,
            fill(send.text, values),
            send.key,
            send.ciphertext,
            None if send.request_id is None else fill(send.request_id, values),
            send.later,
            tuple([fill(url, values) for url in send.attachments]),
            _filled(send.answer, values),
            "scenario",
        )

    def _api(self, api: plan.Api, step_id: str, values: Values) -> ApiCall:
        own = api.credential in (USER, NOBODY)
        return ApiCall(
            step_id,
            api.method,
            fill(api.path, values),
            filled(api.body, values),
            None if api.raw is None else fill(api.raw, values),
            api.credential if own else self._handset(api.credential).phone,
            None if api.key is None else fill(api.key, values),
            tuple([(name, fill(value, values)) for name, value in api.headers]),
            _filled(api.answer, values),
            "scenario",
        )

    def _text(self, text: plan.Text, values: Values) -> list[Command]:
        to, words = self._sim(text.to, text.sim), fill(text.text, values)
        sender = text.sender if is_number(text.sender) else None
        writer = self._contact(text.sender)
        if not text.attachments:
            return [Tell(writer, WriteText(to, words, sender, message_class=0 if text.flash else None))]
        files = tuple([parties.File(each.name, each.content_type, each.size) for each in text.attachments])
        # The app never asks for this permission, and without it hears of no MMS (phone-behaviour.md §5.2).
        granted = AnswerPermissions((("RECEIVE_MMS", True),))
        return [
            Tell(f"@{self._handset(text.to).phone}", granted),
            Tell(writer, WriteMms(to, words, files, sender)),
        ]

    def _call(self, call: plan.CallPhone) -> Command:
        caller = "" if call.withheld else call.sender if is_number(call.sender) else None
        number = self._sim(call.to, call.sim)
        return Tell(self._contact(call.sender), CallNumber(number, call.outcome, caller))

    def _by(self, sender: str | None, kind: str, to: str, sim: int) -> Match:
        """What a contact has just done to a phone."""
        facts: list[tuple[str, Matcher]] = [("to", Equals(self._sim(to, sim)))]
        if sender is not None:
            known = [self._shown(sender)] if sender in self.contacts else []
            facts.append(("from", _one_of(list(dict.fromkeys([*self._numbers(sender), *known])))))
        return Match("contact", (kind,), tuple(facts))

    def _deed(self, act: plan.PhoneAct, step_id: str) -> Do:
        scene = Scene(self._handset(act.phone), SOMEBODY, self.new_token(act.phone, step_id))
        return Do(tuple(commands_of(act.deed, scene)))

    def _log_in(self, phone: str, step_id: str) -> Do:
        issue = IssuePhoneKey(step_id, self._handset(phone).phone, f"httpsms-harness {phone} {step_id}")
        return Do((Tell("@client", issue),), Match("phone", ("logged in",)), Match("phone", ("login failed",)))

    def _facts(self, act: plan.Gateway, step_id: str) -> Do:
        number = None if act.phone is None else self._phone(act.phone).number
        told = (("step", Equals(step_id)),)
        return Do(
            (Tell("@gateway", standin.SetFacts(step_id, self.account_id, act.facts, number)),),
            Match("gateway", (standin.FACTS_SET,), told),
            Match("gateway", (standin.FACTS_REFUSED,), told),
        )

    # -- faults --------------------------------------------------------------------------------------------------

    def _fault(self, act: plan.Fault) -> list[Command]:
        _check(act)
        if act.name == "lost-update":
            return [Tell("@gateway", standin.LoseUpdates())]
        if act.name.endswith("-push"):
            return [Place("push", self._push_fault(act))]
        return [Place(core, _request_fault(act, core)) for core in self._askers(act)]

    def _push_fault(self, act: plan.Fault) -> Fault:
        token = None if act.phone is None else self.token_of(self._phone(act.phone).name)
        times = 1 if act.times is None else act.times
        match act.name:
            case "lost-push":
                return LostPush(token, times)
            case "late-push":
                return LatePush(token, act.delay, times)
            case "duplicate-push":
                return DuplicatePush(token, times)
            case _:
                return RefusedPush(token, act.error, times)

    def _askers(self, act: plan.Fault) -> list[str]:
        """The cores whose requests it is about."""
        if act.phone is not None:
            return [self._handset(act.phone).phone]
        phones = [handset.phone for handset in self.handsets.values()] if act.who != "client" else []
        return [*(["client"] if act.who != "phone" else []), *phones]

    # -- the carrier ---------------------------------------------------------------------------------------------

    def _rules(self, rule: Rule) -> list[Rule]:
        """The rule with numbers for names; of a phone with two SIMs there is one for each."""
        only = rule.only
        return [
            replace(rule, only=replace(only, sender=sender, to=to))
            for sender in self._writers(only.sender)
            for to in self._readers(only.to)
        ]

    def _writers(self, name: str | None) -> Sequence[str | None]:
        """Whom the network sees writing. What is no name is a number, or the beginning of one."""
        if name is not None and name in self.contacts:
            return [self._shown(name)]
        return self._readers(name)

    def _readers(self, name: str | None) -> Sequence[str | None]:
        if name is not None and (name in self.phones or name in self.contacts):
            return self._numbers(name)
        return [name]

    # -- looks ---------------------------------------------------------------------------------------------------

    def _match(self, look: Look, values: Values) -> Match:
        match look:
            case plan.SmsLook():
                return self._sms(look, values)
            case plan.MessageLook(message, status, reason):
                state = [("status", Equals(status)), *([("reason", reason)] if reason is not None else [])]
                return Match("gateway", (), self._filled_facts(state, values), alias=message, state=True)
            case plan.WebhookLook(event, message, text, facts):
                own = [("verified", Equals(True)), *facts]
                keys = [
                    (number, spec.encryption_key)
                    for spec in self.phones.values()
                    if spec.encryption_key
                    for number in spec.numbers
                ]
                shown = None if text is None else filled_matcher(text, values)
                return Match("webhook", (event,), self._filled_facts(own, values), message, shown, tuple(keys))
            case plan.TraceLook(hop, kind, message, facts):
                kinds = () if kind is None else (kind,)
                return Match(hop, kinds, self._filled_facts(facts, values), alias=message)
            case _:
                assert_never(look)

    def _sms(self, look: plan.SmsLook, values: Values) -> Match:
        is_phone = look.to in self.phones
        facts: list[tuple[str, Matcher]] = [("to", _one_of(self._numbers(look.to)))]
        if look.sender is not None:
            facts.append(("from", _one_of(self._seen_from(look.sender, by_phone=is_phone))))
        if look.segments is not None:
            facts.append(("segments", Equals(look.segments)))
        text = None if look.text is None else filled_matcher(look.text, values)
        hop, kind = ("radio", "delivered") if is_phone else ("contact", "received")
        return Match(hop, (kind,), tuple(facts), text=text)

    def _seen_from(self, name: str, *, by_phone: bool) -> Sequence[str]:
        """What stands above the text: a number, or what a contact shows."""
        if by_phone and name in self.contacts:
            return [self._shown(name)]
        known = is_number(name) or name in self.phones or name in self.contacts
        return self._numbers(name) if known else [name]

    def _filled_facts(self, facts: Sequence[tuple[str, Matcher]], values: Values) -> tuple[tuple[str, Matcher], ...]:
        return tuple([(name, self._addressed(name, filled_matcher(matcher, values))) for name, matcher in facts])

    def _addressed(self, fact: str, matcher: Matcher) -> Matcher:
        """The number of somebody who is named where a fact is an address."""
        match matcher:
            case Equals(str() as name) if fact in _ADDRESSES and name in self.phones:
                return _one_of(self.phones[name].numbers)
            case Equals(str() as name) if fact in _ADDRESSES and name in self.contacts:
                return _one_of(list(dict.fromkeys((self.contacts[name].number, self._shown(name)))))
            case _:
                return matcher

    # -- names ---------------------------------------------------------------------------------------------------

    def _phone(self, name: str) -> PhoneSpec:
        if name not in self.phones:
            raise UsageError(f"there is no phone {name}", f"there are: {', '.join(self.phones) or 'none'}")
        return self.phones[name]

    def _handset(self, name: str) -> Handset:
        return self.handsets[self._phone(name).name]

    def _sim(self, name: str, sim: int) -> str:
        """The number of that SIM."""
        numbers = self._phone(name).numbers
        if not 1 <= sim <= len(numbers):
            raise UsageError(f"{name} has no SIM {sim}", "give the phone a second number")
        return numbers[sim - 1]

    def _contact(self, name: str) -> str:
        """The port of the contact's core."""
        if is_number(name):
            return f"@{SOMEBODY}"
        if name not in self.contacts:
            raise UsageError(f"there is no contact {name}", f"there are: {', '.join(self.contacts) or 'none'}")
        return f"@contact:{name}"

    def _shown(self, name: str) -> str:
        spec = self.contacts[name]
        return spec.sender or spec.number

    def _numbers(self, name: str) -> Sequence[str]:
        if name in self.phones:
            return self.phones[name].numbers
        if name in self.contacts:
            return [self.contacts[name].number]
        if is_number(name):
            return [name]
        everybody = ", ".join([*self.phones, *self.contacts])
        raise UsageError(f"there is nobody named {name}", f"there are: {everybody or 'none'}")

    def _number(self, name: str) -> str:
        return self._numbers(name)[0]


def _asked(act: SendText | ApiCall) -> Do:
    return Do((Tell("@client", act),), reply=act.step)


def _filled(answer: Answer, values: Values) -> Answer:
    def facts(pairs: Sequence[tuple[str, Matcher]]) -> tuple[tuple[str, Matcher], ...]:
        return tuple([(name, filled_matcher(matcher, values)) for name, matcher in pairs])

    return Answer(answer.status, facts(answer.headers), facts(answer.body), answer.captures)


def _one_of(values: Sequence[Any]) -> Matcher:
    return Equals(values[0]) if len(values) == 1 else OneOf(tuple(values))


def _check(act: plan.Fault) -> None:
    """Raises `UsageError` for a fault that there is not, and for what it does not say."""
    shape = FAULTS.get(act.name)
    if shape is None:
        raise UsageError(f"there is no fault {act.name}", f"there are: {', '.join(FAULTS)}")
    missing = next((name for name in shape.required if not getattr(act, name)), None)
    if missing is not None:
        raise UsageError(f"{act.name} without {missing}", f"it takes {', '.join(shape.fields)}")
    if act.error and act.error not in FCM_ERRORS:
        raise UsageError(f"FCM has no error {act.error}", f"it has: {', '.join(FCM_ERRORS)}")
    if act.who and act.who not in WHO:
        raise UsageError(f"nobody is {act.who} here", f"it is {' or '.join(WHO)}")


def _request_fault(act: plan.Fault, core: str) -> Fault:
    match act.name:
        case "unreachable":
            return Unreachable(core, act.times)
        case "slow-network":
            return SlowNetwork(core, act.delay, act.times)
        case "lost-answer":
            return LostAnswer(core, act.times)
        case "failing-api":
            return FailingApi(core, act.status, act.times)
        case _:
            raise AssertionError(act.name)


def _ended(name: str | None) -> list[Command]:
    if name is not None and name not in FAULTS:
        raise UsageError(f"there is no fault {name}", f"there are: {', '.join(FAULTS)}")
    names = FAULTS if name is None else (name,)
    lifted: list[Command] = [Lift(known) for known in names if known != "lost-update"]
    return [*lifted, *([Tell("@gateway", standin.LoseUpdates(0))] if "lost-update" in names else [])]
