"""`serve`: a local httpSMS server."""

from __future__ import annotations

import json
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.cli.common import PASSED, show_text, url
from harness.console import end_on_interrupt, show, stop_on_signals, talk
from harness.errors import UsageError

if TYPE_CHECKING:
    from harness.serving import AccountSpec

__all__ = ["serve"]


_ACCOUNT_KEYS = ("user_id", "api_key", "email", "plan")


def _accounts(_context: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> tuple[AccountSpec, ...]:
    """`user_id=…,api_key=…,email=…,plan=…`, any of them, once an account."""
    return tuple(_account(value) for value in values)


def _account(value: str) -> AccountSpec:
    from harness.serving import AccountSpec

    facts: dict[str, str] = {}
    for part in value.split(","):
        key, _, fact = part.partition("=")
        if key not in _ACCOUNT_KEYS:
            near = get_close_matches(key, _ACCOUNT_KEYS, 1)
            raise click.BadParameter(f"unknown key {key!r}; " + (f"did you mean {near[0]}?" if near else _KNOWN))
        if not fact:
            raise click.BadParameter(f"{key} has no value; {_KNOWN}")
        if key in facts:
            raise click.BadParameter(f"{key} is there twice; repeat --account for another account")
        facts[key] = fact
    if facts.get("api_key", "").startswith("pk_") or facts.get("api_key") == "undefined":
        # Such a value is never looked up as a user key (gateway-protocol.md §1.1).
        raise click.BadParameter("api_key can be neither `undefined` nor begin with pk_: the API would refuse it")
    return AccountSpec(**facts)


_KNOWN = "write user_id=…,api_key=…,email=…,plan=…"


def _public_url(context: click.Context, option: click.Parameter, value: str | None) -> str | None:
    """The variable has the address of the server's own queue, whose base is meant."""
    given = url(context, option, value)
    return None if given is None else given.removesuffix("/v1/events").rstrip("/")


@click.command()
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    envvar=["HTTPSMS_HARNESS_HOST", "APP_HOST"],
    show_envvar=True,
    help="The address to listen on.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    envvar=["HTTPSMS_HARNESS_PORT", "APP_PORT"],
    show_envvar=True,
    help="0: any free one.",
)
@click.option(
    "--public-url",
    callback=_public_url,
    envvar=["HTTPSMS_HARNESS_PUBLIC_URL", "EVENTS_QUEUE_ENDPOINT"],
    show_envvar=True,
    metavar="URL",
    help="Where others reach this server: the addresses of attachments begin with it. /v1/events at its end is cut.",
)
@click.option(
    "--pace",
    type=click.Choice(["instant", "faithful"]),
    default="instant",
    show_default=True,
    help="faithful: the delays and the rate spacing of the real server. Send schedules and expiry are kept in both.",
)
@click.option("--keep-rate", is_flag=True, help="Keep the rate spacing even when instant.")
@click.option("--seed", type=int, default=None, help="Decides every choice, keys too (default: another one each time).")
@click.option(
    "--account",
    "accounts",
    callback=_accounts,
    multiple=True,
    metavar="KEY=VALUE,…",
    help="user_id=…,api_key=…,email=…,plan=… (repeatable).",
)
@click.option(
    "--phones",
    type=click.IntRange(0, 50),
    default=1,
    show_default=True,
    help="Emulated phones inside, with numbers from +18005550199 downwards; 0 to bring your own with `phone`.",
)
@click.option(
    "--state",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Keep everything in this file; start again with it to go on.",
)
@click.option(
    "--fault",
    "faults",
    type=click.Choice(["lost-update"]),
    multiple=True,
    help="lost-update: handlers overwrite each other's rows, as the real server's do now and then (repeatable).",
)
@click.option("--control", is_flag=True, help="Open the control routes under /_control/.")
@click.option(
    "--control-token",
    envvar="HTTPSMS_HARNESS_CONTROL_TOKEN",
    show_envvar=True,
    help="What control calls must show.",
)
@click.option(
    "--fcm-endpoint",
    callback=url,
    envvar=["HTTPSMS_HARNESS_FCM_ENDPOINT", "FCM_ENDPOINT"],
    show_envvar=True,
    metavar="URL",
    help="Push there, not to the phones inside.",
)
@click.option(
    "--queue-user-id",
    envvar=["HTTPSMS_HARNESS_QUEUE_USER_ID", "EVENTS_QUEUE_USER_ID"],
    show_envvar=True,
    help="Who may post to /v1/events.",
)
@click.option(
    "--queue-user-api-key",
    envvar=["HTTPSMS_HARNESS_QUEUE_USER_API_KEY", "EVENTS_QUEUE_USER_API_KEY"],
    show_envvar=True,
    help="That user's key.",
)
def serve(
    host: str, port: int, public_url: str | None, pace: str, keep_rate: bool, seed: int | None,
    accounts: tuple[Any, ...], phones: int, state: Path | None, faults: tuple[str, ...], control: bool,
    control_token: str | None, fcm_endpoint: str | None, queue_user_id: str | None, queue_user_api_key: str | None,
) -> int:  # fmt: skip
    """A local httpSMS server, with an emulated phone in it.

    The first line of stdout is its URL; then a user key, and of each phone its number and its key. Texts are shown as
    they go out and come in. Set up for the real server by its environment variables, it does the same: those that
    have a meaning here are named below, and an option wins over them.

    \b
    httpsms-harness serve --port 0
    httpsms-harness serve --account api_key=uk_demo --state world.db
    """
    end_on_interrupt(PASSED, lambda: "stopped")
    import asyncio

    from harness.serving import ServeOptions
    from harness.standin import Pace

    if (queue_user_id is None) != (queue_user_api_key is None):
        raise UsageError(
            "the queue user needs an id and a key", "give EVENTS_QUEUE_USER_ID and EVENTS_QUEUE_USER_API_KEY"
        )
    if control and control_token is None and not _is_loopback(host):
        raise UsageError(
            f"--control on {host} would be open to everybody",
            "give a --control-token, or listen on 127.0.0.1",
        )
    queue_user = (queue_user_id, queue_user_api_key) if queue_user_id and queue_user_api_key else None
    if fcm_endpoint is not None:
        talk(f"pushes go to {fcm_endpoint}; the push service inside is off")
        phones = 0
    options = ServeOptions(
        host=host, port=port, pace=Pace[pace.upper()], seed=seed, accounts=accounts, phones=phones, control=control,
        control_token=control_token, keep_rate=keep_rate, fcm_endpoint=fcm_endpoint, queue_user=queue_user,
        state=state, faults=faults, public_url=public_url,
    )  # fmt: skip
    return asyncio.run(_serve(options))


def _is_loopback(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")


async def _serve(options: Any) -> int:
    import asyncio

    from harness.serving import serving

    stop = asyncio.Event()
    stop_on_signals(stop)
    async with serving(options) as served:
        show(f"{served.url}\nuser key   {served.user_key}")
        for phone in served.phones:
            show(f"number     {phone.number}\nphone key  {phone.key}")
        for account in served.others:
            show(f"user key   {account.api_key}  (of {account.email}, without a phone)")
        show(_invitation(served.url, served.user_key, served.number))
        talk("Ctrl-C stops")
        served.bed.trace.subscribe(show_text)
        await stop.wait()
    talk("stopped")
    return PASSED


def _invitation(url: str, key: str, number: str) -> str:
    body = json.dumps({"from": number, "to": "+18005550100", "content": "Hello"})
    return (
        "send a text:\n"
        f"  curl {url}/v1/messages/send -H 'x-api-key: {key}' -H 'Content-Type: application/json' -d '{body}'"
    )
