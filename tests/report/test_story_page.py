"""The story page in a browser: what a person sees in it, and does with it.

A browser takes a second for each test: the first looks are here, the others are for `make soak`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.adapters.report_files import assets
from harness.adapters.scenario_files import read_file
from harness.outcome import Outcome
from harness.report import story_page
from harness.testing import run_scenario
from tests.report.outcomes import hostile, long

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
DESK, PHONE = (1400, 1000), (360, 780)
# A code is lost with its push; what others write arrives. Then a day goes by, and nobody hears of it.
STORIES = r"""
scenario: The customer hears of a lost code
tags: [otp]
phones:
  shop: {message_expiration: 10m, max_send_attempts: 1, encryption_key: Password123}
contacts: [bob, carol]
steps:
  - send: {from: shop, to: carol, text: Your order is on its way}
    as: order
  - expect: {sms: {to: carol}}
  - network: {fault: lost-push, phone: shop}
  - send: {from: shop, to: bob, text: "Your code is 1234 </script><img src=x onerror=alert(1)>"}
    as: code
  - expect: {sms: {to: bob, text: {contains: code}}}
    within: 24h
---
scenario: All is well
phones: {shop: {}}
contacts: [bob]
steps:
  - send: {from: shop, to: bob, text: hi}
    as: greeting
  - expect: {message: greeting, status: delivered}
---
scenario: Needs a device
skip: no device is connected
phones: {shop: {}}
contacts: [bob]
steps:
  - send: {from: shop, to: bob, text: hi}
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if path is None:
        pytest.skip("no Chromium here")
    playwright = pytest.importorskip("playwright.sync_api", reason="no Playwright here")
    # Whoever is root gets no sandbox, and CI often is.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=path, args=arguments)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> list[Outcome]:
    file = tmp_path_factory.mktemp("stories") / "codes.scenario.yaml"
    file.write_text(STORIES, encoding="utf-8")
    return [run_scenario(story, 7) for story in read_file(file)]


@pytest.fixture
def report(outcomes: list[Outcome], tmp_path: Path) -> Path:
    return _written(outcomes, tmp_path)


def _written(outcomes: list[Outcome], folder: Path) -> Path:
    file = folder / "report.html"
    file.write_text(story_page(outcomes, assets()), encoding="utf-8")
    return file


@contextmanager
def opened(
    browser: Browser, file: Path, *, address: str = "", size: tuple[int, int] = DESK, **settings: Any
) -> Iterator[Page]:
    """The page as somebody sees it who opened the file. Nothing may go wrong in it, and nothing is ever asked for."""
    width, height = size
    context = browser.new_context(viewport={"width": width, "height": height}, **settings)
    page = context.new_page()
    page.set_default_timeout(20_000)
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri() + address)
    yield page
    assert said == []
    assert asked == [file.as_uri()]
    context.close()


def _entry(page: Page, kind: str) -> Any:
    return page.locator(".row[data-entry]", has_text=kind).first


def _width(page: Page) -> int:
    width: int = page.evaluate("document.documentElement.scrollWidth")
    return width


def test_the_missing_step_and_the_failed_expectation_stand_at_the_top(browser: Browser, report: Path) -> None:
    with opened(browser, report) as page:
        assert page.locator("#missing").inner_text() == "the push reaches the phone phone: pushed"
        top = page.locator("#missing").bounding_box()
        assert top is not None
        assert top["y"] < 250
        card = page.locator("section.verdict").inner_text()
        assert "expect: {sms: {to: bob, text: {contains: code}}}" in card
        assert "codes.scenario.yaml:14" in card
        assert page.locator(".life .gap").first.inner_text() == "✗ the push reaches the phone"
        assert "--seed 7" in page.locator(".repeat code").inner_text()
        assert page.title() == "✗ The customer hears of a lost code"


