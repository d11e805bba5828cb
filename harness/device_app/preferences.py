"""Android's file of shared preferences: read, changed, written.

Its form is that of Android's XmlUtils: a `map` of `string`, `set`, `boolean`, `int`, `long` and `float` by name. What
is in it may be a secret, so no error shows a value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from typing import Literal
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

from harness.errors import MalformedAdb
from harness.frozen import frozen

__all__ = ["FILE", "FOLDER", "Kind", "Preference", "Preferences", "changed", "parsed", "rendered"]

FOLDER = "shared_prefs"
FILE = f"{FOLDER}/com.httpsms_preferences.xml"
"""Where the app keeps its settings, in its own folder (phone-behaviour.md §9.4)."""

Kind = Literal["string", "boolean", "int", "long", "float", "set"]

_RANGES = {"int": 1 << 31, "long": 1 << 63}
_NEVER_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_HEAD = "<?xml version='1.0' encoding='utf-8' standalone='yes' ?>\n"


@frozen
class Preference:
    """One setting; of a `set` its members."""

    kind: Kind
    value: str | bool | int | float | tuple[str, ...] = field(repr=False)


Preferences = Mapping[str, Preference]
"""The settings by their names."""


def parsed(data: bytes) -> dict[str, Preference]:
    """The settings in a file; none in an empty one. Raises `MalformedAdb` for what Android would not read."""
    if not data.strip():
        return {}
    if b"<!" in data.replace(b"<!--", b""):  # entities that grow are no settings
        raise MalformedAdb("the preferences have a document type of their own")
    try:
        root = ElementTree.fromstring(data)
    except ElementTree.ParseError as error:
        raise MalformedAdb(f"the preferences are no XML: line {error.position[0]}") from None
    if root.tag != "map":
        raise MalformedAdb(f"the preferences are no map, but <{root.tag}>")
    found = {}
    for element in root:
        name = element.get("name")
        if name is None:
            raise MalformedAdb(f"a <{element.tag}> of the preferences has no name")
        if element.tag != "null":
            found[name] = _read(name, element)
    return found


def _read(name: str, element: ElementTree.Element) -> Preference:
    text = element.get("value")
    match element.tag:
        case "string":
            return Preference("string", element.text or "")
        case "set":
            return Preference("set", tuple([member.text or "" for member in element]))
        case "boolean" if text in ("true", "false"):
            return Preference("boolean", text == "true")
        case ("int" | "long") as kind if text is not None and re.fullmatch(r"-?[0-9]{1,19}", text):
            if -_RANGES[kind] <= int(text) < _RANGES[kind]:
                return Preference(kind, int(text))
        case "float" if text is not None and _is_float(text):
            return Preference("float", float(text))
    raise MalformedAdb(f"the preference {name} is no {element.tag} that Android would read")


def _is_float(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def rendered(settings: Preferences) -> bytes:
    """The file with these settings. Raises `ValueError`, without the value, for a text that no XML can hold."""
    lines = "".join([f"    {_element(name, setting)}\n" for name, setting in settings.items()])
    return f"{_HEAD}<map>\n{lines}</map>\n".encode()


def _element(name: str, setting: Preference) -> str:
    value, called = setting.value, quoteattr(_checked(name, name))
    match value:
        case str():
            return f"<string name={called}>{_text(name, value)}</string>"
        case tuple():
            members = "".join([f"<string>{_text(name, member)}</string>" for member in value])
            return f"<set name={called}>{members}</set>"
        case bool():
            return f'<{setting.kind} name={called} value="{str(value).lower()}" />'
        case _:
            return f'<{setting.kind} name={called} value="{value}" />'


def _text(name: str, value: str) -> str:
    """A carriage return would come back as a line feed."""
    return escape(_checked(name, value), {"\r": "&#13;"})


def _checked(name: str, value: str) -> str:
    if _NEVER_XML.search(value):
        raise ValueError(f"{name} has a character that no preferences can hold")
    return value


def changed(settings: Preferences, changes: Mapping[str, Preference | None]) -> dict[str, Preference]:
    """The settings with some others, and without those whose change is None."""
    both = {**settings, **changes}
    return {name: setting for name, setting in both.items() if setting is not None}
