"""The radio of a handset with Android's telephony around it, and the SMSC behind it with its carrier.

Acts are plain events. To a `Modem`:

    the network         LoseService RegainService PowerOff PowerOn Roam ComeHome RemoveSim InsertSim Coverage (TUNNEL)
    results             RejectSegments PlanResults PlanMms ChangeDelay ChangeDelays
    Android             AnswerDialog ChangeTelephony RestartTelephony FillStorage FreeStorage SwallowTexts

To an `Smsc`: AddRules RemoveRules DeliverPdu. The rules: Refuse Slow Throttle DailyCap SpamBlock LongCodeFilter Lose
Late Reorder Duplicate ShowSender Reports, each with an `Only` that says what it is about.
"""

from __future__ import annotations

from harness.carrier_rules import (
    AddRules,
    DailyCap,
    Duplicate,
    Late,
    LongCodeFilter,
    Lose,
    Only,
    Refuse,
    RemoveRules,
    Reorder,
    Reports,
    Rule,
    ShowSender,
    Slow,
    SpamBlock,
    Throttle,
)
from harness.modem.acts import (
    AnswerDialog,
    ChangeDelay,
    ChangeDelays,
    ChangeTelephony,
    Delays,
    FillStorage,
    FreeStorage,
    PlanMms,
    PlanResults,
    RejectSegments,
    RestartTelephony,
    SwallowTexts,
)
from harness.modem.modem import Modem
from harness.modem.service import (
    COVERAGES,
    TUNNEL,
    ComeHome,
    Coverage,
    InsertSim,
    LoseService,
    PowerOff,
    PowerOn,
    RegainService,
    RemoveSim,
    Roam,
)
from harness.modem.smsc import DeliverPdu, Smsc
from harness.modem.telephony import ANDROID, PER_HALF_HOUR, PER_MINUTE, OutgoingLimit, Telephony
from harness.sms_results import (
    MMS_RESULTS,
    RESULTS,
    mms_result_code,
    mms_result_name,
    result_code,
    result_name,
)

__all__ = [
    "ANDROID",
    "COVERAGES",
    "MMS_RESULTS",
    "PER_HALF_HOUR",
    "PER_MINUTE",
    "RESULTS",
    "TUNNEL",
    "AddRules",
    "AnswerDialog",
    "ChangeDelay",
    "ChangeDelays",
    "ChangeTelephony",
    "ComeHome",
    "Coverage",
    "DailyCap",
    "Delays",
    "DeliverPdu",
    "Duplicate",
    "FillStorage",
    "FreeStorage",
    "InsertSim",
    "Late",
    "LongCodeFilter",
    "Lose",
    "LoseService",
    "Modem",
    "Only",
    "OutgoingLimit",
    "PlanMms",
    "PlanResults",
    "PowerOff",
    "PowerOn",
    "Refuse",
    "RegainService",
    "RejectSegments",
    "RemoveRules",
    "RemoveSim",
    "Reorder",
    "Reports",
    "RestartTelephony",
    "Roam",
    "Rule",
    "ShowSender",
    "Slow",
    "Smsc",
    "SpamBlock",
    "SwallowTexts",
    "Telephony",
    "Throttle",
    "mms_result_code",
    "mms_result_name",
    "result_code",
    "result_name",
]
