"""What the story page is made of, beside the stories: its style and its script, which come with the package."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from harness.report.page import Assets

__all__ = ["assets"]


@cache
def assets() -> Assets:
    """The style and the script of the package."""
    folder = files("harness") / "report" / "assets"
    style, script = (folder.joinpath(name).read_text(encoding="utf-8") for name in ("story.css", "story.js"))
    return Assets(style, script)
