"""harness.standin.openapi.entities: what is shown, told by what writes it and by the row behind it."""

from __future__ import annotations

from harness.standin.openapi.entities import ENTITIES, exact, merged, schemas


def test_every_entity_has_exactly_the_keys_that_are_written() -> None:
    for name, (entity, _) in ENTITIES.items():
        schema = schemas()[name]
        assert tuple(schema["properties"]) == tuple(schema["required"]) == entity.keys
        assert schema["additionalProperties"] is False


def test_null_is_told_where_the_row_may_have_none() -> None:
    message = schemas()["Message"]["properties"]
    assert message["sent_at"] == {"type": ["string", "null"], "format": "date-time"}
    assert message["created_at"] == {"type": "string", "format": "date-time"}
    assert message["attachments"]["type"] == ["array", "null"]
    assert message["send_attempt_count"]["type"] == "integer"
    assert "sending" in message["status"]["enum"]


def test_a_row_within_a_row_is_an_object() -> None:
    windows = schemas()["SendSchedule"]["properties"]["windows"]
    assert windows["items"]["required"] == ["day_of_week", "start_minute", "end_minute"]


def test_an_id_is_a_uuid_but_for_users() -> None:
    ids = {name: "pattern" in schema["properties"].get("id", {}) for name, schema in schemas().items()}
    assert [name for name, is_uuid in ids.items() if not is_uuid] == ["BulkMessage", "User"]


def test_what_is_told_more_of_members_is_added_to_them() -> None:
    merged_schema = merged({"type": "array", "items": {"type": "string"}}, {"items": {"enum": ["a"]}, "minItems": 1})
    assert merged_schema == {"type": "array", "items": {"type": "string", "enum": ["a"]}, "minItems": 1}


def test_an_exact_object_has_no_other_members() -> None:
    assert exact({"a": {}}) == {
        "type": "object", "properties": {"a": {}}, "required": ["a"], "additionalProperties": False,
    }  # fmt: skip
