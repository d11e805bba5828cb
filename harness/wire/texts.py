"""What the server says: the `message` of its answers, and the errors that are no validation rule."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = [
    "ACCOUNT_UPDATED",
    "ATTACHMENT_NOT_FOUND",
    "CALL_STORED",
    "FETCHED_ME",
    "FETCHED_MESSAGE",
    "FETCHED_OUTSTANDING",
    "FETCHED_PAYMENTS",
    "FETCHED_SCHEDULES",
    "FETCHED_USAGE",
    "FORBIDDEN",
    "INTERNAL",
    "KEY_CREATED",
    "KEY_ROTATED",
    "MALFORMED",
    "MESSAGE_EVENT_STORED",
    "MESSAGE_QUEUED",
    "MESSAGE_RECEIVED",
    "MISSED_CALL_CONTENT",
    "NOTHING_TO_UPDATE",
    "NOTIFICATIONS_UPDATED",
    "NOT_SIGNED",
    "NO_EXPIRATION",
    "NO_INVOICE",
    "NO_PAYMENTS",
    "NO_SCHEDULE",
    "PHONE_DELETED",
    "PHONE_NOT_ALLOWED",
    "PHONE_UPDATED",
    "SCHEDULE_CREATED",
    "SCHEDULE_UPDATED",
    "SEND_AT_TOO_LATE",
    "SMS_PERMISSION",
    "THREAD_UPDATED",
    "TOKEN_UPDATED",
    "TOO_MANY_WEBHOOKS",
    "TURNSTILE_REFUSED",
    "UNAUTHORIZED",
    "UNAUTHORIZED_HERE_WHY",
    "UNAUTHORIZED_WHY",
    "UNKNOWN_ERROR",
    "WEBHOOK_CREATED",
    "WEBHOOK_DELETED",
    "WEBHOOK_TIMEOUT",
    "WEBHOOK_UPDATED",
    "cannot_find",
    "fetched",
    "heartbeats_stored",
    "invalid",
    "limit_reached",
    "no_discord_channel",
    "no_discord_server",
    "no_outstanding",
    "no_phone",
    "no_phone_for_webhook",
    "no_phone_of_key",
    "no_schedule",
    "no_token",
    "not_loaded",
    "not_notified",
    "phone_not_allowed_why",
]

MALFORMED = "The request isn't properly formed"
UNAUTHORIZED = "You are not authorized to carry out this request."
UNAUTHORIZED_WHY = "Make sure your API key is set in the [x-api-key] header in the request"
UNAUTHORIZED_HERE_WHY = "Make sure your API key is set in the [X-API-Key] header in the request"
PHONE_NOT_ALLOWED = "You are not authorized to carry out the request for this phone number"
FORBIDDEN = "Forbidden"
INTERNAL = "We ran into an internal error while handling the request."

MESSAGE_QUEUED = "message added to queue"
FETCHED_OUTSTANDING = "outstanding message fetched successfully"
FETCHED_MESSAGE = "message fetched successfully"
MESSAGE_EVENT_STORED = "message event stored successfully"
MESSAGE_RECEIVED = "message received successfully"
CALL_STORED = "missed call event stored successfully"
ATTACHMENT_NOT_FOUND = "attachment not found"
MISSED_CALL_CONTENT = "Missed phone call"
UNKNOWN_ERROR = "UNKNOWN ERROR"
SMS_PERMISSION = (
    " You need to grant the SMS permission to the httpSMS Android app"
    " https://httpsms.com/blog/grant-send-and-read-sms-permissions-on-android"
)
SEND_AT_TOO_LATE = "the scheduled time cannot be more than 20 days (480 hours) in the future"

THREAD_UPDATED = "message thread updated successfully"
NOTHING_TO_UPDATE = "at least one of is_archived or is_read is required"
PHONE_UPDATED = "phone updated successfully"
PHONE_DELETED = "phone deleted successfully"
TOKEN_UPDATED = "FCM token updated successfully"
NO_EXPIRATION = "message_expiration_seconds cannot be 0 when max_send_attempts is greater than 0"
NO_SCHEDULE = "The message_send_schedule_id does not belong to the authenticated user or does not exist"
FETCHED_SCHEDULES = "send schedules fetched successfully"
SCHEDULE_CREATED = "send schedule created successfully"
SCHEDULE_UPDATED = "send schedule updated successfully"
KEY_CREATED = "phone API key created successfully"
WEBHOOK_CREATED = "webhook created successfully"
WEBHOOK_UPDATED = "webhook updated successfully"
WEBHOOK_DELETED = "webhook deleted successfully"
WEBHOOK_TIMEOUT = "TIMEOUT after 10 seconds"  # the limit is 5 s (§10.2-42)
TOO_MANY_WEBHOOKS = "You can't create more than 10 webhooks contact us to upgrade to our enterprise plan."
FETCHED_ME = "user fetched successfully"
ACCOUNT_UPDATED = "user updated successfully"
NOTIFICATIONS_UPDATED = "user notification settings updated successfully"
KEY_ROTATED = "API Key rotated successfully"
FETCHED_PAYMENTS = "fetched subscription invoices billing usage"
NO_PAYMENTS = "failed to validate subscription payment invoice ID"
NO_INVOICE = "failed to validate the subscription payment invoice ID"
FETCHED_USAGE = "fetched current billing usage"
TURNSTILE_REFUSED = "The captcha token from turnstile is invalid"
NOT_SIGNED = "The signature is not valid"


def invalid(doing: str) -> str:
    return f"validation errors while {doing}"


def fetched(count: int, thing: str) -> str:
    return f"fetched {count} {thing}{'' if count == 1 else 's'}"


def heartbeats_stored(count: int) -> str:
    return f"[{count}] heartbeats received successfully"


def cannot_find(thing: str, row_id: str) -> str:
    return f"cannot find {thing} with ID [{row_id}]"


def no_outstanding(message_id: str) -> str:
    return f"Cannot find outstanding message with ID [{message_id}]"


def no_phone_of_key(phone_id: str, key_id: str) -> str:
    return f"cannot find phone with ID [{phone_id}] which is associated with phone API key with ID [{key_id}]"


def no_discord_channel(channel_id: str) -> str:
    return f"cannot fetch discord channel with ID [{channel_id}] make sure the bot has access to the channel"


def no_discord_server(server_id: str) -> str:
    return f"cannot fetch discord server with ID [{server_id}] make sure the bot has access to the server"


def no_schedule(schedule_id: str, user_id: str) -> str:
    """The server's own text goes on with the places in its source that the error passed (§10.3-64)."""
    return f"send schedule [{schedule_id}] not found for user with ID [{user_id}]\nCaused by: record not found"


