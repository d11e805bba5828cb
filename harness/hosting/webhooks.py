"""The webhooks of a gateway, as a test sees them: who is subscribed, which calls were made, and what was answered."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import field, replace
from typing import TYPE_CHECKING, Any

from harness.errors import NotSeen, UsageError
from harness.frozen import frozen
from harness.hosting import stories
from harness.hosting.watching import Wanted, Watch
from harness.testbed import SIGNING_KEY, Places
from harness.trace import Entry
from harness.wire.events import WEBHOOK_EVENTS

if TYPE_CHECKING:
    from harness.hosting.gateway import Gateway

__all__ = ["Calls", "WebhookCall", "Webhooks"]

# gateway-protocol.md §7.4: a call that failed is made once more.
_LAST_ATTEMPT = 2


@frozen
class WebhookCall:
    """One call of the gateway to `url`, and its answer. `body` is what was posted, `data` the event's own part.

    `status` is None while there is no answer; `why` says then why none came. `attempt` 2 is a repeated call. `number`
    counts the entries of the trace.
    """

    event: str
    url: str
    attempt: int
    body: dict[str, Any] = field(repr=False)
    message: str | None = None
    status: int | None = None
    why: str = ""
    number: int = 0

    @property
    def data(self) -> dict[str, Any]:
        data: dict[str, Any] = self.body.get("data", {})
        return data

    @property
    def content(self) -> str | None:
        """The text that the event is about, as it is in it: encrypted or not."""
        return self.data.get("content")

    @property
    def failed(self) -> bool:
        return bool(self.why)

    def __str__(self) -> str:
        return f"{self.event} to {self.url}, attempt {self.attempt}: {self.why or self.status or 'no answer yet'}"


class Calls:
    """The calls as the gateway's thread tells of them; a wait takes each of them once."""

    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        self._open: dict[int, WebhookCall] = {}
        self._answered: dict[int, WebhookCall] = {}  # by the number of the entry about the answer
        self._taken: set[int] = set()
        self._seen_failures: set[int] = set()

    def grow(self, entry: Entry, body: Callable[[], bytes | None]) -> None:
        """An entry about a webhook was written; `body` is that of the call that begins with it."""
        if entry.kind == "webhook.called":
            facts, attempt = entry.facts, entry.facts["attempt"]
            assert isinstance(attempt, int)
            posted = body()
            told = {} if posted is None else json.loads(posted)
            self._open[entry.number] = WebhookCall(str(facts["event"]), str(facts["url"]), attempt, told, entry.message)
        elif entry.kind == "webhook.answered":
            number = next((number for number, call in self._open.items() if _is_about(call, entry)), None)
            if number is not None:
                self._answered[entry.number] = _answered(self._open.pop(number), entry)

    def forget(self) -> None:
        """Another world begins."""
        self._open.clear()
        for known in (self._answered, self._taken, self._seen_failures):
            known.clear()

    def all(self) -> list[WebhookCall]:
        """Those that have an answer, in the order of the answers."""
        return list(self._answered.values())

    def failures(self) -> tuple[WebhookCall, ...]:
        """Those that failed for good; they are looked at now."""
        failures = self._failures()
        self._seen_failures.update(call.number for call in failures)
        return failures

    @property
    def unread_failures(self) -> tuple[WebhookCall, ...]:
        """Those that failed for good and at which nobody has looked."""
        return tuple(call for call in self._failures() if call.number not in self._seen_failures)

    def settle(self, timeout_s: float) -> None:
        """Until what has failed once has been tried again, or for so long."""
        wanted = Wanted("every second attempt", lambda _entry: None if self._has_open_repeats() else True, lambda _: ())
        with suppress(NotSeen):
            if self._has_open_repeats():
                self.watch.wait(wanted, timeout_s)

    def wanted(
        self, event: str | None, content: str | None, message: str | None, story: Callable[[Sequence[Entry]], list[str]]
    ) -> Wanted[WebhookCall]:
        """The next one that fits."""

        def fits(entry: Entry) -> WebhookCall | None:
            call = self._answered.get(entry.number)
            if call is None or entry.number in self._taken:
                return None
            if event not in (None, call.event) or content not in (None, call.content):
                return None
            if message not in (None, call.message):
                return None
            self._taken.add(entry.number)
            return call

        wishes = [event or "any event", *([f"with {content!r}"] if content is not None else [])]
        return Wanted(f"a webhook call about {' '.join(wishes)}", fits, story)

    def _has_open_repeats(self) -> bool:
        calls = self.all()
        repeated = {(call.event, call.url, call.message) for call in calls if call.attempt >= _LAST_ATTEMPT}
        return any(call.failed and (call.event, call.url, call.message) not in repeated for call in calls)

    def _failures(self) -> tuple[WebhookCall, ...]:
        return tuple(call for call in self.all() if call.failed and call.attempt >= _LAST_ATTEMPT)


