"""Request objects that nobody signed: the conformance suite lets a provider take them or refuse
them by their own names, and this one refuses."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from browser import Browser
from expect import page400, redirected
from forge import jws
from harness import Client, User
from protocol import authorization_url, authorize, request_parameters

conformance = pytest.mark.conformance


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A server that would notice whoever fetches something from it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        yield listener


def unsigned(client: Client, **changes: str | None) -> str:
    """The parameters of a good request as an object with the algorithm `none`."""
    parameters = request_parameters(client, None, **changes)
    return jws({"alg": "none"}, parameters | {"iss": client.id, "aud": client.tenant.issuer})


@conformance(
    "oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported", "refused")
def test_a_request_object_without_signature(
    plain_client: Client, user: User, browser: Browser
) -> None:
    metadata = plain_client.tenant.metadata
    assert "none" not in metadata.get("request_object_signing_alg_values_supported", [])
    authorize(browser, plain_client, user, None)
    for inside in ({}, {"state": "inside"}, {"redirect_uri": "https://evil.test/cb"}):
        page = browser.get(authorization_url(
            plain_client, None, request=unsigned(plain_client, **inside)))
        redirected(page, plain_client, ("request_not_supported", "invalid_request_object"))


@conformance(
    "oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported", "refused")
def test_a_request_object_elsewhere_is_never_fetched(
    plain_client: Client, user: User, browser: Browser, listener: socket.socket
) -> None:
    authorize(browser, plain_client, user, None)
    port = listener.getsockname()[1]
    for uri in (f"http://127.0.0.1:{port}/request.jwt", f"https://127.0.0.1:{port}/request.jwt"):
        page = browser.get(authorization_url(plain_client, None, request_uri=uri))
        redirected(page, plain_client, ("request_uri_not_supported", "invalid_request_uri"))
    with pytest.raises(BlockingIOError):
        listener.accept()


@conformance("oidcc-ensure-request-object-with-redirect-uri", "refused")
def test_a_request_object_does_not_mend_a_bad_address(
    plain_client: Client, user: User, browser: Browser
) -> None:
    authorize(browser, plain_client, user, None)
    bad = plain_client.redirect_uri + "/other"
    page400(browser.get(authorization_url(
        plain_client, None, redirect_uri=bad, request=unsigned(plain_client))))
