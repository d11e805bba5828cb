"""Phones as a process, in one loop with the server that they are for."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from harness.adapters.http_client import HttpClient
from harness.adapters.state_file import StateFile
from harness.errors import KeyRefused, ServerUnreachable, StateFileError, UsageError
from harness.http.values import Call, Limits, Response
from harness.phone_process import PhoneOptions, Phones, phones_running
from harness.serving import Served, ServeOptions, serving
from harness.trace import Entry
from harness.wire.client import UserAccess, api_request
from tests.adapters.certificates import write_certificate
from tests.phone_kills import kill_and_go_on
from tests.processes import NUMBER
from tests.test_serving import free_port
from tests.tls_front import tls_front

SECOND_NUMBER, CONTACT = "+18005550200", "+18005550100"
PATIENCE_S = 30


@dataclass
class Scene:
    """A server without a phone, and whoever looks at what phones of another process do with it."""

    served: Served
    client: HttpClient = field(default_factory=HttpClient)

    def options(self, **more: Any) -> PhoneOptions:
        settings = {"numbers": (NUMBER,), "seed": 1, **more}
        return PhoneOptions(self.served.url, self.served.phones[0].key, **settings)

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        access = UserAccess("http", urlsplit(self.served.url).netloc, self.served.user_key)
        request = api_request(access, method, path, body)
        outcome = await self.client.call(Call("ask", "tester", request, Limits(total_s=10)))
        assert isinstance(outcome, Response), outcome
        return json.loads(outcome.body) if outcome.body else None

    async def send(self, text: str, number: str = NUMBER) -> str:
        body = {"from": number, "to": CONTACT, "content": text}
        message: str = (await self.ask("POST", "/v1/messages/send", body))["data"]["id"]
        return message

    async def delivered(self, message: str) -> None:
        """Until the server knows that the message was delivered."""
        entries = self.served.bed.trace.entries

        def is_known() -> bool:
            return any(entry.message == message and entry.kind == "message.phone.delivered" for entry in entries)

        await self.served.driver.until(is_known)


@dataclass
class Running:
    """Phones that run, and every entry of their trace so far."""

    phones: Phones
    entries: list[Entry]
    stop: asyncio.Event

    def saw(self, kind: str, **facts: Any) -> list[Entry]:
        return [
            entry
            for entry in self.entries
            if entry.kind == kind and all(entry.facts.get(name) == value for name, value in facts.items())
        ]

    async def until(self, kind: str, times: int = 1, **facts: Any) -> Entry:
        """The entry of that kind that came as the `times`th."""
        await self.phones.driver.until(lambda: len(self.saw(kind, **facts)) >= times)
        return self.saw(kind, **facts)[times - 1]

    async def ready(self) -> None:
        await self.phones.driver.until(lambda: self.phones.logged_in)

    async def act(self, *deeds: str, number: str | None = None) -> None:
        """One after the other; returns when all that they led to at once has happened."""
        for words in deeds:
            self.phones.handsets.act(words, number)
            done = asyncio.Event()
            self.phones.driver.when_done(done.set)
            await done.wait()


@contextlib.asynccontextmanager
async def running(options: PhoneOptions) -> AsyncIterator[Running]:
    """Phones, once they have logged in or failed to."""
    entries: list[Entry] = []
    stop = asyncio.Event()
    async with phones_running(options, entries.append, stop) as phones:
        here = Running(phones, entries, stop)
        await phones.driver.until(lambda: phones.logged_in or stop.is_set())
        yield here


def story(test: Callable[[Scene], Awaitable[None]], **options: Any) -> None:
    """Runs `test` beside a server."""

    async def main() -> None:
        async with asyncio.timeout(PATIENCE_S), serving(ServeOptions(phones=0, seed=7, **options)) as served:
            scene = Scene(served)
            try:
                await test(scene)
            finally:
                await scene.client.close()

    asyncio.run(main())


# -- ways --------------------------------------------------------------------------------------------------------------


def fcm() -> tuple[dict[str, Any], dict[str, Any]]:
    port = free_port()
    return {"fcm_endpoint": f"http://127.0.0.1:{port}"}, {"push_port": port}


@pytest.mark.parametrize("way", ["stream", "push port", "poll"])
def test_a_phone_hears_of_texts_by_a_stream_its_own_push_service_or_polls_and_texts_come_in(way: str) -> None:
    serve, phone = fcm() if way != "stream" else ({}, {})

    async def test(scene: Scene) -> None:
        more = phone if way != "poll" else {"poll_key": scene.served.user_key, "poll_every_s": 0.05}
        async with running(scene.options(**more)) as here:
            # A poller does not wait for the push service, which has nobody to tell: the message stays without a push.
            await scene.delivered(await scene.send(f"by {way}"))
            await here.act("text BANK Your code is 1234")
            await here.until("text forwarded", status=200)

    story(test, **serve)


@pytest.mark.parametrize("trust", ["its certificate", "anybody"])
@pytest.mark.parametrize(("http1", "spoken"), [(False, "h2"), (True, "http/1.1")])
def test_over_tls_a_phone_speaks_http2_unless_it_is_told_not_to(
    trust: str, http1: bool, spoken: str, tmp_path: Path
) -> None:
    async def test(scene: Scene) -> None:
        certificate = write_certificate(tmp_path)
        trusted = {"ca_file": certificate} if trust == "its certificate" else {"insecure": True}
        async with tls_front(certificate, urlsplit(scene.served.url).port or 0) as front:
            options = replace(scene.options(http1=http1, **trusted), server=front.url)
            async with running(options):
                await scene.delivered(await scene.send("Hello"))
            # The push stream and our first knock are none of the app's requests.
            assert set(front.protocols) == {spoken, None}

    story(test)


def test_a_certificate_that_nobody_knows_is_refused_with_a_remedy(tmp_path: Path) -> None:
    async def test(scene: Scene) -> None:
        async with tls_front(write_certificate(tmp_path), urlsplit(scene.served.url).port or 0) as front:
            with pytest.raises(ServerUnreachable, match=r"tls: .*give its certificate with --ca-file"):
                async with running(replace(scene.options(), server=front.url)):
                    pass

    story(test)


def test_a_file_without_certificates_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").touch()

    async def test(scene: Scene) -> None:
        with pytest.raises(UsageError, match=r"empty\.pem: no certificates are in it"):
            async with running(scene.options(ca_file=tmp_path / "empty.pem")):
                pass

    story(test)


# -- several phones ----------------------------------------------------------------------------------------------------


def test_each_further_phone_has_the_next_number_that_is_free() -> None:
    async def test(scene: Scene) -> None:
        options = scene.options(numbers=(NUMBER, SECOND_NUMBER), count=3)
        async with running(options) as here:
            assert here.phones.handsets.numbers == (NUMBER, SECOND_NUMBER, "+18005550201", "+18005550202")
            for number in here.phones.handsets.numbers:
                await scene.delivered(await scene.send(f"by {number}", number))

    story(test)


def test_of_two_sims_the_one_is_texted_whose_number_is_named() -> None:
    async def test(scene: Scene) -> None:
        async with running(scene.options(numbers=(NUMBER, SECOND_NUMBER))) as here:
            await here.act("text BANK to the second", number=SECOND_NUMBER)
            await here.act("text BANK to the first")
            await here.until("text received", sim="SIM2")
            await here.until("text received", sim="SIM1")

    story(test)


def test_each_entry_of_one_phone_of_several_tells_which_it_is() -> None:
    async def test(scene: Scene) -> None:
        async with running(scene.options(count=3)) as here:
            await here.until("logged in", times=3)
            told = {entry.facts["phone"] for entry in here.saw("logged in")}
            assert told == {NUMBER, SECOND_NUMBER, "+18005550201"}
        async with running(scene.options()) as here:
            assert "phone" not in (await here.until("logged in")).facts

    story(test)


def test_phones_of_two_processes_have_registration_tokens_of_their_own() -> None:
    """Though both processes draw by the same seed."""

    async def test(scene: Scene) -> None:
        one, other = scene.options(), scene.options(numbers=("+18005550150",))
        async with running(one) as first, running(other) as second:
            tokens = {here.phones.phones[0].settings.registration_token for here in (first, second)}
            assert len(tokens) == 2
            for number in (NUMBER, "+18005550150"):
                await scene.delivered(await scene.send("Hello", number))

    story(test)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"numbers": (NUMBER, NUMBER)}, "both SIMs have the same number"),
        ({"numbers": ("+1234567890",)}, "the app does not take the number"),
        ({"app": "nothing"}, "no app profile 'nothing'"),
        ({"oem": "xiomi-doze"}, "did you mean xiaomi-doze"),
    ],
)
def test_what_no_phone_can_have_is_refused(options: dict[str, Any], text: str) -> None:
    async def test(scene: Scene) -> None:
        with pytest.raises(UsageError, match=text):
            async with running(scene.options(**options)):
                pass

    story(test)


def test_profiles_decide_what_a_phone_is(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('like = "5dab6f8"\nversion = "mine-1"\n', encoding="utf-8")
    (tmp_path / "slow.toml").write_text('job_delay = "10m"\ncpu_cores = 2\n', encoding="utf-8")

    async def test(scene: Scene) -> None:
        options = scene.options(app=str(tmp_path / "mine.toml"), oem=str(tmp_path / "slow.toml"))
        async with running(options) as here:
            [phone] = here.phones.phones
            assert (phone.build.app.version, phone.build.threads) == ("mine-1", 2)
            await here.act("text BANK Your code is 1234")
            assert not here.saw("text forwarded")
            here.phones.driver.advance(600 * 10**9)
            await here.until("text forwarded")

    story(test)


# -- logins ------------------------------------------------------------------------------------------------------------


def test_a_wrong_key_ends_the_process_with_whose_fault_it_is() -> None:
    async def test(scene: Scene) -> None:
        stopped: list[bool] = []
        with pytest.raises(KeyRefused, match=r"the server refuses the phone key \(401\)"):
            async with running(replace(scene.options(count=2), phone_key="pk_wrong")) as here:
                stopped.append(here.stop.is_set() and here.phones.login_failed)
        assert stopped == [True]

    story(test)


def test_a_later_login_that_fails_is_shown_and_nothing_ends() -> None:
    async def test(scene: Scene) -> None:
        async with running(scene.options()) as here:
            await here.act("log out", "server http://127.0.0.1:1", "log in")
            await here.until("login failed")
            assert not here.stop.is_set()
            await here.act(f"server {scene.served.url}", "log in")
            await here.until("logged in", times=2)

    story(test)


def test_an_action_waits_for_every_login() -> None:
    async def test(scene: Scene) -> None:
        done: list[bool] = []
        stop = asyncio.Event()
        async with phones_running(scene.options(count=2), lambda _: None, stop) as phones:
            phones.when_logged_in(lambda: done.append(phones.logged_in))
            assert done == []
            await phones.driver.until(lambda: bool(done))
            assert done == [True]
            phones.when_logged_in(lambda: done.append(True))
            assert done == [True, True]

    story(test)


# -- what does not come through ----------------------------------------------------------------------------------------


def test_a_dead_push_service_is_told_of_once_and_again_when_it_is_there() -> None:
    port = free_port()

    async def test(scene: Scene) -> None:
        url = f"http://127.0.0.1:{port}"
        entries: list[Entry] = []
        options = scene.options(count=2, push_url=f"{url}/_push/stream")
        async with phones_running(options, entries.append, asyncio.Event()) as phones:
            here = Running(phones, entries, asyncio.Event())
            told = await here.until("no push comes")
            assert told.facts["at"] == url
            assert "nothing listens there" in str(told.facts["why"])
            assert "--push" in str(told.facts["remedy"])
            async with serving(ServeOptions(port=port, phones=0)):
                await here.ready()
                await here.until("pushes come again")
            await here.until("no push comes", times=2)
            assert len(here.saw("pushes come again")) == 1

    story(test)


def test_a_user_key_that_is_wrong_is_found_at_once_and_one_that_is_revoked_is_told_of() -> None:
    async def test(scene: Scene) -> None:
        with pytest.raises(KeyRefused, match=r"refuses the user key.*give --user-key"):
            async with running(scene.options(poll_key="uk_wrong")):
                pass
        async with running(scene.options(poll_key=scene.served.user_key, poll_every_s=0.05)) as here:
            user_id = scene.served.bed.account.id
            await scene.ask("DELETE", f"/v1/users/{user_id}/api-keys")
            told = await here.until("no poll succeeds")
            assert told.facts["why"] == "it answers 401"
            assert "--user-key" in str(told.facts["remedy"])

    story(test)


# -- the end -----------------------------------------------------------------------------------------------------------


def test_the_heartbeat_that_comes_back_for_ever_counts_as_no_job() -> None:
    async def test(scene: Scene) -> None:
        async with running(scene.options()) as here:
            assert here.phones.jobs == 0
            await here.act("lose network", "text BANK Your code is 1234")
            assert here.phones.jobs == 1

    story(test)


def test_what_is_under_way_is_finished_and_what_cannot_run_is_not_waited_for() -> None:
    async def test(scene: Scene) -> None:
        async with running(scene.options()) as here:
            await here.act("text BANK one")
            await here.phones.finish(PATIENCE_S)
            assert here.phones.jobs == 0
            await here.act("lose network", "text BANK two")
            await here.phones.finish(PATIENCE_S)
            assert here.phones.jobs == 1
            await here.act("regain network", "pause", "text BANK three")
            await here.phones.finish(PATIENCE_S)
            assert here.phones.jobs >= 1

    story(test)


# -- the state file ----------------------------------------------------------------------------------------------------


def test_a_file_keeps_jobs_and_settings_and_the_phone_goes_on_with_them(tmp_path: Path) -> None:
    async def test(scene: Scene) -> None:
        options = scene.options(state=tmp_path / "state.db")
        async with running(options) as here:
            await here.act("lose network", "switch sim1 calls on", "text BANK kept")
            token = here.phones.phones[0].settings.registration_token
        async with running(options) as here:
            settings = here.phones.phones[0].settings
            assert (settings.registration_token, settings.sims[0].calls) == (token, True)
            assert here.phones.jobs == 1
            assert not here.saw("logged in")
            await here.act("regain network")
            await here.until("text forwarded")
            await scene.delivered(await scene.send("and pushes come"))

    story(test)


@pytest.mark.parametrize("deed", ["lose network", "off"])
def test_a_phone_that_cannot_log_in_is_left_as_the_file_has_it(deed: str, tmp_path: Path) -> None:
    async def test(scene: Scene) -> None:
        options = scene.options(state=tmp_path / "state.db")
        async with running(options) as here:
            await here.act("log out", deed)
        async with running(options) as here:
            assert here.phones.logged_in
            await here.act("on", "regain network", "log in")
            await here.until("logged in")
            await scene.delivered(await scene.send("pushes come"))

    story(test)


def test_pushes_for_a_phone_that_a_file_has_without_a_network_come_with_the_network(tmp_path: Path) -> None:
    async def test(scene: Scene) -> None:
        options = scene.options(state=tmp_path / "state.db")
        async with running(options) as here:
            await here.act("lose network")
        message = await scene.send("later")
        async with running(options) as here:
            await here.act("regain network")
            await scene.delivered(message)

    story(test)


def test_requests_of_a_process_that_is_gone_do_not_stay_in_the_file(tmp_path: Path) -> None:
    def open_calls() -> int:
        with contextlib.closing(StateFile(tmp_path / "state.db")) as file:
            return sum((owner, name) == ("", "open_calls") for owner, name, *_ in file.rows())

    async def test(scene: Scene) -> None:
        options = scene.options(state=tmp_path / "state.db")
        async with running(options) as here:
            await here.phones.driver.quiet()
            await here.act("text BANK Your code is 1234")
        assert open_calls() > 0
        async with running(options) as here:
            await here.phones.driver.quiet()
        assert open_calls() == 0

    story(test)


def test_another_key_is_logged_in_with(tmp_path: Path) -> None:
    async def test(scene: Scene) -> None:
        options = scene.options(state=tmp_path / "state.db")
        async with running(options):
            pass
        made = await scene.ask("POST", "/v1/phone-api-keys", {"name": "another"})
        other = replace(options, phone_key=made["data"]["api_key"])
        async with running(other) as here:
            assert here.saw("logged in")
        with pytest.raises(KeyRefused):
            async with running(replace(options, phone_key="pk_wrong")):
                pass
        async with running(other) as here:
            assert not here.saw("logged in")

    story(test)


def test_a_phone_with_its_own_push_service_goes_on_with_that(tmp_path: Path) -> None:
    serve, phone = fcm()

    async def test(scene: Scene) -> None:
        options = scene.options(state=tmp_path / "state.db", **phone)
        for _ in range(2):
            async with running(options):
                await scene.delivered(await scene.send("Hello"))

    story(test, **serve)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"numbers": ("+18005550150",)}, r"numbers \+18005550199, not \+18005550150"),
        ({"numbers": (NUMBER, SECOND_NUMBER)}, r"numbers \+18005550199, not \+18005550199 \+18005550200"),
        ({"count": 50}, r"not \+18005550199 … \+18005550248 \(50\)"),
        ({"server": "http://127.0.0.1:1"}, "server http://127.0.0.1:[0-9]+, not http://127.0.0.1:1"),
        ({"push_port": 0}, "way of pushes a stream, not --push-port"),
        ({"poll_key": "uk"}, "way of pushes a stream, not --poll"),
        ({"app": "5dab6f8-published"}, "app profile 5dab6f8, not 5dab6f8-published"),
        ({"oem": "xiaomi-doze"}, "oem profile stock, not xiaomi-doze"),
    ],
)
def test_a_file_is_for_the_same_phones_alone(change: dict[str, Any], text: str, tmp_path: Path) -> None:
    async def test(scene: Scene) -> None:
        options = scene.options(state=tmp_path / "state.db")
        async with running(options):
            pass
        with pytest.raises(UsageError, match=text):
            async with running(replace(options, **change)):
                pass
        async with running(options):  # it has not been touched
            pass

    story(test)


def test_the_file_of_a_gateway_holds_no_phones(tmp_path: Path) -> None:
    async def test(scene: Scene) -> None:
        async with serving(ServeOptions(state=tmp_path / "state.db")):
            pass
        with pytest.raises(StateFileError, match="it holds no phones"):
            async with running(scene.options(state=tmp_path / "state.db")):
                pass

    story(test)


def test_a_phone_that_is_killed_loses_nothing_that_it_has_taken(tmp_path: Path) -> None:
    kill_and_go_on(tmp_path / "state.db", kills=5, seed=1)


@pytest.mark.soak
def test_two_hundred_kills_of_a_phone_lose_nothing(tmp_path: Path) -> None:
    kill_and_go_on(tmp_path / "state.db", kills=200, seed=2)


# -- secrets -----------------------------------------------------------------------------------------------------------


def test_no_key_is_in_what_the_phones_tell() -> None:
    async def test(scene: Scene) -> None:
        options = scene.options(encryption_key="Pass word 123", control_port=0, control_token="tok_secret", count=2)
        async with running(options) as here:
            await here.act("text BANK Your code is 1234", "encryption key Another 456", "log out", "log in")
            await here.until("logged in", times=4)
            told = [repr(options), repr(here.phones.handsets.state()), *here.phones.driver.world.trace.lines()]
            token = here.phones.phones[0].settings.registration_token
            for secret in (options.phone_key, "Pass word 123", "Another 456", "tok_secret", token):
                assert not [text for text in told if secret in text]

    story(test)
