"""What the tests of several reports ask of their JSON Schemas."""

from __future__ import annotations

from typing import Any

__all__ = ["closed", "objects"]


def closed(schema: Any) -> Any:
    """The same, and nothing that it does not name: what this version writes is all there."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    nothing_else = {"additionalProperties": False} if schema.get("type") == "object" else {}
    return {name: closed(each) for name, each in schema.items()} | nothing_else


def objects(schema: Any) -> list[dict[str, Any]]:
    """Every object that it describes."""
    inner = [objects(each) for each in (schema.values() if isinstance(schema, dict) else schema)
             if isinstance(each, dict | list)]  # fmt: skip
    found = [each for below in inner for each in below]
    return [schema, *found] if isinstance(schema, dict) and schema.get("type") == "object" else found
