"""The verbs that look for something → the plan's looks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from harness.matchers import Equals
from harness.scenario.document import Field
from harness.scenario.grammar import LOOKS, VERBS
from harness.scenario.kinds import Form, Looked
from harness.scenario.people import Names
from harness.scenario.plan import (
    FOR_DEFAULT,
    WITHIN_DEFAULT,
    Distance,
    Expect,
    ExpectOrder,
    Look,
    MessageLook,
    Never,
    SmsLook,
    TraceLook,
    WebhookLook,
)
from harness.scenario.reading import Read, read_form

__all__ = ["distance", "expect", "expect_order", "look", "look_form", "never"]

_KINDS = "sms, message, webhook or hop"


def look_form(value: Field, verb: str) -> Form:
    """The fields that go with what is looked for here, and those of the verb's modifiers."""
    members = value.members(f"write what to look for: {_KINDS}")
    kinds = [kind for kind in LOOKS if kind in members]
    if not kinds:
        value.fail("what to look for is missing", f"look for {_KINDS}")
    kind, *others = kinds
    for name in ("from", "to"):
        if kind == "webhook" and name in members:
            members[name][0].fail(
                f"`{name}` in a look at a webhook", "write `contact: …`: the other party, whichever of the two wrote"
            )
    form = _FORMS[verb, kind]
    for other in others:
        if other not in form.by_name:
            members[other][0].fail(f"`{other}` beside `{kind}`", "a look is at one thing: write another one for this")
    return form


def _forms() -> Iterator[tuple[tuple[str, str], Form]]:
    for verb in VERBS.values():
        for kind, known in LOOKS.items():
            inside = verb.inside if isinstance(verb.takes, Looked) else ()
            yield (verb.name, kind), Form(known.form.name, (*known.form.slots, *inside))


_FORMS = dict(_forms())


def look(names: Names, found: Read) -> Look:
    """What is looked for."""
    kind = next(kind for kind in LOOKS if kind in found)
    return _LOOKS[kind](names, found)


def _sms(names: Names, found: Read) -> SmsLook:
    sms = found["sms"]
    if "segments" in sms and sms["to"] in names.phones:
        sms.fields["segments"].fail(
            f"{sms['to']} is a phone", "only a contact's handset tells how many segments it joined"
        )
    return SmsLook(sms["to"], sms.get("text"), sms.get("from"), sms.get("segments"))


def _webhook(_names: Names, found: Read) -> WebhookLook:
    contact = (("contact", Equals(found["contact"])),) if "contact" in found else ()
    facts = (*contact, *found.get("facts", ()))
    return WebhookLook(found["webhook"], found.get("message"), found.get("text"), facts)


def _message(_names: Names, found: Read) -> MessageLook:
    return MessageLook(found["message"], found["status"], found.get("reason"))


def _trace(_names: Names, found: Read) -> TraceLook:
    return TraceLook(found["hop"], found.get("kind"), found.get("message"), found.get("facts", ()))


_LOOKS: Mapping[str, Callable[[Names, Read], Look]] = {
    "sms": _sms,
    "webhook": _webhook,
    "message": _message,
    "hop": _trace,
}


def expect(names: Names, found: Read) -> Expect:
    at_least, at_most = found.get("at_least", 1), found.get("at_most")
    if at_most is None and at_least == 0:
        found.fields["at_least"].fail("nothing is expected", "add an `at_most`, or write `never`")
    if at_most is not None and at_most < at_least:
        found.fields["at_most"].fail(f"at most {at_most}, and at least {at_least}", "the one must not exceed the other")
    return Expect(
        look(names, found), found.get("within", WITHIN_DEFAULT), at_least, at_most, found.get("capture", ())
    )  # fmt: skip


def never(names: Names, found: Read) -> Never:
    return Never(look(names, found), found.get("for", FOR_DEFAULT))


def expect_order(names: Names, looks: Field, found: Read) -> ExpectOrder:
    """`found` has the modifiers."""
    read = tuple(look(names, read_form(look_form(each, "expect_order"), each, names)) for each in looks.items())
    if len(read) < 2:
        looks.fail("two looks belong here, or more", "to look for one thing write `expect`")
    return ExpectOrder(read, found.get("within", WITHIN_DEFAULT))


def distance(_names: Names, found: Read) -> Distance:
    at_least, at_most = found.get("at_least"), found.get("at_most")
    if at_least is None and at_most is None:
        found.at.fail("no distance is given", "write `at_least: …`, `at_most: …`, or both")
    if at_least is not None and at_most is not None and at_most < at_least:
        found.fields["at_most"].fail("at_most is less than at_least", "write the other way round")
    return Distance(found["from"], found["to"], at_least, at_most)
