"""A room imports only from lower layers, and cores are blind to each other."""

from __future__ import annotations

import pytest

from tests.house.sources import ROOT, Source, room, sources

# From the ground up.
LAYERS = {
    "ground": "errors",
    "words": "core sms mms wire http okhttp cipher draws trace verdict outcome radio instants plain cast frozen deeds "
    "delays profile behaviours carrier_rules sms_results fault_words late capability matchers redaction markup "
    "answers patterns adb emulator",
    "cores": "phone modem standin push parties fake_device device_radio device_app scenario conform interop report "
    "faults",
    "kernel": "world",
    "IO": "adapters",
    "assembly": "acting binding handset handsets phone_process testbed staging testing story live_story serving "
    "hosting conforming verifying vector_checks targets virtual_bed httpx_phone fake_android fake_app",
    "doors": "cli console config pytest_plugin __main__ __init__",
}
LAYER = {name: layer for layer, rooms in LAYERS.items() for name in rooms.split()}
HEIGHT = list(LAYERS)
# Rooms of these layers may import each other, without a circle.
OPEN = {"words", "assembly", "doors"}
HARNESS = sources("harness")


def _allowed(importer: str, imported: str) -> bool:
    above, below = LAYER[importer], LAYER[imported]
    if importer == imported:
        return True
    if (above, below) == ("kernel", "cores"):
        return False  # the kernel carries cores without knowing any
    return HEIGHT.index(below) < HEIGHT.index(above) or (above == below and above in OPEN)


def _imported_rooms(module: Source) -> list[tuple[int, str]]:
    # The version stands in the package's __init__, and anybody may say it.
    names = [(line, name) for line, name in module.imports() if name != "harness.__version__"]
    found = [(line, room(name)) for line, name in names if name.split(".")[0] == "harness"]
    # A name that is no room (`from harness import __version__`) comes from the package itself.
    return [(line, name if name in LAYER or _exists(name) else "__init__") for line, name in found]


def _exists(name: str) -> bool:
    return (ROOT / "harness" / name).is_dir() or (ROOT / "harness" / f"{name}.py").is_file()


def test_every_room_has_its_layer() -> None:
    homeless = {module.room for module in HARNESS} - LAYER.keys()
    assert not homeless, f"give these rooms a layer in LAYERS: {sorted(homeless)}"


@pytest.mark.parametrize("module", HARNESS, ids=lambda module: module.name)
def test_a_room_imports_only_from_lower_layers(module: Source) -> None:
    wrong = [
        f"{module.path}:{line}: {module.room} ({LAYER[module.room]}) imports {name} ({LAYER[name]})"
        for line, name in _imported_rooms(module)
        if not _allowed(module.room, name)
    ]
    assert not wrong, "\n" + "\n".join(wrong)


def test_rooms_import_each_other_without_a_circle() -> None:
    needs: dict[str, set[str]] = {}
    for module in HARNESS:
        needs.setdefault(module.room, set()).update(name for _, name in _imported_rooms(module))
    # Take away, again and again, the rooms that need none of those that are left.
    while free := {name for name, others in needs.items() if not (others - {name}) & needs.keys()}:
        needs = {name: others for name, others in needs.items() if name not in free}
    assert not needs, f"these rooms need each other: {needs}"


@pytest.mark.parametrize(
    ("importer", "imported", "allowed"),
    [
        ("phone", "sms", True),
        ("phone", "standin", False),
        ("phone", "adapters", False),
        ("phone", "world", False),
        ("okhttp", "http", True),
        ("sms", "phone", False),
        ("errors", "sms", False),
        ("world", "trace", True),
        ("world", "phone", False),
        ("adapters", "world", True),
        ("adapters", "testbed", False),
        ("testbed", "adapters", True),
        ("cli", "config", True),
    ],
)
def test_the_table_means_what_the_house_says(importer: str, imported: str, allowed: bool) -> None:
    assert _allowed(importer, imported) is allowed
