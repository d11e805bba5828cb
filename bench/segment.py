"""Texts divided a second by alphabet and length, and TPDUs written and read a second, on one core."""

from __future__ import annotations

import time
from collections.abc import Callable

from table import median_of, show

from harness.instants import SECOND
from harness.sms import (
    SmsConfig,
    deliver_tpdus,
    parse_deliver,
    parse_status_report,
    parse_submit,
    segment,
    status_report_tpdu,
    submit_pdus,
)

TEXTS = 100_000
LENGTHS = (10, 160, 161, 1600, 16_000)
GSM7 = "The price is 5€ for you @ home. "
KINDS = {
    "GSM-7": GSM7,
    "UCS-2": "Привет, как у тебя дела сегодня? ",
    "emoji": "😀👍🏽👩\u200d👩\u200d👧\u200d👦🇩🇪 ok ",
    "Hindi": "नमस्ते क्षमा कीजिए, आपका ऑर्डर भेज दिया गया है। ",
}
TURKEY = SmsConfig.for_operator("28601")
GOAL = 50_000
ALICE, BOB = "+18005550199", "+18005550100"


def per_second(work: Callable[[], object], times: int) -> float:
    began = time.process_time()
    for _ in range(times):
        work()
    return times / (time.process_time() - began)


def text_of(kind: str, length: int) -> str:
    """So many characters (code points)."""
    pattern = KINDS[kind]
    return (pattern * (length // len(pattern) + 1))[:length]


def divided(kind: str, length: int, config: SmsConfig | None = None) -> tuple[float, float, float]:
    text = text_of(kind, length)
    times = max(20, TEXTS // 3 // max(1, length // 40))
    return median_of(3, lambda: per_second(lambda: segment(text, config) if config else segment(text), times))


def round_trips(text: str) -> float:
    def all_three() -> None:
        for tpdu in submit_pdus(BOB, text, 7):
            parse_submit(tpdu)
        for tpdu in deliver_tpdus(ALICE, text, SECOND, 7):
            parse_deliver(tpdu)
        parse_status_report(status_report_tpdu(7, BOB, SECOND, SECOND, 0))

    return per_second(all_three, 5_000)


def shown(figures: tuple[float, float, float]) -> str:
    return f"{figures[1]:9,.0f} texts/s (min {figures[0]:,.0f}, max {figures[2]:,.0f})"


def hundred_thousand() -> float:
    """Seconds for so many different texts of 160 characters."""
    texts = [f"{number:08d}{GSM7 * 5}"[:160] for number in range(TEXTS)]
    began = time.process_time()
    for text in texts:
        segment(text)
    return time.process_time() - began


if __name__ == "__main__":
    rows = []
    for kind in KINDS:
        medians = {}
        for length in LENGTHS:
            figures = divided(kind, length)
            medians[length] = figures[1]
            goal = f"goal ≥ {GOAL:,}" if (kind, length) == ("GSM-7", 160) else ""
            rows.append((f"{kind}, {length:,} characters", shown(figures), goal))
        ratio = (medians[1600] * 1600) / (medians[16_000] * 16_000)
        rows.append((f"{kind}, a character of 16,000 against one of 1,600", f"{ratio:.2f}x", "linear: about 1"))
    rows.append(("GSM-7, 160 characters, Turkish SIM", shown(divided("GSM-7", 160, TURKEY)), ""))
    rows.append((f"{TEXTS:,} texts of 160 characters", f"{median_of(3, hundred_thousand)[1]:.2f} s", "goal ≤ 2 s"))
    for kind, length in (("GSM-7", 160), ("UCS-2", 70), ("GSM-7", 1600), ("UCS-2", 1600)):
        text = text_of(kind, length)
        trips = median_of(3, lambda text=text: round_trips(text))  # type: ignore[misc]
        count = 2 * len(submit_pdus(BOB, text)) + 1
        rows.append(
            (f"{kind}, {length} characters written and read: {count} TPDUs", f"{trips[1] * count:9,.0f} TPDUs/s", "")
        )
    show("segments and TPDUs, one core", rows)
