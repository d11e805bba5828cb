"""Where the server shows its Swagger UI to browsers (gateway-protocol.md §1.5): ours has none, and says so."""

from __future__ import annotations

from harness.standin import answers
from harness.standin.answers import Reply
from harness.standin.state import State
from harness.standin.visits import Visit

__all__ = ["home", "missing"]

_INDEX = "/index.html"
_NONE = "Not Found: the stand-in has no Swagger UI; its OpenAPI document is at /openapi.json"


def home(state: State, visit: Visit) -> Reply:
    return Reply(301, (("Location", _INDEX),))


def missing(state: State, visit: Visit) -> Reply:
    """404 instead of the page or the file; the page's own scripts and pictures are 404 like any unknown path."""
    return answers.plain(404, _NONE)
