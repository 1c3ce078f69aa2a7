"""Logos: giving them to whoever may have some, and finding them on pages."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

import httpx

from browser import Page
from harness import Client, Tenant
from images import png

LIGHT, DARK = png(color=b"\x20\x60\xc0"), png(color=b"\xe0\xc0\x20")


def files(folder: Path, light: bytes, dark: bytes | None = None) -> list[str]:
    """Options that name files with the images."""
    options = []
    for name, content in (("light", light), ("dark", dark)):
        if content is not None:
            file = folder / secrets.token_hex(4)
            file.write_bytes(content)
            options += [f"--{name}", str(file)]
    return options


def set_logo(client: Client, folder: Path, light: bytes, dark: bytes | None = None) -> dict:
    return client.tenant.cli("client", "logo", "set", client.id, *files(folder, light, dark))


def pictures(page: Page) -> list[tuple[str, str | None]]:
    """Where the page has its logos from, one by one: for light pages, and for dark ones."""
    found = []
    for picture in re.findall(r'<picture class="logo">(.*?)</picture>', page.text):
        light = re.search(r'<img src="([^"]+)" alt="">', picture)
        dark = re.search(r'media="\(prefers-color-scheme: dark\)" srcset="([^"]+)"', picture)
        assert light, picture
        found.append((light[1], dark[1] if dark else None))
    return found


def shown(page: Page) -> tuple[str | None, str | None]:
    """The first of them."""
    return next(iter(pictures(page)), (None, None))


def load(tenant: Tenant, path: str) -> httpx.Response:
    return tenant.instance.http.get(tenant.instance.url + path)
