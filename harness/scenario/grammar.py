"""The language of scenario files in one table: sections, verbs, looks and their fields.

Whoever reads files, describes them to editors, or writes about them, takes what there is from here. An example is a
step, or several, of a story with `EXAMPLE_HEAD`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from harness.answers import NO_ANSWER
from harness.capability import Capability
from harness.fault_words import FAULTS, FCM_ERRORS, WHO
from harness.frozen import frozen
from harness.radio import CALL_OUTCOMES
from harness.scenario.invariants import INVARIANTS
from harness.scenario.kinds import (
    Branches,
    Captures,
    DeedLine,
    Either,
    Form,
    Json,
    Kind,
    Listed,
    Looked,
    Match,
    NewName,
    Number,
    Pattern,
    People,
    Percent,
    Result,
    Rows,
    Secret,
    Slot,
    Spread,
    StepName,
    Steps,
    Table,
    Time,
    Title,
    Truth,
    Who,
    Whole,
    Word,
    Writing,
)
from harness.trace import HOPS
from harness.wire.server import FREE_PLAN, PLAN_LIMITS

__all__ = [
    "CARRIER_RULES",
    "CONTACT",
    "CONTACT_RULE",
    "EVENTS",
    "EXAMPLE_HEAD",
    "EXAMPLE_PART",
    "FAULTS",
    "GATEWAY",
    "HOOK_FACTS",
    "LOOKS",
    "METHODS",
    "MMS_MAX",
    "MODIFIERS",
    "OUTCOMES",
    "PART",
    "PHONE",
    "PLANS",
    "SCENARIO",
    "STATUSES",
    "VERBS",
    "Look",
    "Verb",
]  # fmt: skip

EVENTS = (
    "message.phone.received", "message.phone.sent", "message.phone.delivered", "message.send.failed",
    "message.send.expired", "message.call.missed", "phone.heartbeat.online", "phone.heartbeat.offline",
)  # fmt: skip
HOOK_FACTS = (
    "owner", "contact", "content", "encrypted", "error_message", "request_id", "sim", "attachments", "verified",
)  # fmt: skip
"""What the webhook receiver writes down of an event; `attachments` counts them."""
STATUSES = ("pending", "scheduled", "sending", "sent", "delivered", "failed", "expired", "received")
OUTCOMES = tuple(CALL_OUTCOMES)
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
PLANS = (FREE_PLAN, *PLAN_LIMITS)
MMS_MAX = 100_000_000
"""So many bytes a multimedia message may have; networks take far fewer."""

_ROUNDS_MAX = 1000
_MANY = 1_000_000
_TIMES = Whole(1, _MANY)

# -- who takes part ----------------------------------------------------------------------------------------------------

PHONE = Form(
    "phone",
    (
        Slot("number", Number(), "its number; without one it gets one by rule, from +18005550100 upwards"),
        Slot("second_number", Number(), "the number of its second SIM; without one there is no second SIM"),
        Slot("encryption_key", Secret(), "the key that its app encrypts and decrypts with"),
        Slot("messages_per_minute", Whole(1, 60), "how many messages the gateway gives it in a minute"),
        Slot("message_expiration", Time(seconds=True), "when a message that it did not take expires"),
        Slot("max_send_attempts", Whole(1, 5), "how often the gateway tries"),
        Slot("app", Title(), "the profile of its app's build, or a file that ends in .toml"),
        Slot("oem", Title(), "the profile of its maker's habits, or a file that ends in .toml"),
        Slot("operator", Writing(), 'MCC and MNC of its cards, in quotes: "28601"'),
        Slot("android", Whole(9, 99), "its Android release; it decides how texts are divided"),
    ),
)

_AFTER = Slot("after", Spread(), "how long it takes; without it, no time")
_WHEN = Slot("when", Pattern(), "only to a text in which this regular expression is found")

_READS_CODES = Form(
    "reads_codes",
    (
        Slot("reply", Truth(), "sends the code back, too"),
        Slot("pattern", Pattern(), "what a code looks like; without it, 4 to 8 digits"),
        _AFTER,
    ),
)
_OPTS_OUT = Form(
    "opts_out",
    (
        Slot("after_texts", Whole(1, _MANY), "to which text of a sender the answer is STOP; without it, the first"),
        Slot("back_after", Whole(1, _MANY), "to which text the answer is START; without it, none"),
        _AFTER,
    ),
)
_CALLS_BACK = Form(
    "calls_back", (_WHEN, Slot("outcome", Word(OUTCOMES), "how the call ends; without it, missed"), _AFTER)
)
_BARE_RULES = ("echo", "reads_codes", "opts_out", "calls_back")

CONTACT_RULE = Form(
    "rule",
    (
        Slot("reply", Writing(), r"answers this text; \1 is what the first group of `when` found"),
        _WHEN,
        Slot("after", Spread(), "how long the answer takes; without it, no time"),
        Slot("echo", Form("echo", (_AFTER,)), "sends every text back"),
        Slot("reads_codes", _READS_CODES, "reads the one-time code in a text aloud"),
        Slot("opts_out", _OPTS_OUT, "answers STOP, and later maybe START"),
        Slot("calls_back", _CALLS_BACK, "calls whoever wrote"),
        Slot("typos", Whole(1, 100), "mistypes so many in a hundred of its words"),
    ),
)
_RULES = Listed(Either((Word(_BARE_RULES), CONTACT_RULE)))

CONTACT = Form(
    "contact",
    (
        Slot("number", Number(), "their number; without one they get one by rule, behind the phones"),
        Slot("sender", Writing(), "what phones show instead of the number: a name such as BANK, or a short code"),
        Slot("rules", _RULES, "what they do by themselves about what they read"),
    ),
)

GATEWAY = Form(
    "gateway",
    (
        Slot("pace", Word(("faithful", "instant")), "with the delays of the real gateway, or without"),
        Slot("keep_rate", Truth(), "messages_per_minute holds also when the pace is instant"),
        Slot("plan", Word(PLANS), "the plan of the account"),
    ),
)

# -- sections ----------------------------------------------------------------------------------------------------------

_SHARED = (
    Slot("about", Writing(), "more words, for people"),
    Slot("include", Listed(Writing(), alone=True), "parts whose phones, contacts and variables are in this file too"),
    Slot("variables", Table(Writing()), "texts with names: ${name} stands for them in everything below"),
    Slot("phones", People(PHONE), "the phones"),
    Slot("contacts", People(CONTACT), "the people who text with the phones"),
)

SCENARIO = Form(
    "scenario",
    (
        Slot("scenario", Title(), "what the story shows: its title", required=True),
        *_SHARED,
        Slot("tags", Listed(NewName(), alone=True), "words to choose stories by"),
        Slot("skip", Title(), "why the story does not run"),
        Slot("expect_failure", Title(), "the known defect because of which it fails"),
        Slot(
            "requires",
            Listed(Word(tuple(each.value for each in Capability)), alone=True),
            "what a target must be able to do for it; else it is skipped there",
        ),
        Slot("breaks", Listed(Word(tuple(INVARIANTS)), alone=True), "what holds in every other story, and not in this"),
        Slot("for_each", Rows(), "a table: each row is a story of its own, with its values as variables"),
        Slot("gateway", GATEWAY, "how the embedded gateway is set"),
        Slot("steps", Steps(), "what happens, in order", required=True),
    ),
)
"""A document of a scenario file."""

PART = Form("part", (*_SHARED, Slot("steps", Steps(), "the steps that `include` puts in its place")))
"""A file that others include: a document without `scenario`."""

# -- modifiers ---------------------------------------------------------------------------------------------------------

_ANSWER = Form(
    "answer",
    (
        Slot(
            "status",
            Either((Word((NO_ANSWER,)), Whole(100, 599))),
            "its HTTP status; none: no answer comes. Without it, any below 300",
        ),
        Slot("headers", Table(Match()), "what its headers must be"),
        Slot("body", Table(Match(typed=True), "dotted path"), "what its body must be: data.0.id"),
    ),
)

MODIFIERS: Mapping[str, Slot] = MappingProxyType(
    {
        slot.name: slot
        for slot in (
            Slot("as", NewName(), "a name for the step: for what it makes or finds"),
            Slot("within", Time(), "how long it may take; without it, 30s"),
            Slot("for", Time(), "how long it must hold; without it, 5s"),
            Slot("at_least", Whole(0, _MANY), "how often it must be seen; without it, once"),
            Slot("at_most", Whole(1, _MANY), "how often it may be seen; the whole time is then waited for"),
            Slot("capture", Captures(of_answer=False), "names for values: ${name} stands for them in later steps"),
            Slot("answer", _ANSWER, "what the API must answer"),
        )
    }
)
_CAPTURE_OF_ANSWER = Slot("capture", Captures(of_answer=True), "names for values in the answer, by their dotted paths")

# -- looks -------------------------------------------------------------------------------------------------------------


@frozen
class Look:
    """Something that `expect`, `never` and `expect_order` look for."""

    name: str
    about: str
    form: Form
    example: str

    @property
    def fields(self) -> tuple[Slot, ...]:
        return self.form.slots


_CODE = '- send: {from: shop, to: bob, text: "Your code is 1234"}\n'
_SMS = Form(
    "sms",
    (
        Slot("to", Who("anybody"), "whose handset shows it", required=True),
        Slot("from", Who("sender"), "from whom it is"),
        Slot("text", Match(), "its text"),
        Slot("segments", Whole(1, 255), "of how many segments it came"),
    ),
)
_FACTS = Slot("facts", Table(Match(typed=True)), "what other facts of it must be")
_HOOK_FACTS = Table(Match(typed=True), "fact", HOOK_FACTS)
_OF_MESSAGE = Slot("message", StepName(message=True), "of which step's message it must be")

LOOKS: Mapping[str, Look] = MappingProxyType(
    {
        look.name: look
        for look in (
            Look(
                "webhook",
                "an event that reached the webhook receiver",
                Form(
                    "webhook look",
                    (
                        Slot("webhook", Word(EVENTS), "the event", required=True),
                        _OF_MESSAGE,
                        Slot("contact", Who("sender"), "the other party: who wrote it, or to whom it went"),
                        Slot("text", Match(), "its text, decrypted"),
                        Slot("facts", _HOOK_FACTS, f"what else of it must be: {', '.join(HOOK_FACTS)}"),
                    ),
                ),
                "- text: {from: bob, to: shop, text: Thanks a lot}\n"
                "- expect:\n    webhook: message.phone.received\n    contact: bob\n"
                "    text: {contains: Thanks}\n    facts: {sim: SIM1}",
            ),
            Look(
                "hop",
                "any entry of the trace",
                Form(
                    "trace look",
                    (
                        Slot("hop", Word(HOPS), "where it happened", required=True),
                        Slot("kind", Writing(), "what happened there"),
                        _OF_MESSAGE,
                        _FACTS,
                    ),
                ),
                f"{_CODE}- expect: {{hop: phone, kind: fetched}}",
            ),
            Look(
                "sms",
                "a text that somebody's handset shows",
                Form("sms look", (Slot("sms", _SMS, "the text", required=True),)),
                f"{_CODE}- expect: {{sms: {{to: bob, from: shop, text: {{contains: code}}, segments: 1}}}}",
            ),
            Look(
                "message",
                "what the gateway says of a message",
                Form(
                    "message look",
                    (
                        Slot("message", StepName(message=True), "of which step's message", required=True),
                        Slot("status", Word(STATUSES), "its status", required=True),
                        Slot("reason", Match(), "why it failed"),
                    ),
                ),
                "- send: {from: shop, to: bob, text: Hi}\n  as: hello\n- expect: {message: hello, status: delivered}",
            ),
        )
    }
)
"""By the field that says which one it is, in the order in which they are looked for: a webhook may have a message."""

# -- verbs -------------------------------------------------------------------------------------------------------------


@frozen
class Verb:
    """What a step does. `takes`: what stands behind it; `modifiers` may stand beside it."""

    name: str
    about: str
    takes: Kind
    example: str
    modifiers: tuple[Slot, ...] = ()

    @property
    def fields(self) -> tuple[Slot, ...]:
        """Those of its mapping, modifiers aside; none where it takes something else."""
        return self.takes.slots if isinstance(self.takes, Form) else ()

    @property
    def inside(self) -> tuple[Slot, ...]:
        """The modifiers that may stand in its mapping as well."""
        return tuple(slot for slot in self.modifiers if slot.name != "as")


EXAMPLE_HEAD = """\
phones:
  shop: {encryption_key: Password123, second_number: "+18005550190"}
