from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.fake_device.shell_language import Plain, ShellSyntaxError, Simple, Variable, parse


def _only(text: str) -> Simple:
    (command,) = parse(text).lists[0].pipelines[0][1].commands
    assert isinstance(command, Simple)
    return command


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("a", (Plain("a"),)),
        ("'a b'", (Plain("a b", True),)),
        (r"a\ b", (Plain("a"), Plain(" ", True), Plain("b"))),
        ("''", (Plain("", True),)),
        ("$?", (Variable("?"),)),
        ("${X:-y}", (Variable("X", False, "y"),)),
        ("$", (Plain("$"),)),
    ],
)
def test_a_word_is_read_piece_by_piece(text: str, word: object) -> None:
    assert _only(text).words == (word,)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("echo 'a", "no closing quote"),
        ('echo "a', "no closing quote"),
        ("echo `a", "no closing quote"),
        ("echo ${a", "no closing quote"),
        ("| a", "unexpected '|'"),
        ("a ||", "unexpected EOF"),
        ("a |", "unexpected EOF"),
        ("(a", "unexpected EOF"),
        ("( )", "unexpected ')'"),
        ("a )", "unexpected ')'"),
        ("a ;; b", "unexpected ';;'"),
        ("a >", "unexpected EOF"),
        ("a > ; b", "unexpected ';'"),
        ("}", "unexpected '}'"),
        ("if true; then a; fi", "if: not known to this fake device"),
        ("cat << EOF", "<<: not known"),
        ("echo $((1+1))", "$((: not known"),
        ("echo $'a'", "$': not known"),
        ("echo ${a%b}", "bad substitution"),
        ("((1))", "((: not known"),
        ("{ " * 50 + "a" + "; }" * 50, "nested too deeply"),
        ("echo " + "$(" * 50 + "a" + ")" * 50, "nested too deeply"),
    ],
)
def test_what_cannot_be_read_is_said_in_the_shells_words(text: str, says: str) -> None:
    with pytest.raises(ShellSyntaxError, match=r".*") as error:
        parse(text)
    assert says in str(error.value)


@given(st.text(alphabet=st.sampled_from("ab '\"\\$`;&|<>(){}!#\n=?{0-:"), max_size=40))
def test_any_text_is_a_script_or_a_syntax_error(text: str) -> None:
    with suppress(ShellSyntaxError):
        parse(text)
