"""Finding and reading recorded cases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from harness.conform import Case, read_case
from harness.errors import CaseError, UsageError

__all__ = ["find_conversations", "load_cases"]


def find_conversations(folder: Path) -> Path:
    """The folder with the cases: `gateway/conversations` in or below `folder`, or `folder` itself.

    Raises `UsageError` if there is none.
    """
    below = sorted(folder.rglob("gateway/conversations")) if folder.is_dir() else []
    for found in [folder / "gateway/conversations", *below, folder / "conversations", folder]:
        if any(found.glob("*.json")):
            return found
    raise UsageError(f"{folder}: no recorded cases there", "name a folder with gateway/conversations/*.json below it")


def load_cases(folder: Path) -> Iterator[Case | CaseError]:
    """The cases of the folder that `find_conversations` finds, by name; for a file that is none its error."""
    for path in sorted(find_conversations(folder).glob("*.json")):
        try:
            yield read_case(path.read_text(encoding="utf-8"), str(path))
        except CaseError as error:
            yield error
        except (OSError, UnicodeDecodeError, RecursionError) as error:
            yield CaseError(str(path), f"cannot be read: {error}")
