"""The metadata document as the conformance suite reads it: at https, member by member."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from joserfc.jwk import KeySet

from browser import Browser
from conftest import KINDS
from expect import redirected
from forge import jws
from harness import Client, Instance, User
from protocol import authorization_url, authorize
from suite import sign_in_for_tokens, verified

conformance = pytest.mark.conformance

SECURE = "https://id.test"
PROXY = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}

URLS = """
    issuer authorization_endpoint token_endpoint userinfo_endpoint jwks_uri registration_endpoint
    revocation_endpoint introspection_endpoint end_session_endpoint device_authorization_endpoint
    pushed_authorization_request_endpoint backchannel_authentication_endpoint
    service_documentation op_policy_uri op_tos_uri
    """.split()
LISTS = """
    scopes_supported response_types_supported response_modes_supported grant_types_supported
    acr_values_supported subject_types_supported id_token_signing_alg_values_supported
    userinfo_signing_alg_values_supported request_object_signing_alg_values_supported
    token_endpoint_auth_methods_supported token_endpoint_auth_signing_alg_values_supported
    revocation_endpoint_auth_methods_supported
    revocation_endpoint_auth_signing_alg_values_supported
    introspection_endpoint_auth_methods_supported
    introspection_endpoint_auth_signing_alg_values_supported
    introspection_signing_alg_values_supported authorization_signing_alg_values_supported
    display_values_supported claim_types_supported claims_supported claims_locales_supported
    ui_locales_supported code_challenge_methods_supported prompt_values_supported
    dpop_signing_alg_values_supported authorization_details_types_supported
    backchannel_token_delivery_modes_supported
    backchannel_authentication_request_signing_alg_values_supported
    """.split()
FLAGS = """
    claims_parameter_supported request_parameter_supported request_uri_parameter_supported
    require_request_uri_registration require_signed_request_object
    require_pushed_authorization_requests authorization_response_iss_parameter_supported
    tls_client_certificate_bound_access_tokens frontchannel_logout_supported
    frontchannel_logout_session_supported backchannel_logout_supported
    backchannel_logout_session_supported backchannel_user_code_parameter_supported
    client_id_metadata_document_supported
    """.split()


@pytest.fixture(scope="module", params=KINDS)
def secure_issuer(request: pytest.FixtureRequest) -> Iterator[tuple[str, Instance]]:
    """The issuer of a tenant whose address is https, behind a proxy; and its installation."""
    arguments = ["--base-url", SECURE, "--trusted-proxies", "127.0.0.1/32"]
    with Instance(request.param, arguments) as instance:
        yield instance.create_tenant().issuer, instance


@pytest.fixture
def told(secure_issuer: tuple[str, Instance]) -> dict[str, Any]:
    """What its document says."""
    return fetch(secure_issuer, f"{secure_issuer[0]}/.well-known/openid-configuration")


def fetch(secure_issuer: tuple[str, Instance], url: str) -> Any:
    """Fetches an https address of the installation by way of its proxy."""
    instance = secure_issuer[1]
    assert url.startswith(SECURE + "/"), url
    answer = instance.http.get(url.replace(SECURE, instance.url, 1), headers=PROXY)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    return answer.json()


@conformance("oidcc-discovery-endpoint-verification", "answer", "issuer")
def test_the_document_is_where_its_issuer_says(
    secure_issuer: tuple[str, Instance], told: dict[str, Any]
) -> None:
    assert told["issuer"] == secure_issuer[0]
    address = urlsplit(told["issuer"])
    assert (address.scheme, address.query, address.fragment) == ("https", "", "")
    assert not told["issuer"].endswith(("/", "?", "#"))


@conformance("oidcc-discovery-endpoint-verification", "types", "pkce")
def test_each_member_has_its_type(told: dict[str, Any]) -> None:
    # The only member that is an object: addresses for mutual TLS (RFC 8705 §5).
    aliases = told.pop("mtls_endpoint_aliases", {})
    assert set(aliases) <= set(URLS) and all(urlsplit(url).netloc for url in aliases.values())
    # The only member of our own, which RFC 8414 §2 allows and clients ignore.
    assert told.pop("change_feed_endpoint") == f"{told['issuer']}/changes"
    assert not set(told) - {*URLS, *LISTS, *FLAGS}, "No standard knows this member."
    for name, value in told.items():
        if name in URLS:
            assert isinstance(value, str) and urlsplit(value).netloc, name
        elif name in FLAGS:
            assert isinstance(value, bool), name
        else:
            assert isinstance(value, list) and value, name
            assert all(isinstance(item, str) and item for item in value), name
            assert len(value) == len(set(value)), name


@conformance("oidcc-discovery-endpoint-verification", "https", "endpoints")
@conformance("oidcc-rp-initiated-logout-discovery-endpoint-verification", "endpoint")
def test_the_endpoints(told: dict[str, Any]) -> None:
    for name in ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri",
                 "end_session_endpoint"):
        assert name in told
    for name in set(URLS) & set(told):
        address = urlsplit(told[name])
        assert address.scheme == "https" and not address.fragment, name


@conformance("oidcc-discovery-endpoint-verification", "keys")
def test_the_keys(secure_issuer: tuple[str, Instance], told: dict[str, Any]) -> None:
    document = fetch(secure_issuer, told["jwks_uri"])
    keys = document["keys"]
    assert KeySet.import_key_set(document).keys
    assert len({key["kid"] for key in keys}) == len(keys) > 0
    for key in keys:
        assert key["use"] == "sig" and "x5c" not in key
        assert not {"d", "p", "q", "dp", "dq", "qi", "oth", "k"} & set(key), "That is a secret."
        for name in {"n", "e", "x", "y"} & set(key):
            assert re.fullmatch(r"[A-Za-z0-9_-]+", key[name])
        if key["kty"] == "RSA":
            assert len(unpadded(key["n"])) >= 256 and unpadded(key["n"])[0] != 0
        else:
            assert (key["kty"], key["crv"]) in (("EC", "P-256"), ("OKP", "Ed25519"))
            assert all(len(unpadded(key[name])) == 32 for name in {"x", "y"} & set(key))
    offered = set(told["id_token_signing_alg_values_supported"])
    assert "RS256" in {key["alg"] for key in keys} <= offered | {"ES256"}


def unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@conformance(
    "oidcc-discovery-endpoint-verification", "response-types", "grant-types", "subject-types",
    "algorithms")
def test_what_every_provider_offers(told: dict[str, Any]) -> None:
    assert "code" in told["response_types_supported"]
    assert "authorization_code" in told["grant_types_supported"]
    assert set(told["subject_types_supported"]) <= {"public", "pairwise"}
    assert "RS256" in told["id_token_signing_alg_values_supported"]
    assert "none" not in told["id_token_signing_alg_values_supported"]
    assert "client_secret_basic" in told["token_endpoint_auth_methods_supported"]


@conformance("fapi2-security-profile-final-discovery-end-point-verification", "members")
def test_what_fapi_wants_is_offered(told: dict[str, Any]) -> None:
    """FAPI 2.0 Security Profile §5.3.2 and §5.4: beside what it wants there is more here."""
    assert "pushed_authorization_request_endpoint" in told
    assert told["authorization_response_iss_parameter_supported"] is True
    assert told["code_challenge_methods_supported"] == ["S256"]
    assert "private_key_jwt" in told["token_endpoint_auth_methods_supported"]
    assert told["claims_parameter_supported"] is True and told["acr_values_supported"]
    for name in (
        "token_endpoint_auth_signing_alg_values_supported",
        "id_token_signing_alg_values_supported", "dpop_signing_alg_values_supported",
    ):
        assert {"PS256", "ES256", "EdDSA"} & set(told[name]), name


@conformance("oidcc-discovery-endpoint-verification", "scopes", "claims", "locales")
def test_scopes_claims_and_languages(told: dict[str, Any]) -> None:
    assert "openid" in told["scopes_supported"]
    for scope in told["scopes_supported"]:
        assert re.fullmatch(r"[\x21\x23-\x5b\x5d-\x7e]+", scope)
    assert {"sub", "acr", "auth_time"} <= set(told["claims_supported"])
    for name in ("ui_locales_supported", "claims_locales_supported"):
        for tag in told.get(name, []):
            assert re.fullmatch(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|\d{3}))?", tag), tag


@conformance("oidcc-discovery-endpoint-verification", "parameters")
def test_what_is_said_of_parameters_is_true(
    plain_client: Client, user: User, browser: Browser
) -> None:
    """Their defaults differ from one to the other, so each is said."""
    metadata = plain_client.tenant.metadata
    authorize(browser, plain_client, user, None)
    values = {"request": jws({"alg": "none"}, {}), "request_uri": "https://rp.test/request"}
    for name, value in values.items():
        is_offered = metadata[f"{name}_parameter_supported"]
        assert isinstance(is_offered, bool)
        if not is_offered:
            page = browser.get(authorization_url(plain_client, None, **{name: value}))
            redirected(page, plain_client, f"{name}_not_supported")
    given = sign_in_for_tokens(
        plain_client, user, browser, claims='{"id_token":{"email":null}}')
    is_told = "email" in verified(plain_client, given)
    assert metadata["claims_parameter_supported"] is is_told
