"""docs/reference/adb-peers.md says of every program what is proved here, and nothing else."""

from __future__ import annotations

import pytest

from tests.adb_peers import test_adb, test_adb_shell, test_adbutils
from tests.adb_peers.claims import CLAIMS, LACKS, PEERS
from tests.house.sources import ROOT

PAGE = ROOT / "docs" / "reference" / "adb-peers.md"
PROOFS = {
    "debian": test_adb.PROOFS,
    "newest": test_adb.PROOFS,
    "adbutils": test_adbutils.PROOFS,
    "adb-shell": test_adb_shell.PROOFS,
}


def table() -> str:
    """The table of the page."""
    rows = [["", *PEERS.values()], ["---"] * (len(PEERS) + 1)]
    rows += [[sentence, *(LACKS.get((peer, claim), "yes") for peer in PEERS)] for claim, sentence in CLAIMS.items()]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


@pytest.mark.parametrize("peer", PEERS)
def test_what_is_claimed_is_proved_and_what_is_lacking_is_not(peer: str) -> None:
    assert list(PROOFS[peer]) == [claim for claim in CLAIMS if (peer, claim) not in LACKS]


def test_the_page_has_the_table() -> None:
    assert table() in PAGE.read_text(encoding="utf-8"), f"the table is:\n{table()}"
