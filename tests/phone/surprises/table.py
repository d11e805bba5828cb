"""What surprises whoever knows the app only from its users' side, and the tests that show that the phone does it too.

docs/phone.md is made from this table (`make docs`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = ["SURPRISES", "Known", "Surprise"]


class Known(Enum):
    """How a surprise is known."""

    RECORDED = "recorded"
    PARTLY = "recorded in part"
    READ = "read in the source"
    PLATFORM = "platform"


@dataclass(frozen=True, slots=True)
class Surprise:
    """`number` as in phone-behaviour.md §10. `tests` are names of functions in the test files of this folder.

    `missing`: what of it the emulated phone does not do, and why.
    """

    number: int
    area: str
    sentence: str
    known: Known
    tests: tuple[str, ...]
    missing: str = ""


OUTGOING, INCOMING, STATE = "Outgoing", "Incoming", "Connection and state"

SURPRISES = (
    Surprise(
        1, OUTGOING,
        "When the fetch of a pushed message fails, for whatever reason, the phone gives up. It tries no second time "
        "and tells nobody.",
        Known.RECORDED,
        ("test_a_fetch_that_fails_in_any_way_is_final_and_silent",),
    ),
    Surprise(
        2, OUTGOING,
        "The answer to the fetch needs every key, also those that are null. `attachments` alone may be left out; "
        "without another one the message is lost in silence.",
        Known.RECORDED,
        (
            "test_a_message_without_one_of_its_keys_is_lost_in_silence",
            "test_an_answer_without_its_envelope_is_lost_in_silence",
            "test_most_keys_of_a_message_must_not_be_null",
            "test_only_attachments_may_be_missing_and_some_keys_may_be_null",
        ),
    ),
    Surprise(
        3, OUTGOING,
        "A report or a missed call that meets an I/O error is lost for good; one that meets a bad status is posted "
        "again without end. If Android itself notices that the network is gone, chance decides: lost, or posted once "
        "more although the first post got through. A text may be sent twice in the same way.",
        Known.PARTLY,
        (
            "test_an_io_error_loses_a_report_for_ever",
            "test_a_bad_status_is_asked_again_for_ever",
            "test_a_report_whose_network_goes_away_is_lost_or_posted_once_more",
            "test_the_server_may_get_a_report_twice_though_nothing_failed",
            "test_a_worker_that_is_stopped_sends_its_text_all_the_same_and_again_when_it_runs_again",
        ),
    ),
    Surprise(
        4, OUTGOING,
        "404 in answer to a report is a success.",
        Known.RECORDED,
        ("test_a_404_on_an_event_counts_as_success",),
    ),
    Surprise(
        5, OUTGOING,
        "The reason of a failure is put into the JSON as it is. A quotation mark, a backslash or a line break makes it "
        "invalid, and a server that answers 400 gets it again and again. A reason of several lines also changes how "
        "the body is indented.",
        Known.RECORDED,
        (
            "test_a_reason_goes_into_the_body_as_it_is_even_if_that_is_no_json_then",
            "test_a_server_that_refuses_a_broken_body_gets_it_for_ever",
            "test_a_reason_with_a_line_of_its_own_keeps_the_indentation_of_the_source",
            "test_the_server_refuses_a_broken_reason_for_ever_and_never_learns_that_the_text_failed",
        ),
    ),
    Surprise(
        6, OUTGOING,
        "A push that comes twice is worked off twice, side by side. It is up to the server to hand a message out once.",
        Known.PARTLY,
        (
            "test_a_push_that_comes_twice_is_two_fetches_and_two_texts",
            "test_two_workers_of_the_same_push_run_side_by_side",
            "test_a_second_push_ends_in_silence_where_the_server_hands_a_message_out_once",
        ),
    ),
    Surprise(
        7, OUTGOING,
        "SENT and DELIVERED are posted in any order, or at the same time. Either may come without the other.",
        Known.PARTLY,
        (
            "test_sent_and_delivered_are_posted_in_either_order",
            "test_sent_and_delivered_are_posted_at_the_same_time",
            "test_delivered_comes_without_a_sent_that_was_lost",
            "test_delivered_needs_no_sent_before_it",
            "test_a_sent_whose_process_died_never_comes",
        ),
    ),
    Surprise(
        8, OUTGOING,
        "A report bears the time at which the phone heard of the result, even if it is posted hours later.",
        Known.RECORDED,
        (
            "test_a_report_bears_the_time_of_the_broadcast_however_late_it_is_posted",
            "test_a_report_that_could_not_go_out_for_hours_bears_the_time_of_the_broadcast",
        ),
    ),
    Surprise(
        9, OUTGOING,
        "If the app's process dies between the hand-over and the result, nothing is ever reported, although the text "
        "went out. The next message that the app sends makes it listen again.",
        Known.PARTLY,
        (
            "test_a_process_that_dies_before_the_result_reports_nothing_though_the_text_is_out",
            "test_the_next_text_makes_the_app_listen_again",
        ),
    ),
    Surprise(
        10, OUTGOING,
        "Of a long text only the last segment counts: whatever becomes of the others, its result is the message's.",
        Known.RECORDED,
        ("test_only_the_last_segment_of_a_text_counts",),
    ),
    Surprise(
        11, OUTGOING,
        "Android's own telephony calls every status report a delivery, one of failure too. A temporary report is "
        "another DELIVERED before the final one.",
        Known.PLATFORM,
        (
            "test_whatever_a_status_report_says_it_is_posted_as_delivered",
            "test_a_temporary_status_report_makes_delivered_come_twice",
            "test_the_server_shows_a_text_that_nobody_got_as_delivered",
        ),
    ),
    Surprise(
        12, OUTGOING,
        "`CANNOT BE DELIVERED`, with its blanks, comes only from a vendor's telephony, or from a broadcast that "
        "somebody else sends.",
        Known.PARTLY,
        (
            "test_only_the_telephony_of_a_vendor_says_that_a_text_cannot_be_delivered",
            "test_a_broadcast_of_another_app_can_say_that_a_text_cannot_be_delivered",
        ),
    ),
    Surprise(
        13, OUTGOING,
        "A result that the app has no name for is `UNKNOWN:` and its number. Results of MMS go through the table of "
        "those of texts, so their names are wrong, and an MMS is never DELIVERED. The app deletes the MMS while "
        "Android may still be reading it, which then ends as `LIMIT_EXCEEDED`.",
        Known.PARTLY,
        (
            "test_a_code_that_the_app_does_not_know_is_reported_as_unknown",
            "test_the_result_of_an_mms_is_reported_by_the_name_that_its_number_has_for_a_text",
            "test_an_mms_is_never_reported_as_delivered",
        ),
        "Who wins between the deletion and the reading is not played, since nobody knows how often it is the deletion. "
        "Its result can be asked for: `PlanMms(5)` to the radio.",
    ),
    Surprise(
        14, OUTGOING,
        "A message that was encrypted under another key does not fail. Its garbage is sent, and counts as sent.",
        Known.RECORDED,
        ("test_a_text_under_another_key_goes_out_as_garbage_and_counts_as_sent",),
    ),
    Surprise(
        15, OUTGOING,
        "A message for SIM2 fails as disabled on a phone with one stored number. With two numbers and one card it "
        "leaves by that card.",
        Known.RECORDED,
        (
            "test_a_message_for_sim2_fails_on_a_phone_with_one_number",
            "test_a_message_for_sim2_leaves_by_the_default_card_if_there_is_but_one",
        ),
    ),
    Surprise(
        16, OUTGOING,
        "An empty content fails with `Invalid message body`, an empty contact with `Invalid destinationAddress`.",
        Known.RECORDED,
        ("test_an_empty_content_or_contact_fails_with_the_words_of_android",),
    ),
    Surprise(
        17, OUTGOING,
        "The phone looks neither at a message's status nor at its times. What the server hands out is sent, expired or "
        "not.",
        Known.RECORDED,
        (
            "test_whatever_the_server_hands_out_is_sent_however_old_it_is",
            "test_a_message_that_has_expired_is_sent_if_the_phone_asks_for_it",
        ),
    ),
    Surprise(
        18, OUTGOING,
        "Nothing is reported of a text if meanwhile both SIMs were switched off, or the user logged out.",
        Known.RECORDED,
        (
            "test_nobody_reports_a_text_after_a_logout_or_with_both_sims_off",
            "test_only_the_sim_that_exists_counts_when_results_are_heard",
        ),
    ),
    Surprise(
        19, OUTGOING,
        "Behind Android's dialogs, about too many texts or about a short code, a text waits without a word until a "
        "human answers.",
        Known.PLATFORM,
        (
            "test_nothing_is_reported_of_a_text_behind_a_dialog_until_a_human_answers",
            "test_the_sixth_text_behind_dialogs_fails_at_once",
        ),
    ),
    Surprise(
        20, OUTGOING,
        "A phone that is logged out takes pushes and keeps quiet. The malformed URL of an attachment is reported in "
        "the words of okhttp, some of which have quotation marks in them.",
        Known.RECORDED,
        (
            "test_a_phone_that_is_logged_out_takes_pushes_without_a_word",
            "test_a_malformed_url_of_an_attachment_is_reported_in_okhttps_words",
            "test_nothing_is_sent_of_a_message_whose_attachment_cannot_be_had",
        ),
    ),
    Surprise(
        21, INCOMING,
        "Any status from 400 to 499 counts as success for a received text, 401 and 402 too: the text is dropped. So it "
        "is for missed calls.",
        Known.RECORDED,
        (
            "test_a_4xx_drops_a_received_text_as_if_it_were_taken",
            "test_a_4xx_drops_a_missed_call_as_if_it_were_taken",
        ),
    ),
    Surprise(
        22, INCOMING,
        "A received text is posted again after an I/O error, unlike a report. If only the answer was lost the server "
        "has it twice, and nothing in the request tells it so.",
        Known.RECORDED,
        (
            "test_a_received_text_is_posted_again_after_an_io_error_unlike_a_report",
            "test_nothing_in_a_repeated_text_tells_a_server_that_it_had_it_already",
            "test_the_server_gets_a_received_text_twice_if_its_answer_is_lost",
        ),
    ),
    Surprise(
        23, INCOMING,
        "The switch for outgoing messages of a SIM also stops the incoming ones.",
        Known.RECORDED,
        ("test_the_switch_for_outgoing_texts_stops_incoming_ones_too",),
    ),
    Surprise(
        24, INCOMING,
        "A text in the second slot is credited to SIM1 unless two numbers are stored.",
        Known.RECORDED,
        ("test_a_text_in_the_second_slot_is_credited_to_sim1_unless_two_numbers_are_stored",),
    ),
    Surprise(
        25, INCOMING,
        "A received text bears the time of its receipt. One that the network delivers late looks as if it "
        "had just been written.",
        Known.RECORDED,
        ("test_a_late_text_bears_the_time_of_its_receipt_not_of_its_sending",),
    ),
    Surprise(
        26, INCOMING,
        'The body of a received text has `"attachments" : null`, blanks around its colons, and its keys in '
        "alphabetical order. U+2000 to U+20FF are escaped, an emoji is not.",
        Known.RECORDED,
        (
            "test_the_body_of_a_received_text_has_odd_blanks_alphabetical_keys_and_always_attachments",
            "test_a_block_of_punctuation_is_escaped_and_an_emoji_is_not",
        ),
    ),
    Surprise(
        27, INCOMING,
        "A received MMS that has to be posted again has lost its attachments. They are never encrypted. But no real "
        "MMS gets so far: of the notification that networks push, the app makes nothing.",
        Known.RECORDED,
        (
            "test_an_mms_that_is_posted_again_has_lost_its_attachments",
            "test_the_attachments_of_an_mms_are_never_encrypted",
            "test_a_real_mms_is_never_forwarded_with_the_permission_or_without",
            "test_the_permission_for_mms_is_never_asked_for_so_not_even_a_whole_message_in_a_push_gets_through",
        ),
    ),
    Surprise(
        28, INCOMING,
        "A PDU without a text is forwarded as the word `null`.",
        Known.RECORDED,
        ("test_a_text_without_a_text_body_is_forwarded_as_null",),
    ),
    Surprise(
        29, INCOMING,
        "A text that makes more than 10,240 bytes of input for a job is lost. An emoji takes six of them, encryption a "
        "third more.",
        Known.PLATFORM,
        ("test_a_text_of_more_than_ten_kilobytes_is_lost",),
    ),
    Surprise(
        30, INCOMING,
        "The sender is forwarded as it came: a name, a short code, and an empty text for a caller who withholds the "
        "number.",
        Known.RECORDED,
        (
            "test_the_sender_of_a_text_is_forwarded_as_it_is",
            "test_the_caller_is_forwarded_as_it_is_and_an_unknown_one_as_nothing",
        ),
    ),
    Surprise(
        31, INCOMING,
        "A missed call is forwarded if 200 ms after its end the newest row of the call log is about the same number. "
        "So it may be lost, or come twice. The switches for texts do not matter to it.",
        Known.PARTLY,
        (
            "test_a_call_whose_row_is_not_in_the_log_after_a_fifth_of_a_second_is_lost",
            "test_a_late_row_makes_the_call_before_it_come_twice",
            "test_a_number_that_the_log_writes_otherwise_is_no_match",
            "test_only_a_missed_call_is_forwarded",
            "test_the_switches_for_texts_do_not_stop_missed_calls",
            "test_missed_calls_are_forwarded_only_where_their_own_switch_is_on",
        ),
    ),
    Surprise(
        32, STATE,
        "With `https://host/` as its server URL, slash included, the app asks a host called `v1`.",
        Known.RECORDED,
        (
            "test_a_server_url_of_a_host_and_a_slash_leads_to_a_host_called_v1",
            "test_nobody_can_log_in_by_a_server_url_of_a_host_and_a_slash",
        ),
    ),
    Surprise(
        33, STATE,
        "Every request opens a connection of its own, which then idles for five minutes. A login and the attachments "
        "of a message are the exceptions.",
        Known.PARTLY,
        (
            "test_every_request_takes_a_new_connection",
            "test_a_connection_lingers_for_five_minutes_after_its_only_request",
            "test_only_a_login_and_the_attachments_of_a_message_share_a_connection",
        ),
    ),
    Surprise(
        34, STATE,
        "A login uploads the registration token three times for each SIM. Opening the app a day later uploads it "
        "twice.",
        Known.RECORDED,
        (
            "test_a_login_is_three_uploads_of_the_token_for_each_sim",
            "test_an_app_that_is_opened_after_a_day_uploads_the_token_twice_for_each_sim",
        ),
    ),
    Surprise(
        35, STATE,
        "A failed upload outside the login is ignored. One from the main screen is made up for when that comes back, "
        "one of a new token when the last good upload is a day old.",
        Known.RECORDED,
        (
            "test_a_failed_upload_from_the_main_screen_is_made_up_for_at_its_next_resume",
            "test_a_failed_upload_of_a_new_token_waits_for_the_next_that_is_due",
        ),
    ),
    Surprise(
        36, STATE,
        "An exception without a message counts as a successful login.",
        Known.READ,
        ("test_an_exception_without_a_message_counts_as_a_login",),
    ),
    Surprise(
        37, STATE,
        "A logout tells the server nothing and keeps the jobs. They run with an empty key: reports are refused without "
        "end, received texts and missed calls are dropped, a pushed message ends without a request.",
        Known.RECORDED,
        (
            "test_a_logout_sends_nothing",
            "test_what_was_queued_before_a_logout_runs_with_an_empty_key",
            "test_a_push_that_was_queued_before_a_logout_ends_without_a_request",
            "test_a_server_never_hears_of_what_a_logged_out_phone_had_queued",
        ),
    ),
    Surprise(
        38, STATE,
        "A redirect by 301 or 302 makes a GET of a POST. If that ends in 404, a report counts as taken.",
        Known.RECORDED,
        ("test_a_redirected_event_becomes_a_get_whose_404_is_a_success", "test_other_redirects_keep_the_post"),
    ),
    Surprise(
        39, STATE,
        "A heartbeat that a push or the button asks for names SIM1 even when it is switched off; a periodic one does "
        "not. The app takes an HTTP error for a heartbeat.",
        Known.RECORDED,
        (
            "test_a_heartbeat_by_push_or_button_names_sim1_even_when_it_is_off_a_periodic_one_does_not",
            "test_an_http_error_on_a_heartbeat_looks_like_a_heartbeat_to_the_app",
            "test_no_heartbeat_is_tried_again",
        ),
    ),
    Surprise(
        40, STATE,
        "The first periodic heartbeat comes up to 15 minutes after the login: its schedule is as old as the app's "
        "first start.",
        Known.READ,
        (
            "test_the_first_periodic_heartbeat_comes_within_a_quarter_of_an_hour_after_the_login",
            "test_the_schedule_of_heartbeats_is_older_than_the_login",
        ),
    ),
    Surprise(
        41, STATE,
        "No job runs on a network through which Android has not seen the internet. Logins, uploads of the token and "
        "heartbeats that somebody asks for are no jobs.",
        Known.PLATFORM,
        (
            "test_no_worker_runs_on_a_network_that_android_has_not_validated",
            "test_what_is_no_worker_needs_no_validation",
        ),
    ),
    Surprise(
        42, STATE,
        "`X-Client-Version` is the short hash of a commit, no version number.",
        Known.READ,
        ("test_the_client_version_is_the_short_hash_of_a_commit",),
    ),
    Surprise(
        43, STATE,
        "Waits between attempts double from 30 seconds to five hours, and never end.",
        Known.PLATFORM,
        ("test_the_waits_between_attempts_double_from_half_a_minute_to_five_hours_and_never_end",),
    ),
    Surprise(
        44, STATE,
        "A job goes out under the key and the URL that are stored when it runs, not when it was made.",
        Known.RECORDED,
        (
            "test_what_was_queued_goes_out_under_the_key_and_url_that_are_stored_when_it_runs",
            "test_a_job_that_is_tried_again_takes_the_new_key_and_url_too",
            "test_a_heartbeat_goes_out_under_the_key_and_url_of_its_time",
        ),
    ),
    Surprise(
        45, STATE,
        "The published app adds `sentry-trace` and `baggage` to every request, to those for attachments too.",
        Known.PARTLY,
        (
            "test_the_published_app_sends_two_headers_more_with_every_request",
            "test_the_two_headers_stand_between_the_apps_own_and_those_of_the_body",
            "test_a_build_without_the_crash_reporter_sends_neither",
        ),
    ),
    Surprise(
        46, STATE,
        "Without any card a message fails at once with `UNKNOWN:32`. A ciphertext of sixteen bytes is an "
        "`Invalid message body`. Base64 needs no padding.",
        Known.RECORDED,
        (
            "test_without_any_card_a_message_fails_at_once",
            "test_a_ciphertext_of_nothing_but_its_iv_is_an_invalid_body",
            "test_base64_needs_no_padding",
        ),
    ),
    Surprise(
        47, STATE,
        "A server URL or a key of which no request can be made ends a job for good, that of a received text too.",
        Known.RECORDED,
        ("test_settings_that_no_request_can_be_made_of_lose_what_the_worker_had_to_do",),
    ),
    Surprise(
        48, STATE,
        "An answer of 2xx that breaks off is a success for a report or a received text. For the fetch it is a silent "
        "loss.",
        Known.RECORDED,
        (
            "test_an_answer_to_an_event_whose_body_breaks_off_is_a_success",
            "test_an_answer_to_a_received_text_may_break_off",
            "test_an_answer_to_the_fetch_whose_body_breaks_off_is_a_silent_loss",
        ),
    ),
)  # fmt: skip
