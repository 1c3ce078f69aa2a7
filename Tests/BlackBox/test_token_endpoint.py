"""The token endpoint: attack cases 3.D (codes) and 3.E (client authentication)."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote, urlencode

import httpx
import pytest

from browser import Browser
from expect import invalid_token, j400, j401, json_error, page400
from harness import Client, Instance, Tenant, User
from protocol import (
    PKCE, authorization_url, authorize, base64url, basic, claims, end, header, redeem, refresh,
    token, tokens, userinfo)
from watch import recorded, unchanged

FORM = "application/x-www-form-urlencoded"


def code_form(client: Client, code: str, pkce: PKCE) -> dict[str, str]:
    return {
        "grant_type": "authorization_code", "code": code, "redirect_uri": client.redirect_uri,
        "code_verifier": pkce.verifier}


def test_gh_071_a_code_belongs_to_its_client(
    client: Client, user: User, browser: Browser, tenant: Tenant
) -> None:
    other, public = tenant.create_client("web"), tenant.create_client("native")
    pkce = PKCE.new()
    code = authorize(browser, client, user, pkce).code
    form = code_form(client, code, pkce)
    foreign = tenant.instance.create_tenant().create_client("web")
    with unchanged(tenant, user):
        for stranger in (other, public):
            with recorded(tenant, "authorization_code.refused", actor=stranger.id):
                j400(token(stranger, **form), "invalid_grant")
        with recorded(tenant), recorded(foreign.tenant):
            answer = token(client, **form, client_id=other.id)
            json_error(answer, 400, ("invalid_request", "invalid_grant"))
            j401(token(client, **form, method="none"))
            j400(token(foreign, **form), "invalid_grant")
    # None of these strangers could spoil it for the client that it belongs to.
    with recorded(tenant, "authorization_code.redeemed", actor=client.id):
        assert redeem(client, code, pkce).status_code == 200


def test_gh_071_a_code_comes_again_and_takes_everything_with_it(
    client: Client, user: User, browser: Browser
) -> None:
    pkce = PKCE.new()
    code = authorize(browser, client, user, pkce, scope="openid offline_access").code
    given = redeem(client, code, pkce).json()
    with recorded(client.tenant, "authorization_code.reused", actor=client.id):
        j400(redeem(client, code, pkce), "invalid_grant")
    invalid_token(userinfo(client.tenant, given["access_token"]))
    j400(refresh(client, given["refresh_token"]), "invalid_grant")


@pytest.mark.conformance(
    "fapi2-security-profile-final-ensure-token-endpoint-fails-with-expired-auth-code", "refused")
def test_gh_073_and_071_a_code_ends_after_a_minute(own_instance: Instance) -> None:
    tenant = own_instance.create_tenant()
    client, other, user = tenant.create_client(), tenant.create_client(), tenant.create_user()
    browser = Browser(own_instance)
    begun = [(PKCE.new(), "") for _ in range(3)]
    codes = [(pkce, authorize(browser, client, user, pkce).code) for pkce, _ in begun]
    own_instance.stop()
    # Two of three codes become 62 seconds older.
    own_instance.database.execute(
        "UPDATE one_time_secret SET expires_at = expires_at - 62000 WHERE created_at < "
        "(SELECT max(created_at) FROM one_time_secret)")
    own_instance.start()
    j400(token(other, **code_form(client, codes[0][1], codes[0][0])), "invalid_grant")
    for pkce, code in codes[:2]:
        j400(redeem(client, code, pkce), "invalid_grant")
    assert redeem(client, codes[2][1], codes[2][0]).status_code == 200


def test_gh_074_and_454_codes_that_are_almost_right(
    client: Client, user: User, browser: Browser
) -> None:
    pkce = PKCE.new()
    code = authorize(browser, client, user, pkce).code
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = alphabet.index(code[-1])
    almost = [
        code[:-1], code[:-5], code[:-20], code[1:], code.upper(), code.lower(), code + "=",
        code + " ", " " + code, code + "A", code + "\n", code[:-1] + alphabet[last ^ 1],
        code[:-1] + alphabet[last ^ 4], code.replace("ac_", "rt_"), code.replace("ac_", ""),
        code[3:], "ac_" + code, code.replace("_", "%5F", 1), "x", "", "ac_", "é" * 46,
        "ac_" + "A" * 43, "A" * 60_000,
    ]
    with recorded(client.tenant), unchanged(client.tenant, user):
        for wrong in almost:
            if wrong != code:
                j400(redeem(client, wrong, pkce), ("invalid_grant", "invalid_request"))
        body = urlencode(code_form(client, code, pkce)).replace(code, code + "%00")
        j400(token_raw(client, body.encode()), "invalid_request")
    assert redeem(client, code, pkce).status_code == 200


def test_gh_074_random_codes(client: Client) -> None:
    forms = [
        {"grant_type": "authorization_code", "code": f"ac_{PKCE.new().verifier}",
         "redirect_uri": client.redirect_uri, "code_verifier": "a" * 43} for _ in range(200)]
    with recorded(client.tenant), ThreadPoolExecutor(8) as pool:
        for answer in pool.map(lambda form: token(client, **form), forms):
            # Whoever guesses may be told to wait.
            if answer.status_code != 429:
                j400(answer, "invalid_grant")
            assert "access_token" not in answer.text


def token_raw(
    client: Client, body: bytes, content_type: str | None = FORM, **headers: str
) -> httpx.Response:
    """A token request with a body of its own making."""
    sent = {"Authorization": basic(client.id, client.secret or "")} | headers
    if content_type is not None:
        sent["Content-Type"] = content_type
    return client.tenant.instance.http.post(
        client.tenant.endpoint("token"), content=body, headers=sent)


def test_gh_076_nothing_is_read_from_the_query(
    client: Client, user: User, browser: Browser
) -> None:
    pkce = PKCE.new()
    code = authorize(browser, client, user, pkce).code
    query = urlencode(code_form(client, code, pkce) | {"client_secret": client.secret})
    url = f"{client.tenant.endpoint('token')}?{query}"
    http = client.tenant.instance.http
    proof = {"Authorization": basic(client.id, client.secret or "")}
    with recorded(client.tenant), unchanged(client.tenant, user):
        for headers in ({}, proof):
            answer = http.get(url, headers=headers)
            assert answer.status_code == 405 and "POST" in answer.headers["allow"]
        j400(http.post(url, headers=proof), "invalid_request")
        j401(token(client, url=f"{url}&client_id={client.id}", method="anonymous", client_id=""))
        # Half of it here and half of it there is no request, either.
        for name in ("code", "grant_type"):
            form = code_form(client, code, pkce)
            half = f"{client.tenant.endpoint('token')}?{urlencode({name: form.pop(name)})}"
            answer = http.post(half, data=form, headers=proof)
            assert answer.status_code == 400 and "access_token" not in answer.text, name
    assert redeem(client, code, pkce).status_code == 200


def test_gh_077_other_content_types(client: Client, user: User, browser: Browser) -> None:
    pkce = PKCE.new()
    code = authorize(browser, client, user, pkce).code
    form = urlencode(code_form(client, code, pkce))
    json = b'{"grant_type":"authorization_code","code":"%s"}' % code.encode()
    multipart = (
        b'--x\r\nContent-Disposition: form-data; name="grant_type"\r\n\r\n'
        b"authorization_code\r\n--x--\r\n")
    for body, content_type in (
        (json, "application/json"), (multipart, "multipart/form-data; boundary=x"),
        (form.encode(), "text/plain"), (form.encode(), None), (form.encode(), ""),
        (form.encode(), "application/x-www-form-urlencodedx"),
        (form.encode("utf-16"), FORM + "; charset=utf-16"),
        (form.encode(), FORM + ", text/plain"),
    ):
        answer = token_raw(client, body, content_type)
        assert answer.status_code in (400, 415), content_type
        assert answer.json()["error"] == "invalid_request"
    j400(token_raw(client, form.encode(), FORM, **{"Content-Encoding": "gzip"}), "invalid_request")
    assert token_raw(client, form.encode(), FORM + "; charset=UTF-8").status_code == 200


def test_gh_079_grant_types_are_by_client(client: Client, tenant: Tenant) -> None:
    j400(token(client, grant_type="client_credentials"), "unauthorized_client")
    machine = tenant.create_client("machine", "--scope", "api:read", "--scope", "api:write")
    for form in ({"grant_type": "refresh_token", "refresh_token": "x"},
                 {"grant_type": "authorization_code", "code": "x"},
                 {"grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
                  "subject_token": "x",
                  "subject_token_type": "urn:ietf:params:oauth:token-type:access_token"},
                 {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
                  "assertion": "x.y.z"},
                 {"grant_type": "urn:openid:params:grant-type:ciba", "auth_req_id": "x"}):
        j400(token(machine, **form), "unauthorized_client")
    for grant_type in ("password", "implicit", "CLIENT_CREDENTIALS", "client_credentials ", "x",
                       "urn:ietf:params:oauth:grant-type:saml2-bearer",
                       "client_credentials\u0301"):
        j400(token(machine, grant_type=grant_type), "unsupported_grant_type")
    for missing in (None, ""):
        j400(token(machine, grant_type=missing), "invalid_request")


def test_client_credentials_are_bounded_by_the_registered_scope(tenant: Tenant) -> None:
    machine = tenant.create_client("machine", "--scope", "api:read", "--scope", "api:write")
    given = token(machine, grant_type="client_credentials").json()
    assert given["scope"] == "api:read api:write" and "refresh_token" not in given
    assert given["token_type"] == "Bearer" and given["expires_in"] == 900
    given = token(machine, grant_type="client_credentials", scope="api:read").json()
    assert given["scope"] == claims(given["access_token"])["scope"] == "api:read"
    for scope in ("api:read admin", "openid", "offline_access", "API:READ", "a\tb", '"'):
        j400(token(machine, grant_type="client_credentials", scope=scope), "invalid_scope")
    public = tenant.create_client("native")
    j400(token(public, grant_type="client_credentials"), "unauthorized_client")


def test_gh_080_the_exchange_never_widens_the_scope(
    client: Client, user: User, browser: Browser
) -> None:
    pkce = PKCE.new()
    code = authorize(browser, client, user, pkce, scope="openid").code
    answer = redeem(client, code, pkce, scope="openid profile email offline_access admin")
    if answer.status_code == 200:
        assert answer.json()["scope"] == "openid" and "refresh_token" not in answer.json()
        assert claims(answer.json()["access_token"])["scope"] == "openid"
    else:
        j400(answer, "invalid_scope")


@pytest.mark.parametrize("what", [
    "password", "user disabled", "user deleted", "session ended", "client disabled",
    "tenant disabled",
])
def test_gh_082_what_ends_between_code_and_exchange(
    client: Client, user: User, browser: Browser, tenant: Tenant, what: str
) -> None:
    pkce = PKCE.new()
    code = authorize(browser, client, user, pkce, scope="openid offline_access").code
    if what == "session ended":
        asked = browser.get(tenant.endpoint("end_session"))
        browser.submit(asked, asked.form("answer"), answer="sign_out")
    else:
        end(client, user, what)
    answer = redeem(client, code, pkce)
    if what == "client disabled":
        j401(answer)
    elif what == "tenant disabled":
        assert answer.status_code in (400, 401, 404) and "access_token" not in answer.text
    else:
        j400(answer, "invalid_grant")


def test_gh_083_the_id_token_of_a_code(client: Client, user: User, browser: Browser) -> None:
    nonce = "n-é\u0301🦊 &=+%00\"\\</script>"
    given = tokens(client, user, browser, nonce=nonce)
    said = claims(given["id_token"])
    assert said["nonce"] == nonce and said["aud"] == said["azp"] == client.id
    assert header(given["id_token"])["typ"] != "at+jwt"
    assert said["at_hash"] == at_hash(given["access_token"])
    assert "email" not in said and "name" not in said


def at_hash(access_token: str) -> str:
    return base64url(hashlib.sha256(access_token.encode()).digest()[:16])


def test_answers_with_tokens_are_never_stored(client: Client, user: User, browser: Browser) -> None:
    pkce = PKCE.new()
    answer = redeem(client, authorize(browser, client, user, pkce).code, pkce)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["token_type"] == "Bearer"
    assert "set-cookie" not in answer.headers


def test_a_disabled_tenant_has_no_authorization_endpoint(
    client: Client, browser: Browser
) -> None:
    url = authorization_url(client, PKCE.new())
    client.tenant.instance.cli("tenant", "update", client.tenant.slug, "--disable")
    page400(browser.get(url))


def test_repeated_parameters_are_refused(client: Client) -> None:
    secret = quote(client.secret or "")
    for body in (b"grant_type=refresh_token&grant_type=refresh_token&refresh_token=x",
                 b"grant_type=refresh_token&refresh_token=x&refresh_token=y",
                 b"grant_type=refresh_token&refresh_token=x&%72efresh_token=y",
                 b"grant_type=refresh_token&refresh_token=x&zz=1&zz=2"):
        j400(token_raw(client, body), "invalid_request")
    post = f"grant_type=refresh_token&refresh_token=x&client_id={client.id}&client_secret={secret}"
    for body in (f"{post}&client_secret={secret}", f"{post}&client_id={client.id}"):
        answer = client.tenant.instance.http.post(
            client.tenant.endpoint("token"), content=body.encode(), headers={"Content-Type": FORM})
        j400(answer, "invalid_request")
