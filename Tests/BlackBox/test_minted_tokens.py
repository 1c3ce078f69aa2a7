"""What a token says is checked, not only who signed it: attack cases 3.G and 3.BB with the tenant's
own signature on everything."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest

from browser import Browser
from expect import invalid_token, redirected
from forge import ALPHABET
from harness import Client, Instance, Tenant, User
from mint import Mint
from protocol import PKCE, Redirect, authorization_url, base64url, claims, header, tokens, userinfo
from watch import recorded, unchanged


class Door:
    """A place where tokens are taken, and a token that is right there."""

    def __init__(self, good: str, opens: Callable[[str], bool]) -> None:
        self.good, self.opens = good, opens

    def refuses(self, token: str, why: object) -> None:
        assert not self.opens(token), f"It was taken, though: {why!r:.300}"


@pytest.fixture
def given(client: Client, user: User, browser: Browser) -> dict[str, str]:
    return tokens(client, user, browser, scope="openid offline_access")


@pytest.fixture(params=["userinfo", "authorization", "end_session"])
def door(
    request: pytest.FixtureRequest, client: Client, browser: Browser, given: dict[str, str]
) -> Door:
    tenant = client.tenant

    def at_userinfo(token: str) -> bool:
        answer = userinfo(tenant, token)
        assert answer.status_code in (200, 400, 401), token
        assert answer.status_code == 200 or answer.content == b""
        return answer.status_code == 200

    def at_authorization(token: str) -> bool:
        page = browser.get(
            authorization_url(client, PKCE.new(), prompt="none", id_token_hint=token))
        answer = Redirect.read(page)
        if "code" not in answer.parameters:
            redirected(page, client, ("invalid_request", "login_required"))
        return "code" in answer.parameters

    def at_end_session(token: str) -> bool:
        # Who is not signed in at all: the right token proves nothing less by that.
        page = browser.get(f"{tenant.endpoint('end_session')}?id_token_hint={quote(token)}")
        assert page.status in (200, 303)
        return page.status == 303

    return {
        "userinfo": Door(given["access_token"], at_userinfo),
        "authorization": Door(given["id_token"], at_authorization),
        "end_session": Door(given["id_token"], at_end_session),
    }[request.param]


@pytest.fixture
def mint(tenant: Tenant) -> Mint:
    return Mint(tenant)


def refuse_all(door: Door, made: Iterator[tuple[object, str]]) -> None:
    """Every one of them is refused; then the same mint makes one that is taken."""
    for why, token in made:
        door.refuses(token, why)


def test_a_minted_token_is_taken(door: Door, mint: Mint) -> None:
    """Otherwise the other tests here would prove nothing."""
    assert door.opens(mint.like(door.good))


def test_gh_130_the_issuer_is_compared_byte_by_byte(
    door: Door, mint: Mint, tenant: Tenant, instance: Instance
) -> None:
    other, issuer = instance.create_tenant(), tenant.issuer
    wrong = (
        other.issuer, issuer + "/", issuer.upper(), issuer + "\u0301", issuer[:-1], "", None,
        issuer.replace("http:", "https:"), issuer.replace("127.0.0.1", "localhost"), [issuer],
        {"iss": issuer}, f"{issuer}?x", f"{issuer}#", f" {issuer}", 1, True, instance.url,
        f"{instance.url}/t/{tenant.slug}/../{tenant.slug}", f"{issuer}\u0000")
    refuse_all(door, ((iss, mint.like(door.good, {"iss": iss})) for iss in wrong))


def test_gh_130_and_481_a_key_signs_for_its_tenant_only(
    door: Door, mint: Mint, tenant: Tenant, instance: Instance
) -> None:
    other = instance.create_tenant()
    theirs = Mint(other)
    algorithms = {key: type(private) for key, private in theirs.keys.items()}
    kind = type(mint.keys[header(door.good)["kid"]])
    (key,) = [key for key, made in algorithms.items() if issubclass(made, kind) or made is kind]
    for head in ({"kid": key}, {}, {"kid": None}):
        door.refuses(theirs.like(door.good, head=head, key=key), head)
        door.refuses(theirs.like(door.good, {"iss": other.issuer}, head, key=key), head)
    # Nor does ours count over there, whatever it says.
    invalid_token(userinfo(other, mint.like(door.good, {"iss": other.issuer})))
    published = instance.http.get(other.endpoint("jwks_uri")).json()["keys"]
    assert not set(mint.keys) & {published_key["kid"] for published_key in published}


def test_gh_127_and_131_the_header_fits_key_and_purpose(
    door: Door, mint: Mint, given: dict[str, str]
) -> None:
    kid = header(door.good)["kid"]
    (other,) = [key for key in mint.keys if type(mint.keys[key]) is not type(mint.keys[kid])][:1]
    wrong_type = "JWT" if header(door.good).get("typ") == "at+jwt" else "at+jwt"
    heads: list[Any] = [
        {"alg": name} for name in (
            "none", "None", "", "es256", "HS256", "ES384", "PS256", "EdDSA", "ES256K", "ES256 ", 1,
            ["ES256"], {"alg": "ES256"}, True, "RS256" if header(door.good)["alg"] == "ES256" else
            "ES256")]
    heads += [{"alg": None}, {"kid": other}, {"kid": "x"}, {"kid": ""}, {"kid": 1}, {"kid": [kid]},
              {"kid": kid + "\u0301"}, {"kid": kid.upper()}, {"kid": f"{kid} "},
              {"typ": wrong_type}, {"typ": "logout+jwt"}, {"typ": "at+jwt\u0301"}, {"typ": 1},
              {"typ": "secevent+jwt"}, {"typ": "dpop+jwt"}, {"typ": ["at+jwt"]}]
    refuse_all(door, ((head, mint.like(door.good, head=head)) for head in heads))
    # One for another door, with the type of this one removed.
    swapped = given["id_token" if door.good == given["access_token"] else "access_token"]
    door.refuses(swapped, "for another purpose")


def test_gh_136_and_137_extensions_are_refused(door: Door, mint: Mint) -> None:
    heads = [
        {"crit": ["exp"]}, {"crit": []}, {"crit": ["x"], "x": 1}, {"crit": ["b64"], "b64": False},
        {"b64": False}, {"b64": True}, {"zip": "DEF"}, {"crit": None, "crit ": []}, {"crit": "exp"},
        {"enc": "A256GCM", "zip": "DEF"}, {"crit": ["b64"], "b64": True},
    ]
    refuse_all(door, ((head, mint.like(door.good, head=head)) for head in heads[:-4]))
    for head in heads[-4:]:
        door.opens(mint.like(door.good, head=head))


def test_gh_133_names_that_come_twice_are_refused(door: Door, mint: Mint) -> None:
    said, head = json.dumps(claims(door.good))[:-1], json.dumps(header(door.good))[:-1]
    for more in (',"sub":"bob"}', f',"sub":{json.dumps(claims(door.good)["sub"])}}}', ',"exp":1}',
                 ',"s\\u0075b":"bob"}', ',"iss":"x"}', ',"x":1,"x":1}', ',"x":{"y":1,"y":2}}'):
        door.refuses(mint.like(door.good, said + more), more)
    for more in (',"alg":"none"}', f',"alg":"{header(door.good)["alg"]}"}}', ',"kid":"x"}',
                 ',"\\u0061lg":"none"}', ',"typ":"JWT"}', ',"x":1,"x":1}'):
        door.refuses(mint.like(door.good, head=head + more), more)
    door.refuses(mint.like(door.good, '{"sub":"bob",' + said[1:] + "}"), "first")


def test_gh_134_and_452_and_461_json_that_is_almost_json_is_refused(door: Door, mint: Mint) -> None:
    text = json.dumps(claims(door.good))
    body = text[:-1]
    almost: list[str | bytes] = [
        body + ",}", "\ufeff" + text, text + "x", text + "{}", text + ",", "/**/" + text,
        text + "//x", body + ',"x":NaN}', body + ',"x":Infinity}', body + ',"x":1e400}',
        body + ',"x":.5}', body + ',"x":5.}', body + ',"x":+5}', body + ',"x":05}',
        body + ',"x":0x5}', body + ",'x':1}", body + ",x:1}", body + ',"x":"\t"}',
        body + ',"x":"\\x41"}', body + ',"x":"\\ud800"}', body + ',"x":"\\udc00\\ud800"}',
        body + ',"x":tru}', body + ',"x":True}', body + ',"x":undefined}', body + ',"x":1;}',
        body + ',"x":' + "[" * 2_000 + "]" * 2_000 + "}",
        body + ',"x":' + '{"a":' * 500 + "1" + "}" * 501, body, f"[{text}]", f'"{text}"', "null",
        "", "{}", "[]", "1", text.encode("utf-16"), text.encode() + b"\x00",
        b"\x00" + text.encode(),
        body.encode() + b',"x":"\xff"}', body.encode() + b',"x":"\xc0\xaf"}',
        body.encode() + b',"x":"\xed\xa0\x80"}', body.encode() + b',"x":"\xf4\x90\x80\x80"}',
    ]
    refuse_all(door, ((payload, mint.like(door.good, payload)) for payload in almost))
    head = json.dumps(header(door.good))
    for bad in (head[:-1] + ",}", "\ufeff" + head, head + "x", f"[{head}]", head + "\x00", "null"):
        door.refuses(mint.like(door.good, head=bad), bad)


def test_gh_454_a_part_that_is_signed_has_one_spelling(door: Door, mint: Mint) -> None:
    kid = header(door.good)["kid"]
    head, body, _ = door.good.split(".")
    for part in (body + "=", body + "==", body + "A", body.replace("-", "+"),
                 " " + body, body + "%3D"):
        if part != body:
            door.refuses(mint.signed(f"{head}.{part}", kid), part[-8:])
            door.refuses(mint.signed(f"{part}.{body}", kid), part[-8:])
    # A length that leaves bits to spare in the last character, which are then not zero.
    payload = json.dumps(claims(door.good)).encode()
    padded = payload[:-1] + b" " * ((1 - len(payload)) % 3) + payload[-1:]
    text = base64url(padded)
    assert len(text) % 4
    spare = text[:-1] + ALPHABET[ALPHABET.index(text[-1]) + 1]
    door.refuses(mint.signed(f"{head}.{spare}", kid), "spare bits")
    # The last, for at one of the doors it ends the session.
    assert door.opens(mint.signed(f"{head}.{text}", kid))


def test_gh_451_and_452_hostile_times_and_claims(
    client: Client, user: User, mint: Mint, given: dict[str, str]
) -> None:
    """At userinfo, where a token must be in its time."""
    good, tenant, now = given["access_token"], client.tenant, int(time.time())
    refused: list[dict[str, Any]] = [
        {"exp": value} for value in (
            None, now - 300, "9999999999", -1, 0, 1e300, -1e300, 2**53 + 1, 2**63 - 1, 2**63, 2**64,
            -2**63, True, [9999999999], {"exp": 9999999999}, "", "NaN")]
    refused += [{"nbf": value} for value in (now + 61, now + 3_600, "x", 1e300, 2**63, True)]
    refused += [{"jti": value} for value in (None, 1, ["x"])]
    refused += [{"client_id": value} for value in (None, 1, "", "nobody", [client.id])]
    refused += [{"gid": value} for value in (None, 1, "", "grt_0", ["x"], "grt_" + "0" * 26)]
    refused += [{"scope": value} for value in (None, 1, ["openid"], "openid\u0301", "OPENID", 'a"')]
    with recorded(tenant), unchanged(tenant, user):
        for change in refused:
            answer = userinfo(tenant, mint.like(good, change))
            assert answer.status_code in (401, 403), change
            assert answer.content == b""
    for change in ({"nbf": now + 2}, {"iat": now + 2}, {"exp": float(now + 300)}, {"sub": "bob"}):
        answer = userinfo(tenant, mint.like(good, change))
        assert answer.status_code in (200, 401)
        # Whom a token shows is decided by its grant, whoever it names.
        assert answer.status_code == 401 or answer.json()["sub"] == user.id


def test_gh_017_an_expired_hint_never_yields_a_code_for_somebody_else(
    client: Client, user: User, browser: Browser, tenant: Tenant, mint: Mint
) -> None:
    bob = tenant.create_user()
    bobs, mine = tokens(client, bob)["id_token"], tokens(client, user, browser)["id_token"]
    old = {"iat": 1_000_000_000, "exp": 1_000_003_600, "auth_time": 1_000_000_000}
    with recorded(tenant), unchanged(tenant, bob):
        for hint in (bobs, mint.like(bobs, old), mint.like(mine, {"sub": bob.id}),
                     mint.like(mine, old | {"sub": "usr_00000000000000000000000000"})):
            url = authorization_url(client, PKCE.new(), prompt="none", id_token_hint=hint)
            redirected(browser.get(url), client, ("login_required", "invalid_request"))
    # One of one's own may be old: it only says who is meant.
    url = authorization_url(client, PKCE.new(), prompt="none", id_token_hint=mint.like(mine, old))
    answer = Redirect.read(browser.get(url))
    assert "code" in answer.parameters or answer.error == "login_required"
