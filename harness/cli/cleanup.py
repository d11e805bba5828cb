"""`cleanup`: removes what an interrupted run has left on a server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from harness.cli.common import BROKEN, PASSED, finish
from harness.cli.probe import access_options
from harness.console import show, talk
from harness.errors import UsageError

if TYPE_CHECKING:
    from harness.targets import Left, Leftover, TargetOptions

__all__ = ["cleanup"]


@click.command(short_help="Remove what stories and probes have left on a server.")
@access_options
@click.option("--dry-run", is_flag=True, help="Only show what would be removed.")
def cleanup(dry_run: bool, **settings: Any) -> int:
    """Find what stories and probes have left on a server, and remove it.

    Theirs are phone keys whose names begin with "httpsms-harness" and story, probe, number or taken over, the phones
    of those keys with their threads, and webhooks whose URLs have /httpsms-harness/ in their paths. Also those of a run
    that still goes on: wait for its end. A phone that was taken over from somebody stays.

    \b
    httpsms-harness cleanup --server http://127.0.0.1:8000 --user-key uk_… --dry-run
    """
    if not settings["user_key"]:
        raise UsageError("no account is named", "give --user-key the API key of the account (uk_…)")
    from harness.targets import TargetOptions

    found, left = finish(_cleaned(TargetOptions(kind="server", **settings), dry_run=dry_run))
    failed = {one.leftover: one.why for one in left}
    for leftover in found:
        show(_line(leftover, failed.get(leftover), dry_run=dry_run))
    stays = sum(1 for one in left if one.leftover.path)
    talk(_summary(sum(1 for leftover in found if leftover.path), stays, dry_run=dry_run))
    return BROKEN if stays else PASSED


async def _cleaned(options: TargetOptions, *, dry_run: bool) -> tuple[list[Leftover], list[Left]]:
    from harness.targets import find_leftovers, linked, remove_leftovers

    async with linked(options) as link:
        await link.account.user()
        found = await find_leftovers(link.account)
        return found, [] if dry_run else await remove_leftovers(link.account, found)


def _line(leftover: Leftover, why: str | None, *, dry_run: bool) -> str:
    if not leftover.path or why is not None:
        return f"stays    {leftover.what}: {why or leftover.why}"
    return f"{'found' if dry_run else 'removed':<8} {leftover.what}"


def _summary(ours: int, stays: int, *, dry_run: bool) -> str:
    """Of what is there to be removed. `stays`: so much of it could not be."""
    if not ours:
        return "nothing of ours is there"
    if dry_run:
        return f"{ours} found; without --dry-run {'it is' if ours == 1 else 'they are'} removed"
    return f"{ours - stays} of {ours} removed"
