"""Clients that the address of a document names (draft-ietf-oauth-client-id-metadata-document): what
works, and how long a document is kept."""

from __future__ import annotations

import json
import secrets
from concurrent.futures import ThreadPoolExecutor

from assertions import Signing, key_set, new_key
from browser import Browser
from documents import CALLBACK, Document, age, agents, own_tenant  # noqa: F401 - fixtures
from elsewhere import Elsewhere, answer
from expect import j401, page400
from harness import Tenant
from protocol import (
    PKCE, Redirect, authorization_url, begin, claims, push, pushed_url, refresh, sign_in, token,
    tokens, userinfo)
from visitor import set_limit
from watch import recorded


# How it works


def test_a_client_is_known_by_its_document(agents: Tenant, elsewhere: Elsewhere) -> None:
    assert agents.metadata["client_id_metadata_document_supported"] is True
    assert "registration_endpoint" not in agents.metadata
    user = agents.create_user()
    document = Document.new(elsewhere, agents, scope="openid offline_access something:else")
    client = document.client
    with recorded(agents, "client.created", "session.signed_in", "consent.given",
                  "grant.created", "authorization_code.redeemed") as events:
        given = tokens(client, user, scope="openid offline_access")
    assert events[0]["subject"] == document.url and events[0]["actor"] == "anonymous"
    said = claims(given["id_token"])
    assert said["aud"] == document.url
    said = claims(given["access_token"])
    assert said["client_id"] == document.url and said["aud"] == document.url
    assert userinfo(agents, given["access_token"]).json()["sub"] == user.id
    again = refresh(client, given["refresh_token"])
    assert claims(again.json()["access_token"])["client_id"] == document.url
    assert document.asked == 1
    shown = agents.cli("client", "show", document.url)
    assert shown["origin"] == "metadata_document" and shown["pkce"] == "required"
    assert shown["scope"] == "openid offline_access" and "secrets" in shown
    # The port of a loopback address may differ, as it may for every client (RFC 8252 §7.3).
    other = CALLBACK.replace("4711", "4712")
    assert Redirect.read(document.ask(redirect_uri=other, prompt="none")).uri == other
    request = next(r for r in elsewhere.requests if document.path.encode() in r)
    assert b"ookie" not in request and b"uthorization" not in request


def test_the_page_says_who_vouches_for_the_client(agents: Tenant, elsewhere: Elsewhere) -> None:
    document = Document.new(
        elsewhere, agents, host="localhost", client_name="Acme Bank",
        policy_uri="https://rp.test/privacy", tos_uri="https://rp.test/terms",
        logo_uri=elsewhere.url("/logo.png"))
    page = begin(Browser(agents.instance), document.client)
    words = " ".join(page.words.split())
    assert "Acme Bank" in words and "a program on this computer" in words
    assert "It identifies itself by localhost" in words and "nobody here has checked it" in words
    assert "Any program on this computer could say that it is this one" in words
    assert 'href="https://rp.test/privacy"' in page.text
    assert 'href="https://rp.test/terms"' in page.text and "logo.png" not in page.text
    web = Document.new(elsewhere, agents, redirect_uris=["https://rp.test/cb"])
    page = Browser(agents.instance)
    shown = page.follow(page.get(authorization_url(
        web.client, PKCE.new(), redirect_uri="https://rp.test/cb")))
    assert "identifies itself by 127.0.0.1" in " ".join(shown.words.split())
    assert "Any program on this computer" not in shown.words


def test_a_client_pushes_and_signs(agents: Tenant, elsewhere: Elsewhere) -> None:
    user, key, pkce = agents.create_user(), new_key(), PKCE.new()
    document = Document.new(
        elsewhere, agents, method="private_key_jwt", jwks=json.loads(key_set(key)))
    signing = Signing(document.client, key)
    pushed = signing.ask(
        endpoint="pushed_authorization_request", grant_type=None, response_type="code",
        redirect_uri=CALLBACK, scope="openid", state="st-4711", code_challenge=pkce.challenge,
        code_challenge_method="S256")
    assert pushed.status_code == 201, pushed.text
    browser = Browser(agents.instance)
    page = sign_in(browser, browser.get(pushed_url(
        document.client, pushed.json()["request_uri"])), user)
    code = Redirect.read(page).code
    j401(token(document.client, method="none", grant_type="authorization_code", code=code,
               redirect_uri=CALLBACK, code_verifier=pkce.verifier))
    given = signing.ask(
        grant_type="authorization_code", code=code, redirect_uri=CALLBACK,
        code_verifier=pkce.verifier)
    assert given.status_code == 200, given.text
    assert document.asked == 1
    j401(Signing(document.client, new_key()).ask())


def test_keys_of_a_document_may_be_at_an_address(agents: Tenant, elsewhere: Elsewhere) -> None:
    key = new_key()
    keys = elsewhere.answer(f"/{secrets.token_hex(4)}", answer(key_set(key)))
    document = Document.new(elsewhere, agents, method="private_key_jwt", jwks_uri=keys)
    answered = Signing(document.client, key).ask(
        endpoint="pushed_authorization_request", grant_type=None, response_type="code",
        redirect_uri=CALLBACK, code_challenge=PKCE.new().challenge, code_challenge_method="S256")
    assert answered.status_code == 201, answered.text


