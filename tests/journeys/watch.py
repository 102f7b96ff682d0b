"""What a browser says of a page and nobody sees: errors in its console, refusals by the content security policy, requests that failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, ConsoleMessage, Response

VIOLATIONS: Final = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy: ${event.violatedDirective} refuses ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
"""
WRONG: Final = 400
FAULT: Final = 500


class Watch:
    """Keeps what went wrong on any page of a browser's context."""

    def __init__(self, context: BrowserContext) -> None:
        self.troubles: list[str] = []
        context.add_init_script(VIOLATIONS)
        context.on("console", self._said)
        context.on("weberror", lambda error: self.troubles.append(f"script: {error.error}"))
        context.on("response", self._answered)

    def _said(self, message: ConsoleMessage) -> None:
        # What could not be loaded is judged by its answer: a page may well be refused, a script or picture may not.
        if message.type in ("error", "warning") and not message.text.startswith("Failed to load resource"):
            self.troubles.append(f"console: {message.text} ({message.location['url']})")

    def _answered(self, response: Response) -> None:
        page = response.request.is_navigation_request()
        if response.status >= FAULT or (response.status >= WRONG and not page):
            self.troubles.append(f"{response.status}: {response.url}")