def test_the_story_is_drawn_as_lanes_with_steps_and_with_gaps_told_in_words(
    browser: Browser, report: Path, tmp_path: Path
) -> None:
    with opened(browser, report, size=(1400, 3000)) as page:
        heads = page.locator(".heads span").all_inner_texts()
        assert heads == ["client", "gateway", "push", "phone", "radio", "contact", "webhook"]
        assert page.locator(".row.step").count() == 5
        assert page.locator(".row.step.failed code").inner_text().startswith("expect: {sms: {to: bob")
        assert page.locator(".gap-row").count() > 3
        assert page.locator("#ghost").inner_text().strip() == "missing: the push reaches the phone"
        # From the lane of the cause to the lane of the entry.
        sent, asked = _entry(page, "send"), _entry(page, "POST /v1/messages/send")
        assert page.locator("svg path.head").count() > 5
        left, right = (each.locator(".text").bounding_box()["x"] for each in (sent, asked))
        assert right - left > 60
        page.screenshot(path=tmp_path / "story.png", full_page=True)
    assert (tmp_path / "story.png").stat().st_size > 50_000


WHOLE = """
scenario: A reason that does not come
phones: [shop]
contacts: [bob]
steps:
  - send: {from: shop, to: bob, text: hi}
    as: greeting
  - expect: {sms: {to: bob, text: hello}}
    within: 500ms
"""
NO_MESSAGE = """
scenario: Nothing is sent
phones: [shop]
contacts: [bob]
steps:
  - advance: 1h
"""


@pytest.mark.soak
def test_a_message_that_arrived_whole_bears_no_cross_and_the_page_shows_where_the_story_failed(
    browser: Browser, tmp_path: Path
) -> None:
    with opened(browser, _told(WHOLE, tmp_path)) as page:
        assert page.locator(".chip .alarm").count() == 0
        assert page.locator("#end").inner_text().startswith("✗ the story failed here")
        end, last = page.locator("#end").bounding_box(), page.locator(".row[data-entry]").last.bounding_box()
        assert end is not None
        assert last is not None
        assert end["y"] < last["y"]
        sizes = [float(_style(page, f".verdict .step {part}", "fontSize")[:-2]) for part in ("code", ".place")]
        assert sizes[0] > sizes[1]
        assert page.locator("details.steps summary").inner_text() == "Steps (2, and 2 of the set-up)"


@pytest.mark.soak
def test_a_story_whose_missing_step_is_its_end_needs_no_other_mark(browser: Browser, report: Path) -> None:
    with opened(browser, report) as page:
        assert page.locator(".chip .alarm").count() == 1
        assert "code" in page.locator(".chip", has=page.locator(".alarm")).inner_text()


@pytest.mark.soak
def test_where_there_is_no_message_there_is_no_heading_of_one(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, _told(NO_MESSAGE, tmp_path)) as page:
        assert page.locator("#story h3").count() == 0
        assert page.locator(".row[data-entry], .row.fold").count() > 0


def _told(story: str, folder: Path) -> Path:
    file = folder / "s.scenario.yaml"
    file.write_text(story, encoding="utf-8")
    return _written([run_scenario(story, 7) for story in read_file(file)], folder)


def _style(page: Page, selector: str, name: str) -> str:
    style: str = page.locator(selector).first.evaluate(f"each => getComputedStyle(each).{name}")
    return style


@pytest.mark.soak
def test_without_javascript_the_page_says_why_a_story_failed(browser: Browser, report: Path) -> None:
    with opened(browser, report, java_script_enabled=False) as page:
        told = page.locator("main").inner_text()
        assert "missing: the push reaches the phone (phone: pushed)" in told
        assert "not seen within" in told


