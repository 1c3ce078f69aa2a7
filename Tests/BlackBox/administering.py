"""Somebody before the pages on which members administer their organizations."""

from __future__ import annotations

from browser import Browser, Form, Page
from harness import Tenant, User
from organizations import join, organization
from protocol import sign_in

MINUTE = 60_000


class Desk:
    """A browser in which a user is signed in, before the pages of one organization."""

    def __init__(self, tenant: Tenant, slug: str, user: User) -> None:
        self.tenant, self.slug, self.user = tenant, slug, user
        self.browser = Browser(tenant.instance)
        self.again()

    def url(self, part: str = "", slug: str | None = None) -> str:
        below = "/".join(["", self.slug if slug is None else slug, part]).rstrip("/")
        return f"{self.tenant.issuer}/organizations{below}"

    def open(self, part: str = "", slug: str | None = None) -> Page:
        return self.browser.get(self.url(part, slug))

    def seen(self, part: str = "") -> Page:
        page = self.open(part)
        assert page.status == 200, f"{page.status} {page.words}"
        return page

    def again(self, part: str = "") -> Page:
        """Signs in, or once more, on the way to a page."""
        page = self.open(part)
        page = self.browser.follow(self.browser.submit(page, sign_in_form(page)))
        return self.browser.follow(sign_in(self.browser, page, self.user))

    def press(
        self, page: Page, change: str, about: dict[str, str] | None = None,
        **values: str | list[str],
    ) -> Page:
        """Presses a button of a page, in the form that is about something."""
        form = form_with(page, change, about or {})
        return self.browser.submit(page, form, change=change, **values)

    def age(self, minutes: int) -> None:
        """Makes the sign-in so much older."""
        self.tenant.instance.database.execute(
            f"UPDATE browser_session SET authenticated_at = authenticated_at - {minutes * MINUTE} "
            f"WHERE user_id = '{self.user.id}'")


def form_with(page: Page, change: str, about: dict[str, str]) -> Form:
    for form in page.forms:
        if ("change", change) in form.buttons and about.items() <= form.fields.items():
            return form
    raise AssertionError(f"No button {change} {about} in: {page.status} {page.words}")


def has_button(page: Page, change: str, **about: str) -> bool:
    return any(("change", change) in form.buttons and about.items() <= form.fields.items()
               for form in page.forms)


def sign_in_form(page: Page) -> Form:
    """The form that sends nothing but its token."""
    return next(form for form in page.forms if set(form.fields) == {"csrf"})


def administered(
    tenant: Tenant, slug: str = "initech", *scopes: str, name: str | None = None
) -> tuple[str, Desk]:
    """An organization, and somebody who has these scopes there."""
    if not tenant.cli("client", "list"):
        tenant.create_client("web")
    made, user = organization(tenant, slug), tenant.create_user(name=name)
    join(tenant, made, user, *(scopes or ("admin",)))
    return made, Desk(tenant, slug, user)


def is_unknown(page: Page) -> bool:
    return page.status == 404 and "You manage no such organization" in page.words
