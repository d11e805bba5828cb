"""Power, coverage and card: every act in every situation."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from harness.errors import UsageError
from harness.modem.service import (
    CHANGES,
    COVERAGES,
    ComeHome,
    Coverage,
    InsertSim,
    LoseService,
    PowerOff,
    PowerOn,
    RegainService,
    RemoveSim,
    Roam,
    Service,
    Situation,
    changed,
)

SITUATIONS = [Situation(*facts) for facts in product((True, False), COVERAGES, (True, False))]
# What each act sets, and nothing else.
SETS: dict[Any, dict[str, Any]] = {
    PowerOff(): {"powered": False},
    PowerOn(): {"powered": True},
    LoseService(): {"coverage": "none"},
    RegainService(): {"coverage": "full"},
    Roam(): {"coverage": "roaming"},
    Roam(117): {"coverage": "roaming", "roaming_code": 117},
    ComeHome(): {"coverage": "full"},
    RemoveSim(): {"has_sim": False},
    InsertSim(): {"has_sim": True},
}


def _facts(situation: Situation) -> dict[str, Any]:
    return {name: getattr(situation, name) for name in ("powered", "coverage", "has_sim", "roaming_code")}


@pytest.mark.parametrize("situation", SITUATIONS, ids=repr)
@pytest.mark.parametrize(("act", "sets"), SETS.items(), ids=repr)
def test_an_act_changes_one_thing_and_leaves_the_rest(act: Any, sets: dict[str, Any], situation: Situation) -> None:
    assert _facts(changed(situation, act)) == {**_facts(situation), **sets}


def test_every_act_is_among_them() -> None:
    assert {type(act) for act in SETS} == CHANGES.keys()


@pytest.mark.parametrize(
    ("powered", "coverage", "has_sim", "service"),
    [
        (True, "full", True, Service.FULL),
        (True, "roaming", True, Service.FULL),
        (True, "none", True, Service.NONE),
        (True, "full", False, Service.NONE),
        (True, "roaming", False, Service.NONE),
        (True, "none", False, Service.NONE),
        *[(False, coverage, has_sim, Service.OFF) for coverage in COVERAGES for has_sim in (True, False)],
    ],
)
def test_the_service_follows_from_the_situation(powered: bool, coverage: str, has_sim: bool, service: Service) -> None:
    assert Situation(powered, coverage, has_sim).service is service


def test_a_foreign_network_refuses_only_while_the_handset_is_in_it() -> None:
    abroad = changed(Situation(), Roam(117))
    assert abroad.refusal == 117
    for act in (ComeHome(), LoseService(), RegainService(), Roam()):
        assert changed(abroad, act).refusal is None


@pytest.mark.parametrize("spells", [((1, "weak"),), ((-1, "none"),), ((5, "none"), (5, ""))])
def test_a_coverage_that_there_is_not_is_refused_where_it_is_made(spells: Any) -> None:
    with pytest.raises(UsageError):
        Coverage(spells)
