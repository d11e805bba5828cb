"""docs/ becomes web pages, offline, and no page is forgotten."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from tests.house.sources import ROOT
from tests.processes import LIFE_S

# What a page loads by itself; a link that somebody may follow is no such thing.
_LOADED = re.compile(r"""<(?:script|img|iframe|link)\b[^>]*\b(?:src|href)=["']?(https?://[^"'\s>]+)""")


def _nav(entries: object) -> list[str]:
    if isinstance(entries, str):
        return [entries]
    values = entries.values() if isinstance(entries, dict) else entries
    assert isinstance(values, list) or isinstance(entries, dict)
    return [page for entry in values for page in _nav(entry)]


def test_every_page_is_in_the_navigation() -> None:
    config = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    pages = {str(page.relative_to(ROOT / "docs")) for page in (ROOT / "docs").rglob("*.md")}
    assert sorted(_nav(config["nav"])) == sorted(pages)


def test_the_pages_build_without_a_complaint_and_load_nothing_from_elsewhere(tmp_path: Path) -> None:
    """A link to a page, or to a heading in one, that is not there is a complaint."""
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    shutil.copy(ROOT / "mkdocs.yml", tmp_path)
    done = subprocess.run(
        [Path(sys.executable).parent / "zensical", "build", "--strict"],
        cwd=tmp_path, capture_output=True, text=True, timeout=LIFE_S, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    built = list((tmp_path / "site").rglob("*.html"))
    assert len(built) >= len(list((tmp_path / "docs").rglob("*.md")))
    loaded = {url for page in built for url in _LOADED.findall(page.read_text(encoding="utf-8"))}
    assert loaded == set()
    assert (tmp_path / "site" / "schemas" / "results.schema.json").is_file()


def test_links_between_pages_and_to_other_files_lead_somewhere() -> None:
    broken = [
        f"{page.name}: {link}"
        for page in (ROOT / "docs").rglob("*.md")
        for link in re.findall(r"\]\((?!https?://|#)([^)#\s]+)", page.read_text(encoding="utf-8"))
        if not (page.parent / link).exists()
    ]
    assert broken == []
