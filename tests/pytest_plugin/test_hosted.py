"""The fixture httpsms and its relatives, in tests of an application."""

from __future__ import annotations

import re
import socket
import textwrap
from pathlib import Path

import pytest

from tests.pytest_plugin.runs import SEND, Run, pytest_in
from tests.test_serving import free_port


def run_app(folder: Path, tests: str, *arguments: str, **environment: str) -> Run:
    return pytest_in(folder, *arguments, files={"test_app.py": SEND + textwrap.dedent(tests)}, **environment)


# -- what passes: one run of several files -----------------------------------------------------------------------------

WORLDS = """
seen = []


@pytest.mark.parametrize("number", range(4))
def test_app(httpsms, number):
    seen.append((httpsms.url, httpsms.user_key, httpsms.number, httpsms.phone.phone_key, httpsms.webhooks.signing_key))
    assert len(set(seen)) == 1
    assert httpsms.trace() == [] and httpsms.inbox == ()
    message = send(httpsms, f"Hello {number}")
    assert httpsms.contact("+18005550100").wait_for_text().text == f"Hello {number}"
    httpsms.wait_for_status(message, "delivered")
    assert [text.message for text in httpsms.inbox] == [message]
"""
GOOD = {
    # First: what is set up before the first test belongs to the world of every test.
    "test_a_session.py": """
@pytest.fixture(scope="session", autouse=True)
def app(httpsms_gateway):
    httpsms_gateway.webhooks.subscribe(events=["message.phone.received"])
    return httpsms_gateway.url, httpsms_gateway.user_key, httpsms_gateway.number


SIZES = [pytest.param(count, marks=pytest.mark.httpsms(phones=count)) for count in (1, 3, 2)]


@pytest.mark.parametrize("number", range(2))
@pytest.mark.parametrize("phones", SIZES)
def test_app(httpsms, httpsms_gateway, app, phones, number):
    assert httpsms is httpsms_gateway
    assert app == (httpsms.url, httpsms.user_key, httpsms.number)
    assert len(httpsms.numbers) == phones
    httpsms.contact("bob").text(f"Hi {number}")
    assert httpsms.webhooks.wait_for().content == f"Hi {number}"
""",
    "test_bed.py": """
def test_fork(httpsms_testbed):
    message = httpsms_testbed.send("bob", "Hello")
    twin = httpsms_testbed.fork()
    httpsms_testbed.run_until_quiet()
    assert (httpsms_testbed.status(message), twin.status(message)) == ("delivered", "pending")
    assert httpsms_testbed.bed.seed == 7
""",
    "test_markers.py": """
@pytest.mark.httpsms(phones=2)
def test_phones(httpsms):
    assert len(httpsms.phones) == 2
    httpsms.phones[1].do("lose network")
    assert [phone.state["network"] for phone in httpsms.phones] == ["validated", "none"]


@pytest.mark.httpsms(phones=0)
def test_nobody(httpsms):
    with pytest.raises(urllib.error.HTTPError, match="422"):
        send(httpsms)


@pytest.mark.httpsms(keep_rate=True)
class TestRate:
    def test_rate(self, httpsms):
        messages = [send(httpsms) for _ in range(11)]
        httpsms.wait_for_sms()
        assert len(httpsms.inbox) < 11
        httpsms.advance(60)
        assert len(httpsms.inbox) == 11


@pytest.mark.httpsms(phones=9, keep_rate=True)
class TestNearest:
    @pytest.mark.httpsms(phones=1, keep_rate=False)
    def test_usual(self, httpsms):
        assert len(httpsms.phones) == 1
        for _ in range(11):
            send(httpsms)
        httpsms.advance(0)
        assert len(httpsms.inbox) == 11
""",
    "test_styles.py": """
import unittest


class TestOld(unittest.TestCase):
    @pytest.fixture(autouse=True)
    def gateway(self, httpsms):
        self.httpsms = httpsms

    def test_app(self):
        send(self.httpsms)
        self.assertEqual(self.httpsms.wait_for_sms(), "Hello")


def test_asked_for_later(request):
    httpsms = request.getfixturevalue("httpsms")
    send(httpsms)
    assert httpsms.wait_for_sms() == "Hello"
""",
    "test_three_lines.py": """
def test_sign_up(httpsms):
    send(httpsms, "Your code is 1234", to="+18005550100")
    assert "code" in httpsms.contact("+18005550100").wait_for_text().text
""",
    "test_worlds.py": WORLDS,
}
CLAIMS = {
    "test_a_session.py": "an application is set up once, before the first test, for worlds of every kind",
    "test_bed.py": "a test bed is a world in virtual time, with a twin",
    "test_markers.py": "a marker asks for another world",
    "test_styles.py": "tests may be methods, and ask for the fixture while they run",
    "test_three_lines.py": "three lines are enough",
    "test_worlds.py": "each test has a world of its own at the same place",
}


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """All of them together, under the strictest settings."""
    files = {name: SEND + text for name, text in GOOD.items()}
    arguments = ("-rA", "--strict-markers", "--httpsms-seed", "7")
    return pytest_in(tmp_path_factory.mktemp("good"), *arguments, files=files)


