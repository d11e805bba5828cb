"""Class `Story`: a scenario written in Python."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from harness.answers import Answer
from harness.behaviours import Behaviour, check_outcome
from harness.capability import Capability
from harness.carrier_rules import KINDS, Only
from harness.cast import ContactSpec, GatewaySpec, PhoneSpec
from harness.deeds import Deed, parse_deed
from harness.fault_words import FAULTS, FCM_ERRORS, WHO
from harness.late import UNIQUE, Late
from harness.outcome import Outcome
from harness.scenario.grammar import EVENTS, HOOK_FACTS, METHODS, PLANS, STATUSES
from harness.scenario.invariants import INVARIANTS
from harness.scenario.plan import (
    Act,
    Advance,
    Api,
    Attachment,
    Behave,
    CallPhone,
    Carrier,
    ClearCarrier,
    Distance,
    EndFault,
    Expect,
    ExpectOrder,
    Fault,
    Gateway,
    Look,
    MessageLook,
    Never,
    PhoneAct,
    Scenario,
    Send,
    SmsLook,
    Text,
    TraceLook,
    WebhookLook,
    Webhooks,
)
from harness.story.carrier import rule_of
from harness.story.drafts import Answered, Drafts, Found, Message, Ref
from harness.story.people import People, check_word
from harness.story.values import Seconds, Value, data, duration, matcher, words
from harness.story.values import facts as matched
from harness.testing import StoryFailed, run_scenario
from harness.trace import HOPS

__all__ = ["Story"]


@dataclass(slots=True)
class Story:
    """A scenario written in Python, with the words of the files.

    Phones, contacts and messages are named by what `phone`, `contact` and `send` give back; a number in quotes may
    stand wherever somebody is texted. All times are in seconds. A table of stories (`for_each` of a file) is pytest's
    `parametrize`; `with`, `include` and `variables` are functions and variables of Python.

    `breaks` names the invariants that the story means to break, `requires` what a target must be able to do (words of
    `harness.capability`), `skip` why it does not run, `expect_failure` the known defect because of which it fails.
    `pace` is `faithful` or `instant`, `keep_rate` the spacing of `messages_per_minute` also then, `account_plan` the
    plan of the account: how the embedded gateway is set.

    Every method raises `ValueError` for a name, a step or a value that cannot be meant; `UsageError` for a number, a
    regular expression, or words for what is done, that are none.
    """

    name: str
    breaks: tuple[str, ...] = ()
    about: str = ""
    tags: tuple[str, ...] = ()
    skip: str | None = None
    expect_failure: str | None = None
    requires: tuple[str | Capability, ...] = ()
    pace: str | None = None
    keep_rate: bool | None = None
    account_plan: str | None = None
    _people: People = field(default_factory=People, init=False, repr=False)
    _drafts: Drafts = field(default_factory=Drafts, init=False, repr=False)

    # -- who takes part ----------------------------------------------------------------------------------------------

    def phone(
        self, name: str, *, encryption_key: str | None = None, number: str | None = None,
        second_number: str | None = None, messages_per_minute: int | None = None,
        message_expiration_s: int | None = None, max_send_attempts: int | None = None, app: str | None = None,
        oem: str | None = None, operator: str | None = None, android: int | None = None,
    ) -> str:  # fmt: skip
        """A phone; with a `second_number` it has two SIMs. Without a number it gets one by rule.

        `app` and `oem` are names of profiles, `operator` the MCC and MNC of its cards, `android` its release.
        """
        people = self._people
        people.add_phone(
            PhoneSpec(
                name, people.new_number(name, number), encryption_key, messages_per_minute, message_expiration_s,
                max_send_attempts, people.new_number(name, second_number) or None, app, oem, operator, android,
            )
        )  # fmt: skip
        return name

    def contact(
        self, name: str, *, number: str | None = None, rules: Iterable[Behaviour] = (), sender: str | None = None
    ) -> str:
        """Somebody whom the phones text with. `rules`: what they do by themselves (`replies`, `echoes` …).

        `sender` is what phones see instead of the number: a name such as BANK.
        """
        self._people.add_contact(ContactSpec(name, self._people.new_number(name, number), tuple(rules), sender))
        return name

    # -- what is done ------------------------------------------------------------------------------------------------

    def send(
        self, *, from_: str, to: str | Sequence[str], text: str | Late | None = None, encrypted: bool = False,
        key: str | None = None, ciphertext: str | Late | None = None, sim: int = 1,
        request_id: str | Late | None = None, later_s: float | None = None, attachments: Iterable[str] = (),
        answer: Answer | None = None, as_: str | None = None,
    ) -> Message:  # fmt: skip
        """The client sends through the API; gives the message's name.

        Several in `to` are one request to the bulk route. `key` overrides the phone's own; a `ciphertext` is sent as
        it is. `later_s`: to be sent so much later. `attachments` are URLs. `answer(status=402)`: what the API must
        answer, if not success.
        """
        phone = self._people.phone_with(from_, sim)
        content = ciphertext if text is None else text
        if content is None or (text is not None and ciphertext is not None):
            raise ValueError("a send has a text or a ciphertext")
        if ciphertext is not None and (encrypted or key):
            raise ValueError("a ciphertext is sent as it is: without encrypted and key")
        receivers = (to,) if isinstance(to, str) else tuple(to)
        for receiver in receivers:
            self._people.check_somebody(receiver)
        if not receivers or len(set(receivers)) < len(receivers):
            raise ValueError("a send goes to somebody, and to nobody twice")
        if len(receivers) > 1 and later_s is not None:
            raise ValueError("the bulk route knows no later time: send one by one")
        draft = self._drafts.add(
            Send(
                from_, receivers, words(content), _sending_key(phone, encrypted, key), ciphertext is not None, sim,
                None if request_id is None else words(request_id), None if later_s is None else duration(later_s),
                tuple(words(url) for url in attachments), answer or Answer(),
            ),
            as_,
        )  # fmt: skip
        return Message(self._drafts, draft)

    def text(
        self, *, from_: str, to: str, text: str | Late, sim: int = 1, attachments: Iterable[Attachment] = (),
        flash: bool = False, as_: str | None = None,
    ) -> Found:  # fmt: skip
        """A contact texts a phone. With attachments it is a multimedia message. `flash`: shown at once (class 0)."""
        self._people.check_writer(from_)
        self._people.phone_with(to, sim)
        sent = tuple(attachments)
        if sent and flash:
            raise ValueError("a multimedia message is never flash")
        return self._found(Text(from_, to, words(text), sim, sent, flash), "text", as_)

    def call(
        self, *, from_: str, to: str, outcome: str = "missed", sim: int = 1, withheld: bool = False,
        as_: str | None = None,
    ) -> Found:  # fmt: skip
        """A contact calls a phone: the call is `missed`, `answered` or `rejected`. `withheld`: without a number."""
        self._people.check_writer(from_)
        self._people.phone_with(to, sim)
        check_outcome(outcome)
        return self._found(CallPhone(from_, to, outcome, sim, withheld), "call", as_)

    def do(self, phone: str, words: str) -> None:
        """Something is done to a phone: `story.do("alice", "lose network")`. Raises `UsageError` for other words."""
        self._add(PhoneAct(self._people.phone(phone).name, parse_deed(words)))

    def behave(self, contact: str, *rules: Behaviour) -> None:
        """From now on a contact has these rules and no others (`contact: {name, rules}` of a file)."""
        self._people.check_contact(contact)
        self._add(Behave(contact, rules))

    def carrier(
        self, *, refuse: str | int | None = None, lose: int | None = None, late_s: Seconds | None = None,
        slow_s: Seconds | None = None, duplicate: int | None = None, reorder_s: float | None = None,
        throttle: tuple[int, float] | None = None, daily_cap: int | None = None, spam_block: bool | None = None,
        long_code_filter: int | None = None, show_sender: str | None = None,
        reports: Sequence[tuple[str | int, Seconds]] | None = None, from_: str | None = None, to: str | None = None,
        text_matches: str | None = None, segments: int | Sequence[int] = (), times: int | None = None, skip: int = 0,
        result: str | int | None = None, after_s: Seconds | None = None, early: bool = False,
        phone: str | None = None, service: str | None = None,
    ) -> None:  # fmt: skip
        """From now on the network has one rule more: exactly one of the first twelve.

        `refuse` names one of Android's results. `lose` and `long_code_filter` are shares in a hundred. `throttle` is
        (segments, seconds), `daily_cap` segments a day; what is above is refused with `result` ("none": late, or
        lost). `reports` are pairs of what a status report says (`delivered`, `trying`, `failed`, a TP-ST) and when.
        `after_s` goes with `duplicate`, `early` with `reports`.

        `from_` … `skip` say which texts it is about. With `phone` and `service` (`full` or `none`) there is no rule:
        the phone's radio finds its network, or none. Raises `UsageError` for a result that Android does not have.
        """
        given: dict[str, Any] = {
            "refuse": refuse, "lose": lose, "late": late_s, "slow": slow_s, "duplicate": duplicate,
            "reorder": reorder_s, "throttle": throttle, "daily_cap": daily_cap, "spam_block": spam_block,
            "long_code_filter": long_code_filter, "show_sender": show_sender, "reports": reports,
        }  # fmt: skip
        kinds = [kind for kind, value in given.items() if value is not None]
        if service is not None or phone is not None:
            if phone is None or service not in ("full", "none") or kinds:
                raise ValueError("service is full or none, of a phone, and beside no rule")
            self._add(PhoneAct(self._people.phone(phone).name, Deed("service", (service,))))
            return
        if len(kinds) != 1:
            raise ValueError(f"a carrier gets one rule at a time: {', '.join(given)}")
        for party in (from_, to):
            if party is not None:
                self._people.check_numbers(party)
        if show_sender:
            self._people.add_sender(show_sender)
        _check_times(times)
        chosen = (segments,) if isinstance(segments, int) else tuple(segments)
        if 0 in chosen:
            raise ValueError("there is no segment 0: they count from 1; -1 is the last")
        only = Only(from_, to, text_matches, chosen, times, skip)
        more = {"result": result, "after_s": after_s, "early": early}
        self._add(Carrier((rule_of(kinds[0], given[kinds[0]], only, more),)))

    def clear_carrier(self, kind: str | None = None) -> None:
        """The network's rules of this kind (`refuse`, `late` …) end; None: all of them."""
        if kind is not None:
            check_word(kind, KINDS, "a carrier has no rule")
        self._add(ClearCarrier(None if kind is None else KINDS[kind].__name__))

    def fault(
        self, name: str, *, phone: str | None = None, times: int | None = None, delay_s: float | None = None,
        status: int | None = None, error: str | None = None, who: str | None = None,
    ) -> None:  # fmt: skip
        """Something goes wrong between two parties from now on (`network: {fault: …}` of a file).

        The names are in `harness.fault_words.FAULTS`, with what each one takes. Without `times` a fault of pushes
        happens once, any other until `end_fault`.
        """
        check_word(name, FAULTS, "there is no fault")
        shape = FAULTS[name]
        given = {"phone": phone, "times": times, "delay": delay_s, "status": status, "error": error, "who": who}
        for knob, value in given.items():
            if value is not None and knob not in shape.fields:
                raise ValueError(f"{name} takes no {knob}: {', '.join(shape.fields) or 'nothing'}")
            if not value and knob in shape.required:
                raise ValueError(f"{name} needs {knob}")
        if phone is not None:
            self._people.phone(phone)
        if error is not None:
            check_word(error, FCM_ERRORS, "FCM has no error")
        if who is not None:
            check_word(who, WHO, "requests are not of")
        _check_times(times)
        often = 1 if times is None and shape.once else times
        self._add(Fault(name, phone, often, duration(delay_s or 0), status or 0, error or "", who or ""))

    def end_fault(self, name: str | None = None) -> None:
        """The fault of that name ends; None: all of them."""
        if name is not None:
            check_word(name, FAULTS, "there is no fault")
        self._add(EndFault(name))

    def lose_push(self, *, phone: str, times: int = 1) -> None:
        """The next pushes to the phone are lost: `fault("lost-push", …)`."""
        self.fault("lost-push", phone=phone, times=times)

    def webhooks(self, *, answer: int | str, times: int | None = None) -> None:
        """How the webhook receiver answers the next `times` calls (None: all from now on).

        `answer` is a status, or `hang`: none in time, or `down`: no connection.
        """
        if answer not in ("hang", "down") and not (isinstance(answer, int) and 200 <= answer <= 599):
            raise ValueError(f"a receiver does not answer {answer!r}: a status, hang or down")
        _check_times(times)
        self._add(Webhooks(answer, times))

    def gateway(
        self, *, plan: str | None = None, sent_messages: int | None = None, received_messages: int | None = None,
        phone: str | None = None, last_heartbeat_age_s: int | None = None, messages_per_minute: int | None = None,
        message_expiration_s: int | None = None,
    ) -> None:  # fmt: skip
        """Facts of the gateway that have no API are set: the first three of the account, the others of a `phone`."""
        of_account = {"plan": plan, "sent_messages": sent_messages, "received_messages": received_messages}
        of_phone = {
            "last_heartbeat_age_s": last_heartbeat_age_s,
            "messages_per_minute": messages_per_minute,
            "message_expiration_seconds": message_expiration_s,
        }
        wanted, others = (of_account, of_phone) if phone is None else (of_phone, of_account)
        if any(value is not None for value in others.values()) or all(value is None for value in wanted.values()):
            raise ValueError(f"set {', '.join(wanted)}{'; others are of a phone' if phone is None else ' of a phone'}")
        if phone is not None:
            self._people.phone(phone)
        if plan is not None:
            check_word(plan, PLANS, "there is no plan")
        chosen = tuple((name, value) for name, value in wanted.items() if value is not None)
        self._add(Gateway(chosen, phone))

    def api(
        self, method: str, path: str | Late, *, credential: str = "user", key: str | Late | None = None,
        headers: Mapping[str, str] | None = None, body: Any = None, raw: str | Late | None = None,
        answer: Answer | None = None, as_: str | None = None,
    ) -> Answered:  # fmt: skip
        """Any request to the API: `story.api("GET", "/v1/messages?owner=…", answer=answer(200))`.

        `credential`: `user`, `none`, or a phone, whose key it is; `key` is sent instead. `body` is what JSON has,
        `raw` is sent as it is.
        """
        if body is not None and raw is not None:
            raise ValueError("a request has a body or a raw body")
        if isinstance(path, str) and not path.startswith("/"):
            raise ValueError("a path begins with /")
        check_word(method, METHODS, "there is no method")
        if credential not in ("user", "none"):
            self._people.phone(credential)
        sent = tuple((name, words(value)) for name, value in (headers or {}).items())
        draft = self._drafts.add(
            Api(
                method, words(path), credential, None if key is None else words(key), sent, data(body),
                None if raw is None else words(raw), answer or Answer(),
            ),
            as_,
        )  # fmt: skip
        return Answered(self._drafts, draft, "call")

    def advance(self, seconds: float) -> None:
        """Time moves on; what becomes due is done."""
        self._add(Advance(duration(seconds)))

    # -- what is looked for ------------------------------------------------------------------------------------------

    def sms(self, *, to: str, text: Any = None, from_: str | None = None, segments: int | None = None) -> SmsLook:
        """A text that somebody's handset shows. `text` is a text, or a matcher such as `contains("code")`."""
        self._people.check_somebody(to)
        if from_ is not None:
            self._people.check_sender(from_)
        if segments is not None and self._people.is_phone(to):
            raise ValueError(f"{to} is a phone: only a contact's handset tells how many segments it joined")
        return SmsLook(to, None if text is None else matcher(text), from_, segments)

    def message(self, message: Ref, *, status: str, reason: Any = None) -> MessageLook:
        """What the gateway says of a message."""
        check_word(status, STATUSES, "there is no status")
        return MessageLook(self._drafts.message(message), status, None if reason is None else matcher(reason))

    def webhook(
        self, event: str, *, message: Ref | None = None, contact: str | None = None, text: Any = None,
        facts: Mapping[str, Any] | None = None,
    ) -> WebhookLook:  # fmt: skip
        """An event that reached the webhook receiver; `text` is what its content decrypts to.

        `contact` is the other party: who wrote it, or to whom it went.
        """
        check_word(event, EVENTS, "there is no event")
        for name in facts or ():
            check_word(name, HOOK_FACTS, "a webhook has no fact")
        about = None if message is None else self._drafts.message(message)
        if contact is not None:
            self._people.check_sender(contact)
            facts = {"contact": contact, **(facts or {})}
        return WebhookLook(event, about, None if text is None else matcher(text), matched(facts))

    def hop(
        self, hop: str, kind: str | None = None, *, message: Ref | None = None, facts: Mapping[str, Any] | None = None
    ) -> TraceLook:
        """Any entry of the trace: `story.hop("phone", "fetched")`."""
        check_word(hop, HOPS, "there is no hop")
        return TraceLook(hop, kind, None if message is None else self._drafts.message(message), matched(facts))

    def expect(
        self, look: Look, *, within_s: float = 30, at_least: int = 1, at_most: int | None = None,
        as_: str | None = None,
    ) -> Found:  # fmt: skip
        """Something must be seen within a time from here, `at_least` so often: `story.expect(story.sms(to=bob))`.

        With `at_most` the whole time is waited for, and no more than so many may come. What was there before and was
        not looked for counts. Gives what was found, for `distance` and for values: `found.capture(r"\\d+")`.
        """
        if at_least < 0:
            raise ValueError(f"{at_least} times: 0 at least")
        if at_most is None and at_least == 0:
            raise ValueError("nothing is expected: give an at_most, or write never")
        if at_most is not None and at_most < at_least:
            raise ValueError(f"at most {at_most}, and at least {at_least}")
        return self._found(Expect(look, duration(within_s), at_least, at_most), "seen", as_)

    def never(self, look: Look, *, for_s: float = 5) -> None:
        """Something must not be seen for a time from here; what is there and was never looked for counts."""
        self._add(Never(look, duration(for_s)))

    def expect_order(self, *looks: Look, within_s: float = 30, as_: str | None = None) -> Found:
        """All of these must be seen within a time, each after the one before it; others may come in between."""
        if len(looks) < 2:
            raise ValueError("an order of one: look for at least two")
        return self._found(ExpectOrder(looks, duration(within_s)), "seen", as_)

    def distance(self, from_: Ref, to: Ref, *, at_least_s: float | None = None, at_most_s: float | None = None) -> None:
        """How long it took from one step to another: what they sent, or found."""
        if at_least_s is None and at_most_s is None:
            raise ValueError("a distance needs at_least_s or at_most_s")
        least, most = (None if limit is None else duration(limit) for limit in (at_least_s, at_most_s))
        if least is not None and most is not None and most < least:
            raise ValueError(f"at most {at_most_s} s, and at least {at_least_s} s")
        self._add(Distance(self._drafts.step(from_), self._drafts.step(to), least, most))

    def expect_sms(
        self, *, to: str, text: Any = None, from_: str | None = None, segments: int | None = None,
        within_s: float = 30, at_least: int = 1, at_most: int | None = None, as_: str | None = None,
    ) -> Found:  # fmt: skip
        """`expect` a text on somebody's handset."""
        look = self.sms(to=to, text=text, from_=from_, segments=segments)
        return self.expect(look, within_s=within_s, at_least=at_least, at_most=at_most, as_=as_)

    def expect_message(
        self, message: Ref, *, status: str, reason: Any = None, within_s: float = 30, as_: str | None = None
    ) -> Found:
        """`expect` the gateway to say this of a message."""
        return self.expect(self.message(message, status=status, reason=reason), within_s=within_s, as_=as_)

    def expect_webhook(
        self, event: str, *, message: Ref | None = None, contact: str | None = None, text: Any = None,
        facts: Mapping[str, Any] | None = None, within_s: float = 30, at_least: int = 1, at_most: int | None = None,
        as_: str | None = None,
    ) -> Found:  # fmt: skip
        """`expect` an event at the webhook receiver."""
        look = self.webhook(event, message=message, contact=contact, text=text, facts=facts)
        return self.expect(look, within_s=within_s, at_least=at_least, at_most=at_most, as_=as_)

    def never_sms(self, *, to: str, text: Any = None, from_: str | None = None, for_s: float = 5) -> None:
        """`never` a text on somebody's handset."""
        self.never(self.sms(to=to, text=text, from_=from_), for_s=for_s)

    # -- how steps stand together ------------------------------------------------------------------------------------

    def together(self) -> AbstractContextManager[None]:
        """Branches of steps, two at least, that run at the same time; the story goes on when all have ended.

        with story.together():
            with story.branch():
                story.send(…)
            with story.branch():
                story.text(…)
        """
        return self._drafts.together()

    def branch(self) -> AbstractContextManager[None]:
        """Steps of one branch, within `together`."""
        return self._drafts.branch()

    def repeat(self, times: int) -> Iterator[int]:
        """The rounds from 1: `for round in story.repeat(3): story.send(…, text=f"Number {round}")`."""
        if times < 1:
            raise ValueError("a round at least")
        return iter(range(1, times + 1))

    def unique(self, name: str = "") -> str:
        """A value that each run draws from its seed, the same wherever the story uses it; one more for each name."""
        return Value(f"{UNIQUE}.{name}" if name else UNIQUE)

    # -- running -----------------------------------------------------------------------------------------------------

    def run(self, seed: int = 1) -> Outcome:
        """Runs the story in virtual time. Raises `StoryFailed`, and `UsageError` for what cannot be meant."""
        return _passed(run_scenario(self.plan(), seed))

    def run_live(self, seed: int = 1) -> Outcome:
        """Runs the story over sockets on 127.0.0.1; waiting is still skipped. Raises as `run` does."""
        from harness.live_story import run_scenario_live

        return _passed(run_scenario_live(self.plan(), seed))

    def plan(self) -> Scenario:
        """The story as a scenario file would give it. Raises `ValueError` for words that nobody knows."""
        for rule in self.breaks:
            check_word(rule, INVARIANTS, "no invariant is called")
        if self.pace is not None:
            check_word(self.pace, ("faithful", "instant"), "there is no pace")
        if self.account_plan is not None:
            check_word(self.account_plan, PLANS, "there is no plan")
        phones, contacts = self._people.everybody()
        return Scenario(
            self.name,
            phones,
            contacts,
            self._drafts.planned(),
            tags=self.tags,
            breaks=self.breaks,
            about=self.about,
            skip=self.skip,
            expect_failure=self.expect_failure,
            requires=tuple(map(_capability, self.requires)),
            gateway=GatewaySpec(self.pace, self.keep_rate, self.account_plan),
        )

    def _add(self, what: Act | Never | Distance) -> None:
        self._drafts.add(what)

    def _found(self, what: Text | CallPhone | Expect | ExpectOrder, kind: str, alias: str | None) -> Found:
        return Found(self._drafts, self._drafts.add(what, alias), kind)


def _check_times(times: int | None) -> None:
    if times is not None and times < 1:
        raise ValueError(f"{times} times: once at least")


def _sending_key(phone: PhoneSpec, encrypted: bool, key: str | None) -> str | None:
    if encrypted and not (key or phone.encryption_key):
        raise ValueError(f"{phone.name} has no encryption key: give the phone one, or a key here")
    if key is not None and not encrypted:
        raise ValueError("a key without encrypted=True")
    return (key or phone.encryption_key) if encrypted else None


def _capability(word: str | Capability) -> Capability:
    if isinstance(word, str):
        check_word(word, [each.value for each in Capability], "there is no capability")
    return Capability(word)


def _passed(outcome: Outcome) -> Outcome:
    if not outcome.passed:
        raise StoryFailed(outcome)
    return outcome