def test_pushed_by_a_public_client(agents: Tenant, elsewhere: Elsewhere) -> None:
    document = Document.new(elsewhere, agents)
    answered = push(document.client)
    assert answered.status_code == 201, answered.text
    reference = answered.json()["request_uri"]
    other = Document.new(elsewhere, agents)
    page400(Browser(agents.instance).get(pushed_url(other.client, reference)))
    page = Browser(agents.instance)
    assert page.follow(page.get(pushed_url(document.client, reference))).status == 200


def test_an_operator_can_switch_one_off(agents: Tenant, elsewhere: Elsewhere) -> None:
    document = Document.new(elsewhere, agents)
    assert document.ask(prompt="none").status == 303
    document.client.update("--disable")
    document.is_refused()
    document.client.update("--enable")
    assert document.ask(prompt="none").status == 303


def test_signing_out_by_name(agents: Tenant, elsewhere: Elsewhere) -> None:
    document = Document.new(
        elsewhere, agents, post_logout_redirect_uris=["https://rp.test/bye"])
    browser = Browser(agents.instance)
    given = tokens(document.client, agents.create_user(), browser)
    page = browser.get(
        f"{agents.endpoint('end_session')}?id_token_hint={given['id_token']}"
        f"&client_id={document.url}&post_logout_redirect_uri=https://rp.test/bye")
    assert page.location == "https://rp.test/bye"


# How long it is kept


def test_a_document_is_kept_as_it_says_within_bounds(
    agents: Tenant, elsewhere: Elsewhere
) -> None:
    hour, day = 3_600, 86_400
    expected = {
        "": hour, "Cache-Control: max-age=600\r\n": 600, "Cache-Control: no-store\r\n": 300,
        "Cache-Control: max-age=1\r\n": 300, "Cache-Control: public, max-age=99999999\r\n": hour,
        "Cache-Control: max-age=172800\r\n": day, "Cache-Control: max-age=-1\r\n": hour,
        "Cache-Control: max-age=+7\r\n": hour, "cache-control: MAX-AGE=900, private\r\n": 900,
        "Cache-Control: max-age=600\r\nCache-Control: no-cache\r\n": 300,
    }
    for headers, seconds in expected.items():
        document = Document.new(elsewhere, agents, headers=headers)
        assert document.ask(prompt="none").status == 303
        rows = agents.instance.database.rows(
            f"SELECT registration FROM client WHERE id = '{document.url}'")
        kept = json.loads(rows[0]["registration"])
        assert kept["fresh_until"] - kept["fetched_at"] == seconds * 1_000, headers
        assert document.ask(prompt="none").status == 303 and document.asked == 1


def test_an_old_document_is_asked_for_again(own_tenant: Tenant, elsewhere: Elsewhere) -> None:
    document = Document.new(elsewhere, own_tenant)
    user = own_tenant.create_user()
    given = tokens(document.client, user, scope="openid offline_access")
    document.says(client_name="Newer name", redirect_uris=["http://127.0.0.1:4711/newer"])
    assert refresh(document.client, given["refresh_token"]).status_code == 200
    assert document.asked == 1
    age(document)
    document.is_refused()
    assert document.asked == 2
    assert document.ask(redirect_uri="http://127.0.0.1:1/newer", prompt="none").status == 303
    assert own_tenant.cli("client", "show", document.url)["name"] == "Newer name"
    # What the person allowed hangs on the same record.
    assert refresh(document.client, given["refresh_token"]).status_code == 200
    document.behaves(answer(b"{}", status="404 Not Found"))
    age(document)
    # Its host may be away for a while, and no longer.
    assert refresh(document.client, given["refresh_token"]).status_code == 200
    assert document.asked == 3
    age(document, 8_000_000)
    j401(refresh(document.client, given["refresh_token"]))
    assert document.asked == 4


def test_a_client_that_changes_how_it_proves_itself(
    own_tenant: Tenant, elsewhere: Elsewhere
) -> None:
    key = new_key()
    document = Document.new(elsewhere, own_tenant)
    assert push(document.client).status_code == 201
    document.says(
        token_endpoint_auth_method="private_key_jwt", jwks=json.loads(key_set(key)))
    age(document)
    j401(push(document.client))


def test_one_asks_however_many_come(agents: Tenant, elsewhere: Elsewhere) -> None:
    document = Document.new(elsewhere, agents)
    with ThreadPoolExecutor(24) as threads:
        pages = list(threads.map(lambda _: document.ask(prompt="none"), range(24)))
    assert {page.status for page in pages} == {303} and document.asked == 1
    created = [e for e in agents.instance.events(agents) if e["kind"] == "client.created"]
    assert len(created) == 1


def test_gh_346_nobody_can_make_us_ask_and_ask(agents: Tenant, elsewhere: Elsewhere) -> None:
    document = Document.new(elsewhere, agents)
    document.behaves(answer(b"{}", status="404 Not Found"))
    for _ in range(5):
        document.is_refused()
        j401(push(document.client))
    assert document.asked == 1
    set_limit(agents, "metadata-document-network", 3)
    asked = len(elsewhere.requests)
    pages = [Document.new(elsewhere, agents).ask(prompt="none") for _ in range(6)]
    assert sorted(page.status for page in pages)[-1] == 429
    assert len(elsewhere.requests) - asked <= 3
    # A client that is known is asked for nothing, and not refused.
    known = Document.new(elsewhere, agents)
    set_limit(agents, "metadata-document-network", 100_000)
    assert known.ask(prompt="none").status == 303
    set_limit(agents, "metadata-document-network", 1)
    assert known.ask(prompt="none").status == 303
