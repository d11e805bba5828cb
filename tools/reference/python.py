"""What tests in Python have: fixtures, options, the running gateway, the bed in virtual time, `Story`."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import pytest

import harness
from harness import pytest_plugin, story
from harness.hosting import ApiAnswer, Contact, Gateway, HostedPhone, ReceivedText, WebhookCall, Webhooks
from harness.outcome import Outcome
from harness.pytest_plugin.hosted import OutsideServer, Wish
from harness.serving import ServeOptions
from harness.story import Answered, Found, Message, Story
from harness.vector_checks import VectorCheck, VectorChecks
from harness.verdict import Failure, Verdict
from harness.virtual_bed import VirtualBed, VirtualContact
from tools.reference.markdown import bullet, code, fence, page, prose, table

__all__ = ["HIDDEN", "pytest_page", "python_page"]

WIDTH = 100
_LONG = 40  # so long a default value says more than anybody wants to know
_GLUE = "\0"

# Public within the package alone.
HIDDEN = {
    VectorCheck: {"vector"},
    VectorChecks: {"own"},
    Found: {"named"},
    Answered: {"named"},
}

_PYTEST = """\
# pytest

The plugin comes with the package, and loads nothing before it is used.
[Test an application with pytest](../how-to/pytest.md) shows how.
"""
_MARKER = """\
## The marker

`@pytest.mark.httpsms(…)` on a test, a class or a module says how its world is to be.
"""
_MARKER_WORDS = {
    "phones": "how many phones are in the gateway, 0 to 50; without it, one",
    "keep_rate": "whether `messages_per_minute` holds; without it, no",
    "pace": "`instant`, or `faithful`: with the delays of the real server",
    "breaks": "a list of [rules](invariants.md) that the test means to break",
    "timeout_s": "how long its waits take at most, unless they are told otherwise",
    "webhook_failures": "`allowed`: webhook calls may fail for good without the test looking at them; else `refused`",
}
_FILES = """\
## Scenario files

Files that end in `.scenario.yaml` are collected: a test for each story, and for each row of its table. Tags are
markers, so `-m smoke` chooses; `skip` and the others that do something in pytest are for `-k` alone. A story
that is skipped is `skipped`, one that fails as it is expected to `xfailed`.
"""
_SETTINGS = """\
## Options

Each has a variable and an ini key as well; the command line wins over the variable, and that over the ini file. An
empty variable is as good as none.
"""
_STORY = """\
# Stories in Python

The words of [scenario files](scenarios.md) as methods. A table of rows is `pytest.mark.parametrize`; what is included
elsewhere is a function of yours.

```python
from harness import Story, contains


def test_a_code_reaches_the_customer():
    story = Story("A code reaches the customer")
    shop, customer = story.phone("shop"), story.contact("customer")
    code = story.send(from_=shop, to=customer, text="Your code is 1234")
    story.expect_sms(to=customer, text=contains("1234"))
    story.expect_message(code, status="delivered")
    story.run()
```
"""
_VALUES = """\
## Values

