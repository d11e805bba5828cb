"""harness.standin.api.swagger: what a browser finds (gateway-protocol.md §1.5)."""

from __future__ import annotations

import pytest

from tests.standin.gateways import Gateway


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_root_leads_to_the_index(method: str) -> None:
    answer = Gateway().call(method, "/", key="")
    assert (answer.status, answer.response.header("Location"), answer.response.body) == (301, "/index.html", b"")


@pytest.mark.parametrize("path", ["/index.html", "/doc.json"])
def test_there_is_no_swagger_ui_and_the_answer_says_so(path: str) -> None:
    answer = Gateway().call("GET", path, key="")
    assert (answer.status, answer.response.header("Content-Type")) == (404, "text/plain; charset=utf-8")
    assert "no Swagger UI" in answer.body
