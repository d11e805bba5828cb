"""The world of a story around a gateway that is somewhere else: phones, contacts, the application, the receiver."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import field, replace
from typing import Any

from harness.adapters.live import wall_clock
from harness.cast import ContactSpec
from harness.core import Command, Tell
from harness.draws import Draws
from harness.frozen import frozen
from harness.instants import MS, Instant
from harness.parties import Client, IssuePhoneKey, Receiver, Subscribe
from harness.parties.observer import Observer
from harness.parties.poller import Poll, Poller
from harness.scenario.plan import Scenario, Step
from harness.scenario.run import ScenarioRun
from harness.scenario.steps import Do, RunStep, What
from harness.staging import SOMEBODY, Stage, binding_of, needs_somebody, setup_steps
from harness.standin import Account
from harness.targets.marks import key_name
from harness.targets.options import Push
from harness.targets.remote import RemoteGateway
from harness.testbed import SIGNING_KEY, Places, Testbed
from harness.trace import Trace
from harness.wire.client import UserAccess
from harness.wire.owned import User

__all__ = ["OBSERVER", "Surroundings", "stage_around"]

EVERY = 200 * MS
"""How often the API is asked for each message that may still change."""

OBSERVER = "observer"


@frozen
class Surroundings:
    """The server that a story has around it. `run` tells the story from others, `hook` is where its webhooks come.

    `control`: it is a stand-in with control routes, which may ask for `control_token`. `purpose` is what its phone keys
    are marked with. `ahead` tells how far its clock is before ours (ns).
    """

    access: UserAccess
    user: User
    push: Push
    run: str
    hook: str
    purpose: str
    control: bool = False
    control_token: str | None = field(default=None, repr=False)
    ahead: Callable[[], int] = lambda: 0


def stage_around(scenario: Scenario, seed: int, around: Surroundings) -> Stage:
    """The world of the story, without a gateway. Raises `UsageError` for a phone that there cannot be."""
    access = around.access
    url = f"{access.scheme}://{access.authority}"
    bed = Testbed(
        # Two runs of one seed must differ, to a server that remembers the first one.
        Draws(seed, around.run).getrandbits(62),
        places=Places(api=url, hook=around.hook),
        trace=Trace(hashed=False),
        linked=False,
        start_at=wall_clock() + around.ahead(),
        draws_order=False,
        built_in_push=False,
    )
    world = bed.world
    del world.cores[bed.standin.name]
    if around.control:
        world.add(RemoteGateway("gateway", world.draws("gateway"), access, around.control_token))
    bed.account = Account(around.user.id, around.user.email, "", around.user.plan, 0, 0)
    world.add(Client("client", world.draws("client"), access))
    # A stand-in's tokens go by the real clock, however far its own was moved on.
    behind = around.ahead if around.control else lambda: 0
    world.add(_Receiver("receiver", world.draws("receiver"), around.hook, SIGNING_KEY, behind))
    for phone in scenario.phones:
        bed.add_phone(phone)
    for contact in scenario.contacts:
        bed.add_contact(contact)
    if needs_somebody(scenario):
        bed.add_contact(ContactSpec(SOMEBODY.partition(":")[2], "*"))
    _bring_pushes(bed, around)
    return _run(bed, scenario, around)


class _Receiver(Receiver):
    """Whose webhooks have tokens by a clock that is `behind` that of the world."""

    def __init__(self, name: str, draws: Draws, url: str, signing_key: str, behind: Callable[[], int]) -> None:
        super().__init__(name, draws, url, signing_key)
        self._behind = behind

    def handle(self, event: Any, now: Instant) -> Iterable[Command]:
        return super().handle(event, now - self._behind())


# -- how phones hear of messages ---------------------------------------------------------------------------------------


def _bring_pushes(bed: Testbed, around: Surroundings) -> None:
    """Who asks the server, and which push service the phones have: ours, or the server's own."""
    world, prefix = bed.world, f"httpsms-harness {around.purpose} {around.run} "
    cores = [(number, handset.phone) for handset in bed.handsets.values() for number in handset.numbers]
    told = cores if around.push == "echo" else []
    world.add(Observer(OBSERVER, world.draws(OBSERVER), around.access, EVERY, told, prefix))
    if around.push == "stream":
        return
    for number, phone in cores:
        world.wire(phone, "push", "push")
        if around.push == "poll":
            name = f"poller:{number}"
            world.add(Poller(name, world.draws(name), around.access, number, EVERY))
            world.wire(name, "phone", phone)
            world.inject(name, Poll())


# -- the run -----------------------------------------------------------------------------------------------------------


def _run(bed: Testbed, scenario: Scenario, around: Surroundings) -> Stage:
    """As on the embedded gateway, but that each phone key has our mark."""

    def marked(act: IssuePhoneKey) -> IssuePhoneKey:
        return replace(act, key_name=key_name(around.purpose, around.run, act.phone.partition(":")[2]))

    binding = binding_of(bed)

    def bind(step: Step, step_id: str, values: Mapping[str, str]) -> What:
        return _marked(binding(step, step_id, values), marked)

    setup = [replace(step, what=_marked(step.what, marked)) for step in _setup(bed, around)]
    run = ScenarioRun("scenario", bed.world.draws("scenario"), scenario.title, setup, scenario.steps, bind)
    bed.world.add(run)
    return Stage(bed, run)


def _setup(bed: Testbed, around: Surroundings) -> list[RunStep]:
    """Without a place for them no webhooks are asked for."""
    steps = setup_steps(bed)
    return steps if around.hook else [step for step in steps if not _subscribes(step)]


def _subscribes(step: RunStep) -> bool:
    return isinstance(step.what, Do) and any(
        isinstance(command, Tell) and isinstance(command.event, Subscribe) for command in step.what.commands
    )


def _marked(what: What, marked: Callable[[IssuePhoneKey], IssuePhoneKey]) -> What:
    if not isinstance(what, Do):
        return what
    commands = [
        Tell(command.port, marked(command.event))
        if isinstance(command, Tell) and isinstance(command.event, IssuePhoneKey)
        else command
        for command in what.commands
    ]
    return replace(what, commands=tuple(commands))
