"""The OpenAPI document: every route of the table with what it takes and what it answers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from harness import __version__
from harness.standin.openapi import asking
from harness.standin.openapi.asking import UUID_PATTERN, Schema
from harness.standin.openapi.control import control_paths
from harness.standin.openapi.entities import exact, merged, schemas
from harness.standin.openapi.operations import OPERATIONS, Operation, Shown
from harness.standin.routes import ROUTES, Credentials, Route
from harness.wire.bodies import KEY_FIELD
from harness.wire.json import dumps

__all__ = ["as_json", "document"]

_ABOUT = """\
The API of an httpSMS server as the stand-in of httpsms-harness serves it. What a schema refuses, the server refuses; it
also refuses some of what a schema allows: limits of texts are in bytes, and whether a number is one is not a matter of
its spelling.

Every GET answers HEAD, too. Fields that may be left out may be null, names of fields match in any case, and those that
are not known are ignored. A body is JSON, and may be packed with gzip; forms are read as well, with the names of the
fields written without underscores. Every answer but that of /health may be read by scripts of other origins (CORS). The
head of a request has at most 4096 bytes, its body 4 MiB.

How faithful each route is to the real server is told in docs/stand-in.md.
"""

_TAGS = (
    ("/v1/messages", "Messages"),
    ("/v1/attachments", "Messages"),
    ("/v1/bulk-messages", "Messages"),
    ("/v1/message-threads", "Threads"),
    ("/v1/phones", "Phones"),
    ("/v1/phone-api-keys", "Phone keys"),
    ("/v1/heartbeats", "Heartbeats"),
    ("/v1/webhooks", "Webhooks"),
    ("/v1/send-schedules", "Send schedules"),
    ("/v1/users", "Users"),
    ("/v1/billing", "Users"),
    ("/v1/events", "Events"),
    ("/v1/discord-integrations", "Other services"),
    ("/discord", "Other services"),
    ("/lemonsqueezy", "Other services"),
    ("/integration", "Other services"),
    ("/", "The server itself"),
)

_JSON = "application/json"
_TEXT = "text/plain"


@cache
def as_json(control: bool) -> bytes:
    """The document as it is served; with `control` the control routes are in it."""
    return dumps(document(control))


def document(control: bool = False) -> dict[str, Any]:
    """The document as plain data."""
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        paths.setdefault(route.template, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "httpSMS, as the stand-in serves it", "version": __version__, "description": _ABOUT},
        "servers": [{"url": "/"}],
        "paths": paths | (control_paths() if control else {}),
        "components": {"schemas": _schemas(), "responses": _responses(), "securitySchemes": _security_schemes(control)},
    }


# -- operations --------------------------------------------------------------------------------------------------------


def _operation(route: Route) -> dict[str, Any]:
    told = OPERATIONS[f"{route.method} {route.template}"]
    found: dict[str, Any] = {"operationId": told.id, "tags": [_tag(route.template)], "summary": told.summary}
    if told.words:
        found["description"] = told.words
    if parameters := [*_ids(route.template, told), *_query(told), *told.headers]:
        found["parameters"] = parameters
    if (body := _body(told)) is not None:
        found["requestBody"] = body
    return found | {"responses": _answers(route, told, body is not None), "security": [*_SECURITY[route.credentials]]}


def _tag(template: str) -> str:
    return next(tag for beginning, tag in _TAGS if template.startswith(beginning))


def _ids(template: str, told: Operation) -> Iterator[Schema]:
    for name in re.findall(r"\{(\w+)\}", template):
        schema = told.ids.get(name, {"type": "string", "pattern": f"^{UUID_PATTERN}$"})
        yield {"name": name, "in": "path", "required": True, "schema": schema}


def _query(told: Operation) -> Iterator[Schema]:
    for parameter in [] if told.query is None else asking.parameters(told.query):
        more = told.fields.get(parameter["name"], {})
        if more is not None:
            words = " ".join(part for part in (parameter.get("description"), more.get("description")) if part)
            schema = _with(parameter["schema"], {word: more[word] for word in more if word != "description"})
            yield parameter | {"schema": schema} | ({"description": words} if words else {})


def _body(told: Operation) -> Schema | None:
    schema = told.schema if told.body is None else _with_fields(asking.body(told.body, told.given), told.fields)
    if schema is None:
        return None
    example = {} if told.example is None else {"example": dict(told.example)}
    return {"required": True, "content": {kind: {"schema": schema, **example} for kind in told.media}}


def _with_fields(schema: Schema, fields: Mapping[str, Schema | None]) -> Schema:
    properties = {name: _with(found, fields.get(name) or {}) for name, found in schema["properties"].items()}
    return schema | {"properties": properties}


def _with(found: Schema, more: Schema) -> Schema:
    """What was found with what is told of it, which stands in its place if it has a type."""
    return more if "type" in more else merged(found, more)


# -- answers -----------------------------------------------------------------------------------------------------------

_REFUSALS = {
    400: "Malformed",
    401: "Unauthorized",
    402: "OverLimit",
    403: "Forbidden",
    404: "NotFound",
    413: "BodyTooLarge",
    422: "Invalid",
    431: "HeadTooLarge",
    500: "InternalError",
}


def _answers(route: Route, told: Operation, has_body: bool) -> dict[str, Any]:
    refused = {*told.refuses, 413, 431}
    if has_body:
        refused.add(400)
    if route.credentials is not Credentials.NONE:
        refused.add(401)
    answers = {status: _shown(shown) for status, shown in told.shows.items()}
    answers |= {status: {"$ref": f"#/components/responses/{_REFUSALS[status]}"} for status in refused}
    return {str(status): answers[status] for status in sorted(answers)}


def _shown(shown: Shown) -> Schema:
    content = shown.content
    if shown.data is not None:
        content = {_JSON: exact({"data": shown.data, "message": _STRING, "status": {"const": "success"}})}
    found: dict[str, Any] = {"description": shown.words}
    if shown.headers:
        found["headers"] = {name: {"required": True, "schema": _STRING} for name in shown.headers}
    if content:
        found["content"] = {kind: {"schema": schema} for kind, schema in content.items()}
    return found


_STRING: Schema = {"type": "string"}


def _named(schema: str) -> Schema:
    return {"$ref": f"#/components/schemas/{schema}"}


def _responses() -> dict[str, Any]:
    def refusal(words: str, schema: str) -> Schema:
        return {"description": words, "content": {_JSON: {"schema": _named(schema)}}}

    def plain(words: str, text: str) -> Schema:
        return {"description": words, "content": {_TEXT: {"schema": {"const": text}}}}

    return {
        "Malformed": {
            "description": "It cannot be decoded, or its content type is none that is read. In plain text for a broken "
            "multipart form.",
            "content": {_JSON: {"schema": _named("Malformed")}, _TEXT: {"schema": _STRING}},
        },
        "Unauthorized": refusal("No key that may do this. A phone key may act for its own numbers only.", "Refused"),
        "OverLimit": refusal("There are as many as the plan allows.", "Problem"),
        "Forbidden": refusal("The user may not do this.", "Problem"),
        "NotFound": refusal("There is none with this id.", "Problem"),
        "BodyTooLarge": plain("The body has more than 4 MiB.", "Request Entity Too Large"),
        "Invalid": refusal("Fields are wrong; each is named with everything that is wrong with it.", "Invalid"),
        "HeadTooLarge": plain("The head has more than 4096 bytes.", "Request Header Fields Too Large"),
        "InternalError": refusal("The server fails, for instance at a text with a NUL character.", "Problem"),
    }


def _schemas() -> dict[str, Schema]:
    error = {"message": _STRING, "status": {"const": "error"}}
    listed = {"type": "object", "minProperties": 1, "additionalProperties": _strings()}
    return {
        **schemas(),
        "Done": exact({"message": _STRING, "status": {"const": "success"}}),
        "Problem": exact(error),
        "Refused": exact({"data": _STRING, **error}),
        "Malformed": exact({"data": {"type": "object", "description": "Not to be relied on."}, **error}),
        "Invalid": exact({"data": listed, **error}),
    }


def _strings() -> Schema:
    return {"type": "array", "minItems": 1, "items": _STRING}


# -- credentials -------------------------------------------------------------------------------------------------------

_USER: Sequence[Schema] = ({"userKey": []}, {"userKeyInQuery": []})
_SECURITY: Mapping[Credentials, Sequence[Schema]] = {
    Credentials.NONE: (),
    Credentials.USER: _USER,
    Credentials.ANY_KEY: (*_USER, {"phoneKey": []}),
    Credentials.BEARER: (*_USER, {"bearerUserKey": []}),
}


def _security_schemes(control: bool) -> dict[str, Schema]:
    def key(place: str, words: str) -> Schema:
        return {"type": "apiKey", "in": place, "name": KEY_FIELD, "description": words}

    token = {"type": "http", "scheme": "bearer", "description": "Of serve --control-token, if there is one."}
    return {
        "userKey": key("header", "Of an account. It may also stand in a JSON body or form, under the same name."),
        "userKeyInQuery": key("query", "The same. Whatever the request leads to shows it in its `source`."),
        "phoneKey": key("header", "Begins with pk_. For what phones call, and for the numbers of that key."),
        "bearerUserKey": {"type": "http", "scheme": "bearer", "description": "The user key as a bearer token."},
        **({"controlToken": token} if control else {}),
    }