@pytest.mark.parametrize("name", CLAIMS, ids=CLAIMS.get)
def test_what_is_promised_is_so(name: str, good: Run) -> None:
    told = re.findall(rf"^(\w+) {re.escape(name)}::", good.out, re.MULTILINE)
    assert told == ["PASSED"] * len(told) != [], good


ASYNC = """
async def test_app(httpsms):
    import httpx

    async with httpx.AsyncClient(base_url=httpsms.url, headers={"x-api-key": httpsms.user_key}) as client:
        body = {"from": httpsms.number, "to": "+18005550100", "content": "Hello"}
        message = (await client.post("/v1/messages/send", json=body)).json()["data"]["id"]
    assert (await httpsms.contact("+18005550100").text_arrives()).text == "Hello"
    await httpsms.status_reached(message, "delivered")


def test_plain(httpsms):
    send(httpsms)
    httpsms.contact("+18005550100").wait_for_text("Hello")
"""
ASYNCIO = ("-o", "asyncio_default_fixture_loop_scope=function")


@pytest.mark.parametrize(
    ("mark", "arguments"),
    [
        ("", (*ASYNCIO, "-o", "asyncio_mode=auto")),
        ("@pytest.mark.asyncio", (*ASYNCIO, "-o", "asyncio_mode=strict")),
        ("@pytest.mark.anyio", ()),
    ],
    ids=["asyncio-auto", "asyncio-strict", "anyio"],
)
def test_it_works_in_coroutines_and_in_plain_tests(mark: str, arguments: tuple[str, ...], tmp_path: Path) -> None:
    backend = "@pytest.fixture\ndef anyio_backend():\n    return 'asyncio'\n\n\n"
    run = run_app(tmp_path, backend + ASYNC.replace("\nasync def", f"\n{mark}\nasync def"), *arguments)
    assert run.counts == {"passed": 2}, run


# -- what fails: one run of all that does ------------------------------------------------------------------------------

