"""Discovery lists exactly what works: every member of the metadata is known here, and every value
that one names is used, by requests that anybody could send."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from joserfc import jws, jwt
from joserfc.jwk import KeySet

import authorization_details as rich
import device
import dpop
import jwt_bearer as bearer
import test_ciba as ciba
import token_exchange as exchange
from assertions import present, register
from browser import Browser
from harness import Client, Tenant, User
from logouts import outcomes, sign_out
from protocol import (
    PKCE, Redirect, allow, asks_consent, authorization_url, authorize, claims, push, pushed_url,
    redeem, refresh, sign_in, token, tokens, userinfo)
from request_objects import by_value, request_object
from response_modes import ALL, answer
from trial import eventually

OFFLINE = "openid offline_access"


@dataclass
class Walk:
    """A tenant in which everything is allowed, and who walks through it."""

    tenant: Tenant
    folder: Path

    def __post_init__(self) -> None:
        self.user = self.tenant.create_user(
            f"kay-{secrets.token_hex(4)}@example.com", username=f"kay-{secrets.token_hex(4)}",
            name="Kay Doe")
        self.client = self.tenant.create_client("web", *ALL)
        self.keys = KeySet.import_key_set(self.get(self.tenant.metadata["jwks_uri"]))

    def get(self, url: str) -> Any:
        answer = self.tenant.instance.http.get(url)
        assert answer.status_code == 200, url
        return answer.json()

    def browser(self) -> Browser:
        return Browser(self.tenant.instance)

    def tokens(self, client: Client | None = None, **changes: str | None) -> dict[str, Any]:
        return tokens(client or self.client, self.user, **changes)

    def is_signed(self, text: str, algorithm: str) -> None:
        assert jws.deserialize_compact(text, self.keys, algorithms=[algorithm])


def issuer(walk: Walk, value: str) -> None:
    given = walk.tokens()
    assert claims(given["id_token"])["iss"] == claims(given["access_token"])["iss"] == value


def keys(walk: Walk, value: str) -> None:
    given = walk.tokens()
    for name in ("id_token", "access_token"):
        jwt.decode(given[name], KeySet.import_key_set(walk.get(value)), algorithms=["RS256", "ES256"])


def authorization(walk: Walk, value: str) -> None:
    assert authorize(walk.browser(), walk.client, walk.user, PKCE.new()).code


def token_endpoint(walk: Walk, value: str) -> None:
    machine = walk.tenant.create_client("machine")
    assert token(machine, url=value, grant_type="client_credentials").status_code == 200


def userinfo_endpoint(walk: Walk, value: str) -> None:
    headers = {"Authorization": f"Bearer {walk.tokens()['access_token']}"}
    for ask in (walk.tenant.instance.http.get, walk.tenant.instance.http.post):
        assert ask(value, headers=headers).json()["sub"] == walk.user.id


def revocation(walk: Walk, value: str) -> None:
    given = walk.tokens(scope=OFFLINE)
    assert token(walk.client, url=value, token=given["refresh_token"]).status_code == 200
    assert refresh(walk.client, given["refresh_token"]).json()["error"] == "invalid_grant"


def introspection(walk: Walk, value: str) -> None:
    given = walk.tokens()
    assert token(walk.client, url=value, token=given["access_token"]).json()["active"] is True


def end_session(walk: Walk, value: str) -> None:
    browser, pkce = walk.browser(), PKCE.new()
    code = authorize(browser, walk.client, walk.user, pkce).code
    hint = redeem(walk.client, code, pkce).json()["id_token"]
    assert browser.follow(browser.get(f"{value}?id_token_hint={hint}")).status == 200
    silent = authorize(browser, walk.client, None, PKCE.new(), prompt="none")
    assert silent.error == "login_required"


def device_authorization(walk: Walk, value: str) -> None:
    client = device.device_client(walk.tenant)
    begun = device.Device.begin(client)
    device.decide(begun, walk.user)
    assert begun.tokens()["access_token"]


def pushed(walk: Walk, value: str) -> None:
    pkce = PKCE.new()
    request_uri = push(walk.client, pkce).json()["request_uri"]
    browser = walk.browser()
    page = sign_in(browser, browser.get(pushed_url(walk.client, request_uri)), walk.user)
    assert redeem(walk.client, Redirect.read(page).code, pkce).status_code == 200


def response_types(walk: Walk, values: list[str]) -> None:
    for value in values:
        sent = authorize(walk.browser(), walk.client, walk.user, PKCE.new(), response_type=value)
        assert set(value.split()) <= set(sent.parameters)


def response_modes(walk: Walk, values: list[str]) -> None:
    for mode in values:
        browser = walk.browser()
        url = authorization_url(walk.client, PKCE.new(), response_mode=mode)
        page = sign_in(browser, browser.get(url), walk.user)
        assert answer(page, walk.client, mode)["code"]


def challenge_methods(walk: Walk, values: list[str]) -> None:
    for method in values:
        pkce = PKCE.new()
        code = authorize(
            walk.browser(), walk.client, walk.user, pkce, code_challenge_method=method).code
        assert redeem(walk.client, code, None).json()["error"] == "invalid_grant"
    assert values


def prompts(walk: Walk, values: list[str]) -> None:
    for prompt in values:
        browser = walk.browser()
        page = browser.follow(browser.get(authorization_url(walk.client, PKCE.new(), prompt=prompt)))
        if prompt == "none":
            assert Redirect.read(page).error == "login_required"
        else:
            assert page.status == 200 and page.forms, prompt
        if prompt == "consent":
            form = page.form("identifier", "password")
            page = browser.follow(browser.submit(
                page, form, identifier=walk.user.name, password=walk.user.password))
            assert asks_consent(page) and Redirect.read(allow(browser, page)).code


def context_classes(walk: Walk, values: list[str]) -> None:
    for value in values:
        assert claims(walk.tokens(acr_values=value)["id_token"])["acr"] in values


def claims_parameter(walk: Walk, value: bool) -> None:
    assert value
    wish = json.dumps({"id_token": {"email": None}, "userinfo": {"name": None}})
    given = walk.tokens(claims=wish)
    assert claims(given["id_token"])["email"] == walk.user.email
    assert userinfo(walk.tenant, given["access_token"]).json()["name"] == "Kay Doe"


def is_refused(error: str, **parameters: str) -> Callable[[Walk, bool], None]:
    def use(walk: Walk, value: bool) -> None:
        assert value is False
        page = walk.browser().get(authorization_url(walk.client, PKCE.new(), **parameters))
        assert Redirect.read(page).error == error
    return use


def request_parameter(walk: Walk, value: bool) -> None:
    assert value
    requests_signed(walk, ["ES256"])


def requests_signed(walk: Walk, values: list[str]) -> None:
    for algorithm in values:
        signing, browser = register(walk.tenant, walk.folder, "web", algorithm), walk.browser()
        page = browser.get(by_value(signing.client, request_object(signing)))
        sent = Redirect.read(sign_in(browser, page, walk.user))
        assert sent.code and sent.parameters["state"] == "inside"


def is_not_demanded(walk: Walk, value: bool) -> None:
    assert value is False
    assert authorize(walk.browser(), walk.client, walk.user, PKCE.new()).code


def issuer_in_answers(walk: Walk, value: bool) -> None:
    assert value
    sent = authorize(walk.browser(), walk.client, walk.user, PKCE.new())
    assert sent.parameters["iss"] == walk.tenant.issuer


def answers_signed(walk: Walk, values: list[str]) -> None:
    for algorithm in values:
        client = walk.tenant.create_client("web", *ALL, "--id-token-algorithm", algorithm)
        browser = walk.browser()
        url = authorization_url(client, PKCE.new(), response_mode="query.jwt")
        page = sign_in(browser, browser.get(url), walk.user)
        walk.is_signed(Redirect.read(page).parameters["response"], algorithm)


def id_tokens_signed(walk: Walk, values: list[str]) -> None:
    for algorithm in values:
        client = walk.tenant.create_client("web", "--id-token-algorithm", algorithm)
        walk.is_signed(walk.tokens(client)["id_token"], algorithm)


def introspection_signed(walk: Walk, values: list[str]) -> None:
    for algorithm in values:
        client = walk.tenant.create_client("web", "--id-token-algorithm", algorithm)
        told = token(
            client, endpoint="introspection", token=walk.tokens(client)["access_token"],
            headers={"Accept": "application/token-introspection+jwt"})
        walk.is_signed(told.text, algorithm)


def userinfo_signed(walk: Walk, values: list[str]) -> None:
    for algorithm in values:
        client = walk.tenant.create_client("web", "--userinfo-algorithm", algorithm)
        told = userinfo(walk.tenant, walk.tokens(client)["access_token"])
        walk.is_signed(told.text, algorithm)


def proofs_signed(walk: Walk, values: list[str]) -> None:
    client = walk.tenant.create_client("native")
    for algorithm in values:
        pkce, key = PKCE.new(), dpop.Key(algorithm)
        code = authorize(walk.browser(), client, walk.user, pkce).code
        proof = key.proof("POST", walk.tenant.endpoint("token"))
        given = token(
            client, headers={"DPoP": proof}, grant_type="authorization_code", code=code,
            redirect_uri=client.redirect_uri, code_verifier=pkce.verifier)
        assert given.json()["token_type"] == "DPoP", algorithm


def assertions_signed(endpoint: str) -> Callable[[Walk, list[str]], None]:
    def use(walk: Walk, values: list[str]) -> None:
        for algorithm in values:
            client = register(walk.tenant, walk.folder, algorithm=algorithm)
            told = present(client.client, client.assertion(), endpoint=endpoint, token="x")
            assert told.status_code == 200, (algorithm, told.text)
    return use


def methods(endpoint: str) -> Callable[[Walk, list[str]], None]:
    def use(walk: Walk, values: list[str]) -> None:
        for method in values:
            if method == "private_key_jwt":
                client = register(walk.tenant, walk.folder)
                told = present(client.client, client.assertion(), endpoint=endpoint, token="x")
            elif method == "none":
                public = walk.tenant.create_client("native")
                given = walk.tokens(public, scope=OFFLINE)["refresh_token"]
                told = token(
                    public, endpoint=endpoint, grant_type="refresh_token", refresh_token=given,
                    token=given)
            else:
                machine = walk.tenant.create_client("machine")
                told = token(
                    machine, endpoint=endpoint, method=method, grant_type="client_credentials",
                    token="x")
            assert told.status_code == 200, (method, told.text)
    return use


def by_code(walk: Walk) -> None:
    assert walk.tokens()["access_token"]


def by_refresh_token(walk: Walk) -> None:
    given = walk.tokens(scope=OFFLINE)["refresh_token"]
    assert refresh(walk.client, given).status_code == 200


def by_client_credentials(walk: Walk) -> None:
    token_endpoint(walk, walk.tenant.endpoint("token"))


def by_device_code(walk: Walk) -> None:
    device_authorization(walk, "")


def by_token_exchange(walk: Walk) -> None:
    services = exchange.Services(walk.tenant)
    given = services.sign_in(walk.user)["access_token"]
    assert exchange.exchange(services.orders, given).status_code == 200


def by_assertion(walk: Walk) -> None:
    partner = bearer.trust(walk.tenant, walk.folder)
    assert partner.ask(partner.assertion(walk.user.id)).status_code == 200


def backchannel_authentication(walk: Walk, value: str) -> None:
    assert ciba.allowed(ciba.asking_client(walk.tenant), walk.user).tokens()["id_token"]


def by_ciba(walk: Walk) -> None:
    backchannel_authentication(walk, "")


def delivery_modes(walk: Walk, values: list[str]) -> None:
    assert values == ["poll"]
    by_ciba(walk)


def user_code_of_people(walk: Walk, value: bool) -> None:
    assert value is False
    client = ciba.asking_client(walk.tenant)
    assert ciba.ask(client, login_hint=walk.user.name).status_code == 200


GRANTS: dict[str, Callable[[Walk], None]] = {
    "authorization_code": by_code,
    "refresh_token": by_refresh_token,
    "client_credentials": by_client_credentials,
    device.GRANT_TYPE: by_device_code,
    exchange.GRANT_TYPE: by_token_exchange,
    bearer.GRANT_TYPE: by_assertion,
    ciba.GRANT_TYPE: by_ciba,
}


def grant_types(walk: Walk, values: list[str]) -> None:
    assert set(values) == set(GRANTS)
    for value in values:
        GRANTS[value](walk)


def scopes(walk: Walk, values: list[str]) -> None:
    for scope in values:
        given = walk.tokens(scope=f"openid {scope}" if scope != "openid" else scope)
        assert scope in given["scope"].split()


def subject_types(walk: Walk, values: list[str]) -> None:
    assert values == ["public", "pairwise"]
    assert claims(walk.tokens()["id_token"])["sub"] == walk.user.id
    names = set()
    for host in ("rp.test", "other.test"):
        client = walk.tenant.create_client(
            "web", "--subject-type", "pairwise", redirect_uris=[f"https://{host}/cb"])
        names.add(claims(walk.tokens(client)["id_token"])["sub"])
    assert len(names | {walk.user.id}) == 3


def claim_types(walk: Walk, values: list[str]) -> None:
    assert values == ["normal"]


def claims_of_people(walk: Walk, values: list[str]) -> None:
    """Everything that is listed is told, in the ID token or by userinfo."""
    all_scopes = " ".join(walk.tenant.metadata["scopes_supported"])
    wish = json.dumps({"id_token": {"acr": {"essential": True}}})
    given = walk.tokens(scope=all_scopes, claims=wish, nonce="n-1", max_age="600")
    told = set(claims(given["id_token"])) | set(
        userinfo(walk.tenant, given["access_token"]).json())
    # Only somebody for whom several are meant is named apart.
    assert set(values) - told <= {"azp"}, set(values) - told


def back_channel(walk: Walk, value: bool) -> None:
    """That a client is told is shown by `test_backchannel_logout.py`; here nobody may be asked."""
    assert value
    # An address of its own: one that failed a moment ago is not tried again at once.
    own = f"https://127.{secrets.randbelow(256)}.{secrets.randbelow(256)}.9/"
    client = walk.tenant.create_client("web", "--backchannel-logout-uri", own)
    browser = walk.browser()
    sid = claims(tokens(client, walk.user, browser)["id_token"])["sid"]
    sign_out(browser, walk.tenant)
    failed = eventually(lambda: outcomes(walk.tenant, "logout.failed"), "it is tried")[0]
    assert failed["reason"] == "forbidden_address"
    assert failed["client"] == client.id and failed["sid"] == sid


def front_channel(walk: Walk, value: bool) -> None:
    assert value
    client = walk.tenant.create_client("web", "--frontchannel-logout-uri", "https://rp.test/bye")
    browser = walk.browser()
    sid = claims(tokens(client, walk.user, browser)["id_token"])["sid"]
    page = sign_out(browser, walk.tenant)
    query = urlencode({"iss": walk.tenant.issuer, "sid": sid})
    assert f"https://rp.test/bye?{query}" in page.links


def details_types(walk: Walk, values: list[str]) -> None:
    assert set(values) == {"note", "payment"}
    client = walk.tenant.create_client("machine", *(
        part for value in values for part in ("--authorization-details-type", value)))
    wish = json.dumps([*rich.WISH, {"type": "note", "text": "hello"}])
    given = token(
        client, grant_type="client_credentials", resource=rich.BANK, authorization_details=wish)
    told = claims(given.json()["access_token"])["authorization_details"]
    assert {each["type"] for each in told} == set(values)


USES: dict[str, Callable[[Walk, Any], None]] = {
    "issuer": issuer,
    "jwks_uri": keys,
    "authorization_endpoint": authorization,
    "token_endpoint": token_endpoint,
    "userinfo_endpoint": userinfo_endpoint,
    "revocation_endpoint": revocation,
    "introspection_endpoint": introspection,
    "end_session_endpoint": end_session,
    "device_authorization_endpoint": device_authorization,
    "pushed_authorization_request_endpoint": pushed,
    "backchannel_authentication_endpoint": backchannel_authentication,
    "backchannel_token_delivery_modes_supported": delivery_modes,
    "backchannel_user_code_parameter_supported": user_code_of_people,
    "response_types_supported": response_types,
    "response_modes_supported": response_modes,
    "code_challenge_methods_supported": challenge_methods,
    "prompt_values_supported": prompts,
    "acr_values_supported": context_classes,
    "claims_parameter_supported": claims_parameter,
    "request_parameter_supported": request_parameter,
    "request_uri_parameter_supported": is_refused(
        "request_uri_not_supported", request_uri="https://rp.test/request"),
    "require_pushed_authorization_requests": is_not_demanded,
    "require_signed_request_object": is_not_demanded,
    "request_object_signing_alg_values_supported": requests_signed,
    "authorization_response_iss_parameter_supported": issuer_in_answers,
    "authorization_signing_alg_values_supported": answers_signed,
    "grant_types_supported": grant_types,
    "scopes_supported": scopes,
    "subject_types_supported": subject_types,
    "claim_types_supported": claim_types,
    "claims_supported": claims_of_people,
    "id_token_signing_alg_values_supported": id_tokens_signed,
    "introspection_signing_alg_values_supported": introspection_signed,
    "userinfo_signing_alg_values_supported": userinfo_signed,
    "dpop_signing_alg_values_supported": proofs_signed,
    "backchannel_logout_supported": back_channel,
    "backchannel_logout_session_supported": back_channel,
    "frontchannel_logout_supported": front_channel,
    "frontchannel_logout_session_supported": front_channel,
    "authorization_details_types_supported": details_types,
} | {
    f"{endpoint}_endpoint_auth_methods_supported": methods(endpoint)
    for endpoint in ("token", "revocation", "introspection")
} | {
    f"{endpoint}_endpoint_auth_signing_alg_values_supported": assertions_signed(endpoint)
    for endpoint in ("token", "revocation", "introspection")
}


@pytest.fixture
def whole_tenant(tenant: Tenant) -> Tenant:
    """A tenant of which the metadata tells everything that it can."""
    rich.bank(tenant)
    return tenant


@pytest.mark.parametrize("member", USES)
def test_what_the_metadata_names_works(
    whole_tenant: Tenant, tmp_path: Path, member: str
) -> None:
    USES[member](Walk(whole_tenant, tmp_path), whole_tenant.metadata[member])


def test_the_metadata_names_nothing_else(whole_tenant: Tenant) -> None:
    assert set(whole_tenant.metadata) == set(USES)
