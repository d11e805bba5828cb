"""harness.wire.urls: what Go takes for a URL with a host (checked against Go 1.26)."""

from __future__ import annotations

import pytest

from harness.wire import urls


@pytest.mark.parametrize(
    ("url", "scheme"),
    [
        ("https://placehold.co/600x400", "https"),
        ("HTTP://a", "http"),
        ("ftp://a.b", "ftp"),
        ("http://user:pass@a.b:80/x?y#z", "http"),
        ("http://[::1]:80/", "http"),
        ("http://a.b/a b", "http"),
        ("http://\u00e9.b/", "http"),
        ("http://a:", "http"),
        ("http://:80", "http"),
        ("", None),
        ("a.b/c", None),
        ("//a.b/c", None),
        ("mailto:a@b.c", None),
        ("http:///x", None),
        ("http://user@/x", None),
        ("http://a b/", None),
        ("http://a.b/%zz", None),
        ("http://a.b/\x00", None),
        ("http://a:x/", None),
        ("http://us er@a.b/", None),
        ("http://[::1", None),
        ("http://[x]/", None),
        (" http://a.b", None),
    ],
)
def test_a_url_has_a_scheme_and_a_host(url: str, scheme: str | None) -> None:
    assert urls.scheme(url) == scheme
