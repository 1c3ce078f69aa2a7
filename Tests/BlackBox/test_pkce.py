"""Proof keys: attack cases 3.C, and the exception for legacy clients."""

from __future__ import annotations

import string

import pytest

from browser import Browser
from expect import j400, redirected
from harness import Client, CommandFailed, Tenant, User
from protocol import PKCE, Redirect, authorization_url, authorize, redeem, request_parameters, token

ALPHABET = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"


def sibling(text: str) -> str:
    """Another spelling of the same bytes: the unused bits of the last character are not zero."""
    return text[:-1] + ALPHABET[ALPHABET.index(text[-1]) + 1]


@pytest.mark.conformance("fapi2-security-profile-final-par-ensure-pkce-required", "refused")
@pytest.mark.conformance("fapi2-security-profile-final-par-plain-pkce-rejected", "refused")
@pytest.mark.parametrize("kind", ["web", "spa", "native"])
def test_gh_059_a_code_challenge_is_required(
    tenant: Tenant, user: User, browser: Browser, kind: str
) -> None:
    client = tenant.create_client(kind)
    authorize(browser, client, user, PKCE.new())
    for changes in (
        {}, {"code_challenge": ""}, {"code_challenge_method": "S256"},
        {"code_challenge": PKCE.new().challenge},
        {"code_challenge": PKCE.new().verifier, "code_challenge_method": "plain"},
        {"code_challenge": PKCE.new().challenge, "code_challenge_method": "s256"},
        {"code_challenge": PKCE.new().challenge, "code_challenge_method": ""},
    ):
        page = browser.get(authorization_url(client, None, **changes))
        redirected(page, client, "invalid_request")


@pytest.mark.conformance(
    "fapi2-security-profile-final-ensure-pkce-code-verifier-required", "refused")
@pytest.mark.conformance(
    "fapi2-security-profile-final-incorrect-pkce-code-verifier-rejected", "refused")
def test_gh_061_the_verifier_is_needed_and_the_code_is_burnt_without(
    client: Client, user: User, browser: Browser
) -> None:
    for wrong in (None, "", PKCE.new().verifier):
        pkce = PKCE.new()
        code = authorize(browser, client, user, pkce).code
        j400(redeem(client, code, pkce, code_verifier=wrong), "invalid_grant")
        j400(redeem(client, code, pkce), "invalid_grant")


def test_gh_062_a_verifier_without_a_challenge_is_refused(
    client: Client, user: User, browser: Browser
) -> None:
    client.update("--pkce", "optional")
    pkce = PKCE.new()
    code = authorize(browser, client, user, None).code
    j400(redeem(client, code, pkce), "invalid_grant")
    j400(redeem(client, code, None), "invalid_grant")
    # A legacy client that does send a challenge is held to it.
    code = authorize(browser, client, user, pkce).code
    j400(redeem(client, code, None), "invalid_grant")


def test_gh_062_pkce_can_be_optional_only_for_confidential_clients(tenant: Tenant) -> None:
    for kind in ("spa", "native"):
        with pytest.raises(CommandFailed) as failure:
            tenant.create_client(kind, "--pkce", "optional")
        assert failure.value.code == 2
    client = tenant.create_client("web", "--pkce", "optional")
    made = [e for e in tenant.instance.events(tenant) if e["subject"] == client.id]
    assert "pkce_not_required" in made[0]["detail"], "The exception stands in the audit."


def test_gh_064_challenges_of_a_wrong_shape(
    client: Client, user: User, browser: Browser
) -> None:
    authorize(browser, client, user, PKCE.new())
    good = PKCE.new().challenge
    for challenge in (good[:-1], good + "A", "x", good + "=", good[:-1] + "+", good[:-1] + "%",
                      good[:-1] + " ", "é" * 43, good[:20] + "." + good[21:], "A" * 4000):
        page = browser.get(authorization_url(client, PKCE.new(), code_challenge=challenge))
        redirected(page, client, "invalid_request")
    page = browser.post(
        client.tenant.endpoint("authorization"),
        request_parameters(client, PKCE.new(), code_challenge="A" * 100_000), site="cross-site")
    assert page.status in (400, 413) and page.location is None


def test_gh_064_verifiers_of_a_wrong_shape(
    client: Client, user: User, browser: Browser
) -> None:
    for verifier in ("a" * 42, "a" * 129, "a" * 42 + "%", "a" * 42 + "+", "a" * 43 + "\n",
                     "é" * 43, " " * 43, "x"):
        # The challenge fits the verifier: it is the shape alone that is wrong.
        pkce = PKCE.new(verifier)
        code = authorize(browser, client, user, pkce).code
        j400(redeem(client, code, pkce), "invalid_grant")
    for length in (43, 128):
        pkce = PKCE.new(("aZ9-._~" * 20)[:length])
        code = authorize(browser, client, user, pkce).code
        assert redeem(client, code, pkce).status_code == 200


def test_gh_065_and_454_a_challenge_has_one_spelling(
    client: Client, user: User, browser: Browser
) -> None:
    authorize(browser, client, user, PKCE.new())
    pkce = PKCE.new()
    page = browser.get(
        authorization_url(client, pkce, code_challenge=sibling(pkce.challenge)))
    redirected(page, client, "invalid_request")


def test_gh_067_a_secret_does_not_replace_the_verifier(
    public_client: Client, user: User, browser: Browser
) -> None:
    pkce = PKCE.new()
    code = authorize(browser, public_client, user, pkce).code
    for secret in ("anything", "", "cs_" + "A" * 43):
        answer = token(
            public_client, grant_type="authorization_code", code=code, client_secret=secret,
            redirect_uri=public_client.redirect_uri)
        assert answer.status_code in (400, 401) and "access_token" not in answer.text


def test_gh_068_one_challenge_in_many_requests(
    client: Client, user: User, browser: Browser
) -> None:
    pkce = PKCE.new()
    codes = {authorize(browser, client, user, pkce, state=f"s{n}").code for n in range(20)}
    assert len(codes) == 20
    for code in codes:
        assert redeem(client, code, pkce).status_code == 200


def test_the_challenge_of_one_code_does_not_serve_another(
    client: Client, user: User, browser: Browser
) -> None:
    one, two = PKCE.new(), PKCE.new()
    first = authorize(browser, client, user, one).code
    assert Redirect.read(browser.get(authorization_url(client, two))).code
    j400(redeem(client, first, two), "invalid_grant")
