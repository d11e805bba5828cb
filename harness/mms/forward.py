"""What the app makes of a received multimedia message: a text and files, and how a work's input names them."""

from __future__ import annotations

import base64

from harness.frozen import frozen
from harness.mms.parse import Retrieved
from harness.mms.parts import ReadPart
from harness.mms.wsp import decoded

__all__ = [
    "CachedFile", "Forwarded", "ReceivedFile", "base64_content", "cache_line", "forwarded", "read_cache_line",
]  # fmt: skip


@frozen
class ReceivedFile:
    """A part that is no text. The app keeps `data` in its cache as `received_mms_<ms>_<index>`."""

    index: int
    content_type: str
    name: str
    data: bytes


@frozen
class Forwarded:
    """What goes to the gateway. `sender` is "" where the PDU names none; `content` is plain, encryption comes later."""

    sender: str
    content: str
    files: tuple[ReceivedFile, ...]


@frozen
class CachedFile:
    """A file as the work finds it in its input: where it is, and what is posted with it."""

    path: str
    content_type: str
    name: str


def forwarded(message: Retrieved) -> Forwarded | None:
    """The texts of `message` joined, and its other parts as files (phone-behaviour.md §5.2).

    Parts without data are left out. None if a text has no charset, or one that the library does not know: Java has no
    charset `*`, and the exception leaves the receiver, so the app's process ends there.
    """
    full = [(index, part) for index, part in enumerate(message.parts) if part.data is not None]
    texts = [decoded(part.data or b"", part.charset) for _, part in full if _is_text(part)]
    known = [text for text in texts if text is not None]
    if len(known) < len(texts):
        return None
    files = tuple(_file(index, part) for index, part in full if not _is_text(part))
    return Forwarded(message.sender or "", "".join(known), files)


def _is_text(part: ReadPart) -> bool:
    # Parameters may follow, and so may anything else; capitals make it an attachment.
    return part.content_type.startswith("text/plain")


def _file(index: int, part: ReadPart) -> ReceivedFile:
    # A part with nothing but a Content-Disposition file name, which the app does not ask for, gets the last of these:
    # the parser invents a location only for parts without any of the four.
    name = next((name for name in (part.name, part.content_location, part.content_id) if name is not None), None)
    return ReceivedFile(index, part.content_type, f"attachment_{index}" if name is None else name, part.data or b"")


def cache_line(path: str, file: ReceivedFile) -> str:
    """The line in a work's input for `file`, kept at `path`."""
    return f"{path}|{file.content_type}|{file.name}"


def read_cache_line(line: str) -> CachedFile:
    """That line as the work reads it: cut at every `|`, so one in a name ends the name there."""
    path, content_type, name = line.split("|")[:3]
    return CachedFile(path, content_type, name)


def base64_content(data: bytes) -> str:
    """`data` as `attachments[].content` has it: standard alphabet, padded, on one line."""
    return base64.b64encode(data).decode("ascii")
