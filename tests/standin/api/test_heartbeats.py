"""harness.standin.api.heartbeats: signs of life (gateway-protocol.md §2.14)."""

from __future__ import annotations

from tests.standin.gateways import OWNER, Gateway

PATH = "/v1/heartbeats"


def test_a_heartbeat_has_the_time_of_the_server_and_the_version_of_the_app() -> None:
    gateway = Gateway.with_phone()
    body = {"phone_numbers": [OWNER], "charging": True}
    answer = gateway.call("POST", PATH, body, key=gateway.key, headers={"X-Client-Version": "v1.2.3"})
    assert (answer.status, answer.body["message"]) == (201, "[1] heartbeats received successfully")
    (beat,) = answer.data
    assert list(beat) == ["id", "owner", "version", "charging", "user_id", "timestamp"]
    assert (beat["owner"], beat["version"], beat["charging"]) == (OWNER, "v1.2.3", True)
    assert beat["timestamp"] == "2026-11-20T10:00:01.223456789Z"
    (read,) = gateway.call("GET", f"{PATH}?owner=18005550199").data
    assert read == beat | {"timestamp": "2026-11-20T10:00:01.223456Z"}


def test_heartbeats_are_listed_newest_first_one_at_a_time() -> None:
    gateway = Gateway.with_phone()
    for charging in (True, False):
        gateway.call("POST", PATH, {"owner": OWNER, "charging": charging}, key=gateway.key)
    path = f"{PATH}?owner=%2B18005550199"
    assert [beat["charging"] for beat in gateway.call("GET", path).data] == [False]
    assert [beat["charging"] for beat in gateway.call("GET", path + "&limit=5").data] == [False, True]
    assert gateway.call("GET", PATH).status == 422


def test_a_user_may_send_any_number_a_phone_only_its_own() -> None:
    gateway = Gateway.with_phone()
    body = {"phone_numbers": [OWNER, "+18005559999"]}
    assert gateway.call("POST", PATH, body).body["message"] == "[2] heartbeats received successfully"
    refused = gateway.call("POST", PATH, body, key=gateway.key)
    assert refused.status == 401
    assert "[+18005559999]" in refused.data
    assert gateway.call("POST", PATH, {"phone_numbers": ["1"]}).status == 422


def test_the_filter_of_heartbeats_minds_case() -> None:
    gateway = Gateway.with_phone()
    gateway.call("POST", PATH, {"owner": OWNER}, key=gateway.key, headers={"X-Client-Version": "v1.B"})
    path = f"{PATH}?owner=%2B18005550199&query="
    assert [len(gateway.call("GET", path + query).data) for query in ("1.B", "1_B", "1.b")] == [1, 1, 0]
    assert gateway.call("GET", path + "%00").status == 500


def test_of_each_number_only_the_newest_heartbeats_are_kept_where_it_is_said() -> None:
    gateway = Gateway.with_phone(heartbeats_kept=2)
    for charging in (True, False, False):
        gateway.call("POST", PATH, {"phone_numbers": [OWNER, "+18005559999"], "charging": charging})
    for owner in (OWNER, "+18005559999"):
        path = f"{PATH}?limit=5&owner={owner.replace('+', '%2B')}"
        assert [beat["charging"] for beat in gateway.call("GET", path).data] == [False, False]