def phone_not_allowed_why(number: str, numbers: Sequence[str]) -> str:
    return (
        "The phone API key is does not have permission to carry out actions on the phone number "
        f"[{number}]. The API key is only configured for these phone numbers [{','.join(numbers)}]"
    )


def no_phone(number: str) -> list[str]:
    """What a send from an unregistered number is told; a bulk send spells `Install`."""
    return [
        f"no phone found with with 'from' number [{number}]. "
        "install the android app on your phone to start sending messages",
        f"could not validate 'from' number [{number}], please try again later",
    ]


def no_phone_for_webhook(number: str) -> str:
    return (
        f"The phone number [{number}] is not available in your account. "
        "Install the android app on your phone to store a webhook with this phone number"
    )


def limit_reached(limit: int, plan: str) -> str:
    return (
        f"You have exceeded your limit of [{limit}] messages on your [{plan}] plan. "
        "Upgrade to send more messages on https://httpsms.com/billing"
    )


def not_loaded(user_id: str, phone_id: str) -> str:
    return f"cannot load phone with userID [{user_id}] and phoneID [{phone_id}]"


def no_token(phone_id: str) -> str:
    return f"phone with id [{phone_id}] has no FCM token"


def not_notified(number: str) -> str:
    return f"cannot send notification to your phone [{number}]. Reinstall the httpSMS app on your Android phone."
