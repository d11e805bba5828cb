"""Every block of every quick start is executed, in the order of the page, and does what the page says."""

from __future__ import annotations

import re
import shutil
import subprocess
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import jwt
import pytest

from tests.clients.children import missing, write_line
from tests.docs.pages import Page
from tests.house.sources import ROOT
from tests.test_readme import is_open, line_with

pytestmark = pytest.mark.soak

PAGES = ROOT / "docs" / "quick-starts"
SIGNING_KEY = "keep-this-signing-key-to-yourself"
EVENTS = {"message.phone.sent +18005550100 Hello", "message.phone.delivered +18005550100 Hello"}
SHOWN = "+18005550199 -> +18005550100: "


@dataclass(frozen=True, slots=True)
class Language:
    """The commands of a page; the rest of the pages is the same."""

    page: str
    install: str
    sends: tuple[str, ...]
    receive: str
    encrypted: str


LANGUAGES = [
    Language("node", "npm install", ("node send.mjs",), "node receive.mjs", "node encrypted.mjs"),
    Language("go", "go mod init", ("go run send.go",), "go run receive.go", "go run encrypted.go"),
    Language(
        "python", "pip install", ("python send_httpx.py", "python send_requests.py"), "python receive.py",
        "python encrypted.py",
    ),
]  # fmt: skip


def open_page(name: str, folder: Path) -> Page:
    why = missing(name) if name in ("node", "go") else None
    if why:
        pytest.skip(why)
    return Page(PAGES / f"{name}.md", folder)


def promised(page: Page, *texts: str) -> None:
    """The page says that these are printed."""
    assert [text for text in texts if f"`{text}`" not in page.text] == []


def post(url: str, token: str) -> int:
    """The status that the receiver answers to somebody else's call."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, b"{}", headers), timeout=10) as answer:
            status: int = answer.status
            return status
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


def forged(url: str) -> list[str]:
    """Tokens that are none of the server's: each wrong in one thing."""
    claims = {"iss": "api.httpsms.com", "aud": [url], "exp": 4_000_000_000}
    signed = [claims | change for change in ({"iss": "other"}, {"aud": ["http://127.0.0.1/"]}, {"exp": 1})]
    eternal = {name: claim for name, claim in claims.items() if name != "exp"}
    return [
        "",
        "nonsense",
        jwt.encode(claims, "x" * 32),
        jwt.encode(claims, None, "none"),
        *(jwt.encode(one, SIGNING_KEY) for one in [*signed, eternal]),
    ]


def text_from_a_contact(page: Page, phone: subprocess.Popen[str]) -> None:
    write_line(phone, page.block("+18005550100 ").removesuffix("\n"))


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.page)
def test_a_quick_start_does_what_it_says(language: Language, tmp_path: Path) -> None:
    page = open_page(language.page, tmp_path)
    with page.terminal("httpsms-harness serve") as gateway:
        phone_key = line_with(gateway.stdout, "phone key").split()[-1]
        page.run(language.install)
        for send in language.sends:
            assert page.run(send).split() == ["pending", "delivered"]
            assert SHOWN + "Hello" in line_with(gateway.stderr, SHOWN)
        with page.terminal(language.receive) as receiver:
            assert line_with(receiver.stdout, "subscribed") == "subscribed: 201\n"
            page.run(language.sends[0])
            assert {line_with(receiver.stdout, "message.").strip() for _ in EVENTS} == EVENTS
            hook = f"http://127.0.0.1:{page.ports['8001']}/webhook"
            assert [token for token in forged(hook) if post(hook, token) != 401] == []
            with page.terminal("httpsms-harness phone", PHONE_KEY=phone_key) as phone:
                line_with(phone.stderr, "logged in")
                page.run(language.encrypted)
                assert SHOWN + "Your code is 1234" in line_with(phone.stderr, SHOWN)
                text_from_a_contact(page, phone)
                received = line_with(receiver.stdout, "message.phone.received").strip()
    assert received == "message.phone.received +18005550100 Thank you"
    promised(page, SHOWN + "Hello", *EVENTS, SHOWN + "Your code is 1234", received, "subscribed: 201", "pending")
    assert page.unused == []


def test_the_quick_start_for_curl_does_what_it_says(tmp_path: Path) -> None:
    for tool in ("curl", "jq", "openssl"):
        if shutil.which(tool) is None:
            pytest.skip(f"no {tool} here: install it")
    page = open_page("curl", tmp_path)
    with page.terminal("httpsms-harness serve") as gateway, page.terminal("python3") as receiver:
        phone_key = line_with(gateway.stdout, "phone key").split()[-1]
        assert page.run("sh send.sh") == "delivered\n"
        assert SHOWN + "Hello" in line_with(gateway.stderr, SHOWN)
        while not is_open(int(page.ports["8001"])):
            assert receiver.poll() is None
        assert page.run("sh subscribe.sh") == "webhook created successfully\n"
        page.run("sh send.sh")
        tokens = [line_with(receiver.stdout, "Bearer").split()[1] for _ in range(2)]
        for token in tokens:
            assert page.run("sh verify.sh", TOKEN=token) == "verified\n"
        hook = f"http://127.0.0.1:{page.ports['8001']}/webhook"
        assert [token for token in forged(hook) if verifies(page, token)] == []
        with page.terminal("httpsms-harness phone", PHONE_KEY=phone_key) as phone:
            line_with(phone.stderr, "logged in")
            page.run("sh encrypted.sh")
            assert SHOWN + "Your code is 1234" in line_with(phone.stderr, SHOWN)
            text_from_a_contact(page, phone)
            line_with(receiver.stdout, "message.phone.received")
            assert page.run("sh decrypted.sh") == "Thank you\n"
    promised(page, SHOWN + "Hello", "verified", SHOWN + "Your code is 1234", "Thank you", "message.phone.received")
    assert page.unused == []


def verifies(page: Page, token: str) -> bool:
    command = ["sh", str(page.folder / "verify.sh"), token]
    return subprocess.run(command, capture_output=True, timeout=30, check=False).returncode == 0


def test_every_quick_start_is_tested_and_linked_from_the_readme() -> None:
    tested = {"curl", "vectors", *(language.page for language in LANGUAGES)}  # vectors: test_vector_loops.py
    assert {path.stem for path in PAGES.glob("*.md")} == tested
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\]\(docs/quick-starts/(\w+)\.md\)", readme)) == tested
