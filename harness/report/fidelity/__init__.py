"""One story on two targets: what happened on one and not on the other, in another order, or otherwise.

`reading` reduces each trace to what a user knows of its messages, `aligning` lays two sequences beside each other,
`judging` says what differs, and `writing` tells it to people and programs.
"""

from harness.report.fidelity.judging import Difference, Fidelity, Kind, Row, Side, Strand, compared
from harness.report.fidelity.reading import Moment
from harness.report.fidelity.writing import SCHEMA, as_json, as_text, summary

__all__ = [
    "SCHEMA", "Difference", "Fidelity", "Kind", "Moment", "Row", "Side", "Strand", "as_json", "as_text", "compared",
    "summary",
]  # fmt: skip
