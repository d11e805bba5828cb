"""harness.wire.cell_formats: what a cell shows. Expected texts are those of excelize 2.11, which the server uses."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from openpyxl.styles.numbers import BUILTIN_FORMATS as BUILT_IN

from harness.wire.cell_formats import number_text, shown, shown_text

ACCOUNTING = BUILT_IN[43]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1, "1"),
        (1.5, "1.5"),
        (-0.25, "-0.25"),
        (1e3, "1000"),
        (0.30000000000000004, "0.3"),
        (18005550100, "18005550100"),
        (18005550100.0, "18005550100"),
        (12345678901234567, "1.23456789012346E+16"),
    ],
)
def test_a_number_without_a_format_has_at_most_15_digits(value: float, text: str) -> None:
    assert number_text(value) == text


@pytest.mark.parametrize(
    ("code", "value", "text"),
    [
        ("General", 18005550100, "18005550100"),
        ("general", 447911123456, "4.479111235E+11"),
        ("General", -1234.5, "-1234.5"),
        ("0", 0.5, "1"),
        ("0", -1234.5, "-1235"),
        ("00000", 12, "00012"),
        ("#", 0, "0"),
        ("0.00", 45000, "45000.00"),
        ("0.0#", 1.25, "1.25"),
        ("0.0#", 1, "1.0"),
        ("#.##", 0.5, "0.5"),
        ("#,##0", 1234567.891, "1,234,568"),
        ("#,##0.00", -1234.5, "-1,234.50"),
        ("0,", 1234567.891, "1235"),
        ("0%", 0.5, "50%"),
        ("0.00%", 99.995, "9999.50%"),
        ("0.00E+00", 1234567.891, "1.23E+06"),
        ("0.00E+00", 1e300, "1.00E+300"),
        ("+0", 18005550100, "+18005550100"),
        ("+#", 18005550100, "+18005550100"),
        ('"+"0', 18005550100, "+18005550100"),
        ("\\+0", 1, "+1"),
        ("(000) 000-0000", 8005550100, "(800) 555-0100"),
        ("###-####", 18005550100, "1800555-0100"),
        ("000-00-0000", 123456789, "123-45-6789"),
        ('0 "pcs"', 5, "5 pcs"),
        ("$#,##0.00", 5, "$5.00"),
        ("[$€-407]#,##0.00", 5, "€5.00"),
        ("#,##0_);(#,##0)", 1000, "1,000 "),
        ("#,##0_);(#,##0)", -1000, "(1,000)"),
        ("#,##0_);[Red](#,##0)", -1000, "(1,000)"),
        (ACCOUNTING, -1234.5, " (1,234.50)"),
        ("General;-General", -1, "-1"),
        ("yyyy-mm-dd;yyyy", -1, "-1"),
        ("@", 1.5, "1.5"),
        ("0." + "0" * 200, 1, "1." + "0" * 200),
    ],
)
def test_digits_are_laid_out_by_the_format(code: str, value: float, text: str) -> None:
    assert shown(value, code) == text


@pytest.mark.parametrize(
    ("code", "value", "text"),
    [
        ("yyyy-mm-dd", 46351.4375, "2026-11-25"),
        ("yyyy-mm-dd hh:mm:ss", 46351.4375, "2026-11-25 10:30:00"),
        ("yyyy-mm-dd\\Thh:mm:ss", 46351.4375, "2026-11-25T10:30:00"),
        ('yyyy-mm-dd"T"hh:mm:ss"Z"', 46351.4375, "2026-11-25T10:30:00Z"),
        ("yyyy-mm-ddThh:mm:ss", 46351.4375, "2026-11-25T10:30:00"),
        ("dd/mm/yyyy hh:mm", 46351.4375, "25/11/2026 10:30"),
        ("d.m.yyyy", 46351, "25.11.2026"),
        (BUILT_IN[14], 46351, "11-25-26"),
        (BUILT_IN[15], 46351, "25-Nov-26"),
        (BUILT_IN[18], 46351.4375, "10:30 AM"),
        (BUILT_IN[18], 46351, "12:00 AM"),
        (BUILT_IN[19], 45000.5, "12:00:00 PM"),
        (BUILT_IN[22], 46351.4375, "11/25/26 10:30"),
        (BUILT_IN[45], 46351.4375, "30:00"),
        (BUILT_IN[46], 1.25, "30:00:00"),
        ("[mm]:ss", 0.5, "720:00"),
        ("[ss]", 0.5, "43200"),
        ("dddd, mmmm dd, yyyy", 46351, "Wednesday, November 25, 2026"),
        ("ddd d mmmmm yy", 46351, "Wed 25 N 26"),
        ("[$-409]d-mmm-yy;@", 46351, "25-Nov-26"),
        ("[$-409]h:mm AM/PM", 46351.99, "11:45 PM"),
        ("hh:mm:ss.000", 46351.4375, "10:30:00.000"),
        ("hh:mm:ss", 46351.99999, "23:59:59"),
        ("yyyy-mm-dd hh:mm:ss", 46351.999994213, "2026-11-25 23:59:59"),
        ("yyyy-mm-dd", 0, "1900-01-00"),
        ("yyyy-mm-dd", 59, "1900-02-28"),
        ("yyyy-mm-dd", 61, "1900-03-01"),
        ("dddd", 1, "Sunday"),
        ("yyyy-mm-dd", 2958465, "9999-12-31"),
        ("yyyy-mm-dd", -1, "-1"),
        ("yyyy #", 46351, "46351"),
    ],
)
def test_dates_and_times_are_written_by_the_format(code: str, value: float, text: str) -> None:
    assert shown(value, code) == text


@pytest.mark.parametrize(
    ("code", "value", "text"),
    [
        ("# ??/??", 0.5, "0.5"),
        ("[<=9999999]###-####;(###) ###-####", 18005550100, "18005550100"),
        ("yyyy-mm-dd", 2958466, "2958466"),
        ("yyyy-mm-dd", 2958465.999999, "2958465.999999"),
    ],
)
def test_what_is_not_known_here_is_the_bare_value(code: str, value: float, text: str) -> None:
    assert shown(value, code) == text


@pytest.mark.parametrize(
    ("code", "text"),
    [("General", "abc"), ("0.00", "abc"), ("@", "abc"), ('"x"@', "xabc"), ("0;-0;;@", "abc"), (ACCOUNTING, " abc ")],
)
def test_a_text_has_its_own_section(code: str, text: str) -> None:
    assert shown_text("abc", code) == text


_CODES = st.lists(
    st.sampled_from([*'ymdhsYAP0#?.,%E+-@;[]"\\_*/$ :x', "General", "AM/PM", "[h]", "[$-409]"]), max_size=12
)


@example(1e300, "0" + "%" * 300)
@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**20), 10**20), _CODES.map("".join))
def test_any_code_shows_something(value: float, code: str) -> None:
    assert isinstance(shown(value, code), str)
