"""The httpSMS server as a model: requests in, answers, pushes and webhooks out.

`StandIn` is a core. `routes` has what it answers, `dispatch` what it does when an event comes off its queue,
`states` how a message moves, `control` what a test may do to it that has no API.

What it does not do: compress answers; read XML and multipart bodies, and bodies packed other than by gzip and zlib;
accept Firebase tokens; limit the head of a request (whoever holds the socket does); remember unknown or deleted user
keys for two hours; repeat events whose handling took too long; e-mail, Discord, Pusher, Lemon Squeezy; routes that
`routes` does not have.
"""

from __future__ import annotations

from harness.standin.control import CreateAccount
from harness.standin.core import StandIn
from harness.standin.rows import Account
from harness.standin.state import Pace

__all__ = ["Account", "CreateAccount", "Pace", "StandIn"]
