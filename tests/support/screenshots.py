"""Takes the pictures of the docs from the sandbox: `python -m tests.support.screenshots`.

It makes two lists and a refusal in a folder of its own, opens everything as its users would, and
writes docs/images/*.png. It needs Chromium, and LibreOffice with pdftoppm for the workbook.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser

from ingest.settings import PROJECT, latest_monday
from tests.support.browser import started

IMAGES = PROJECT / "docs" / "images"
BIN = Path(sys.executable).parent
SECONDS_TO_START = 120
WIDE, HIGH = 1280, 860


def main() -> None:
    """Make what is shown, and take the pictures."""
    IMAGES.mkdir(exist_ok=True)
    week = latest_monday(datetime.now(UTC).date())
    with TemporaryDirectory(prefix="screenshots-") as scratch, started() as browser:
        home = Path(scratch) / "home"
        _prospects(home, "run", "--week", week - timedelta(days=7), "--to", week)
        published = home / "published" / f"{week}"
        _picture(browser, published / "report.html", "report")
        _picture(browser, published / "report.html", "report-account", "#account-2")
        _picture(browser, published / "perfect_customer.html", "perfect-customer")
        _picture(browser, published / "evidence.html", "evidence")
        _picture(browser, published / "gate.html", "gate-passed")
        _workbook(published / "target_accounts.xlsx", Path(scratch))
        with _webserver(home) as address:
            _dagster(browser, address)
        _picture(browser, _refused(home, week), "gate-refused")


def _refused(home: Path, week: object) -> Path:
    """The page of a list that the gate refused: every source gives far less than it did."""
    text = (PROJECT / "sources.yml").read_text(encoding="utf-8")
    sources = home.parent / "sources.yml"
    sources.write_text(text.replace("companies: 5000", "companies: 3000"), encoding="utf-8")
    os.environ["PROSPECT_SOURCES"] = str(sources)
    _prospects(home, "run", "--week", week, expected=3)
    del os.environ["PROSPECT_SOURCES"]
    return home / "refused" / f"{week}" / "gate.html"


def _prospects(home: Path, *arguments: object, expected: int = 0) -> None:
    command = [BIN / "prospects", *map(str, arguments)]
    ended = subprocess.run(command, cwd=PROJECT, env={**os.environ, "PROSPECT_HOME": str(home)})
    if ended.returncode != expected:
        raise SystemExit(f"{command} ended with {ended.returncode}, expected {expected}")


def _picture(browser: Browser, file: Path, name: str, view: str = "") -> None:
    context = browser.new_context(offline=True, viewport={"width": WIDE, "height": HIGH})
    with context:
        page = context.new_page()
        page.goto(file.as_uri() + view)
        page.screenshot(path=IMAGES / f"{name}.png")


def _workbook(workbook: Path, scratch: Path) -> None:
    """The first page of the workbook as LibreOffice prints it."""
    for tool in ("soffice", "pdftoppm"):
        if not shutil.which(tool):
            raise SystemExit(f"{tool} is needed to render the workbook; install it")
    office = ["soffice", "--headless", f"-env:UserInstallation=file://{scratch}/office"]
    convert = [*office, "--convert-to", "pdf", "--outdir", str(scratch), str(workbook)]
    subprocess.run(convert, check=True, capture_output=True)
    picture = ["pdftoppm", "-png", "-r", "90", "-f", "1", "-singlefile"]
    page = IMAGES / "workbook"
    subprocess.run([*picture, scratch / "target_accounts.pdf", page], check=True)


@contextmanager
def _webserver(home: Path) -> Iterator[str]:
    """The Dagster UI over the home, on a free port of this machine."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "PROSPECT_HOME": str(home),
        "DAGSTER_HOME": str(home / "dagster"),
    }
    command = [
        BIN / "dagster-webserver",
        "-w",
        "workspace.yaml",
        "-h",
        "127.0.0.1",
        "-p",
        str(port),
    ]
    server = subprocess.Popen(
        command, cwd=PROJECT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_until_up(f"http://127.0.0.1:{port}/server_info")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def _wait_until_up(address: str) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except OSError:
            time.sleep(0.5)
    raise SystemExit("the Dagster webserver did not start")


def _dagster(browser: Browser, address: str) -> None:
    """The graph of all assets, by group."""
    context = browser.new_context(viewport={"width": 1600, "height": 1000})
    with context:
        page = context.new_page()
        page.set_default_timeout(SECONDS_TO_START * 1000)
        page.goto(f"{address}/asset-groups")
        page.locator("text=published").first.wait_for()
        page.wait_for_load_state("networkidle")
        page.screenshot(path=IMAGES / "dagster-graph.png")


if __name__ == "__main__":
    main()
