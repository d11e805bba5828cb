"""Writes scenarios/*.schema.json: the language of stories for editors (`make docs`)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from harness.scenario.schema import part_schema, schema

__all__ = ["FOLDER", "files"]

FOLDER = Path(__file__).parents[1] / "scenarios"


def files() -> Mapping[str, str]:
    """Their names, and what is in them."""
    made = {"scenario.schema.json": schema(), "part.schema.json": part_schema()}
    return {name: json.dumps(document, indent=1, ensure_ascii=False) + "\n" for name, document in made.items()}


if __name__ == "__main__":
    for name, text in files().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
