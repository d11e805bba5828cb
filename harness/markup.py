"""Texts of strangers inside HTML, XML and JUnit: how they are written so that they stay texts."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any, TypeAlias
from xml.etree import ElementTree

__all__ = [
    "Element",
    "added",
    "counted",
    "html_text",
    "policy_sum",
    "script_json",
    "to_xml",
    "with_properties",
    "xml_text",
]

Element: TypeAlias = "ElementTree.Element[str]"

# What XML 1.0 has no way to write down, and the line ends that its parsers turn into others.
_UNWRITABLE = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Half a letter; a command to some terminal, in the source of a page; what turns the texts behind it round.
_UNSEEN = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


# -- HTML --------------------------------------------------------------------------------------------------------------


def html_text(text: str) -> str:
    """A text for an element or for a quoted attribute; what no page has, such as half a surrogate pair, is U+FFFD."""
    return escape(_UNSEEN.sub("\ufffd", text))


def script_json(data: Any) -> str:
    """JSON, ASCII only, that no HTML parser takes for the end of its element, or for a comment."""
    text = json.dumps(data, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def policy_sum(text: str) -> str:
    """How a content security policy names this very script or style."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


# -- XML, and JUnit's -------------------------------------------------------------------------------------------------


def xml_text(text: str) -> str:
    """What XML cannot hold is escaped as JSON would."""
    return _UNWRITABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def added(parent: Element, tag: str, text: str = "", **attributes: str) -> Element:
    """A new child, whatever stands in its texts."""
    child = ElementTree.SubElement(parent, tag, {name: xml_text(value) for name, value in attributes.items()})
    if text:
        child.text = xml_text(text)
    return child


def with_properties(parent: Element, properties: Iterable[tuple[str, str]]) -> None:
    """JUnit's properties, if there are any."""
    known = list(properties)
    if known:
        holder = added(parent, "properties")
        for name, value in known:
            added(holder, "property", name=name, value=value)


def counted(element: Element, suites: Sequence[Element]) -> None:
    """Writes into a suite, or into all of them, how many test cases there are, and how they went."""
    counts = {
        "tests": sum(len(suite.findall("testcase")) for suite in suites),
        "failures": sum(len(suite.findall("testcase/failure")) for suite in suites),
        "errors": sum(len(suite.findall("testcase/error")) for suite in suites),
        "skipped": sum(len(suite.findall("testcase/skipped")) for suite in suites),
    }
    for name, number in counts.items():
        element.set(name, str(number))


def to_xml(root: Element) -> str:
    """The document, indented, with its declaration."""
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True)
