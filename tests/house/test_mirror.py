"""The tests follow the package: harness/phone/queue.py is tested in tests/phone/test_queue.py."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from tests.house.sources import ROOT, Source, sources

# path below harness/: why it has no test file of its own. Keep it short.
WITHOUT_TESTS: dict[str, str] = {
    "answers.py": "values that do nothing",
    "interop/calls.py": "values that do nothing",
    "interop/outcomes.py": "values that do nothing",
    "interop/results.py": "values that do nothing",
    "interop/suite.py": "values that do nothing",
    "outcome.py": "values that do nothing",
    "scenario/steps.py": "values that do nothing",
    "targets/base.py": "a protocol",
}
# A package's __init__ only hands on names, which test_public_names.py looks at.
MODULES = [module for module in sources("harness") if not module.path.endswith("__init__.py")]


def _test_file(module: Source) -> PurePosixPath:
    path = PurePosixPath(module.path).relative_to("harness")
    return "tests" / path.with_name(f"test_{path.stem.strip('_')}.py")


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_every_module_has_its_test_file(module: Source) -> None:
    own = PurePosixPath(module.path).relative_to("harness").as_posix()
    there = (ROOT / _test_file(module)).is_file()
    assert there or own in WITHOUT_TESTS, f"write {_test_file(module)}, or say in WITHOUT_TESTS why there is none"


def test_the_list_of_modules_without_tests_is_true() -> None:
    untested = {
        PurePosixPath(module.path).relative_to("harness").as_posix()
        for module in MODULES
        if not (ROOT / _test_file(module)).is_file()
    }
    assert WITHOUT_TESTS.keys() <= untested
