"""How a client reads an answer, whichever way it comes: query, fragment, form_post and their signed
forms (JARM)."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet

from browser import Page
from harness import Client

MODES = ["query", "fragment", "form_post", "query.jwt", "fragment.jwt", "form_post.jwt", "jwt"]
ALL = [part for mode in MODES if mode != "jwt" for part in ("--response-mode", mode)]


def fields(page: Page, client: Client, mode: str) -> dict[str, str]:
    """What the client gets, taken from where the mode puts it and from nowhere else."""
    if mode.startswith("form_post"):
        assert page.status == 200 and page.location is None
        (form,) = page.forms
        assert (form.action, form.method) == (client.redirect_uri, "post")
        return form.fields
    assert page.status == 303
    target = urlsplit(page.location or "")
    assert target._replace(query="", fragment="").geturl() == client.redirect_uri
    carried, empty = target.query, target.fragment
    if mode.startswith("fragment"):
        carried, empty = empty, carried
    assert not empty
    pairs = parse_qsl(carried, keep_blank_values=True, strict_parsing=True)
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


def answer(page: Page, client: Client, mode: str) -> dict[str, str]:
    """The parameters of an answer; those of a signed one are verified first (JARM §2.4)."""
    carried = fields(page, client, mode)
    if not mode.endswith("jwt"):
        client.tenant.instance.keep_secret(carried.get("code"))
        return carried
    assert set(carried) == {"response"}
    said = verified(client, carried["response"])
    assert said.pop("iss") == client.tenant.issuer
    assert said.pop("aud") == client.id
    assert time.time() < said.pop("exp") <= time.time() + 600
    client.tenant.instance.keep_secret(carried["response"], said.get("code"))
    return said | {"iss": client.tenant.issuer}


def verified(client: Client, token: str, algorithm: str = "RS256") -> dict[str, Any]:
    tenant = client.tenant
    keys = KeySet.import_key_set(tenant.instance.http.get(tenant.endpoint("jwks_uri")).json())
    assert algorithm in tenant.metadata["authorization_signing_alg_values_supported"]
    read = jwt.decode(token, keys, algorithms=[algorithm])
    assert read.header["alg"] == algorithm and read.header["kid"]
    return dict(read.claims)
