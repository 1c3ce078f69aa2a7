"""Assertions of other issuers as a grant (RFC 7523 §2.1): whose word counts, for whom, how often
and for what. Attack cases 3.V and 3.G."""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Iterator
from urllib.parse import urlencode

import httpx
import pytest
from authlib.oauth2.rfc7523.assertion import sign_jwt_bearer_assertion
from joserfc import jwt
from joserfc.jwk import Key, KeySet

import dpop
import forge
from assertions import key_set, new_key
from conftest import KINDS
from elsewhere import Elsewhere, answer
from expect import bearer_error, j400
from harness import Client, CommandFailed, Instance, Tenant, User
from introspection import introspect, is_inactive
from protocol import basic, claims, end, token, tokens, userinfo
from races import at_once, succeeded
from visitor import set_limit
from watch import recorded, unchanged

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ISSUER = "https://partner.test"
API = "https://orders.test"


@dataclass
class Partner:
    """Another issuer that a tenant trusts, its key, and the client that brings its assertions."""

    tenant: Tenant
    client: Client
    name: str = ISSUER
    algorithm: str = "ES256"
    key: Key = field(default_factory=new_key)

    def claims(self, subject: str, **changes: Any) -> dict[str, Any]:
        """The claims of a good assertion, with changes; None leaves one out."""
        now = int(time.time())
        good = {
            "iss": self.name, "sub": subject, "aud": self.tenant.issuer, "iat": now,
            "exp": now + 60, "jti": secrets.token_urlsafe(16)}
        return {name: value for name, value in (good | changes).items() if value is not None}

    def assertion(
        self, subject: str, head: dict[str, Any] | None = None, key: Key | None = None,
        **changes: Any,
    ) -> str:
        head = {"alg": self.algorithm, "kid": self.key.kid, "typ": "JWT"} | (head or {})
        made = jwt.encode(
            {name: value for name, value in head.items() if value is not None},
            self.claims(subject, **changes), key or self.key, algorithms=[self.algorithm])
        self.tenant.instance.keep_secret(made)
        return made

    def ask(self, assertion: str, client: Client | None = None, **form: Any) -> httpx.Response:
        fields: dict[str, Any] = {"grant_type": GRANT_TYPE, "assertion": assertion}
        return token(client or self.client, **(fields | form))

    def update(self, *options: str) -> dict[str, Any]:
        return self.tenant.cli("trusted-issuer", "update", self.name, *options)


def trust(
    tenant: Tenant, folder: Path, *options: str, name: str = ISSUER, algorithm: str = "ES256",
    subject: str = "user", client: Client | None = None,
) -> Partner:
    """An issuer whose keys are registered with it."""
    client = client or tenant.create_client(
        "machine", "--scope", "orders:read", "--scope", "orders:write")
    partner = Partner(tenant, client, name, algorithm, new_key(algorithm))
    file = folder / f"{partner.key.kid}.json"
    file.write_bytes(key_set(partner.key))
    tenant.cli("trusted-issuer", "create", name, "--jwks", str(file), "--client", client.id,
               "--subject", subject, *options)
    # Tests are wrong more often than anybody may be.
    set_limit(tenant, "grant-client", 10_000)
    return partner


@pytest.fixture
def partner(tenant: Tenant, tmp_path: Path) -> Partner:
    tenant.cli("resource", "create", "--identifier", API, "--name", "Orders")
    return trust(tenant, tmp_path, "--scope", "orders:read", "--resource", API)


