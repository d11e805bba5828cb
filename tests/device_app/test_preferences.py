"""Android's file of shared preferences."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.device_app import Preference, changed, parsed, rendered
from harness.errors import MalformedAdb

TEXTS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], include_characters="\t\n\r", exclude_characters="\ufffe\uffff")
)
SETTINGS = st.one_of(
    TEXTS.map(lambda text: Preference("string", text)),
    st.booleans().map(lambda on: Preference("boolean", on)),
    st.integers(-(2**31), 2**31 - 1).map(lambda number: Preference("int", number)),
    st.integers(-(2**63), 2**63 - 1).map(lambda number: Preference("long", number)),
    st.lists(TEXTS, max_size=3).map(lambda members: Preference("set", tuple(members))),
)
ONE = (
    b"<?xml version='1.0' encoding='utf-8' standalone='yes' ?>\n"
    b'<map>\n    <boolean name="A" value="true" />\n</map>\n'
)


@given(st.dictionaries(TEXTS.filter(lambda name: not set(name) & set("\t\n\r")), SETTINGS, max_size=5))
def test_what_is_written_reads_as_it_was(settings: dict[str, Preference]) -> None:
    assert parsed(rendered(settings)) == settings


def test_the_file_looks_as_android_writes_it() -> None:
    assert rendered({"A": Preference("boolean", True)}) == ONE


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"<map><string>x</string></map>", "no name"),
        (b"<map><boolean name='A' value='yes' /></map>", "A"),
        (b"<map><int name='A' value='2147483648' /></map>", "A"),
        (b"<map><long name='A' /></map>", "A"),
        (b"<map><float name='A' value='x' /></map>", "A"),
        (b"<map><other name='A' /></map>", "A"),
        (b"<list></list>", "<list>"),
        (b"<map>", "no XML"),
        (b"<!DOCTYPE map [<!ENTITY a 'b'>]><map/>", "document type"),
    ],
)
def test_what_android_would_not_read_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(MalformedAdb, match=why):
        parsed(data)


def test_an_empty_file_has_no_settings() -> None:
    assert parsed(b"") == {}


def test_a_change_to_none_takes_a_setting_away_and_others_stay() -> None:
    before = {"A": Preference("int", 1), "B": Preference("int", 2)}
    assert changed(before, {"A": None, "C": Preference("int", 3)}) == {
        "B": Preference("int", 2),
        "C": Preference("int", 3),
    }


def test_no_value_is_shown() -> None:
    assert "pk_secret" not in repr(Preference("string", "pk_secret"))
    with pytest.raises(ValueError, match=r"^KEY has a character") as error:
        rendered({"KEY": Preference("string", "pk_secret\x00")})
    assert "pk_secret" not in str(error.value)
