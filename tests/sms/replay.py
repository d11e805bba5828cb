"""What we make of each kind of recorded segmentation case, beside what Android made of it.

A case gives a pair: ours, theirs. They are compared by the tests of this folder and by `make test-cases`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from harness.errors import SmsError, UnencodableAddress
from harness.sms import SmsConfig, Tables, dialling, divide, segment, submit_pdus
from harness.sms.address import destination_address
from harness.sms.national import FORCED_7BIT, LANGUAGES, alphabet
from harness.sms.user_data import user_data

Case = dict[str, Any]
Pair = tuple[object, object]

RELEASES = (9, 10, 11, 12, 13, 14, 15, 16)
FORCED_FROM = 11  # the recorder did not run older ones with 7-bit forced
ESCAPE = 0x1B


def config_of(case: Case, android: int = 16) -> SmsConfig:
    settings = case.get("settings", {})
    return SmsConfig(
        single_shift=tuple(settings.get("single_shift_tables", ())),
        locking_shift=tuple(settings.get("locking_shift_tables", ())),
        force_7bit=settings.get("force_7bit", False),
        ems=settings.get("no_ems", True),
        android=android,
    )


def text_of(case: Case) -> str:
    repeat = case.get("text_repeat")
    return str(repeat["char"] * repeat["count"] if repeat else case["text"])


def units(text: str) -> int:
    return len(text.encode("utf-16-be", "surrogatepass")) // 2


# ---- counting and cutting ------------------------------------------------------------------------


def measured(case: Case) -> Pair:
    """What Android tells about the text."""
    ours = segment(text_of(case), config_of(case))
    tables = case.get("tables", {"locking": 0, "single": 0})
    return (
        (ours.encoding, ours.units, ours.remaining, ours.reported_segments, ours.tables),
        (case["encoding"], case["units"], case["remaining"], case["reported_parts"], Tables(**tables)),
    )


def cut(case: Case) -> Pair:
    """The parts."""
    text, config = text_of(case), config_of(case)
    parts = segment(text, config).segments
    assert divide(text, config) == tuple(part.text for part in parts)
    return [(part.text, part.units) for part in parts], [(part["text"], part["units"]) for part in case["parts"]]


def built(case: Case) -> Pair:
    """The user data of the parts: nothing at all where one cannot be built. Not recorded for carriers without EMS."""
    if any("udl" not in part for part in case["parts"]):
        return None, None
    theirs = [(part["dcs"], part["udl"], part["ud"]) for part in case["parts"]]
    return _user_data(case), None if (None, None, None) in theirs else theirs


def _user_data(case: Case) -> object:
    config = config_of(case)
    try:
        parts = user_data(divide(case["text"], config), case.get("reference", 0), config)
    except SmsError:
        return None
    return [(part.dcs, part.udl, part.octets.hex()) for part in parts]


def on_every_release(case: Case) -> Pair:
    """Counts and cuts of each release of Android."""
    first = FORCED_FROM if case.get("settings", {}).get("force_7bit") else RELEASES[0]
    releases = [android for android in RELEASES if android >= first]
    return [_on_release(case, android) for android in releases], [_recorded(case, android) for android in releases]


def _on_release(case: Case, android: int) -> Case:
    ours = segment(text_of(case), config_of(case, android))
    return {
        "units": ours.units,
        "remaining": ours.remaining,
        "reported_parts": ours.reported_segments,
        "part_lengths": [units(part.text) for part in ours.segments],
    }


def _recorded(case: Case, android: int) -> Case:
    usual = {name: case[name] for name in ("units", "remaining", "reported_parts")}
    usual["part_lengths"] = [units(part["text"]) for part in case["parts"]]
    return usual | case.get("differs", {}).get(str(android), {})


def over_255(case: Case) -> Pair:
    """How many parts of which lengths, and the headers of some of them."""
    text = text_of(case)
    parts = divide(text)
    lengths = [units(part) for part in parts]
    runs = [[length, len(list(run))] for length, run in groupby(lengths[:-1])] + [[lengths[-1], 1]]
    octets = [part.octets for part in user_data(parts, case["reference"])]
    headers = {number: octets[int(number) - 1][:6].hex() for number in case["udh"]}
    ours, theirs = measured(case)
    return (
        (ours, len(parts), runs, headers),
        (theirs, case["part_count"], case["part_lengths"], case["udh"]),
    )


# ---- PDUs and numbers ----------------------------------------------------------------------------


def submitted(case: Case) -> Pair:
    """The TPDUs; none can be built where one cannot."""
    try:
        tpdus: list[str | None] = [
            tpdu.hex()
            for tpdu in submit_pdus(
                case["destination"],
                case["text"],
                case.get("reference", 0),
                config=config_of(case),
                status_report=case.get("status_report", True),
            )
        ]
    except SmsError:
        tpdus = [None] * len(divide(case["text"], config_of(case)))
    return tpdus, case["tpdu"]


_NUMBERS = {
    "isGlobalPhoneNumber": dialling.is_global,
    "isWellFormedSmsAddress": dialling.is_sms_address,
    "stripSeparators": dialling.without_separators,
    "extractNetworkPortion": dialling.network_portion,
    "normalizeNumber": dialling.normalized,
}


def dialled(case: Case) -> Pair:
    """Every function of `PhoneNumberUtils` that was recorded, and the address that is sent to."""
    number = case["number"]
    ours: Case = {name: function(number) for name, function in _NUMBERS.items()}
    return ours | {"smsAddressField": _address_field(number)}, {name: case[name] for name in [*ours, "smsAddressField"]}


def _address_field(number: str) -> str | None:
    """As in the files of a SIM: the first octet counts octets, where TP-DA counts digits."""
    try:
        address = destination_address(number)
    except UnencodableAddress:
        return None
    return bytes((len(address) - 1, *address[1:])).hex()


# ---- alphabets -----------------------------------------------------------------------------------


def alphabet_parts(alphabets: Case) -> Iterator[tuple[str, Pair]]:
    """Each recorded table, and the substitutions of forced 7-bit."""
    for table in alphabets["tables"]:
        yield f"table {table['id']}", decoded(table)
    recorded = {
        int(character, 16): chr(int(written, 16)) for character, written in alphabets["forced_7bit_translation"].items()
    }
    yield "forced 7-bit", (FORCED_7BIT, recorded)


def decoded(table: Case) -> Pair:
    """What each code means: alone in the locking table, and behind an escape in the single-shift table."""
    codes = [code for code in range(128) if code != ESCAPE]
    locking, single = alphabet(Tables(locking=table["id"])), alphabet(Tables(single=table["id"]))
    ours = (
        LANGUAGES[table["id"]],
        [locking.decode(bytes((code,))) for code in codes],
        [single.decode(bytes((ESCAPE, code))) for code in codes],
    )
    return ours, (
        table["name"],
        [table["locking"][code] for code in codes],
        [table["single"][code] for code in codes],
    )
