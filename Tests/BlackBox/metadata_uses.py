"""Uses of the metadata: signatures, ways to prove and to get something, people; and the list of all."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import authorization_details as rich
import change_feed as feed
import ciba
import device
import dpop
import jwt_bearer as bearer
import token_exchange as exchange
from assertions import present, register
from logouts import outcomes, sign_out
from organizations import join, organization, role
from protocol import PKCE, authorize, claims, refresh, token, tokens, userinfo
from trial import eventually
from walk import OFFLINE, Walk
from walk_requests import (
    answers_signed, authorization, challenge_methods, claims_parameter, context_classes,
    device_authorization, end_session, introspection, is_not_demanded, is_refused, issuer,
    issuer_in_answers, keys, prompts, pushed, request_parameter, requests_signed,
    response_modes, response_types, revocation, token_endpoint, userinfo_endpoint)


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
    """That a client is told is shown by `test_ciba_ping.py`; here nobody may be asked."""
    assert values == ["poll", "ping"]
    by_ciba(walk)
    # An address of its own: one that failed a moment ago is not tried again at once.
    own = f"https://127.{secrets.randbelow(256)}.{secrets.randbelow(256)}.8/"
    client = ciba.asking_client(
        walk.tenant, "--backchannel-token-delivery-mode", "ping",
        "--backchannel-client-notification-endpoint", own)
    asked = ciba.allowed(client, walk.user, client_notification_token=secrets.token_urlsafe(32))
    failed = eventually(
        lambda: outcomes(walk.tenant, "backchannel_authentication.ping_failed"), "it is tried")[0]
    assert failed["reason"] == "forbidden_address" and failed["client"] == client.id
    assert asked.tokens()["id_token"]


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
    """Everything that is listed is told, in the ID token or by userinfo: of organizations to a client
    that may know of them."""
    all_scopes = " ".join(walk.tenant.metadata["scopes_supported"])
    wish = json.dumps({"id_token": {"acr": {"essential": True}}})
    given = walk.tokens(scope=all_scopes, claims=wish, nonce="n-1", max_age="600")
    told = set(claims(given["id_token"])) | set(
        userinfo(walk.tenant, given["access_token"]).json())
    slug = f"o-{secrets.token_hex(4)}"
    role(walk.tenant, slug, "a:b")
    join(walk.tenant, organization(walk.tenant, slug), walk.user, roles=(slug,))
    app = walk.tenant.create_client("web", "--organizations", "all")
    told |= set(claims(walk.tokens(app)["id_token"]))
    told |= set(claims(walk.tokens(app, organization=slug)["id_token"]))
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


def change_feed(walk: Walk, value: str) -> None:
    given = feed.follower_token(feed.follower(walk.tenant))
    assert feed.poll(walk.tenant, None).status_code == 401
    answer = walk.tenant.instance.http.get(value, headers={"Authorization": f"Bearer {given}"})
    assert answer.status_code == 200 and set(answer.json()) == {"changes", "next"}


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
    "change_feed_endpoint": change_feed,
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
