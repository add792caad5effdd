"""A real Chromium for looking at pages, cut off from every network.

Here belong finding it, starting it, and what a page asked for or complained of. Not here: what a
page should do, which its tests say.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
PATIENCE = 10_000
"""Milliseconds after which what should be there counts as missing."""

MISSING = "no Chromium here: install it with `make browser`, or name one in CHROMIUM"


@dataclass
class Tab:
    """A page, the addresses it asked for, and what its console said of errors."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def hear(self, message: ConsoleMessage) -> None:
        """Keep what the console says of errors, also of what the page's policy forbade."""
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def refuse(self, dialog: Dialog) -> None:
        """No page of ours asks anything, so a dialog is somebody else's script."""
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()


def chromium() -> str | None:
    """The path of the Chromium to use, or nothing where there is none."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def started() -> Iterator[Browser]:
    """The browser, closed afterwards; it has no sandbox of its own where root runs it."""
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=arguments)
        with browser:
            yield browser


@contextmanager
def opened(
    browser: Browser, file: Path, view: str = "", *, width: int = 1280, runs_scripts: bool = True
) -> Iterator[Tab]:
    """A file in a tab of its own, at the view that its address names (`#…`)."""
    context = browser.new_context(
        offline=True,
        java_script_enabled=runs_scripts,
        viewport={"width": width, "height": 900},
    )
    context.set_default_timeout(PATIENCE)
    with context:
        tab = Tab(context.new_page())
        context.on("request", lambda request: tab.requests.append(request.url))
        context.on("weberror", lambda error: tab.complaints.append(f"{error.error}"))
        tab.page.on("console", tab.hear)
        tab.page.on("dialog", tab.refuse)
        tab.page.goto(file.as_uri() + view)
        yield tab