def given(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    return answer.json()


# How it works


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256", "EdDSA"])
def test_an_assertion_yields_an_access_token_and_nothing_else(
    tenant: Tenant, user: User, tmp_path: Path, algorithm: str
) -> None:
    assert GRANT_TYPE in tenant.metadata["grant_types_supported"]
    partner = trust(tenant, tmp_path, "--scope", "orders:read", algorithm=algorithm)
    with recorded(tenant, "grant_assertion.accepted", actor=partner.client.id) as told:
        answer = given(partner.ask(partner.assertion(user.id)))
    assert answer.keys() == {"access_token", "token_type", "expires_in", "scope"}
    assert answer["scope"] == "orders:read" and answer["token_type"] == "Bearer"
    keys = KeySet.import_key_set(tenant.instance.http.get(tenant.metadata["jwks_uri"]).json())
    said = jwt.decode(answer["access_token"], keys, algorithms=["ES256"]).claims
    assert said["sub"] == user.id and said["client_id"] == partner.client.id
    assert said["aud"] == partner.client.id and said["iss"] == tenant.issuer
    # Nobody signed in here, and the token does not say that somebody did.
    assert "auth_time" not in said and "acr" not in said and "act" not in said
    detail = json.loads(told[0]["detail"])
    assert detail == {"user": user.id, "grant": said["gid"], "token": said["jti"]}
    assert introspect(partner.client, answer["access_token"]).json()["active"] is True


def test_authlib_makes_the_assertion_too(partner: Partner, user: User) -> None:
    made = sign_jwt_bearer_assertion(
        partner.key.as_pem(private=True), ISSUER, partner.tenant.issuer, user.id,
        header={"kid": partner.key.kid}, alg="ES256")
    assert claims(given(partner.ask(made))["access_token"])["sub"] == user.id


def test_a_public_client_that_is_named_may_bring_one(
    tenant: Tenant, user: User, tmp_path: Path
) -> None:
    phone = tenant.create_client("native", "--scope", "openid", "--scope", "orders:read")
    partner = trust(tenant, tmp_path, "--scope", "orders:read", client=phone)
    set_limit(tenant, "grant-network", 10_000)
    answer = given(partner.ask(partner.assertion(user.id)))
    assert claims(answer["access_token"])["client_id"] == phone.id
    j400(partner.ask("x.y.z"), "invalid_grant")


def test_the_terms_bound_scope_resource_and_lifetime(
    partner: Partner, tenant: Tenant, user: User
) -> None:
    said = claims(given(partner.ask(partner.assertion(user.id)))["access_token"])
    assert said["aud"] == API and said["scope"] == "orders:read"
    for scope in ("orders:write", "openid", "offline_access", "email", "admin"):
        j400(partner.ask(partner.assertion(user.id), scope=scope), "invalid_scope")
    for resource in ("https://other.test", partner.client.id):
        j400(partner.ask(partner.assertion(user.id), resource=resource), "invalid_target")
    partner.client.update("--access-token-lifetime", "3600")
    partner.update("--lifetime", "120")
    assert given(partner.ask(partner.assertion(user.id)))["expires_in"] == 120
    # What an assertion could have given once is asked anew.
    partner.client.update("--scope", "orders:write")
    assert "scope" not in given(partner.ask(partner.assertion(user.id)))
    tenant.cli("resource", "update", API, "--disable")
    j400(partner.ask(partner.assertion(user.id)), "invalid_target")


def test_opaque_and_bound_tokens(partner: Partner, tenant: Tenant, user: User) -> None:
    tenant.cli("resource", "update", API, "--token-format", "opaque", "--server",
               partner.client.id)
    key, made = dpop.Key(), partner.assertion(user.id)
    proof = {"DPoP": key.proof("POST", tenant.endpoint("token"))}
    answer = given(partner.ask(made, headers=proof))
    assert answer["token_type"] == "DPoP" and answer["access_token"].startswith("tok_")
    said = introspect(partner.client, answer["access_token"]).json()
    assert said["sub"] == user.id and said["cnf"] == {"jkt": key.thumbprint}
    # A proof that is used again uses up no assertion.
    made = partner.assertion(user.id)
    j400(partner.ask(made, headers=proof), "invalid_dpop_proof")
    given(partner.ask(made))


# Whom it is about


def test_a_subject_is_a_user_by_id_by_proven_address_or_by_link(
    tenant: Tenant, tmp_path: Path
) -> None:
    kay = tenant.create_user("kay@example.com")
    unproven = tenant.create_user("lee@example.com", verified=False)
    other = tenant.instance.create_tenant().create_user("kim@example.com")
    by_id = trust(tenant, tmp_path, name="https://a.test")
    by_email = trust(tenant, tmp_path, name="https://b.test", subject="email")
    by_link = trust(tenant, tmp_path, name="https://c.test", subject="link")
    for partner, subject, wrong in (
        (by_id, kay.id, ["kay@example.com", other.id, kay.id.upper(), kay.id + " ", "4711"]),
        (by_email, "KAY@example.com",
         [kay.id, unproven.name, other.name, "kay", "k\u0430y@example.com", "*@example.com"]),
        (by_link, "4711", [kay.id, "kay@example.com", "04711", "4711 ", "%"]),
    ):
        if partner is by_link:
            j400(partner.ask(partner.assertion(subject)), "invalid_grant")
            tenant.cli("trusted-issuer", "link", partner.name, subject, kay.id)
        said = claims(given(partner.ask(partner.assertion(subject)))["access_token"])
        assert said["sub"] == kay.id
        for one in wrong:
            with recorded(tenant, "grant_assertion.refused"):
                j400(partner.ask(partner.assertion(one)), "invalid_grant")
        for one in ("", "a" * 256):
            j400(partner.ask(partner.assertion(one)), "invalid_grant")
    # A link is of its issuer alone, and of one person.
    with pytest.raises(CommandFailed):
        tenant.cli("trusted-issuer", "link", by_link.name, "4711", unproven.id)
    with pytest.raises(CommandFailed):
        tenant.cli("trusted-issuer", "link", by_link.name, "4712", other.id)
    shown = tenant.cli("trusted-issuer", "show", by_link.name)
    assert shown["links"] == {"4711": kay.id}
    tenant.cli("trusted-issuer", "unlink", by_link.name, "4711")
    j400(by_link.ask(by_link.assertion("4711")), "invalid_grant")


@pytest.mark.parametrize("what", [
    "user disabled", "user deleted", "client disabled", "client deleted", "password"])
def test_the_token_dies_with_whom_it_stands_on(
    partner: Partner, tenant: Tenant, user: User, what: str
) -> None:
    server = tenant.create_client("machine")
    tenant.cli("resource", "update", API, "--server", server.id)
    alive = given(partner.ask(partner.assertion(user.id)))["access_token"]
    assert introspect(server, alive).json()["active"]
    end(partner.client, user, what)
    is_inactive(introspect(server, alive))
    if what.startswith("user"):
        j400(partner.ask(partner.assertion(user.id)), "invalid_grant")


# Who may say so


def test_gh_367_an_issuer_counts_for_the_clients_that_are_named(
    partner: Partner, tenant: Tenant, user: User, tmp_path: Path
) -> None:
    stranger = tenant.create_client("machine", "--scope", "orders:read")
    with unchanged(tenant, user), recorded(tenant):
        j400(partner.ask(partner.assertion(user.id), stranger), "unauthorized_client")
        # One that may bring assertions of another issuer may not bring these.
    other = trust(tenant, tmp_path, "--scope", "orders:read", name="https://other.test",
                  client=stranger)
    with unchanged(tenant, user), recorded(tenant):
        j400(partner.ask(partner.assertion(user.id), stranger), "invalid_grant")
        # The key of the one does not speak for the other, whichever client brings it.
        for client in (stranger, partner.client):
            j400(partner.ask(partner.assertion(user.id, iss=other.name), client),
                 "invalid_grant")
            j400(partner.ask(other.assertion(user.id, iss=partner.name), client),
                 "invalid_grant")
            for name in (ISSUER + "/", ISSUER.upper(), tenant.issuer, "", None, 1):
                j400(partner.ask(partner.assertion(user.id, iss=name), client),
                     "invalid_grant")
    partner.update("--disable")
    j400(partner.ask(partner.assertion(user.id)), "unauthorized_client")
    partner.update("--enable")
    given(partner.ask(partner.assertion(user.id)))
    tenant.cli("trusted-issuer", "delete", partner.name)
    j400(partner.ask(partner.assertion(user.id)), "unauthorized_client")


def test_gh_367_an_issuer_of_one_tenant_is_nobody_at_another(
    partner: Partner, tenant: Tenant, user: User, tmp_path: Path
) -> None:
    other = tenant.instance.create_tenant()
    theirs = trust(other, tmp_path)
    j400(theirs.ask(partner.assertion(user.id, aud=other.issuer)), "invalid_grant")
    j400(partner.ask(theirs.assertion(user.id, aud=tenant.issuer)), "invalid_grant")
    answer = token(partner.client, url=other.endpoint("token"), grant_type=GRANT_TYPE,
                   assertion=partner.assertion(user.id))
    assert answer.status_code == 401


# How often, and for whom


def test_gh_370_an_assertion_works_once(partner: Partner, tenant: Tenant, user: User) -> None:
    made = partner.assertion(user.id, jti="the-same")
    given(partner.ask(made))
    with recorded(tenant, "grant_assertion.reused"):
        j400(partner.ask(made), "invalid_grant")
        j400(partner.ask(made), "invalid_grant")
    with recorded(tenant):
        j400(partner.ask(partner.assertion(user.id, jti="the-same", exp=int(time.time()) + 90)),
             "invalid_grant")
    # Nor does forgetting the issuer, and trusting it again, make it new.
    shown = tenant.cli("trusted-issuer", "show", partner.name)
    tenant.cli("trusted-issuer", "delete", partner.name)
    file = Path(tenant.instance.data) / "keys.json"
    file.write_text(json.dumps(shown["jwks"]))
    tenant.cli("trusted-issuer", "create", partner.name, "--jwks", str(file), "--client",
               partner.client.id, "--subject", "user")
    j400(partner.ask(made), "invalid_grant")
    given(partner.ask(partner.assertion(user.id)))


def test_gh_370_one_assertion_yields_one_token_of_32_times(
    partner: Partner, tenant: Tenant, user: User
) -> None:
    url = tenant.endpoint("token")
    headers = {
        "Authorization": basic(partner.client.id, partner.client.secret or ""),
        "Content-Type": "application/x-www-form-urlencoded"}
    for _ in range(3):
        made = partner.assertion(user.id)
        body = urlencode({"grant_type": GRANT_TYPE, "assertion": made}).encode()
        answers = at_once(32, lambda session: session.post(url, content=body, headers=headers))
        for one in answers:
            tenant.instance._see_json(one.json())
            assert one.status_code == 200 or one.json()["error"] == "invalid_grant", one.text
        assert len(succeeded(answers)) == 1
    count = tenant.instance.database.value(
        f"SELECT count(*) AS n FROM authorization_grant WHERE tenant_id = '{tenant.id}'")
    assert count == 3


def test_gh_370_an_assertion_is_for_us_and_for_now(
    partner: Partner, tenant: Tenant, user: User
) -> None:
    now = int(time.time())
    with unchanged(tenant, user), recorded(tenant):
        for audience in (
            tenant.endpoint("token"), [tenant.issuer], [tenant.issuer, API], tenant.issuer + "/",
            partner.client.id, API, "", None, tenant.instance.url, 1,
        ):
            j400(partner.ask(partner.assertion(user.id, aud=audience)), "invalid_grant")
        for changes in (
            {"exp": now - 60}, {"exp": None}, {"exp": now + 3_700}, {"exp": "never"},
            {"exp": 1e300}, {"nbf": now + 120}, {"iat": now + 120}, {"jti": None}, {"jti": ""},
            {"jti": 1}, {"sub": None}, {"sub": 1}, {"sub": ["x"]},
        ):
            j400(partner.ask(partner.assertion(user.id) if not changes else partner.assertion(
                **({"subject": user.id} | changes))), "invalid_grant")
    for changes in ({"nbf": now + 5}, {"iat": None}, {"exp": now + 3_500}):
        given(partner.ask(partner.assertion(user.id, **changes)))


@pytest.mark.attack("GH-127", "GH-128", "GH-133", "GH-134", "GH-136", "GH-137", "GH-139")
def test_gh_370_forged_and_confused_assertions(
    partner: Partner, tenant: Tenant, user: User
) -> None:
    good = partner.assertion(user.id)
    public = json.loads(key_set(partner.key))["keys"]
    for forged in (
        *forge.unsigned(good), *forge.confused(good, public), forge.own_key(good),
        forge.own_key(good, jwk="jwk"), forge.own_key(good, jku="https://evil.test/keys"),
        *forge.rewritten(good), "", "x", "a" * 20_000,
    ):
        answer = partner.ask(forged)
        j400(answer, "invalid_grant" if forged else "invalid_request")
    # A token of another kind is no assertion, whoever signed it.
    for kind in ("at+jwt", "dpop+jwt", "logout+jwt", "client-authentication+jwt",
                 "oauth-authz-req+jwt", "token-introspection+jwt", "x"):
        j400(partner.ask(partner.assertion(user.id, {"typ": kind})), "invalid_grant")
    given(partner.ask(partner.assertion(user.id, {"typ": None})))
    # And ours are none at all.
    app = tenant.create_client("web")
    ours = tokens(app, user)
    for value in (ours["id_token"], ours["access_token"]):
        j400(partner.ask(value), "invalid_grant")
    given(partner.ask(good))


def test_gh_370_only_the_algorithms_that_are_named(
    tenant: Tenant, user: User, tmp_path: Path
) -> None:
    partner = trust(tenant, tmp_path, "--algorithm", "EdDSA")
    j400(partner.ask(partner.assertion(user.id)), "invalid_grant")
    partner.update("--algorithm", "EdDSA", "--algorithm", "ES256")
    given(partner.ask(partner.assertion(user.id)))


def test_gh_371_the_token_opens_no_page_of_a_person_s(
    partner: Partner, tenant: Tenant, user: User
) -> None:
    answer = given(partner.ask(partner.assertion(user.id)))
    bearer_error(userinfo(tenant, answer["access_token"]), 403, "insufficient_scope")


# Keys that the issuer publishes


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Elsewhere]:
    with Elsewhere() as elsewhere:
        yield elsewhere


