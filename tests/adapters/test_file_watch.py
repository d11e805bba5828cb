"""harness.adapters.file_watch: what is new, gone or written anew."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from harness.adapters.file_watch import changes


def seen(folder: Path, watched: list[str], *deeds: Callable[[], object]) -> list[set[str]]:
    """The names that are told when one deed after the other is done."""
    left = list(deeds)

    def wait() -> None:
        if not left:
            raise StopWatching
        left.pop(0)()

    told = []
    try:
        for changed in changes(watched, wait):
            told.append({path.name for path in changed})
    except StopWatching:
        return told
    return told


class StopWatching(Exception):
    pass


def later(path: Path) -> None:
    """The same content, written a second later."""
    now = path.stat()
    os.utime(path, ns=(now.st_atime_ns, now.st_mtime_ns + 10**9))


def test_what_is_written_appears_or_goes_is_told_once(tmp_path: Path) -> None:
    story, new, deep = tmp_path / "a.scenario.yaml", tmp_path / "b.part.yaml", tmp_path / "deep" / "c.yml"
    deep.parent.mkdir()
    story.write_text("a", encoding="utf-8")
    told = seen(
        tmp_path,
        [str(tmp_path)],
        lambda: None,
        lambda: later(story),
        lambda: None,
        lambda: new.write_text("b", encoding="utf-8"),
        lambda: (tmp_path / "notes.txt").write_text("x", encoding="utf-8"),
        lambda: deep.write_text("c", encoding="utf-8"),
        lambda: (story.unlink(), new.write_text("longer", encoding="utf-8")),
    )
    assert told == [{"a.scenario.yaml"}, {"b.part.yaml"}, {"c.yml"}, {"a.scenario.yaml", "b.part.yaml"}]


def test_beside_a_file_its_parts_are_watched(tmp_path: Path) -> None:
    story, part, deep = tmp_path / "a.yaml", tmp_path / "b.part.yaml", tmp_path / "deep" / "c.yaml"
    deep.parent.mkdir()
    for path in (story, part, deep):
        path.write_text("x", encoding="utf-8")
    assert seen(tmp_path, [str(story)], lambda: later(deep), lambda: later(part)) == [{"b.part.yaml"}]


def test_what_changes_before_anybody_looks_is_told(tmp_path: Path) -> None:
    story = tmp_path / "a.yaml"
    story.write_text("x", encoding="utf-8")
    watching = changes([str(tmp_path)], lambda: None)
    later(story)
    assert next(watching) == {story}
