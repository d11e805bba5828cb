"""Finding and reading recorded cases."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from harness.conform import Case, read_case, read_order
from harness.errors import CaseError, UsageError

__all__ = ["find_conversations", "load_cases", "load_orders", "recordings"]


def recordings() -> Path:
    """The recordings that come with the package: `gateway/conversations` and `gateway/message-orders.jsonl`."""
    return Path(str(files("harness").joinpath("recordings")))


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


def load_orders(path: Path) -> Iterator[Case | CaseError]:
    """A case for each line of a file like `message-orders.jsonl`; for a line that is none its error.

    Raises `UsageError` if the file cannot be read.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read: {error}", "give a file like message-orders.jsonl") from None
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _order(line, f"{path}:{number}")


def _order(line: str, place: str) -> Case | CaseError:
    try:
        return read_order(line, place)
    except CaseError as error:
        return error
    except RecursionError as error:
        return CaseError(place, f"cannot be read: {error}")