@pytest.fixture(scope="module", params=KINDS)
def asking_instance(
    request: pytest.FixtureRequest, elsewhere: Elsewhere
) -> Iterator[Instance]:
    """An instance whose operator allows it to ask servers on loopback."""
    with Instance(request.param, elsewhere.flags) as instance:
        yield instance


def test_keys_are_fetched_once_and_only_for_those_who_may(
    asking_instance: Instance, elsewhere: Elsewhere
) -> None:
    tenant = asking_instance.create_tenant()
    user = tenant.create_user()
    client, stranger = tenant.create_client("machine"), tenant.create_client("machine")
    partner = Partner(tenant, client)
    path = f"/{secrets.token_hex(4)}"
    url = elsewhere.answer(path, answer(key_set(partner.key)))
    tenant.cli("trusted-issuer", "create", partner.name, "--jwks-uri", url, "--client",
               client.id, "--subject", "user")
    set_limit(tenant, "grant-client", 10_000)
    j400(partner.ask(partner.assertion(user.id), stranger), "unauthorized_client")
    assert elsewhere.paths.count(path) == 0
    for _ in range(3):
        given(partner.ask(partner.assertion(user.id)))
    assert elsewhere.paths.count(path) == 1
    # Made-up names of keys do not make it ask and ask.
    for _ in range(3):
        j400(partner.ask(partner.assertion(user.id, {"kid": secrets.token_hex(4)})),
             "invalid_grant")
    assert elsewhere.paths.count(path) == 1
    asking_instance.check()


