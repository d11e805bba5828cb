"""Outgoing MMS: attachments are downloaded one after the other, composed, and handed over (phone-behaviour.md §4.4)."""

from __future__ import annotations

from dataclasses import replace

from harness.core import Command, Fact, Record, Tell
from harness.errors import UnencodableAddress
from harness.http.values import BodyBroken, Response
from harness.instants import MS, Instant
from harness.mms import compose, media_part, text_part
from harness.phone.jobs import Ended
from harness.phone.outgoing import DOWNLOAD_FAILED, MMS_FAILED, NO_PERMISSION
from harness.phone.sending import Sending
from harness.phone.threads import Download, Thread
from harness.phone.work import Happening
from harness.radio import SubmitMms
from harness.wire.app import Outstanding, attachment_request, is_media_type
from harness.wire.java import Threw

__all__ = ["ATTACHMENT_MAX", "FILES_MAX", "Multimedia"]

ATTACHMENT_MAX = 1_572_864
"""Bytes that the app downloads of an attachment (§4.4)."""
FILES_MAX = 256
"""How many files the cache keeps: Android empties caches when it needs the room."""

_NO_INDEX = {"android": "length=0; index=0", "jvm": "Index 0 out of bounds for length 0"}


class Multimedia(Sending):
    def _send_mms(self, thread: Thread, message: Outstanding, text: str, now: Instant) -> list[Command]:
        """All downloads of a message share one client (phone-behaviour.md §2.1)."""
        begun = thread._replace(client=self._client(), previous=())
        return [self._limit(thread, now), *self._download(begun, Download(message, text), now)]

    def _download(self, thread: Thread, download: Download, now: Instant) -> list[Command]:
        message = download.message
        if download.index == len(message.attachments):
            return self._compose(thread, download, now)
        try:
            request = attachment_request(message.attachments[download.index], self._headers())
        except Threw as threw:
            return self._fail_mms(thread, download, threw.message, now)
        exchange = f"job-{thread.job}-{thread.attempt}/{download.index}"
        return [self._call(thread._replace(request=request, previous=(), download=download), exchange, now)]

    def _downloaded(self, thread: Thread, download: Download, outcome: Ended, now: Instant) -> list[Command]:
        """Of what is too big, broken off or of no media type the file stays; of what is refused there is none."""
        head = outcome.response if isinstance(outcome, BodyBroken) else outcome
        if not isinstance(head, Response) or not 200 <= head.status < 300 or _declared(head) > ATTACHMENT_MAX:
            return self._fail_mms(thread, download, DOWNLOAD_FAILED, now)
        self._keep(_file_name(download, download.index), b"")
        kind = head.header("Content-Type")
        too_big = len(head.body) > ATTACHMENT_MAX
        if isinstance(outcome, BodyBroken) or too_big or kind is None or not is_media_type(kind):
            return self._fail_mms(thread, download, DOWNLOAD_FAILED, now)
        parts = (*download.parts, (kind, head.body))
        return self._download(thread, replace(download, index=len(parts), parts=parts), now)

    def _keep(self, name: str, data: bytes) -> None:
        self.files[name] = data
        if len(self.files) > FILES_MAX:
            del self.files[next(iter(self.files))]

    def _clean_up(self, download: Download) -> None:
        """Every whole file goes, whatever became of the message."""
        for index in range(len(download.parts)):
            self.files.drop(_file_name(download, index))

    def _fail_mms(self, thread: Thread, download: Download, reason: str, now: Instant) -> list[Command]:
        self._clean_up(download)
        return [
            *self._fail(download.message.id, reason, now),
            *self._finish(thread.job, thread.attempt, Happening.FAILED, now),
        ]

    def _compose(self, thread: Thread, download: Download, now: Instant) -> list[Command]:
        message = download.message
        parts = [text_part(download.text)] if download.text else []
        for index, (kind, data) in enumerate(download.parts):
            parts.append(media_part(message.attachments[index], kind, index, data))
        try:
            pdu = compose(message.contact, f"T{now // MS:x}", parts)
        except UnencodableAddress:
            return self._fail_mms(thread, download, _NO_INDEX[self.build.app.runtime], now)
        device = self.device
        if "SEND_SMS" in device.denied:
            return self._fail_mms(thread, download, NO_PERMISSION, now)
        if device.throws is not None:
            text = device.throws[1]
            return self._fail_mms(thread, download, MMS_FAILED if text is None else text, now)
        self._clean_up(download)
        subscription_id = device.subscription(message.sim)
        if subscription_id is None:
            commands = self._without_card((message.id,), now)
        else:
            commands = self._hand_mms_over(message, pdu, subscription_id)
        return [*commands, *self._finish(thread.job, thread.attempt, Happening.SUCCEEDED, now)]

    def _hand_mms_over(self, message: Outstanding, pdu: bytes, subscription_id: int) -> list[Command]:
        submit_id = f"{message.id}/{self._next()}"
        self._remember(submit_id, self._promise((message.id,)))
        facts: dict[str, Fact] = {"to": message.contact, "attachments": len(message.attachments), "bytes": len(pdu)}
        facts |= self._card(message.sim, subscription_id)
        submit = SubmitMms(submit_id, message.contact, pdu, subscription_id)
        return [Record("phone", "submitted", message.id, facts), Tell(self._port(subscription_id), submit)]


def _declared(response: Response) -> int:
    """The length that the answer declares; -1 if it does not."""
    length = response.header("Content-Length")
    return int(length) if length is not None and length.isascii() and length.isdigit() else -1


def _file_name(download: Download, index: int) -> str:
    return f"mms_{download.message.id}_{index}"
