"""How far the stand-in is the real server: what is as there, what differs, what is absent.

`docs/stand-in.md` is made of it (`make docs`). "As there" means statuses, bodies, the order of the checks, the texts of
refusals, and what a call leads to; how much of that was recorded is counted on the page.
"""

from __future__ import annotations

from collections.abc import Mapping

from harness.frozen import frozen

__all__ = ["BY_ROUTE", "GENERAL", "Fidelity"]


@frozen
class Fidelity:
    """In words; an empty text is nothing that is known of."""

    faithful: str
    differs: str = ""
    absent: str = ""


_ALL = "All of it."
_LIST = "Filter, limit, skip, and their odd rules."
_NO_ORDER = "Rows of the same time come in the order in which they were made. There they come in no order."
_NOT_CALLED = "Discord is not asked, so no server and no channel is known."

BY_ROUTE: Mapping[str, Fidelity] = {
    "GET /health": Fidelity("All of it: no CORS, no `Vary`."),
    # -- messages ------------------------------------------------------------------------------------------------
    "POST /v1/messages/send": Fidelity(
        "All of it: sanitised numbers, limits in bytes, `send_at`, plan limits, the message's way to the phone.",
    ),
    "POST /v1/messages/bulk-send": Fidelity(
        "All of it: a message for each number, the growing delay between them, null for what cannot be stored.",
        "The messages are stored one after the other. There they are stored side by side, so their times may cross.",
    ),
    "GET /v1/bulk-messages": Fidelity(
        "All of it: the last ten groups of messages whose `request_id` begins with `bulk-`, and their counts.",
        "Groups of the same time come in the order in which they were made. There they come in no order.",
    ),
    "POST /v1/bulk-messages": Fidelity(
        "CSV and XLSX, every check of a line and its text, times in the user's zone, the delay between messages.",
        "Senders that are not registered are named in the order of the file. There they come in no order.",
        "XLSX with more than 2 MiB of XML, in the strict form of ISO 29500, or broken in a part that is needed: "
        "refused as unreadable. After 2000 rows with something in them nothing is read.",
    ),
    "GET /v1/messages/outstanding": Fidelity("All of it: only once for each push, and the numbers of a phone key."),
    "GET /v1/messages": Fidelity(_LIST, _NO_ORDER),
    "GET /v1/messages/search": Fidelity(
        "Every refusal.",
        "Cloudflare Turnstile is not asked, so every token is refused. There it is what happens without a network.",
        "Finding anything.",
    ),
    "GET /v1/messages/{id}": Fidelity(_ALL),
    "DELETE /v1/messages/{id}": Fidelity("All of it: the thread is mended, the plan of the push freed, the push sent."),
    "POST /v1/messages/{id}/events": Fidelity(
        "All of it: every order of fetch, SENT, DELIVERED, FAILED and expiry, ids of parts, missing times."
    ),
    "POST /v1/messages/receive": Fidelity(
        "All of it: senders, attachments and their limits, plan limits, the webhook before the message is stored."
    ),
    "POST /v1/messages/calls/missed": Fidelity("All of it, also the automatic answer by text."),
    "GET /v1/attachments/{user_id}/{message_id}/{index}/{name}": Fidelity(
        "All of it, for attachments in the server's memory.",
        "With `--state` they outlive a restart. There the memory is lost.",
        "Google Cloud Storage.",
    ),
    # -- threads -------------------------------------------------------------------------------------------------
    "GET /v1/message-threads": Fidelity(_LIST, _NO_ORDER),
    "PUT /v1/message-threads/{id}": Fidelity(_ALL),
    "DELETE /v1/message-threads/{id}": Fidelity("All of it: the messages go a moment later."),
    # -- phones --------------------------------------------------------------------------------------------------
    "GET /v1/phones": Fidelity(_LIST),
    "PUT /v1/phones": Fidelity("All of it: what the first call ignores, and what a later one erases."),
    "PUT /v1/phones/fcm-token": Fidelity("All of it: the phone key becomes that of the number a moment later."),
    "DELETE /v1/phones/{id}": Fidelity(_ALL),
    "GET /v1/phone-api-keys": Fidelity(_LIST),
    "POST /v1/phone-api-keys": Fidelity(
        "The key, and the rules of its name.", absent="The limit of one key for a free plan (`ENTITLEMENT_ENABLED`)."
    ),
    "DELETE /v1/phone-api-keys/{id}": Fidelity(_ALL),
    "DELETE /v1/phone-api-keys/{id}/phones/{phone_id}": Fidelity("All of it: the key works on for up to 15 seconds."),
    # -- heartbeats ----------------------------------------------------------------------------------------------
    "GET /v1/heartbeats": Fidelity(_LIST, absent="Heartbeats in MongoDB, where the filter is a regular expression."),
    "POST /v1/heartbeats": Fidelity(
        "All of it: a phone that was offline is online again.", absent="Null for one that cannot be stored."
    ),
    # -- webhooks ------------------------------------------------------------------------------------------------
    "GET /v1/webhooks": Fidelity(_LIST),
    "POST /v1/webhooks": Fidelity("All of it: odd URLs, ten at most, the key in clear text."),
    "PUT /v1/webhooks/{id}": Fidelity("All of it: 500 for an id that is not known."),
    "DELETE /v1/webhooks/{id}": Fidelity("All of it: 500 for an id that is not known."),
    # -- send schedules ------------------------------------------------------------------------------------------
    "GET /v1/send-schedules": Fidelity(_ALL),
    "POST /v1/send-schedules": Fidelity(
        "All of it: every check of a window.",
        "Days whose windows overlap are named in order. There they come in no order.",
        "The limit of one schedule for a free plan (`ENTITLEMENT_ENABLED`).",
    ),
    "PUT /v1/send-schedules/{id}": Fidelity(
        _ALL, "The text of a 404 is shorter. There it ends with places in the server's source."
    ),
    "DELETE /v1/send-schedules/{id}": Fidelity(
        "All of it: phones lose the schedule a moment later.",
        "The text of a 404 is shorter. There it ends with places in the server's source.",
    ),
    # -- users and billing ---------------------------------------------------------------------------------------
    "GET /v1/users/me": Fidelity(
        "All of it: an account that is gone is made anew while its key is remembered.",
        absent="Making an account for a Firebase user.",
    ),
    "PUT /v1/users/me": Fidelity("All of it: what is missing is reset, a zone that there is not becomes UTC."),
    "DELETE /v1/users/me": Fidelity(
        "The account goes at once, everything else of it a moment later.", absent="Deleting the user at Firebase."
    ),
    "DELETE /v1/users/{id}/api-keys": Fidelity("All of it: the old key is refused at once.", absent="The e-mail."),
    "PUT /v1/users/{id}/notifications": Fidelity("The flags.", absent="The e-mails that are chosen here."),
    "GET /v1/users/subscription-update-url": Fidelity(
        "500, as without a network.",
        "For an account without a subscription the real server's process ends. Ours answers 500 and goes on.",
        "The URL.",
    ),
    "DELETE /v1/users/subscription": Fidelity(
        "500, as without a network.",
        "For an account without a subscription the real server's process ends. Ours answers 500 and goes on.",
        "Cancelling.",
    ),
    "GET /v1/users/subscription/payments": Fidelity("Null for an account without a subscription.", absent="Payments."),
    "POST /v1/users/subscription/invoices/{id}": Fidelity("Every refusal.", absent="Invoices."),
    "GET /v1/billing/usage": Fidelity("All of it: monthly cycles from the account's day, and what counts."),
    "GET /v1/billing/usage-history": Fidelity("Limit, skip, and their odd rules."),
    # -- the server's own queue ----------------------------------------------------------------------------------
    "POST /v1/events": Fidelity(
        "All types with what they lead to. The answer waits for webhooks and pushes.",
        "Listeners of an event run one after the other. There they run side by side.",
        "What the types for e-mail and Discord lead to.",
    ),
    # -- other services ------------------------------------------------------------------------------------------
    "POST /v1/discord-integrations": Fidelity("The refusals.", _NOT_CALLED, "Making one."),
    "GET /v1/discord-integrations": Fidelity("An empty list, and 500 with a query.", absent="Integrations to list."),
    "PUT /v1/discord-integrations/{id}": Fidelity("The refusals.", _NOT_CALLED, "Changing one."),
    "DELETE /v1/discord-integrations/{id}": Fidelity("500 for an id that is not known.", absent="Deleting one."),
    "POST /discord/event": Fidelity(
        "The refusal of what is not signed.",
        "With what looks like a signature the real server's process ends, if it has no public key. Ours answers 500.",
        "Commands from Discord.",
    ),
    "POST /lemonsqueezy/event": Fidelity(
        "The refusal of what is not signed.",
        "A server without a secret takes what is signed with an empty one. Ours takes nothing.",
        "Subscriptions. Their events can be put into `POST /v1/events`.",
    ),
    "POST /integration/3cx/messages": Fidelity("All of it: whatever is sent is taken, and the answer has no envelope."),
    # -- for browsers --------------------------------------------------------------------------------------------
    "GET /": Fidelity("The redirection to `/index.html`."),
    "GET /index.html": Fidelity("Nothing.", "404.", "The Swagger UI. `GET /openapi.json` is ours."),
    "GET /doc.json": Fidelity("Nothing.", "404.", "The server's own Swagger file. `GET /openapi.json` is ours."),
}  # fmt: skip
"""By method and template of the route."""