def test_keys_that_cannot_be_had_are_told_of(
    asking_instance: Instance, elsewhere: Elsewhere
) -> None:
    tenant = asking_instance.create_tenant()
    user, client = tenant.create_user(), tenant.create_client("machine")
    partner = Partner(tenant, client)
    url = elsewhere.answer("/gone", answer(b"", status="404 Not Found"))
    made = tenant.cli("trusted-issuer", "create", partner.name, "--jwks-uri", url, "--client",
                      client.id, "--subject", "user")
    j400(partner.ask(partner.assertion(user.id)), "invalid_grant")
    deadline, told = time.monotonic() + 10, []
    while not told and time.monotonic() < deadline:
        told = [event for event in asking_instance.events(tenant)
                if event["kind"] == "trusted_issuer_keys.unavailable"]
    assert told[0]["subject"] == made["id"]
    assert json.loads(told[0]["detail"]) == {"reason": "status"}
    asking_instance.check()


def test_commands_refuse_what_makes_no_sense(
    partner: Partner, tenant: Tenant, tmp_path: Path
) -> None:
    private = tmp_path / "private.json"
    private.write_text(json.dumps({"keys": [partner.key.as_dict(private=True)]}))
    public = tmp_path / "public.json"
    public.write_bytes(key_set(partner.key))
    keys = ["--jwks", str(public)]
    who = ["--client", partner.client.id, "--subject", "user"]
    for name, options in (
        (ISSUER, [*keys, *who]), ("https://x.test y", [*keys, *who]), ("", [*keys, *who]),
        ("https://x.test", keys), ("https://x.test", who),
        ("https://x.test", ["--jwks", str(private), *who]),
        ("https://x.test", ["--jwks-uri", "http://x.test/keys", *who]),
        ("https://x.test", [*keys, *who, "--client", "client_x"]),
        ("https://x.test", [*keys, *who, "--subject", "name"]),
        ("https://x.test", [*keys, *who, "--algorithm", "HS256"]),
        ("https://x.test", [*keys, *who, "--scope", "openid"]),
        ("https://x.test", [*keys, *who, "--lifetime", "5"]),
        ("https://x.test", [*keys, *who, "--resource", "orders"]),
    ):
        with pytest.raises(CommandFailed):
            tenant.cli("trusted-issuer", "create", name, *options)
    assert [issuer["issuer"] for issuer in tenant.cli("trusted-issuer", "list")] == [ISSUER]
    shown = tenant.cli("trusted-issuer", "show", ISSUER)
    assert shown["subject"] == "user" and shown["lifetime"] == 900
    assert "d" not in shown["jwks"]["keys"][0]
    with recorded(tenant, "trusted_issuer.deleted"):
        tenant.cli("trusted-issuer", "delete", shown["id"])
