"""One vector in full, and many in a line each."""

from __future__ import annotations

import pytest

from harness.interop.explain import explain, listing
from harness.interop.layout import columns
from harness.interop.outcomes import Crashed, Decrypted, Encrypted, Refused
from harness.interop.suite import Flag, Vector
from tests.interop.runs import CUT, FLAGS, HELLO, SEALED, hostile

EXPLAINED = {flag.name: flag for flag in FLAGS}
CLIENTS = Vector(
    "17",
    "decrypt",
    "padding",
    '"=" inside',
    ("Padding", "Unknown"),
    "invalid",
    " k",
    "QUJD\u0141RA==",
    outcomes={
        "phone": Refused("a.B", "no"),
        "jvm": Refused("a.B", "no"),
        "node": Decrypted("Hell"),
        "go": Crashed("C"),
    },
)
AGREED = Vector(
    "18",
    "decrypt",
    "text",
    "ASCII",
    (),
    "valid",
    "k",
    "QUJD",
    "Hi",
    outcomes={"phone": Decrypted("Hi"), "go": Decrypted("Hi")},
)
SEALED_BY_ALL = Vector(
    "19", "encrypt", "text", "x", (), "valid", "k", "QUJD", "Hi", bytes(16), outcomes={"node": Encrypted("QUJD")}
)


@pytest.mark.parametrize(
    ("vector", "told"),
    [
        (
            CLIENTS,
            """\
17  padding: "=" inside

  operation   decrypt an envelope
  key         " k"
    in hex    20 6b
  ciphertext  "QUJDŁRA=="
    in hex    51 55 4a 44 c5 81 52 41 3d 3d
  result      invalid: this must be refused
  expected    an error that a caller can handle
  flags       Padding, Unknown

what the real clients do
  phone, jvm  refused: B: no
  node        text "Hell"
  go          CRASH: C

Padding (LENIENCY)
  what    A "=" in the middle.
  risk    A text is cut, and nobody hears of it.
  remedy  Refuse it.
""",
        ),
        (
            AGREED,
            """\
18  text: ASCII

  operation   decrypt an envelope
  key         "k"
  ciphertext  "QUJD"
  result      valid: exactly this must come out
  expected    text "Hi"

what the real clients do
  all of phone, go  exactly the expected text
""",
        ),
        (
            SEALED_BY_ALL,
            """\
19  text: x

  operation  encrypt a text
  key        "k"
  text       "Hi"
  IV         00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
  result     valid: exactly this must come out
  expected   envelope "QUJD", or the same text under an IV of its own

what the real clients do
  node  exactly the expected envelope
""",
        ),
    ],
    ids=["differing", "agreed", "encryption"],
)
def test_a_vector_is_explained(vector: Vector, told: str) -> None:
    assert explain(vector, EXPLAINED, 80) == told


def test_long_values_are_cut_and_say_how_long_they_are() -> None:
    told = explain(Vector("1", "decrypt", "g", "c", (), "valid", "я" * 5000, "A" * 90_000, "x" * 65_536), {}, 80)
    assert "(5,000 characters)" in told
    assert "(10,000 bytes)" in told
    assert "(90,000 characters)" in told
    assert "(65,536 characters)" in told
    assert len(told.splitlines()) < 60


@pytest.mark.parametrize("width", [40, 80, 200])
def test_lines_fit_and_do_nothing_to_a_terminal(width: int) -> None:
    [cell] = hostile().cells
    vector = hostile().runners[0].results[0].vector
    assert cell.encryptor in vector.key
    lines = explain(vector, {flag.name: flag for flag in hostile().flags}, width).splitlines()
    # Labels are words of ours, but the names of flags are not.
    assert all(line.isprintable() for line in lines)
    assert [line for line in lines[:5] if columns(line) > width] == []


def test_a_flag_without_a_risk_shows_none() -> None:
    flag = Flag("Padding", "", "what", "", "")
    assert explain(CUT, {"Padding": flag}, 80).endswith("\nPadding\n  what  what\n")


def test_a_listing_has_a_line_for_each_vector() -> None:
    assert listing([HELLO, CUT, SEALED]) == (
        "id  operation  result   group    comment\n"
        "1   decrypt    valid    text     ASCII\n"
        '2   decrypt    invalid  padding  "=" inside  [Padding]\n'
        "4   encrypt    valid    text     emoji\n"
    )


def test_a_listing_is_cut_where_a_width_is_given() -> None:
    assert listing([CUT], 45).splitlines()[1] == '2   decrypt    invalid  padding  "=" inside …'


def test_a_vector_of_a_stranger_is_one_line_of_a_listing() -> None:
    told = listing([report.results[0].vector for report in hostile().runners if report.results])
    assert len(told.splitlines()) == 5
    assert told.replace("\n", "").isprintable()