class Webhooks:
    """A sequence of the calls that have an answer, in the order of the answers."""

    def __init__(self, gateway: Gateway, calls: Calls) -> None:
        self._gateway = gateway
        self._calls = calls

    def __len__(self) -> int:
        return len(self._calls.all())

    def __iter__(self) -> Iterator[WebhookCall]:
        return iter(self._calls.all())

    def __getitem__(self, index: int) -> WebhookCall:
        return self._calls.all()[index]

    @property
    def signing_key(self) -> str:
        """The key that `subscribe` gives unless it is told another; the same in all tests."""
        return SIGNING_KEY

    def subscribe(
        self, url: str | None = None, *, events: Sequence[str] = WEBHOOK_EVENTS, signing_key: str | None = None,
        numbers: Sequence[str] | None = None,
    ) -> str:  # fmt: skip
        """Subscribes `url` (None: the receiver that is built in) to events of the phones, by the API; its id.

        Raises `UsageError` if the gateway refuses that.
        """
        body = {
            "url": url or Places().hook,
            "signing_key": self.signing_key if signing_key is None else signing_key,
            "phone_numbers": list(self._gateway.numbers if numbers is None else numbers),
            "events": list(events),
        }
        answer = self._gateway.ask("POST", "/v1/webhooks", body)
        if answer.status != 201:
            raise UsageError(f"the gateway takes no such webhook ({answer.status}): {answer.error}")
        return str(answer.data["id"])

    def wait_for(
        self, event: str | None = None, *, content: str | None = None, message: str | None = None,
        timeout_s: float | None = None,
    ) -> WebhookCall:  # fmt: skip
        """The next call that has been answered, whatever the answer; none is returned twice. Raises `NotSeen`."""
        __tracebackhide__ = True
        return self._calls.watch.wait(self._wanted(event, content, message), timeout_s)

    async def arrives(
        self, event: str | None = None, *, content: str | None = None, message: str | None = None,
        timeout_s: float | None = None,
    ) -> WebhookCall:  # fmt: skip
        """`wait_for` for tests in an event loop: `await httpsms.webhooks.arrives("message.phone.received")`."""
        __tracebackhide__ = True
        return await self._calls.watch.arrival(self._wanted(event, content, message), timeout_s)

    @property
    def failures(self) -> tuple[WebhookCall, ...]:
        """The calls that failed for good, the second attempt too. Who has looked knows of them."""
        return self._calls.failures()

    def _wanted(self, event: str | None, content: str | None, message: str | None) -> Wanted[WebhookCall]:
        if event is not None and event not in WEBHOOK_EVENTS:
            raise UsageError(f"there is no event {event!r}", f"there are: {', '.join(WEBHOOK_EVENTS)}")
        return self._calls.wanted(event, content, message, self._story)

    def _story(self, entries: Sequence[Entry]) -> list[str]:
        return stories.of_webhooks(entries, self._gateway._subscriptions())


def _is_about(call: WebhookCall, entry: Entry) -> bool:
    told = tuple(entry.facts.get(name) for name in ("event", "url", "attempt"))
    return (call.event, call.url, call.attempt) == told and call.message == entry.message


def _answered(call: WebhookCall, entry: Entry) -> WebhookCall:
    status = entry.facts.get("status")
    if isinstance(status, int):
        why = "" if status < 400 else f"answered {status}"  # gateway-protocol.md §7.4
        return replace(call, status=status, why=why, number=entry.number)
    return replace(call, why=str(entry.facts.get("outcome")), number=entry.number)
