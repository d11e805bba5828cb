"""Message threads (gateway-protocol.md §8.3)."""

from __future__ import annotations

from harness.standin import answers
from harness.standin.answers import Reply
from harness.standin.api import lists
from harness.standin.rows import evolve
from harness.standin.state import State
from harness.standin.visits import Visit
from harness.wire import requests, server, texts
from harness.wire.events import ThreadDeleted
from harness.wire.json import Stamp, micros

__all__ = ["delete", "index", "update"]


def index(state: State, visit: Visit) -> Reply:
    """By the time of what happened last."""
    asked = requests.ThreadQuery.read(visit.query, 20)
    if problems := asked.problems():
        return answers.invalid("fetching message threads", problems)
    archived = asked.is_archived == "true"
    threads = state.threads.descending((visit.who.user_id, asked.owner))
    page = lists.page(
        (thread for thread in threads if thread.is_archived is archived),
        asked.page,
        lambda thread: thread.last_message_content,
        lambda thread: thread.owner,
        lambda thread: thread.contact,
    )
    return answers.ok([server.thread(row) for row in page], texts.fetched(len(page), "message thread"))


def update(state: State, visit: Visit) -> Reply:
    (thread_id,) = visit.ids
    asked = requests.ThreadUpdate.read(thread_id, visit.body)
    if problems := asked.problems():
        return answers.invalid("updating message thread", problems)
    thread = state.threads.get(thread_id)
    if thread is None or thread.user_id != visit.who.user_id:
        return answers.refused(404, texts.cannot_find("message thread", thread_id))
    at = micros(visit.now)
    thread = evolve(
        thread,
        is_archived=thread.is_archived if asked.is_archived is None else asked.is_archived,
        is_read=thread.is_read if asked.is_read is None else asked.is_read,
        last_read_at=at if asked.is_read else thread.last_read_at,
        updated_at=at,
    )
    state.threads[thread_id] = thread
    return answers.ok(server.thread(thread), texts.THREAD_UPDATED)


def delete(state: State, visit: Visit) -> Reply:
    """The thread goes at once, its messages follow by event."""
    (thread_id,) = visit.ids
    if problems := requests.path_id("messageThreadID", thread_id):
        return answers.invalid("deleting a thread thread", problems)  # sic
    thread = state.threads.get(thread_id)
    if thread is None or thread.user_id != visit.who.user_id:
        return answers.refused(404, texts.cannot_find("thread thread", thread_id))
    del state.threads[thread_id]
    deleted = ThreadDeleted(
        thread_id,
        thread.user_id,
        thread.owner,
        thread.contact,
        thread.is_archived,
        thread.color,
        thread.status,
        Stamp(visit.now),
    )
    return answers.silent(then=(state.queue(deleted, visit.source, visit.now),))