GENERAL: Mapping[str, Fidelity] = {
    "User keys": Fidelity(
        "In the header, the body or the query. Whose a key is, also that it is nobody's, is remembered for two hours.",
        "With `/_control/accounts` a new account works at once, also if its key was tried before. When 5000 keys are "
        "remembered, the oldest is forgotten. There it is the one that was used least.",
    ),
    "Phone keys": Fidelity("On six routes, for their own numbers. What is known of one is remembered for 15 seconds."),
    "Firebase tokens": Fidelity(
        "A token that is none is passed over.", absent="Tokens as credentials, and accounts made from them."
    ),
    "Answers of the framework": Fidelity(
        "404, 405 with `Allow`, 413, 431, 501, CORS, paths in any case, HEAD.",
        "What is no HTTP at all is answered 400 in words of our own.",
    ),
    "400 for what cannot be decoded": Fidelity(
        "When it comes, and its shape.", "What stands in `data`: it describes a decoder, and ours is another one."
    ),
    "Request bodies": Fidelity(
        "JSON as Go reads it, URL-encoded and multipart forms, gzip and zlib.",
        absent="XML, and bodies packed in another way: 400.",
    ),
    "Compression of answers": Fidelity("`Vary: Accept-Encoding`.", absent="Compressed answers."),
    "Limits of a request": Fidelity(
        "4096 bytes of head, 4 MiB of body.",
        "A head has to come within 10 seconds, and a connection may rest for 75. There it may take for ever. "
        "Bodies that are on their way hold 32 MiB together, and the others wait. There each may take 4.",
    ),
    "TLS and HTTP/2": Fidelity(
        "HTTP/1.1 without TLS, as there without a proxy. Webhooks may have https.",
        "They are called over HTTP/1.1. There HTTP/2 is used where the receiver has it.",
    ),
    "Times": Fidelity(
        "Nanoseconds in an answer that writes, microseconds in one that reads. The server's zone is UTC.",
        "In virtual time the clock stands still while the server works.",
    ),
    "Pace": Fidelity(
        "`faithful`: all delays and the spacing of pushes. It is the default in virtual time and for recordings.",
        "`instant`, the default of `serve`: DELIVERED counts at once, the second try of a webhook follows at once, and "
        "pushes are not spaced unless `--keep-rate` is given. Expiry, `send_at`, send schedules, the checks of "
        "heartbeats and the pauses between the tries of a push are kept.",
    ),
    "Order of events": Fidelity(
        "Any outcome is one that the real server can have.",
        "Events are handled one after the other, as they arose. There they run side by side and overtake each other.",
    ),
    "Lost updates": Fidelity(
        "With `--fault lost-update` handlers undo each other's changes, as there now and then.",
        "Without it they never do.",
    ),
    "The queue": Fidelity(
        "An event waits for its time; the source of what it leads to.",
        "It is in the process: nothing is posted to `EVENTS_QUEUE_ENDPOINT`. With `--state` it outlives a restart. "
        "There it is lost with the process.",
        "The time limit of 30 seconds for an event, its repetition after that, and Google Cloud Tasks.",
    ),
    "Pushes": Fidelity(
        "The one call to `FCM_ENDPOINT`, its three tries with their pauses, and what each answer means.",
        "Without `FCM_ENDPOINT` pushes go to the phones inside. There they go to Firebase.",
        "Firebase itself.",
    ),
    "Webhooks": Fidelity(
        "Envelope, headers, token, two tries, redirects, five seconds, all at once.",
        absent="The form of a message for Discord's own webhook URLs.",
    ),
    "Heartbeat monitors": Fidelity("Checks every 16 minutes, missed, offline and online, the push after a miss."),
    "Plans": Fidelity(
        "The limits of texts a month.",
        "An account of our own has the plan `200k-monthly` unless it is given another.",
        "`ENTITLEMENT_ENABLED`: it is as if it were not set.",
    ),
    "E-mail": Fidelity("Nothing.", absent="All of it: failed, expired, offline, failed webhooks, a new key."),
    "Pusher": Fidelity("As without `PUSHER_SECRET`.", absent="All of it."),
    "Discord": Fidelity("As a server that cannot reach it.", absent="Everything that needs it."),
    "Lemon Squeezy": Fidelity(
        "The plan follows the events of a subscription.", absent="Payments, invoices, and calls from there."
    ),
    "Cloudflare Turnstile": Fidelity("As a server that cannot reach it.", absent="A token that is approved."),
    "Search in lists": Fidelity(
        "`%`, `_` and backslash, with or without case.",
        "Which letters are the same in another case is Python's idea. There it is the database's.",
    ),
    "Phone numbers": Fidelity(
        "The same library in Python, with the metadata of the version that is installed.",
        "For a few countries another version of the metadata may say something else.",
    ),
    "Ids, keys and colours": Fidelity(
        "Their form.", "They are drawn from a seed, so a run can be repeated. There they are random."
    ),
    "NUL characters": Fidelity("500 where the database would get one."),
    "Crashes": Fidelity(
        "Nothing.", "A few requests end the real server's process. Ours answers 500 and goes on."
    ),
    "Settings": Fidelity(
        "`FCM_ENDPOINT`, `EVENTS_QUEUE_USER_ID`, `EVENTS_QUEUE_USER_API_KEY`.", absent="All other variables."
    ),
    "Database": Fidelity(
        "What can be seen of it through the API.",
        "Memory, or one SQLite file with `--state`. There is one process.",
        "SQL to put rows in: the control routes make accounts and set what has no API.",
    ),
    "Logs and OpenTelemetry": Fidelity("Nothing.", "`/_control/trace` tells what happened.", "All of it."),
    "`GET /openapi.json` and `/_control/`": Fidelity("Nothing.", "Ours alone. There they are 404."),
}  # fmt: skip
"""By subject."""