BAD = """
from harness import encrypt


def test_wait(httpsms):
    httpsms.phone.do("lose network")
    send(httpsms)
    httpsms.contact("bob").wait_for_text(timeout_s=0.2)


def test_other_failure(httpsms):
    send(httpsms)
    httpsms.wait_for_sms()
    assert 0


def test_asked_for_later(request):
    send(request.getfixturevalue("httpsms"))
    request.getfixturevalue("httpsms").wait_for_sms()
    assert 0


def test_time_option(httpsms):
    httpsms.wait_for_sms()


@pytest.mark.httpsms(timeout_s=0.1)
def test_time_marker(httpsms):
    httpsms.wait_for_sms()


def let_a_hook_fail(httpsms):
    httpsms.webhooks.subscribe("http://127.0.0.1:1/", events=["message.phone.received"])
    httpsms.contact("bob").text("Hi")
    for _ in range(2):
        httpsms.webhooks.wait_for(timeout_s=30)


def test_hook_unseen(httpsms):
    let_a_hook_fail(httpsms)


def test_hook_seen(httpsms):
    let_a_hook_fail(httpsms)
    assert len(httpsms.webhooks.failures) == 1


@pytest.mark.httpsms(webhook_failures="allowed")
def test_hook_allowed(httpsms):
    let_a_hook_fail(httpsms)


def test_hook_of_a_failure(httpsms):
    let_a_hook_fail(httpsms)
    assert 0


@pytest.mark.xfail(reason="known")
def test_hook_of_a_known_failure(httpsms):
    let_a_hook_fail(httpsms)
    assert 0


@pytest.fixture
def app(httpsms):
    let_a_hook_fail(httpsms)
    raise RuntimeError("the application does not start")


def test_hook_of_an_application_that_does_not_start(app):
    pass


def test_hook_asked_for_later(request):
    let_a_hook_fail(request.getfixturevalue("httpsms"))


def leak(httpsms):
    httpsms.webhooks.subscribe()
    httpsms.phone.do("encryption key Password123")
    content = encrypt("Password123", "a secret text")
    body = {"from": httpsms.number, "to": "+18005550100", "content": content, "encrypted": True}
    ask(httpsms, "/v1/messages/send", body)
    httpsms.webhooks.wait_for("message.phone.sent", timeout_s=30)
    clear = {"from": "BANK", "to": httpsms.number, "content": "a secret text", "sim": "SIM1", "encrypted": True}
    ask(httpsms, "/v1/messages/receive", {**clear, "timestamp": "2026-01-01T00:00:00Z"})


def test_leak(httpsms):
    leak(httpsms)


@pytest.mark.httpsms(breaks=["no-clear-text"])
def test_leak_meant(httpsms):
    leak(httpsms)


def test_last(httpsms):
    assert httpsms.trace() == []
"""


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> Run:
    files = {"test_app.py": SEND + BAD}
    return pytest_in(tmp_path_factory.mktemp("bad"), "-rA", "--httpsms-timeout", "0.3", files=files)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("test_wait", ["FAILED"]),
        ("test_other_failure", ["FAILED"]),
        ("test_hook_unseen", ["PASSED", "ERROR"]),
        ("test_hook_asked_for_later", ["PASSED", "ERROR"]),
        ("test_hook_seen", ["PASSED"]),
        ("test_hook_allowed", ["PASSED"]),
        ("test_hook_of_a_failure", ["FAILED"]),  # once is enough
        ("test_hook_of_an_application_that_does_not_start", ["ERROR"]),
        ("test_leak", ["PASSED", "ERROR"]),
        ("test_leak_meant", ["PASSED"]),
        ("test_last", ["PASSED"]),
    ],
)
def test_a_test_ends_by_what_it_did_and_by_what_it_left_behind(name: str, words: list[str], bad: Run) -> None:
    assert bad.ends[name] == words, bad


def test_what_is_known_to_fail_may_leave_anything_behind(bad: Run) -> None:
    assert bad.counts["xfailed"] == 1
    assert "test_hook_of_a_known_failure" not in bad.ends


def test_a_wait_in_vain_shows_the_life_of_the_message_and_no_key(bad: Run) -> None:
    told = bad.section("test_wait")
    assert "not seen within 0.2 s: a text to bob (+18005550100)" in told
    assert re.search(r"message \S+ to \+18005550100, missing: the push reaches the phone", told)
    assert re.search(r"push +accepted", told)
    assert re.search(r"^test_app.py:\d+: NotSeen", told, re.MULTILINE)  # at the line of the test, in none of ours
    assert "uk_" not in bad.out


@pytest.mark.parametrize("name", ["test_other_failure", "test_asked_for_later"])
def test_any_failure_shows_what_happened_in_the_world(name: str, bad: Run) -> None:
    assert "+18005550100 has read 'Hello' from +18005550199" in bad.section(name)


def test_so_does_an_application_that_does_not_start(bad: Run) -> None:
    told = bad.section("test_hook_of_an_application_that_does_not_start")
    assert "the last text that a contact wrote" in told or "POST /v1/webhooks: 201" in told


def test_the_time_that_waits_take_is_an_option_and_a_marker(bad: Run) -> None:
    for name, seconds in (("test_time_option", "0.3"), ("test_time_marker", "0.1")):
        assert f"not seen within {seconds} s" in bad.section(name)


def test_what_was_left_behind_is_told_in_our_words_alone(bad: Run) -> None:
    assert "the test never looked at httpsms.webhooks.failures" in bad.out
    assert "message.phone.received to http://127.0.0.1:1/, attempt 2: " in bad.out
    assert re.search(r"^E? *no-clear-text: .* shows the clear text of an encrypted one", bad.out, re.MULTILINE), bad
    assert "hosted.py" not in bad.out


# -- what users do wrong: one run of all of it -------------------------------------------------------------------------

