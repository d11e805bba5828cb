"""What `run` and `compare` say alike about where stories run: which options go together, and for whom numbers are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import click

from harness.errors import UsageError

if TYPE_CHECKING:
    from harness.scenario.plan import Scenario

__all__ = ["check_people", "check_where", "is_typed", "kind_of", "without_what_is_only_set"]

_SHOWN = 12  # names that somebody may have meant
_OF_A_SERVER = ("listen", "callback_url", "push_listen", "take_over")
_OF_THE_APP = ("app", "apk", "app_pushes")


def is_typed(name: str) -> bool:
    """On the command line: what is only set may be meant for another run."""
    from click.core import ParameterSource

    return click.get_current_context().get_parameter_source(name) is ParameterSource.COMMANDLINE


def without_what_is_only_set(given: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters; with --live without a server and a device that are set, but were not typed."""
    stray = ("server", "device") if given["live"] else ()
    return {**given, **{name: None for name in stray if not is_typed(name)}}


def check_where(given: Mapping[str, Any]) -> None:
    """Raises `UsageError` for what does not go together; what is for another place counts where it was typed."""
    server, device = given["server"], given["device"]
    for name in ("server", "device"):
        if given["live"] and given[name] is not None:
            raise UsageError(f"--live and --{name} exclude each other", f"a {name} is always by the real clock")
    if server is not None and not given["user_key"]:
        raise UsageError("--server without the key of an account there", "give --user-key, or HTTPSMS_HARNESS_USER_KEY")
    for_app = _first_typed(_OF_THE_APP)
    if for_app is not None and device is None:
        raise UsageError(f"{for_app} without --device", "name the device that the app is on")
    if for_app is not None and not given["app"]:
        raise UsageError(f"{for_app} without --app", "without it the device is a radio only")
    if given["insecure"] and given["ca_file"] is not None:
        raise UsageError("--insecure and --ca-file exclude each other", "choose one")
    for_server = _first_typed(_OF_A_SERVER)
    if for_server is not None and server is None:
        raise UsageError(f"{for_server} is for a --server that you have", "give its URL")


def _first_typed(names: Sequence[str]) -> str | None:
    return next((f"--{name.replace('_', '-')}" for name in names if is_typed(name)), None)


def kind_of(server: str | None, device: str | None) -> Literal["embedded", "server", "device"]:
    """Of which kind the target is. A server may have a device for its phone's radio."""
    if server is not None:
        return "server"
    return "embedded" if device is None else "device"


def check_people(given: Mapping[str, Sequence[tuple[str, str]]], stories: Sequence[Scenario]) -> None:
    """Raises `UsageError` for a number that was typed for nobody: what is only set may be meant for other stories.

    `given`: `phones` and `contacts`, each with names and numbers.
    """
    known = {
        "phone": {phone.name for story in stories for phone in story.phones},
        "contact": {contact.name for story in stories for contact in story.contacts},
    }
    for kind, names in known.items():
        stray = next((name for name, _number in given[f"{kind}s"] if name not in names), None)
        if stray is not None and is_typed(f"{kind}s"):
            there = ", ".join(sorted(names)[:_SHOWN]) or "none"
            raise UsageError(f"--{kind} {stray}=…: no story has a {kind} of this name", f"there are: {there}")
