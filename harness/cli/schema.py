"""`schema`: the language of scenario files as JSON Schema, for editors."""

from __future__ import annotations

import json

import click

from harness.cli.common import check_outputs, write

__all__ = ["schema"]


@click.command()
@click.option("--part", is_flag=True, help="Of a part: a file that stories include.")
@click.option("--output", default="-", metavar="FILE", help="Write it there. [default: standard output]")
def schema(part: bool, output: str) -> None:
    """Print the JSON Schema of scenario files.

    An editor that knows it completes and explains what is written, and marks mistakes. Most find it by the first line
    of a file: # yaml-language-server: $schema=scenario.schema.json

    \b
    httpsms-harness schema --output scenario.schema.json
    httpsms-harness schema --part --output part.schema.json
    """
    from harness.scenario.schema import part_schema
    from harness.scenario.schema import schema as story_schema

    check_outputs(output)
    made = part_schema() if part else story_schema()
    write(output, json.dumps(made, indent=1, ensure_ascii=False))
