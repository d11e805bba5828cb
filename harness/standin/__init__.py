"""The httpSMS server as a model: requests in, answers, pushes and webhooks out.

`StandIn` is a core. `routes` has what it answers, `dispatch` what it does when an event comes off its queue,
`states` how a message moves, `control` what a test may do to it that has no API.

What it does not do, and where it differs from the real server, is told in `fidelity`; docs/stand-in.md shows it.
`openapi` describes what is served.
"""

from __future__ import annotations

from harness.standin.control import FACTS_REFUSED, FACTS_SET, CreateAccount, SetFacts
from harness.standin.core import StandIn
from harness.standin.races import LoseUpdates
from harness.standin.rows import Account
from harness.standin.state import Pace

__all__ = [
    "FACTS_REFUSED",
    "FACTS_SET",
    "Account",
    "CreateAccount",
    "LoseUpdates",
    "Pace",
    "SetFacts",
    "StandIn",
]
