"""Every rule by its name, and what it says in a sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from harness.scenario.invariants.access import phone_key_within_its_bounds
from harness.scenario.invariants.contents import (
    content_unchanged,
    no_clear_text,
    no_secret_in_the_trace,
    one_message_per_text,
)
from harness.scenario.invariants.handsets import nothing_on_a_dead_radio, nothing_on_a_phone_that_is_out
from harness.scenario.invariants.jobs import every_request_is_answered, every_send_comes_to_an_end, no_job_is_lost
from harness.scenario.invariants.pushes import attempts_within_the_maximum, rate_and_windows_kept
from harness.scenario.invariants.sending import (
    every_report_has_its_radio_result,
    no_sms_without_a_send,
    one_sms_per_send,
    right_sim,
)
from harness.scenario.invariants.statuses import (
    counters_add_up,
    nothing_after_a_delete,
    order_never_goes_back,
    status_moves_along_the_table,
    thread_shows_its_last_message,
)
from harness.scenario.invariants.story import Found, Story
from harness.scenario.invariants.webhooks import one_webhook_per_event, webhook_tokens_verify

__all__ = ["DESCRIPTIONS", "FOLDS", "INVARIANTS"]

Fold = Callable[[Story], Found]

_RULES: tuple[tuple[Fold, str], ...] = (
    (no_sms_without_a_send, "No text goes to the radio that nobody sent."),
    (one_sms_per_send, "A send becomes one text; one more only for each time that it expired and was fetched again."),
    (
        every_report_has_its_radio_result,
        "Whatever is reported as sent, delivered or failed, the radio has told, or the phone has refused.",
    ),
    (
        every_send_comes_to_an_end,
        "An accepted send is sent, fails, expires for good, or has something to come when the story ends.",
    ),
    (right_sim, "A text goes out by the SIM whose number sends it."),
    (status_moves_along_the_table, "The status of a message moves only as the protocol's table says."),
    (order_never_goes_back, "The time by which messages are sorted never goes back."),
    (thread_shows_its_last_message, "A conversation has one thread, and it shows what happened last."),
    (counters_add_up, "The account's counters count every text once."),
    (nothing_after_a_delete, "A deleted message is gone: only what was already under way still happens."),
    (no_clear_text, "The text of an encrypted message is in clear on the radio alone."),
    (no_secret_in_the_trace, "No API key, token or pass phrase is told on any hop."),
    (content_unchanged, "Text, flag, SIM and numbers of a message are the same from end to end."),
    (webhook_tokens_verify, "The token of every webhook verifies, and names the subscriber's address."),
    (one_webhook_per_event, "Every event reaches every subscriber to it, once."),
    (one_message_per_text, "A received text becomes one message for each time that the phone posts it."),
    (phone_key_within_its_bounds, "A phone key opens the six routes of phones, and those for its own numbers."),
    (rate_and_windows_kept, "Pushes keep the phone's rate and the windows of its schedule."),
    (attempts_within_the_maximum, "A message is pushed no more often than the phone allows."),
    (nothing_on_a_dead_radio, "Nothing goes over the air where the radio is off or has no service."),
    (nothing_on_a_phone_that_is_out, "A phone that is off does nothing, and one that is logged out begins nothing."),
    (every_request_is_answered, "Every request has an answer, or the caller still waits when the story ends."),
    (no_job_is_lost, "What a server or a phone has said yes to comes about, at once or when its time has come."),
)

FOLDS: Mapping[str, Fold] = {fold.__name__.replace("_", "-"): fold for fold, _ in _RULES}
"""What a rule finds in a trace, by the rule's name."""

DESCRIPTIONS: Mapping[str, str] = {fold.__name__.replace("_", "-"): words for fold, words in _RULES}
"""What a rule says, in a sentence."""

INVARIANTS: tuple[str, ...] = tuple(FOLDS)
