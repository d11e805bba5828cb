"""httpSMS and FCM on the wire: the only place that knows their JSON keys and literals.

`json` reads as laxly as the server does and writes as Go does; `numbers`, `rules`, `requests`, `server`,
`texts` and `events` are the server's half of the protocol, `tokens` the webhook's bearer token, `app`, `client`
and `fcm` what others write and read.
"""

from __future__ import annotations

__all__: list[str] = []
