"""Android's results by name and by code."""

from __future__ import annotations

import pytest

from harness import sms_results
from harness.errors import UsageError
from harness.sms_results import (
    MMS_RESULTS,
    RESULTS,
    mms_result_code,
    mms_result_name,
    result_code,
    result_name,
)


def test_every_result_of_the_dossiers_table_is_there_once() -> None:
    assert list(RESULTS) == [-1, *range(34), *range(100, 139)]
    assert len(set(RESULTS.values())) == len(RESULTS)
    assert list(MMS_RESULTS) == [-1, *range(1, 13)]


def test_a_code_with_a_name_of_its_own_here_has_that_one_with_android() -> None:
    own = {name: code for name, code in vars(sms_results).items() if name.isupper() and isinstance(code, int)}
    assert len(own) == 11
    for name, code in own.items():
        known = MMS_RESULTS if name == "NO_DATA_NETWORK" else RESULTS
        assert name == "RESULT_OK" or known[code].endswith(name), name


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (-1, "OK"),
        (0, "ERROR_NONE"),
        (1, "GENERIC_FAILURE"),
        (2, "RADIO_OFF"),
        (5, "LIMIT_EXCEEDED"),
        (8, "SHORT_CODE_NEVER_ALLOWED"),
        (16, "MODEM_ERROR"),
        (24, "REQUEST_NOT_SUPPORTED"),
        (33, "USER_NOT_ALLOWED"),
        (100, "RIL_RADIO_NOT_AVAILABLE"),
        (106, "RIL_REQUEST_RATE_LIMITED"),
        (112, "RIL_NETWORK_ERR"),
        (120, "RIL_SIM_ABSENT"),
        (124, "RIL_GENERIC_ERROR"),
        (138, "RIL_SMS_SEND_FAILED_AFTER_MAX_RETRY"),
        (777, "777"),
        (-9, "-9"),
    ],
)
def test_a_code_has_its_name_and_the_name_its_code(code: int, name: str) -> None:
    assert result_name(code) == name
    assert result_code(name) == code


@pytest.mark.parametrize("code", RESULTS)
def test_every_name_leads_back_to_its_code(code: int) -> None:
    assert result_code(RESULTS[code]) == code
    assert result_code(f"RESULT_{RESULTS[code]}") == code


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("radio_off", 2),
        ("radio-off", 2),
        ("Radio off", 2),
        ("RESULT_ERROR_RADIO_OFF", 2),
        ("ERROR_NO_SERVICE", 4),
        ("RESULT_RIL_NETWORK_REJECT", 102),
        ("NETWORK_REJECT", 10),
        ("none", 0),
        ("UNKNOWN:122", 122),
        (" 65535 ", 65535),
    ],
)
def test_a_name_may_be_written_as_people_do(name: str, code: int) -> None:
    assert result_code(name) == code


@pytest.mark.parametrize("name", ["", "RADIO", "1e3", "--1", "UNKNOWN:", "١", "9" * 30])
def test_a_name_that_android_does_not_have_is_refused(name: str) -> None:
    with pytest.raises(UsageError):
        result_code(name)


@pytest.mark.parametrize(
    ("name", "code"),
    [("MMS_ERROR_IO_ERROR", 5), ("io_error", 5), ("ok", -1), ("MMS_DISABLED_BY_CARRIER", 12), ("13", 13)],
)
def test_an_mms_has_results_of_its_own(name: str, code: int) -> None:
    assert mms_result_code(name) == code
    assert mms_result_code(mms_result_name(code)) == code


def test_a_result_of_an_sms_is_none_of_an_mms() -> None:
    with pytest.raises(UsageError):
        mms_result_code("RADIO_OFF")
