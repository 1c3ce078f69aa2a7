"""openid-client 6 and jose, two libraries for JavaScript, as a server sees them: what they send,
parameter by parameter, and what of an answer they refuse. Written from their documented behaviour.

Both libraries refuse an issuer without https unless told otherwise; tests are on loopback.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import KeySet

# What `fetch` says of a body of URLSearchParams.
FORM = "application/x-www-form-urlencoded;charset=UTF-8"


class Refused(Exception):
    """The library would have thrown."""


def require(condition: object, message: str) -> None:
    if not condition:
        raise Refused(message)


def random_text() -> str:
    """`randomPKCECodeVerifier`, `randomState` and `randomNonce`: 32 bytes in base64url."""
    return secrets.token_urlsafe(32)


def calculate_pkce_code_challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


@dataclass(frozen=True)
class Configuration:
    http: httpx.Client
    metadata: dict[str, Any]
    client_id: str
    client_secret: str | None

    @property
    def supports_pkce(self) -> bool:
        return "S256" in self.metadata.get("code_challenge_methods_supported", [])


def discovery(
    http: httpx.Client, issuer: str, client_id: str, client_secret: str | None = None
) -> Configuration:
    """Reads the metadata of OpenID Connect; the issuer in it must be the one asked for."""
    answer = http.get(
        f"{issuer}/.well-known/openid-configuration",
        headers={"accept": "application/json", "user-agent": "openid-client/v6.8.1"})
    metadata = json_of(answer)
    require(metadata.get("issuer") == issuer, "unexpected issuer in the metadata")
    return Configuration(http, metadata, client_id, client_secret)


def build_authorization_url(config: Configuration, parameters: dict[str, str]) -> str:
    """Adds `client_id` and `response_type` to what the app gives."""
    query = dict(parameters)
    query.setdefault("client_id", config.client_id)
    query.setdefault("response_type", "code")
    return f"{config.metadata['authorization_endpoint']}?{urlencode(query)}"


def authorization_code_grant(
    config: Configuration, current_url: str, *, pkce_code_verifier: str | None,
    expected_state: str | None = None, expected_nonce: str | None = None,
) -> dict[str, Any]:
    """Checks the answer in the address that the browser came to, and redeems its code.

    The address without its query is sent as `redirect_uri`.
    """
    url = urlsplit(current_url)
    answer = parse_qs(url.query, keep_blank_values=True)
    repeated = [name for name, values in answer.items() if len(values) > 1]
    require(not repeated, f"{repeated} must be provided only once")
    said = {name: values[0] for name, values in answer.items()}
    check_authorization_answer(config, said, expected_state)
    form = {
        "redirect_uri": url._replace(query="", fragment="").geturl(), "code": said["code"],
        "grant_type": "authorization_code"}
    if pkce_code_verifier is not None:
        form["code_verifier"] = pkce_code_verifier
    tokens = token_endpoint(config, form)
    if "id_token" in tokens:
        claims = check_id_token(config, tokens["id_token"])
        require(claims.get("nonce") == expected_nonce, "unexpected nonce")
        tokens["claims"] = claims
    return tokens


def check_authorization_answer(
    config: Configuration, said: dict[str, str], expected_state: str | None
) -> None:
    if config.metadata.get("authorization_response_iss_parameter_supported"):
        require("iss" in said, "iss is missing")
    require(said.get("iss") in (None, config.metadata["issuer"]), "unexpected iss")
    # Without an expected state there must be none.
    require(said.get("state") == expected_state, "unexpected state")
    require("error" not in said, f"the server answered {said.get('error')}")
    require("id_token" not in said and "token" not in said, "implicit or hybrid answer")
    require(said.get("code"), "code is missing")


def refresh_token_grant(config: Configuration, refresh_token: str) -> dict[str, Any]:
    tokens = token_endpoint(
        config, {"refresh_token": refresh_token, "grant_type": "refresh_token"})
    if "id_token" in tokens:
        tokens["claims"] = check_id_token(config, tokens["id_token"])
    return tokens


def token_endpoint(config: Configuration, form: dict[str, str]) -> dict[str, Any]:
    """Sends a form as `ClientSecretPost` or, without a secret, as `None` does."""
    form = {**form, "client_id": config.client_id}
    if config.client_secret is not None:
        form["client_secret"] = config.client_secret
    answer = config.http.post(
        config.metadata["token_endpoint"], content=urlencode(form),
        headers={
            "accept": "application/json", "user-agent": "openid-client/v6.8.1",
            "content-type": FORM})
    tokens = json_of(answer)
    require(isinstance(tokens.get("access_token"), str) and tokens["access_token"], "no token")
    require(tokens.get("token_type", "").lower() == "bearer", "unexpected token_type")
    require(type(tokens.get("expires_in")) is int and tokens["expires_in"] > 0, "expires_in")
    for name in ("refresh_token", "scope", "id_token"):
        require(isinstance(tokens.get(name, "x"), str) and tokens.get(name, "x"), name)
    return tokens


def check_id_token(config: Configuration, token: str) -> dict[str, Any]:
    """What the library checks of an ID token that came from the token endpoint by TLS."""
    header, claims = parts(token)
    offered = config.metadata["id_token_signing_alg_values_supported"]
    require(header["alg"] in offered and "crit" not in header, "unexpected alg")
    missing = [n for n in ("aud", "exp", "iat", "iss", "sub") if n not in claims]
    require(not missing, f"{missing} missing")
    require(claims["iss"] == config.metadata["issuer"], "unexpected iss")
    audience = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    require(config.client_id in audience, "unexpected aud")
    require(claims.get("azp", config.client_id) == config.client_id, "unexpected azp")
    require(claims["exp"] > time.time() - 30 and isinstance(claims["iat"], int), "expired")
    require(claims.get("auth_time", 1) > 0, "auth_time")
    return claims


class Strategy:
    """The strategy for Passport: one object that begins and ends a sign-in."""

    def __init__(self, config: Configuration, scope: str, callback_url: str | None) -> None:
        self.config, self.scope, self.callback_url = config, scope, callback_url

    def authorization_request(self, session: dict[str, str]) -> str:
        parameters: dict[str, str] = {}
        session["code_verifier"] = random_text()
        parameters["code_challenge"] = calculate_pkce_code_challenge(session["code_verifier"])
        parameters["code_challenge_method"] = "S256"
        # A state is for servers that cannot do PKCE.
        if not self.config.supports_pkce:
            session["state"] = parameters["state"] = random_text()
        if self.callback_url:
            parameters["redirect_uri"] = self.callback_url
        parameters["scope"] = self.scope
        return build_authorization_url(self.config, parameters)

    def authorization_code_grant(self, session: dict[str, str], current: str) -> dict[str, Any]:
        require(session.get("code_verifier"), "Unable to verify authorization request state")
        return authorization_code_grant(
            self.config, current, pkce_code_verifier=session["code_verifier"],
            expected_state=session.get("state"))


def jwt_verify(
    http: httpx.Client, token: str, jwks_url: str, issuer: str, audience: str
) -> dict[str, Any]:
    """jose: `jwtVerify(token, createRemoteJWKSet(url), {issuer, audience})`."""
    keys = json_of(http.get(jwks_url, headers={"accept": "application/json"}))["keys"]
    header, _ = parts(token)
    fitting = [
        key for key in keys
        if key["kid"] == header["kid"] and key.get("use", "sig") == "sig"
        and key.get("alg", header["alg"]) == header["alg"]]
    require(len(fitting) == 1, "no applicable key found in the JSON Web Key Set")
    try:
        claims = jwt.decode(
            token, KeySet.import_key_set({"keys": fitting}), algorithms=[header["alg"]]).claims
    except Exception as error:
        raise Refused("signature verification failed") from error
    require(claims.get("iss") == issuer, 'unexpected "iss" claim value')
    found = claims.get("aud")
    require(audience in (found if isinstance(found, list) else [found]), 'unexpected "aud"')
    require(claims["exp"] > time.time(), '"exp" claim timestamp check failed')
    require(claims.get("nbf", 0) <= time.time(), '"nbf" claim timestamp check failed')
    return claims


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The header and the claims of a token; not verified."""
    require(token.count(".") == 2, "Invalid Compact JWS")
    header, claims, _ = token.split(".")
    return tuple(  # type: ignore[return-value]
        json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        for part in (header, claims))


def json_of(answer: httpx.Response) -> dict[str, Any]:
    require(answer.status_code == 200, f"{answer.status_code} {answer.text}")
    kind = answer.headers["content-type"].partition(";")[0]
    require(kind in ("application/json", "application/jwk-set+json"), kind)
    body = answer.json()
    require(isinstance(body, dict), "no object")
    return body
