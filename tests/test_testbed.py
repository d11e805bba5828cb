"""A testbed wires every party of a story, and a fork of its world has a future of its own."""

from __future__ import annotations

from harness.adapters.virtual import run_virtual
from harness.cast import ContactSpec, PhoneSpec
from harness.core import Tell
from harness.instants import SECOND
from harness.modem import LoseService
from harness.parties import SendText
from harness.phone import Phone
from harness.staging import setup_steps
from harness.standin import Pace, StandIn
from harness.testbed import Testbed
from harness.trace import Trace
from harness.world import World

ALICE, BOB = PhoneSpec("alice", "+18005550100"), ContactSpec("bob", "+18005550101")


def bed_with_alice(**settings: object) -> Testbed:
    """Alice has logged in, bob has a handset."""
    bed = Testbed(7, **settings)  # type: ignore[arg-type]
    bed.open_account()
    bed.add_phone(ALICE)
    bed.add_contact(BOB)
    for step in setup_steps(bed)[:-1]:
        for command in step.what.commands:  # type: ignore[union-attr]
            assert isinstance(command, Tell)
            bed.world.inject("client", command.event)
    bed.world.run_until(bed.world.now + SECOND)
    phone = bed.world.cores["phone:alice"]
    assert isinstance(phone, Phone)
    assert phone.settings.logged_in
    return bed


def send(world: World, name: str = "m") -> None:
    world.inject("client", SendText(name, ALICE.number, BOB.number, "Hello"))


def statuses(world: World) -> list[str]:
    gateway = world.cores["gateway"]
    assert isinstance(gateway, StandIn)
    return sorted(message.status for message in gateway.messages.values())


def test_a_fork_in_the_middle_of_a_story_leads_to_two_different_ends() -> None:
    bed = bed_with_alice(pace=Pace.INSTANT, draws_order=False)
    world = bed.world
    send(world)
    run_virtual(world, lambda: any(entry.kind == "pushed" for entry in bed.trace.entries))
    twin = world.fork()
    twin.inject("modem:alice", LoseService())
    for each in (twin, world):
        each.run_until(each.now + 10 * SECOND)
    assert statuses(world) == ["delivered"]
    assert statuses(twin) == ["failed"]
    assert world.trace.hash != twin.trace.hash


def test_a_fork_that_nobody_disturbs_goes_the_same_way() -> None:
    world = bed_with_alice(pace=Pace.INSTANT).world
    send(world)
    twin = world.fork()
    for each in (world, twin):
        each.run_until(each.now + 10 * SECOND)
    assert world.trace.hash == twin.trace.hash


def test_a_fork_shares_the_rows_of_the_past() -> None:
    world = bed_with_alice(pace=Pace.INSTANT).world
    for number in range(5):
        send(world, str(number))
    world.run_until(world.now + 10 * SECOND)
    twin = world.fork()
    for name, table in world.cores["gateway"].tables().items():
        copied = twin.cores["gateway"].tables()[name]
        assert copied is not table
        assert all(copied[key] is row for key, row in table.items())


def test_a_snapshot_restored_into_a_new_bed_goes_on() -> None:
    first = bed_with_alice(pace=Pace.INSTANT)
    send(first.world)
    run_virtual(first.world, lambda: any(entry.kind == "fetched" for entry in first.trace.entries))
    second = bed_with_alice(pace=Pace.INSTANT)
    second.world.restore(first.world.snapshot())
    second.world.run_until(second.world.now + 10 * SECOND)
    assert statuses(second.world) == ["delivered"]


def test_no_secret_is_in_the_trace() -> None:
    bed = bed_with_alice(trace=Trace())
    send(bed.world)
    bed.world.run_until(bed.world.now + 10 * SECOND)
    gateway = bed.standin
    phone = bed.world.cores["phone:alice"]
    assert isinstance(phone, Phone)
    secrets = [bed.account.api_key, phone.settings.registration_token, phone.settings.api_key or "-"]
    secrets += [key.api_key for key in gateway.phone_keys.values()]
    written = "\n".join(bed.trace.lines())
    assert len(written) > 1000
    assert not [secret for secret in secrets if secret in written]