@pytest.mark.soak
def test_a_day_does_not_stretch_the_page(browser: Browser, report: Path) -> None:
    with opened(browser, report) as page:
        # Its heartbeats are folded, and can be seen.
        height: int = page.evaluate("document.querySelector('.chart').offsetHeight")
        assert height < 3_000
        beats = page.locator(".row.fold", has_text="about no message").last
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        assert "in 23 h" in beats.inner_text()
        beats.click()
        assert page.evaluate("document.querySelector('.chart').offsetHeight") > 6_000
        assert "1 day of virtual time" in page.locator("p.meta").inner_text()


def test_of_one_message_everything_else_fades(browser: Browser, report: Path) -> None:
    with opened(browser, report) as page:
        page.locator(".chip", has_text="code").click()
        assert page.locator(".chip[aria-pressed=true]").count() == 1
        assert "dim" in str(_entry(page, "“Your order").get_attribute("class"))
        page.locator("#alone").click()
        assert page.locator(".row[data-entry].dim").count() == 0
        assert page.locator(".row[data-entry]", has_text="lost").count() == 1
        page.locator("#everything").click()
        assert page.locator(".chip[aria-pressed=true]").count() == 0
        assert page.locator(".row.dim").count() == 0


def test_an_entry_shows_request_and_answer(browser: Browser, report: Path) -> None:
    with opened(browser, report) as page:
        _entry(page, "POST /v1/messages/send").click()
        panel = page.locator("#panel")
        request, answer = panel.locator("pre").all_inner_texts()
        assert '"content": "Your order is on its way"' in request
        assert '"status": "pending"' in answer
        # Its cause is one click away, and so is what it led to.
        panel.locator(".links button", has_text="client: send").click()
        assert panel.locator("h2").inner_text() == "send"
        panel.locator(".close").click()
        assert panel.is_hidden()


@pytest.mark.soak
def test_an_entry_shows_times_in_words_and_nothing_of_the_harness(browser: Browser, report: Path) -> None:
    with opened(browser, report) as page:
        _entry(page, "message.notification.scheduled").click()
        names = page.locator("#panel dt").all_inner_texts()
        facts = dict(zip(names, page.locator("#panel dd").all_inner_texts(), strict=True))
        assert facts["wait"] == "0 ms"
        assert facts["status"] == "scheduled"
        assert not {"wait_ns", "thread", "order_moved_ns"} & facts.keys()


@pytest.mark.soak
def test_a_push_and_a_webhook_show_what_was_said(browser: Browser, report: Path) -> None:
    with opened(browser, report) as page:
        page.locator(".row[data-entry][aria-label*='push: accepted']").first.click()
        assert "KEY_MESSAGE_ID" in page.locator("#panel pre").inner_text()
        assert "[hidden]" in page.locator("#panel pre").inner_text()
        page.keyboard.press("Escape")
        page.locator(".row[data-entry][aria-label*='webhook: message.phone.sent']").first.click()
        assert '"type": "message.phone.sent"' in page.locator("#panel pre").first.inner_text()


def test_everything_can_be_done_with_the_keyboard(browser: Browser, report: Path) -> None:
    with opened(browser, report) as page:
        page.locator(".chip").first.focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Enter")
        assert "code" in page.locator(".chip[aria-pressed=true]").inner_text()
        page.keyboard.press("Escape")
        assert page.locator(".chip[aria-pressed=true]").count() == 0
        # One stop of the tabulator in the whole chart; arrows lead on.
        assert page.locator(".chart [tabindex='0']").count() == 1
        page.locator(".chart [tabindex='0']").focus()
        for _ in range(2):
            page.keyboard.press("ArrowDown")
        assert "POST /v1/messages/send" in page.locator(":focus").inner_text()
        page.keyboard.press("ArrowLeft")
        assert "client: send" in str(page.locator(":focus").get_attribute("aria-label"))
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Enter")
        assert page.locator("#panel h2").inner_text() == "POST /v1/messages/send"
        page.keyboard.press("Escape")
        assert page.locator("#panel").is_hidden()
        assert "POST /v1/messages/send" in page.locator(":focus").inner_text()


