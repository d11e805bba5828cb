"""Stories in Python, with the words of the files: `Story`, and the small values that its methods take."""

from __future__ import annotations

from harness.story.builder import Story
from harness.story.drafts import Answered, Found, Message
from harness.story.values import (
    absent,
    answer,
    calls_back,
    contains,
    differs,
    echoes,
    matches,
    one_of,
    opts_out,
    present,
    reads_codes,
    replies,
    typos,
)

__all__ = [
    "Answered",
    "Found",
    "Message",
    "Story",
    "absent",
    "answer",
    "calls_back",
    "contains",
    "differs",
    "echoes",
    "matches",
    "one_of",
    "opts_out",
    "present",
    "reads_codes",
    "replies",
    "typos",
]
