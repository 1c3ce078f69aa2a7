"""How clients prove who they are: attack cases 3.E."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from expect import j400, j401
from harness import Client, CommandFailed, Instance, Tenant, User
from protocol import base64url, refresh, revoke, token, tokens
from watch import recorded, unchanged

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@pytest.fixture
def machine(tenant: Tenant) -> Client:
    return tenant.create_client("machine", "--scope", "api:read")


def ask(client: Client, **changes: Any) -> httpx.Response:
    return token(client, **({"grant_type": "client_credentials"} | changes))


def with_header(client: Client, *values: bytes, body: str = "") -> httpx.Response:
    """A request with these Authorization headers."""
    return client.tenant.instance.http.post(
        client.tenant.endpoint("token"),
        content=(f"grant_type=client_credentials&{body}").rstrip("&"),
        headers=[(b"Content-Type", b"application/x-www-form-urlencoded")]
        + [(b"Authorization", value) for value in values])


def encoded(pair: str | bytes) -> bytes:
    return base64.b64encode(pair.encode() if isinstance(pair, str) else pair)


def test_both_ways_to_send_the_secret_work(machine: Client) -> None:
    for method in ("client_secret_basic", "client_secret_post"):
        assert ask(machine, method=method).status_code == 200


def test_gh_085_a_client_with_a_secret_must_use_it(machine: Client, client: Client) -> None:
    with recorded(machine.tenant), unchanged(machine.tenant, machine, client):
        j401(ask(machine, method="none"))
        j401(token(client, method="none", grant_type="refresh_token", refresh_token="x"))
        j401(token(client, method="none", endpoint="revocation", token="x"))
        j401(token(client, method="none", grant_type="authorization_code", code="x"))
        j401(token(client, method="none", grant_type="client_credentials", client_id=None))
        j401(token(client, method="none", grant_type="nonsense"))


def test_gh_086_empty_secrets(machine: Client) -> None:
    for secret in ("", " ", "\x00", "cs_", "null", "undefined", "cs_" + "A" * 43,
                   "cs_" + "\x00" * 43,
                   "true", "0", "[]", "\ufeff", "\u200b", '""', "%00", "%20", "cs_%00"):
        pair = encoded(f"{machine.id}:{secret}")
        j401(with_header(machine, b"Basic " + pair))
        if "\x00" not in secret:
            j401(ask(machine, method="none", client_secret=secret))
    body = urlencode({"grant_type": "client_credentials", "client_id": machine.id})
    answer = machine.tenant.instance.http.post(
        machine.tenant.endpoint("token"), content=f"{body}&client_secret=%00",
        headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert answer.status_code in (400, 401) and "access_token" not in answer.text


def test_a_public_client_may_say_that_its_secret_is_empty(
    public_client: Client, user: User
) -> None:
    """RFC 6749 §2.3.1: it may leave it out, so it need not. oidc-agent and curl do not."""
    refresh_token = tokens(public_client, user, scope="openid offline_access")["refresh_token"]
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    for method, fields in (
        ("client_secret_basic", {}), ("none", {"client_secret": ""}),
    ):
        answer = token(replace(public_client, secret=""), method=method, **(form | fields))
        assert answer.status_code == 200, answer.text
        form["refresh_token"] = answer.json()["refresh_token"]
    j401(token(replace(public_client, secret="x"), method="client_secret_basic", **form))


def test_gh_088_one_way_at_a_time(machine: Client, tenant: Tenant) -> None:
    other = tenant.create_client("machine")
    j400(ask(machine, client_secret=machine.secret), "invalid_request")
    j400(ask(machine, client_id=other.id), "invalid_request")
    j400(ask(machine, client_id=other.id, client_assertion="a.b.c",
             client_assertion_type=ASSERTION), "invalid_request")
    j400(ask(machine, method="client_secret_post", client_assertion="a.b.c"), "invalid_request")
    assert ask(machine, client_id=machine.id).status_code == 200


def test_gh_089_malformed_basic_headers(machine: Client) -> None:
    secret = machine.secret or ""
    good = encoded(f"{machine.id}:{secret}")
    assert with_header(machine, b"Basic " + good).status_code == 200
    assert with_header(machine, b"basic " + good).status_code == 200
    assert with_header(machine, b"BASIC " + good).status_code == 200
    # Encoded as RFC 6749 §2.3.1 says, though nothing in it needs to be.
    form = "".join(f"%{byte:02X}" for byte in machine.id.encode())
    assert with_header(machine, b"Basic " + encoded(f"{form}:{secret}")).status_code == 200
    for value in (
        b"Basic", b"Basic !!!!", b"Basic " + good[:-4], good, b"Bearer " + good,
        b"Basic " + good.rstrip(b"=") + b"*", b"Basic " + encoded(machine.id),
        b"Basic " + encoded(f"{machine.id}:{secret}x"), b"Basic " + encoded(":" + secret),
        b"Basic " + encoded(f"{machine.id}:{secret}%"),
        b"Basic " + encoded(f"{machine.id}&client_id=x:{secret}"),
        b"Basic " + encoded(machine.id.encode() + b"\xff:" + secret.encode()),
        b"Basic " + encoded(f"{machine.id}:{secret}\r\nX: y"), b"Basic " + encoded("\u0301:x"),
        b"Negotiate x", b"Basic " + b"A" * 12_000,
    ):
        j401(with_header(machine, value))
    j400(with_header(machine, b"Basic " + good, b"Basic " + good), "invalid_request")
    huge = with_header(machine, b"Basic " + b"A" * 1_000_000)
    assert huge.status_code in (401, 431)


def test_gh_089_secrets_that_need_encoding_are_decoded_once(machine: Client) -> None:
    for pair in ("a%3Ab:c", "a+b:c+d", "é:ü", "%25:%25", "%C3%A9:x"):
        j401(with_header(machine, b"Basic " + encoded(pair)))


def test_gh_092_a_secret_counts_to_its_last_byte(machine: Client) -> None:
    secret = machine.secret or ""
    for wrong in (secret[:-1], secret + "A", secret[:-1] + ("A" if secret[-1] != "A" else "E"),
                  secret.upper(), secret.lower(), secret + "=", secret[3:], secret * 2,
                  "ac_" + secret[3:]):
        j401(ask(machine, method="none", client_secret=wrong))


def test_unknown_clients_and_wrong_secrets_are_told_the_same(machine: Client) -> None:
    wrong = ask(machine, method="none", client_secret="cs_" + "A" * 43)
    unknown = ask(machine, method="none", client_id="client_00000000000000000000000000",
                  client_secret=machine.secret)
    bodies = [j401(wrong), j401(unknown)]
    assert bodies[0]["error_description"] == bodies[1]["error_description"]
    assert set(wrong.headers) == set(unknown.headers)


def test_a_public_client_has_no_secret(public_client: Client, machine: Client) -> None:
    for secret in ("x", machine.secret):
        answer = token(
            public_client, grant_type="refresh_token", refresh_token="x", client_secret=secret)
        j401(answer)


@pytest.mark.attack("GH-095", "GH-097", "GH-098", "GH-100", "GH-101")
def test_gh_094_nobody_signs_for_a_client_with_a_secret(machine: Client) -> None:
    heads = [{"alg": name} for name in ("none", "nOnE", "HS256", "RS256", "ES256", "EdDSA")] + [
        {"alg": "ES256", "jwk": {}}, {"alg": "ES256", "jku": "http://127.0.0.1:9/"},
        {"alg": "ES256", "crit": ["x"]}, {"alg": "ES256", "b64": False},
        {"alg": "ES256", "zip": "DEF"}]
    for number, head in enumerate(heads):
        head = base64url(json.dumps(head).encode())
        body = base64url(json.dumps({
            "iss": machine.id, "sub": machine.id, "aud": machine.tenant.issuer, "jti": str(number),
            "exp": (4_000_000_000, 1e300, -1, "x", None)[number % 5]}).encode())
        j401(ask(machine, method="anonymous", client_id=None, client_assertion=f"{head}.{body}.",
                 client_assertion_type=ASSERTION))
        j401(ask(machine, method="none", client_assertion=f"{head}.{body}.x",
                 client_assertion_type=ASSERTION))


@pytest.mark.parametrize("what", ["client disabled", "secret removed", "tenant disabled"])
def test_gh_103_what_is_taken_away_is_refused_at_once(
    client: Client, user: User, tenant: Tenant, what: str
) -> None:
    given = tokens(client, user, scope="openid offline_access")
    if what == "client disabled":
        client.update("--disable")
    elif what == "secret removed":
        (secret,) = tenant.cli("client", "show", client.id)["secrets"]
        tenant.cli("client", "secret", "remove", client.id, secret["id"])
    else:
        tenant.instance.cli("tenant", "update", tenant.slug, "--disable")
    for answer in (refresh(client, given["refresh_token"]), revoke(client, given["access_token"])):
        if what == "tenant disabled":
            assert answer.status_code in (401, 404)
        else:
            j401(answer)


def test_secrets_can_be_replaced_without_a_gap(client: Client, tenant: Tenant) -> None:
    added = tenant.cli("client", "secret", "add", client.id)
    second = Client(tenant, client.id, added["client_secret"], "web", client.redirect_uri,
                    client.method)
    for known in (client, second):
        assert revoke(known, "x").status_code == 200
    first = [s["id"] for s in tenant.cli("client", "show", client.id)["secrets"]
             if s["id"] != added["id"]]
    tenant.cli("client", "secret", "remove", client.id, first[0])
    j401(revoke(client, "x"))
    assert revoke(second, "x").status_code == 200


def test_gh_104_a_secret_is_shown_once(client: Client, tenant: Tenant, instance: Instance) -> None:
    secret = client.secret or ""
    shown = [
        tenant.cli("client", "show", client.id), tenant.cli("client", "list"),
        client.update("--name", "Other")]
    assert all("client_secret" not in json.dumps(answer) for answer in shown)
    assert all(secret not in json.dumps(answer) for answer in shown)
    assert secret not in json.dumps(instance.events(tenant)) + instance.log_text()
    if instance.kind == "sqlite":
        for path in instance.data.iterdir():
            if path.is_file():
                assert secret.encode() not in path.read_bytes()
    else:
        stored = json.dumps(instance.database.rows("SELECT * FROM client_secret"))
        assert secret not in stored


def test_gh_106_headers_of_a_proxy_that_is_not_there(machine: Client) -> None:
    for name in ("X-SSL-Client-Cert", "X-Client-Verify", "X_SSL_CLIENT_CERT", "Client-Cert",
                 "X-Forwarded-Client-Cert", "SSL_CLIENT_S_DN"):
        j401(ask(machine, method="none", headers={name: "SUCCESS"}))


def test_a_client_of_another_tenant_is_unknown(machine: Client, instance: Instance) -> None:
    other = instance.create_tenant()
    j401(ask(machine, url=other.endpoint("token")))
    with pytest.raises(CommandFailed) as failure:
        other.cli("client", "show", machine.id)
    assert failure.value.code == 3