Functions of the package `harness` that make what the methods take.
"""
_RULES = ("calls_back", "echoes", "opts_out", "reads_codes", "replies", "typos")


def pytest_page() -> str:
    return page(
        [_PYTEST, "## Fixtures"],
        *_fixtures(),
        [_MARKER, *table(("word", "means"), ((code(one.name), _MARKER_WORDS[one.name]) for one in fields(Wish)))],
        [_FILES],
        [_SETTINGS, *_options()],
        _class("The gateway: `httpsms`", Gateway),
        _class("Webhooks: `httpsms.webhooks`", Webhooks),
        *(_class(code(kind.__name__), kind) for kind in (Contact, ReceivedText, HostedPhone, WebhookCall, ApiAnswer)),
        _class("In virtual time: `httpsms_testbed`", VirtualBed),
        _class(code(VirtualContact.__name__), VirtualContact),
        _class("What `httpsms_server` is", OutsideServer),
        _class("What `httpsms_options` is", ServeOptions),
        *(_class(code(kind.__name__), kind) for kind in (VectorCheck, VectorChecks)),
    )


def python_page() -> str:
    matchers = sorted(set(story.__all__) & set(harness.__all__) - {*_RULES, "Story", "answer"})
    return page(
        [_STORY],
        _class("`Story`", Story),
        [_VALUES, "### What a value must be"],
        *(_method(name, getattr(story, name), "#### ") for name in matchers),
        _method("answer", story.answer, "#### "),
        ["### What contacts do by themselves", "", "Of `rules` in `contact`, and of `behave`."],
        *(_method(name, getattr(story, name), "#### ") for name in _RULES),
        ["## What methods give back"],
        *(_class(code(kind.__name__), kind, "### ") for kind in (Message, Found, Answered, Outcome, Verdict, Failure)),
    )


# -- the plugin --------------------------------------------------------------------------------------------------------


def _fixtures() -> Iterator[list[str]]:
    for name in pytest_plugin.__all__:
        function = inspect.unwrap(getattr(pytest_plugin, name))
        function = getattr(function, "_get_wrapped_function", lambda function=function: function)()
        if name.startswith("httpsms"):
            yield [f"### {name}", *prose(inspect.getdoc(function) or "")]


def _options() -> list[str]:
    parser = pytest.Parser(_ispytest=True)
    pytest_plugin.pytest_addoption(parser, pytest.PytestPluginManager())
    options = [option for group in parser._groups for option in group.options]
    return table(("option", "variable, ini key", "means"), map(_option, options))


def _option(option: Any) -> tuple[str, str, str]:
    [name], attributes = option.names(), option.attrs()
    value = f" {metavar}" if (metavar := attributes.get("metavar")) else ""
    ini = name.removeprefix("--").replace("-", "_")
    return code(name + value), f"{code(ini.upper())}, {code(ini)}", attributes["help"]


# -- classes -----------------------------------------------------------------------------------------------------------


def _class(title: str, kind: type[Any], level: str = "## ") -> list[str]:
    """A class: its docstring, what it has, and what it can do, in the order in which they were written."""
    lines = [level + title, *prose(inspect.getdoc(kind) or ""), *_attributes(kind)]
    for name, member in _own(kind):
        if inspect.isfunction(member):
            lines += _method(name, member, f"#{level}", owner=True)
    return lines


def _own(kind: type[Any]) -> Iterator[tuple[str, Any]]:
    hidden = HIDDEN.get(kind, set())
    return ((name, member) for name, member in vars(kind).items() if not name.startswith("_") and name not in hidden)


def _attributes(kind: type[Any]) -> list[str]:
    """Fields and properties, and what their docstrings tell; of fields the class's own does."""
    lines: list[str] = []
    told: list[str] = []
    hidden = HIDDEN.get(kind, set())
    if is_dataclass(kind):
        names = [one for one in fields(kind) if not one.name.startswith("_") and one.name not in hidden]
        lines += [f"{one.name}: {_short(str(one.type))}" for one in names]
    for name, member in _own(kind):
        if isinstance(member, property) and member.fget is not None:
            lines.append(f"{name}: {_short(str(inspect.signature(member.fget).return_annotation))}")
            about = " ".join((inspect.getdoc(member) or "").split())
            told += bullet(f"{code(name)}: {about}") if about else []
    return [*fence("python", "\n".join(lines)), *told, ""] if lines else []


def _method(name: str, function: Callable[..., Any], level: str, *, owner: bool = False) -> list[str]:
    text = _signature(name, function, owner=owner)
    return [f"{level}{name}", *fence("python", text), *prose(inspect.getdoc(function) or "")]


def _signature(name: str, function: Callable[..., Any], *, owner: bool) -> str:
    """As it is called; on several lines where one would be too long."""
    signature = inspect.signature(function)
    parameters = [_bare(each) for each in list(signature.parameters.values())[owner:]]
    returned = signature.return_annotation
    gives = "" if returned in (signature.empty, "None") else f" -> {_short(str(returned))}"
    called = f"{'await ' if inspect.iscoroutinefunction(function) else ''}{name}("
    inner = str(inspect.Signature(parameters))[1:-1]
    if len(called + inner + gives) < WIDTH:
        return f"{called}{inner}){gives}"
    return "\n".join([called, *(f"    {line}" for line in _wrapped(inner, parameters)), f"){gives}"])


def _wrapped(inner: str, parameters: Iterable[inspect.Parameter]) -> list[str]:
    """Broken between parameters only."""
    for each in map(str, parameters):
        inner = inner.replace(each, each.replace(" ", _GLUE))
    lines = textwrap.wrap(inner, WIDTH, break_long_words=False, break_on_hyphens=False)
    return [line.replace(_GLUE, " ") for line in lines]


class _Bare:
    """What a signature shows as it is, without quotes."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


def _bare(parameter: inspect.Parameter) -> inspect.Parameter:
    if parameter.annotation is not parameter.empty:
        parameter = parameter.replace(annotation=_Bare(_short(str(parameter.annotation))))
    if isinstance(parameter.default, str):
        parameter = parameter.replace(default=_Bare(f'"{parameter.default}"'))
    elif len(repr(parameter.default)) > _LONG and parameter.default is not parameter.empty:
        parameter = parameter.replace(default=_Bare("…"))
    return parameter


def _short(annotation: str) -> str:
    return annotation.removeprefix("harness.")
