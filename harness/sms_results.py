"""What Android tells an app about an SMS or MMS that it sent: codes and their names (phone-behaviour.md §8.2, §4.5).

The names are Android's own without what all of them share: `RESULT_ERROR_RADIO_OFF` is RADIO_OFF here, and
`RESULT_RIL_NETWORK_REJECT` is RIL_NETWORK_REJECT.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from harness.errors import UsageError
from harness.radio import RESULT_OK

__all__ = [
    "FDN_CHECK_FAILURE", "GENERIC_FAILURE", "LIMIT_EXCEEDED", "MMS_RESULTS", "NO_DATA_NETWORK", "NO_SERVICE",
    "RADIO_OFF", "RATE_LIMITED", "RESULTS", "SEND_FAIL_RETRY", "SHORT_CODE_NEVER_ALLOWED", "SHORT_CODE_NOT_ALLOWED",
    "mms_result_code", "mms_result_name", "result_code", "result_name",
]  # fmt: skip

# Those that a radio or telephony says by itself here.
GENERIC_FAILURE = 1
RADIO_OFF = 2
NO_SERVICE = 4
LIMIT_EXCEEDED = 5
FDN_CHECK_FAILURE = 6
SHORT_CODE_NOT_ALLOWED = 7
SHORT_CODE_NEVER_ALLOWED = 8
SEND_FAIL_RETRY = 101
RATE_LIMITED = 106
# Of an MMS. There is no source for what Android says in a tunnel, the name fits.
NO_DATA_NETWORK = 8

_PLAIN = (
    *("ERROR_NONE", "GENERIC_FAILURE", "RADIO_OFF", "NULL_PDU", "NO_SERVICE", "LIMIT_EXCEEDED", "FDN_CHECK_FAILURE"),
    *("SHORT_CODE_NOT_ALLOWED", "SHORT_CODE_NEVER_ALLOWED", "RADIO_NOT_AVAILABLE", "NETWORK_REJECT"),
    *("INVALID_ARGUMENTS", "INVALID_STATE", "NO_MEMORY", "INVALID_SMS_FORMAT", "SYSTEM_ERROR", "MODEM_ERROR"),
    *("NETWORK_ERROR", "ENCODING_ERROR", "INVALID_SMSC_ADDRESS", "OPERATION_NOT_ALLOWED", "INTERNAL_ERROR"),
    *("NO_RESOURCES", "CANCELLED", "REQUEST_NOT_SUPPORTED", "NO_BLUETOOTH_SERVICE", "INVALID_BLUETOOTH_ADDRESS"),
    *("BLUETOOTH_DISCONNECTED", "UNEXPECTED_EVENT_STOP_SENDING", "SMS_BLOCKED_DURING_EMERGENCY"),
    *("SMS_SEND_RETRY_FAILED", "REMOTE_EXCEPTION", "NO_DEFAULT_SMS_APP", "USER_NOT_ALLOWED"),
)
_RIL = (
    *("RADIO_NOT_AVAILABLE", "SMS_SEND_FAIL_RETRY", "NETWORK_REJECT", "INVALID_STATE", "INVALID_ARGUMENTS"),
    *("NO_MEMORY", "REQUEST_RATE_LIMITED", "INVALID_SMS_FORMAT", "SYSTEM_ERR", "ENCODING_ERR"),
    *("INVALID_SMSC_ADDRESS", "MODEM_ERR", "NETWORK_ERR", "INTERNAL_ERR", "REQUEST_NOT_SUPPORTED"),
    *("INVALID_MODEM_STATE", "NETWORK_NOT_READY", "OPERATION_NOT_ALLOWED", "NO_RESOURCES", "CANCELLED", "SIM_ABSENT"),
    *("SIMULTANEOUS_SMS_AND_CALL_NOT_ALLOWED", "ACCESS_BARRED", "BLOCKED_DUE_TO_CALL", "GENERIC_ERROR"),
    *("INVALID_RESPONSE", "SIM_PIN2", "SIM_PUK2", "SUBSCRIPTION_NOT_AVAILABLE", "SIM_ERROR", "INVALID_SIM_STATE"),
    *("NO_SMS_TO_ACK", "SIM_BUSY", "SIM_FULL", "NO_SUBSCRIPTION", "NO_NETWORK_FOUND", "DEVICE_IN_USE", "ABORTED"),
    *("SMS_SEND_FAILED_AFTER_MAX_RETRY",),
)

RESULTS: Mapping[int, str] = MappingProxyType(
    {RESULT_OK: "OK", **dict(enumerate(_PLAIN)), **dict(enumerate([f"RIL_{name}" for name in _RIL], start=100))}
)
"""The name of every code of an SMS that Android has, in the order of the codes."""

MMS_RESULTS: Mapping[int, str] = MappingProxyType(
    {
        RESULT_OK: "OK",
        **dict(
            enumerate(
                (
                    *("UNSPECIFIED", "INVALID_APN", "UNABLE_CONNECT_MMS", "HTTP_FAILURE", "IO_ERROR", "RETRY"),
                    *("CONFIGURATION_ERROR", "NO_DATA_NETWORK", "INVALID_SUBSCRIPTION_ID", "INACTIVE_SUBSCRIPTION"),
                    *("DATA_DISABLED", "MMS_DISABLED_BY_CARRIER"),
                ),
                start=1,
            )
        ),
    }
)
"""The same for an MMS: `MMS_ERROR_…`."""

_PREFIXES = ("RESULT_", "MMS_ERROR_", "ERROR_")


def result_name(code: int) -> str:
    """`RADIO_OFF` for 2; the number itself for a code that Android does not have."""
    return RESULTS.get(code, str(code))


def result_code(name: str) -> int:
    """The code that a name stands for, in any case and with or without what Android puts before it; or a number.

    Numbers may be codes that Android does not have: a phone must live with those too. Raises `UsageError`.
    """
    return _code(name, RESULTS, "result")


def mms_result_name(code: int) -> str:
    """`IO_ERROR` for 5; the number itself for a code that Android does not have."""
    return MMS_RESULTS.get(code, str(code))


def mms_result_code(name: str) -> int:
    """As `result_code`, for an MMS. Raises `UsageError`."""
    return _code(name, MMS_RESULTS, "MMS result")


def _code(name: str, known: Mapping[int, str], kind: str) -> int:
    wanted = _plain(name)
    for code, own in known.items():
        if wanted in (own, own.removeprefix("ERROR_")):
            return code
    digits = name.strip().upper().removeprefix("UNKNOWN:")
    if digits.removeprefix("-").isdecimal() and digits.isascii() and len(digits) < 10:
        return int(digits)
    raise UsageError(f"there is no {kind} {name!r}", f"name one of Android's, such as {known[2]}, or give a number")


def _plain(name: str) -> str:
    plain = name.strip().upper().replace("-", "_").replace(" ", "_")
    for prefix in _PREFIXES:
        plain = plain.removeprefix(prefix)
    return plain
