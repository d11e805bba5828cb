"""What other programs call, and what needs them: 3CX, Discord, Lemon Squeezy (gateway-protocol.md §2.17).

Discord and Lemon Squeezy are out of reach, as for a server on a machine without a network.
"""

from __future__ import annotations

from harness.standin import answers, outgoing, usage
from harness.standin.answers import Reply
from harness.standin.rows import Phone
from harness.standin.state import State
from harness.standin.visits import Visit
from harness.wire import integrations, requests, texts
from harness.wire.json import micros
from harness.wire.rules import Problems

__all__ = [
    "discord_create",
    "discord_delete",
    "discord_event",
    "discord_index",
    "discord_update",
    "lemonsqueezy_event",
    "three_cx",
]

_REQUEST_ID = "integration-3cx"
_SIGNATURE_BYTES = 64


def three_cx(state: State, visit: Visit) -> Reply:
    """Sends a text without looking at it. From a number that is no phone of the user's it stays `pending` for ever."""
    asked = integrations.ThreeCxMessage.read(visit.body)
    user_id, now = visit.who.user_id, visit.now
    if over := usage.over_limit(state, user_id, 1, now):
        return answers.refused(402, texts.limit_reached(*over))
    if "\0" in asked.content + asked.contact:  # the database takes no NUL (§1.5)
        return answers.internal()
    phone = state.phone_of(user_id, asked.owner) or _unregistered(user_id, asked.owner, visit)
    order = outgoing.Order(asked.contact, asked.content, request_id=_REQUEST_ID)
    message = outgoing.made(state, phone, order, now)
    puts, command = outgoing.queued(state, message, order, visit.source, now)
    state.store(puts)
    return answers.bare(integrations.three_cx_answer(message.id), message.id, (command,))


def _unregistered(user_id: str, number: str, visit: Visit) -> Phone:
    """What the server goes by when there is no such phone: two attempts, the first SIM."""
    at = micros(visit.now)
    return Phone("", user_id, number, None, "SIM1", at, at)


# -- Discord -----------------------------------------------------------------------------------------------------


def discord_index(state: State, visit: Visit) -> Reply:
    """Always empty: none can be made. A query is an internal error, as it asks for a column that there is not."""
    asked = requests.ListQuery.read(visit.query, 1, 100)
    if problems := asked.problems():
        return answers.invalid("fetching discord integrations", problems)
    if asked.query:
        return answers.internal()
    return answers.ok([], texts.fetched(0, "discord integration"))


def discord_create(state: State, visit: Visit) -> Reply:
    asked = integrations.DiscordUpdate.read(visit.body)
    return answers.invalid("storing discord integration", asked.problems() or _not_fetched(asked))


def discord_update(state: State, visit: Visit) -> Reply:
    asked = integrations.DiscordUpdate.read(visit.body)
    problems = requests.path_id("discordID", visit.ids[0]) | asked.problems()
    return answers.invalid("updating discord integration", problems or _not_fetched(asked))


def _not_fetched(asked: integrations.DiscordUpdate) -> Problems:
    return {
        "incoming_channel_id": [texts.no_discord_channel(asked.incoming_channel_id)],
        "server_id": [texts.no_discord_server(asked.server_id)],
    }


def discord_delete(state: State, visit: Visit) -> Reply:
    """An unknown id is an internal error, and no other is known (§10.1-20)."""
    if problems := requests.path_id("discordID", visit.ids[0]):
        return answers.invalid("deleting discord integration", problems)
    return answers.internal()


def discord_event(state: State, visit: Visit) -> Reply:
    """What is not signed is refused.

    A signature of the right form is checked against a key that is not there: the real server's process ends, ours
    answers 500.
    """
    if _looks_signed(visit.headers.get("x-signature-ed25519", "")) and visit.headers.get("x-signature-timestamp"):
        return answers.internal()
    return answers.unauthorized_here()


def _looks_signed(signature: str) -> bool:
    # Go's decoder takes no spaces between the pairs, Python's does.
    return len(signature) == 2 * _SIGNATURE_BYTES and set(signature) <= set("0123456789abcdefABCDEF")


# -- Lemon Squeezy -----------------------------------------------------------------------------------------------


def lemonsqueezy_event(state: State, visit: Visit) -> Reply:
    """No signature is valid: there is no secret to sign with. (A real server without one takes an empty secret.)"""
    return answers.invalid("storing lemonsqueezy event", {"body": [texts.NOT_SIGNED]})
