"""harness.standin.routes: how a path finds its route (gateway-protocol.md §1.5)."""

from __future__ import annotations

import pytest

from harness.standin import routes


@pytest.mark.parametrize(
    ("method", "path", "template", "ids"),
    [
        ("GET", "/v1/phones", "/v1/phones", ()),
        ("HEAD", "/v1/phones", "/v1/phones", ()),
        ("GET", "/V1/Phones/", "/v1/phones", ()),
        ("GET", "/v1/messages/outstanding", "/v1/messages/outstanding", ()),
        ("GET", "/v1/messages/Outstanding/", "/v1/messages/outstanding", ()),
        ("GET", "/v1/messages/ABC", "/v1/messages/{id}", ("ABC",)),
        ("POST", "/v1/messages/a.1/events", "/v1/messages/{id}/events", ("a.1",)),
        ("POST", "/v1/messages/calls/missed", "/v1/messages/calls/missed", ()),
        ("DELETE", "/v1/phone-api-keys/k/phones/p", "/v1/phone-api-keys/{id}/phones/{phone_id}", ("k", "p")),
        ("GET", "/v1//phones", None, ()),
        ("GET", "/v1/%70hones", None, ()),
        ("GET", "/v1/messages//", "/v1/messages", ()),
        ("POST", "/v1/messages//events", None, ()),
        ("GET", "/v1/phones/fcm-token", None, ()),
        ("DELETE", "/v1/phones", None, ()),
        ("PATCH", "/v1/phones", None, ()),
        ("GET", "/", "/", ()),
        ("HEAD", "/", "/", ()),
        ("GET", "/v1/messages/search", "/v1/messages/search", ()),
        ("GET", "/openapi.json", "/openapi.json", ()),
        ("DELETE", "/v1/messages/search", "/v1/messages/{id}", ("search",)),
        ("DELETE", "/v1/users/ME", "/v1/users/me", ()),
        ("DELETE", "/v1/users/Me/api-keys", "/v1/users/{id}/api-keys", ("Me",)),
        ("GET", "/v1/users/x", None, ()),
        ("POST", "/Integration/3cx/messages/", "/integration/3cx/messages", ()),
        ("GET", "/integration/3cx/messages", None, ()),
        ("GET", "/v1/phone\u017f", None, ()),
    ],
)
def test_a_path_finds_its_route(method: str, path: str, template: str | None, ids: tuple[str, ...]) -> None:
    found = routes.find(method, path)
    assert (None if found is None else (found[0].template, found[1])) == (None if template is None else (template, ids))


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/v1/phones", ("GET", "HEAD", "PUT")),
        ("/V1/PHONES/", ("GET", "HEAD", "PUT")),
        ("/v1/phone-api-keys", ("GET", "HEAD", "POST")),
        ("/v1/webhooks/x", ("GET", "HEAD", "PUT", "DELETE")),
        ("/health", ("GET", "HEAD")),
        ("/v1/users/me", ("GET", "HEAD", "PUT", "DELETE")),
        ("/discord/event", ("GET", "HEAD", "POST")),
        ("/nothing", ("GET", "HEAD")),
    ],
)
def test_a_path_knows_its_methods(path: str, methods: tuple[str, ...]) -> None:
    assert routes.allowed(path) == methods


def test_a_route_stands_in_the_table_once() -> None:
    named = [(route.method, route.template) for route in routes.ROUTES]
    assert len(named) == len(set(named))
