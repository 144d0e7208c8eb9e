"""The page in a real browser: headless Chromium, as the system has it; nothing is downloaded.

Without Chromium or Playwright these tests are skipped, and the summary says so.
"""

import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

QUIET = (
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@dataclass
class Opened:
    """A page that was opened, and all that it did."""

    page: Any
    requests: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    """Errors of scripts, and what the policy refused."""

    @classmethod
    def watching(cls, context):
        opened = cls(page=context.new_page())
        context.on("request", lambda request: opened.requests.append(request.url))
        opened.page.on("dialog", opened._dismiss)
        opened.page.on("pageerror", lambda error: opened.complaints.append(str(error)))
        opened.page.on("console", lambda message: opened.complaints.append(message.text))
        return opened

    def _dismiss(self, dialog):
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def wait_for_items(self):
        self.page.wait_for_selector("#detail .about, #detail .empty", timeout=10_000)
        return self.page


@pytest.fixture(scope="package")
def browser():
    """One browser for the whole folder, closed behind it: its event loop must not outlive it."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    if found is None:
        pytest.skip("no Chromium on this machine: the page was NOT tried in a browser")
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="no Playwright: the page was NOT tried in a browser"
    )
    with playwright.sync_playwright() as running:
        # Chromium refuses to sandbox what root starts
        is_root = hasattr(os, "geteuid") and os.geteuid() == 0
        launched = running.chromium.launch(
            executable_path=found, args=list(QUIET), chromium_sandbox=not is_root
        )
        yield launched
        launched.close()


@pytest.fixture
def opening(browser, tmp_path):
    """Open HTML text from a file, after a script of `before`; options are those of a context."""

    @contextmanager
    def open_page(text, *, fragment="", before="", **options):
        path = tmp_path / "report.html"
        path.write_text(text, encoding="utf-8")
        context = browser.new_context(**options)
        try:
            context.add_init_script(before)
            opened = Opened.watching(context)
            opened.page.goto(path.as_uri() + fragment)
            yield opened
        finally:
            context.close()

    return open_page


@pytest.fixture
def violations():
    """Return what axe-core finds of WCAG 2.0 to 2.2 (A, AA) and of best practice: rule, nodes."""
    module = pytest.importorskip(
        "axe_playwright_python.sync_playwright",
        reason="no axe-core: the page was NOT checked for accessibility",
    )
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    options = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": tags}}

    def find(page):
        found = module.Axe().run(page, options=options).response["violations"]
        return [(rule["id"], [node["html"][:160] for node in rule["nodes"]]) for rule in found]

    return find


class _Canary(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture(scope="package")
def canary():
    """A server of this machine that notes who asks it; `asked` should stay empty."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Canary)
    server.asked = []
    server.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()