contacts: [bob, carol]
"""
EXAMPLE_PART = """\
variables: {code: "1234"}
steps:
  - send: {from: shop, to: bob, text: "Your code is ${code}"}
  - expect: {sms: {to: bob, text: {contains: "${code}"}}}
"""
"""What the part `login.part.yaml` of an example has."""

_SIM = Slot("sim", Whole(1, 2), "which of the phone's SIMs; without it, the first")
_ATTACHMENT = Form(
    "attachment",
    (
        Slot("name", Writing(), "the name of the file", required=True),
        Slot("type", Writing(), "its content type", required=True),
        Slot("size", Whole(0, MMS_MAX), "so many bytes, made up", required=True),
    ),
)
_SEND = Form(
    "send",
    (
        Slot("from", Who("phone"), "by which phone", required=True),
        Slot("to", Listed(Who("anybody"), alone=True), "to whom; several are one bulk request", required=True),
        Slot("text", Writing(late=True), "the text"),
        Slot("encrypted", Truth(), "encrypted with the phone's key before it is sent"),
        Slot("key", Secret(), "encrypted with this key instead"),
        Slot("ciphertext", Writing(late=True), "a text that is encrypted already, sent as it is"),
        _SIM,
        Slot("request_id", Writing(late=True), "an id of the client's own"),
        Slot("later", Time(), "to be sent so much later"),
        Slot("attachments", Listed(Writing(late=True)), "URLs of what goes along"),
    ),
)
_TEXT = Form(
    "text",
    (
        Slot("from", Who("contact or number"), "who texts", required=True),
        Slot("to", Who("phone"), "which phone", required=True),
        Slot("text", Writing(late=True), "the text", required=True),
        _SIM,
        Slot("attachments", Listed(_ATTACHMENT), "what goes along: a multimedia message"),
        Slot("flash", Truth(), "shown at once, and kept by nobody (class 0)"),
    ),
)
_CALL = Form(
    "call",
    (
        Slot("from", Who("contact or number"), "who calls", required=True),
        Slot("to", Who("phone"), "which phone", required=True),
        _SIM,
        Slot("outcome", Word(OUTCOMES), "how it ends; without it, missed"),
        Slot("withheld", Truth(), "without the caller's number"),
    ),
)
_PHONE_ACT = Form(
    "phone act",
    (
        Slot("name", Who("phone"), "which phone", required=True),
        Slot("do", DeedLine(), "what is done: lose network, reboot, switch sim1 calls on …"),
        Slot("radio", Word(("on", "off")), "its radio is switched"),
        Slot("encryption_key", Secret(), "another key is typed in"),
    ),
)
_CONTACT_ACT = Form(
    "contact act",
    (
        Slot("name", Who("contact"), "which contact", required=True),
        Slot("rules", _RULES, "what they do by themselves from now on, and nothing else", required=True),
    ),
)

CARRIER_RULES: Mapping[str, Slot] = MappingProxyType(
    {
        slot.name: slot
        for slot in (
            Slot("refuse", Result(), "the network does not take the text: NO_SERVICE, 38 …"),
            Slot("lose", Percent(), "the text gets lost, and counts as sent"),
            Slot("late", Spread(), "the text is delivered so much later"),
            Slot("slow", Spread(), "the network takes so long to answer"),
            Slot("duplicate", Either((Word(("true",)), Whole(1, 100))), "the text is delivered so often again"),
            Slot("reorder", Either((Word(("true",)), Time())), "the segments arrive in reverse, so far apart"),
            Slot(
                "throttle",
                Form(
                    "throttle",
                    (
                        Slot("count", Whole(1, _MANY), "so many segments …", required=True),
                        Slot("every", Time(), "… in so much time", required=True),
                        Slot(
                            "result",
                            Either((Word(("none",)), Result())),
                            "how the others are refused; none: they are delivered late. Without it, "
                            "RIL_REQUEST_RATE_LIMITED",
                        ),
                    ),
                ),
                "a sender may send only so much",
            ),
            Slot(
                "daily_cap",
                Form(
                    "daily_cap",
                    (
                        Slot("count", Whole(0, _MANY), "so many segments a day", required=True),
                        Slot("result", Result(), "how the others are refused; without it, they get lost"),
                    ),
                ),
                "a sender may send only so much on one day",
            ),
            Slot(
                "spam_block",
                Either(
                    (
                        Word(("true",)),
                        Form("spam_block", (Slot("result", Result(), "how it is refused", required=True),)),
                    )
                ),
                "the text is taken for spam: dropped without a word, or refused",
            ),
            Slot("long_code_filter", Percent(), "texts from ordinary numbers are dropped"),
            Slot("show_sender", Writing(), "the recipient sees this sender: a name, a short code"),
            Slot(
                "reports",
                Either(
                    (
                        Word(("none",)),
                        Listed(
                            Form(
                                "report",
                                (
                                    Slot(
                                        "status",
                                        Either((Word(("delivered", "trying", "failed")), Whole(0, 255))),
                                        "what it says, in a word or as TP-ST",
                                        required=True,
                                    ),
                                    _AFTER,
                                ),
                            )
                        ),
                    )
                ),
                "the status reports that the sender gets",
            ),
        )
    }
)
"""The rules of a carrier, by their fields in `carrier`."""

_CARRIER = Form(
    "carrier",
    (
        *CARRIER_RULES.values(),
        Slot("from", Who("numbers"), "only what they send"),
        Slot("to", Who("numbers"), "only what is sent to them"),
        Slot("text_matches", Pattern(), "only segments in which this is found"),
        Slot("segments", Listed(Whole(-255, 255), alone=True), "only these segments, from 1; -1 is the last"),
        Slot("times", _TIMES, "only so often; without it, always"),
        Slot("skip", Whole(0, _MANY), "not the first so many"),
        Slot("after", Spread(), "of `duplicate`: how much later it comes again"),
        Slot("early", Truth(), "of `reports`: they overtake the answer to the sender"),
        Slot("clear", Word(("all", *CARRIER_RULES)), "these rules end"),
        Slot("phone", Who("phone"), "of `service`: for which phone"),
        Slot("service", Word(("full", "none")), "the phone's radio finds its network, or none"),
    ),
)
_NETWORK = Form(
    "network",
    (
        Slot("fault", Word(tuple(FAULTS)), "what goes wrong from now on"),
        Slot("phone", Who("phone"), "for which phone; without it, for all"),
        Slot("who", Word(WHO), "whose requests"),
        Slot("times", _TIMES, "how often; without it, once for a push, else until it ends"),
        Slot("delay", Time(), "how much later"),
        Slot("status", Whole(400, 599), "the HTTP status of the answer"),
        Slot("error", Word(tuple(FCM_ERRORS)), "the error of the push service"),
        Slot("end", Word(("all", *FAULTS)), "these faults end"),
    ),
)
_WEBHOOKS = Form(
    "webhooks",
    (
        Slot(
            "answer",
            Either((Word(("hang", "down")), Whole(200, 599))),
            "a status; hang: none in time; down: no connection",
            required=True,
        ),
        Slot("times", _TIMES, "the next so many; without it, all from now on"),
    ),
)
_GATEWAY_ACT = Form(
    "gateway act",
    (
        Slot("plan", Word(PLANS), "the plan of the account"),
        Slot("sent_messages", Whole(0, _MANY), "how many messages it has sent this month"),
        Slot("received_messages", Whole(0, _MANY), "how many it has received"),
        Slot("phone", Who("phone"), "whose facts are set: the next three"),
        Slot("last_heartbeat_age", Time(), "how long ago its last heartbeat was"),
        Slot("messages_per_minute", Whole(0, 60), "how many messages it is given in a minute; 0: all"),
        Slot("message_expiration", Time(seconds=True), "when a message that it did not take expires"),
    ),
)
_API = Form(
    "api",
    (
        Slot("method", Word(METHODS), "without it, GET"),
        Slot("path", Writing(late=True), "begins with /, and may have a query", required=True),
        Slot("as", Who("credential"), "with whose API key: the user's, none, or a phone's; without it, the user's"),
        Slot("key", Secret(late=True), "with this API key instead"),
        Slot("headers", Table(Writing(late=True)), "more headers"),
        Slot("body", Json(), "a body of JSON"),
        Slot("raw", Writing(late=True), "a body as it is"),
    ),
)
_DISTANCE = Form(
    "distance",
    (
        Slot("from", StepName(), "from the time of this step …", required=True),
        Slot("to", StepName(), "… to the time of this one", required=True),
        Slot("at_least", Time(), "no shorter than this"),
        Slot("at_most", Time(), "no longer than this"),
    ),
)
_REPEAT = Form(
    "repeat",
    (
        Slot("times", Whole(1, _ROUNDS_MAX), "how often", required=True),
        Slot("steps", Steps(), "what; ${round} counts from 1", required=True),
    ),
)
_INCLUDE = Form(
    "include",
    (
        Slot("file", Writing(), "the part, relative to this file", required=True),
        Slot("with", Table(Writing()), "values for its variables"),
    ),
)


def _modifiers(*names: str) -> tuple[Slot, ...]:
    return tuple(MODIFIERS[name] for name in names)


_TWICE = "- send: {from: shop, to: bob, text: Hi}\n  as: hello\n- expect: {sms: {to: bob}}\n  as: arrival\n"

VERBS: Mapping[str, Verb] = MappingProxyType(
    {
        verb.name: verb
        for verb in (
            Verb(
                "send",
                "the application sends through the API",
                _SEND,
                '- send: {from: shop, to: bob, text: "Your code is 1234", encrypted: true}\n  as: code',
                (*_modifiers("as", "answer"), _CAPTURE_OF_ANSWER),
            ),
            Verb("text", "a contact texts a phone", _TEXT, "- text: {from: bob, to: shop, text: Hi}", _modifiers("as")),
            Verb(
                "call",
                "a contact calls a phone",
                _CALL,
                "- call: {from: bob, to: shop, outcome: missed}",
                _modifiers("as"),
            ),
            Verb(
                "phone",
                "something is done to a phone",
                _PHONE_ACT,
                "- phone: {name: shop, do: lose network}",
            ),
            Verb(
                "contact",
                "from now on a contact does something about what it reads",
                _CONTACT_ACT,
                "- contact: {name: bob, rules: [{when: code, reply: Thanks, after: 3s}, {typos: 10}]}",
            ),
            Verb(
                "carrier",
                "from now on the network has one rule more, or some fewer; or a phone's service is another",
                _CARRIER,
                "- carrier: {refuse: NO_SERVICE, to: bob, times: 2}\n- carrier: {clear: refuse}",
            ),
            Verb(
                "network",
                "a fault between phones, gateway, push service and application begins or ends",
                _NETWORK,
                "- network: {fault: lost-push, phone: shop}\n- network: {end: all}",
            ),
            Verb(
                "webhooks",
                "how the application answers the next webhooks",
                _WEBHOOKS,
                "- webhooks: {answer: 500, times: 2}",
            ),
            Verb(
                "gateway",
                "facts of the gateway that have no API are set",
                _GATEWAY_ACT,
                "- gateway: {sent_messages: 199}\n- advance: 20m\n- gateway: {phone: shop, last_heartbeat_age: 2h}",
            ),
            Verb(
                "api",
                "any request to the API",
                _API,
                '- api: {path: "/v1/phones?limit=1"}\n'
                "  answer: {status: 200, body: {data.0.id: present, data.0.phone_number: {matches: '^[+]1800'}}}\n"
                "  capture: {id: data.0.id}",
                (*_modifiers("as", "answer"), _CAPTURE_OF_ANSWER),
            ),
            Verb("advance", "time moves on, and what becomes due is done", Time(), "- advance: 10m"),
            Verb(
                "expect",
                "something must be seen within a time from here",
                Looked(),
                f"{_CODE}- expect: {{sms: {{to: bob, text: {{contains: code}}}}}}\n  within: 10s\n"
                "  capture: {code: '\\d{4}'}",
                _modifiers("as", "within", "at_least", "at_most", "capture"),
            ),
            Verb(
                "never",
                "something must not be seen for a time from here",
                Looked(),
                "- never: {sms: {to: bob}}\n  for: 5s",
                _modifiers("for"),
            ),
            Verb(
                "expect_order",
                "all of these must be seen within a time, each after the one before it",
                Listed(Looked()),
                f"{_CODE}- expect_order: [{{sms: {{to: bob}}}}, {{webhook: message.phone.sent}}]\n  within: 1m",
                _modifiers("within"),
            ),
            Verb(
                "distance",
                "how long it took from one step to another",
                _DISTANCE,
                f"{_TWICE}- distance: {{from: hello, to: arrival, at_most: 5s}}",
            ),
            Verb(
                "together",
                "branches of steps at the same time; the story goes on when all have ended",
                Branches(),
                "- together:\n"
                "    - [{send: {from: shop, to: bob, text: Hi}}, {expect: {sms: {to: bob}}}]\n"
                "    - [{text: {from: carol, to: shop, text: Hello}}]",
            ),
            Verb(
                "repeat",
                "the same steps again and again",
                _REPEAT,
                '- repeat:\n    times: 3\n    steps:\n      - send: {from: shop, to: bob, text: "Number ${round}"}',
            ),
            Verb(
                "include",
                "the steps of a part are put here",
                Either((Writing(), _INCLUDE)),
                '- include: login.part.yaml\n- include: {file: login.part.yaml, with: {code: "99"}}',
            ),
        )
    }
)
"""Every verb by its name."""
