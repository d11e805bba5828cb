"""The page's script, in a browser if there is one; what it may not do, in any case."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from harness.interop.html import to_html
from harness.interop.page import FRAME, SCRIPT, STYLE
from harness.interop.results import Interop
from tests.interop.runs import HOSTILE, RUN, hostile

# What parses text as HTML or as a program, or talks to the world.
_DANGEROUS = (
    r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|Function\(|fetch\(|XMLHttp|import\(|WebSocket|https?:"
)
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def test_the_script_never_reads_text_as_html_and_loads_nothing() -> None:
    assert re.findall(_DANGEROUS, SCRIPT) == []
    assert "</script" not in SCRIPT.lower()
    assert "</style" not in STYLE.lower()


def test_every_place_of_the_frame_is_filled() -> None:
    places = set(re.findall(r"{(\w+)}", FRAME))
    assert places == {"title", "style", "style_sum", "script", "script_sum", "body", "data"}


def test_each_colour_has_its_counterpart_in_the_dark() -> None:
    light, dark = (
        set(re.findall(r"(--[\w-]+): #", part)) for part in STYLE.split("@media (prefers-color-scheme: dark)")[:2]
    )
    assert light == dark


def _opened(interop: Interop, folder: Path, address: str = "") -> str:
    """The page as a browser has it after its script ran."""
    browser = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if browser is None:
        pytest.skip("no Chromium here")
    file = folder / "report.html"
    file.write_text(to_html(interop), encoding="utf-8")
    # Whoever is root gets no sandbox, and CI often is.
    command = [browser, "--headless", "--disable-gpu", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    command += [f"--user-data-dir={folder / 'profile'}", "--virtual-time-budget=2000", "--dump-dom"]
    done = subprocess.run([*command, file.as_uri() + address], capture_output=True, text=True, check=True, timeout=100)
    return done.stdout


def test_a_browser_shows_groups_that_failed_with_their_vectors(tmp_path: Path) -> None:
    page = _opened(RUN, tmp_path)
    assert '<span id="shown" class="soft" role="status">4 of 4 vectors</span>' in page
    assert page.count('class="group"') == 3
    assert page.count('<button aria-expanded="true"') == 3
    assert 'class="cell fail" data-vector="0" data-runner="1"' in page
    assert re.search(r'<aside id="panel"[^>]* hidden', page)


def test_an_address_opens_the_panel_with_facts_risk_and_remedy(tmp_path: Path) -> None:
    page = _opened(RUN, tmp_path, "#vector=2&runner=1")
    panel = page[page.index("<aside") : page.index("</aside>")]
    shown = re.sub(r"<[^>]*>", "|", panel)
    for part in ("AAAAAAAAAAAAAAAAAAAAAAAA=AAAA", "an error that a caller can handle", '"He" (cut)', "Refuse it."):
        assert part in shown
    assert "A text is cut, and nobody hears of it." in shown
    assert "hidden" not in panel[: panel.index(">")]


def test_an_address_opens_a_pair_of_the_matrix(tmp_path: Path) -> None:
    page = _opened(Interop(cells=RUN.cells), tmp_path, "#pair=2")
    panel = page[page.index("<aside") : page.index("</aside>")]
    assert "1 of 76 texts did not come back." in panel
    assert "QUJD-_" in panel


def test_what_strangers_wrote_is_shown_and_not_run(tmp_path: Path) -> None:
    page = _opened(hostile(), tmp_path)
    assert page.count("<script") == 2
    assert HOSTILE[:9].replace("<", "&lt;").replace(">", "&gt;") in page
    assert '<button class="cell fail"' in page