# The marker or the line of a test, and what its failure says.
WRONG = (
    ("httpsms(phnes=2)", "the marker httpsms knows no 'phnes', but phones, keep_rate"),
    ("httpsms('two phones')", "the marker httpsms knows no 'two phones', but phones, keep_rate"),
    ("httpsms(phones='2')", "the marker httpsms(phones='2') wants a number from 0 to 50"),
    ("httpsms(phones=51)", "the marker httpsms(phones=51) wants a number from 0 to 50"),
    ("httpsms(keep_rate=1)", "the marker httpsms(keep_rate=1) wants True or False"),
    ("httpsms(pace='slow')", "the marker httpsms(pace='slow') wants 'faithful' or 'instant'"),
    ("httpsms(breaks='no-clear-text')", "the marker httpsms(breaks='no-clear-text') wants a list of some of "),
    ("httpsms(breaks=['no-clear-txt'])", "the marker httpsms(breaks=['no-clear-txt']) wants a list of some of "),
    ("httpsms(timeout_s=0)", "the marker httpsms(timeout_s=0) wants a number of seconds"),
    ("httpsms(webhook_failures='allow')", "the marker httpsms(webhook_failures='allow') wants 'refused' or 'allowed'"),
    ("httpsms.phone.do('dance')", "'dance' is nothing that can be done to a phone"),
    ("httpsms.advance(-1)", "seconds must be a number from 0 to 1e7"),
    ("httpsms.contact('bob').call('hung up')", "a call does not end 'hung up'"),
    ("httpsms.text(from_='much too long a name', text='Hi')", "neither a number nor 1 to 11 characters"),
    ("httpsms.contact('bob').text('Hi', to='+18005550111')", "there is no phone +18005550111"),
    ("httpsms.contact('+bob')", "'+bob' is not an E.164 number"),
    ("httpsms.webhooks.wait_for('message.received')", "there is no event 'message.received'"),
    ("httpsms.webhooks.subscribe('nowhere')", "the gateway takes no such webhook (422): validation errors"),
    ("httpsms.wait_for_status('1', 'deliverd')", "there is no status 'deliverd'"),
    ("httpsms.faults = ('lost',)", "there is no fault 'lost'"),
    ("httpsms.__enter__()", "this gateway has been started already"),
    ("httpsms_testbed.do('dance')", "'dance' is nothing that can be done to a phone"),
    ("httpsms_testbed.send('bob', 'Hi', from_='+1')", "the API takes no such message"),
)


def wrong_test(number: int, words: str) -> str:
    if words.startswith("httpsms("):
        return f"@pytest.mark.{words}\ndef test_{number}(httpsms):\n    pass\n"
    return f"def test_{number}(httpsms, httpsms_testbed):\n    {words}\n"


@pytest.fixture(scope="module")
def wrong(tmp_path_factory: pytest.TempPathFactory) -> Run:
    tests = "\n\n".join(wrong_test(number, words) for number, (words, _) in enumerate(WRONG))
    return pytest_in(tmp_path_factory.mktemp("wrong"), files={"test_app.py": f"import pytest\n\n\n{tests}"})


@pytest.mark.parametrize(("number", "said"), [(number, said) for number, (_, said) in enumerate(WRONG)])
def test_what_the_user_did_wrong_is_told_at_their_line_and_in_few(number: int, said: str, wrong: Run) -> None:
    told = wrong.section(f"test_{number}").splitlines()
    assert any(said in line for line in told), wrong
    assert not any(re.match(r"\S+\.py:\d+: in ", line) or "/harness/" in line for line in told), wrong
    assert len(told) < 20


MISUSED = """
import pytest


def doctested():
    \"\"\"
    >>> getfixture("httpsms").phone.do("dance")
    \"\"\"


@pytest.fixture(scope="module")
def narrow(httpsms):
    return httpsms


def test_scope(narrow):
    pass


def test_before(httpsms):
    pass


@pytest.fixture(scope="module")
def late(httpsms_gateway):
    httpsms_gateway.webhooks.subscribe()


def test_late(late, httpsms):
    pass
"""
TOLD = (
    "UNEXPECTED EXCEPTION: UsageError(\"'dance' is nothing that can be done to a phone\"",
    "httpsms is the world of one test: what is set up for several takes httpsms_gateway instead",
    "set up what all are to find before the first one begins (with pytest: in a fixture of the scope session)",
)


