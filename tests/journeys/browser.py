"""Debian's Chromium driven by Playwright, signed in as one of the cast."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from playwright.sync_api import sync_playwright

from journeys.cast import PASSWORD
from journeys.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page, StorageState

WIDE: Final = (1440, 900)
PHONE: Final = (390, 844)
PATIENCE_MS: Final = 15_000


def found() -> str | None:
    """Where Chromium is."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def launched(path: str) -> Iterator[Browser]:
    """A browser; root may not use its sandbox."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"] if os.geteuid() == 0 else [])
        yield browser
        browser.close()


class Seats:
    """Browsers of the cast. Each signs in once; later pages of the same user go on with its session."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.browser = browser
        self.address = address
        self.kept: dict[str, StorageState] = {}
        self.watches: list[Watch] = []

    def stranger(self, size: tuple[int, int] = WIDE, **more: Any) -> Page:
        """A page of somebody who is not signed in; what goes wrong on it is noted. Nothing fades, so that what is seen is settled."""
        context = self.browser.new_context(
            base_url=self.address, viewport={"width": size[0], "height": size[1]}, accept_downloads=True,
            **{"locale": "en-GB", "reduced_motion": "reduce", **more},
        )  # fmt: skip
        context.set_default_timeout(PATIENCE_MS)
        self.watches.append(Watch(context))
        return context.new_page()

    def of(self, username: str, size: tuple[int, int] = WIDE, **more: Any) -> Page:
        """A page of somebody who is signed in, still blank."""
        if username not in self.kept:
            page = self.stranger()
            sign_in(page, username)
            self.kept[username] = page.context.storage_state()
            page.context.close()
        return self.stranger(size, storage_state=self.kept[username], **more)

    def leave(self) -> list[str]:
        """Close all pages; what went wrong on them."""
        for context in self.browser.contexts:
            context.close()
        troubles = [trouble for watch in self.watches for trouble in watch.troubles]
        self.watches.clear()
        return troubles


def sign_in(page: Page, username: str, password: str = PASSWORD) -> None:
    """Sign in by the form."""
    page.goto("/accounts/login/")
    page.locator("#id_login").fill(username)
    page.locator("#id_password").fill(password)
    page.locator("#id_password").press("Enter")
    page.wait_for_url(lambda url: "/accounts/login/" not in url)