@pytest.mark.soak
def test_stories_are_found_by_their_end_and_by_words(browser: Browser, report: Path) -> None:
    with opened(browser, report) as page:
        listed = page.locator("#list a:visible")
        assert listed.count() == 3
        page.locator("#filters button", has_text="skipped").click()
        assert listed.all_inner_texts()[0].startswith("–\nNeeds a device")
        page.locator("#filters button", has_text="all").click()
        page.keyboard.press("/")
        page.keyboard.type("otp")
        assert listed.count() == 1
        page.keyboard.type("nothing")
        assert page.locator("#none").is_visible()
        page.keyboard.press("Escape")
        listed.nth(1).click()
        assert page.locator("#story h2").inner_text() == "All is well"
        assert page.locator("section.verdict").count() == 0
        listed.nth(2).click()
        assert "no device is connected" in page.locator("section.verdict").inner_text()


@pytest.mark.soak
def test_an_address_leads_to_a_story_a_message_and_an_entry(browser: Browser, report: Path) -> None:
    with opened(browser, report, address="#story=1&message=0&entry=30") as page:
        assert page.locator("#story h2").inner_text() == "All is well"
        assert page.locator(".chip[aria-pressed=true]").count() == 1
        assert page.locator("#panel").is_visible()


def _ground(page: Page) -> str:
    colour: str = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return colour


@pytest.mark.soak
def test_it_is_dark_where_that_is_asked_for_and_can_be_turned(browser: Browser, report: Path) -> None:
    light, dark = "rgb(246, 247, 249)", "rgb(17, 21, 26)"
    with opened(browser, report, color_scheme="dark") as page:
        assert _ground(page) == dark
        page.locator("#theme").click()
        assert _ground(page) == light
    with opened(browser, report, color_scheme="light") as page:
        assert _ground(page) == light
        page.locator("#theme").click()
        assert _ground(page) == dark


@pytest.mark.soak
def test_on_a_phone_the_lanes_are_a_list(browser: Browser, report: Path) -> None:
    with opened(browser, report, size=PHONE) as page:
        assert _width(page) == PHONE[0]
        assert page.locator(".heads").is_hidden()
        page.locator("#lanes").evaluate("lanes => lanes.scrollIntoView()")
        row = _entry(page, "POST /v1/messages/send")
        assert row.locator(".hop").inner_text() == "api"
        row.click()
        assert page.locator("#panel pre").count() == 2
        assert _width(page) == PHONE[0]


def test_what_strangers_wrote_is_shown_and_not_run(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, _written([hostile()], tmp_path)) as page:
        assert page.locator("img").count() == 0
        assert "<img src=x onerror=alert(1)>" in page.locator("#story h2").inner_text()
        _entry(page, "send").click()
        assert "<img src=x onerror=alert(1)>" in page.locator("#panel dl").inner_text()


@pytest.mark.soak
def test_a_story_of_five_thousand_entries_shows_what_is_in_sight(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, _written([long(5_000)], tmp_path)) as page:
        drawn = page.locator(".row")
        assert 20 < drawn.count() < 300
        page.keyboard.press("End")
        page.locator(".row[data-entry='4999']").wait_for()
        assert drawn.count() < 300


@pytest.mark.soak
def test_printed_it_has_every_entry_and_no_controls(browser: Browser, report: Path) -> None:
    with opened(browser, report) as page:
        page.emulate_media(media="print")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        entries: int = page.evaluate("JSON.parse(document.getElementById('data-0').textContent).entries.length")
        set_up: int = page.evaluate("JSON.parse(document.getElementById('data-0').textContent).setup")
        # All but those that are folded, and but the failed step, which has its own row.
        assert page.locator(".row[data-entry]").count() > 40
        assert page.locator(".row[data-entry]").count() < entries - set_up
        assert page.locator("#ghost").count() == 1
        assert page.locator("#list").is_hidden()
        assert page.locator("#theme").is_hidden()
