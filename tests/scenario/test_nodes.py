"""Bytes become nodes with places, and what is no YAML for us is refused before it costs anything."""

from __future__ import annotations

import time
from typing import Any

import pytest
import yaml

from harness.errors import ScenarioError
from harness.scenario.nodes import SIZE_MAX, Node, compose
from harness.scenario.source import Source, masked

LOADERS = [yaml.SafeLoader, *([yaml.CSafeLoader] if yaml.__with_libyaml__ else [])]


def composed(content: str | bytes, loader: Any = yaml.SafeLoader) -> list[Node]:
    source = Source("s.yaml")
    with source.whole():
        return compose(content.encode() if isinstance(content, str) else content, source, loader)
    raise AssertionError("unreachable")


def values(node: Node) -> Any:
    """The node without its places; what has no quotes is in angles."""
    match node.kind:
        case "list":
            return [values(child) for child in node.children]
        case "mapping":
            parts = [values(child) for child in node.children]
            return list(zip(parts[::2], parts[1::2], strict=True))
        case _:
            return f"<{node.text}>" if node.plain else node.text


# -- values --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("a: 1", [[("<a>", "<1>")]]),
        ("a: yes\nb: ~\nc: null\nd: 1e3", [[("<a>", "<yes>"), ("<b>", "<~>"), ("<c>", "<null>"), ("<d>", "<1e3>")]]),
        ("on: +18005550199", [[("<on>", "<+18005550199>")]]),
        ("a: '1'\nb: \"2\"", [[("<a>", "1"), ("<b>", "2")]]),
        ("a: |\n  one\n  two\n", [[("<a>", "one\ntwo\n")]]),
        ("a: one\n  two", [[("<a>", "<one two>")]]),
        ("a:", [[("<a>", "<>")]]),
        ('a: ""', [[("<a>", "")]]),
        ("- {a: [1, x]}", [[[("<a>", ["<1>", "<x>"])]]]),
        ("a: 1\na: 2", [[("<a>", "<1>"), ("<a>", "<2>")]]),
        ('a: "\\x07\\u00e9\\U0001F600"', [[("<a>", "\x07é😀")]]),
        ("a: é😀", [[("<a>", "<é😀>")]]),
        # Several documents, empty ones among them.
        ("---\na\n---\n---\n- b\n...\n---\n", ["<a>", ["<b>"]]),
        ("\ufeffa: 1", [[("<a>", "<1>")]]),
        ("a: 1\r\nb: 2\r\n", [[("<a>", "<1>"), ("<b>", "<2>")]]),
        ("# only\na: 1 # here", [[("<a>", "<1>")]]),
    ],
)
def test_nothing_is_resolved(loader: Any, content: str, expected: Any) -> None:
    assert [values(node) for node in composed(content, loader)] == expected


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize("start", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x85", "\u2028"])
def test_places_are_those_of_an_editor(loader: Any, start: str, end: str) -> None:
    (root,) = composed(start + end.join(["a: é", "b:", "  - {c: 1}"]), loader)
    a, e, b, items = root.children
    assert [(node.line, node.column) for node in (root, a, e, b, items)] == [(0, 0), (0, 0), (0, 3), (1, 0), (2, 2)]
    (mapping,) = items.children
    assert [(node.line, node.column) for node in (mapping, *mapping.children)] == [(2, 4), (2, 5), (2, 8)]


# -- refusals ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize(
    ("content", "place", "problem"),
    [
        (b"", (1, 1), "the file is empty"),
        (b"\xef\xbb\xbf", (1, 1), "the file is empty"),
        (b"# a\n", (1, 1), "the file is empty"),
        (b"---\n---\n", (1, 1), "the file is empty"),
        (b"a\nb: \xff", (2, 4), "byte 0xff is not UTF-8"),
        (b"\xef\xbb\xbfa\r\n\xc3\xa9\xe9", (2, 2), "byte 0xe9 is not UTF-8"),
        (b"\xef\xbb", (1, 1), "byte 0xef is not UTF-8"),
        (b"\xff\xfea\0", (1, 1), "byte 0xff is not UTF-8"),
        (b"a: \xed\xa0\xbd", (1, 4), "byte 0xed is not UTF-8"),
        (b"a\r\nb\x1b", (2, 2), "the character U+001B has no place in YAML"),
        (b"a\x0b\x0cb\0", (1, 2), "the character U+000B has no place in YAML"),
        ("a\né\ufeff".encode(), (2, 2), "the character U+FEFF has no place in YAML"),
        ("a: \ufffe".encode(), (1, 4), "the character U+FFFE has no place in YAML"),
        (b"a: &b c", (1, 4), "an anchor (b)"),
        (b"- &b [c]", (1, 3), "an anchor (b)"),
        (b"a: *b", (1, 4), "an alias (b)"),
        (b"a: !b c", (1, 4), "a tag (!b)"),
        (b"a: !!str c", (1, 4), "a tag (tag:yaml.org,2002:str)"),
        (b"a: ! c", (1, 4), "a tag (!)"),
        (b"!!python/object:os.system {}", (1, 1), "a tag (tag:yaml.org,2002:python/object:os.system)"),
        (b"[" * 21 + b"]" * 21, (1, 21), "nested too deeply"),
        (b"- " * 21 + b"a", (1, 41), "nested too deeply"),
        (b"a:\n\t- b", (2, 1), "a tab where YAML wants spaces"),
        (b"a:\n  \t- b", (2, 3), "a tab where YAML wants spaces"),
    ],
)
def test_what_is_no_yaml_for_us_is_refused_at_its_place(
    loader: Any, content: bytes, place: tuple[int, int], problem: str
) -> None:
    with pytest.raises(ScenarioError) as refused:
        composed(content, loader)
    assert (refused.value.line, refused.value.column, refused.value.problem) == (*place, problem)


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize(
    ("content", "place"),
    [
        ("a: 'b\nc: d", (1, 4)),
        ("a: b: c", (1, 5)),
        ("{a: b}}", (1, 7)),
        ("a: @b", (1, 4)),
        ("%YAML 3.0\n---\na", (1, 1)),
        ('a: "\\UFFFFFFFF"', None),
        ('a: "\\ud83d"', None),
        ("a: |\n\tb", (2, 1)),
    ],
)
def test_broken_yaml_is_refused_by_either_parser(loader: Any, content: str, place: tuple[int, int] | None) -> None:
    with pytest.raises(ScenarioError) as refused:
        composed(content, loader)
    if place is not None:
        assert (refused.value.line, refused.value.column) == place