@pytest.fixture(scope="module")
def misused(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder, tests = tmp_path_factory.mktemp("misused"), {"test_app.py": MISUSED}
    return pytest_in(folder, "--doctest-modules", "-W", "default::UserWarning", files=tests)


@pytest.mark.parametrize("said", TOLD)
def test_what_is_misused_outside_of_a_test_is_told_with_a_remedy_too(said: str, misused: Run) -> None:
    assert said in misused.out, misused
    assert not re.search(r"harness/\S+:\d+: in |File .*/harness/", misused.out), misused


def test_a_gateway_that_a_test_has_stopped_is_told_in_every_one_without_a_word_of_our_code(tmp_path: Path) -> None:
    tests = """
    def test_stop(httpsms):
        httpsms.__exit__(None, None, None)

    def test_next(httpsms):
        pass
    """
    run = run_app(tmp_path, tests)
    assert run.counts == {"passed": 1, "error": 2}, run
    assert run.out.count("\nthe gateway has stopped: it is of all tests, and none of them may stop it\n") == 2, run
    assert "/harness/" not in run.out


LEFT = """
import asyncio
import threading

found, threads = [], []


def wait(httpsms):
    try:
        found.append(httpsms.wait_for_sms(timeout_s=600))
    except TimeoutError as error:
        found.append(str(error))


def test_leaves_a_thread_that_waits(httpsms):
    threads.append(threading.Thread(target=wait, args=(httpsms,)))
    threads[0].start()


def test_leaves_a_loop_in_which_a_task_waits(httpsms):
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda *_: None)  # it would complain of the task
    threads.append(loop.create_task(httpsms.sms_arrives()))
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()


def test_finds_its_texts_all_the_same(httpsms):
    threads[0].join()
    assert found[0].endswith("the test in which this wait began has ended")
    for text in ("one", "two"):
        send(httpsms, text)
        assert httpsms.wait_for_sms() == text
    threads[1].get_coro().close()
"""


def test_what_a_test_leaves_waiting_takes_nothing_of_the_next(tmp_path: Path) -> None:
    run = run_app(tmp_path, LEFT)
    assert run.counts == {"passed": 3}, run


# -- late calls --------------------------------------------------------------------------------------------------------

LATE = """
import threading

import httpx

ids, clients, going = [], [], threading.Event()


def test_first(httpsms):
    ids.append(send(httpsms))
    httpsms.wait_for_sms()
    clients.append(httpx.Client(transport=httpsms.transport(), base_url=httpsms.url))
    threading.Thread(target=going.wait, name="poller").start()


def test_second(httpsms):
    with pytest.raises(urllib.error.HTTPError) as refused:
        ask(httpsms, f"/v1/messages/{ids[0]}")
    assert refused.value.code == 409
    assert "late call of test test_app.py::test_first" in json.load(refused.value)["message"]
    refused = clients[0].get("/v1/phones", headers={"x-api-key": httpsms.user_key})
    assert refused.status_code == 409
    assert "it came by a transport that was made in that test" in refused.json()["message"]


def test_third(httpsms):
    assert 0


def test_between(httpsms_gateway):
    with pytest.raises(urllib.error.HTTPError, match="409"):
        ask(httpsms_gateway, "/v1/phones")
    going.set()
"""


def test_a_late_call_is_refused_and_named(tmp_path: Path) -> None:
    run = run_app(tmp_path, LATE, "-W", "default::UserWarning")
    assert run.counts == {"failed": 1, "passed": 3, "warning": 2}, run
    assert re.search(
        r"^ +\S+test_app.py:\d+: LateCallWarning: late call of test test_app.py::test_first: GET /v1/messages/",
        run.out, re.MULTILINE,
    ), run  # fmt: skip
    assert "during test_app.py::test_second" in run.out
    assert "late call of test test_app.py::test_third: GET /v1/phones" in run.out
    assert "left running by earlier tests, and may have called: poller of test_app.py::test_first" in run.out
    assert "hosted.py" not in run.out


def test_where_warnings_are_errors_a_late_call_fails_the_test_that_ran(tmp_path: Path) -> None:
    run = run_app(tmp_path, LATE)
    assert "ERROR at teardown of test_second" in run.out, run
    assert "\nLateCallWarning: late call of test test_app.py::test_first" in run.out
    assert "hosted.py" not in run.out


# -- how it is told ----------------------------------------------------------------------------------------------------


def test_host_and_port_are_where_the_gateway_listens(tmp_path: Path) -> None:
    port = free_port()
    tests = f"""
    @pytest.mark.httpsms(phones=2)
    def test_place(httpsms):
        assert httpsms.url == "http://127.0.0.2:{port}"
        send(httpsms)
        httpsms.wait_for_sms()
    """
    run = run_app(tmp_path, tests, "--httpsms-host", "127.0.0.2", "--httpsms-port", str(port))
    assert run.counts == {"passed": 1}, run


def test_options_are_a_fixture_that_a_suite_may_write_itself(tmp_path: Path) -> None:
    conftest = """
    import pytest
    from harness.serving import AccountSpec, ServeOptions

    @pytest.fixture(scope="session")
    def httpsms_options():
        return ServeOptions(accounts=(AccountSpec(api_key="uk_mine"),), phones=3)
    """
    (tmp_path / "conftest.py").write_text(textwrap.dedent(conftest), encoding="utf-8")
    tests = """
    def test_app(httpsms):
        assert (httpsms.user_key, len(httpsms.numbers)) == ("uk_mine", 3)

    @pytest.mark.httpsms(phones=1)
    def test_fewer(httpsms):
        assert len(httpsms.numbers) == len(ask(httpsms, "/v1/phones")) == 1
        send(httpsms)
        httpsms.wait_for_sms()
        send(httpsms, to="+18005550198")  # which was a phone's
        httpsms.wait_for_sms(to="+18005550198")
    """
    assert run_app(tmp_path, tests).counts == {"passed": 2}


def test_options_of_another_kind_are_refused_with_the_kind_that_they_are_to_be(tmp_path: Path) -> None:
    tests = """
    @pytest.fixture(scope="session")
    def httpsms_options():
        return {"phones": 3}

    def test_app(httpsms):
        pass
    """
    told = run_app(tmp_path, tests).section("test_app")
    assert told.strip() == "the fixture httpsms_options is to return harness.serving.ServeOptions(…), not a dict"


@pytest.mark.parametrize("fixture", ["httpsms", "httpsms_gateway"])
def test_a_gateway_that_cannot_start_says_why_in_a_line(fixture: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        run = run_app(tmp_path, f"def test_app({fixture}): pass\n", "--httpsms-port", str(port))
    assert run.counts == {"error": 1}
    assert run.section("test_app").strip().startswith(f"the gateway cannot start: port {port}")
    assert ".py" not in run.section("test_app")


@pytest.mark.parametrize(
    ("arguments", "environment", "said"),
    [
        (("--httpsms-port", "65536"), {}, "--httpsms-port: '65536' is no port"),
        ((), {"HTTPSMS_TIMEOUT": "soon"}, "HTTPSMS_TIMEOUT: 'soon' is no number of seconds"),
        (("-o", "httpsms_scenarios=maybe"), {}, "httpsms_scenarios: 'maybe' is neither on nor off"),
    ],
)
def test_a_setting_that_cannot_be_is_told_before_the_first_test(
    arguments: tuple[str, ...], environment: dict[str, str], said: str, tmp_path: Path
) -> None:
    run = run_app(tmp_path, "def test_app(): pass\n", *arguments, **environment)
    assert run.code == pytest.ExitCode.USAGE_ERROR
    assert re.fullmatch(rf"ERROR: {re.escape(said)}: [^\n]+", run.err.strip()), run  # what it takes comes last


# -- the other fixtures ------------------------------------------------------------------------------------------------


SERVER = """
def test_server(httpsms_server):
    assert (httpsms_server.url, httpsms_server.user_key, httpsms_server.number) == ("http://sms.test", "uk_1", "+1")
    assert "uk_1" not in repr(httpsms_server)
"""


def test_a_server_of_ones_own_is_what_the_options_say(tmp_path: Path) -> None:
    options = ("--httpsms-server", "http://sms.test/", "--httpsms-user-key", "uk_1", "--httpsms-number", "+1")
    assert run_app(tmp_path, SERVER, *options).counts == {"passed": 1}


def test_without_one_the_test_is_skipped_and_says_what_is_missing(tmp_path: Path) -> None:
    run = run_app(tmp_path, SERVER, "-rs")
    assert run.counts == {"skipped": 1}
    assert "no server of your own: give --httpsms-server URL" in run.out
