"""A browser without a screen: cookies, forms and the headers that Chromium sends."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode, urljoin, urlsplit

import httpx

from harness import Instance

NAVIGATION = {
    "Accept": "text/html", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document",
    "Sec-Fetch-User": "?1",
}


@dataclass
class Form:
    """A form of a page: where it goes, what its fields hold, and its buttons."""

    action: str
    method: str
    # A list holds what is ticked of boxes that share a name.
    fields: dict[str, str | list[str]] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class Page:
    """An answer as a browser reads it."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.status = response.status_code
        self.headers = response.headers
        self.text = response.text
        self.url = str(response.request.url)
        # A redirect does not change from where a request came.
        self.site = response.request.headers.get("Sec-Fetch-Site", "none")
        parser = PageParser(self.url)
        parser.feed(self.text)
        self.forms, self.links = parser.forms, parser.links
        self.words = " ".join(" ".join(parser.words).split())

    @property
    def location(self) -> str | None:
        """Where the answer sends the browser."""
        target = self.headers.get("location")
        return urljoin(self.url, target) if target is not None else None

    def form(self, *names: str) -> Form:
        """The first form that has fields or buttons of these names."""
        for form in self.forms:
            known = set(form.fields) | {name for name, _ in form.buttons}
            if set(names) <= known:
                return form
        raise AssertionError(f"No form with {names} in: {self.status} {self.words}")


class PageParser(HTMLParser):
    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.words: list[str] = []
        # The name of the field that what follows stands in.
        self.field: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            action = urljoin(self.url, values.get("action", ""))
            self.forms.append(Form(action, values.get("method", "get")))
        elif tag == "input" and self.forms and values.get("type") == "checkbox":
            ticked = self.forms[-1].fields.setdefault(values["name"], [])
            if "checked" in values:
                ticked.append(values["value"])
        elif tag == "input" and self.forms and values.get("name"):
            self.forms[-1].fields[values["name"]] = values.get("value", "")
        elif tag == "textarea" and self.forms:
            self.field = values["name"]
            self.forms[-1].fields[self.field] = ""
        elif tag == "select" and self.forms:
            self.select = values["name"]
        elif tag == "option" and self.forms:
            # The first one, unless another is chosen.
            fields = self.forms[-1].fields
            if "selected" in values or self.select not in fields:
                fields[self.select] = values.get("value", "")
        elif tag == "button" and self.forms and values.get("name"):
            self.forms[-1].buttons.append((values["name"], values.get("value", "")))
        elif tag in ("a", "link", "img", "script", "iframe") and (
                target := values.get("href") or values.get("src")):
            self.links.append(urljoin(self.url, target))

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.field = None

    def handle_data(self, data: str) -> None:
        if self.field is not None:
            # A line end right behind the tag is no part of what stands in the field.
            text = str(self.forms[-1].fields[self.field]) + data
            self.forms[-1].fields[self.field] = text.removeprefix("\n")
            return
        self.words.append(data)


class Browser:
    """One browser with its own cookies. It follows no redirect by itself."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.cookies: dict[str, str] = {}
        self.same_site: dict[str, str] = {}
        # False makes it an old browser, which sends every cookie with everything.
        self.knows_same_site = True

    def get(self, url: str, *, site: str = "none", headers: dict[str, str] | None = None) -> Page:
        """Goes to an address; `site` says from where: `none`, `same-origin` or `cross-site`."""
        return self.send("GET", url, {"Sec-Fetch-Site": site} | (headers or {}))

    def post(
        self, url: str, data: dict[str, str | list[str]], *, site: str = "same-origin",
        origin: str = "null", headers: dict[str, str] | None = None,
    ) -> Page:
        """Sends a form. Our pages send no referrer, so their forms have `Origin: null`."""
        return self.send(
            "POST", url,
            {"Sec-Fetch-Site": site, "Origin": origin} | (headers or {}), data)

    def send(
        self, method: str, url: str, headers: dict[str, str],
        data: dict[str, str | list[str]] | bytes | None = None,
    ) -> Page:
        """Sends a form by its values, or a body as it is."""
        sent = NAVIGATION | headers
        if cookies := self._cookies_for(method, sent.get("Sec-Fetch-Site", "")):
            sent.setdefault("Cookie", "; ".join(f"{k}={v}" for k, v in cookies.items()))
        # Built by hand, so that the cookies of httpx stay out of it.
        content = data if isinstance(data, bytes) else None
        if isinstance(data, dict):
            content = urlencode(data, doseq=True).encode()
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        request = httpx.Request(method, url, headers=sent, content=content)
        response = self.instance.http.send(request)
        self._take_cookies(response)
        return Page(response)

    def submit(self, page: Page, form: Form, **values: str | list[str]) -> Page:
        """Fills in a form and sends it, if the page's security policy lets it."""
        sources = form_action(page)
        assert allows(sources, form.action, page.url), f"form-action forbids {form.action}"
        answer = self.post(form.action, form.fields | values)
        if answer.location:
            assert allows(sources, answer.location, page.url), (
                f"form-action {sources} forbids the redirect to {answer.location}")
        return answer

    def follow(self, page: Page) -> Page:
        """Goes where an answer sends the browser, as long as that is on this server."""
        while page.location and page.location.startswith(self.instance.url + "/"):
            page = self.get(page.location, site=page.site)
        return page

    def clone(self) -> Browser:
        """The same cookies in another browser: what a thief of cookies has."""
        copy = Browser(self.instance)
        copy.cookies, copy.same_site = dict(self.cookies), dict(self.same_site)
        return copy

    def cookie(self, part: str) -> str | None:
        """The value of the cookie with this in its name."""
        return next((v for k, v in self.cookies.items() if part in k), None)

    def _cookies_for(self, method: str, site: str) -> dict[str, str]:
        """The cookies that go along (RFC 6265bis §5.2): Lax ones not with a foreign form."""
        if site != "cross-site" or not self.knows_same_site:
            return self.cookies
        return {
            name: value for name, value in self.cookies.items()
            if method == "GET" and self.same_site.get(name) == "Lax"}

    def _take_cookies(self, response: httpx.Response) -> None:
        for header in response.headers.get_list("set-cookie"):
            pair, *attributes = [part.strip() for part in header.split(";")]
            name, _, value = pair.partition("=")
            known = {a.partition("=")[0].lower(): a.partition("=")[2] for a in attributes}
            assert name.startswith("__Host-"), header
            assert "secure" in known and "httponly" in known and "domain" not in known, header
            assert known.get("path") == "/" and known.get("samesite") in ("Lax", "Strict"), header
            if known.get("max-age") == "0":
                self.cookies.pop(name, None)
            else:
                self.cookies[name], self.same_site[name] = value, known["samesite"]


def form_action(page: Page) -> list[str]:
    for directive in page.headers.get("content-security-policy", "").split(";"):
        name, *sources = directive.split()
        if name == "form-action":
            return sources
    return ["*"]


def allows(sources: list[str], target: str, page: str) -> bool:
    """Whether a `form-action` lets a form lead there (CSP3 §6.7.2)."""
    there, here = urlsplit(target), urlsplit(page)
    for source in sources:
        if source == "*":
            return True
        if source == "'self'" and (there.scheme, there.netloc) == (here.scheme, here.netloc):
            return True
        if source.endswith(":") and there.scheme == source[:-1]:
            return True
        if source == f"{there.scheme}://{there.netloc}":
            return True
    return False
