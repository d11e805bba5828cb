"""docs/web-client.md: what it says of WebCrypto holds under Node.js and in a browser, and its page works."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.house.sources import ROOT
from tests.interop.browser import said_by_page, shown_by_page
from tests.interop.ready import command

PAGE = (ROOT / "docs" / "web-client.md").read_text(encoding="utf-8")
BLOCKS: list[str] = re.findall(r"^```\w*\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
WEB = ROOT / "harness" / "interop" / "runners" / "web"
LIMIT_S = 60
# What pitfalls.mjs takes from Node.js.
ASSERT = b"""
function failed(what) { throw new Error(what); }
function has(error, wanted) {
  const right = typeof wanted === "function" ? error instanceof wanted : !wanted || error.name === wanted.name;
  if (!right) failed(`${error}`);
}
const said = JSON.stringify;
export default {
  equal: (got, wanted) => Object.is(got, wanted) || failed(said(got)),
  deepEqual: (got, wanted) => said(got) === said(wanted) || failed(said(got)),
  notDeepEqual: (got, wanted) => said(got) !== said(wanted) || failed(said(got)),
  throws(act, wanted) {
    try { act(); } catch (error) { return has(error, wanted); }
    failed(`${act}`);
  },
  rejects: (promise, wanted) => promise.then(() => failed("no error"), (error) => has(error, wanted)),
};
"""
TRIED = b"""<!doctype html><meta charset="utf-8">
<script type="importmap">{"imports": {"node:assert/strict": "./assert.mjs"}}</script>
<script type="module">
const outcome = await import("./pitfalls.mjs").then(() => "held", (error) => `${error}`);
await fetch("/", {method: "POST", body: JSON.stringify(outcome)});
</script>"""


def block(beginning: str) -> str:
    [found] = [text for text in BLOCKS if text.startswith(beginning)]
    return found


def printed(file: str, folder: Path) -> str:
    """What Node.js prints for a block that is a file."""
    node = command("web")[0]
    (folder / file).write_text(block(f"// {file}\n"), encoding="utf-8")
    done = subprocess.run([node, file], cwd=folder, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_webcrypto_has_the_modes_that_the_page_says(tmp_path: Path) -> None:
    assert printed("cfb.mjs", tmp_path) == block("AES-CFB: ")


def test_every_pitfall_is_one_under_node(tmp_path: Path) -> None:
    assert printed("pitfalls.mjs", tmp_path) == ""


def test_every_pitfall_is_one_in_a_browser(tmp_path: Path) -> None:
    files = {"pitfalls.mjs": block("// pitfalls.mjs\n").encode(), "assert.mjs": ASSERT, "page.html": TRIED}
    assert said_by_page(files, "page.html", tmp_path) == "held"


@pytest.mark.parametrize(("key", "shown"), [("Password123", "This is a test text message"), ("another", None)])
def test_the_page_shows_the_text(key: str, shown: str | None, tmp_path: Path) -> None:
    html = block("<!-- read.html -->\n").replace("Password123", key)
    page = shown_by_page(
        {"read.html": html.encode(), "cipher.mjs": (WEB / "cipher.mjs").read_bytes()}, "read.html", tmp_path
    )
    [text] = re.findall(r'<pre id="text">(.*?)</pre>', page, re.DOTALL)
    assert text == shown if shown else (text and "test" not in text)
    assert not shown or f"It shows `{shown}`" in PAGE


def test_the_page_names_all_that_the_module_exports() -> None:
    exported = re.findall(
        r"^export (?:async )?(?:function|class) (\w+)", (WEB / "cipher.mjs").read_text(), re.MULTILINE
    )
    assert sorted(exported) == ["CipherError", "decrypt", "encrypt", "importKey"]
    errors = set(re.findall(r'new CipherError\("(\w+)"', (WEB / "cipher.mjs").read_text()))
    assert [name for name in [*exported, *errors] if f"`{name}" not in PAGE and f"await {name}(" not in PAGE] == []


def test_nothing_on_the_page_is_left_untried() -> None:
    assert len(BLOCKS) == 4
