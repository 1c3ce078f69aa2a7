"""Where clients with certificates go, and how they come to be known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from expect import j400, j401
from harness import CommandFailed, Tenant
from mtls import SUBJECT, MutualTLSInstance, ask, patient, self_signed, send, tls_client
from mutual import (  # noqa: F401 - fixtures
    GOOD, ROOT, acme, granted, mutual_instance)
from protocol import claims
from registration import Registered, let_register, register as register_client


# Where


def test_the_other_listener_asks_nobody(acme: Tenant, mutual_instance: MutualTLSInstance) -> None:
    client = tls_client(acme)
    j401(send(mutual_instance, GOOD, "POST", acme.endpoint("token"), data={
        "client_id": client.id, "grant_type": "client_credentials"}))
    # And this one has no pages.
    for path in (f"/t/{acme.slug}/oauth2/authorize", f"/t/{acme.slug}/device", "/admin", "/"):
        for identity in (None, GOOD):
            answered = send(
                mutual_instance, identity, "GET", mutual_instance.mutual_url + path)
            assert answered.status_code == 404, path
    assert send(
        mutual_instance, None, "GET", f"{mutual_instance.mutual_url}/livez").status_code == 200


def test_metadata_names_what_there_is(acme: Tenant, mutual_instance: MutualTLSInstance) -> None:
    said = acme.metadata
    both = {"tls_client_auth", "self_signed_tls_client_auth"}
    for endpoint in ("token", "revocation", "introspection"):
        assert both <= set(said[f"{endpoint}_endpoint_auth_methods_supported"])
    assert said["tls_client_certificate_bound_access_tokens"] is True
    aliases = said["mtls_endpoint_aliases"]
    for name, url in aliases.items():
        assert url.startswith(f"{mutual_instance.mutual_url}/t/{acme.slug}/")
        assert url.removeprefix(mutual_instance.mutual_url) == \
            said[name].removeprefix(mutual_instance.url)
    assert "authorization_endpoint" not in aliases and "end_session_endpoint" not in aliases
    there = send(
        mutual_instance, None, "GET",
        f"{mutual_instance.mutual_url}/t/{acme.slug}/.well-known/openid-configuration").json()
    assert there == said


def test_where_nobody_asks_for_certificates_there_is_nothing(
    tenant: Tenant, tmp_path: Path
) -> None:
    for member in ("mtls_endpoint_aliases", "tls_client_certificate_bound_access_tokens"):
        assert member not in tenant.metadata
    assert "mtls" not in json.dumps(tenant.metadata) and "tls_" not in json.dumps(tenant.metadata)
    let_register(tenant)
    for changes in (
            {"token_endpoint_auth_method": "tls_client_auth",
             "tls_client_auth_subject_dn": SUBJECT},
            {"token_endpoint_auth_method": "self_signed_tls_client_auth",
             "jwks": {"keys": [self_signed().jwk()]}},
            {"tls_client_certificate_bound_access_tokens": True}):
        j400(register_client(tenant, **changes), "invalid_client_metadata")


def test_a_tenant_with_a_host_of_its_own(tmp_path: Path) -> None:
    flags = ["--tenant-domain", "id.test"]
    with MutualTLSInstance("sqlite", tmp_path, [ROOT], flags) as instance:
        tenant = patient(instance.create_tenant())
        host = f"{tenant.slug}.id.test"
        issuer = f"https://{host}:{instance.port}"
        said = instance.http.get(
            f"{instance.url}/.well-known/openid-configuration",
            headers={"Host": f"{host}:{instance.port}"}).json()
        assert said["issuer"] == issuer
        url = said["mtls_endpoint_aliases"]["token_endpoint"]
        assert url == f"{instance.mutual_url}/t/{host}/oauth2/token"
        client = tls_client(tenant)
        form = {"client_id": client.id, "grant_type": "client_credentials"}
        given = granted(send(instance, GOOD, "POST", url, data=form))
        assert claims(given["access_token"])["iss"] == issuer
        by_path = granted(ask(client, GOOD))
        assert claims(by_path["access_token"])["iss"] == tenant.issuer
        strange = send(
            instance, GOOD, "POST", url.replace(host, "other.test"), data=form)
        assert strange.status_code == 404


# Registering


def test_clients_register_themselves_with_certificates(acme: Tenant, tmp_path: Path) -> None:
    let_register(acme)
    acme.cli("registration", "update", "--grant-type", "client_credentials", "--grant-type",
             "authorization_code", "--scope", "resources")
    machine = {"grant_types": ["client_credentials"], "redirect_uris": [], "response_types": []}
    by_name = Registered.new(
        acme, **machine, token_endpoint_auth_method="tls_client_auth",
        tls_client_auth_subject_dn=SUBJECT, tls_client_certificate_bound_access_tokens=True)
    assert by_name.told["tls_client_auth_subject_dn"] == SUBJECT
    assert by_name.told["tls_client_certificate_bound_access_tokens"] is True
    assert "client_secret" not in by_name.told
    given = granted(ask(by_name.client, GOOD))
    assert claims(given["access_token"])["cnf"] == {"x5t#S256": GOOD.thumbprint}
    own = self_signed()
    by_key = Registered.new(
        acme, **machine, token_endpoint_auth_method="self_signed_tls_client_auth",
        jwks={"keys": [own.jwk(with_certificate=True)]})
    assert by_key.told["jwks"]["keys"][0]["x5c"] == own.jwk(with_certificate=True)["x5c"]
    assert granted(ask(by_key.client, own))
    # What it was told makes it again.
    assert by_name.replace().status_code == 200
    assert granted(ask(by_name.client, GOOD))
    method = {"token_endpoint_auth_method": "tls_client_auth"}
    wrong: list[dict[str, Any]] = [
        method, method | {"tls_client_auth_subject_dn": "nobody"},
        method | {"tls_client_auth_subject_dn": SUBJECT, "tls_client_auth_san_dns": "a.test"},
        method | {"tls_client_auth_san_ip": "a.test"}, method | {"tls_client_auth_san_uri": "a"},
        {"token_endpoint_auth_method": "self_signed_tls_client_auth"},
        {"tls_client_certificate_bound_access_tokens": "yes"},
        {"tls_client_certificate_bound_access_tokens": True, "dpop_bound_access_tokens": True}]
    for changes in wrong:
        j400(register_client(acme, **changes), "invalid_client_metadata")
    # Nobody gets there by leaving the method out.
    plain = Registered.new(acme, tls_client_auth_subject_dn=SUBJECT)
    assert plain.told["token_endpoint_auth_method"] == "client_secret_basic"


def test_the_command_says_what_is_missing(acme: Tenant) -> None:
    def refuses(kind: str, *flags: str) -> str:
        with pytest.raises(CommandFailed) as failed:
            acme.create_client(kind, *flags)
        assert failed.value.code == 2
        return failed.value.stderr

    method = ("--authentication", "tls_client_auth")
    assert "--tls-client-auth-subject-dn" in refuses("web", *method)
    assert "RFC" not in refuses("web", *method, "--tls-client-auth-subject-dn", "nobody")
    assert "several" in refuses(
        "web", *method, "--tls-client-auth-subject-dn", SUBJECT, "--tls-client-auth-san-dns",
        "a.test")
    assert "tls_client_auth" in refuses("web", "--tls-client-auth-san-dns", "a.test")
    assert "--jwks" in refuses("web", "--authentication", "self_signed_tls_client_auth")
    assert "spa" in refuses("spa", *method, "--tls-client-auth-san-dns", "a.test")
    client = tls_client(acme)
    client.update("--authentication", "secret")
    assert "tls_client_auth_subject_dn" not in acme.cli("client", "show", client.id)
