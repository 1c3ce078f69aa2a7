"""The examples of the Swift SDK with a provider that is not Gatehouse: discovery, code with PKCE,
refresh, keys, introspection, revocation, and the habits in which providers differ."""

from __future__ import annotations

import base64
import secrets
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from another_provider import AnotherProvider, Habits
from harness import TLS, free_port
from test_swift_examples import BUILT, answers
from trial import clean_environment, eventually

HABITS = {
    "usual": Habits(),
    "refresh tokens that stay": Habits(rotates=False),
    "no ID token at a refresh": Habits(renews_id_token=False),
    "silent about itself": Habits(names_itself=False),
    "lists of audiences": Habits(lists_audiences=True),
    "ES256": Habits(algorithm="ES256"),
    "EdDSA": Habits(algorithm="EdDSA"),
    "nowhere to sign out": Habits(ends_sessions=False),
    "keys without names": Habits(names_keys=False),
}


class Site:
    """The web app and the API, and a browser of somebody."""

    def __init__(self, provider: AnotherProvider, web: str, api: str) -> None:
        self.provider, self.web, self.api = provider, web, api
        self.browser = httpx.Client(trust_env=False, verify=TLS, timeout=30)
        self.cookies: dict[str, str] = {}

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.send("GET", self.web + path, headers)

    def post(self, path: str, **headers: str) -> httpx.Response:
        return self.send("POST", self.web + path, headers)

    def send(self, method: str, url: str, headers: dict[str, str]) -> httpx.Response:
        """Asks as a browser does, which holds the cookies of this machine for safe ones."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookies:
            headers["cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        with httpx.Client(trust_env=False, verify=TLS, timeout=30) as client:
            answer = client.request(method, url, headers=headers)
        for line in answer.headers.get_list("set-cookie"):
            name, _, value = line.partition(";")[0].partition("=")
            if "max-age=0" in line.lower():
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        return answer

    def callback(self) -> str:
        """Goes to the provider: where it sends the browser back to."""
        begun = self.get("/login?return_to=%2Fdashboard")
        assert begun.status_code == 303 and begun.headers["location"].startswith(
            f"{self.provider.issuer}/auth?"), begun.text
        answer = httpx.get(begun.headers["location"], trust_env=False, verify=TLS)
        assert answer.status_code == 303
        return answer.headers["location"].removeprefix(self.web)

    def sign_in(self) -> None:
        answer = self.get(self.callback())
        assert answer.status_code == 303 and answer.headers["location"] == "/dashboard", answer.text

    @property
    def dashboard(self) -> str:
        answer = self.get("/dashboard")
        assert answer.status_code == 200, answer.text
        return answer.text

    def ask(self, token: str) -> httpx.Response:
        return httpx.get(f"{self.api}/projects", trust_env=False, verify=TLS, headers={
            "authorization": f"Bearer {token}"})

    def refreshes(self) -> int:
        return self.provider.requests["/realms/main/token"] - 1


@contextmanager
def running(folder: Path, habits: Habits, *, asks: bool = False) -> Iterator[Site]:
    web, api = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
    with ExitStack() as stack:
        provider = stack.enter_context(
            AnotherProvider(f"{web}/callback", "https://projects.test", habits))
        environment = clean_environment(
            ISSUER=provider.issuer, CLIENT_ID=provider.client_id,
            CLIENT_SECRET=provider.client_secret, API_IDENTIFIER=provider.audience, API_URL=api,
            SESSION_KEY=base64.b64encode(secrets.token_bytes(32)).decode())
        if asks:
            environment |= {
                "API_CLIENT_ID": provider.client_id, "API_CLIENT_SECRET": provider.client_secret}
        for name, address in (("ExampleAPI", api), ("ExampleWeb", web)):
            with (folder / name).open("wb") as log:
                process = subprocess.Popen([BUILT / name], stdout=log, stderr=log, env=environment | {
                    "PORT": address.rpartition(":")[2]})
            stack.callback(process.wait, timeout=30)
            stack.callback(process.terminate)
            eventually(lambda: answers(address), (folder / name).read_text())
        yield Site(provider, web, api)


@pytest.mark.parametrize("habits", HABITS.values(), ids=HABITS)
def test_the_examples_work_with_another_provider(tmp_path: Path, habits: Habits) -> None:
    with running(tmp_path, habits) as site:
        site.sign_in()
        asked = {path.rpartition("/")[2] for path in site.provider.requests}
        assert {"openid-configuration", "auth", "token", "certs"} <= asked
        # The tokens last a minute, so each request refreshes them.
        assert site.dashboard == "Hello Kay. Organizations: []\n"
        assert site.refreshes() >= 1
        site.provider.claims["name"] = "Kay Jones"
        site.provider.claims["organizations"] = [{
            "id": "org_1", "scopes": ["projects:*"], "title": None, "joined_at": 1}]
        assert site.dashboard == "Hello Kay Jones. Organizations: [org_1]\n"
        # The API of the SDK takes the tokens of that provider.
        answer = site.get("/projects")
        assert (answer.status_code, answer.text) == (200, "The projects of auth|4711.\n")
        assert site.post("/orgs/org_1/projects").status_code == 200
        assert site.post("/orgs/org_2/projects").status_code == 403
        del site.provider.claims["organizations"]
        assert site.post("/orgs/org_1/projects").status_code == 403
        # Signing out: at the provider too, where it can be done.
        answer = site.post("/logout")
        there = answer.headers["location"]
        assert there.startswith(f"{site.provider.issuer}/logout?") == habits.ends_sessions
        assert site.provider.requests["/realms/main/token/revoke"] == 1
        assert site.get("/dashboard").status_code == 303 and "session" not in str(site.cookies)


def test_many_requests_make_one_refresh(tmp_path: Path) -> None:
    with running(tmp_path, Habits()) as site:
        site.sign_in()
        before, old = site.refreshes(), dict(site.cookies)

        def ask(_: int) -> int:
            other = Site(site.provider, site.web, site.api)
            other.cookies = dict(old)
            return other.get("/dashboard").status_code

        with ThreadPoolExecutor(10) as pool:
            assert set(pool.map(ask, range(30))) == {200}
        assert site.refreshes() == before + 1


def test_an_api_that_asks_hears_of_a_revocation_at_once(tmp_path: Path) -> None:
    for habits in (Habits(), Habits(is_opaque=True)):
        with running(tmp_path, habits, asks=True) as site:
            site.sign_in()
            assert site.get("/projects").status_code == 200
            asked = site.provider.requests["/realms/main/token/introspect"]
            assert asked == 1
            token = next(reversed(site.provider.access_tokens))
            assert site.ask(token).status_code == 200
            site.provider.revoke({"token": token})
            refused = site.ask(token)
            assert refused.status_code == 401
            assert 'error="invalid_token"' in refused.headers["www-authenticate"]
            site.provider.is_away = True
            assert site.ask(token).status_code == 503


def test_the_api_refuses_what_the_provider_did_not_sign_for_it(tmp_path: Path) -> None:
    with running(tmp_path, Habits()) as site, AnotherProvider(
            "https://a.test/cb", site.provider.audience) as stranger:
        provider, asked = site.provider, {"scope": "projects:read", "nonce": "n"}
        good = provider.issue(asked, with_id_token=True)
        assert site.ask(good["access_token"]).status_code == 200
        provider.audience = "https://another.test"
        elsewhere = provider.issue(asked, with_id_token=False)["access_token"]
        provider.audience = "https://projects.test"
        stranger.issuer = provider.issuer
        provider.lifetime = -60
        old = provider.issue(asked, with_id_token=False)["access_token"]
        for token in (good["id_token"], elsewhere, old,
                      stranger.issue(asked, with_id_token=False)["access_token"]):
            assert site.ask(token).status_code == 401
        provider.lifetime = 60
        weak = provider.issue({"scope": "projects:list", "nonce": "n"}, with_id_token=False)
        answer = site.ask(weak["access_token"])
        assert answer.status_code == 403
        assert 'scope="projects:read"' in answer.headers["www-authenticate"]


def test_a_new_key_signs_nobody_out(tmp_path: Path) -> None:
    """A provider that signs with a new key at once: keys are not asked for again within ten seconds,
    and what cannot be checked before is not lost."""
    with running(tmp_path, Habits()) as site:
        site.sign_in()
        site.provider.rotate_keys()
        before = site.provider.requests["/realms/main/certs"]
        for _ in range(3):
            assert site.dashboard == "Hello Kay. Organizations: []\n"
        assert site.provider.requests["/realms/main/certs"] <= before + 1


def test_a_provider_that_is_away_signs_nobody_out(tmp_path: Path) -> None:
    with running(tmp_path, Habits()) as site:
        site.provider.lifetime = 300
        site.sign_in()
        site.provider.is_away = True
        assert site.dashboard.startswith("Hello Kay")
        assert site.get("/projects").status_code in (200, 503)
        site.provider.is_away = False
        assert site.dashboard.startswith("Hello Kay")


def test_an_answer_of_another_provider_is_refused(tmp_path: Path) -> None:
    """A mix-up: the answer to an attempt names another issuer, or none where one is promised."""
    with running(tmp_path, Habits()) as site:
        callback = site.callback()
        before = site.provider.requests["/realms/main/token"]
        genuine = f"iss={site.provider.issuer.replace(':', '%3A').replace('/', '%2F')}"
        assert genuine in callback
        for other in ("iss=https%3A%2F%2Fattacker.test", "x=y"):
            cookies = dict(site.cookies)
            assert site.get(callback.replace(genuine, other)).status_code == 400
            site.cookies = cookies
        assert site.provider.requests["/realms/main/token"] == before
        assert site.get(callback).status_code == 303


@pytest.mark.parametrize("origin, accepted", [
    (None, True), ("own", True), ("null", False), ("https://evil.test", False),
    ("http://127.0.0.1:1", False), ("own.evil", False), ("", False),
])
def test_old_browsers_are_judged_by_origin_at_sign_out(
    tmp_path: Path, origin: str | None, accepted: bool
) -> None:
    """They send no Sec-Fetch-Site, and cookies go along with a foreign form."""
    with running(tmp_path, Habits()) as site:
        site.sign_in()
        headers = {} if origin is None else {"origin": origin.replace("own", site.web)}
        answer = site.post("/logout", **headers)
        assert answer.status_code == (303 if accepted else 403)
        assert ("__Host-session" in site.cookies) != accepted
        assert site.provider.requests["/realms/main/token/revoke"] == (1 if accepted else 0)


@pytest.mark.parametrize("fetch_site, accepted", [
    ("same-origin", True), ("none", True), ("same-site", False), ("cross-site", False),
    ("Same-Origin", False)])
def test_new_browsers_say_where_a_form_comes_from(
    tmp_path: Path, fetch_site: str, accepted: bool
) -> None:
    with running(tmp_path, Habits()) as site:
        site.sign_in()
        # Whatever else they say: where they know better, Origin does not count.
        answer = site.post("/logout", sec_fetch_site=fetch_site, origin=site.web)
        assert answer.status_code == (303 if accepted else 403)


def test_several_tabs_sign_in_at_once(tmp_path: Path) -> None:
    """Each answer is for the attempt that it belongs to, in whatever order they come."""
    with running(tmp_path, Habits()) as site:
        # A state takes one of five places by chance, and may take that of another.
        callbacks: dict[str, str] = {}
        while len(callbacks) < 3:
            known = dict(site.cookies)
            callback = site.callback()
            (place,) = [name for name, value in site.cookies.items() if known.get(name) != value]
            callbacks[place] = callback
        for place, callback in reversed(callbacks.items()):
            answer = site.get(callback)
            assert answer.status_code == 303 and place not in site.cookies
            assert "state" in parse_qs(urlsplit(callback).query)


def test_a_provider_without_keys_is_asked_now_and_then_only(tmp_path: Path) -> None:
    """An API that starts while its provider has no keys does not ask for each request."""
    with running(tmp_path, Habits()) as site:
        token = site.provider.issue({"scope": "projects:read", "nonce": "n"}, with_id_token=False)
        site.provider.is_away = True
        for _ in range(20):
            assert site.ask(token["access_token"]).status_code == 503
        assert site.provider.requests["/realms/main/certs"] == 1
