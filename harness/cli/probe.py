"""`probe`: what works on a server, what does not, why, and what to set."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from harness.cli.common import BROKEN, COLOR, PASSED, check_outputs, finish, url, write
from harness.console import show, talk, wants_colour

if TYPE_CHECKING:
    from harness.targets import Findings, TargetOptions

__all__ = ["access_options", "people", "probe"]

PUSHES = ("auto", "fcm-endpoint", "echo", "poll", "none")
"""Those of harness.targets that a user may ask for. Help answers without loading it."""

_MARKS = {True: ("✓", "green"), False: ("✗", "red"), None: ("·", None)}


def people(_context: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Names and numbers."""
    from harness.sms import PhoneNumber

    found = []
    for value in values:
        name, mark, number = value.partition("=")
        if not mark or not name:
            raise click.BadParameter(f"{value!r} is no name with a number; write it like alice=+18005550199")
        found.append((name, PhoneNumber.parse(number).e164))
    return tuple(found)


def access_options(command: Callable[..., int]) -> Callable[..., int]:
    """The options that say which server, and how it is reached."""
    for option in reversed(
        (
            click.option("--server", callback=url, required=True, metavar="URL", help="The httpSMS server."),
            click.option(
                "--user-key",
                envvar="HTTPSMS_HARNESS_USER_KEY",
                show_envvar=True,
                metavar="KEY",
                help="The API key of an account there (uk_…).",
            ),
            click.option(
                "--ca-file",
                type=click.Path(dir_okay=False, exists=True),
                metavar="FILE",
                help="Trust the certificates in this PEM file instead of the system's.",
            ),
            click.option("--insecure", is_flag=True, help="Trust any certificate."),
            click.option("--http1", is_flag=True, help="Offer no HTTP/2 over TLS."),
        )
    ):
        command = option(command)
    return command


@click.command()
@access_options
@click.option("--listen", metavar="HOST:PORT", help="Where the server's webhooks come in.")
@click.option(
    "--callback-url",
    callback=url,
    metavar="URL",
    help="The URL under which the server reaches that place (its host needs a dot).",
)
@click.option(
    "--push",
    type=click.Choice(PUSHES),
    default="auto",
    show_default=True,
    help="How phones hear of messages.",
)
@click.option(
    "--push-listen",
    metavar="HOST:PORT",
    help="Where the server's pushes come in: start it with FCM_ENDPOINT=http://HOST:PORT.",
)
@click.option(
    "--control-token",
    envvar="HTTPSMS_HARNESS_CONTROL_TOKEN",
    show_envvar=True,
    help="What the control routes of a `serve` ask for.",
)
@click.option(
    "--phone", "phones", multiple=True, callback=people, metavar="NAME=NUMBER", help="A number that a trial may have."
)
@click.option("--json", "json_file", metavar="FILE", help="Write the findings there as JSON (- = stdout).")
@COLOR
def probe(json_file: str | None, color: str, **settings: Any) -> int:
    """Find out what works on a server: keys, webhooks, pushes, time.

    A phone is made for it, one text comes in and one message goes out (both count on the account's plan); all of it is
    removed again. No number is texted. The exit code is 0 if stories can run there, else 3.

    \b
    httpsms-harness probe --server http://127.0.0.1:8000 --user-key uk_…
    httpsms-harness probe --server https://sms.example.com --listen 0.0.0.0:9099 --callback-url http://203.0.113.7:9099
    """
    check_outputs(json_file)
    from harness.targets import TargetOptions, findings_as_json

    found = finish(_examined(TargetOptions(kind="server", **settings)))
    report = talk if json_file == "-" else show
    report(_table(found, coloured=wants_colour(color, sys.stderr if report is talk else sys.stdout)))
    if json_file is not None:
        write(json_file, json.dumps(findings_as_json(found), indent=2))
    return PASSED if found.can_run else BROKEN


async def _examined(options: TargetOptions) -> Findings:
    from harness.targets import examine, linked

    async with linked(options) as link:
        return await examine(link)


def _table(found: Findings, *, coloured: bool) -> str:
    width = max(len(finding.name) for finding in found.findings)
    lines = [found.url]
    for finding in found.findings:
        mark, colour = _MARKS[finding.ok]
        shown = click.style(mark, fg=colour) if coloured and colour else mark
        lines.append(f"{shown} {finding.name.ljust(width)}  {finding.words}")
        if finding.remedy and not finding.ok:
            lines.append(f"  {' ' * width}  → {finding.remedy}")
    return "\n".join(lines)
