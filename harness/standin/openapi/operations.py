"""What the document says of each route beyond what can be found out: a name, some words, what is shown and refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from functools import partial
from typing import Any

from harness.frozen import frozen
from harness.standin.openapi.asking import PHONE_NUMBER, UUID, UUID_PATTERN, Schema
from harness.standin.openapi.entities import exact
from harness.wire import accounts, bulk, heartbeats, integrations, requests, schedules, search
from harness.wire.bodies import Body, Query
from harness.wire.events import WEBHOOK_EVENTS
from harness.wire.requests import ATTACHMENT_TYPES
from harness.wire.server import MessageType

__all__ = ["OPERATIONS", "Operation", "Shown"]


@frozen
class Shown:
    """A success: `data` in the usual envelope, or else `content` by media type; neither is no body at all."""

    words: str
    data: Schema | None = None
    content: Mapping[str, Schema] = field(default_factory=dict)
    headers: tuple[str, ...] = ()


@frozen
class Operation:
    """What a route does, in words, and what it takes and answers.

    `body` and `query` make the model of what comes in, `given` being fields of a body that are there while the model is
    asked. `fields` says more of fields and parameters; an entry with a type stands in place of what was found, None
    takes a parameter away. `refuses`: statuses beside 401 of a route with credentials and 400 of one with a body.
    `ids`: of those in the path that are no UUID. `headers` are parameters, too. `media`: what the body may be sent as;
    `schema`: of a body without a model.
    """

    id: str
    summary: str
    shows: Mapping[int, Shown]
    refuses: tuple[int, ...] = ()
    words: str = ""
    body: Callable[[Body], Any] | None = None
    given: Mapping[str, Any] = field(default_factory=dict)
    query: Callable[[Query], Any] | None = None
    fields: Mapping[str, Schema | None] = field(default_factory=dict)
    ids: Mapping[str, Schema] = field(default_factory=dict)
    headers: Sequence[Schema] = ()
    media: tuple[str, ...] = ("application/json",)
    schema: Schema | None = None
    example: Mapping[str, Any] | None = None


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _list(schema: Schema) -> Schema:
    return {"type": "array", "items": schema}


def _one(name: str, words: str = "", status: int = 200) -> Mapping[int, Shown]:
    return {status: Shown(words or "It.", _ref(name))}


def _many(name: str, words: str) -> Mapping[int, Shown]:
    return {200: Shown(words, _list(_ref(name)))}


def _text(words: str) -> Mapping[str, Schema]:
    return {"text/plain": {"type": "string", "description": words}}


_NULL: Schema = {"type": "null"}
_GONE: Mapping[int, Shown] = {204: Shown("It is gone.")}
_GONE_200: Mapping[int, Shown] = {200: Shown("It is gone.", _NULL)}
_ANY_ID: Schema = {"type": "string", "minLength": 1, "pattern": "^[^/]+$"}
_MESSAGE_OR_PART: Schema = {
    "type": "string",
    "pattern": rf"^({UUID_PATTERN}|[^/]*\.[^/]*)$",
    "description": "With a dot in it, it is a part of a long text, and nothing is done.",
}
_HEX = "[0-9A-Fa-f]"
_ANY_UUID = f"{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}"
_SCHEDULE_ID: Schema = {
    "type": "string",
    "pattern": f"^({_ANY_UUID}|{_HEX}{{32}}|[Uu][Rr][Nn]:[Uu][Uu][Ii][Dd]:{_ANY_UUID}|[^/]{_ANY_UUID}[^/])$",
    "description": "A UUID of any version, in any case, also without hyphens, after urn:uuid: or in braces.",
}

_FROM_PHONE = {"description": "The number of a registered phone."}
_ANY_TIME = {"description": "RFC 3339 with an offset. If it is missing, the year is 1."}
_SIM = {"description": "SIM1 or SIM2; anything else means SIM1."}
_CONTENT = "The number of bytes counts, and an encrypted text is counted as it is sent."
_RECEIVED_SIM: Schema = {
    "type": ["string", "null"],
    "pattern": r"^(SIM1|SIM2|DEFAULT|\s*)$",
    "description": "SIM1 or SIM2; DEFAULT or nothing means SIM1.",
}
_RECEIVED_FILES: Schema = {
    "type": ["array", "null"],
    "maxItems": 10,
    "items": {
        "type": "object",
        "properties": {
            "name": {"type": ["string", "null"], "description": "Only plain letters are kept, and no extension."},
            "content_type": {"type": "string", "enum": list(ATTACHMENT_TYPES)},
            "content": {
                "type": ["string", "null"],
                "contentEncoding": "base64",
                "description": "At most 1572864 bytes once decoded, and 3145728 of all files together.",
            },
        },
        "required": ["content_type"],
    },
}
_WINDOWS: Schema = {
    "type": "array",
    "minItems": 1,
    "maxItems": 42,
    "description": "At most six a day, which do not overlap. They are stored in order.",
    "items": {
        "type": "object",
        "properties": {
            "day_of_week": {"type": ["integer", "null"], "minimum": 0, "maximum": 6, "description": "0 is Sunday."},
            "start_minute": {"type": ["integer", "null"], "minimum": 0, "maximum": 1439},
            "end_minute": {
                "type": "integer",
                "minimum": 1,
                "maximum": 1440,
                "description": "Greater than start_minute; not part of the window.",
            },
        },
        "required": ["end_minute"],
    },
}
_EVENT: Schema = {
    "type": "object",
    "properties": {
        "specversion": {"const": "1.0"},
        "id": {"type": "string", "minLength": 1},
        "source": {"type": "string", "minLength": 1},
        "type": {"type": "string", "minLength": 1, "description": "A type that is not known leads to nothing."},
        "datacontenttype": {"description": "Not looked at."},
        "time": {"type": ["string", "null"], "format": "date-time"},
        "data": {"description": "The payload of the type; one that does not fit leads to nothing."},
    },
    "required": ["specversion", "id", "source", "type"],
}
_DOCUMENT: Schema = {
    "type": "object",
    "properties": {
        bulk.DOCUMENT: {
            "type": "string",
            "contentMediaType": "application/octet-stream",
            "description": "A CSV or XLSX file with 1 to 1000 records below a line of headers.",
        }
    },
    "required": [bulk.DOCUMENT],
}
_FLAG_OF_GO: Schema = {
    "type": ["boolean", "string"],
    "pattern": "^([01fFtT]|true|True|TRUE|false|False|FALSE|on)?$",
    "description": "Whether the greatest comes first.",
}
_FILTER = {"description": "Only those that contain it, in any case; % and _ are wildcards. At most 100 bytes."}
_PAGE = "A limit below 0 means all; a skip below 0 means 0."


def _header(name: str, words: str, *, needed: bool = False) -> Schema:
    return {"name": name, "in": "header", "required": needed, "description": words, "schema": {"type": "string"}}


def _values(*members: str) -> Schema:
    return {"type": "array", "items": {"type": "string", "enum": [*map(str, members)]}}


_QUEUED = "The message, which the phone has not heard of yet."
_TEXT = {"from": "+18005550199", "to": "+18005550100", "content": "Hello"}
_HOOK = {
    "url": "http://127.0.0.1:8001/",
    "signing_key": "secret",
    "phone_numbers": ["+18005550199"],
    "events": ["message.phone.received"],
}
_SCHEDULE = {
    "name": "Office hours",
    "timezone": "Europe/London",
    "windows": [{"day_of_week": 1, "start_minute": 540, "end_minute": 1020}],
}
_DISCORD = {"name": "Team", "server_id": "1", "incoming_channel_id": "2"}
_HOOK_FIELDS: Mapping[str, Schema] = {
    "events": {"items": {"type": "string", "enum": list(WEBHOOK_EVENTS)}, "description": "Repeated ones count once."},
    "phone_numbers": {"items": {"description": "Exactly as the phone is registered."}},
    "signing_key": {"description": "Signs the token of each call; without it there is none. At most 255 bytes."},
}

OPERATIONS: Mapping[str, Operation] = {
    "GET /health": Operation("health", "Whether the server is there", {200: Shown("It is.", content=_text("OK"))}),
    # -- messages ------------------------------------------------------------------------------------------------
    "POST /v1/messages/send": Operation(
        "sendMessage", "Send a text", _one("Message", _QUEUED), (402, 422, 500), _CONTENT,
        body=requests.SendMessage.read,
        fields={
            "from": _FROM_PHONE,
            "send_at": {"description": "RFC 3339 with an offset, at most 480 hours from now. The past means now."},
        },
        example=_TEXT,
    ),
    "POST /v1/messages/bulk-send": Operation(
        "sendMessages", "Send one text to many numbers",
        {200: Shown("A message at the place of each number, null if it could not be stored.",
                    _list({"anyOf": [_ref("Message"), _NULL]}))},
        (402, 422), _CONTENT,
        body=bulk.BulkSend.read, fields={"from": _FROM_PHONE}, example=_TEXT | {"to": ["+18005550100"]},
    ),
    "GET /v1/bulk-messages": Operation(
        "listBulkMessages", "List what was sent with files", _many("BulkMessage", "The last ten, the newest first.")
    ),
    "POST /v1/bulk-messages": Operation(
        "uploadBulkMessages", "Send the texts of a file",
        {202: Shown("They are on their way.", content={"application/json": _ref("Done")})},
        (402, 422), "A file without a single mistake is sent, any other is refused as a whole.",
        media=("multipart/form-data",), schema=_DOCUMENT,
    ),
    "GET /v1/messages/outstanding": Operation(
        "fetchOutstandingMessage", "Fetch a message for the phone", _one("Message", "The message, now `sending`."),
        (404, 422), "What a phone does after a push. It works once for each push.",
        query=requests.Outstanding.read,
    ),
    "GET /v1/messages": Operation(
        "listMessages", "List a conversation", _many("Message", "The newest first."), (422, 500), _PAGE,
        query=requests.MessageQuery.read,
        fields={
            "query": _FILTER,
            "contact": {"description": "Compared as it stands."},
            "owner": {"description": "With its plus. Compared as it stands."},
        },
    ),
    "GET /v1/messages/search": Operation(
        "searchMessages", "Search all messages", {}, (400, 422),
        "Nothing is ever found: a token has to be approved by Cloudflare, and the stand-in asks nobody.",
        query=partial(search.MessageSearch.read, token="-"),
        fields={
            "types": _values(*MessageType),
            "statuses": _values("pending", "sent", "delivered", "failed", "expired", "received"),
            "sort_descending": _FLAG_OF_GO,
        },
        headers=(_header("token", "Of Cloudflare Turnstile.", needed=True),),
    ),
    "GET /v1/messages/{id}": Operation("getMessage", "Read a message", _one("Message"), (404, 422)),
    "DELETE /v1/messages/{id}": Operation(
        "deleteMessage", "Delete a message", _GONE, (404, 422), "A push that is planned still goes out."
    ),
    "POST /v1/messages/{id}/events": Operation(
        "reportMessageEvent", "Report what became of a text on the phone",
        {200: Shown("The message as it was before.", _ref("Message")), 204: Shown("A part of a long text: ignored.")},
        (404, 422),
        body=partial(requests.Report.read, UUID),
        fields={"timestamp": _ANY_TIME, "reason": {"description": "Why it failed; of FAILED only."}},
        ids={"id": _MESSAGE_OR_PART},
        example={"event_name": "SENT", "timestamp": "2026-07-23T05:10:00.123Z"},
    ),
    "POST /v1/messages/receive": Operation(
        "receiveMessage", "Hand over a text that the phone received", _one("Message"), (402, 422, 500),
        "Every call makes a new message. Without content there have to be attachments.",
        body=requests.ReceiveMessage.read,
        given={"attachments": [{"content_type": "image/png"}]},
        fields={
            "from": {"description": "Any text. Eight or more bare digits are read as a number of the phone's country."},
            "sim": _RECEIVED_SIM,
            "timestamp": _ANY_TIME,
            "attachments": _RECEIVED_FILES,
        },
        example={"from": "+18005550100", "to": "+18005550199", "content": "Hello", "sim": "SIM1"},
    ),
    "POST /v1/messages/calls/missed": Operation(
        "reportMissedCall", "Report a call that was missed", _one("Message", "A message of type call/missed."),
        (422, 500),
        body=requests.MissedCall.read,
        fields={"sim": _SIM, "timestamp": _ANY_TIME},
        example={"from": "+18005550100", "to": "+18005550199"},
    ),
    "GET /v1/attachments/{user_id}/{message_id}/{index}/{name}": Operation(
        "getAttachment", "Download an attachment",
        {200: Shown("The file.", content={kind: {} for kind in dict.fromkeys(map(requests.file_type,
                    ATTACHMENT_TYPES.values()))}, headers=("Content-Disposition", "X-Content-Type-Options"))},
        (404,),
        ids=dict.fromkeys(("user_id", "message_id", "index", "name"), _ANY_ID),
    ),
    # -- threads -------------------------------------------------------------------------------------------------
    "GET /v1/message-threads": Operation(
        "listMessageThreads", "List the threads of a number", _many("MessageThread", "The latest first."), (422, 500),
        _PAGE,
        query=partial(requests.ThreadQuery.read, default=20),
        fields={"query": _FILTER, "is_archived": {"description": "true or 1 for the archived ones instead."}},
    ),
    "PUT /v1/message-threads/{id}": Operation(
        "updateMessageThread", "Archive a thread, or mark it read", _one("MessageThread"), (404, 422),
        "One of the two has to be there; one that is missing or null stays as it is.",
        body=partial(requests.ThreadUpdate.read, UUID), example={"is_read": True},
    ),
    "DELETE /v1/message-threads/{id}": Operation(
        "deleteMessageThread", "Delete a thread with its messages", _GONE, (404, 422)
    ),
    # -- phones --------------------------------------------------------------------------------------------------
    "GET /v1/phones": Operation(
        "listPhones", "List phones", _many("Phone", "The newest first."), (422, 500), _PAGE,
        query=partial(requests.ListQuery.read, default=10), fields={"query": _FILTER},
    ),
    "PUT /v1/phones": Operation(
        "upsertPhone", "Make or change a phone", _one("Phone"), (422, 500),
        "The first call for a number makes the phone and ignores most settings. A later call without fcm_token erases "
        "the token, without sim or message_send_schedule_id those. With max_send_attempts, "
        "message_expiration_seconds must not be 0.",
        body=requests.PhoneUpdate.read,
        fields={
            "sim": _SIM,
            "message_expiration_seconds": {"description": "0 means 600."},
            "missed_call_auto_reply": {"description": "Once set it can be changed, but not taken away."},
            "message_send_schedule_id": {"description": "Of a schedule of one's own."},
        },
        example={"phone_number": "+18005550199", "fcm_token": "token", "sim": "SIM1", "messages_per_minute": 60},
    ),
    "PUT /v1/phones/fcm-token": Operation(
        "registerPhone", "Register a phone for pushes", _one("Phone"), (422, 500),
        "With a phone key, the key becomes that of this number a moment later.",
        body=requests.PhoneToken.read, fields={"sim": _SIM},
        example={"phone_number": "+18005550199", "fcm_token": "token", "sim": "SIM1"},
    ),
    "DELETE /v1/phones/{id}": Operation(
        "deletePhone", "Delete a phone", _GONE_200, (404, 422), "Messages, threads and webhooks stay."
    ),
    # -- phone keys ----------------------------------------------------------------------------------------------
    "GET /v1/phone-api-keys": Operation(
        "listPhoneApiKeys", "List the keys of phones", _many("PhoneApiKey", "The newest first."), (422, 500), _PAGE,
        query=partial(requests.ListQuery.read, default=1, limit_length=100), fields={"query": _FILTER},
    ),
    "POST /v1/phone-api-keys": Operation(
        "createPhoneApiKey", "Make a key for a phone", _one("PhoneApiKey"), (422, 500),
        body=requests.key_name, example={"name": "My phone"},
    ),
    "DELETE /v1/phone-api-keys/{id}": Operation(
        "deletePhoneApiKey", "Delete the key of a phone", _GONE, (404, 422), "It stops working at once."
    ),
    "DELETE /v1/phone-api-keys/{id}/phones/{phone_id}": Operation(
        "removePhoneFromApiKey", "Take a phone off its key", _GONE, (404, 422),
        "The key goes on to work for that number for up to 15 seconds.",
    ),
    # -- heartbeats ----------------------------------------------------------------------------------------------
    "GET /v1/heartbeats": Operation(
        "listHeartbeats", "List the heartbeats of a number", _many("Heartbeat", "The newest first."), (422, 500), _PAGE,
        query=heartbeats.HeartbeatQuery.read,
        fields={"query": {"description": "Only those whose version contains it, with case. At most 100 bytes."}},
    ),
    "POST /v1/heartbeats": Operation(
        "storeHeartbeats", "Tell that a phone is alive",
        {201: Shown("One for each number.", _list(_ref("Heartbeat")))}, (422,),
        body=requests.Heartbeats.read, given={"owner": "+18005550199"},
        fields={
            "owner": {"format": PHONE_NUMBER, "description": "Looked at only if there are no phone_numbers."},
            "phone_numbers": {"description": "One or two."},
        },
        headers=(_header("X-Client-Version", "Of the app; it is shown in the heartbeat."),),
        example={"phone_numbers": ["+18005550199"], "charging": True},
    ),
    # -- webhooks ------------------------------------------------------------------------------------------------
    "GET /v1/webhooks": Operation(
        "listWebhooks", "List webhooks", _many("Webhook", "The newest first."), (422, 500), _PAGE,
        query=partial(requests.ListQuery.read, default=1, limit_length=100), fields={"query": _FILTER},
    ),
    "POST /v1/webhooks": Operation(
        "createWebhook", "Make a webhook", _one("Webhook", status=201), (402, 422, 500), "Ten at most.",
        body=requests.WebhookUpdate.read, fields=_HOOK_FIELDS, example=_HOOK,
    ),
    "PUT /v1/webhooks/{id}": Operation(
        "updateWebhook", "Replace a webhook", _one("Webhook"), (422, 500), "500 for an id that is not known.",
        body=requests.WebhookUpdate.read, fields=_HOOK_FIELDS, example=_HOOK,
    ),
    "DELETE /v1/webhooks/{id}": Operation(
        "deleteWebhook", "Delete a webhook", _GONE_200, (422, 500), "500 for an id that is not known."
    ),
    # -- send schedules ------------------------------------------------------------------------------------------
    "GET /v1/send-schedules": Operation(
        "listSendSchedules", "List send schedules", _many("SendSchedule", "All of them, the newest first.")
    ),
    "POST /v1/send-schedules": Operation(
        "createSendSchedule", "Make a send schedule", _one("SendSchedule", status=201), (422, 500),
        body=schedules.ScheduleUpdate.read,
        fields={"windows": _WINDOWS, "timezone": {"description": "A name of the IANA database, or Local."}},
        example=_SCHEDULE,
    ),
    "PUT /v1/send-schedules/{id}": Operation(
        "updateSendSchedule", "Replace a send schedule", _one("SendSchedule"), (404, 422, 500),
        body=schedules.ScheduleUpdate.read,
        fields={"windows": _WINDOWS, "timezone": {"description": "A name of the IANA database, or Local."}},
        ids={"id": _SCHEDULE_ID}, example=_SCHEDULE,
    ),
    "DELETE /v1/send-schedules/{id}": Operation(
        "deleteSendSchedule", "Delete a send schedule", _GONE, (400, 404), "Phones lose it a moment later.",
        ids={"id": _SCHEDULE_ID},
    ),
    # -- users and billing ---------------------------------------------------------------------------------------
    "GET /v1/users/me": Operation("getUser", "Read one's own account", _one("User")),
    "PUT /v1/users/me": Operation(
        "updateUser", "Set time zone and active phone", _one("User"), (422,), "What is missing is reset.",
        body=accounts.AccountUpdate.read,
        fields={
            "timezone": {"description": "A name of the IANA database. Anything else becomes UTC."},
            "active_phone_id": {"description": "Not checked against the phones."},
        },
        example={"timezone": "Europe/London"},
    ),
    "DELETE /v1/users/me": Operation(
        "deleteUser", "Delete one's own account", _GONE, (500,),
        "500 while a paid plan is going to be renewed. The key is remembered for up to two hours.",
    ),
    "DELETE /v1/users/{id}/api-keys": Operation(
        "rotateApiKey", "Exchange the user key for a new one", _one("User", "With the new key."), (500,),
        "401 for the id of another user.", ids={"id": _ANY_ID},
    ),
    "PUT /v1/users/{id}/notifications": Operation(
        "updateNotifications", "Choose which e-mails to get", _one("User"), (500,),
        "A flag that is missing is off. The id is not looked at, and no e-mail is ever sent.",
        body=accounts.NotificationUpdate.read, ids={"id": _ANY_ID}, example={"webhook_enabled": False},
    ),
    "GET /v1/users/subscription-update-url": Operation(
        "getSubscriptionUpdateUrl", "Where to change one's plan", {}, (500,), "Always 500: nothing is sold here."
    ),
    "DELETE /v1/users/subscription": Operation(
        "cancelSubscription", "Cancel one's plan", {}, (500,), "Always 500: nothing is sold here."
    ),
    "GET /v1/users/subscription/payments": Operation(
        "listSubscriptionPayments", "List payments", {200: Shown("There are none.", _NULL)}, (500,),
        "500 for an account with a subscription id.",
    ),
    "POST /v1/users/subscription/invoices/{id}": Operation(
        "createInvoice", "Get an invoice for a payment", {}, (422,), "Always refused: there are no payments.",
        body=accounts.Invoice.read, ids={"id": _ANY_ID},
        fields={
            "country": {"description": "Two letters."},
            "state": {"description": "Needed in the US and in Canada, there two letters. At most 100 bytes."},
        },
        example={"name": "A", "address": "B", "city": "C", "country": "DE", "zip_code": "1"},
    ),
    "GET /v1/billing/usage": Operation(
        "getBillingUsage", "What the present month's texts are", _one("BillingUsage"), (500,),
        "500 for an account that is gone.",
    ),
    "GET /v1/billing/usage-history": Operation(
        "listBillingUsage", "List the months that have ended", _many("BillingUsage", "The newest first."), (422,),
        _PAGE,
        query=accounts.usage_history, fields={"query": None},
    ),
    # -- the server's own queue ----------------------------------------------------------------------------------
    "POST /v1/events": Operation(
        "dispatchEvent", "Put an event into the server's own queue",
        {204: Shown("All listeners are done, and so are the calls that they made.")}, (403, 422),
        "A CloudEvent in structured JSON. Only the queue's own user may do this.",
        media=("application/json", "application/cloudevents+json"), schema=_EVENT,
        example={
            "specversion": "1.0", "id": "1", "source": "/test", "type": "message.send.expired.check",
            "data": {"message_id": UUID, "scheduled_at": "2026-07-23T05:20:00Z", "user_id": "user-1"},
        },
    ),
    # -- other services ------------------------------------------------------------------------------------------
    "POST /v1/discord-integrations": Operation(
        "createDiscordIntegration", "Make a Discord integration", {}, (422,), "Always refused: nobody asks Discord.",
        body=integrations.DiscordUpdate.read, example=_DISCORD,
    ),
    "GET /v1/discord-integrations": Operation(
        "listDiscordIntegrations", "List Discord integrations",
        {200: Shown("There are none.", {"type": "array", "maxItems": 0})}, (422, 500), "500 with any query.",
        query=partial(requests.ListQuery.read, default=1, limit_length=100),
    ),
    "PUT /v1/discord-integrations/{id}": Operation(
        "updateDiscordIntegration", "Replace a Discord integration", {}, (422,), "Always refused.",
        body=integrations.DiscordUpdate.read, example=_DISCORD,
    ),
    "DELETE /v1/discord-integrations/{id}": Operation(
        "deleteDiscordIntegration", "Delete a Discord integration", {}, (422, 500), "There is none to delete."
    ),
    "POST /discord/event": Operation(
        "handleDiscordEvent", "What Discord would call", {}, (401, 500),
        "Refused without a signature, 500 with what looks like one.",
        headers=(_header("X-Signature-Ed25519", "128 hexadecimal digits."), _header("X-Signature-Timestamp", "Any.")),
    ),
    "POST /lemonsqueezy/event": Operation(
        "handleLemonSqueezyEvent", "What Lemon Squeezy would call", {}, (422,), "Always refused: no signature is valid."
    ),
    "POST /integration/3cx/messages": Operation(
        "sendMessageFrom3cx", "Send a text from a 3CX telephone system",
        {200: Shown("Its id, without the usual envelope.", content={"application/json": exact(
            {"data": exact({"payload": exact({"id": {"type": "string", "pattern": f"^{UUID_PATTERN}$"}})})})})},
        (402, 500),
        "Whatever is in the body is taken. From a number that is no phone, the text stays pending.",
        body=integrations.ThreeCxMessage.read,
        example={"from": "+18005550199", "to": "+18005550100", "text": "Hello"},
    ),
    # -- for browsers --------------------------------------------------------------------------------------------
    "GET /": Operation(
        "home", "Where browsers find the API's pages on the real server",
        {301: Shown("To /index.html.", headers=("Location",))},
    ),
    "GET /index.html": Operation(
        "swaggerUi", "The page of the real server", {404: Shown("There is none here.", content=_text("Why."))}
    ),
    "GET /doc.json": Operation(
        "swaggerFile", "The file of the real server", {404: Shown("There is none here.", content=_text("Why."))}
    ),
}  # fmt: skip
"""By method and template of the route."""
