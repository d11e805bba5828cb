"""The account on somebody's server, asked with its user key: what is there, and what we remove."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from harness.adapters.http_client import Caller
from harness.errors import KeyRefused, NotHttpSms, ServerMisbehaved, ServerUnreachable, UsageError
from harness.http.values import Call, ConnectFailed, Limits, Outcome, Response
from harness.serving import why
from harness.wire.client import UserAccess, api_request
from harness.wire.owned import (
    KeyRow,
    PhoneRow,
    User,
    WebhookRow,
    ids_of,
    keys_of,
    phones_of,
    user_of,
    webhooks_of,
)

__all__ = ["KEY_REFUSED", "Account", "trust_of"]

_LIMITS = Limits(total_s=10.0)
_PAGE = 100
KEY_REFUSED = "the server refuses the user key (401); give --user-key the API key of the account"

Row = TypeVar("Row")


class Account:
    """Asks the API under the user key. What cannot be asked raises `ServerError`."""

    def __init__(self, client: Caller, access: UserAccess, name: str = "harness") -> None:
        self.access = access
        self._client = client
        self._name = name

    @property
    def url(self) -> str:
        return f"{self.access.scheme}://{self.access.authority}"

    async def try_(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, key: str | None = None
    ) -> Outcome:
        """What becomes of a request; `key` is shown instead of the user key."""
        access = self.access if key is None else UserAccess(self.access.scheme, self.access.authority, key)
        return await self._client.call(Call("ask", self._name, api_request(access, method, path, body), _LIMITS))

    async def ask(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, key: str | None = None
    ) -> Response:
        """The answer, whatever it says. Raises `ServerUnreachable`."""
        outcome = await self.try_(method, path, body, key=key)
        if isinstance(outcome, Response):
            return outcome
        raise ServerUnreachable(self.url, why(outcome) + _remedy(outcome))

    async def do(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, key: str | None = None
    ) -> Response:
        """The answer of a success. Raises `KeyRefused`, `ServerMisbehaved`."""
        answer = await self.ask(method, path, body, key=key)
        if answer.status == 401:
            raise KeyRefused(self.url, KEY_REFUSED)
        if answer.status >= 300:
            raise ServerMisbehaved(self.url, answer.status, answer.body)
        return answer

    async def user(self) -> User:
        """Whose key it is. Raises `KeyRefused`, `ServerMisbehaved`, and `NotHttpSms` for another server."""
        asked = "GET /v1/users/me"
        answer = await self.ask("GET", "/v1/users/me")
        if answer.status == 401:
            raise KeyRefused(self.url, KEY_REFUSED)
        if answer.status >= 500:  # whatever is there, it is not well, or what it stands behind is not
            raise ServerMisbehaved(self.url, answer.status, answer.body)
        try:
            if answer.status == 200:
                return user_of(answer)
        except ValueError:
            pass
        raise NotHttpSms(self.url, asked, answer.status)

    # -- lists ---------------------------------------------------------------------------------------------------

    async def phones(self) -> list[PhoneRow]:
        return await self._all("/v1/phones?", phones_of)

    async def keys(self) -> list[KeyRow]:
        return await self._all("/v1/phone-api-keys?", keys_of)

    async def webhooks(self) -> list[WebhookRow]:
        return await self._all("/v1/webhooks?", webhooks_of)

    async def threads(self, number: str) -> list[str]:
        """The ids of a phone's threads, those in the archive too."""
        owner = f"/v1/message-threads?owner=%2B{number.removeprefix('+')}&"
        return [*await self._all(owner, ids_of), *await self._all(owner + "is_archived=true&", ids_of)]

    async def _all(self, path: str, read: Callable[[Response], Sequence[Row]]) -> list[Row]:
        """Every row of a list. Raises `NotHttpSms` where there is none."""
        found: list[Row] = []
        while True:
            answer = await self.do("GET", f"{path}limit={_PAGE}&skip={len(found)}")
            try:
                page = read(answer)
            except ValueError:
                raise NotHttpSms(self.url, f"GET {path.partition('?')[0]}", answer.status) from None
            found += page
            if len(page) < _PAGE:
                return found

    async def remove(self, path: str) -> str | None:
        """Deletes what is at `path`. Why it is still there; None if it is not."""
        outcome = await self.try_("DELETE", path)
        if not isinstance(outcome, Response):
            return why(outcome)
        # A webhook that is not there is a 500 (gateway-protocol.md §2.15); whoever deletes two times learns that here.
        return None if outcome.status < 300 or outcome.status == 404 else f"it answers {outcome.status}"


def _remedy(outcome: Outcome) -> str:
    if not isinstance(outcome, ConnectFailed) or outcome.kind != "tls":
        return ""
    if "WRONG_VERSION_NUMBER" in outcome.text:  # what OpenSSL makes of an answer without TLS
        return "; it does not speak TLS: write http:// for https://"
    return "; give its certificate with --ca-file, or trust any with --insecure"


def trust_of(ca_file: str | Path | None, *, insecure: bool) -> Callable[[], ssl.SSLContext]:
    """Makes contexts that trust the system, or `ca_file`, or anybody; a new one each time. Raises `UsageError`."""

    def make() -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=ca_file)
        if insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context

    try:
        if ca_file is not None:
            make()
    except OSError as error:  # an SSLError for a file that is none
        raise UsageError(f"{ca_file}: no certificates are in it", "give a PEM file") from error
    return make