@pytest.mark.parametrize("loader", LOADERS)
def test_the_documents_before_a_break_are_there(loader: Any) -> None:
    source = Source("s.yaml")
    (node,) = compose(b"a: 1\n---\nb: [", source, loader)
    assert values(node) == [("<a>", "<1>")]
    assert source.failures == 1


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize(
    ("content", "shown"),
    [
        ("{key: Secret1, a: b}", "{key: *******, a: b}"),
        ("Encryption_Key: Secret1", "Encryption_Key: *******"),
        ("{X-API-Key: Secret1}", "{X-API-Key: *******}"),
        ("{key: [Secret1, {a: Secret2}], a: b}", "{key: ********* *** *********, a: b}"),
        ("{key: {a: Secret1}}", "{key: *** ********}"),
        ('{variables: {a: Secret1, b: c}, key: "${a}"}', "{variables: {a: *******, b: c}, key: ******}"),
        ('{key: "${a}", variables: {a: "${b}", b: Secret1}}', "{key: ******, variables: {a: ******, b: *******}}"),
        (
            '{key: "${a}", for_each: [{a: Secret1}, {a: [Secret2]}]}',
            "{key: ******, for_each: [{a: *******}, {a: *********}]}",
        ),
        ('{key: "${a}", with: {a: Secret1}, a: b}', "{key: ******, with: {a: *******}, a: b}"),
        ('{variables: {a: Secret1}, key: "${a}", b: [', "{variables: {a: *******}, key: ******, b: ["),
    ],
)
def test_no_excerpt_shows_a_pass_phrase(loader: Any, content: str, shown: str) -> None:
    source = Source("s.yaml")
    compose(content.encode(), source, loader)
    assert "Secret" not in source.lines[0]
    assert source.lines[0] in (shown, masked(shown))


LAUGHS = "a: &a [lol, lol]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(20)
)


@pytest.mark.parametrize(
    "content",
    [
        LAUGHS,
        "[" * SIZE_MAX,
        "{" * SIZE_MAX,
        "- " * (SIZE_MAX // 2),
        "? " * (SIZE_MAX // 2),
        "a" * (SIZE_MAX - 5) + ": 1",
        "key" * (SIZE_MAX // 3 - 5) + ": : 1",
        '"' * SIZE_MAX,
        ":" * SIZE_MAX,
        "&a " * (SIZE_MAX // 3),
        "*a " * (SIZE_MAX // 3),
        "!" * SIZE_MAX,
        "%" * SIZE_MAX,
        " " * SIZE_MAX,
        "\0" * SIZE_MAX,
        "a" * (SIZE_MAX + 1),
    ],
    ids=lambda content: content[:8],
)
def test_a_huge_file_is_refused_fast(content: str) -> None:
    began = time.process_time()
    with pytest.raises(ScenarioError) as refused:
        composed(content, LOADERS[-1])
    assert time.process_time() - began < 5
    assert len(str(refused.value)) < 1000
