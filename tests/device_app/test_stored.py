"""What the app keeps in its preferences."""

from __future__ import annotations

from harness.device_app import AppSettings, Preference, SimSettings, changed, settings_in, stored

SETTINGS = AppSettings(
    (SimSettings("+18005550100", active=False, calls=True), SimSettings("+18005550101", incoming=False)),
    "https://example.com",
    "pk_key",
    "Password123",
    encrypt_received=True,
    registration_token="token",
    user_id="user",
    token_uploaded_at_ms=1,
    heartbeat_at_ms=2,
    debug=True,
)


def test_what_is_stored_reads_as_it_was() -> None:
    assert settings_in(changed({}, stored(SETTINGS))) == SETTINGS


def test_an_app_that_nobody_has_used_has_its_defaults() -> None:
    assert settings_in({}) == AppSettings()


def test_a_setting_of_another_kind_counts_as_none() -> None:
    assert settings_in({"SETTINGS_API_KEY": Preference("int", 1)}).api_key is None


def test_the_names_are_the_apps_own() -> None:
    found = stored(SETTINGS)
    assert found["SETTINGS_SIM1_PHONE_NUMBER"] == Preference("string", "+18005550100")
    assert found["SETTINGS_SIM2_INCOMING_ACTIVE"] == Preference("boolean", False)
    assert found["SETTINGS_FCM_TOKEN_UPDATE_TIMESTAMP"] == Preference("long", 1)


def test_no_secret_is_shown() -> None:
    told = repr(SETTINGS)
    assert not any(secret in told for secret in ("pk_key", "Password123", "token'"))
