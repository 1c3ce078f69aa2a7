"""The guide of WorkOS Connect for OAuth applications, step by step and in its order, in Chromium, and
the guide for external applications after it: https://workos.com/docs/authkit/connect/oauth."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import Page, expect

import openid_client
from chromium import (  # noqa: F401 - fixtures
    Visit, chromium, fill_sign_in, shows, sign_in, visit,
)
from harness import CommandFailed, Client, Tenant, User
from images import png
from openid_client import Configuration, Refused, Strategy
from protocol import claims
from trial import App, app_of

SCOPE = "openid profile email offline_access"
SCOPES = [part for scope in SCOPE.split() for part in ("--scope", scope)]
BLUE, YELLOW = png(color=b"\x20\x60\xc0"), png(color=b"\xe0\xc0\x20")


@pytest.fixture
def app(tenant: Tenant) -> Iterator[App]:
    """Where the applications of the guide have their redirect URI: a server on this machine."""
    with app_of(tenant.instance, tenant.slug) as app:
        yield app


@pytest.fixture
def kay(tenant: Tenant) -> User:
    return tenant.create_user("kay@example.com", username="kay", name="Kay Doe")


def application(tenant: Tenant, app: App, *options: str, kind: str = "web") -> Client:
    """Steps 1 and 6 of the guide: an application with its redirect URI and its name."""
    return tenant.create_client(
        kind, *SCOPES, *options, name="Partner portal", redirect_uris=[app.redirect_uri],
        method="none" if kind == "native" else "client_secret_post")


def configuration(client: Client) -> Configuration:
    """`client.discovery(issuer, OAUTH_APP_CLIENT_ID, OAUTH_APP_CLIENT_SECRET)`."""
    return openid_client.discovery(
        client.tenant.instance.http, client.tenant.issuer, client.id, client.secret)


def begin(page: Page, client: Client, app: App) -> tuple[Strategy, dict[str, str]]:
    """Clicks on “Sign in with …”: `new OidcStrategy({config, scope})`."""
    strategy, session = Strategy(configuration(client), SCOPE, app.redirect_uri), {}
    page.goto(strategy.authorization_request(session))
    return strategy, session


def finish(
    page: Page, app: App, strategy: Strategy, session: dict[str, str]
) -> dict[str, Any]:
    """The browser is back at the app, which redeems the code."""
    shows(page, "Back at the app")
    return strategy.authorization_code_grant(session, page.url)


def arrive_at_consent(page: Page, client: Client, app: App, user: User) -> tuple[Any, Any]:
    begun = begin(page, client, app)
    sign_in(page, user.name, user.password)
    shows(page, "Allow Partner portal to use your account?")
    return begun


def loaded(page: Page) -> tuple[str, int]:
    """Which logo Chromium chose, and how wide it found it to be."""
    image = page.locator("picture.logo img")
    expect(image).to_be_visible()
    return image.evaluate("image => [image.currentSrc, image.naturalWidth]")


def test_the_whole_guide(
    tenant: Tenant, app: App, kay: User, visit: Visit, tmp_path: Path  # noqa: F811
) -> None:
    http, page = tenant.instance.http, visit()

    # “Choose the level of trust: first-party or third-party.” First-party asks for no consent.
    own = application(tenant, app)
    begun = begin(page, own, app)
    sign_in(page, kay.name, kay.password)
    first = finish(page, app, *begun)
    said = first["claims"]
    assert (said["sub"], said["aud"], said["email"], said["name"]) == (
        kay.id, own.id, kay.email, "Kay Doe")
    assert tenant.cli("consent", "list") == []

    # “Unlike first-party applications, your users will be prompted to explicitly authorize it.”
    theirs = application(tenant, app, "--party", "third")
    light, dark = tmp_path / "light.png", tmp_path / "dark.png"
    light.write_bytes(BLUE), dark.write_bytes(YELLOW)
    logos = tenant.cli(
        "client", "logo", "set", theirs.id, "--light", str(light), "--dark", str(dark))["logos"]
    begun = begin(page, theirs, app)
    shows(page, "Allow Partner portal to use your account?")
    expect(page.get_by_text(kay.name).first).to_be_visible()
    # “The name and logo will be displayed. Both light and dark-mode logos are supported.”
    for colours, logo in (("light", logos["light"]), ("dark", logos["dark"])):
        page.emulate_media(color_scheme=colours)
        page.reload()
        source, width = loaded(page)
        assert source == f"{tenant.issuer}/logos/{logo}" and width == 64
        assert http.get(source).content == (BLUE if colours == "light" else YELLOW)
    page.get_by_role("button", name="Allow").click()
    given = finish(page, app, *begun)
    assert given["scope"] == SCOPE and given["claims"]["sub"] == kay.id
    (consent,) = tenant.cli("consent", "list")
    assert (consent["user"], consent["client"]) == (kay.id, theirs.id)
    # “… before their identity is shared”: once is enough.
    given = finish(page, app, *begin(page, theirs, app))

    # “Your application must verify the tokens using the JWKS for your environment.”
    def bearer_token_middleware(header: str, audience: str) -> dict[str, Any]:
        return openid_client.jwt_verify(
            http, header.removeprefix("Bearer "), f"{tenant.issuer}/oauth2/jwks", tenant.issuer,
            audience)

    checked = bearer_token_middleware(f"Bearer {given['access_token']}", theirs.id)
    assert checked["sub"] == kay.id and checked["client_id"] == theirs.id
    for token, audience in (
        (given["access_token"], own.id), (first["access_token"], theirs.id),
        (given["access_token"][:-4] + "AAAA", theirs.id), ("", theirs.id)):
        with pytest.raises(Refused):
            bearer_token_middleware(f"Bearer {token}", audience)

    # “Use the Token Introspection API to synchronously check whether a token is still valid.”
    def introspection(client: Client, token: str) -> dict[str, Any]:
        return http.post(tenant.endpoint("introspection"), data={
            "client_id": client.id, "client_secret": client.secret, "token": token,
            "token_type_hint": "access_token"}).json()

    seen = introspection(theirs, given["access_token"])
    assert {name: seen[name] for name in ("iss", "aud", "sub", "client_id", "jti", "exp", "iat")} \
        == {name: checked[name] for name in ("iss", "aud", "sub", "client_id", "jti", "exp", "iat")}
    assert seen["active"] is True
    assert introspection(own, given["access_token"]) == {"active": False}
    # The refresh token of `offline_access` gets new ones, until the person takes it all back.
    config = configuration(theirs)
    renewed = openid_client.refresh_token_grant(config, given["refresh_token"])
    assert bearer_token_middleware(f"Bearer {renewed['access_token']}", theirs.id)
    tenant.cli("consent", "revoke", consent["id"])
    for token in (given["access_token"], renewed["access_token"]):
        assert introspection(theirs, token) == {"active": False}
    with pytest.raises(Refused, match="invalid_grant"):
        openid_client.refresh_token_grant(config, renewed["refresh_token"])
    begin(page, theirs, app)
    shows(page, "Allow Partner portal to use your account?")


@pytest.mark.parametrize("party", ["first", "third"])
def test_a_public_application_uses_pkce_in_place_of_a_secret(
    tenant: Tenant, app: App, kay: User, visit: Visit, party: str  # noqa: F811
) -> None:
    client = application(tenant, app, "--party", party, kind="native")
    assert client.secret is None
    page = visit()
    strategy, session = begin(page, client, app)
    asked = parse_qs(urlsplit(strategy.authorization_request({})).query)
    assert asked["code_challenge_method"] == ["S256"] and asked["code_challenge"]
    sign_in(page, kay.name, kay.password)
    if party == "third":
        shows(page, "Allow Partner portal to use your account?")
        page.get_by_role("button", name="Allow").click()
    shows(page, "Back at the app")
    arrived = page.url
    # Whoever saw the code lacks what it was asked for with.
    with pytest.raises(Refused, match="invalid_grant"):
        strategy.authorization_code_grant({"code_verifier": "a" * 43}, arrived)
    page.goto(strategy.authorization_request(session))
    if party == "third":
        # RFC 8252 §8.6: anybody on the machine could pass for it, so the person is asked again.
        shows(page, "Allow Partner portal to use your account?")
        page.get_by_role("button", name="Allow").click()
    given = finish(page, app, strategy, session)
    assert given["claims"]["sub"] == kay.id
    renewed = openid_client.refresh_token_grant(strategy.config, given["refresh_token"])
    assert renewed["refresh_token"] != given["refresh_token"]
    # Without a challenge it gets no code at all.
    page.goto(openid_client.build_authorization_url(
        strategy.config, {"scope": SCOPE, "redirect_uri": app.redirect_uri}))
    assert parse_qs(urlsplit(page.url).query)["error"] == ["invalid_request"]


def test_whoever_is_asked_may_say_no(
    tenant: Tenant, app: App, kay: User, visit: Visit  # noqa: F811
) -> None:
    page, client = visit(), application(tenant, app, "--party", "third")
    strategy, session = arrive_at_consent(page, client, app, kay)
    allow, deny = (page.get_by_role("button", name=name) for name in ("Allow", "Deny"))
    assert allow.bounding_box()["height"] == deny.bounding_box()["height"]
    deny.click()
    shows(page, "Back at the app")
    with pytest.raises(Refused, match="access_denied"):
        strategy.authorization_code_grant(session, page.url)
    assert tenant.cli("consent", "list") == []


def test_the_page_without_a_dark_logo_shows_the_other_one(
    tenant: Tenant, app: App, kay: User, visit: Visit, tmp_path: Path  # noqa: F811
) -> None:
    client, file = application(tenant, app, "--party", "third"), tmp_path / "logo.png"
    file.write_bytes(BLUE)
    logo = tenant.cli("client", "logo", "set", client.id, "--light", str(file))["logos"]["light"]
    for colours in ("light", "dark"):
        page = visit(color_scheme=colours)
        arrive_at_consent(page, client, app, kay)
        assert loaded(page) == [f"{tenant.issuer}/logos/{logo}", 64]


def test_credentials_are_replaced_without_a_pause(
    tenant: Tenant, app: App, kay: User, visit: Visit  # noqa: F811
) -> None:
    """“Applications use the client_id and client_secret from a credential.”"""
    page, client = visit(), application(tenant, app)
    begun = begin(page, client, app)
    sign_in(page, kay.name, kay.password)
    given = finish(page, app, *begun)
    (old,) = tenant.cli("client", "show", client.id)["secrets"]
    new = tenant.cli("client", "secret", "add", client.id)["client_secret"]
    both = [configuration(client), openid_client.discovery(
        tenant.instance.http, tenant.issuer, client.id, new)]
    for config in both:
        assert openid_client.refresh_token_grant(config, given["refresh_token"])
    tenant.cli("client", "secret", "remove", client.id, old["id"])
    assert openid_client.refresh_token_grant(both[1], given["refresh_token"])
    with pytest.raises(Refused, match="401"):
        openid_client.refresh_token_grant(both[0], given["refresh_token"])
    shown = str(tenant.cli("client", "show", client.id))
    assert new not in shown and (client.secret or "") not in shown, "A secret is shown once."


def test_the_guide_for_external_applications(
    tenant: Tenant, app: App, kay: User, visit: Visit  # noqa: F811
) -> None:
    """Its requests, parameter by parameter: neither PKCE nor a state, and the secret in the form."""
    http, page = tenant.instance.http, visit()
    # 2. Register your application: callback URLs, logout URLs, client id and secret.
    goodbye = f"{app.origin}/bye"
    client = application(
        tenant, app, "--pkce", "optional", "--post-logout-redirect-uri", goodbye)
    # 3. Redirect to the authorization server; the user logs in; the code comes back.
    page.goto(tenant.endpoint("authorization") + "?" + urlencode({
        "client_id": client.id, "response_type": "code", "redirect_uri": app.redirect_uri,
        "scope": SCOPE}))
    sign_in(page, kay.name, kay.password)
    shows(page, "Back at the app")
    code = parse_qs(urlsplit(page.url).query)["code"][0]

    def post(**form: str) -> Any:
        return http.post(tenant.endpoint("token"), data=form | {
            "client_id": client.id, "client_secret": client.secret or ""})

    # 3. Exchange the code for tokens.
    exchange = {"grant_type": "authorization_code", "code": code}
    assert post(**exchange, redirect_uri=app.redirect_uri + "/x").status_code == 400
    page.goto(tenant.endpoint("authorization") + "?" + urlencode({
        "client_id": client.id, "response_type": "code", "redirect_uri": app.redirect_uri,
        "scope": SCOPE}))
    exchange["code"] = parse_qs(urlsplit(page.url).query)["code"][0]
    given = post(**exchange, redirect_uri=app.redirect_uri).json()
    assert claims(given["id_token"])["email"] == kay.email
    # 3. Use the access token: Authorization: Bearer ACCESS_TOKEN.
    info = http.get(tenant.endpoint("userinfo"), headers={
        "Authorization": f"Bearer {given['access_token']}"})
    assert info.status_code == 200 and info.json()["sub"] == kay.id
    # 4. Handle refresh tokens.
    renewed = post(grant_type="refresh_token", refresh_token=given["refresh_token"])
    assert renewed.status_code == 200 and renewed.json()["access_token"] != given["access_token"]
    # 5. Redirect URIs are validated strictly, and so are the addresses after logout.
    for wrong in (app.redirect_uri + "/", app.redirect_uri.upper(), "https://evil.test/callback"):
        answer = http.get(tenant.endpoint("authorization"), params={
            "client_id": client.id, "response_type": "code", "redirect_uri": wrong,
            "scope": SCOPE})
        assert answer.status_code == 400 and "location" not in answer.headers
    with pytest.raises(CommandFailed):
        tenant.create_client("web", redirect_uris=["http://your-app.com/callback"])
    page.goto(tenant.endpoint("end_session") + "?" + urlencode({
        "id_token_hint": given["id_token"], "post_logout_redirect_uri": goodbye}))
    assert page.url == goodbye
    assert post(
        grant_type="refresh_token", refresh_token=given["refresh_token"]).status_code == 200, (
        "What is offline lasts.")
