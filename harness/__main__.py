"""`python -m harness`, and where the command begins: Ctrl-C ends it quietly before anything else is loaded."""

import os
import signal
from types import FrameType
from typing import NoReturn

__all__ = ["main"]


def main() -> NoReturn:
    signal.signal(signal.SIGINT, _interrupted)
    from harness.cli import main as run

    run()


def _interrupted(_number: int, _frame: FrameType | None) -> None:
    """An exception would show where in the midst of an import it came; nothing is open yet that must be closed."""
    os.write(2, b"interrupted\n")
    os._exit(130)


if __name__ == "__main__":
    main()
