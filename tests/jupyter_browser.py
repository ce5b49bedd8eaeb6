"""JupyterLab as a person meets it: a real server, Chromium, the keyboard."""

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Page, expect, sync_playwright

CHROMIUM_ARGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


def system_chromium() -> str | None:
    """The system's Chromium, or None for Playwright's own."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@contextlib.contextmanager
def browser_page(**options):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=system_chromium(), args=CHROMIUM_ARGS)
        page = browser.new_page(viewport={"width": 1400, "height": 1000}, **options)
        page.set_default_timeout(20_000)
        yield page
        browser.close()


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


@contextlib.contextmanager
def jupyter_lab(python: Path, folder: Path, home: Path, *options: str):
    """A JupyterLab server of the environment that this Python belongs to; gives its URL."""
    port, bin_ = free_port(), python.parent
    settings = home / "lab-settings"
    settings.mkdir(parents=True, exist_ok=True)
    quiet = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}}
    (settings / "overrides.json").write_text(json.dumps(quiet))
    env = {
        "PATH": f"{bin_}{os.pathsep}/usr/bin:/bin", "HOME": str(home), "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTER_CONFIG_DIR": str(home / "config"), "JUPYTER_DATA_DIR": str(home / "data"), "LANG": "C.UTF-8",
        "USER": "student", **{k: v for k, v in os.environ.items() if k.startswith("GRADEKIT_")},
    }  # fmt: skip
    command = [
        bin_ / "jupyter-lab", "--no-browser", f"--port={port}", "--ServerApp.port_retries=0", "--allow-root",
        "--IdentityProvider.token=", f"--ServerApp.root_dir={folder}", f"--LabApp.app_settings_dir={settings}",
        *options,
    ]  # fmt: skip
    with open(home / "server.log", "w") as log:
        server = subprocess.Popen(command, cwd=folder, env=env, stdout=log, stderr=subprocess.STDOUT)
    try:
        _wait_for(f"http://127.0.0.1:{port}/api", server, home / "server.log")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def open_manual_grading(page: Page, base: str, lab: str):
    """The first submission that waits for a grade by hand, in Formgrader; gives its frame."""
    page.goto(f"{base}/lab")
    page.locator(".lm-MenuBar-item", has_text="Nbgrader").first.click()
    page.locator(".lm-Menu-item", has_text="Formgrader").first.click()
    frame = page.frame_locator("iframe[src*='formgrader']")
    expect(frame.locator("body")).to_contain_text(lab)
    frame.locator("a", has_text="Manual Grading").first.click()
    frame.locator("a", has_text=lab).first.click()
    frame.locator("tbody a").first.click()
    frame.locator("tbody a").first.click()
    return frame


def _wait_for(url: str, server: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        with contextlib.suppress(OSError):
            urllib.request.urlopen(url, timeout=2).read()
            return
        time.sleep(0.2)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()[-3000:]}")


class Notebook:
    """An open notebook, worked as a student would: scroll, click, type, run."""

    def __init__(self, page: Page, base: str, path: str):
        self.page = page
        page.goto(f"{base}/lab/tree/{path}?reset")  # no tab of earlier work
        self.panel = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
        expect(self.panel.locator(".jp-Cell").first).to_be_visible(timeout=60_000)
        # a cell that is run before the session stands makes JupyterLab ask for a kernel
        expect(page.locator("#jp-main-statusbar")).to_contain_text("Python 3 (ipykernel) | Idle", timeout=60_000)

    def cell(self, text: str):
        """The cell whose source holds this text, scrolled into view (JupyterLab draws only what is in sight)."""
        cell = (
            self.panel.locator(".jp-Cell").filter(has=self.page.locator(".jp-Cell-inputWrapper", has_text=text)).first
        )
        scroller = self.panel.locator(".jp-WindowedPanel-outer").first
        scroller.evaluate("e => e.scrollTo(0, 0)")
        for _ in range(200):
            if cell.count() and cell.is_visible():
                cell.scroll_into_view_if_needed()
                return cell
            scroller.evaluate("e => e.scrollBy(0, 400)")
            self.page.wait_for_timeout(60)
        raise AssertionError(f"no cell holds {text!r}")

    def answer(self, stub_of: str, lines: list[str], under: str = "# YOUR CODE HERE") -> None:
        """Click the stub's line in a cell and type the answer under it, with the editor's own indentation."""
        cell = self.cell(stub_of)
        cell.locator(".cm-line", has_text=under).first.click()
        self.page.keyboard.press("End")
        for line in lines:
            self.page.keyboard.press("Enter")
            self.page.keyboard.type(line)

    def write(self, stub: str, text: str) -> None:
        """Open a drawn Markdown cell as a reader does, by a double click, and put text in its place."""
        cell = self.cell(stub)
        cell.locator(".jp-MarkdownOutput").first.dblclick()
        cell.locator(".cm-content").first.click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(text)
        self.page.keyboard.press("Shift+Enter")

    def run(self, text: str):
        """Run the cell with this text and wait for its number."""
        cell = self.cell(text)
        prompt = cell.locator(".jp-InputArea-prompt").first
        cell.locator(".jp-Editor").first.click()
        self._until_run(lambda: self.page.keyboard.press("Control+Enter"), prompt)
        return cell

    def run_all(self) -> None:
        """Run All Cells from the menu; returns when the kernel is idle again."""

        def choose() -> None:
            self.page.locator(".lm-MenuBar-item", has_text="Run").first.click()
            self.page.locator(".lm-Menu-item", has_text="Run All Cells").first.click()
            self.panel.locator(".jp-WindowedPanel-outer").first.evaluate("e => e.scrollTo(0, 0)")

        self._until_run(choose, self.panel.locator(".jp-CodeCell .jp-InputArea-prompt").first)
        self.page.wait_for_timeout(500)
        expect(self.page.locator("#jp-main-statusbar")).to_contain_text("| Idle", timeout=60_000)

    def _choose_kernel_if_asked(self) -> None:
        asked = self.page.locator(".jp-Dialog", has_text="Select Kernel")
        if asked.count():
            asked.locator("button", has_text="Select").last.click()
            expect(asked).to_have_count(0)

    def _until_run(self, act, prompt) -> None:
        """Act, and wait for a new number; act again where a kernel that was still connecting swallowed it."""
        before = prompt.inner_text()
        for _ in range(5):
            self._choose_kernel_if_asked()
            act()
            for _ in range(120):
                self.page.wait_for_timeout(500)
                shown = prompt.inner_text()
                if re.search(r"\d", shown) and shown != before:
                    return
                if "*" not in shown:
                    break
        raise AssertionError(f"the cell did not run, its prompt is {prompt.inner_text()!r}")

    def validate(self, look: Callable[[Locator], object] = lambda dialog: None) -> str:
        """Press Validate, look at the dialog and read what it says."""
        self.panel.locator(".jp-NotebookPanel-toolbar").locator("text=Validate").first.click()
        dialog = self.page.locator(".jp-Dialog")
        expect(dialog).to_be_visible(timeout=120_000)
        look(dialog.locator(".jp-Dialog-content"))
        said = dialog.inner_text()
        dialog.locator("button").last.click()
        expect(dialog).to_have_count(0)
        return said

    def save(self) -> None:
        self.page.keyboard.press("Escape")
        self.page.keyboard.press("Control+s")
        self.page.wait_for_timeout(1000)
