"""placeholder"""

INVARIANTS = (
    "no-sms-without-a-send",
    "one-sms-per-send",
    "every-report-has-its-radio-result",
    "no-clear-text",
    "webhook-tokens-verify",
)
