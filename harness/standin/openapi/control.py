"""The control routes in the document, where they are open. Those about the world itself are answered by `serve`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.standin.openapi.asking import Schema, nullable
from harness.standin.openapi.entities import exact

__all__ = ["control_paths"]

_TEXT: Schema = {"type": "string"}
_NUMBER: Schema = {"type": "integer"}
_ACCOUNT = {"user_id": _TEXT, "api_key": _TEXT, "email": _TEXT, "plan": _TEXT}
_COUNTERS = {"sent_messages": _NUMBER, "received_messages": _NUMBER}
_PHONE = {
    "phone_id": _TEXT,
    "phone_number": _TEXT,
    "monitor_id": nullable(_TEXT),
    "last_heartbeat_at": nullable({"type": "string", "format": "date-time"}),
    "messages_per_minute": _NUMBER,
    "message_expiration_seconds": _NUMBER,
}
_SETTINGS: Schema = {
    "last_heartbeat_age_s": {"type": "number"},
    "messages_per_minute": {"type": "integer", "minimum": 0, "maximum": 60},
    "message_expiration_seconds": {"type": "integer", "minimum": 1},
}
_FAULTS = {"lost_update": {"type": "boolean"}}
_HANDSETS = {"handsets": {"type": "array", "items": {"type": "object"}}}
_SNAPSHOT = {"version": _NUMBER, "count": _NUMBER, "rows": {}}
_LINES = {"type": "string", "description": "A JSON object in each line."}


def control_paths() -> dict[str, dict[str, Any]]:
    """The paths of the control routes."""
    phone = exact(_PHONE)
    return {
        "/_control/health": {
            "get": _operation("controlHealth", "Version, pace, seed, time and counts", {"type": "object"}),
        },
        "/_control/accounts": {
            "post": _operation("createAccount", "Make an account", exact(_ACCOUNT), _some(_ACCOUNT), (400, 409)),
        },
        "/_control/accounts/{id}": {
            "patch": _operation(
                "changeAccount",
                "Change what an account has used, or its plan",
                exact(_ACCOUNT | _COUNTERS),
                _some(_COUNTERS | {"plan": _TEXT}),
                (400, 404),
                has_id=True,
            ),
        },
        "/_control/phones/{id}": {
            "get": _operation("readPhone", "A phone with its monitor", phone, None, (400, 404), has_id=True),
            "patch": _operation(
                "changePhone", "Change a phone beyond the API's limits", phone, _some(_SETTINGS), (400, 404, 409),
                has_id=True,
            ),
        },
        "/_control/handsets": {
            "get": _operation("readHandsets", "What each handset does, and what it waits for", exact(_HANDSETS)),
            "post": _operation(
                "doToHandsets",
                "Do something to a handset, or to all of them",
                exact({"done": {"const": True}}),
                {"type": "object", "properties": {"do": _TEXT, "number": nullable(_TEXT)}, "required": ["do"]},
                (422,),
            ),
        },
        "/_control/faults": {
            "post": _operation("switchFaults", "Switch faults on and off", exact(_FAULTS), _some(_FAULTS), (400,)),
        },
        "/_control/advance": {
            "post": _operation(
                "advance",
                "Move the clock, and do what has become due",
                exact({"advanced_s": {"type": "number"}}),
                {
                    "type": "object",
                    "properties": {"seconds": {"type": "number", "minimum": 0, "maximum": 1e7}},
                    "required": ["seconds"],
                },
                (422,),
            ),
        },
        "/_control/reset": {
            "post": _operation("reset", "Begin anew", exact({"reset": {"const": True}})),
        },
        "/_control/snapshot": {
            "post": _operation("takeSnapshot", "The whole world as JSON", exact(_SNAPSHOT)),
        },
        "/_control/restore": {
            "post": _operation(
                "restoreSnapshot",
                "Put a world back",
                exact({"restored": _NUMBER}),
                {"type": "object", "properties": _SNAPSHOT, "required": list(_SNAPSHOT)},
                (422,),
            ),
        },
        "/_control/trace": {
            "get": _operation("readTrace", "What has happened; with follow=1 also what happens from now on", None)
            | {"parameters": [{"name": "follow", "in": "query", "schema": {"enum": ["1"]}}]},
        },
    }  # fmt: skip


def _some(properties: Mapping[str, Schema]) -> Schema:
    return {"type": "object", "properties": dict(properties), "additionalProperties": False}


def _operation(
    name: str,
    summary: str,
    answer: Schema | None,
    body: Schema | None = None,
    refuses: tuple[int, ...] = (),
    *,
    has_id: bool = False,
) -> dict[str, Any]:
    if answer is None:
        content: Schema = {"application/x-ndjson": {"schema": _LINES}, "text/event-stream": {"schema": _LINES}}
    else:
        content = _json(answer)
    plain = {413: "The body is too large.", 431: "The head has more than 4096 bytes."}
    answers: dict[int, Schema] = {200: {"description": "Done.", "content": content}}
    answers |= {status: _refusal() for status in (401, *refuses)}
    answers |= {
        status: {"description": words, "content": {"text/plain": {"schema": _TEXT}}} for status, words in plain.items()
    }
    identified = {"parameters": [{"name": "id", "in": "path", "required": True, "schema": _TEXT}]} if has_id else {}
    return {
        "operationId": name,
        "tags": ["Control"],
        "summary": summary,
        **identified,
        **({} if body is None else {"requestBody": {"content": _json(body)}}),
        "responses": {str(status): answers[status] for status in sorted(answers)},
        "security": [{}, {"controlToken": []}],
    }


def _json(schema: Schema) -> Schema:
    return {"application/json": {"schema": schema}}


def _refusal() -> Schema:
    return {"description": "Why not.", "content": _json(exact({"error": _TEXT}))}
